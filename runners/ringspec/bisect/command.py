"""`ringspec bisect`: at which release did a case begin to come to something else?"""

from __future__ import annotations

import difflib
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ringspec.bisect.memory import Memory
from ringspec.bisect.search import Behaviour, Search, Untestable
from ringspec.bisect.text import render, word
from ringspec.cache.directory import cache_dir, sha256_of
from ringspec.guest import GuestError, MachineOptions, UsageError, VirtualMachine
from ringspec.guest.qemu import installed_qemu, kernel_command_line, machine_arguments
from ringspec.kernels import KernelError, Release, releases_between, resolve
from ringspec.model import SETUPS, Case, Event, Execution, Observation
from ringspec.promises.manifest import load_manifest
from ringspec.report.text import setups_in_words
from ringspec.run.options import CLOCKS, RunOptions, UsageProblem
from ringspec.run.runloop import make_order

FOUND, NO_CHANGE, ENVIRONMENT = 0, 1, 3
_NO_ANSWER = ("lost", "error", "notrun")
_SEED = 1
_EPILOG = """\
exit code: 0 the change is found, 1 there is none, 2 interrupted, 3 a release did not answer that had
to, 4 wrong usage.  What was found out is remembered."""


@dataclass(frozen=True)
class Question:
    """What is asked of every release."""

    case: Case
    setups: tuple[str, ...]
    repeat: int
    options: MachineOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the options of `ringspec bisect`."""
    parser.epilog = _EPILOG
    parser.add_argument("case", metavar="CASE[/SETUP]", help="without SETUP, in every one")
    parser.add_argument("--good", required=True, metavar="SPEC", help="debian:6.12.107")
    parser.add_argument("--bad", required=True, metavar="SPEC", help="newer or older than --good")
    parser.add_argument("--all", action="store_true", help="test every release between them")
    parser.add_argument(
        "--repeat", type=int, default=1, metavar="N", help="for what shows at times"
    )
    parser.add_argument("--clock", choices=CLOCKS, default="virtual", help="guest time")
    parser.add_argument("--append", default="", metavar="ARGS", help="more kernel command line")
    parser.add_argument("--build", type=Path, metavar="DIR", help="where the cases were built")


def command(arguments: Namespace) -> int:
    """Searches, says what it does meanwhile on stderr, and what it found on stdout."""
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    question = _question(arguments)
    releases = releases_between(arguments.good, arguments.bad, cache_dir(), _say)
    if len(releases) < 2:
        raise UsageProblem(f"--good and --bad are the same release, {releases[0].version}")
    search = _search(question, releases)
    before = len(search.known)
    if before:
        _say(f"{before} of {len(releases)} releases are known from before")
    search.run(every=arguments.all)
    good = _number_of(releases, arguments.good)
    print(render(question.case, question.setups, releases, search, good=good), end="")
    return _exit_code(search, question.setups)


def _question(arguments: Namespace) -> Question:
    name, slash, setup = arguments.case.partition("/")
    if slash and setup not in SETUPS:
        raise UsageProblem(f"no ring setup {setup!r}; expected {', '.join(SETUPS)}")
    if arguments.repeat < 1:
        raise UsageProblem(f"--repeat must be at least 1, not {arguments.repeat}")
    build = (arguments.build or RunOptions.build).absolute()
    cases = {case.name: case for case in load_manifest(build / "cases.json")}
    if name not in cases:
        near = ", ".join(difflib.get_close_matches(name, cases, n=3))
        raise UsageProblem(
            f"no case {name!r}; did you mean {near}?" if near else f"no case {name!r}"
        )
    options = MachineOptions(
        binary=build / "ringspec-cases",
        cache=cache_dir(),
        clock=arguments.clock,
        append=arguments.append,
        seed=_SEED,
    )
    return Question(cases[name], (setup,) if slash else SETUPS, arguments.repeat, options)


def _search(question: Question, releases: Sequence[Release]) -> Search:
    options = question.options
    qemu = installed_qemu(options.arch)
    memory = Memory(
        cache_dir(),
        (
            sha256_of(options.binary),
            qemu.version,
            *machine_arguments(options, qemu, options.accel),
            kernel_command_line(options),
            f"repeat {question.repeat}",
        ),
    )
    name = question.case.name

    def measure(number: int) -> Behaviour | Untestable:
        release = releases[number]
        left = search.at_most()
        _say(f"{release.version}: trying it" + (f", {left} to try at most" if left else ""))
        try:
            came = _measure(question, release)
        except UsageError:
            raise
        except (KernelError, GuestError) as error:
            came = Untestable(str(error))
        if isinstance(came, Untestable):
            _say(f"{release.version}: no answer: {came.reason}")
            return came
        memory.keep(release.identity, name, came)
        for told in dict.fromkeys(came.values()):
            where = setups_in_words(setup for setup, value in came.items() if value == told)
            _say(f"{release.version}: {where}: {word(told)}")
        return came

    search = Search(len(releases), measure)
    for number, release in enumerate(releases):
        if (came := memory.recall(release.identity, name, question.setups)) is not None:
            search.known[number] = came
    return search


def _measure(question: Question, release: Release) -> Behaviour | Untestable:
    kernel = resolve(release.spec, cache_dir(), progress=lambda spec, text: _say(f"{spec}: {text}"))
    cells = [(question.case.name, setup) for setup in question.setups]
    final: dict[Execution, Observation] = {}

    def sink(event: Event) -> None:
        if isinstance(event, Observation):
            one = event.execution
            final[Execution(one.id, one.case, one.setup, one.repeat)] = event

    VirtualMachine(question.options).run(kernel, make_order(cells, question.repeat, _SEED), sink)
    for one, observation in final.items():
        if observation.status in _NO_ANSWER:
            return Untestable(f"{one.setup}: {observation.status}: {observation.message}")
    return {
        setup: tuple(
            sorted(
                {
                    (o.status, o.outcome, tuple(sorted(o.violations)))
                    for one, o in final.items()
                    if one.setup == setup
                }
            )
        )
        for setup in question.setups
    }


def _number_of(releases: Sequence[Release], spec: str) -> int:
    """Which end of the row `spec` means."""
    (meant,) = releases_between(spec, spec, cache_dir(), _say)
    return 0 if meant.version == releases[0].version else len(releases) - 1


def _exit_code(search: Search, setups: Sequence[str]) -> int:
    ends = (0, search.count - 1)
    if any(end in search.untestable for end in ends):
        return ENVIRONMENT
    changes = [change for setup in setups for change in search.changes(setup)]
    if not changes:
        return NO_CHANGE
    return ENVIRONMENT if any(change.skipped for change in changes) else FOUND


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

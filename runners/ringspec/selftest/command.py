"""`ringspec selftest`: which cases meet which faults, on which machine."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from ringspec.cache.directory import cache_dir
from ringspec.changed import changed_files, git
from ringspec.guest import HostMachine, MachineOptions, VirtualMachine
from ringspec.guest.control import ControlSession
from ringspec.guest.control import control_text as order_text
from ringspec.guest.control import controlled
from ringspec.guest.protocol import Message
from ringspec.kernels import resolve
from ringspec.model import SETUPS, Case, Execution
from ringspec.promises.clauses import load_clauses
from ringspec.promises.manifest import load_manifest
from ringspec.run.collection import HOST
from ringspec.run.options import ROOT, RunOptions, UsageProblem
from ringspec.selftest import text as control_text
from ringspec.selftest.control import Control, load_exemptions, weigh

EXEMPTIONS = ROOT / "cases" / "exemptions.toml"
SAMPLE = 0.1
# Guest time for one run of a case under one fault.
_LIMIT_MS = 20_000


@dataclass(frozen=True)
class Plan:
    """The cases that meet every fault, and those that meet a seeded share of them."""

    thorough: tuple[Case, ...]
    sampled: tuple[Case, ...]
    # About the library itself: what a kernel does wrong is not what they are about.
    left_out: int
    complete: bool


def add_arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--full", action="store_true", help="every fault, not a seeded tenth")
    parser.add_argument("--changed", action="store_true", help="every fault for changed cases")
    parser.add_argument(
        "--case", action="append", metavar="GLOB", help="only these cases, every fault (may repeat)"
    )
    parser.add_argument("--seed", type=int, default=1, help="which tenth")
    parser.add_argument("--kernel", default=HOST, metavar="SPEC", help="where (default: host)")
    parser.add_argument("--setup", default="default", choices=SETUPS, help="(default: default)")
    parser.add_argument("--jobs", type=int, metavar="N", help="machines at a time")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="also write what came, for programs"
    )
    parser.add_argument("--build", type=Path, metavar="DIR", help="where the cases were built")


def command(arguments: Namespace) -> int:
    """The negative control; 1 when a case did not notice a fault."""
    build = (arguments.build or RunOptions.build).absolute()
    if not (build / "ringspec-cases").is_file():
        raise UsageProblem(f"{build}/ringspec-cases is not there: build it first, with ci/setup")
    cases = load_manifest(build / "cases.json")
    plan = planned(arguments, cases)
    if not plan.thorough + plan.sampled:
        raise UsageProblem("no case is left: `ringspec list` shows what there is")
    control = weigh(
        _told(_injected(arguments, build, plan)),
        load_exemptions(EXEMPTIONS),
        (case.name for case in plan.thorough),
        complete=plan.complete,
    )
    if arguments.json:
        told = {"kernel": arguments.kernel, "complete": plan.complete, **as_json(control)}
        told["revision"] = git("describe", "--always", "--dirty", "--abbrev=12")
        arguments.json.write_text(json.dumps(told, indent=1) + "\n")
    by_case = bool(plan.thorough) and not plan.sampled
    print(control_text.render(control, families_of(cases), by_case=by_case), end="")
    if plan.left_out:
        print(f"{plan.left_out} cases left out: about liburing itself, or a change of this host")
    return int(control.failed)


def planned(arguments: Namespace, cases: Sequence[Case]) -> Plan:
    """Who meets which faults."""
    on_host = arguments.kernel == HOST
    fit = [c for c in cases if c.axis == "kernel" and not (on_host and c.touches)]
    left_out = len(cases) - len(fit)
    if arguments.case:
        chosen = (c for c in fit if any(fnmatchcase(c.name, glob) for glob in arguments.case))
        return Plan(tuple(chosen), (), 0, False)
    if arguments.full:
        return Plan(tuple(fit), (), left_out, True)
    files = changed_files() if arguments.changed else frozenset()
    thorough = tuple(case for case in fit if case.file.lstrip("/") in files)
    return Plan(thorough, tuple(case for case in fit if case not in thorough), left_out, False)


def families_of(cases: Iterable[Case]) -> dict[str, str]:
    """The family of each case: that of its clause."""
    clauses = load_clauses(ROOT / "cases")
    return {c.name: clauses[c.clause].family if c.clause in clauses else "?" for c in cases}


def as_json(control: Control) -> dict[str, object]:
    """Everything that was injected, for programs."""
    exempt = {id(one): exemption.reason for one, exemption in control.exempt}
    return {
        "holding": control.holding,
        "red_already": control.red_already,
        "toothless": control.toothless,
        "injections": [
            {**asdict(one), "exempt": exempt.get(id(one))} for one in control.injections
        ],
    }


def _injected(arguments: Namespace, build: Path, plan: Plan) -> Iterator[Message]:
    """Every case unbroken, and what came of each injection."""
    opener = _opener(arguments.kernel, build / "ringspec-cases")
    cpus = len(os.sched_getaffinity(0))
    jobs = arguments.jobs or (1 if arguments.kernel == HOST else cpus)
    for cases, share in ((plan.thorough, 1.0), (plan.sampled, SAMPLE)):
        order = partial(order_text, share=share, seed=arguments.seed, limit_ms=_LIMIT_MS)
        executions = [Execution(i, c.name, arguments.setup) for i, c in enumerate(cases, 1)]
        yield from controlled(opener, executions, order, jobs)


def _opener(spec: str, binary: Path) -> Callable[[], ControlSession]:
    options = MachineOptions(binary=binary, cache=cache_dir())
    if spec == HOST:
        return HostMachine(options).open
    kernel = resolve(spec, cache_dir(), None, lambda _, text: print(text, file=sys.stderr))
    return VirtualMachine(options).opener(kernel)


def _told(records: Iterable[Message]) -> Iterator[Message]:
    """One line that moves, where somebody looks; a line now and then, where nobody does."""
    for number, record in enumerate(records, 1):
        if sys.stderr.isatty():
            print(f"\r\x1b[K{number:6} {record['case']}", end="", file=sys.stderr, flush=True)
        elif number % 500 == 0:
            print(f"{number:6} {record['case']}", file=sys.stderr, flush=True)
        yield record
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)

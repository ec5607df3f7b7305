"""`ringspec replay`: one execution of a run again, on the same kernel, with everything it did."""

from __future__ import annotations

import shlex
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from ringspec.cache.directory import cache_dir
from ringspec.guest import HostMachine, VirtualMachine
from ringspec.guest.debugger import attach_lines, free_address
from ringspec.guest.solo import solo_command, solo_initramfs
from ringspec.judge.rules import KINDS
from ringspec.judge.verdicts import result_of
from ringspec.model import Case, Event, Facts, Machine, Observation, Result
from ringspec.replay import recording
from ringspec.replay.prepare import Replay, prepare
from ringspec.replay.trace_text import draw
from ringspec.report.text import one_line, printable

SAME, ANOTHER, ENVIRONMENT = 0, 1, 3
# A debugger may hold the guest for as long as its user thinks.
_NEVER_S = 30 * 86400.0
_EPILOG = "exit code: 0 as recorded, 1 another outcome, 3 no outcome, 4 wrong usage"


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the options of `ringspec replay`."""
    parser.epilog = _EPILOG
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument(
        "kernel", metavar="KERNEL", help="spec, resolved name or version in the run"
    )
    parser.add_argument("case", metavar="CASE[/SETUP]", help="without SETUP, the first red one")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--print-qemu", action="store_true", help="only print the command line")
    how.add_argument("--record", type=Path, metavar="FILE", help="one vCPU, every step in FILE")
    how.add_argument("--replay", type=Path, metavar="FILE", help="the same again, from FILE")
    parser.add_argument("--gdb", action="store_true", help="stop the guest and wait for a debugger")
    parser.add_argument("--allow-host-changes", action="store_true", help="as in ringspec run")
    parser.add_argument("--build", type=Path, metavar="DIR", help="where the cases were built")


def command(arguments: Namespace) -> int:
    """Runs it; the exit code says whether it came to the same."""
    replay = prepare(arguments)
    for warning in replay.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if arguments.print_qemu:
        archive = solo_initramfs(replay.execution, replay.options, cache_dir() / "replay")
        assert replay.kernel.image is not None
        print(_in_lines(solo_command(replay.kernel.image, archive, replay.options)))
        return SAME
    print(_head(replay), flush=True)
    if arguments.record or arguments.replay:
        return recording.command(replay, arguments, _told)
    facts, observation = _run(replay, debug=arguments.gdb)
    return _told(replay, facts, observation)


def _run(replay: Replay, *, debug: bool) -> tuple[Facts | None, Observation | None]:
    options = replay.options
    if debug:
        options = replace(options, debugger=free_address(), patience_s=_NEVER_S)
    machine: Machine = HostMachine(options)
    if replay.kernel.image is not None:
        machine = VirtualMachine(options)
    facts: Facts | None = None
    observation: Observation | None = None

    def sink(event: Event) -> None:
        nonlocal facts, observation
        if isinstance(event, Facts):
            facts = event
            if debug:
                where = "before its case"
                print("\n".join(attach_lines(options.debugger, replay.kernel, where)), flush=True)
        elif isinstance(event, Observation):
            observation = event

    machine.run(replay.kernel, (replay.execution,), sink)
    return facts, observation


def _head(replay: Replay) -> str:
    recorded, kernel = replay.recorded, replay.kernel
    package = f" ({kernel.package})" if kernel.package else ""
    return "\n".join(
        printable(line)
        for line in (
            f"{recorded.clause}  {recorded.case} [{recorded.setup}]",
            f"on {kernel.kernel}{package}, {replay.options.clock} time",
            f"recorded: {recorded.verdict} {one_line(recorded.outcome)}",
            "",
        )
    )


def _told(replay: Replay, facts: Facts | None, observation: Observation | None) -> int:
    """Prints what came, and says whether that is what was recorded."""
    if observation is None:
        print("nothing came: the machine ended without an answer")
        return ENVIRONMENT
    recorded = replay.recorded
    case = Case(recorded.case, recorded.clause, "", 0)
    clause = replay.run.clauses[recorded.clause]
    result = result_of(case, clause, observation, facts, replay.kernel)
    print(draw(observation.trace))
    if result.message:
        print(printable(result.message) + "\n")
    for name in result.violations:
        print(f"broken: {one_line(name)}")
    same = _came(result) == _came(recorded)
    print(
        f"came: {result.verdict} {one_line(result.outcome)}: "
        + ("as recorded" if same else "NOT as recorded")
    )
    if KINDS[result.verdict].environment:
        return ENVIRONMENT
    return SAME if same else ANOTHER


def _came(result: Result) -> tuple[str, str, tuple[str, ...]]:
    return result.verdict, result.outcome, result.violations


def _in_lines(words: list[str]) -> str:
    """A command for a shell, an option on each line."""
    lines: list[list[str]] = [[]]
    for word in words:
        if word.startswith("-") and lines[-1]:
            lines.append([])
        lines[-1].append(word)
    return " \\\n    ".join(shlex.join(line) for line in lines)

"""`ringspec replay`: one execution of a run again, on the same kernel, with everything it did."""

from __future__ import annotations

import re
import shlex
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ringspec import replay_recording
from ringspec.arch import ARCHES, Arch, native
from ringspec.cache import cache_dir, sha256_of
from ringspec.guest import HostMachine, MachineOptions, VirtualMachine
from ringspec.guest.debugger import attach_lines, free_address
from ringspec.guest.qemu import installed_qemu, kernel_command_line
from ringspec.guest.solo import solo_command, solo_initramfs
from ringspec.kernels import resolve
from ringspec.kernels.debian import PREFIX as DEBIAN
from ringspec.manifest import load_manifest
from ringspec.model import (
    SETUPS,
    Case,
    Event,
    Execution,
    Facts,
    Kernel,
    Machine,
    Observation,
    Result,
)
from ringspec.options import UsageProblem, build_directory
from ringspec.report.text import one_line, printable
from ringspec.rules import KINDS
from ringspec.store import Run, load_run
from ringspec.trace_text import draw
from ringspec.verdicts import result_of

SAME, ANOTHER, ENVIRONMENT = 0, 1, 3
_HOST = "host"
# A debugger may hold the guest for as long as its user thinks.
_NEVER_S = 30 * 86400.0
_EPILOG = "exit code: 0 as recorded, 1 another outcome, 3 no outcome, 4 wrong usage"


@dataclass(frozen=True)
class Replay:
    """What is run again, and on what."""

    run: Run
    recorded: Result
    kernel: Kernel
    options: MachineOptions
    warnings: tuple[str, ...]

    @property
    def execution(self) -> Execution:
        return Execution(1, self.recorded.case, self.recorded.setup)


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
        return replay_recording.command(replay, arguments, _told)
    facts, observation = _run(replay, debug=arguments.gdb)
    return _told(replay, facts, observation)


def prepare(arguments: Namespace) -> Replay:
    """Finds the execution, the kernel and the binary; UsageProblem where they are not the same."""
    run = load_run(arguments.run)
    entry = _kernel_entry(run, arguments.kernel)
    recorded = _recorded(run, entry["spec"], arguments.case)
    arch = ARCHES.get(run.info.get("arch", ""), native())
    build = (arguments.build or build_directory(arch)).absolute()
    vm = entry.get("vm", {})
    clock = vm.get("clock", "virtual")
    options = MachineOptions(
        binary=build / "ringspec-cases",
        arch=arch,
        cache=cache_dir(),
        clock=clock,
        accel=vm.get("accel", "auto") if clock == "real" else "auto",
        seed=run.info.get("seed") or 0,
        trace_all=True,
        memory_mb=vm.get("memory_mb", MachineOptions.memory_mb),
    )
    if not options.binary.is_file():
        raise UsageProblem(f"{options.binary} is not there: build the cases first, with ci/setup")
    append, warnings = _same_surroundings(run, entry, options)
    if entry["spec"] == _HOST:
        _check_host(arguments, build, recorded)
    if arguments.record or arguments.replay:
        _check_recording(arguments, options)
    kernel = _same_kernel(entry, arch)
    return Replay(run, recorded, kernel, replace(options, append=append), tuple(warnings))


def _kernel_entry(run: Run, name: str) -> Any:
    for entry in run.info["kernels"]:
        if name in (entry["spec"], entry["kernel"], entry["version"]):
            return entry
    there = ", ".join(entry["spec"] for entry in run.info["kernels"])
    raise UsageProblem(f"{run.path}: no kernel {name!r}; it has {there}")


def _recorded(run: Run, spec: str, text: str) -> Result:
    """The execution that is meant: the first red one of the cell, else the first."""
    case, slash, setup = text.partition("/")
    if slash and setup not in SETUPS:
        raise UsageProblem(f"{text}: no ring setup {setup!r}; expected {', '.join(SETUPS)}")
    there = [r for r in run.results if r.spec == spec and r.case == case]
    there = [r for r in there if not slash or r.setup == setup]
    if not there:
        raise UsageProblem(
            f"{run.path}: {text} did not run on {spec}; `ringspec report {run.path} --csv FILE` "
            "lists what did"
        )
    return next((r for r in there if not KINDS[r.verdict].ok or r.violations), there[0])


def _same_surroundings(run: Run, entry: Any, options: MachineOptions) -> tuple[str, list[str]]:
    """The kernel arguments of the run's --append, and what is not as it was."""
    warnings = []
    then, now = run.info.get("suite", {}).get("binary"), sha256_of(options.binary)
    if then is None:
        warnings.append("the run does not say which binary it had: this may be another one")
    elif then != now:
        warnings.append(
            f"{options.binary} is not the binary of the run (SHA-256 {now[:12]}…, then "
            f"{then[:12]}…): a difference may be that of the case. The run was made with "
            f"revision {run.info['suite'].get('revision')}"
        )
    vm = entry.get("vm", {})
    if "command_line" not in vm:
        return "", warnings
    if vm.get("qemu") != installed_qemu(options.arch).version:
        warnings.append(
            f"QEMU is {installed_qemu(options.arch).version}, in the run it was {vm.get('qemu')}"
        )
    base = kernel_command_line(options)
    if not vm["command_line"].startswith(base):
        warnings.append(f"the kernel's command line is {base!r}, then {vm['command_line']!r}")
        return "", warnings
    return vm["command_line"][len(base) :].strip(), warnings


def _same_kernel(entry: Any, arch: Arch) -> Kernel:
    """The kernel again; a rebuilt package or another file under the same name is refused."""
    spec = entry["spec"]
    if entry["kernel"].startswith(DEBIAN):
        # By the package's own version, which means the same for ever.
        flavour = "".join(entry["kernel"].partition("/")[1:])
        spec = f"{DEBIAN}{entry['package'].split()[-1]}{flavour}"
    kernel = resolve(
        spec,
        cache_dir(),
        entry["version"],
        lambda spec, text: print(f"{spec}: {text}", file=sys.stderr),
        arch=arch,
    )
    then, now = _hashes(entry["provenance"]), _hashes(kernel.provenance)
    if then and then != now:
        raise UsageProblem(
            f"{entry['spec']} is not the kernel of the run: its SHA-256 is {' '.join(now)}, "
            f"then it was {' '.join(then)}"
        )
    return replace(kernel, spec=entry["spec"])


def _hashes(provenance: str) -> list[str]:
    return re.findall(r"\b[0-9a-f]{64}\b", provenance)


def _check_host(arguments: Namespace, build: Path, recorded: Result) -> None:
    if arguments.gdb or arguments.print_qemu or arguments.record or arguments.replay:
        raise UsageProblem("the running kernel is in no VM: no --gdb, --print-qemu, --record there")
    touches = {case.name: case.touches for case in load_manifest(build / "cases.json")}
    if touches.get(recorded.case) and not arguments.allow_host_changes:
        raise UsageProblem(
            f"{recorded.case} changes the machine it runs on "
            f"({', '.join(touches[recorded.case])}): allow it with --allow-host-changes"
        )


def _check_recording(arguments: Namespace, options: MachineOptions) -> None:
    if options.clock != "virtual":
        raise UsageProblem("--record and --replay need a run in virtual time (--clock virtual)")
    if arguments.gdb and arguments.record:
        raise UsageProblem("--record first, then --replay FILE --gdb: a debugger changes no replay")


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

"""Finds what is to be run again: the execution, the kernel it ran on and the binary, all unchanged."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ringspec.arch import ARCHES, Arch, native
from ringspec.cache.directory import cache_dir, sha256_of
from ringspec.guest import MachineOptions
from ringspec.guest.qemu import installed_qemu, kernel_command_line
from ringspec.judge.rules import KINDS
from ringspec.kernels import resolve
from ringspec.kernels.debian import PREFIX as DEBIAN
from ringspec.model import SETUPS, Execution, Kernel, Result
from ringspec.promises.manifest import load_manifest
from ringspec.results.store import Run, load_run
from ringspec.run.options import UsageProblem, build_directory

_HOST = "host"


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

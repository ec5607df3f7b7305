"""Where kernels come from and what they run on, unless another plugin knows better."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ringspec.cache.directory import cache_dir
from ringspec.guest import HostMachine, MachineOptions, VirtualMachine
from ringspec.guest.host import LANES_PER_CORE
from ringspec.guest.qemu import installed_qemu
from ringspec.kernels import resolve
from ringspec.model import Clause, Kernel, Machine
from ringspec.promises.clauses import load_clauses
from ringspec.run.collection import HOST
from ringspec.run.options import ROOT, RunOptions
from ringspec.run.progress import NoView, View


@pytest.hookimpl(trylast=True)
def pytest_ringspec_clauses(options: RunOptions) -> dict[str, Clause]:
    """Those of this repository."""
    return load_clauses(ROOT / "cases")


@pytest.hookimpl(trylast=True)
def pytest_ringspec_kernel(spec: str, options: RunOptions, say: Callable[[str], None]) -> Kernel:
    """From the archive, from a file, or the running one."""
    if spec != HOST and not options.cluster:
        installed_qemu(options.arch)  # rather missed now than after a download
    return resolve(
        spec,
        cache_dir(),
        options.as_version,
        lambda _, text: say(f"{spec}: {text}"),
        arch=options.arch,
        pin=options.pins.get(spec),
    )


@pytest.hookimpl(trylast=True)
def pytest_ringspec_machine(kernel: Kernel, options: RunOptions, console: Path) -> Machine:
    """A VM, or this machine for the running kernel."""
    on_host = kernel.image is None
    machine_options = MachineOptions(
        binary=options.binary,
        arch=options.arch,
        console=console,
        cache=cache_dir(),
        clock="real" if on_host else options.clock,
        accel=options.accel,
        vcpus=options.vcpus,
        append=options.append,
        seed=options.seed,
    )
    if on_host:
        return HostMachine(machine_options, LANES_PER_CORE * len(os.sched_getaffinity(0)))
    return VirtualMachine(machine_options)


@pytest.hookimpl(trylast=True)
def pytest_ringspec_view() -> View:
    """None of ours: pytest's own reporter is there."""
    return NoView()

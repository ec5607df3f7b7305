"""What the tests with real guests share: the binary with the drills, a kernel, and a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ringspec.cache.directory import cache_dir
from ringspec.guest.options import MachineOptions
from ringspec.kernels import KernelError, resolve
from ringspec.model import Event, Execution, Kernel, Machine, Observation

BUILD = Path(__file__).parents[2] / "build"
DRILLS = BUILD / "ringspec-drills"
SPEC = "debian:6.12"
HOST = Kernel("host", "host", "0")


def drill_options(cache: Path | None = None, **more: object) -> MachineOptions:
    if not DRILLS.exists():
        pytest.fail(
            f"{DRILLS} is missing: cmake --preset default && cmake --build --preset default"
        )
    # Guest time: what returns does so in 3 s (all memory is eaten by then).
    return MachineOptions(binary=DRILLS, cache=cache, case_limit_ms=5000, **more)  # type: ignore


def a_kernel() -> Kernel:
    """A stock kernel; fetched once, from then on out of the cache."""
    try:
        return resolve(SPEC, cache_dir())
    except KernelError as error:
        pytest.skip(f"no {SPEC} to boot: {error}")


def drill(
    machine: Machine,
    kernel: Kernel,
    names: Sequence[str],
    watch: Callable[[Event], None] = lambda event: None,
) -> list[Observation]:
    """All observations of these drills, in the order in which they came."""
    seen: list[Observation] = []

    def sink(event: Event) -> None:
        watch(event)
        if isinstance(event, Observation):
            seen.append(event)

    order = tuple(
        Execution(number, f"Drill.{name}", "default") for number, name in enumerate(names, 1)
    )
    machine.run(kernel, order, sink)
    return seen


def children(program: str) -> list[int]:
    """Processes of this name that this process started."""
    return [
        int(pid)
        for task in Path("/proc/self/task").iterdir()
        for pid in text_if_alive(task / "children").split()
        if text_if_alive(Path(f"/proc/{pid}/comm")).startswith(program[:15])
    ]


def text_if_alive(file: Path) -> str:
    """Nothing for a thread or process that has ended meanwhile."""
    try:
        return file.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()

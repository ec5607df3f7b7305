"""Real faults in a real guest: the right one is blamed, and nothing else is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from guest_lab import a_kernel, alive, children, drill, drill_options
from ringspec.guest import BootFailed, QemuMissing, Stopped, VirtualMachine
from ringspec.guest.qemu import installed_qemu
from ringspec.model import Begun, Event, Facts, Kernel, Observation

QEMU = "qemu-system-x86_64"

# Each drill, what becomes of it, and what its evidence or message must say.
DRILL_ENDS = {
    "FailsAnExpectation": ("ran", "Expected equality"),
    "DiesOfASignal": ("crash", "killed by SIGSEGV"),
    "EatsAllMemory": ("crash", "Out of memory: Killed process"),
    "PanicsTheKernel": ("splat", "Kernel panic - not syncing: sysrq triggered crash"),
    "KillsInit": ("splat", "Attempted to kill init"),
    "LogsAnOops": ("splat", "NULL pointer dereference"),
    "LogsAWarning": ("splat", "WARNING: CPU: 0 PID: 1 at io_uring/drill.c"),
    "TaintsTheKernel": ("splat", "tainted went from 0 to 512"),
    "SleepsForEver": ("hang", "__do_sys_pause"),
    # Its own init gives it up, or on a very busy host the runner does.
    "SpinsForEver": ("hang", ""),
    "SleepsUninterruptibly": ("hang", "it does not die of SIGKILL"),
    "RebootsTheMachine": ("lost", "the machine is gone"),
    "GarblesTheEventChannel": ("lost", "event channel is garbled"),
    "CutsTheEventChannelMidLine": ("lost", "the machine is gone"),
    "NeverEndsItsLine": ("lost", "a line longer than"),
    "TalksToTheTerminal": ("ran", "\\x1b[2J</pre><script>"),
}
# What holds and is the end of its machine all the same.
SPOILT = ("LeavesARingBehind",)
# What a machine has to bear.
BORNE = ("FloodsItsOutput", "FloodsTheKernelLog")


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    return a_kernel()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def drilled(kernel: Kernel, cache: Path) -> dict[str, list[Observation]]:
    """One run of all drills, each between two cases that hold."""
    names = ["Nothing"]
    for name in (*DRILL_ENDS, *SPOILT, *BORNE):
        names += [name, "Nothing"]
    seen = drill(VirtualMachine(drill_options(cache, console=cache / "console.log")), kernel, names)
    told: dict[str, list[Observation]] = {}
    for one in seen:
        told.setdefault(one.execution.case.removeprefix("Drill."), []).append(one)
    return told


@pytest.mark.parametrize("name", DRILL_ENDS)
def test_a_fault_is_told(drilled: dict[str, list[Observation]], name: str) -> None:
    status, words = DRILL_ENDS[name]
    last = drilled[name][-1]

    assert (last.status, last.holds) == (status, False)
    assert words in last.message + last.evidence
    assert [one.execution.attempt for one in drilled[name]] == ([0, 1] if status == "lost" else [0])
    assert ("It happened again" in last.message) == (status in ("splat", "hang"))


def test_a_ring_that_stays_is_told_and_its_machine_is_given_up(
    drilled: dict[str, list[Observation]],
) -> None:
    (observation,) = drilled["LeavesARingBehind"]

    assert (observation.status, observation.holds) == ("ran", True)
    assert observation.violations == ("slow_teardown",)
    assert "It happened again when this ran alone" in observation.message
    assert "io_ring_exit_work" in observation.evidence


def test_everything_else_ran(drilled: dict[str, list[Observation]]) -> None:
    others = [one for name in ("Nothing", *BORNE) for one in drilled[name]]

    assert len(others) == len(DRILL_ENDS) + len(SPOILT) + 2 * len(BORNE) + 1
    assert {(one.status, one.holds, one.violations) for one in others} == {("ran", True, ())}


def test_a_hang_says_where_the_task_is_and_what_its_rings_do(
    drilled: dict[str, list[Observation]],
) -> None:
    evidence = drilled["SleepsUninterruptibly"][-1].evidence

    for words in (
        "State:\tD (disk sleep)",
        "syscall: 0 ",  # read(2)
        "wchan: ",
        "pipe_read",
        "ring, descriptor ",
        "SqTail:",
        "CqTail:",
        "sysrq: Show Blocked State",
        "task:init            state:D",
    ):
        assert words in evidence, words


def test_the_console_of_every_machine_is_kept(
    drilled: dict[str, list[Observation]], cache: Path
) -> None:
    text = (cache / "console.log").read_text()

    assert text.startswith("=== boot ===")
    assert "Attempted to kill init" in text
    assert "=== kernel log of Drill.LogsAWarning (default) ===" in text


def test_no_machine_is_left(drilled: dict[str, list[Observation]]) -> None:
    assert children(QEMU) == []


def test_a_restored_guest_says_what_a_booted_one_said(kernel: Kernel, tmp_path: Path) -> None:
    names = ["Nothing", "FailsAnExpectation", "DiesOfASignal"]
    facts: list[Facts] = []

    def keep(event: Event) -> None:
        if isinstance(event, Facts):
            facts.append(event)

    runs = [
        drill(VirtualMachine(drill_options(cache)), kernel, names, keep)
        for cache in (None, tmp_path, tmp_path)
    ]

    said = [[(one.status, one.outcome, one.message) for one in run] for run in runs]
    assert said[0] == said[1] == said[2]
    assert facts[1] == facts[2]
    assert facts[0].probes == facts[1].probes
    assert facts[0].calibration["settled"]


@pytest.mark.parametrize("damage", ["truncated", "garbled", "no facts"])
def test_a_broken_snapshot_is_replaced(
    kernel: Kernel, cache: Path, drilled: object, damage: str
) -> None:
    (directory,) = (cache / "snapshots").iterdir()
    memory = directory / "memory"
    size = memory.stat().st_size
    match damage:
        case "truncated":
            os.truncate(memory, size // 2)
        case "garbled":
            with memory.open("r+b") as file:
                file.write(b"\0" * 4096)
        case "no facts":
            (directory / "facts.json").write_text("{")

    seen = drill(VirtualMachine(drill_options(cache)), kernel, ["Nothing"])

    assert [(one.status, one.holds) for one in seen] == [("ran", True)]
    assert memory.stat().st_size > size * 0.9


def test_a_cache_that_cannot_be_written_is_no_obstacle(kernel: Kernel) -> None:
    seen = drill(VirtualMachine(drill_options(Path("/proc/nowhere"))), kernel, ["Nothing"])

    assert [one.status for one in seen] == ["ran"]


def test_a_qemu_that_is_killed_costs_one_attempt(
    kernel: Kernel, cache: Path, drilled: object
) -> None:
    killed: list[int] = []

    def kill_once(event: Event) -> None:
        if isinstance(event, Begun) and not killed:
            killed.extend(children(QEMU))
            os.kill(killed[0], signal.SIGKILL)

    seen = drill(VirtualMachine(drill_options(cache)), kernel, ["SpinsForEver"], kill_once)

    assert [(one.execution.attempt, one.status) for one in seen] == [(0, "lost"), (1, "hang")]


def test_stop_ends_a_wait_at_once_and_leaves_nothing(
    kernel: Kernel, cache: Path, drilled: object
) -> None:
    machine = VirtualMachine(drill_options(cache))
    started: list[int] = []

    def stop_soon(event: Event) -> None:
        if isinstance(event, Begun):
            started.extend(children(QEMU))
            threading.Thread(target=machine.stop).start()

    with pytest.raises(Stopped):
        drill(machine, kernel, ["SpinsForEver"], stop_soon)
    assert len(started) == 1
    assert not alive(started[0])


RUNNER = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from guest_lab import *
from ringspec.guest import VirtualMachine
from ringspec.model import Begun
def tell(event):
    if isinstance(event, Begun):
        print(*children({QEMU!r}), flush=True)
drill(VirtualMachine(drill_options(Path(sys.argv[1]))), a_kernel(), ["SpinsForEver"], tell)
"""


def test_no_qemu_outlives_a_runner_that_is_killed(cache: Path, drilled: object) -> None:
    runner = subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(cache)], stdout=subprocess.PIPE, text=True
    )
    assert runner.stdout is not None
    pid = int(runner.stdout.readline())
    assert alive(pid)

    runner.kill()
    runner.wait()

    descriptor = -1
    try:
        descriptor = os.pidfd_open(pid)
        signal.pidfd_send_signal(descriptor, 0)
    except ProcessLookupError:
        pass  # already gone
    else:
        import select

        assert select.select([descriptor], [], [], 30)[0], "QEMU is still there after 30 s"
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def test_what_is_no_kernel_does_not_boot(tmp_path: Path) -> None:
    image = tmp_path / "bzImage"
    image.write_bytes(b"\0" * 4096)

    with pytest.raises(BootFailed, match="did not get ready"):
        options = drill_options(boot_limit_s=2.0)
        drill(VirtualMachine(options), Kernel("x", "x", "0", image), ["Nothing"])


def test_a_missing_qemu_is_named(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    installed_qemu.cache_clear()

    with pytest.raises(QemuMissing, match="apt-get install"):
        drill(VirtualMachine(drill_options()), kernel, ["Nothing"])
    installed_qemu.cache_clear()

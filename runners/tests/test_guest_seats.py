"""How guests share the CPUs of the host."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from guest_lab import a_kernel, children, drill, drill_options

from ringspec.cache import cache_dir
from ringspec.guest import VirtualMachine
from ringspec.guest.seats import rouse, seat
from ringspec.model import Begun, Event


@pytest.fixture
def guests(tmp_path: Path) -> Iterator[list[int]]:
    """Twice as many processes as there are CPUs, which look like guests."""
    program = tmp_path / "qemu-system-none"
    program.symlink_to(shutil.which("sleep") or "sleep")
    count = 2 * len(os.sched_getaffinity(0))
    processes = [subprocess.Popen([program, "1000"]) for _ in range(count)]
    try:
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_guests_are_spread_over_the_cpus(guests: list[int]) -> None:
    for guest in guests:
        seat(guest)

    seats = [os.sched_getaffinity(guest) for guest in guests]
    assert all(len(cpus) == 1 for cpus in seats)
    assert set().union(*seats) == os.sched_getaffinity(0)


def test_a_process_that_is_gone_binds_nobody() -> None:
    before = os.sched_getaffinity(0)
    gone = subprocess.Popen(["true"])
    gone.wait()

    seat(gone.pid)

    assert os.sched_getaffinity(0) == before


def test_a_restored_guest_has_one_cpu_and_its_control_thread_waits_for_the_rest() -> None:
    seen: list[tuple[int, set[str]]] = []

    def look(event: Event) -> None:
        if isinstance(event, Begun):
            (guest,) = children("qemu-system-x86")
            threads = list(Path(f"/proc/{guest}/task").iterdir())
            idle = {
                (one / "comm").read_text().strip()
                for one in threads
                if os.sched_getscheduler(int(one.name)) == os.SCHED_IDLE
            }
            seen.append((len(os.sched_getaffinity(guest)), idle))

    machine = VirtualMachine(drill_options(cache_dir()))
    drill(machine, a_kernel(), ["SleepsForEver"], look)

    assert seen[0] == (1, {"IO mon_iothread"})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can raise a priority")
def test_who_was_hushed_can_be_roused() -> None:
    threads: list[int] = []
    hushed, roused = threading.Event(), threading.Event()

    def sleep() -> None:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        threads.append(threading.get_native_id())
        hushed.set()
        roused.wait()

    sleeper = threading.Thread(target=sleep)
    sleeper.start()
    hushed.wait()

    rouse([*threads, 2**22 + 1])  # the second one is no thread: no reason to stop

    try:
        assert os.sched_getscheduler(threads[0]) == os.SCHED_OTHER
    finally:
        roused.set()
        sleeper.join()

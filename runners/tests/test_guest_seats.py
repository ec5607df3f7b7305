"""How guests share the CPUs of the host."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from guest_lab import SPEC, a_kernel, children, drill, drill_options
from ringspec.cache.directory import cache_dir
from ringspec.guest import VirtualMachine
from ringspec.guest.process import Process
from ringspec.guest.seats import rouse, seat
from ringspec.model import Begun, Event


@pytest.fixture
def seats(tmp_path: Path) -> Iterator[list[set[int]]]:
    """CPUs of twice as many processes as there are CPUs, which look like guests."""
    program = tmp_path / "qemu-system-none"
    program.symlink_to(shutil.which("sleep") or "sleep")
    with ExitStack() as undo:
        found = []
        for _ in range(2 * len(os.sched_getaffinity(0))):
            with seat():
                process = Process([str(program), "1000"])
            undo.callback(process.end)
            found.append(os.sched_getaffinity(process.pid))
        yield found


def test_guests_are_spread_over_the_cpus(seats: list[set[int]]) -> None:
    assert all(len(cpus) == 1 for cpus in seats)
    assert set().union(*seats) == os.sched_getaffinity(0)


def test_who_gives_a_seat_keeps_all_cpus() -> None:
    before = os.sched_getaffinity(0)

    with pytest.raises(ValueError, match="no guest"), seat():
        bound = os.sched_getaffinity(0)
        raise ValueError("no guest")

    assert len(bound) == 1 and os.sched_getaffinity(0) == before


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


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give up what root may")
def test_the_root_of_a_container_has_guests_too(tmp_path: Path) -> None:
    """With the capabilities that Podman leaves it, podman-run(1): it binds no other user's process."""
    keeps = "chown,dac_override,fowner,fsetid,kill,net_bind_service,setfcap,setgid,setpcap,setuid"
    bounding = "--bounding-set=-all," + ",".join(f"+{one}" for one in keeps.split(","))
    run = ["run", "--kernel", SPEC, "--case", "PollRemove.EachUnknownFlagIsRefused"]
    command = [
        "setpriv",
        bounding,
        sys.executable,
        "-m",
        "ringspec",
        *run,
        "--out",
        tmp_path / "out",
    ]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout

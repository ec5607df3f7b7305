"""How a guest with one CPU shares the CPUs of the host.

In virtual time QEMU's main loop and its one vCPU take turns at each timer and never have anything to
do at the same time.  On one CPU a turn is a switch; between two it wakes a sleeping CPU each time, and
the same order takes a fifth more processor time (measured on 7.3, 2,142 executions: 38 s, not 31 s).

QEMU also wakes the thread of its control channel at each timer, for nothing.  Where that thread runs
only when there is nothing else to do, a third of the system time is saved.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# QEMU's name for the thread of its control channel (`-name debug-threads=on`).
_CONTROL_THREAD = "IO mon_iothread"
# A guest, or one that is about to become one: see process.py.
_GUESTS = ("qemu-system", "setpriv")

_lock = threading.Lock()


@contextmanager
def seat() -> Iterator[None]:
    """What this thread starts in here is bound to the CPU with the fewest guests, also of other runs.

    It inherits that: to bind another user's process from outside takes CAP_SYS_NICE (sched_setaffinity(2),
    EPERM), which the root of a container does not have.
    """
    with _lock:
        bound = Counter(_bound())
        ours = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(ours, key=lambda one: (bound[one], one))})
        try:
            yield
        finally:
            os.sched_setaffinity(0, ours)


def _bound() -> Iterator[int]:
    """The CPU of each guest on this host that is bound to one."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "comm").read_text().startswith(_GUESTS):
                allowed = os.sched_getaffinity(int(process.name))
                if len(allowed) == 1:
                    yield from allowed


def hush_control(process: int) -> tuple[int, ...]:
    """Lets the control thread of a QEMU, which must have answered once, run only when nothing else does.

    It is no less able to answer; where the thread is not found nothing changes but the cost.
    Returns what rouse() takes.
    """
    hushed = []
    for thread in Path(f"/proc/{process}/task").glob("*"):
        with suppress(OSError):
            if (thread / "comm").read_text().strip() == _CONTROL_THREAD:
                os.sched_setscheduler(int(thread.name), os.SCHED_IDLE, os.sched_param(0))
                hushed.append(int(thread.name))
    return tuple(hushed)


def rouse(threads: Iterable[int]) -> None:
    """Before a QEMU is killed: a hushed thread would die, too, only when nothing else runs, and on a busy
    host the kernel burns our time until it has (measured: 0.3 s of it in wait(), 1.3 s of real time).

    Needs the right to raise a priority; without it nothing changes but the cost.
    """
    for thread in threads:
        with suppress(OSError):
            os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))

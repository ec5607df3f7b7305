"""One kernel's order while several machines take from it, and which kernel a free worker turns to."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ringspec.model import Execution, Kernel

# A machine that joins costs a restore and the emulator's first look at the code; fewer executions
# than this are done sooner without it.
WORTH_A_MACHINE = 200


@dataclass(frozen=True)
class Job:
    """One kernel and everything that it has to do."""

    kernel: Kernel
    order: tuple[Execution, ...]


class Supply(Iterator[Execution]):
    """What is left of a job's order.  Each execution goes to the machine that asks first."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.started = False
        self.machines = 0
        self.error: Exception | None = None
        self._left = deque(job.order)

    def __len__(self) -> int:
        return len(self._left)

    def __next__(self) -> Execution:
        try:
            return self._left.popleft()
        except IndexError:
            raise StopIteration from None

    def fail(self, error: Exception) -> None:
        """Nobody is to take any more: what broke one machine would break the next."""
        self.error = self.error or error
        self.clear()

    def clear(self) -> None:
        """Takes back what nobody took."""
        self._left.clear()


class Supplies:
    """All jobs of a run, the longest first."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._supplies = sorted(map(Supply, jobs), key=len, reverse=True)
        self._lock = threading.Lock()

    def join(self) -> Supply | None:
        """A job for a free worker: one that nobody works on, else the one with most left to do."""
        with self._lock:
            fresh = [supply for supply in self._supplies if not supply.started]
            candidates = fresh[:1] or self._worth_help()
            if not candidates:
                return None
            chosen = max(candidates, key=len)
            chosen.started = True
            chosen.machines += 1
            return chosen

    def leave(self, supply: Supply) -> bool:
        """Takes a worker off a job; whether the job has come to its end by that."""
        with self._lock:
            supply.machines -= 1
            if not supply.machines:
                supply.clear()
            return not supply.machines

    def _worth_help(self) -> list[Supply]:
        """A host is one machine; a kernel image runs in as many as there are cores."""
        return [
            supply
            for supply in self._supplies
            if supply.job.kernel.image is not None and len(supply) > WORTH_A_MACHINE
        ]

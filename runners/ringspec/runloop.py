"""Works off one order per kernel, on several machines at a time, and hands on what happens as it happens."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Protocol, runtime_checkable

from ringspec.model import Event, Execution, Kernel, Machine
from ringspec.supply import Job, Supplies, Supply


@dataclass(frozen=True)
class Started:
    """A worker took the job up, or joined those that work on it."""


@dataclass(frozen=True)
class Ended:
    """Nobody works on the job any more; `error` is why it could not be finished."""

    error: Exception | None = None


Happening = Started | Event | Ended


@runtime_checkable
class Stoppable(Protocol):
    """A machine that can be told to stop from another thread, before its next event."""

    def stop(self) -> None:
        """Makes run() leave soon, by whatever exception."""


class RunIsOver(Exception):
    """Raised inside a machine, out of its sink, to make it stop and clean up behind itself."""


def make_order(cells: Sequence[tuple[str, str]], repeat: int, seed: int) -> tuple[Execution, ...]:
    """Numbers the (case, setup) cells of one kernel, shuffled by the seed when they repeat."""
    runs = [(case, setup, number) for number in range(repeat) for case, setup in cells]
    if repeat > 1:
        random.Random(seed).shuffle(runs)
    return tuple(
        Execution(identity, case, setup, number)
        for identity, (case, setup, number) in enumerate(runs, start=1)
    )


def happenings(
    jobs: Sequence[Job], open_machine: Callable[[Kernel], Machine], at_a_time: int
) -> Generator[tuple[Job, Happening], None, None]:
    """Yields what happens in every job until all have ended.

    Closing the generator, by an exception in the loop around it or by Ctrl-C, stops the machines
    and waits until they are gone.
    """
    queue: SimpleQueue[tuple[Job, Happening]] = SimpleQueue()
    over = threading.Event()
    machines: list[Machine] = []
    supplies = Supplies(jobs)

    def work() -> None:
        while (supply := supplies.join()) and not over.is_set():
            try:
                operate(supply)
            except Exception as error:  # the worker's last word, whatever went wrong in it
                supply.fail(error)
            if supplies.leave(supply):
                queue.put((supply.job, Ended(supply.error)))

    def operate(supply: Supply) -> None:
        job = supply.job

        def sink(event: Event) -> None:
            if over.is_set():
                raise RunIsOver
            queue.put((job, event))

        queue.put((job, Started()))
        machine = open_machine(job.kernel)
        machines.append(machine)
        machine.run(job.kernel, supply, sink)

    pool = ThreadPoolExecutor(max_workers=at_a_time, thread_name_prefix="ringspec-vm")
    try:
        for _ in range(at_a_time):
            pool.submit(work)
        running = len(jobs)
        while running:
            job, happening = queue.get()
            running -= isinstance(happening, Ended)
            yield job, happening
    finally:
        over.set()
        for machine in machines:
            if isinstance(machine, Stoppable):
                machine.stop()
        pool.shutdown(wait=True, cancel_futures=True)

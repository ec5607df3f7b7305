"""Works off the orders of all kernels, several at a time, and hands on what happens as it happens."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Protocol, TypeVar, runtime_checkable

from ringspec.model import Event, Execution, Kernel, Machine

T = TypeVar("T")

# Executions that one machine works off.  Each piece begins in a fresh guest and is cut without a look
# at the number of cores: what a guest has done before is then the same in every run.
LARGEST_PIECE = 1500


@dataclass(frozen=True)
class Job:
    """One kernel, and its order or the n-th piece of it."""

    kernel: Kernel
    order: tuple[Execution, ...]
    piece: int = 1


@dataclass(frozen=True)
class Started:
    """A worker took the job up."""


@dataclass(frozen=True)
class Ended:
    """The worker is done with the job; `error` is why it could not finish it."""

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


def pieces(order: Sequence[T], least: int = 1) -> list[Sequence[T]]:
    """An order in pieces of about the same size, `least` of them or more; none is empty."""
    count = min(max(least, -(-len(order) // LARGEST_PIECE)), len(order))
    bounds = [len(order) * number // count for number in range(count + 1)] if count else []
    return [order[first:end] for first, end in itertools.pairwise(bounds)]


def cut(kernel: Kernel, order: tuple[Execution, ...]) -> tuple[Job, ...]:
    """The jobs of a kernel.  A host is one machine and works off all of its order."""
    parts = pieces(order) if kernel.image is not None or not order else [order]
    return tuple(Job(kernel, tuple(part), number) for number, part in enumerate(parts, start=1))


@contextmanager
def happenings(
    jobs: Sequence[Job], open_machine: Callable[[Job], Machine], at_a_time: int
) -> Iterator[Iterator[tuple[Job, Happening]]]:
    """Starts the jobs and hands out what happens in every one of them, until all have ended.

    Leaving the block, by an exception or by Ctrl-C too, stops the machines and waits until they are
    gone.
    """
    queue: SimpleQueue[tuple[Job, Happening]] = SimpleQueue()
    over = threading.Event()
    machines: list[Machine] = []

    def work(job: Job) -> None:
        def sink(event: Event) -> None:
            if over.is_set():
                raise RunIsOver
            queue.put((job, event))

        queue.put((job, Started()))
        try:
            machine = open_machine(job)
            machines.append(machine)
            machine.run(job.kernel, job.order, sink)
        except Exception as error:  # the worker's last word, whatever went wrong in it
            queue.put((job, Ended(error)))
        else:
            queue.put((job, Ended()))

    pool = ThreadPoolExecutor(max_workers=at_a_time, thread_name_prefix="ringspec-vm")
    try:
        for job in jobs:
            pool.submit(work, job)
        yield _until_all_ended(queue, len(jobs))
    finally:
        over.set()
        for machine in machines:
            if isinstance(machine, Stoppable):
                machine.stop()
        pool.shutdown(wait=True, cancel_futures=True)


def _until_all_ended(
    queue: SimpleQueue[tuple[Job, Happening]], running: int
) -> Iterator[tuple[Job, Happening]]:
    while running:
        job, happening = queue.get()
        running -= isinstance(happening, Ended)
        yield job, happening

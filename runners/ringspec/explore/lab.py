"""Runs programs on kernels: many in one order, one VM for each kernel and core at a time."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from ringspec.explore.program import Program, Step
from ringspec.guest import HostMachine, MachineOptions, VirtualMachine
from ringspec.model import Event, Execution, Facts, Kernel, Observation

# Beside its own boot parameters; one processor instead of two.
ONE_CPU = "nr_cpus=1"


@dataclass(frozen=True)
class Answer:
    """What one kernel made of one program."""

    status: str
    outcome: str
    violations: tuple[str, ...] = ()
    message: str = ""
    trace: tuple[Mapping[str, Any], ...] = ()

    @property
    def signature(self) -> tuple[str, str, tuple[str, ...]]:
        """All of it that is compared."""
        return (self.status, self.outcome, tuple(sorted(self.violations)))


@dataclass(frozen=True)
class Schedule:
    """How a repetition differs from the first run: delays between the steps, processors."""

    seed: int = 0
    cpus: int = 2

    def __str__(self) -> str:
        return f"{self.cpus} cpu, seed {self.seed}"


PLAIN = Schedule()


class Lab:
    """The kernels of one exploration."""

    def __init__(self, kernels: Sequence[Kernel], options: MachineOptions, jobs: int = 2) -> None:
        self.kernels = tuple(kernels)
        self.facts: dict[str, Facts] = {}
        self.executed = 0
        self._options = options
        self._jobs = jobs
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(jobs, "ringspec-explore")
        self._machines: set[HostMachine | VirtualMachine] = set()

    def close(self) -> None:
        """Ends what still runs."""
        with self._lock:
            for machine in self._machines:
                machine.stop()
        self._pool.shutdown(cancel_futures=True)

    def introduce(self) -> list[Facts]:
        """What the kernels say about themselves, in their order."""
        self.run([Program((Step("nop", "a"),))])
        return [self.facts[kernel.spec] for kernel in self.kernels]

    def run(
        self,
        programs: Sequence[Program],
        kernels: Sequence[Kernel] | None = None,
        schedule: Schedule = PLAIN,
        traced: bool = False,
    ) -> list[tuple[Answer, ...]]:
        """For each program the answers of the kernels, in their order."""
        chosen = self.kernels if kernels is None else tuple(kernels)
        if not programs or not chosen:
            return [() for _ in programs]
        parts = max(1, self._jobs // len(chosen))
        size = -(-len(programs) // parts)
        chunks = [programs[first : first + size] for first in range(0, len(programs), size)]
        futures = [
            [self._pool.submit(self._order, kernel, chunk, schedule, traced) for chunk in chunks]
            for kernel in chosen
        ]
        columns = [[answer for part in parts for answer in part.result()] for parts in futures]
        return list(zip(*columns, strict=True))

    def _order(
        self, kernel: Kernel, programs: Sequence[Program], schedule: Schedule, traced: bool
    ) -> list[Answer]:
        answers: dict[int, Answer] = {}

        def sink(event: Event) -> None:
            if isinstance(event, Facts):
                self.facts.setdefault(kernel.spec, event)
            if isinstance(event, Observation):
                answers[event.execution.id] = _answer(event)

        order = tuple(
            Execution(number, "Program", program.setup, program=program.line)
            for number, program in enumerate(programs)
        )
        machine = self._machine(kernel, schedule, traced)
        with self._lock:
            self._machines.add(machine)
            self.executed += len(order)
        try:
            machine.run(kernel, order, sink)
        finally:
            with self._lock:
                self._machines.discard(machine)
        return [answers[number] for number in range(len(programs))]

    def _machine(
        self, kernel: Kernel, schedule: Schedule, traced: bool
    ) -> HostMachine | VirtualMachine:
        one = schedule.cpus == 1 and kernel.image is not None
        append = " ".join(filter(None, (self._options.append, ONE_CPU if one else "")))
        options = replace(self._options, seed=schedule.seed, trace_all=traced, append=append)
        return HostMachine(options) if kernel.image is None else VirtualMachine(options)


def _answer(seen: Observation) -> Answer:
    return Answer(seen.status, seen.outcome, seen.violations, seen.message, seen.trace)

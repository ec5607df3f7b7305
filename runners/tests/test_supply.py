"""Who works on which kernel when there are more workers than kernels, or fewer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ringspec.model import Event, Execution, Kernel, Observation
from ringspec.runloop import Ended, happenings
from ringspec.supply import WORTH_A_MACHINE, Job, Supplies


def job(spec: str, size: int, image: Path | None = Path("image")) -> Job:
    kernel = Kernel(spec, spec, "6.12.1", image=image)
    return Job(kernel, tuple(Execution(number, "A.B", "default") for number in range(size)))


def test_the_longest_job_is_taken_first() -> None:
    supplies = Supplies([job("short", 1), job("long", 3), job("medium", 2)])

    taken = [supplies.join() for _ in range(4)]

    assert [supply and supply.job.kernel.spec for supply in taken] == [
        *("long", "medium", "short"),
        None,
    ]


def test_a_free_worker_joins_the_kernel_with_most_left() -> None:
    supplies = Supplies([job("a", WORTH_A_MACHINE + 3), job("b", WORTH_A_MACHINE + 2)])
    first, second = supplies.join(), supplies.join()
    assert first and second
    for _ in range(2):
        next(first)

    assert supplies.join() is second


def test_nobody_joins_for_a_handful_or_on_the_host() -> None:
    supplies = Supplies([job("few", WORTH_A_MACHINE), job("host", 9999, image=None)])
    supplies.join(), supplies.join()

    assert supplies.join() is None


def test_a_job_ends_when_its_last_machine_leaves() -> None:
    supplies = Supplies([job("a", WORTH_A_MACHINE * 2)])
    supply = supplies.join()
    assert supply is supplies.join() and supply
    for _ in supply:
        pass

    assert [supplies.leave(supply), supplies.leave(supply)] == [False, True]


class Machine:
    """Takes one execution after the other; the n-th machine may break on its first."""

    def __init__(self, breaks: bool) -> None:
        self._breaks = breaks

    def run(
        self, kernel: Kernel, order: Iterable[Execution], sink: Callable[[Event], None]
    ) -> None:
        for execution in order:
            if self._breaks:
                raise RuntimeError("broken")
            sink(Observation(execution, "ran"))


def run(jobs: list[Job], workers: int, broken: int = 0) -> tuple[list[int], list[Ended]]:
    """The executions that were answered, and how the jobs ended."""
    opened: list[Machine] = []

    def open_machine(kernel: Kernel) -> Machine:
        opened.append(Machine(breaks=len(opened) + 1 == broken))
        return opened[-1]

    answered, ends = [], []
    for _, happening in happenings(jobs, open_machine, workers):
        if isinstance(happening, Observation):
            answered.append(happening.execution.id)
        elif isinstance(happening, Ended):
            ends.append(happening)
    return answered, ends


def test_every_execution_is_answered_once_however_many_machines_share_the_order() -> None:
    size = 10 * WORTH_A_MACHINE

    answered, ends = run([job("a", size)], workers=4)

    assert sorted(answered) == list(range(size))
    assert ends == [Ended()]


def test_a_broken_machine_ends_its_kernel_only() -> None:
    answered, ends = run([job("a", 5), job("b", 3)], workers=1, broken=1)

    assert sorted(answered) == [0, 1, 2]
    assert sorted(str(end.error) for end in ends) == ["None", "broken"]

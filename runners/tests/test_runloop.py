"""How orders are cut into pieces, and worked off by as many machines as there are workers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ringspec.model import Event, Execution, Kernel, Observation
from ringspec.run.runloop import LARGEST_PIECE, Ended, Job, cut, happenings


def order(size: int) -> tuple[Execution, ...]:
    return tuple(Execution(number, "A.B", "default") for number in range(size))


def kernel(spec: str, image: Path | None = Path("image")) -> Kernel:
    return Kernel(spec, spec, "6.12.1", image=image)


def test_an_order_is_cut_into_pieces_of_about_the_same_size() -> None:
    whole = order(2 * LARGEST_PIECE + 1)

    jobs = cut(kernel("a"), whole)

    assert [job.piece for job in jobs] == [1, 2, 3]
    assert sum((job.order for job in jobs), ()) == whole
    assert max(len(job.order) for job in jobs) - min(len(job.order) for job in jobs) <= 1


def test_a_host_works_off_its_order_in_one() -> None:
    assert len(cut(kernel("host", image=None), order(3 * LARGEST_PIECE))) == 1


class Machine:
    def __init__(self, breaks: bool) -> None:
        self._breaks = breaks

    def run(
        self, kernel: Kernel, order: tuple[Execution, ...], sink: Callable[[Event], None]
    ) -> None:
        if self._breaks:
            raise RuntimeError("broken")
        for execution in order:
            sink(Observation(execution, "ran"))


def test_every_piece_is_worked_off_once_and_a_broken_one_ends_alone() -> None:
    jobs = [*cut(kernel("a"), order(LARGEST_PIECE + 1)), *cut(kernel("b"), order(3))]

    def open_machine(job: Job) -> Machine:
        return Machine(breaks=job.kernel.spec == "a" and job.piece == 1)

    with happenings(jobs, open_machine, at_a_time=2) as stream:
        seen = list(stream)

    answered = [
        (job.kernel.spec, one.execution.id) for job, one in seen if isinstance(one, Observation)
    ]
    expected = [("a", execution.id) for execution in jobs[1].order] + [("b", n) for n in range(3)]
    ends = [one for _, one in seen if isinstance(one, Ended)]
    assert sorted(answered) == sorted(expected)
    assert sorted(str(end.error) for end in ends) == ["None", "None", "broken"]

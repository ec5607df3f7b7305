"""The differential oracle: programs whose outcome is another one on another kernel.

Find, repeat under other schedules, shrink, group.  What a kernel does not repeat is no difference;
it is kept apart, with how often it did what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ringspec.model import Kernel
from ringspec.explore.lab import Answer, Lab, PLAIN, Schedule
from ringspec.explore.program import Program
from ringspec.explore.shrink import canonical, shrink, size
from ringspec.explore.timeline import Parting, Timeline, part, timeline

# Two processors with delays, one processor with and without.
REPEATS = (Schedule(seed=1), Schedule(seed=2), Schedule(seed=3, cpus=1), Schedule(cpus=1))
# Programs that are shrunk for one first difference.
EACH = 2

Say = Callable[[str], None]


@dataclass(frozen=True)
class Pair:
    """Two kernels that are compared."""

    left: Kernel
    right: Kernel

    def __str__(self) -> str:
        return f"{self.left.kernel} | {self.right.kernel}"


@dataclass(frozen=True)
class Difference:
    """A minimal program on which the two part, and what both did."""

    pair: Pair
    program: Program
    parting: Parting
    answers: tuple[Answer, Answer]

    @property
    def timelines(self) -> tuple[Timeline, Timeline]:
        """Both runs, window by window."""
        return timeline_of(self.answers[0]), timeline_of(self.answers[1])


@dataclass(frozen=True)
class Unstable:
    """A program that a kernel does not repeat."""

    program: Program
    kernel: Kernel
    outcomes: Counter[str]


@dataclass
class Found:
    """What an exploration came to."""

    programs: int = 0
    differing: Counter[str] = field(default_factory=Counter)  # by pair and first difference
    minimal: list[Difference] = field(default_factory=list)
    unstable: list[Unstable] = field(default_factory=list)
    shrunk: int = 0


def timeline_of(answer: Answer) -> Timeline:
    """What came of one execution, window by window."""
    end = "" if answer.status == "ran" else answer.status
    return timeline(answer.trace, end)


def parting_of(program: Program, left: Answer, right: Answer) -> Parting | None:
    """Where two traced answers part."""
    return part(program, timeline_of(left), timeline_of(right))


class Differ:
    """Compares the kernels of a lab, the first with each other one."""

    def __init__(self, lab: Lab, say: Say) -> None:
        self.found = Found()
        self._lab = lab
        self._say = say
        self._pairs = [Pair(lab.kernels[0], other) for other in lab.kernels[1:]]
        self._raw: dict[tuple[str, str], list[tuple[Program, Parting]]] = {}

    def take(self, programs: Sequence[Program]) -> None:
        """Runs them once and keeps those that differ."""
        self.found.programs += len(programs)
        for program, answers in zip(programs, self._lab.run(programs, traced=True), strict=True):
            for pair, other in zip(self._pairs, answers[1:], strict=True):
                parting = parting_of(program, answers[0], other)
                if parting is None:
                    continue
                self.found.differing[f"{pair}: {parting}"] += 1
                self._raw.setdefault((str(pair), str(parting)), []).append((program, parting))

    def finish(self) -> Found:
        """Repeats, shrinks and groups what take() has kept."""
        for pair in self._pairs:
            self._finish_pair(pair)
        return self.found

    def _finish_pair(self, pair: Pair) -> None:
        chosen: list[tuple[Program, Parting]] = []
        for (name, _), members in self._raw.items():
            if name == str(pair):
                members.sort(key=lambda member: size(member[0]))
                chosen += members[:EACH]
        self._say(f"{pair}: repeating {len(chosen)} programs that differ")
        stable = self._stable(pair, chosen)
        self._say(f"{pair}: shrinking {len(stable)} programs")
        small = self._shrunk(pair, stable)
        wanted = [(canonical(program), parting) for program, (_, parting) in zip(small, stable)]
        distinct = {program.key: (program, parting) for program, parting in wanted}
        self._keep(pair, self._stable(pair, list(distinct.values())))

    def _stable(
        self, pair: Pair, members: Sequence[tuple[Program, Parting]]
    ) -> list[tuple[Program, Parting]]:
        """Those that both kernels repeat, whatever the schedule."""
        programs = [program for program, _ in members]
        runs = [
            self._lab.run(programs, (pair.left, pair.right), schedule, traced=True)
            for schedule in (PLAIN, *REPEATS)
        ]
        stable = []
        for index, member in enumerate(members):
            shaky = False
            for side, kernel in enumerate((pair.left, pair.right)):
                answers = [run[index][side] for run in runs]
                if len({timeline_of(answer).key() for answer in answers}) > 1:
                    shaky = True
                    outcomes = Counter(answer.outcome or answer.status for answer in answers)
                    self.found.unstable.append(Unstable(member[0], kernel, outcomes))
            if not shaky:
                stable.append(member)
        return stable

    def _shrunk(self, pair: Pair, members: Sequence[tuple[Program, Parting]]) -> list[Program]:
        def shows(tried: Sequence[tuple[int, Program]]) -> list[bool]:
            programs = [program for _, program in tried]
            answers = self._lab.run(programs, (pair.left, pair.right), traced=True)
            verdicts = []
            for (index, program), (left, right) in zip(tried, answers, strict=True):
                parting = parting_of(program, left, right)
                verdicts.append(parting is not None and parting.shows(members[index][1]))
            return verdicts

        return shrink([program for program, _ in members], shows)

    def _keep(self, pair: Pair, members: Sequence[tuple[Program, Parting]]) -> None:
        programs = [program for program, _ in members]
        answers = self._lab.run(programs, (pair.left, pair.right), traced=True)
        for program, (left, right) in zip(programs, answers, strict=True):
            parting = parting_of(program, left, right)
            if parting is not None:
                self.found.minimal.append(Difference(pair, program, parting, (left, right)))

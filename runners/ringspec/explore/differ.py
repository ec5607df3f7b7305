"""Programs whose outcome is another one on another kernel, or none that the model permits.

Find, repeat under other schedules, shrink, group.  What a kernel does not repeat is no difference;
it is kept apart, with how often it did what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ringspec.explore.corpus import places_of
from ringspec.explore.lab import PLAIN, Answer, Lab, Schedule
from ringspec.explore.oracle import permitted
from ringspec.explore.program import Program
from ringspec.explore.requests import OutsideModel
from ringspec.explore.shrink import about, canonical, shrink, size, until
from ringspec.explore.timeline import Parting, Timeline, distance, part, timeline
from ringspec.model import Kernel

# Two processors with delays, one processor with and without.
REPEATS = (Schedule(seed=1), Schedule(seed=2), Schedule(seed=3, cpus=1), Schedule(cpus=1))
# What a smaller program has to show the difference under.
CHECKS = (PLAIN, REPEATS[0], REPEATS[2])
# Programs that are shrunk for one first difference.
EACH = 2

Say = Callable[[str], None]
Answers = Mapping[str, Answer]  # by the kernel's spec


@dataclass(frozen=True)
class Pair:
    """A kernel and what it is compared with: another one, or the model."""

    left: Kernel | None
    right: Kernel

    @property
    def names(self) -> tuple[str, str]:
        """Of both sides."""
        return (self.left.kernel if self.left else "model"), self.right.kernel

    @property
    def kernels(self) -> tuple[Kernel, ...]:
        """Those that have to run for it."""
        return (self.left, self.right) if self.left else (self.right,)

    def __str__(self) -> str:
        return " | ".join(self.names)


@dataclass(frozen=True)
class Contrast:
    """Where the two sides of a pair part on one program, and what both did."""

    parting: Parting
    timelines: tuple[Timeline, Timeline]
    outcomes: tuple[str, str]


@dataclass(frozen=True)
class Difference:
    """A minimal program on which the two part."""

    pair: Pair
    program: Program
    contrast: Contrast

    @property
    def parting(self) -> Parting:
        """The first completion that differs."""
        return self.contrast.parting


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
    modelled: int = 0  # programs that the model describes
    differing: Counter[str] = field(default_factory=Counter)  # by pair and first difference
    minimal: list[Difference] = field(default_factory=list)
    unstable: list[Unstable] = field(default_factory=list)


Member = tuple[Program, Parting]


def timeline_of(answer: Answer) -> Timeline:
    """What came of one execution, window by window."""
    return timeline(answer.trace, "" if answer.status == "ran" else answer.status)


def contrast(pair: Pair, program: Program, answers: Answers) -> Contrast | None:
    """None where the two sides agree; OutsideModel where the model has no opinion."""
    answer = answers[pair.right.spec]
    right = timeline_of(answer)
    if pair.left is None:
        ways = permitted(program)
        outcome = "permitted: 1 way" if len(ways) == 1 else f"permitted: {len(ways)} ways"
    else:
        ways = [timeline_of(answers[pair.left.spec])]
        outcome = answers[pair.left.spec].outcome
    partings = [(part(program, left, right), left) for left in ways]
    found = [(parting, left) for parting, left in partings if parting is not None]
    if len(found) < len(partings):
        return None
    # The way that goes along furthest, then parts in the least, then in the last request.
    names = [step.name for step in program.steps]

    def goes_along(one: tuple[Parting, Timeline]) -> tuple[int, int, int]:
        place = names.index(one[0].tag) if one[0].tag in names else -1
        return one[0].window, -distance(one[1], right), place

    parting, left = max(found, key=goes_along)
    return Contrast(parting, (left, right), (outcome, answer.outcome or answer.status))


class Differ:
    """Collects what differs between the sides of some pairs."""

    def __init__(self, lab: Lab, pairs: Sequence[Pair], say: Say) -> None:
        self.found = Found()
        self._lab = lab
        self._pairs = tuple(pairs)
        self._say = say
        self._raw: dict[tuple[Pair, str], list[Member]] = {}

    def take(self, programs: Sequence[Program]) -> list[frozenset[int]]:
        """Runs them once and keeps those that differ; says to which places of a kernel each came."""
        self.found.programs += len(programs)
        kernels = tuple(dict.fromkeys(one for pair in self._pairs for one in pair.kernels))
        rows = self._run(programs, kernels)
        for program, answers in zip(programs, rows, strict=True):
            for pair in self._pairs:
                try:
                    seen = contrast(pair, program, answers)
                except OutsideModel:
                    continue
                self.found.modelled += pair.left is None
                if seen is not None:
                    self.found.differing[f"{pair}: {seen.parting}"] += 1
                    members = self._raw.setdefault((pair, str(seen.parting)), [])
                    members.append((program, seen.parting))
        return [
            frozenset().union(*(places_of(answer.trace) for answer in answers.values()))
            for answers in rows
        ]

    def finish(self) -> Found:
        """Repeats, shrinks and groups what take() has kept."""
        for pair in self._pairs:
            self._finish_pair(pair)
        return self.found

    def _finish_pair(self, pair: Pair) -> None:
        chosen: list[Member] = []
        for (owner, _), members in self._raw.items():
            if owner == pair:
                chosen += sorted(members, key=lambda member: size(member[0]))[:EACH]
        self._say(f"{pair}: repeating {len(chosen)} programs that differ")
        stable = self._stable(pair, chosen)
        self._say(f"{pair}: shrinking {len(stable)} programs")
        small = self._shrunk(pair, stable)
        wanted = [(canonical(program), parting) for program, (_, parting) in zip(small, stable)]
        firm = self._stable(pair, wanted, report=False)
        # What has become a race on its way stays as large as it was.
        firm += [large for large, one in zip(stable, wanted, strict=True) if one not in firm]
        self._keep(pair, list({program.key: (program, one) for program, one in firm}.values()))

    def _stable(self, pair: Pair, members: Sequence[Member], report: bool = True) -> list[Member]:
        """Those that every kernel of the pair repeats, whatever the schedule."""
        programs = [program for program, _ in members]
        schedules = (PLAIN, *REPEATS)
        runs = [self._run(programs, pair.kernels, schedule) for schedule in schedules]
        stable = []
        for index, member in enumerate(members):
            shaky = False
            for kernel in pair.kernels:
                answers = [run[index][kernel.spec] for run in runs]
                if len({timeline_of(answer).key() for answer in answers}) > 1:
                    shaky = True
                    if not report:
                        continue
                    outcomes = Counter(answer.outcome or answer.status for answer in answers)
                    self.found.unstable.append(Unstable(member[0], kernel, outcomes))
            if not shaky:
                stable.append(member)
        return stable

    def _shrunk(self, pair: Pair, members: Sequence[Member]) -> list[Program]:
        def shows(tried: Sequence[tuple[int, Program]]) -> list[bool]:
            hold = list(range(len(tried)))
            for schedule in CHECKS:  # Without what keeps it still, a program may be a race.
                answers = self._run([tried[one][1] for one in hold], pair.kernels, schedule)
                hold = [
                    one
                    for one, answer in zip(hold, answers, strict=True)
                    if self._still(pair, tried[one][1], members[tried[one][0]][1], answer)
                ]
            return [one in hold for one in range(len(tried))]

        # No later window matters; mostly no other request does either.
        short = [until(program, parting.window) for program, parting in members]
        sliced = [about(one, parting.tag) for one, (_, parting) in zip(short, members, strict=True)]
        enough = shows(list(enumerate(sliced)))
        chosen = [
            one if ok else other for one, other, ok in zip(sliced, short, enough, strict=True)
        ]
        return shrink(chosen, shows, lambda text: self._say(f"{pair}: {text}"))

    @staticmethod
    def _still(pair: Pair, program: Program, wanted: Parting, answers: Answers) -> bool:
        try:
            seen = contrast(pair, program, answers)
        except OutsideModel:
            return False
        return seen is not None and seen.parting.shows(wanted)

    def _keep(self, pair: Pair, members: Sequence[Member]) -> None:
        programs = [program for program, _ in members]
        for program, answers in zip(programs, self._run(programs, pair.kernels), strict=True):
            seen = contrast(pair, program, answers)
            if seen is not None:
                self.found.minimal.append(Difference(pair, program, seen))

    def _run(
        self, programs: Sequence[Program], kernels: Sequence[Kernel], schedule: Schedule = PLAIN
    ) -> list[Answers]:
        rows = self._lab.run(programs, kernels, schedule, traced=True)
        return [
            {kernel.spec: answer for kernel, answer in zip(kernels, row, strict=True)}
            for row in rows
        ]

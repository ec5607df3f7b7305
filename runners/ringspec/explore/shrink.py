"""Makes programs smaller that show something: many at once, so that a round is one order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ringspec.explore.program import LINKS, Program, Step

# Says of each candidate whether it still shows what the program at this index showed.
Judge = Callable[[Sequence[tuple[int, Program]]], Sequence[bool]]
_MOST_ROUNDS = 40
_ACTIONS = frozenset(
    "cancel timeout_remove timeout_update poll_remove poll_update read recv splice".split()
)
_NAMES = tuple(f"q{digit}" for digit in range(10))


@dataclass(frozen=True)
class Change:
    """What makes a program smaller: steps by number, as another step or none; or the setup."""

    steps: Mapping[int, Step | None]
    setup: str = ""

    def of(self, program: Program) -> Program:
        """The program, changed."""
        changed = (self.steps.get(index, step) for index, step in enumerate(program.steps))
        steps = tuple(step for step in changed if step is not None)
        return Program(steps, self.setup or program.setup)


def together(changes: Sequence[Change]) -> Change:
    """All of them at once; of two that change the same step the first."""
    steps: dict[int, Step | None] = {}
    for change in changes:
        if not steps.keys() & change.steps.keys():
            steps.update(change.steps)
    return Change(steps, next((change.setup for change in changes if change.setup), ""))


@dataclass
class _Work:
    """One program on its way down: how many steps at a time are left out next, 0 for words."""

    program: Program
    length: int
    tried: set[str]
    done: bool = False
    # Several changes hold, each for itself: do all of them?  If not, the best one is taken.
    bold: Program | None = None
    sure: Program | None = None

    def candidates(self) -> list[tuple[Change, Program]]:
        """The next that were not tried, coarse before fine."""
        if self.bold is not None:
            return [(Change({}), self.bold)]
        while True:
            made = {
                (one := change.of(self.program)).key: (change, one) for change in self._changes()
            }
            fresh = [pair for key, pair in made.items() if key not in self.tried and pair[1].steps]
            if fresh or self.length == 0:
                self.tried.update(program.key for _, program in fresh)
                self.done = not fresh
                return fresh
            self.length //= 2

    def take(self, held: Sequence[tuple[Change, Program]]) -> None:
        """Of the candidates those that still show what the program shows."""
        if self.bold is not None:
            self._go_on_with(self.bold if held else self.sure or self.program)
            self.bold = self.sure = None
        elif not held:
            self.done = self.length == 0
            self.length //= 2
        else:
            best = min((program for _, program in held), key=size)
            bold = together([change for change, _ in held]).of(self.program)
            if bold.steps and size(bold) < size(best) and bold.key not in self.tried:
                self.tried.add(bold.key)
                self.bold, self.sure = bold, best
            else:
                self._go_on_with(best)

    def _changes(self) -> Iterator[Change]:
        return smaller(self.program, self.length)

    def _go_on_with(self, better: Program) -> None:
        self.program = better
        self.length = max(1, min(self.length, len(better.steps) // 2))


def shrink(
    programs: Sequence[Program], shows: Judge, say: Callable[[str], None] = lambda text: None
) -> list[Program]:
    """For each program the smallest that was found; no step, flag or value of it can be left out."""
    works = [_Work(one, max(1, len(one.steps) // 2), {one.key}) for one in programs]
    for number in range(1, _MOST_ROUNDS + 1):
        tried = [
            (index, change, candidate)
            for index, work in enumerate(works)
            if not work.done
            for change, candidate in work.candidates()
        ]
        if not tried:
            break
        left = sum(not work.done for work in works)
        say(
            f"round {number}: {left} programs are not minimal yet, {len(tried)} smaller ones to try"
        )
        held: dict[int, list[tuple[Change, Program]]] = {index: [] for index, _, _ in tried}
        answers = shows([(index, candidate) for index, _, candidate in tried])
        for (index, change, candidate), holds in zip(tried, answers, strict=True):
            if holds:
                held[index].append((change, candidate))
        for index, those in held.items():
            works[index].take(those)
    return [work.program for work in works]


def size(program: Program) -> tuple[int, int]:
    """Steps count for more than words."""
    return len(program.steps), len(program.line)


def smaller(program: Program, length: int) -> Iterator[Change]:
    """To leave out each run of `length` steps; for 0, to make one step plainer."""
    if length:
        for first in range(0, len(program.steps), length):
            yield Change(dict.fromkeys(range(first, first + length)))
        return
    if program.setup != "default":
        yield Change({}, "default")
    for index, step in enumerate(program.steps):
        for plainer in _plainer(step, program):
            yield Change({index: plainer})


def _plainer(step: Step, program: Program) -> Iterator[Step]:
    for flag in sorted(step.flags):
        yield step.without(flag)
    for key in sorted(step.values):
        yield step.without(key)
    if step.verb in _ACTIONS:
        yield Step("nop", step.name, flags=step.flags & LINKS)
    names = [one.name for one in program.steps]
    if step.name and names.count(step.name) > 1:
        free = next((one for one in _NAMES if one not in names), step.name)
        yield replace(step, name=free)
    if step.verb in ("timeout", "link_timeout") and "mshot" not in step.flags:
        if step.words[:1] == ("60ms",):
            yield replace(step, words=("20ms", *step.words[1:]))


def until(program: Program, window: int) -> Program:
    """The program up to the end of this window: what comes later cannot have changed it."""
    barriers = [index for index, step in enumerate(program.steps) if step.verb == "reap"]
    if window >= len(barriers):
        return program
    return program.with_steps(program.steps[: barriers[window] + 1])


def about(program: Program, tag: str) -> Program:
    """Only what names this request, or is done by name to what does, and the barriers."""
    names = {tag}
    for step in program.steps:
        if step.name and names & {step.name, *step.words}:
            names |= {step.name, *(word for word in step.words if word in _names(program))}
    kept = [
        step
        for step in program.steps
        if step.verb == "reap" or step.name in names or names & set(step.words)
    ]
    return program.with_steps(kept)


def _names(program: Program) -> set[str]:
    return {step.name for step in program.steps}


def canonical(program: Program) -> Program:
    """The same program with its names given in order: equal ones become equal texts."""
    targets, actions = iter("abcdefghijklm"), iter("xyzuvwnopqrst")
    names: dict[str, str] = {}
    files: dict[str, str] = {}
    counts: dict[str, int] = {}
    aims = {step.word(0) for step in program.steps if step.name}
    for step in program.steps:
        for name in (step.name, step.values.get("user", "")):
            if name and name not in names:
                aimed = name in aims or step.verb in ("poll", "timeout")
                names[name] = next(targets if aimed else actions, name)
        for word in (*step.words, step.values.get("fd", "")):
            kind = word.rstrip("0123456789")
            if kind in ("pipe", "sock", "epoll", "futex") and word not in files:
                files[word] = f"{kind}{counts.get(kind, 0)}"
                counts[kind] = counts.get(kind, 0) + 1

    def renamed(word: str) -> str:
        return files.get(word, names.get(word, word))

    return program.with_steps(
        Step(
            step.verb,
            names.get(step.name, step.name),
            tuple(map(renamed, step.words)),
            step.flags,
            {
                key: renamed(value) if key in ("fd", "user") else value
                for key, value in step.values.items()
            },
        )
        for step in program.steps
    )

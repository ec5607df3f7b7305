"""Makes programs smaller that show something: many at once, so that a round is one order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ringspec.explore.program import LINKS, Program, Step

# Says of each candidate whether it still shows what the program at this index showed.
Judge = Callable[[Sequence[tuple[int, Program]]], Sequence[bool]]
_MOST_ROUNDS = 40
_ACTIONS = frozenset(
    "cancel timeout_remove timeout_update poll_remove poll_update read recv splice".split()
)
_NAMES = tuple(f"q{digit}" for digit in range(10))


@dataclass
class _Work:
    """One program on its way down: how many steps at a time are left out next, 0 for words."""

    program: Program
    length: int
    tried: set[str]
    done: bool = False

    def candidates(self) -> list[Program]:
        """The next that were not tried, coarse before fine."""
        while True:
            fresh = [
                one
                for one in dict.fromkeys(smaller(self.program, self.length))
                if one.key not in self.tried
            ]
            if fresh or self.length == 0:
                self.tried.update(one.key for one in fresh)
                self.done = not fresh
                return fresh
            self.length //= 2

    def take(self, better: Program | None) -> None:
        """What came of the candidates."""
        if better is not None:
            self.program = better
            self.length = max(1, min(self.length, len(better.steps) // 2))
        elif self.length == 0:
            self.done = True
        else:
            self.length //= 2


def shrink(programs: Sequence[Program], shows: Judge) -> list[Program]:
    """For each program the smallest that was found; no step, flag or value of it can be left out."""
    works = [_Work(one, max(1, len(one.steps) // 2), {one.key}) for one in programs]
    for _ in range(_MOST_ROUNDS):
        tried = [
            (index, candidate)
            for index, work in enumerate(works)
            if not work.done
            for candidate in work.candidates()
        ]
        if not tried:
            break
        better: dict[int, Program] = {}
        for (index, candidate), holds in zip(tried, shows(tried), strict=True):
            if holds and (index not in better or size(candidate) < size(better[index])):
                better[index] = candidate
        for index in {index for index, _ in tried}:
            works[index].take(better.get(index))
    return [work.program for work in works]


def size(program: Program) -> tuple[int, int]:
    """Steps count for more than words."""
    return len(program.steps), len(program.line)


def smaller(program: Program, length: int) -> Iterator[Program]:
    """The program without each run of `length` steps; for 0, with one step made plainer."""
    steps = program.steps
    if length:
        for first in range(0, len(steps), length):
            if rest := steps[:first] + steps[first + length :]:
                yield program.with_steps(rest)
        return
    if program.setup != "default":
        yield Program(steps, "default")
    for index, step in enumerate(steps):
        for plainer in _plainer(step, program):
            yield program.with_steps((*steps[:index], plainer, *steps[index + 1 :]))


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

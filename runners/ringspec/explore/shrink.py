"""Makes programs smaller that show something: many at once, so that a round is one order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ringspec.explore.program import Program, Step

# Says of each candidate whether it still shows what the program at this index showed.
Judge = Callable[[Sequence[tuple[int, Program]]], Sequence[bool]]
_MOST_ROUNDS = 20


@dataclass
class _Work:
    program: Program
    done: bool = False


def shrink(programs: Sequence[Program], shows: Judge) -> list[Program]:
    """For each program the smallest that was found; no step, flag or value of it can be left out."""
    works = [_Work(program) for program in programs]
    seen: list[set[str]] = [{str(program)} for program in programs]
    for _ in range(_MOST_ROUNDS):
        tried: list[tuple[int, Program]] = []
        for index, work in enumerate(works):
            if work.done:
                continue
            for candidate in smaller(work.program):
                if str(candidate) not in seen[index]:
                    seen[index].add(str(candidate))
                    tried.append((index, candidate))
        if not tried:
            break
        verdicts = shows(tried)
        better: dict[int, Program] = {}
        for (index, candidate), holds in zip(tried, verdicts, strict=True):
            if holds and (index not in better or size(candidate) < size(better[index])):
                better[index] = candidate
        for index, work in enumerate(works):
            work.done = index not in better
            work.program = better.get(index, work.program)
    return [work.program for work in works]


def size(program: Program) -> tuple[int, int]:
    """Steps count for more than words."""
    return len(program.steps), len(program.line)


def smaller(program: Program) -> Iterator[Program]:
    """Without a half, a quarter, ... one of its steps; then without one flag or value."""
    steps = program.steps
    length = len(steps) // 2
    while length >= 1:
        for first in range(0, len(steps), length):
            rest = steps[:first] + steps[first + length :]
            if rest:
                yield program.with_steps(rest)
        length //= 2
    if program.setup != "default":
        yield Program(steps, "default")
    for index, step in enumerate(steps):
        for plainer in _plainer(step):
            yield program.with_steps((*steps[:index], plainer, *steps[index + 1 :]))


def _plainer(step: Step) -> Iterator[Step]:
    for flag in sorted(step.flags):
        yield step.without(flag)
    for key in sorted(step.values):
        yield step.without(key)


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
            if kind in ("pipe", "sock", "futex") and word not in files:
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

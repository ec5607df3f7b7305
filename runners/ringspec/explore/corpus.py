"""Programs that came to new places of the kernel, and programs that are made of them.

Needs a kernel with KCOV (harness/guest/kernel_coverage.h); without one the corpus stays empty, and what
guides the generator are the features of programs alone.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ringspec.explore.program import Program, Step

_COVERED = "covered "


def places_of(trace: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    """The places of the kernel that one execution came to; none where the kernel does not tell."""
    notes = (str(event.get("note", "")) for event in trace)
    texts = (note.removeprefix(_COVERED) for note in notes if note.startswith(_COVERED))
    return frozenset(int(place, 16) for text in texts for place in text.split())


class Corpus:
    """What was reached so far, and the programs that reached something first."""

    def __init__(self) -> None:
        self.reached: set[int] = set()
        self.programs: list[Program] = []

    def take(self, program: Program, places: frozenset[int]) -> None:
        """Keeps the program if it came to a place where none was before."""
        if places - self.reached:
            self.reached |= places
            self.programs.append(program)

    def relative(self, chance: random.Random, fresh: Program) -> Program:
        """One of the programs with something else in it: a part of `fresh`, a flag, a setup."""
        # The last ones more often: they know what the first have not seen.
        parent = self.programs[-1 - int(len(self.programs) * chance.random() ** 2)]
        form = chance.random()
        if form < 0.4:
            return replace(parent, steps=_head(parent, chance) + _tail(fresh, chance))
        if form < 0.6:
            return replace(fresh, steps=_head(fresh, chance) + _tail(parent, chance))
        if form < 0.7:
            return replace(parent, setup=fresh.setup)
        if form < 0.85:
            index = chance.randrange(len(parent.steps))
            part = _round(fresh, chance)
            return parent.with_steps((*parent.steps[:index], *part, *parent.steps[index:]))
        return parent.with_steps(_toggled(parent.steps, chance))


def _cut(program: Program, chance: random.Random) -> int:
    """A place right behind a barrier."""
    return chance.choice(
        [index + 1 for index, step in enumerate(program.steps) if step.verb == "reap"] or [0]
    )


def _head(program: Program, chance: random.Random) -> tuple[Step, ...]:
    return program.steps[: _cut(program, chance)]


def _tail(program: Program, chance: random.Random) -> tuple[Step, ...]:
    return program.steps[_cut(program, chance) :] or program.steps


def _round(program: Program, chance: random.Random) -> tuple[Step, ...]:
    """A step with what is linked to it."""
    places = [number for number, step in enumerate(program.steps) if step.verb != "close"]
    first = last = chance.choice(places)
    while program.steps[last].links and last + 1 < len(program.steps):
        last += 1
    return program.steps[first : last + 1]


def _toggled(steps: Sequence[Step], chance: random.Random) -> list[Step]:
    """One request with a flag less, or that of another one more."""
    changed = list(steps)
    index = chance.choice([number for number, step in enumerate(steps) if step.name] or [0])
    step = changed[index]
    if step.flags and chance.random() < 0.5:
        changed[index] = step.without(chance.choice(sorted(step.flags)))
    elif step.name:
        wanted = [one for other in steps if other.verb == step.verb for one in sorted(other.flags)]
        changed[index] = replace(step, flags=step.flags | {chance.choice(wanted or ["async"])})
    return changed

"""What a program exercises, so that the generator can tell what was tried rarely or never.

A feature is a pair or triple of words: an operation with one of its flags, with what it aims at and
in which state that is, with its place in a chain, in which setup.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from ringspec.explore.program import Program, Step

AIMED = frozenset("cancel sync timeout_remove timeout_update poll_remove poll_update".split())
# What makes kinds of timers different.
_TIMER_FLAGS = ("mshot", "linked")


def kind_of(step: Step) -> str:
    """The verb, and what makes another kind of request of it."""
    kind = step.verb
    for flag in _TIMER_FLAGS:
        if flag in step.flags:
            kind += f"+{flag}"
    if "count" in step.values:
        kind += "+count"
    return kind


def aim_of(step: Step) -> str:
    """The name that a step aims at, or ''."""
    return step.word(0) if step.verb in AIMED else ""


def features_of(program: Program) -> set[str]:
    """All features of a program."""
    return set(_features(program))


def _features(program: Program) -> Iterator[str]:
    targets: dict[str, tuple[str, int]] = {}
    held: set[str] = set()
    kept: set[str] = set()  # requests that meet a held file
    keeping = False  # the submitter, by one without a worker
    touched: dict[str, str] = {}
    phase = 0
    linked: Step | None = None
    for step in program.steps:
        kind = kind_of(step)
        if not step.name:
            phase += step.verb in ("reap", "close")
            linked = None
            keeping = False
        yield f"{kind} @{program.setup}"
        for word in (*step.flags, *(f"{key}=" for key in step.values)):
            yield f"{kind} {word}"
        if linked is not None:
            yield f"{kind_of(linked)} -> {kind}"
        linked = step if step.links else None
        if step.verb == "hold":
            held.add(step.word(0))
        elif step.verb == "release":
            held.discard(step.word(0))
            kept.clear()
        aim = aim_of(step)
        if aim in targets:
            target, since = targets[aim]
            state = "same batch" if since == phase else "held" if aim in kept else "waiting"
            state = "kept" if keeping else state
            yield f"{kind} of {target}, {state}"
            yield f"{kind} of {target} after {touched.get(aim, 'nothing')}"
            for flag in step.flags:
                yield f"{kind} {flag} of {target}"
            touched[aim] = kind
        elif step.verb in AIMED:
            yield f"{kind} of nobody"
        if step.name and step.verb not in AIMED:
            targets[step.name] = (kind, phase)
            if step.word(0) in held:
                kept.add(step.name)
                keeping = keeping or "async" not in step.flags


class Coverage:
    """How often each feature was in a program that ran."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, program: Program) -> None:
        """The program will run."""
        self.counts.update(features_of(program))

    def novelty(self, program: Program) -> float:
        """How much of it is rare so far; half as much in a program four times as long."""
        rare = sum(1.0 / (1 + self.counts[feature]) for feature in features_of(program))
        return rare / math.sqrt(len(program.steps))

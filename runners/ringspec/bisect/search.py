"""Finds the releases at which a behaviour changed, with as few of them booted as that takes.

Two releases are alike when the case came to the same there, in every setup that is looked at.  What
lies between two releases that are alike is taken to be like them, unless it is known from before:
only between neighbours that differ is anything tried.  So a behaviour that comes, goes and comes
back shows all the changes that the known releases enclose, and `every` finds the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

# What a case came to in a setup: the different (status, outcome, violations) of its repeats.
Came = tuple[tuple[str, str, tuple[str, ...]], ...]
# By setup.
Behaviour = Mapping[str, Came]


@dataclass(frozen=True)
class Untestable:
    """A release that does not answer, and why."""

    reason: str


@dataclass(frozen=True)
class Change:
    """The behaviour changed somewhere after `before` and not later than `after` (numbers of
    releases); `skipped` lie between them and could not be tested."""

    before: int
    after: int
    skipped: tuple[int, ...] = ()


@dataclass
class Search:
    """All that is known of a row of releases; `known` may begin with what an earlier search found."""

    count: int
    measure: Callable[[int], Behaviour | Untestable]
    known: dict[int, Behaviour] = field(default_factory=dict)
    untestable: dict[int, str] = field(default_factory=dict)
    measured: int = 0

    def run(self, *, every: bool = False) -> None:
        """Measures until nothing that has to be known is missing."""
        while (number := self._next(every)) is not None:
            self.measured += 1
            came = self.measure(number)
            if isinstance(came, Untestable):
                self.untestable[number] = came.reason
            else:
                self.known[number] = came

    def changes(self, setup: str) -> list[Change]:
        """Where it changed in this setup, oldest first."""
        row = sorted(self.known)
        return [
            Change(a, b, tuple(n for n in range(a + 1, b) if n in self.untestable))
            for a, b in zip(row, row[1:], strict=False)
            if self.known[a][setup] != self.known[b][setup]
        ]

    def at_most(self) -> int:
        """How many more have to be measured, if no more changes turn up than are known."""
        gaps = (b - a for a, b in self._neighbours() if self.known[a] != self.known[b])
        return sum((gap - 1).bit_length() for gap in gaps)

    def _next(self, every: bool) -> int | None:
        for end in (0, self.count - 1):
            if end not in self.known:
                return None if end in self.untestable else end
        for a, b in self._neighbours():
            left = [number for number in range(a + 1, b) if number not in self.untestable]
            if left and (every or self.known[a] != self.known[b]):
                return left[len(left) // 2]
        return None

    def _neighbours(self) -> Sequence[tuple[int, int]]:
        row = sorted(self.known)
        return list(zip(row, row[1:], strict=False))


def stretches(search: Search, setup: str) -> list[tuple[list[int], Came]]:
    """The known releases of this setup, neighbours that are alike together."""
    found: list[tuple[list[int], Came]] = []
    for number in sorted(search.known):
        came = search.known[number][setup]
        if not found or found[-1][1] != came:
            found.append(([], came))
        found[-1][0].append(number)
    return found

"""Pairs the kernels of two runs: by spec, else the only one on each side, else as told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from ringspec.errors import Problem


class PairError(Problem):
    """Two runs whose kernels cannot be paired."""


class HasSpec(Protocol):
    """A result or a cell."""

    @property
    def spec(self) -> str:
        ...


def specs_of(results: Iterable[HasSpec]) -> tuple[str, ...]:
    """The kernel specs of these results, in order of appearance."""
    return tuple(dict.fromkeys(result.spec for result in results))


def parse_pairs(texts: Sequence[str]) -> dict[str, str]:
    """Reads `--pair A=B` arguments.  A spec may hold `=` only on the right side."""
    pairs = {}
    for text in texts:
        left, equals, right = text.partition("=")
        if not (left and equals and right):
            raise PairError(f"--pair {text!r}: expected A=B, two kernel specs")
        pairs[left] = right
    return pairs


def pair(
    left: Sequence[str], right: Sequence[str], told: dict[str, str] | None = None
) -> tuple[tuple[str, str], ...]:
    """The pairs (left, right).  Kernels of one side only are left out."""
    told = told or {}
    for a, b in told.items():
        if a not in left or b not in right:
            raise PairError(
                f"--pair {a}={b}: the first run has {', '.join(left)}, "
                f"the second {', '.join(right)}"
            )
    pairs = [(a, told.get(a, a)) for a in left if a in told or a in right]
    if pairs:
        return tuple(pairs)
    if len(left) == len(right) == 1:
        return ((left[0], right[0]),)
    raise PairError(
        "no kernel is in both runs "
        f"({', '.join(left) or 'none'} and {', '.join(right) or 'none'}): "
        "say which to compare with --pair A=B"
    )

"""A run on several machines: `--shard 2/3` does a third of the cells, `ringspec merge` puts them together."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ringspec.run.runloop import pieces

T = TypeVar("T")


@dataclass(frozen=True)
class Shard:
    """The `number`-th of `count` parts of a run, counted from 1."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def parse_shard(text: str) -> Shard:
    """What `--shard 2/3` means; ValueError if it means nothing."""
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise ValueError(f"--shard {text}: expected I/N with I from 1 to N, such as 2/3")
    return Shard(int(found[1]), int(found[2]))


def part_of(shard: Shard, cells: Mapping[str, Sequence[T]]) -> list[T]:
    """The shard's cells of each kernel's.

    A guest works off a piece of a kernel's cells: a shard has whole pieces, the same that an unsharded
    run has, so that what a guest did before a case is the same in both.  Where there are more shards
    than pieces, kernels are cut into more.
    """
    least = -(-shard.count // len(cells)) if cells else 1
    in_turn = itertools.cycle(range(1, shard.count + 1))
    return [
        cell
        for of_kernel in cells.values()
        for piece in pieces(of_kernel, least)
        if next(in_turn) == shard.number
        for cell in piece
    ]

"""Where behaviour moved along a row of kernels: more than two of them, in one run or in several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ringspec.compare.diff import Change, alike, classify
from ringspec.compare.pairing import specs_of
from ringspec.judge.versions import parse_release
from ringspec.results.cells import Cell, fold, ordered
from ringspec.results.store import Run

_WORSE = ("regression", "new failure")


@dataclass(frozen=True)
class Column:
    """One kernel of one run.  `title` is the shortest name that tells it apart here."""

    title: str
    spec: str
    kernel: str
    version: str


@dataclass(frozen=True)
class Move:
    """A change from the last kernel on which the cell was judged to column number `at`."""

    at: int
    change: Change


@dataclass(frozen=True)
class Track:
    """One case in one setup over all columns; None where a column does not have it."""

    cells: tuple[Cell | None, ...]
    moves: tuple[Move, ...]

    @property
    def of_setup(self) -> bool:
        """Whether all that moved is the ring's setup, which came or went."""
        return all(move.change.of_setup for move in self.moves)

    @property
    def cell(self) -> Cell:
        """A cell to name it by."""
        return next(cell for cell in self.cells if cell is not None)


@dataclass(frozen=True)
class Moves:
    """All tracks; those without a move count, but are not told."""

    columns: tuple[Column, ...]
    tracks: tuple[Track, ...]

    @property
    def moved(self) -> tuple[Track, ...]:
        return tuple(track for track in self.tracks if track.moves)

    @property
    def regressed(self) -> bool:
        """Whether anything is worse at any column than before it."""
        return any(move.change.kind in _WORSE for track in self.tracks for move in track.moves)

    @property
    def exit_code(self) -> int:
        """0 nothing regressed anywhere, 1 something did, 3 some cell was never judged."""
        if self.regressed:
            return 1
        cells = (cell for track in self.tracks for cell in track.cells)
        return 3 if any(cell is not None and cell.environment for cell in cells) else 0

    def counts(self, at: int) -> Counter[str]:
        """How many cells moved at this column, by class."""
        moves = (move for track in self.tracks for move in track.moves if move.at == at)
        return Counter(move.change.kind for move in moves)


def moves(runs: Sequence[Run]) -> Moves:
    """Runs in the order they are given in, the kernels of each by version."""
    columns: list[tuple[Run, tuple[Cell, ...], str]] = []
    for run in runs:
        cells = fold(run.results)
        first = {cell.spec: cell for cell in reversed(cells)}
        specs = sorted(specs_of(cells), key=lambda spec: parse_release(first[spec].worst.version))
        cells = ordered(cells, specs, run.info["cases"])
        columns += [(run, cells, spec) for spec in specs]
    rows: dict[tuple[str, str], list[Cell | None]] = {}
    for number, (_, cells, spec) in enumerate(columns):
        for cell in cells:
            if cell.spec == spec:
                row = rows.setdefault((cell.case, cell.setup), [None] * len(columns))
                row[number] = cell
    tracks = tuple(Track(tuple(row), tuple(_moves(row))) for row in rows.values())
    return Moves(_titled(columns), tracks)


def _moves(row: Iterable[Cell | None]) -> Iterable[Move]:
    before: Cell | None = None
    for at, cell in enumerate(row):
        if cell is None or cell.environment:
            continue
        if before is not None:
            kind = classify(before, cell)
            if kind != "same" and (kind != "still failing" or not alike(before, cell)):
                yield Move(at, Change(kind, before, cell))
        before = cell


def _titled(columns: Sequence[tuple[Run, tuple[Cell, ...], str]]) -> tuple[Column, ...]:
    worst = [next(c.worst for c in cells if c.spec == spec) for _, cells, spec in columns]
    forms = (
        [result.version for result in worst],
        [spec for _, _, spec in columns],
        [f"{run.path}:{spec}" for run, _, spec in columns],
    )
    titles = next((names for names in forms if len(set(names)) == len(names)), None)
    if titles is None:
        titles = [f"{number}:{name}" for number, name in enumerate(forms[-1], 1)]
    return tuple(
        Column(title, result.spec, result.kernel, result.version)
        for title, result in zip(titles, worst, strict=True)
    )

"""Where a promise holds: what became of one clause on each kernel, and between which it changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ringspec.model import SETUPS
from ringspec.report.matrix import Column, Matrix, Row, version_key
from ringspec.report.text import span
from ringspec.results.cells import Cell

# What a clause is on a kernel or in a setup of it.  `mixed`: not the same in all setups.
STATUSES = {
    "kept": "the promise is kept",
    "observed": "nobody promised it; a known outcome",
    "broken": "the promise is not kept",
    "mixed": "kept in some setups, broken in others",
    "absent": "not offered, and refused as documented",
    "unknown": "never judged",
}


@dataclass(frozen=True)
class Support:
    """One clause on one kernel.  `setups`: the status in each ring setup that was run."""

    column: Column
    status: str
    setups: dict[str, str]
    known_issues: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Turn:
    """Between `before` and `after`, neighbours among the kernels of the run, the status changed."""

    kind: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """ "broke between 6.1.192 and 6.12.117"."""
        return f"{self.kind} between {self.before} and {self.after}"


@dataclass(frozen=True)
class Story:
    """One clause over all kernels."""

    row: Row
    supports: tuple[Support, ...]
    turns: tuple[Turn, ...]

    def where(self, *statuses: str) -> str:
        """The kernels of these statuses in words: "6.1.192, 6.16.12 to 7.3.4"."""
        titles = [support.column.title for support in self.supports]
        return span([s.column.title for s in self.supports if s.status in statuses], titles)

    @property
    def summary(self) -> tuple[str, ...]:
        """Where it is kept, broken and absent, and when that changed; one sentence each."""
        told = [
            ("Kept", self.where("kept")),
            ("A known outcome", self.where("observed")),
            ("Broken", self.where("broken")),
            ("Broken in some setups", self.where("mixed")),
            ("Not offered", self.where("absent")),
            ("Never judged", self.where("unknown")),
        ]
        lines = [f"{words} on {kernels}." for words, kernels in told if kernels]
        return (*lines, *(f"It {turn.words}." for turn in self.turns))


def stories(matrix: Matrix) -> tuple[Story, ...]:
    """Every clause of the run, in the order of the matrix."""
    return tuple(story(row, matrix.columns) for row in matrix.rows)


def story(row: Row, columns: Sequence[Column]) -> Story:
    """One clause."""
    supports = tuple(
        _support(column, square.cells, square.red)
        for column, square in zip(columns, row.squares, strict=True)
        if square is not None
    )
    return Story(row, supports, _turns(supports))


def _support(column: Column, cells: tuple[Cell, ...], red: bool) -> Support:
    if not cells:  # an invariant that nothing broke
        return Support(column, "kept", {}, (), ())
    setups = {
        setup: _worst(cell for cell in cells if cell.setup == setup)
        for setup in SETUPS
        if any(cell.setup == setup for cell in cells)
    }
    if red and "broken" not in setups.values() and "unknown" not in setups.values():
        setups = dict.fromkeys(setups, "broken")  # an invariant, broken in a case that is ok
    issues = {cell.known_issue for cell in cells if not cell.ok and cell.known_issue}
    return Support(column, _folded(setups.values()), setups, tuple(sorted(issues)), cells)


def _worst(cells: Iterable[Cell]) -> str:
    there = {_status(cell) for cell in cells}
    return next(
        status for status in ("broken", "unknown", "kept", "observed", "absent") if status in there
    )


def _status(cell: Cell) -> str:
    if not cell.ok:
        return "unknown" if cell.environment else "broken"
    return {"absent": "absent", "observed": "observed"}.get(cell.verdict, "kept")


def _folded(setups: Iterable[str]) -> str:
    """A setup that the kernel does not have says nothing about the clause."""
    there = set(setups)
    if len(there) > 1:
        there.discard("absent")
    if there == {"kept", "observed"}:  # promised in some setups only, and kept there
        return "kept"
    if "broken" in there:
        return "broken" if len(there) == 1 else "mixed"
    return "unknown" if "unknown" in there else there.pop()


_WELL = ("kept", "observed")
_BADLY = ("broken", "mixed")


def _turns(supports: Sequence[Support]) -> tuple[Turn, ...]:
    """Changes between neighbours; kernels that were never judged are passed over."""
    judged = [support for support in supports if support.status != "unknown"]
    judged.sort(key=lambda support: version_key(support.column.version))
    turns = []
    for before, after in zip(judged, judged[1:], strict=False):
        kind = _kind(before.status, after.status)
        if kind:
            turns.append(Turn(kind, before.column.title, after.column.title))
    return tuple(turns)


def _kind(before: str, after: str) -> str:
    if before == after:
        return ""
    if before == "absent":
        return "came" if after in _WELL else "came broken"
    if after == "absent":
        return "went"
    if before in _WELL:
        return "" if after in _WELL else "broke"
    if after in _WELL:
        return "was fixed"
    return "spread to all setups" if after == "broken" else "was fixed in some setups"

"""Compares two runs cell by cell: what an upgrade from A to B changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ringspec.compare.pairing import pair, specs_of
from ringspec.judge.rules import KINDS
from ringspec.results.cells import Cell, fold, ordered
from ringspec.results.store import Run, library_cases

# Every cell that is in A or in B belongs to exactly one of these; `same` is not told.
CLASSES = {
    "regression": "was kept, is not any more",
    "new failure": "was not there, and came broken",
    "never judged": "was judged, and now is not (environment)",
    "still failing": "red before and after",
    "fixed": "was red, is not any more",
    "appeared": "was absent, and is there now",
    "disappeared": "was there, and is absent now",
    "outcome changed": "not red before nor after, but another outcome",
    "added": "a cell only the second run has",
    "removed": "a cell only the first run has",
    "same": "nothing changed",
}


@dataclass(frozen=True)
class Change:
    """One cell before and after; None where a run does not have it."""

    kind: str
    before: Cell | None
    after: Cell | None

    @property
    def of_setup(self) -> bool:
        """Whether it is the ring's setup that came or went, rather than the case's own matter."""
        return self.kind in ("appeared", "disappeared") and any(
            cell is not None and cell.verdict == "absent" and refused(cell)
            for cell in (self.before, self.after)
        )

    @property
    def cell(self) -> Cell:
        """The cell to name it by: the later one, if there is one."""
        cell = self.after or self.before
        assert cell is not None
        return cell


@dataclass(frozen=True)
class Diff:
    """All changes between two runs, in the order of CLASSES; `compared` counts all cells."""

    pairs: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]
    compared: int

    @property
    def regressed(self) -> bool:
        """Whether B is worse than A anywhere: a regression, or something new that is red."""
        return any(
            change.kind in ("regression", "new failure")
            or (change.kind == "added" and change.after is not None and _broken(change.after))
            for change in self.changes
        )

    @property
    def exit_code(self) -> int:
        """0 nothing regressed, 1 something did, 3 only the environment failed."""
        if self.regressed:
            return 1
        return 3 if any(change.kind == "never judged" for change in self.changes) else 0


def compare(before: Run, after: Run, pairs: Mapping[str, str] | None = None) -> Diff:
    """Pairs kernels (raises PairError), then cells by setup and case.

    Cases about the library run on one kernel of a run: where only one of two kernels has them, that
    says nothing about either, and they are left out.
    """
    old_cells, new_cells = _cells(before), _cells(after)
    paired = pair(specs_of(old_cells), specs_of(new_cells), dict(pairs or {}))
    new_name = dict(paired)
    old = {(new_name[c.spec], c.setup, c.case): c for c in old_cells if c.spec in new_name}
    kept = set(new_name.values())
    new = {(c.spec, c.setup, c.case): c for c in new_cells if c.spec in kept}
    library = library_cases(before) | library_cases(after)
    both = {key[0] for key in old if key[2] in library} & {
        key[0] for key in new if key[2] in library
    }
    keys = [*new, *(key for key in old if key not in new)]
    keys = [key for key in keys if key[2] not in library or key[0] in both]
    changes = [_change(old.get(key), new.get(key)) for key in keys]
    order = list(CLASSES)
    told = sorted(
        (change for change in changes if change.kind != "same"),
        key=lambda change: order.index(change.kind),
    )
    return Diff(paired, tuple(told), len(changes))


def _cells(run: Run) -> tuple[Cell, ...]:
    cells = fold(run.results)
    return ordered(cells, specs_of(cells), run.info["cases"])


def _change(before: Cell | None, after: Cell | None) -> Change:
    return Change(classify(before, after), before, after)


def classify(before: Cell | None, after: Cell | None) -> str:
    """The class of one cell."""
    if after is None or before is None:
        return "removed" if after is None else "added"
    if after.environment:
        return "same" if before.environment else "never judged"
    if before.environment:
        return "added"
    broken, was_broken = _broken(after), _broken(before)
    if broken - was_broken:
        return "new failure" if before.verdict == "absent" else "regression"
    if broken:
        return "still failing"
    if was_broken:
        return "fixed"
    if (before.verdict == "absent") != (after.verdict == "absent"):
        return "appeared" if before.verdict == "absent" else "disappeared"
    if not alike(before, after):
        return "outcome changed"
    return "same"


def alike(before: Cell, after: Cell) -> bool:
    """Whether the same came, and broke the same invariants."""
    return (before.outcomes, before.violations) == (after.outcomes, after.violations)


def refused(cell: Cell) -> bool:
    """Whether the kernel refused the ring: the outcome is an errno alone."""
    return cell.worst.outcome.startswith("-") and "=" not in cell.worst.outcome


def _broken(cell: Cell) -> set[str]:
    """The invariants that are broken, and "" for the case's own promise."""
    kind = KINDS[cell.verdict]
    if kind.environment:
        return set()
    return {*cell.violations, *(() if kind.ok else ("",))}

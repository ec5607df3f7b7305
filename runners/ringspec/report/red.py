"""What is red and unexplained, told once for all kernels and setups that it is the same on."""

from __future__ import annotations

from dataclasses import dataclass

from ringspec.judge.rules import KINDS
from ringspec.report.matrix import INVARIANTS, Matrix
from ringspec.results.cells import Cell


@dataclass(frozen=True)
class Red:
    """One thing that went wrong, and everywhere it did.  `verdict` may be "violation"."""

    clause: str
    case: str
    verdict: str
    outcome: str
    message: str
    cells: tuple[Cell, ...]

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        return tuple((cell.spec, cell.setup) for cell in self.cells)

    @property
    def environment(self) -> bool:
        return self.verdict in KINDS and KINDS[self.verdict].environment


def unexplained(matrix: Matrix) -> tuple[Red, ...]:
    """Broken promises first, then broken invariants, then what was never judged."""
    groups: dict[tuple[str, str, str, str], list[Cell]] = {}
    for row in matrix.rows:
        for square in row.squares:
            for cell in square.cells if square and square.red and not square.allowed else ():
                if row.clause.family == INVARIANTS:
                    key = (row.clause.id, cell.case, "violation", cell.worst.outcome)
                    groups.setdefault(key, []).append(cell)
                elif not cell.ok and cell.known_issue is None:
                    key = (row.clause.id, cell.case, cell.verdict, cell.worst.outcome)
                    groups.setdefault(key, []).append(cell)
    found = [
        Red(clause, case, verdict, outcome, _message(cells[0], verdict), tuple(cells))
        for (clause, case, verdict, outcome), cells in groups.items()
    ]
    return tuple(sorted(found, key=lambda red: (red.environment, red.verdict == "violation")))


def _message(cell: Cell, verdict: str) -> str:
    if cell.worst.message or verdict != "violation":
        return cell.worst.message
    return f"The case is {cell.verdict}, but it broke an invariant.\ncame: {cell.worst.outcome}"

"""The matrix that every rendering shows: clause x kernel, setups and cases folded into squares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ringspec.judge.rules import KINDS, SEVERITY
from ringspec.judge.versions import Version, VersionError, parse_release
from ringspec.model import Clause
from ringspec.promises.clauses import FAMILIES, invariants
from ringspec.results.cells import Cell, fold, ordered
from ringspec.results.store import Run, slug

INVARIANTS = "invariants"


@dataclass(frozen=True)
class Column:
    """One kernel.  `title` is the shortest name that tells it apart in this run."""

    spec: str
    kernel: str
    version: str
    release: str
    title: str


@dataclass(frozen=True)
class Square:
    """One clause on one kernel.  `allowed`: all that is red in it is a known issue."""

    cells: tuple[Cell, ...]
    verdict: str
    allowed: bool

    @property
    def red(self) -> bool:
        return not KINDS[self.verdict].ok

    @property
    def symbol(self) -> str:
        """The letter of the verdict; lower case where a known issue explains it."""
        symbol = KINDS[self.verdict].symbol
        return symbol.lower() if self.red and self.allowed else symbol


@dataclass(frozen=True)
class Row:
    """One clause over all kernels; None where nothing of it was run."""

    clause: Clause
    squares: tuple[Square | None, ...]

    @property
    def red(self) -> bool:
        return any(square is not None and square.red for square in self.squares)

    @property
    def uniform(self) -> bool:
        """Whether every kernel shows the same."""
        return len({square.symbol if square else "" for square in self.squares}) == 1


@dataclass(frozen=True)
class Family:
    """The clauses of one directory of cases."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Matrix:
    """A run, folded for the eye."""

    columns: tuple[Column, ...]
    families: tuple[Family, ...]
    cells: tuple[Cell, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for family in self.families for row in family.rows)

    def counts(self, spec: str = "") -> Counter[str]:
        """How many cells came to each verdict, on one kernel or on all."""
        return Counter(cell.verdict for cell in self.cells if not spec or cell.spec == spec)


def build(run: Run) -> Matrix:
    """Folds a run."""
    cells = fold(run.results)
    columns = _columns(cells)
    cells = ordered(cells, (column.spec for column in columns), run.info["cases"])
    by_square: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        by_square.setdefault((cell.clause, cell.spec), []).append(cell)
    families: dict[str, list[Row]] = {}
    for clause in _clauses(run, cells):
        squares = [_square(by_square.get((clause.id, column.spec), [])) for column in columns]
        families.setdefault(clause.family, []).append(Row(clause, tuple(squares)))
    families.setdefault(INVARIANTS, []).extend(_invariant_rows(run, cells, columns))
    order = {name: rank for rank, name in enumerate(FAMILIES)}
    named = [Family(name, tuple(rows)) for name, rows in families.items() if rows]
    named.sort(key=lambda family: order.get(family.name, len(order)))
    return Matrix(columns, tuple(named), cells)


def version_key(version: str) -> Version:
    """What kernels are sorted by; what has no version comes first."""
    try:
        return parse_release(version)
    except VersionError:
        return Version(0, 0)


def _columns(cells: Iterable[Cell]) -> tuple[Column, ...]:
    first = {cell.spec: cell.worst for cell in reversed(list(cells))}
    kernels = sorted(first.values(), key=lambda result: (version_key(result.version), result.spec))
    titles = [kernel.version for kernel in kernels]
    return tuple(
        Column(
            kernel.spec,
            kernel.kernel,
            kernel.version,
            kernel.release,
            kernel.version if titles.count(kernel.version) == 1 else kernel.spec,
        )
        for kernel in kernels
    )


def _clauses(run: Run, cells: Iterable[Cell]) -> list[Clause]:
    """The clauses that were run, in the order of the files."""
    ran = dict.fromkeys(cell.clause for cell in cells)
    known = [clause for name, clause in run.clauses.items() if name in ran]
    unknown = [
        Clause(id=name, family="unknown", says="(not in run.json)", source="", level="must")
        for name in ran
        if name not in run.clauses
    ]
    return known + unknown


def _square(cells: Sequence[Cell]) -> Square | None:
    if not cells:
        return None
    red = [cell for cell in cells if not cell.ok]
    if not red:
        worst = min(cells, key=lambda cell: SEVERITY[cell.verdict])
        return Square(tuple(cells), worst.verdict, False)
    new = [cell for cell in red if cell.known_issue is None]
    worst = min(new or red, key=lambda cell: SEVERITY[cell.verdict])
    return Square(tuple(cells), worst.verdict, not new)


def _invariant_rows(run: Run, cells: Sequence[Cell], columns: Sequence[Column]) -> list[Row]:
    """One row for each invariant: red where any case broke it."""
    names: Mapping[str, str] = invariants(run.clauses)
    broken: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        for name in cell.violations:
            broken.setdefault((names.get(name) or slug(name), cell.spec), []).append(cell)
    clauses = [run.clauses[clause] for clause in names.values()]
    clauses += [
        Clause(id=name, family=INVARIANTS, says="(no clause)", source="", level="must")
        for name in sorted({name for name, _ in broken if name not in run.clauses})
    ]
    rows = []
    for clause in clauses:
        squares = []
        for column in columns:
            there = tuple(broken.get((clause.id, column.spec), ()))
            allowed = all(cell.worst.known_issue is not None for cell in there)
            squares.append(Square(there, "fail" if there else "pass", allowed))
        rows.append(Row(clause, tuple(squares)))
    return rows

"""The ledger: every behaviour ever catalogued keeps its ID and has one kind, for ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import tomllib

from ringspec.errors import Problem
from ringspec.model import Case, Clause
from ringspec.promises.clauses import ID

KINDS = ("clause", "alias-of", "invariant", "suite-rule", "unobservable")


class LedgerError(Problem):
    """A ledger that cannot be read."""


@dataclass(frozen=True)
class Row:
    """One catalogued behaviour.  `detail`: what it is an alias of, or the machine it needs."""

    id: str
    kind: str
    detail: str = ""


def load_ledger(file: Path) -> dict[str, Row]:
    """The rows by ID."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LedgerError(f"{file}: not TOML: {error}") from error
    if set(tables) != {"rows"}:
        raise LedgerError(f"{file}: expected the one table [rows], found {sorted(tables)}")
    return {name: _row(name, kind, f"{file}: {name}") for name, kind in tables["rows"].items()}


def problems(
    clauses: Mapping[str, Clause], cases: Iterable[Case], ledger: Mapping[str, Row]
) -> list[str]:
    """Where clauses, cases and ledger disagree; one sentence each."""
    found: list[str] = []
    with_case: set[str] = set()
    for case in cases:
        with_case.add(case.clause)
        if case.clause not in clauses:
            found.append(f"{case.file}:{case.line}: {case.name} names {case.clause}, no clause")
        elif clauses[case.clause].invariant:
            found.append(f"{case.file}:{case.line}: {case.name} names the invariant {case.clause}")
    for clause in clauses.values():
        if clause.id not in with_case and not clause.invariant:
            found.append(f"{clause.id}: no case observes this clause")
        row = ledger.get(clause.id)
        wanted = "invariant" if clause.invariant else "clause"
        if row is None:
            found.append(f"{clause.id}: not in the ledger; add {clause.id} = {wanted!r}")
        elif row.kind != wanted:
            found.append(f"{clause.id}: the ledger says {row.kind}, but it is a clause ({wanted})")
    for row in ledger.values():
        if row.kind == "alias-of" and getattr(ledger.get(row.detail), "kind", "") not in (
            "clause",
            "invariant",
        ):
            found.append(f"{row.id}: alias of {row.detail}, which is no clause in the ledger")
    return found


def unwritten(clauses: Mapping[str, Clause], ledger: Mapping[str, Row]) -> list[str]:
    """Rows that are to become clauses and are not yet."""
    return [row.id for row in ledger.values() if row.kind == "clause" and row.id not in clauses]


def _row(name: str, kind: object, where: str) -> Row:
    if not ID.match(name):
        raise LedgerError(f"{where}: bad ID; expected words like CANCEL-ALL-01")
    if not isinstance(kind, str):
        raise LedgerError(f"{where} = {kind!r}; expected a string")
    if kind in ("clause", "invariant", "suite-rule"):
        return Row(name, kind)
    if kind.startswith("alias-of "):
        return Row(name, "alias-of", kind.removeprefix("alias-of ").strip())
    if kind.startswith("unobservable: ") and kind.removeprefix("unobservable: ").strip():
        return Row(name, "unobservable", kind.removeprefix("unobservable: ").strip())
    raise LedgerError(
        f'{where} = {kind!r}; expected "clause", "alias-of ID", "invariant", "suite-rule" or '
        '"unobservable: what machine it would need"'
    )

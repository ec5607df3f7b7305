"""`ringspec list`: clauses, cases, setups and the ledger; clauses without a case."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ringspec.model import SETUPS, Case, Clause
from ringspec.promises.clauses import load_clauses
from ringspec.promises.ledger import Row, load_ledger, problems
from ringspec.promises.manifest import load_manifest
from ringspec.run.options import ROOT, RunOptions

_LEDGER = ROOT / "cases" / "ledger.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """[--json]."""
    parser.add_argument("--json", action="store_true", help="for programs")


def command(arguments: argparse.Namespace) -> int:
    """Prints the suite."""
    suite = load_suite()
    print(as_json(suite) if arguments.json else as_text(suite))
    return 0


@dataclass(frozen=True)
class Suite:
    """Everything that the suite holds."""

    clauses: Mapping[str, Clause]
    cases: tuple[Case, ...]
    ledger: Mapping[str, Row]

    def cases_of(self, clause: str) -> list[str]:
        """The names of the cases that observe this clause."""
        return [case.name for case in self.cases if case.clause == clause]


def load_suite() -> Suite:
    """The suite as it is built."""
    return Suite(
        clauses=load_clauses(ROOT / "cases"),
        cases=load_manifest(RunOptions.build / "cases.json"),
        ledger=load_ledger(_LEDGER) if _LEDGER.is_file() else {},
    )


def as_json(suite: Suite) -> str:
    """The suite for programs."""
    return json.dumps(
        {
            "clauses": [_clause(suite, clause) for clause in suite.clauses.values()],
            "cases": [asdict(case) for case in suite.cases],
            "setups": list(SETUPS),
            "ledger": {row.id: _kind(row) for row in suite.ledger.values()},
        },
        indent=1,
    )


def as_text(suite: Suite) -> str:
    """The suite for people: clauses by family with their cases, then what is not in order."""
    lines: list[str] = []
    family = ""
    for clause in sorted(suite.clauses.values(), key=lambda clause: clause.family):
        if clause.family != family:
            family = clause.family
            lines += ["", family]
        names = suite.cases_of(clause.id)
        lines.append(f"  {clause.id}  ({_standing(clause)})  {clause.says}")
        lines += [f"      {name}" for name in names]
    lines += [
        "",
        f"{len(suite.clauses)} clauses, {len(suite.cases)} cases, setups: {', '.join(SETUPS)}",
        f"ledger: {_counts(row.kind for row in suite.ledger.values())}",
    ]
    bare = [
        clause.id
        for clause in suite.clauses.values()
        if not clause.invariant and not suite.cases_of(clause.id)
    ]
    lines.append(f"clauses without a case: {', '.join(bare) or 'none'}")
    wrong = problems(suite.clauses, suite.cases, suite.ledger) if suite.ledger else []
    told = tuple(f"{clause}: no case" for clause in bare)
    lines += [f"problem: {problem}" for problem in wrong if not problem.startswith(told)]
    return "\n".join(lines).lstrip("\n")


def _clause(suite: Suite, clause: Clause) -> dict[str, Any]:
    entry = {key: value for key, value in asdict(clause).items() if value}
    return {"since": "", "older": [], **entry, "cases": suite.cases_of(clause.id)}


def _kind(row: Row) -> str:
    return f"{row.kind} {row.detail}".strip() if row.kind == "alias-of" else row.kind


def _standing(clause: Clause) -> str:
    if clause.invariant:
        return f"{clause.level}, in every case"
    return ", ".join(
        [
            clause.level,
            *([f"since {clause.since}"] if clause.since else []),
            *([f"until {clause.until}"] if clause.until else []),
        ]
    )


def _counts(kinds: Iterable[str]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in Counter(kinds).most_common()) or "none"

"""Known issues: what a kernel or a page is known to do wrong, where exactly, and who says so.

They never change a verdict.  A red result that an entry describes gets its ID; the gate then lets
it pass, and complains about an entry that no longer describes what happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import tomllib

from ringspec.cache.toml import load_toml
from ringspec.errors import Problem
from ringspec.judge.outcomes import OutcomeError, check_pattern, matches_any
from ringspec.judge.rules import KINDS
from ringspec.judge.versions import Interval, VersionError, parse_interval, parse_release
from ringspec.model import SETUPS, Clause, Result

ISSUE_KINDS = ("kernel-bug", "doc-conflict", "backport-defect")
ISSUE_VERDICTS = ("fail", "differs", "missing", "hang", "splat", "crash")
VIOLATION = "violation"
# How a text begins that nobody has written yet.
PLACEHOLDER = "FILL IN"
PLAIN = ("fail", "differs", "missing", VIOLATION)
_TEXTS = ("clause", "verdict", "kind", "reason", "source")
_LISTS = ("setups", "versions", "cases", "outcome")
_FIELDS = (*_TEXTS, *_LISTS, "intermittent")


class KnownIssueError(Problem):
    """Known-issue files that cannot be used; one line for each problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class KnownIssue:
    """One entry.

    `outcome` are patterns of which one must match; `verdict` must be named for hang, splat and
    crash.  `intermittent`: shows in some executions only (a race), so a pass is no surprise.
    """

    id: str
    clause: str
    versions: tuple[Interval, ...]
    outcome: tuple[str, ...]
    kind: str
    reason: str
    source: str
    setups: tuple[str, ...] = SETUPS
    cases: tuple[str, ...] = ("*",)
    verdict: str = ""
    intermittent: bool = False

    def covers(self, version: str, setup: str, case: str) -> bool:
        """Whether the entry speaks of this case in this setup of a kernel of this version."""
        release = parse_release(version)
        return (
            setup in self.setups
            and any(release in interval for interval in self.versions)
            and any(fnmatchcase(case, pattern) for pattern in self.cases)
        )

    def explains(self, finding: Finding) -> bool:
        """Whether this is what the entry says happens."""
        result = finding.result
        return (
            finding.clause == self.clause
            and (finding.verdict == self.verdict if self.verdict else finding.verdict in PLAIN)
            and self.covers(result.version, result.setup, result.case)
            and matches_any(result.outcome, self.outcome)
        )


@dataclass(frozen=True)
class Finding:
    """Something red in one execution: its own verdict, or an invariant it broke."""

    result: Result
    clause: str
    verdict: str


def findings(result: Result, invariants: Mapping[str, str]) -> tuple[Finding, ...]:
    """What is red in this execution.  An invariant without a clause goes by its own name."""
    broken = tuple(
        Finding(result, invariants.get(name, name), VIOLATION)
        for name in dict.fromkeys(result.violations)
    )
    if KINDS[result.verdict].ok:
        return broken
    return (Finding(result, result.clause, result.verdict), *broken)


class KnownIssues:
    """All entries, quick to ask."""

    def __init__(self, entries: Iterable[KnownIssue] = ()) -> None:
        self.entries = {entry.id: entry for entry in entries}
        self._by_clause: dict[str, list[KnownIssue]] = {}
        for entry in self.entries.values():
            self._by_clause.setdefault(entry.clause, []).append(entry)

    def of(self, clause: str) -> tuple[KnownIssue, ...]:
        """The entries about this clause."""
        return tuple(self._by_clause.get(clause, ()))

    def explaining(self, finding: Finding) -> KnownIssue | None:
        """The entry that says that this happens."""
        entries = self._by_clause.get(finding.clause, ())
        return next((entry for entry in entries if entry.explains(finding)), None)

    def to_json(self) -> dict[str, dict[str, Any]]:
        """The entries as run.json keeps them."""
        return {entry.id: _to_json(entry) for entry in self.entries.values()}

    def annotate(self, result: Result, invariants: Mapping[str, str]) -> Result:
        """The result with `known_issue` set, if everything red in it is known; else with none."""
        entries = [self.explaining(finding) for finding in findings(result, invariants)]
        known = entries[0].id if entries and entries[0] and None not in entries else None
        return result if result.known_issue == known else replace(result, known_issue=known)


def load_known_issues(directory: Path, clauses: Mapping[str, Clause]) -> KnownIssues:
    """All entries of directory/*.toml; an absent directory has none."""
    problems: list[str] = []
    entries: dict[str, KnownIssue] = {}
    for file in sorted(directory.glob("*.toml")):
        try:
            tables = load_toml(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{file}: not TOML: {error}")
            continue
        for name, table in tables.items():
            found = _problems_of(table, clauses)
            if name in entries:
                found.append("is in two files; IDs are unique")
            problems.extend(f"{file}: [{name}] {problem}" for problem in found)
            if not found:
                entries[name] = _entry(name, table)
    if problems:
        raise KnownIssueError(problems)
    return KnownIssues(entries.values())


def _to_json(entry: KnownIssue) -> dict[str, Any]:
    return {
        "clause": entry.clause,
        "kind": entry.kind,
        "reason": entry.reason,
        "source": entry.source,
        "versions": [interval.text for interval in entry.versions],
        "setups": list(entry.setups),
        "outcome": list(entry.outcome),
    }


def _entry(name: str, table: Mapping[str, Any]) -> KnownIssue:
    values = {key: tuple(table[key]) if key in _LISTS else table[key] for key in table}
    outcome = table["outcome"]
    values["outcome"] = (outcome,) if isinstance(outcome, str) else tuple(outcome)
    values["versions"] = tuple(parse_interval(text) for text in table["versions"])
    return KnownIssue(id=name, **values)


def _problems_of(table: Any, clauses: Mapping[str, Clause]) -> list[str]:
    if not isinstance(table, dict):
        return [f"is no table; expected [id] with {', '.join(_FIELDS)}"]
    found = [
        f"unknown field {key!r}; known are {', '.join(_FIELDS)}"
        for key in table
        if key not in _FIELDS
    ]
    needed = ("clause", "versions", "outcome", "kind", "reason", "source")
    found += [f"missing field {key!r}" for key in needed if not table.get(key)]
    for key in _TEXTS:
        if not isinstance(table.get(key, ""), str):
            found.append(f"{key} = {table[key]!r}; expected a string")
        elif table.get(key, "").startswith(PLACEHOLDER):
            found.append(f"{key} is still to be written: fill it in, or remove the entry")
    for key in _LISTS:
        value = table.get(key, [])
        one_text = key == "outcome" and isinstance(value, str)
        if not one_text and not (
            isinstance(value, list) and all(isinstance(v, str) for v in value)
        ):
            found.append(f"{key} = {value!r}; expected a list of strings")
        elif key in table and not value:
            found.append(f"{key} is empty; leave it out or name something")
    if not isinstance(table.get("intermittent", False), bool):
        found.append("intermittent: expected true or false")
    return found or _problems_of_values(table, clauses)


def _problems_of_values(table: Mapping[str, Any], clauses: Mapping[str, Clause]) -> list[str]:
    found: list[str] = []
    if table["kind"] not in ISSUE_KINDS:
        found.append(f"kind = {table['kind']!r}; expected one of {', '.join(ISSUE_KINDS)}")
    if table.get("verdict", "fail") not in ISSUE_VERDICTS:
        found.append(f"verdict = {table['verdict']!r}; expected one of {', '.join(ISSUE_VERDICTS)}")
    clause = clauses.get(table["clause"])
    if clause is None:
        found.append(f"clause = {table['clause']!r}: there is no such clause")
    elif clause.invariant and not table.get("cases"):
        found.append("an entry about an invariant needs `cases`: where it is broken")
    for setup in table.get("setups", ()):
        if setup not in SETUPS:
            found.append(f"unknown setup {setup!r}; expected {', '.join(SETUPS)}")
    outcome = table["outcome"]
    try:
        for text in table["versions"]:
            parse_interval(text)
        for pattern in (outcome,) if isinstance(outcome, str) else outcome:
            check_pattern(pattern)
    except (VersionError, OutcomeError) as error:
        found.append(str(error))
    return found

"""`ringspec gate RUN --update`: which known-issue entries a run would need, no wider than measured.

An entry that describes what came, but not of this release, gets the release.  For the rest there
are new entries, each of which covers exactly the versions, setups and cases that were red in that
way.  What a run did not measure is never covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from ringspec.gate.check import check
from ringspec.judge.known_issues import (
    ISSUE_VERDICTS,
    PLAIN,
    VIOLATION,
    Finding,
    KnownIssue,
    KnownIssues,
    findings,
)
from ringspec.judge.outcomes import OutcomeError, check_pattern, matches
from ringspec.judge.rules import KINDS
from ringspec.judge.versions import parse_interval, parse_release
from ringspec.model import SETUPS, Result
from ringspec.promises.clauses import invariants
from ringspec.results.cells import Cell, fold
from ringspec.results.store import Run, library_cases


@dataclass(frozen=True)
class Extension:
    """A release that an entry is to name besides."""

    entry: str
    version: str


@dataclass(frozen=True)
class NewEntry:
    """An entry without the words of a person; `example` is one execution that it is about."""

    id: str
    clause: str
    cases: tuple[str, ...]
    setups: tuple[str, ...]
    versions: tuple[str, ...]
    outcome: str
    verdict: str
    intermittent: bool
    example: Result


@dataclass(frozen=True)
class Plan:
    """Everything that `--update` does and says.  `by_hand`: only a person can do it."""

    extensions: tuple[Extension, ...]
    entries: tuple[NewEntry, ...]
    unused: tuple[str, ...]
    by_hand: tuple[str, ...]

    @property
    def empty(self) -> bool:
        return not (self.extensions or self.entries or self.unused or self.by_hand)


@dataclass(frozen=True)
class _Open:
    """A finding that nothing explains, in its cell."""

    cell: Cell
    finding: Finding

    @property
    def version(self) -> str:
        return exact(self.finding.result.version)


def plan(run: Run, issues: KnownIssues) -> Plan:
    """Compares a run with the known issues."""
    cells = [cell for cell in fold(run.results) if not cell.environment]
    names = invariants(run.clauses)
    opened = list(_opened(cells, issues, names))
    measured = _Measured(run, cells, names)
    extensions: dict[Extension, None] = {}
    left = []
    for one in opened:
        entry = next(
            (e for e in issues.of(one.finding.clause) if measured.may_extend(e, one.finding)), None
        )
        if entry is None:
            left.append(one)
        else:
            extensions[Extension(entry.id, one.version)] = None
    by_hand = list(_by_hand(cells, issues, names))
    entries = []
    for entry_ in _entries(left, issues):
        if (problem := _unwritable(entry_)) is None:
            entries.append(entry_)
        else:
            by_hand.append(problem)
    kinds = ("unused", "unexpected pass")
    unused = {p.subject: None for p in check(run, issues).problems if p.kind in kinds}
    return Plan(tuple(extensions), tuple(entries), tuple(unused), tuple(by_hand))


def exact(version: str) -> str:
    """The interval that holds this release and no other: always three parts."""
    release = parse_release(version)
    return f"{release.major}.{release.minor}.{release.patch}"


def _opened(
    cells: Iterable[Cell], issues: KnownIssues, names: Mapping[str, str]
) -> Iterator[_Open]:
    for cell in cells:
        for result in cell.results:
            if KINDS[result.verdict].environment:
                continue
            for finding in findings(result, names):
                if issues.explaining(finding) is None:
                    yield _Open(cell, finding)


def _by_hand(cells: Iterable[Cell], issues: KnownIssues, names: Mapping[str, str]) -> Iterator[str]:
    """Entries that are right about what came, but claim that it always comes."""
    told = set()
    for cell in cells:
        if cell.verdict != "unstable":
            continue
        for result in cell.results:
            for finding in findings(result, names):
                entry = issues.explaining(finding)
                if entry and not entry.intermittent and entry.id not in told:
                    told.add(entry.id)
                    yield f"{entry.id}: some repeats passed; it may want intermittent = true"


class _Measured:
    """What a run knows about the cells that an entry speaks of."""

    def __init__(self, run: Run, cells: Iterable[Cell], names: Mapping[str, str]) -> None:
        self._names = names
        self._invariants = set(names.values()) | set(names)
        self._clause_of = {result.case: result.clause for result in run.results}
        for case, told in run.info["cases"].items():
            self._clause_of.setdefault(case, told.get("clause", ""))
        self._cells: dict[tuple[str, str, str], list[Cell]] = {}
        for cell in cells:
            key = (exact(cell.worst.version), cell.case, cell.setup)
            self._cells.setdefault(key, []).append(cell)
        self._library = library_cases(run)

    def may_extend(self, entry: KnownIssue, finding: Finding) -> bool:
        """Whether the entry would explain the finding if it named its release, and whether it
        would then claim nothing that the run did not see."""
        version = exact(finding.result.version)
        wider = replace(entry, versions=(*entry.versions, parse_interval(version)))
        if not wider.explains(finding):
            return False
        return all(
            self._is_so(wider, version, case, setup)
            for case in self._cases(entry)
            for setup in self._setups(entry, version, case)
        )

    def _setups(self, entry: KnownIssue, version: str, case: str) -> Iterable[str]:
        """Those that the entry speaks of; of a case about the library, the one that it ran in."""
        if case not in self._library:
            return entry.setups
        ran = [setup for setup in entry.setups if (version, case, setup) in self._cells]
        return ran or entry.setups

    def _cases(self, entry: KnownIssue) -> list[str]:
        anywhere = entry.clause in self._invariants
        return [
            case
            for case, clause in self._clause_of.items()
            if (anywhere or clause == entry.clause)
            and any(fnmatchcase(case, pattern) for pattern in entry.cases)
        ]

    def _is_so(self, entry: KnownIssue, version: str, case: str, setup: str) -> bool:
        cells = self._cells.get((version, case, setup), [])
        ran = [cell for cell in cells if cell.verdict != "absent"]
        return bool(cells) and (
            entry.intermittent
            or all(
                any(entry.explains(finding) for finding in findings(result, self._names))
                for cell in ran
                for result in cell.results
            )
        )


def _entries(opened: Iterable[_Open], issues: KnownIssues) -> Iterator[NewEntry]:
    """Findings of one kind, as few entries as cover exactly them."""
    kinds: dict[tuple[str, str, str, bool], list[_Open]] = {}
    for one in opened:
        finding = one.finding
        verdict = "" if finding.verdict in PLAIN else finding.verdict
        outcome = finding.result.outcome or "*"
        kinds.setdefault((finding.clause, verdict, outcome, _at_times(one)), []).append(one)
    taken = set(issues.entries)
    for (clause, verdict, outcome, at_times), group in kinds.items():
        for cases, setups, versions in _rectangles(group):
            name = _free_name(clause.lower(), taken)
            yield NewEntry(
                name,
                clause,
                cases,
                setups,
                versions,
                outcome,
                verdict,
                at_times,
                next(
                    o.finding.result
                    for o in group
                    if o.cell.case == cases[0]
                    and o.cell.setup == setups[0]
                    and o.version == versions[0]
                ),
            )


def _at_times(one: _Open) -> bool:
    """Whether other repeats of the cell did not show it."""
    if one.finding.verdict == VIOLATION:
        broken = set(one.finding.result.violations)
        return not all(broken <= set(result.violations) for result in one.cell.results)
    return any(KINDS[result.verdict].ok for result in one.cell.results)


def _rectangles(
    group: Iterable[_Open],
) -> list[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
    """Cases x setups x versions, exactly those of the group."""
    setups: dict[tuple[str, str], set[str]] = {}
    for one in group:
        setups.setdefault((one.cell.case, one.version), set()).add(one.cell.setup)
    versions: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (case, version), names in setups.items():
        row = tuple(name for name in SETUPS if name in names)
        versions.setdefault((case, row), []).append(version)
    cases: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (case, row), found in versions.items():
        column = tuple(sorted(found, key=parse_release))
        cases.setdefault((row, column), []).append(case)
    return [(tuple(names), row, column) for (row, column), names in cases.items()]


def _free_name(stem: str, taken: set[str]) -> str:
    number = 1
    name = stem
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name)
    return name


def _unwritable(entry: NewEntry) -> str | None:
    """Why no entry can say this, if so."""
    where = f"{entry.clause} {entry.example.case} [{entry.example.setup}]"
    if entry.verdict and entry.verdict not in ISSUE_VERDICTS:
        return f"{where}: {entry.verdict} can be no known issue"
    try:
        check_pattern(entry.outcome)
    except OutcomeError as error:
        return f"{where}: {error}"
    if not matches(entry.example.outcome, entry.outcome):
        return f"{where}: no pattern means exactly {entry.example.outcome!r}"
    return None

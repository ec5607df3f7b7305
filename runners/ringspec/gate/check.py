"""The gate: which results of a run are not allowed by known issues or by a baseline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ringspec.compare.pairing import PairError, pair, specs_of
from ringspec.judge.known_issues import VIOLATION, KnownIssue, KnownIssues, findings
from ringspec.promises.clauses import invariants
from ringspec.results.cells import Cell, fold
from ringspec.results.store import Run

PASSED, NOT_ALLOWED, ENVIRONMENT, NOTHING_RAN = 0, 1, 3, 5
# What stands in the way of a green gate, in the order in which it is told.
PROBLEM_KINDS = {
    "red": "not allowed",
    "unstable": "repeats disagree",
    VIOLATION: "an invariant is broken",
    "unexpected pass": "a known issue says this fails, but it does not: narrow or remove the entry",
    "unused": "a known issue describes nothing that happened: correct or remove the entry",
    "environment": "never judged: the run is not complete",
}


@dataclass(frozen=True)
class Problem:
    """One cell, or one entry, that the gate does not let pass."""

    kind: str
    subject: str
    message: str = ""
    cell: Cell | None = None


@dataclass(frozen=True)
class Gate:
    """What the gate found.  `allowed` counts the red cells that it lets pass."""

    problems: tuple[Problem, ...]
    notices: tuple[str, ...]
    cells: int
    allowed: int

    @property
    def exit_code(self) -> int:
        """0 passed, 1 something is not allowed, 3 environment only, 5 nothing ran."""
        if not self.cells:
            return NOTHING_RAN
        kinds = {problem.kind for problem in self.problems}
        if kinds - {"environment"}:
            return NOT_ALLOWED
        return ENVIRONMENT if kinds else PASSED


def check(
    run: Run,
    issues: KnownIssues,
    baseline: Run | None = None,
    pairs: Mapping[str, str] | None = None,
) -> Gate:
    """Judges a run as a whole."""
    names = invariants(run.clauses)
    cells = fold(issues.annotate(result, names) for result in run.results)
    before, notices = _baseline_cells(cells, baseline, pairs)
    problems: list[Problem] = []
    allowed = 0
    for cell in cells:
        found = _problems_of(cell, issues, names, before.get(_key(cell)))
        problems.extend(found)
        allowed += not found and (not cell.ok or _violations(cell) != set())
    problems += _problems_of_entries(cells, issues, names)
    if not run.complete:
        notices.append("the run was interrupted: cells that never came are not gated")
    order = list(PROBLEM_KINDS)
    problems.sort(key=lambda problem: order.index(problem.kind))
    return Gate(tuple(problems), tuple(notices), len(cells), allowed)


def _problems_of(
    cell: Cell, issues: KnownIssues, names: Mapping[str, str], before: Cell | None
) -> list[Problem]:
    if cell.environment:
        return [Problem("environment", cell.clause, cell.worst.message, cell)]
    found = []
    if not cell.ok and not _is_allowed(cell, issues, names) and not _was_so(cell, before):
        kind = "unstable" if cell.verdict == "unstable" else "red"
        found.append(Problem(kind, cell.clause, cell.worst.message, cell))
    before_broken = _violations(before) if before else set()
    for name in sorted(_violations(cell) - before_broken):
        clause = names.get(name, name)
        for result in cell.results:
            broken = (finding for finding in findings(result, names) if finding.clause == clause)
            if any(f.verdict == VIOLATION and issues.explaining(f) is None for f in broken):
                message = f"came: {result.outcome}\n{result.message}".strip()
                found.append(Problem(VIOLATION, clause, message, cell))
                break
    return found


def _is_allowed(cell: Cell, issues: KnownIssues, names: Mapping[str, str]) -> bool:
    """Every red execution is known; if others were green, the entries must be intermittent."""
    for result in cell.results:
        own = (finding for finding in findings(result, names) if finding.verdict != VIOLATION)
        for finding in own:
            entry = issues.explaining(finding)
            if entry is None or (cell.verdict == "unstable" and not entry.intermittent):
                return False
    return True


def _was_so(cell: Cell, before: Cell | None) -> bool:
    """Whether the baseline was red in the same way."""
    return (
        before is not None
        and before.verdict == cell.verdict
        and set(cell.outcomes) <= set(before.outcomes)
    )


def _problems_of_entries(
    cells: Iterable[Cell], issues: KnownIssues, names: Mapping[str, str]
) -> list[Problem]:
    by_clause: dict[str, list[Cell]] = {}
    ran = [cell for cell in cells if not cell.environment and cell.verdict != "absent"]
    for cell in ran:
        by_clause.setdefault(cell.clause, []).append(cell)
    about_invariants = set(names.values()) | {name for cell in ran for name in _violations(cell)}
    problems = []
    for entry in issues.entries.values():
        pool = ran if entry.clause in about_invariants else by_clause.get(entry.clause, [])
        problems += _problems_of_entry(entry, pool, issues, names)
    return problems


def _problems_of_entry(
    entry: KnownIssue, pool: Iterable[Cell], issues: KnownIssues, names: Mapping[str, str]
) -> list[Problem]:
    if entry.intermittent:
        return []
    used = False
    seen = False
    surprises = []
    for cell in pool:
        if not entry.covers(cell.worst.version, cell.setup, cell.case):
            continue
        seen = True
        about = [
            finding
            for result in cell.results
            for finding in findings(result, names)
            if finding.clause == entry.clause
        ]
        if any(entry.explains(finding) for finding in about):
            used = True
        elif not about:
            surprises.append(
                Problem("unexpected pass", entry.id, f"came: {cell.worst.outcome}", cell)
            )
    if seen and not used and not surprises:
        return [Problem("unused", entry.id, f"clause {entry.clause}: {entry.reason}")]
    return surprises


def _baseline_cells(
    cells: Iterable[Cell], baseline: Run | None, pairs: Mapping[str, str] | None
) -> tuple[dict[tuple[str, str, str], Cell], list[str]]:
    """The baseline's cells by the key of the cell that they are compared with."""
    if baseline is None:
        return {}, []
    old_cells = fold(baseline.results)
    specs, old_specs = specs_of(cells), specs_of(old_cells)
    told = {new: old for old, new in (pairs or {}).items()}
    try:
        paired = pair(specs, old_specs, told)
    except PairError as error:
        return {}, [f"the baseline allows nothing: {error}"]
    alone = sorted(set(specs) - {new for new, _ in paired})
    notices = [f"not in the baseline, gated by known issues alone: {spec}" for spec in alone]
    new_name = {old: new for new, old in paired}
    return {
        (new_name[cell.spec], cell.setup, cell.case): cell
        for cell in old_cells
        if cell.spec in new_name
    }, notices


def _key(cell: Cell) -> tuple[str, str, str]:
    return (cell.spec, cell.setup, cell.case)


def _violations(cell: Cell) -> set[str]:
    return {name for result in cell.results for name in result.violations}


def annotated(run: Run, issues: KnownIssues) -> Run:
    """The run as if it had been compared with these known issues."""
    names = invariants(run.clauses)
    results = tuple(issues.annotate(result, names) for result in run.results)
    info = {**run.info, "known_issues": issues.to_json()}
    return replace(run, results=results, info=info)

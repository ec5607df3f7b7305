"""What the manual says and kernels do not do: the part of a report that can be sent upstream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ringspec.compare.diff import refused
from ringspec.model import SETUPS, Clause
from ringspec.report.drafts import draft, pages
from ringspec.report.matrix import Matrix
from ringspec.report.support import Story
from ringspec.report.text import setups_in_words, span
from ringspec.results.cells import Cell
from ringspec.results.store import Run


@dataclass(frozen=True)
class Deed:
    """One thing that kernels do instead: "6.12.117 to 7.2.13, all setups: cancel=1"."""

    kernels: str
    setups: str
    verdict: str
    outcome: str


@dataclass(frozen=True)
class Contradiction:
    """One promise, what kernels do instead, which keep it, and the known issue that says why.

    `keeps`: the outcome on those that keep it; `turns`: between which kernels that changed.
    """

    clause: Clause
    deeds: tuple[Deed, ...]
    kept: str
    keeps: str
    turns: tuple[str, ...]
    issue_id: str
    issue: Mapping[str, Any] | None

    @property
    def pages(self) -> tuple[tuple[str, str], ...]:
        """Page and section of everyone who promises it."""
        return pages(self.clause.source)

    @property
    def draft(self) -> str:
        """The words to send upstream."""
        issue = self.issue or {}
        return draft(
            self.clause,
            str(issue.get("kind", "")),
            str(issue.get("reason", "")),
            [(deed.kernels, deed.setups, deed.outcome) for deed in self.deeds],
            (self.kept, self.keeps),
            self.turns,
        )


def contradictions(run: Run, matrix: Matrix, stories: Iterable[Story]) -> tuple[Contradiction, ...]:
    """All promises (levels must and should) that a kernel did not keep, explained ones first."""
    issues: Mapping[str, Mapping[str, Any]] = run.info.get("known_issues", {})
    found: dict[tuple[str, str], list[Cell]] = {}
    refusing: dict[str, set[str]] = {}
    kept: dict[str, set[str]] = {}
    outcomes: dict[str, Counter[str]] = {}
    turns = {story.row.clause.id: tuple(turn.words for turn in story.turns) for story in stories}
    for cell in matrix.cells:
        if refused(cell):
            refusing.setdefault(cell.spec, set()).add(cell.setup)
        if cell.worst.level == "observed" or cell.environment:
            continue
        if cell.ok:
            if cell.verdict in ("pass", "early"):
                kept.setdefault(cell.clause, set()).add(cell.spec)
                outcomes.setdefault(cell.case, Counter())[cell.worst.outcome] += 1
        else:
            found.setdefault((cell.clause, cell.known_issue or ""), []).append(cell)
    order = [column.spec for column in matrix.columns]
    titles = {column.spec: column.title for column in matrix.columns}
    broken: dict[str, set[str]] = {}
    for (clause_id, _), cells in found.items():
        broken.setdefault(clause_id, set()).update(cell.spec for cell in cells)
    result = []
    for (clause_id, issue_id), cells in found.items():
        clause = run.clauses.get(clause_id)
        if clause is None:
            continue
        whole = kept.get(clause_id, set()) - broken[clause_id]
        result.append(
            Contradiction(
                clause,
                _deeds(cells, refusing, order, titles),
                _span(whole, order, titles),
                _commonest(outcomes.get(cells[0].case, Counter())) if whole else "",
                turns.get(clause_id, ()),
                issue_id,
                issues.get(issue_id),
            )
        )
    rank = {clause_id: number for number, clause_id in enumerate(run.clauses)}
    result.sort(key=lambda item: (not item.issue_id, rank[item.clause.id]))
    return tuple(result)


def _commonest(outcomes: Counter[str]) -> str:
    return outcomes.most_common(1)[0][0] if outcomes else ""


def _deeds(
    cells: list[Cell],
    refusing: Mapping[str, set[str]],
    order: list[str],
    titles: Mapping[str, str],
) -> tuple[Deed, ...]:
    """The same outcome in the same setups is one deed; all that a kernel has are all setups."""
    setups: dict[tuple[str, str, str], set[str]] = {}
    for cell in cells:
        outcome = " | ".join(text for text in cell.outcomes if text)
        setups.setdefault((cell.verdict, outcome, cell.spec), set()).add(cell.setup)
    specs: dict[tuple[str, str, str], set[str]] = {}
    for (verdict, outcome, spec), names in setups.items():
        everywhere = names | refusing.get(spec, set()) >= set(SETUPS)
        words = setups_in_words(SETUPS if everywhere else names)
        specs.setdefault((verdict, outcome, words), set()).add(spec)
    return tuple(
        Deed(_span(there, order, titles), words, verdict, outcome)
        for (verdict, outcome, words), there in specs.items()
    )


def _span(specs: set[str], order: list[str], titles: Mapping[str, str]) -> str:
    return span([titles[spec] for spec in specs], [titles[spec] for spec in order])

"""What an exploration found, grouped for people: one finding for each first difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ringspec.explore.differ import Difference, Found, Unstable
from ringspec.explore.naming import clause_of
from ringspec.explore.shrink import size
from ringspec.explore.timeline import Timeline
from ringspec.model import Clause

NO_CLAUSE = "no clause"
# Minimal programs shown of one finding.
_SHOWN = 3


@dataclass(frozen=True)
class Finding:
    """Differences with the same clause and the same first differing completion."""

    clause: str  # '' if there is none
    says: str
    parting: str
    differences: tuple[Difference, ...]  # the smallest program first

    @property
    def title(self) -> str:
        """One line."""
        return f"{self.clause or NO_CLAUSE}: {self.parting}"


def findings_of(found: Found, clauses: Mapping[str, Clause]) -> list[Finding]:
    """Those without a clause first: they are the news."""
    groups: dict[tuple[str, str, str], list[Difference]] = {}
    for one in found.minimal:
        clause = clause_of(one.program, one.parting)
        groups.setdefault((clause, str(one.parting), str(one.pair)), []).append(one)
    findings = [
        Finding(
            clause,
            clauses[clause].says if clause in clauses else "",
            parting,
            tuple(sorted(members, key=lambda member: size(member.program))),
        )
        for (clause, parting, _), members in groups.items()
    ]
    return sorted(findings, key=lambda one: (bool(one.clause), one.clause, one.parting))


def side_by_side(one: Difference) -> list[tuple[str, str, str, bool]]:
    """Per window: its number, what came left, what came right, whether that is the same."""
    left, right = one.contrast.timelines
    rows = []
    for number in range(max(len(left.windows), len(right.windows))):
        texts = [_window(side, number) for side in (left, right)]
        rows.append((str(number + 1), texts[0], texts[1], texts[0] == texts[1]))
    return rows


def _window(side: Timeline, number: int) -> str:
    if number >= len(side.windows):
        return side.end or "-"
    tags = sorted({tag for tag, _ in side.windows[number]})
    return ", ".join(f"{tag} {side.results(number, tag)}" for tag in tags) or "nothing"


def as_json(found: Found, findings: Sequence[Finding], about: Mapping[str, Any]) -> dict[str, Any]:
    """The report as values; docs/explore.md has the fields."""
    return {
        **about,
        "programs": found.programs,
        "modelled": found.modelled,
        "differing": dict(found.differing.most_common()),
        "findings": [_finding(one) for one in findings],
        "nondeterministic": [_unstable(one) for one in found.unstable],
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "clause": one.clause or None,
        "says": one.says,
        "parting": one.parting,
        "differences": [
            {
                "kernels": list(difference.pair.names),
                "setup": difference.program.setup,
                "program": str(difference.program).splitlines(),
                "window": difference.parting.window + 1,
                "request": difference.parting.tag,
                "outcomes": list(difference.contrast.outcomes),
                "windows": [list(row[:3]) for row in side_by_side(difference)],
            }
            for difference in one.differences
        ],
    }


def _unstable(one: Unstable) -> dict[str, Any]:
    return {
        "kernel": one.kernel.kernel,
        "setup": one.program.setup,
        "program": str(one.program).splitlines(),
        "outcomes": dict(one.outcomes.most_common()),
    }


def shown(one: Finding) -> tuple[Difference, ...]:
    """The smallest few."""
    return one.differences[:_SHOWN]

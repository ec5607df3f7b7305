"""What a library may rely on: for each clause and branch, the releases and what they do.

Only what was run is told.  An interval spans tested releases of one branch between which no tested
release did otherwise; what lies between two intervals, or outside of all, is not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ringspec.report.matrix import build, version_key
from ringspec.report.support import STATUSES, Story, Support, stories
from ringspec.report.text import printable
from ringspec.results.store import Run

FORMAT = 1


def render(run: Run) -> str:
    """The whole document; schemas/compat.json describes it."""
    matrix = build(run)
    document = {
        "format": FORMAT,
        "suite": {key: str(value) for key, value in run.info.get("suite", {}).items()},
        "started": str(run.info.get("started", "")),
        "complete": run.complete,
        "statuses": STATUSES,
        "kernels": [
            {"spec": printable(c.spec), "version": c.version, "release": printable(c.release)}
            for c in matrix.columns
        ],
        "clauses": {story.row.clause.id: _clause(run, story) for story in stories(matrix)},
    }
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"


def _clause(run: Run, story: Story) -> dict[str, Any]:
    clause = story.row.clause
    issues = {
        name: {
            "kind": issue["kind"],
            "reason": issue["reason"],
            "versions": list(issue.get("versions", ())),
            "setups": list(issue.get("setups", ())),
        }
        for name, issue in run.info.get("known_issues", {}).items()
        if issue["clause"] == clause.id
    }
    range_of = {"since": clause.since, "until": clause.until, "backports": list(clause.backports)}
    return {
        "family": clause.family,
        "says": clause.says,
        "source": clause.source,
        "level": clause.level,
        "range": {key: value for key, value in range_of.items() if value},
        "branches": _branches(story.supports),
        "known_issues": issues,
    }


def _branches(supports: Sequence[Support]) -> dict[str, list[dict[str, Any]]]:
    """Flavours of one release and kernels without a version are left out: nothing orders them."""
    by_branch: dict[str, list[Support]] = {}
    for support in supports:
        version = version_key(support.column.version)
        if version.branch != (0, 0):
            by_branch.setdefault(f"{version.major}.{version.minor}", []).append(support)
    return {branch: _intervals(there) for branch, there in by_branch.items()}


def _intervals(supports: Iterable[Support]) -> list[dict[str, Any]]:
    intervals: list[dict[str, Any]] = []
    for support in sorted(supports, key=lambda one: version_key(one.column.version)):
        version = support.column.version
        here = {"status": support.status, "setups": support.setups}
        last = intervals[-1] if intervals else None
        if last and {key: last[key] for key in here} == here:
            last["last"] = version
            last["tested"] = sorted({*last["tested"], version}, key=version_key)
            last["known_issues"] = sorted({*last["known_issues"], *support.known_issues})
        else:
            intervals.append(
                {
                    "first": version,
                    "last": version,
                    "tested": [version],
                    **here,
                    "known_issues": list(support.known_issues),
                }
            )
    return intervals

"""KCIDB I/O schema 5.3: what KernelCI's database and dashboards take.

A kernel is a checkout (of which only the release is known) and a build of it; an execution folded by
cell is a test; a known issue is an issue, and each cell that it explains an incident of it.
Source: kernelci/kcidb-io, schema v5.3; schemas/kcidb.json is our own description of the part we write.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ringspec.report.matrix import Column, Matrix, build
from ringspec.report.text import one_line, printable
from ringspec.results.cells import Cell
from ringspec.results.store import Run

VERSION = {"major": 5, "minor": 3}
ORIGIN = "ringspec"
_LOG_LIMIT = 16384  # characters of log_excerpt
_NOT_IN_A_PATH = re.compile(r"[^a-zA-Z0-9_-]+")
# What the word of a verdict is in KCIDB.  SKIP: the kernel does not have it, and need not.
_STATUS = {
    "pass": "PASS",
    "early": "PASS",
    "observed": "PASS",
    "absent": "SKIP",
    "error": "ERROR",
    "lost": "MISS",
    "notrun": "MISS",
}


def render(run: Run) -> str:
    """The whole document."""
    matrix = build(run)
    builds = {column.spec: _id(run, column.spec) for column in matrix.columns}
    tests, incidents = [], []
    used: set[str] = set()
    for cell in matrix.cells:
        test = _test(run, cell, builds[cell.spec])
        tests.append(test)
        known = cell.worst.known_issue if _is_red(cell) else None
        if known:
            used.add(known)
            incidents.append(_incident(run, test["id"], known))
    document = {
        "version": VERSION,
        "checkouts": [_checkout(run, column, builds) for column in matrix.columns],
        "builds": list(_builds(run, matrix, builds)),
        "tests": tests,
        "issues": [_issue(run, known) for known in sorted(used)],
        "incidents": incidents,
    }
    return json.dumps(document, ensure_ascii=True, separators=(",", ":")) + "\n"


def _is_red(cell: Cell) -> bool:
    return not cell.ok or bool(cell.violations)


def _id(run: Run, *parts: str) -> str:
    """Unique among all that this origin ever submits: the run, its start, and the parts."""
    started = str(run.info.get("started", ""))
    text = "\0".join((run.path.name, started, *parts))
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]
    return f"{ORIGIN}:{digest}"


def _checkout(run: Run, column: Column, builds: Mapping[str, str]) -> dict[str, Any]:
    """A distribution's kernel is no commit of a public tree, so that none is named."""
    distribution, colon, _ = column.spec.partition(":")
    entry = {
        "id": builds[column.spec],
        "origin": ORIGIN,
        "tree_name": printable(distribution) if colon else "",
        "comment": one_line(column.kernel or column.spec),
        "start_time": run.info.get("started", ""),
        "valid": True,
        "misc": _without_empty({"version": printable(column.version)}),
    }
    return _without_empty(entry)


def _builds(run: Run, matrix: Matrix, builds: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    kernels = {entry["spec"]: entry for entry in run.info["kernels"]}
    for column in matrix.columns:
        known = kernels.get(column.spec, {})
        machine = str(known.get("machine", ""))
        entry = {
            "id": builds[column.spec],
            "checkout_id": builds[column.spec],
            "origin": ORIGIN,
            "comment": one_line(column.release),
            "architecture": machine if re.fullmatch("[a-z0-9_]*", machine) else "",
            "config_name": one_line(str(known.get("package", ""))),
            "status": "PASS",
            "misc": _without_empty(
                {
                    "spec": printable(column.spec),
                    "uname_version": printable(str(known.get("uname_version", ""))),
                    "provenance": printable(str(known.get("provenance", ""))),
                    **_environment(run),
                }
            ),
        }
        yield _without_empty(entry)


def _test(run: Run, cell: Cell, build_id: str) -> dict[str, Any]:
    """A broken invariant fails a test whose own promise is kept."""
    status = _STATUS.get(cell.verdict, "FAIL")
    if status == "PASS" and _is_red(cell):
        status = "FAIL"
    violations = cell.violations
    entry = {
        "id": _id(run, cell.spec, cell.case, cell.setup),
        "build_id": build_id,
        "origin": ORIGIN,
        "path": ".".join((ORIGIN, *map(_step, cell.case.split(".")), cell.setup)),
        "comment": one_line(_comment(run, cell), 500),
        "status": status,
        "duration": round(sum(result.guest_ns for result in cell.results) / 1e9, 6),
        "start_time": run.info.get("started", ""),
        "log_excerpt": printable(cell.worst.message)[:_LOG_LIMIT],
        "misc": {
            "clause": printable(cell.clause),
            "level": cell.worst.level,
            "setup": cell.setup,
            "verdict": cell.verdict,
            "outcomes": [printable(outcome) for outcome in cell.outcomes],
            "violations": [printable(name) for name in violations],
            "executions": len(cell.results),
        },
    }
    return _without_empty(entry)


def _comment(run: Run, cell: Cell) -> str:
    clause = run.clauses.get(cell.clause)
    return f"{cell.clause}: {clause.says}" if clause else cell.clause


def _environment(run: Run) -> dict[str, Any]:
    """What the kernel ran in, and with what the cases were built."""
    names = ("clock", "accel", "vcpus", "qemu", "liburing")
    return {name: run.info[name] for name in names if run.info.get(name) is not None}


def _step(text: str) -> str:
    return _NOT_IN_A_PATH.sub("-", text) or "-"


def _issue(run: Run, known: str) -> dict[str, Any]:
    issue: Mapping[str, Any] = run.info.get("known_issues", {}).get(known, {})
    kind = str(issue.get("kind", "kernel-bug"))
    entry = {
        "id": _issue_id(known),
        "version": 1,
        "origin": ORIGIN,
        "report_subject": one_line(f"io_uring: {issue.get('reason', known)}", 200),
        "comment": one_line(str(issue.get("source", ""))),
        "categories": [f"runtime.io_uring.{_step(kind)}"],
        "culprit": {"code": True},
        "misc": _without_empty(
            {"clause": issue.get("clause"), "kind": kind, "versions": issue.get("versions")}
        ),
    }
    return _without_empty(entry)


def _issue_id(known: str) -> str:
    return f"{ORIGIN}:{printable(known)}"


def _incident(run: Run, test_id: str, known: str) -> dict[str, Any]:
    return {
        "id": _id(run, "incident", test_id, known),
        "origin": ORIGIN,
        "issue_id": _issue_id(known),
        "issue_version": 1,
        "test_id": test_id,
        "present": True,
    }


def _without_empty(entry: Mapping[str, Any]) -> dict[str, Any]:
    """No property may be null, and an empty one says nothing; `false` and 0 do."""
    return {key: value for key, value in entry.items() if value not in (None, "", [], {})}

"""One line for each cell, for spreadsheets and data frames."""

from __future__ import annotations

import csv
import io
import re

from ringspec.report.matrix import build
from ringspec.report.text import printable
from ringspec.results.cells import Cell
from ringspec.results.store import Run

HEAD = (
    "spec,kernel,release,version,setup,family,clause,level,case,verdict,ok,in_range,present,"
    "outcome,violations,known_issue,executions,message"
).split(",")
_FORMULA = re.compile(r"[=+@\t]|-(?!E[A-Z0-9]+\b|\d)")


def render(run: Run) -> str:
    """The whole file, RFC 4180."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for cell in build(run).cells:
        family = run.clauses[cell.clause].family if cell.clause in run.clauses else ""
        writer.writerow(_harmless(value) for value in _row(cell, family))
    return text.getvalue()


def _row(cell: Cell, family: str) -> tuple[str, ...]:
    worst = cell.worst
    violations = cell.violations
    return (
        cell.spec,
        worst.kernel,
        worst.release,
        worst.version,
        cell.setup,
        family,
        cell.clause,
        worst.level,
        cell.case,
        cell.verdict,
        _word(cell.ok),
        _word(worst.in_range),
        _word(worst.present),
        " | ".join(cell.outcomes),
        " ".join(violations),
        worst.known_issue or "",
        str(len(cell.results)),
        worst.message,
    )


def _word(flag: bool) -> str:
    return "true" if flag else "false"


def _harmless(value: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    clean = printable(value)
    return "'" + clean if _FORMULA.match(clean) else clean

"""What the page's script works with, as small as it can be told.

Cells that came to the same share a record; texts that occur often are told once; what only an open
detail needs (messages, traces, console) is compressed and unpacked when the first one is opened.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ringspec.compare.diff import CLASSES
from ringspec.judge.rules import KINDS
from ringspec.model import SETUPS, Result
from ringspec.report.consoles import excerpts
from ringspec.report.matrix import INVARIANTS, Matrix
from ringspec.report.sequence import Traces
from ringspec.report.support import Story
from ringspec.report.text import printable
from ringspec.results.cells import Cell
from ringspec.results.store import Run, consoles_of, trace_name


class _Numbers:
    """Values by the order in which they came first."""

    def __init__(self) -> None:
        self.all: dict[Any, int] = {}

    def __call__(self, value: Any) -> int:
        return self.all.setdefault(value, len(self.all))


def script_data(run: Run, matrix: Matrix, stories: tuple[Story, ...]) -> dict[str, Any]:
    """Everything that the matrix, the filters and the diff need.  page/data.js reads it."""
    texts, records = _Numbers(), _Numbers()
    column_of = {column.spec: number for number, column in enumerate(matrix.columns)}
    cells: dict[str, list[int]] = {}
    clause_of: dict[str, str] = {}
    for cell in matrix.cells:
        place = column_of[cell.spec] * len(SETUPS) + SETUPS.index(cell.setup)
        row = cells.setdefault(cell.case, [-1] * len(SETUPS) * len(matrix.columns))
        row[place] = records(_record(cell, texts))
        clause_of[cell.case] = cell.clause
    invariants = {
        row.clause.id: row.clause.invariant or row.clause.id
        for family in matrix.families
        if family.name == INVARIANTS
        for row in family.rows
    }
    return {
        "run": printable(run.path.name),
        "columns": [_printable(asdict(column)) for column in matrix.columns],
        "setups": SETUPS,
        "verdicts": {kind.name: _short(asdict(kind)) for kind in KINDS.values()},
        "changes": CLASSES,
        "families": {
            family.name: [row.clause.id for row in family.rows] for family in matrix.families
        },
        "invariants": invariants,
        "clauses": {row.clause.id: _short(asdict(row.clause)) for row in matrix.rows},
        "stories": {
            story.row.clause.id: [story.summary, [turn.words for turn in story.turns]]
            for story in stories
        },
        "issues": run.info.get("known_issues", {}),
        "cases": {
            printable(case): [clause_of[case], _where(run, case), *_squeezed(row)]
            for case, row in cells.items()
        },
        "records": list(records.all),
        "texts": [printable(text) for text in texts.all],
    }


def _record(cell: Cell, texts: _Numbers) -> tuple[Any, ...]:
    """The order is the one that page/data.js names."""
    violations = cell.violations
    return (
        cell.verdict,
        (cell.known_issue if not cell.ok else cell.worst.known_issue) or 0,
        tuple(texts(outcome) for outcome in cell.outcomes if outcome),
        tuple(texts(name) for name in violations),
    )


def _squeezed(row: list[int]) -> list[int]:
    """Runs of one number: number, length, number, length."""
    told: list[int] = []
    for number in row:
        if told and told[-2] == number:
            told[-1] += 1
        else:
            told += [number, 1]
    return told


def detail_data(run: Run, matrix: Matrix) -> str:
    """What an open detail needs, as base64 of gzip of JSON: see `load` in page/data.js.

    `cells`: for each cell that has more to tell, by "column/setup/case": its message, its trace, what
    it drew, its executions, and what the kernel printed.
    """
    messages, traces = _Numbers(), Traces()
    told: dict[str, dict[str, Any]] = {}
    column_of = {column.spec: number for number, column in enumerate(matrix.columns)}
    consoles = {spec: excerpts(consoles_of(run, spec)) for spec in column_of}
    for cell in matrix.cells:
        red = not cell.ok or bool(cell.violations)
        entry = _detail(run, cell, red, messages, traces)
        printed, last = consoles[cell.spec]
        console = printed.get((cell.case, cell.setup), "")
        if not console and cell.verdict in ("splat", "crash", "lost"):
            console = last
        if console and red:
            entry["console"] = console
        if entry:
            told[printable(f"{column_of[cell.spec]}/{cell.setup}/{cell.case}")] = entry
    data = {"cells": told, "messages": list(messages.all), "shapes": traces.to_json()}
    packed = gzip.compress(_json(data).encode("utf-8"), mtime=0)
    return base64.b64encode(packed).decode("ascii")


def _detail(run: Run, cell: Cell, red: bool, messages: _Numbers, traces: Traces) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if cell.worst.message:
        entry["message"] = messages(printable(cell.worst.message))
    drawn: Counter[str] = Counter()
    for result in cell.results:
        drawn.update({printable(name): count for name, count in result.drawn.items()})
    if drawn:
        entry["drawn"] = drawn
    if len(cell.results) > 1:
        entry["executions"] = [_execution(result) for result in cell.results]
    if red:
        trace = traces.add(run.path / trace_name(_reddest(cell)))
        if trace:
            entry["trace"] = trace
    return entry


def _reddest(cell: Cell) -> Result:
    """The execution whose trace tells most: the one that gave the verdict, or broke an invariant."""
    if not cell.ok:
        return cell.worst
    return next(result for result in cell.results if result.violations)


def _execution(result: Result) -> list[Any]:
    return [result.repeat, result.attempt, result.verdict, printable(result.outcome)]


def _where(run: Run, case: str) -> str:
    place: Mapping[str, Any] = run.info["cases"].get(case, {})
    return printable(f"{place['file']}:{place['line']}") if place else ""


def _short(table: Mapping[str, Any]) -> dict[str, Any]:
    return _printable({key: value for key, value in table.items() if value})


def _printable(table: Mapping[str, Any]) -> dict[str, Any]:
    return {k: printable(v) if isinstance(v, str) else v for k, v in table.items()}


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def json_in_html(data: object) -> str:
    """JSON that cannot end the script element that it stands in."""
    return _json(data).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")

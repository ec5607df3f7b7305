"""The report as one HTML page without any request to anywhere; every text is escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ringspec.cells import Cell
from ringspec.model import SETUPS
from ringspec.report.contradictions import contradictions
from ringspec.report.matrix import INVARIANTS, Column, Matrix, Row, Square, build
from ringspec.report.red import unexplained
from ringspec.report.text import places_in_words, printable
from ringspec.rules import KINDS
from ringspec.store import Run
from ringspec.verdicts import standing

_HERE = Path(__file__).parent
_SETTING = ("clock", "accel", "vcpus", "qemu", "liburing", "seed", "started", "finished")


def render(run: Run) -> str:
    """The whole page."""
    matrix = build(run)
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
    )
    page = environment.get_template("page.html.j2")
    return printable(page.render(**_context(run, matrix)))


def _context(run: Run, matrix: Matrix) -> dict[str, Any]:
    counts = matrix.counts()
    told = [name for name in reversed(KINDS) if counts[name]]
    reds = unexplained(matrix)
    return {
        "css": Markup((_HERE / "page.css").read_text(encoding="utf-8")),
        "js": Markup((_HERE / "page.js").read_text(encoding="utf-8")),
        "data": Markup(_json_in_html(_data(run, matrix))),
        "run_path": run.path.name,
        "suite": run.info.get("suite", {}).get("revision", ""),
        "complete": run.complete,
        "clause_count": len(matrix.rows),
        "cell_count": len(matrix.cells),
        "setup_count": len({cell.setup for cell in matrix.cells}),
        "red_count": len(reds),
        "counts": [{**_badge(name), "count": counts[name]} for name in told],
        "legend": [_badge(name) for name in told],
        "setting": [(name, run.info[name]) for name in _SETTING if run.info.get(name)],
        "kernels": _kernels(run, matrix),
        "setups": [setup for setup in SETUPS if any(c.setup == setup for c in matrix.cells)],
        "columns": [_column(column) for column in matrix.columns],
        "reds": [
            {
                **_badge("fail" if red.verdict == "violation" else red.verdict),
                "verdict": red.verdict,
                "clause": red.clause,
                "case": red.case,
                "where": places_in_words(red.places),
                "message": red.message,
                "spec": red.cells[0].spec,
                "setup": red.cells[0].setup,
            }
            for red in reds
        ],
        "contradictions": [
            {**vars(item), "standing": standing(item.clause)}
            for item in contradictions(run, matrix)
            if item.issue
        ],
        "families": [
            {"name": family.name, "rows": [_row(row, matrix.columns) for row in family.rows]}
            for family in matrix.families
        ],
    }


def _badge(verdict: str) -> dict[str, str]:
    kind = KINDS[verdict]
    return {
        "name": verdict,
        "symbol": kind.symbol,
        "meaning": kind.meaning,
        "css": verdict if kind.ok else "env" if kind.environment else "bad",
    }


def _row(row: Row, columns: tuple[Column, ...]) -> dict[str, Any]:
    squares = [
        square and _square(square, f"{row.clause.id} on {column.title}")
        for square, column in zip(row.squares, columns, strict=True)
    ]
    return {"id": row.clause.id, "says": row.clause.says, "squares": squares}


def _square(square: Square, where: str) -> dict[str, str]:
    allowed = square.red and square.allowed
    words = f"{square.verdict}, known issue" if allowed else square.verdict
    css = "known" if allowed else _badge(square.verdict)["css"]
    return {"css": css, "symbol": square.symbol, "title": f"{words}: {where}"}


def _column(column: Column) -> dict[str, str]:
    major, _, rest = column.version.partition(".")
    minor, dot, patch = rest.partition(".")
    short = (f"{major}.{minor}", dot + patch)
    branch, rest = short if column.title == column.version else (column.title, "")
    return {**asdict(column), "branch": branch, "rest": rest}


def _kernels(run: Run, matrix: Matrix) -> list[dict[str, Any]]:
    known = {entry["spec"]: entry for entry in run.info["kernels"]}
    kernels = []
    for column in matrix.columns:
        red = [cell for cell in matrix.cells if cell.spec == column.spec and not cell.ok]
        kernels.append(
            {
                "spec": column.spec,
                "release": column.release,
                "provenance": known.get(column.spec, {}).get("provenance", ""),
                "red": len(red),
                "new": sum(cell.known_issue is None for cell in red),
            }
        )
    return kernels


class _Strings:
    """Texts that occur often are told once."""

    def __init__(self) -> None:
        self.all: dict[str, int] = {"": 0}

    def __call__(self, text: str) -> int:
        return self.all.setdefault(printable(text), len(self.all))


def _data(run: Run, matrix: Matrix) -> dict[str, Any]:
    """What the script needs: every cell by clause and column."""
    strings = _Strings()
    cells: dict[str, dict[int, list[list[Any]]]] = {}
    for row in matrix.rows:
        for number, square in enumerate(row.squares):
            if square and square.cells:
                packed = [_pack(cell, strings) for cell in square.cells]
                cells.setdefault(row.clause.id, {})[number] = packed
    clauses = {row.clause.id: {**_short(asdict(row.clause))} for row in matrix.rows}
    for family in matrix.families:
        if family.name == INVARIANTS:
            for row in family.rows:
                clauses[row.clause.id].setdefault("invariant", row.clause.id)
    return {
        "run": run.path.name,
        "columns": [asdict(column) for column in matrix.columns],
        "verdicts": {
            kind.name: {
                "symbol": kind.symbol,
                "ok": kind.ok,
                "environment": kind.environment,
                "meaning": kind.meaning,
            }
            for kind in KINDS.values()
        },
        "clauses": clauses,
        "issues": run.info.get("known_issues", {}),
        "cells": cells,
        "strings": list(strings.all),
    }


def _pack(cell: Cell, strings: _Strings) -> list[Any]:
    """The order is the one that page.js names."""
    violations = sorted({name for result in cell.results for name in result.violations})
    return [
        strings(cell.case),
        cell.setup,
        cell.verdict,
        cell.known_issue if not cell.ok else cell.worst.known_issue,
        [strings(outcome) for outcome in cell.outcomes if outcome],
        strings(cell.worst.message),
        [strings(name) for name in violations],
    ]


def _short(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value}


def _json_in_html(data: object) -> str:
    """JSON that cannot end the script element that it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")

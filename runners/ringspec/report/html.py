"""The report as one HTML page without any request to anywhere; every text is escaped.

What it says is in the document itself, so that it can be read without its script and printed; the
script (page/*.js) adds filters, details, traces, and links to all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ringspec.judge.rules import KINDS
from ringspec.judge.verdicts import standing
from ringspec.model import SETUPS
from ringspec.report.contradictions import Contradiction, contradictions
from ringspec.report.data import detail_data, json_in_html, script_data
from ringspec.report.matrix import INVARIANTS, Column, Family, Matrix, Square, build
from ringspec.report.red import Red, unexplained
from ringspec.report.support import stories
from ringspec.report.text import one_line, places_in_words, plural, printable
from ringspec.results.cells import Cell
from ringspec.results.store import Run

_PAGE = Path(__file__).parent / "page"
_SETTING = ("clock", "accel", "vcpus", "qemu", "liburing", "seed", "repeat", "started", "finished")
_STYLES = ("base", "matrix", "detail")
_SCRIPTS = ("data", "state", "sequence", "detail", "clause", "table", "filter", "main")


def render(run: Run) -> str:
    """The whole page."""
    environment = Environment(
        loader=FileSystemLoader(_PAGE), autoescape=True, undefined=StrictUndefined
    )
    return printable(environment.get_template("page.html.j2").render(**_context(run, build(run))))


def _context(run: Run, matrix: Matrix) -> dict[str, Any]:
    told = stories(matrix)
    reds = unexplained(matrix)
    explained = [item for item in contradictions(run, matrix, told) if item.issue]
    kinds = Counter(str(item.issue["kind"]) for item in explained if item.issue)
    verdicts = matrix.counts()
    if any(
        family.name == INVARIANTS and any(r.red for r in family.rows) for family in matrix.families
    ):
        verdicts["fail"] += 1
    new = Counter(cell.spec for cell in _new(matrix.cells))
    return {
        "css": Markup("\n".join(_read(f"{name}.css") for name in _STYLES)),
        "js": Markup(_script()),
        "data": Markup(json_in_html(script_data(run, matrix, told))),
        "more": Markup(detail_data(run, matrix)),
        "run_path": run.path.name,
        "suite": run.info.get("suite", {}).get("revision", ""),
        "started": str(run.info.get("started", ""))[:10],
        "complete": run.complete,
        "clause_count": len(matrix.rows),
        "cell_count": len(matrix.cells),
        "setup_count": len({cell.setup for cell in matrix.cells}),
        "red_count": len(reds),
        "tally": _tally(matrix),
        "legend": [_badge(name) for name in reversed(KINDS) if verdicts[name]],
        "setting": [(name, run.info[name]) for name in _SETTING if run.info.get(name)],
        "kernels": _kernels(run, matrix, new),
        "setups": [setup for setup in SETUPS if any(c.setup == setup for c in matrix.cells)],
        "columns": [{**_column(column), "new": new[column.spec]} for column in matrix.columns],
        "reds": [_red(run, red, matrix) for red in reds],
        "contradictions": [_contradiction(item) for item in explained],
        "kinds": kinds.most_common(),
        "families": [_family(family) for family in matrix.families],
    }


def _read(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _script() -> str:
    """The parts share one scope and leave nothing in the page's."""
    parts = "\n".join(_read(f"{name}.js") for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}\n}})();'


def _new(cells: Iterable[Cell]) -> Iterable[Cell]:
    return (cell for cell in cells if not cell.ok and cell.known_issue is None)


def _tally(matrix: Matrix) -> list[dict[str, Any]]:
    counts = matrix.counts()
    red = [cell for cell in matrix.cells if not cell.ok]
    environment = sum(cell.environment for cell in red)
    new = sum(1 for _ in _new(red)) - environment
    kept = counts["pass"] + counts["early"] + counts["observed"]
    entries = [
        ("bad", new, "red and new", "rows=new"),
        ("known", len(red) - new - environment, "known issues", "rows=red"),
        ("pass", kept, "as promised", "view=matrix"),
        ("absent", counts["absent"], "not offered", "verdict=absent"),
    ]
    if environment:
        entries.insert(1, ("env", environment, "never judged", "verdict=lost,error,notrun"))
    keys = ("css", "count", "words", "link")
    return [dict(zip(keys, entry, strict=True)) for entry in entries]


def _badge(verdict: str) -> dict[str, str]:
    kind = KINDS[verdict]
    return {
        "name": verdict,
        "symbol": kind.symbol,
        "meaning": kind.meaning,
        "css": verdict if kind.ok else "env" if kind.environment else "bad",
    }


def _family(family: Family) -> dict[str, Any]:
    red = sum(row.red for row in family.rows)
    told = plural(len(family.rows), "clause") + (f", {red} with red" if red else "")
    rows = [
        {
            "id": row.clause.id,
            "says": row.clause.says,
            "squares": [_square(square) for square in row.squares],
        }
        for row in family.rows
    ]
    return {"name": family.name, "told": told, "rows": rows}


def _square(square: Square | None) -> tuple[str, str]:
    """Class and letter."""
    if square is None:
        return "void", ""
    if square.red and square.allowed:
        return "known", square.symbol
    return _badge(square.verdict)["css"], square.symbol


def _column(column: Column) -> dict[str, str]:
    major, _, rest = column.version.partition(".")
    minor, dot, patch = rest.partition(".")
    flavour = column.kernel.partition("/")[2] if column.kernel.startswith("debian:") else ""
    short = (f"{major}.{minor}", f"{dot}{patch} {flavour}".rstrip())
    branch, rest = short if flavour or column.title == column.version else (column.title, "")
    return {**asdict(column), "branch": branch, "rest": rest}


def _kernels(run: Run, matrix: Matrix, new: Counter[str]) -> list[dict[str, Any]]:
    known = {entry["spec"]: entry for entry in run.info["kernels"]}
    red = Counter(cell.spec for cell in matrix.cells if not cell.ok)
    return [
        {
            "spec": column.spec,
            "release": column.release,
            "provenance": known.get(column.spec, {}).get("provenance", ""),
            "red": red[column.spec],
            "new": new[column.spec],
        }
        for column in matrix.columns
    ]


def _red(run: Run, red: Red, matrix: Matrix) -> dict[str, Any]:
    first = red.cells[0]
    column = next(n for n, column in enumerate(matrix.columns) if column.spec == first.spec)
    return {
        **_badge("fail" if red.verdict == "violation" else red.verdict),
        "verdict": red.verdict,
        "clause": red.clause,
        "case": red.case,
        "outcome": red.outcome,
        "where": places_in_words(red.places),
        "message": red.message,
        "link": "~".join((red.clause, str(column), red.case, first.setup)),
        "replay": one_line(
            f"ringspec replay {run.path.name} {first.spec} {red.case}/{first.setup}"
        ),
    }


def _contradiction(item: Contradiction) -> dict[str, Any]:
    return {
        "clause": item.clause,
        "standing": standing(item.clause),
        "pages": item.pages,
        "deeds": item.deeds,
        "kept": item.kept,
        "keeps": item.keeps,
        "turns": ", ".join(item.turns),
        "issue": item.issue,
        "issue_id": item.issue_id,
        "draft": item.draft,
    }

"""The report as Markdown, as a CI step summary shows it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ringspec.judge.rules import KINDS
from ringspec.judge.verdicts import standing
from ringspec.report.contradictions import Contradiction, contradictions
from ringspec.report.matrix import Family, Matrix, Square, build
from ringspec.report.red import Red, unexplained
from ringspec.report.support import stories
from ringspec.report.text import one_line, places_in_words, plural, printable
from ringspec.results.store import Run

_MARKS = {"ok": "", "red": "🔴 ", "allowed": "🟡 "}
# GitHub cuts a step summary off above 1 MiB ("Job summaries" in its documentation of workflow
# commands).  Each part has a share; what does not fit is named instead of shown.
LIMIT = 1024 * 1024
_SHARES = {"red": 400 * 1024, "says": 250 * 1024}
_LONGEST_MESSAGE = 4000


def render(run: Run) -> str:
    """The whole document, always smaller than LIMIT bytes."""
    matrix = build(run)
    parts = [
        "# io_uring cancelation and timeouts\n",
        _headline(run, matrix),
        _kernels(run, matrix),
        _red_cells(matrix),
        _contradictions(contradictions(run, matrix, stories(matrix))),
        "## Matrix\n\n" + _legend(matrix) + "\n",
        *(_family(family, matrix) for family in matrix.families),
    ]
    return _limited(part for part in parts if part)


def _limited(parts: Iterable[str]) -> str:
    """As many whole parts as there is room for."""
    told, left_out, room = [], 0, LIMIT - 200
    for part in parts:
        size = len(part.encode("utf-8")) + 1
        if size > room:
            left_out += 1
            continue
        told.append(part)
        room -= size
    if left_out:
        told.append(f"{plural(left_out, 'part')} left out: too long for a summary.\n")
    return "\n".join(told)


def _until_full(entries: Iterable[str], share: str) -> list[str]:
    """Entries as long as they fit into this share, and how many did not."""
    told: list[str] = []
    left_out, room = 0, _SHARES[share]
    for entry in entries:
        room -= len(entry.encode("utf-8")) + 1
        if room < 0:
            left_out += 1
        else:
            told.append(entry)
    return [*told, f"\n… and {left_out:,} more."] if left_out else told


def code(text: str) -> str:
    """A code span that holds any text, also inside a table."""
    flat = html.escape(one_line(text), quote=False)
    return f"<code>{flat.replace('|', '&#124;').replace('`', '&#96;')}</code>" if flat else ""


def plain(text: str) -> str:
    """Text that Markdown takes literally."""
    flat = html.escape(one_line(text), quote=False)
    return "".join(f"\\{char}" if char in r"\`*_{}[]#|~" else char for char in flat)


def _headline(run: Run, matrix: Matrix) -> str:
    counts = matrix.counts()
    told = ", ".join(f"{counts[name]:,} {name}" for name in reversed(KINDS) if counts[name])
    ending = "" if run.complete else " **The run was interrupted.**"
    clauses = plural(len(matrix.rows), "clause")
    kernels = plural(len(matrix.columns), "kernel")
    return f"{clauses} on {kernels}, {plural(len(matrix.cells), 'cell')}: {told}.{ending}\n"


def _kernels(run: Run, matrix: Matrix) -> str:
    known = {entry["spec"]: entry for entry in run.info["kernels"]}
    rows = []
    for column in matrix.columns:
        red = sum(1 for cell in matrix.cells if cell.spec == column.spec and not cell.ok)
        new = sum(
            1
            for cell in matrix.cells
            if cell.spec == column.spec and not cell.ok and cell.known_issue is None
        )
        vouched = known.get(column.spec, {}).get("provenance", "")
        rows.append((code(column.spec), code(column.release), str(red), str(new), plain(vouched)))
    head = ("kernel", "release", "red cells", "not explained", "image vouched for by")
    return "\n" + table(head, rows)


def _red_cells(matrix: Matrix) -> str:
    found = unexplained(matrix)
    if not found:
        return ""
    lines = ["", "## Red and not explained", "", *_until_full(map(_red_cell, found), "red")]
    return "\n".join(lines) + "\n"


def _red_cell(red: Red) -> str:
    where = html.escape(places_in_words(red.places))
    came = f": {code(red.outcome)}" if red.outcome else ""
    head = f"<b>{red.verdict}</b> {red.clause} {code(red.case)} on {where}{came}"
    message = printable(red.message)
    if len(message) > _LONGEST_MESSAGE:
        message = message[:_LONGEST_MESSAGE] + "…"
    told = _unblanked(html.escape(message, quote=False))
    return f"<details><summary>{head}</summary>\n\n<pre>{told}</pre>\n\n</details>"


def _contradictions(found: Sequence[Contradiction]) -> str:
    explained = [(item, item.issue) for item in found if item.issue]
    if not explained:
        return ""
    told = _until_full((_contradiction(item, issue) for item, issue in explained), "says")
    return "\n".join(["", "## The manual says, the kernels do", "", *told]) + "\n"


def _contradiction(item: Contradiction, issue: Mapping[str, Any]) -> str:
    lines = [f"- **{item.clause.id}** ({issue['kind']}): {plain(item.clause.says)}  "]
    lines.append(f"  *{plain(item.clause.source)}* ({standing(item.clause)})")
    for deed in item.deeds:
        came = code(deed.outcome) if deed.outcome else deed.verdict
        lines.append(f"  - {deed.kernels} ({deed.setups}): {came}")
    if item.kept:
        lines.append(f"  - kept by {item.kept}")
    if item.turns:
        lines.append(f"  - {', '.join(item.turns)}")
    if item.clause.conflicts:
        lines.append(f"  - other pages: {plain(item.clause.conflicts)}")
    lines.append(f"  - why: {plain(issue['reason'])} ({plain(issue['source'])})")
    return "\n".join(lines)


def _family(family: Family, matrix: Matrix) -> str:
    rows = [
        (
            f'<span title="{html.escape(one_line(row.clause.says))}">{row.clause.id}</span>',
            *(_mark(square) for square in row.squares),
        )
        for row in family.rows
    ]
    red = sum(row.red for row in family.rows)
    told = f", {red} with a red cell" if red else ""
    head = f"<summary><b>{family.name}</b>: {plural(len(rows), 'clause')}{told}</summary>"
    titles = ("clause", *(plain(column.title) for column in matrix.columns))
    return f"<details>{head}\n\n{table(titles, rows)}\n</details>\n"


def _legend(matrix: Matrix) -> str:
    shown = {square.verdict for row in matrix.rows for square in row.squares if square}
    words = [f"`{kind.symbol}` {kind.name}" for kind in KINDS.values() if kind.name in shown]
    return (
        "Setups are folded: the worst shows. " + ", ".join(words) + "; lower case: known issue.\n"
    )


def _mark(square: Square | None) -> str:
    if square is None:
        return ""
    state = "ok" if not square.red else "allowed" if square.allowed else "red"
    return f"{_MARKS[state]}`{square.symbol}`"


def _unblanked(text: str) -> str:
    """A blank line would end the HTML block that this text stands in."""
    return "\n".join(line if line.strip() else "&#32;" for line in text.splitlines())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)

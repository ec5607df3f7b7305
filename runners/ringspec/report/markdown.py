"""The report as Markdown, as a CI step summary shows it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from ringspec.model import Clause
from ringspec.report.contradictions import Contradiction, contradictions
from ringspec.report.matrix import Family, Matrix, Square, build
from ringspec.report.red import unexplained
from ringspec.report.support import stories
from ringspec.report.text import one_line, places_in_words, plural, printable
from ringspec.rules import KINDS
from ringspec.store import Run

_MARKS = {"ok": "", "red": "🔴 ", "allowed": "🟡 "}
_RED_SHOWN = 200


def render(run: Run) -> str:
    """The whole document."""
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
    return "\n".join(part for part in parts if part)


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
    return "\n" + _table(head, rows)


def _red_cells(matrix: Matrix) -> str:
    found = unexplained(matrix)
    if not found:
        return ""
    lines = ["", "## Red and not explained", ""]
    for red in found[:_RED_SHOWN]:
        where = html.escape(places_in_words(red.places))
        came = f": {code(red.outcome)}" if red.outcome else ""
        head = f"<b>{red.verdict}</b> {red.clause} {code(red.case)} on {where}{came}"
        message = html.escape(printable(red.message), quote=False)
        lines += [f"<details><summary>{head}</summary>", "", f"<pre>{_unblanked(message)}</pre>"]
        lines += ["", "</details>"]
    if len(found) > _RED_SHOWN:
        lines.append(f"\n… and {len(found) - _RED_SHOWN} more.")
    return "\n".join(lines) + "\n"


def _contradictions(found: Sequence[Contradiction]) -> str:
    explained = [(item, item.issue) for item in found if item.issue]
    if not explained:
        return ""
    lines = ["", "## The manual says, the kernels do", ""]
    for item, issue in explained:
        lines.append(f"- **{item.clause.id}** ({issue['kind']}): {plain(item.clause.says)}  ")
        lines.append(f"  *{plain(item.clause.source)}* ({_level(item.clause)})")
        for deed in item.deeds:
            came = code(deed.outcome) if deed.outcome else deed.verdict
            lines.append(f"  - {deed.kernels} ({deed.setups}): {came}")
        if item.kept:
            lines.append(f"  - kept by {item.kept}")
        if item.clause.conflicts:
            lines.append(f"  - other pages: {plain(item.clause.conflicts)}")
        lines.append(f"  - why: {plain(issue['reason'])} ({plain(issue['source'])})")
    return "\n".join(lines) + "\n"


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
    return f"<details>{head}\n\n{_table(titles, rows)}\n</details>\n"


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


def _level(clause: Clause) -> str:
    return f"{clause.level}, since {clause.since}" if clause.since else clause.level


def _unblanked(text: str) -> str:
    """A blank line would end the HTML block that this text stands in."""
    return "\n".join(line if line.strip() else "&#32;" for line in text.splitlines())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)

"""Shows where behaviour moved: as text for the terminal, as Markdown, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ringspec.compare.diff import CLASSES
from ringspec.compare.diff_text import cell_json, state
from ringspec.compare.moves import Moves, Track
from ringspec.report.markdown import code
from ringspec.report.text import plural, printable, setups_in_words


@dataclass(frozen=True)
class _Stretch:
    """Neighbouring columns with the same state; `kind` says how it differs from the one before."""

    where: str
    kind: str
    state: str


def render(found: Moves) -> str:
    """A table of how much moved at which kernel, then each behaviour with its stretches."""
    lines = [*_table(_head(found), _counts(found)), ""]
    for group in _groups(found):
        lines.append(_subject(group))
        stretches = _stretches(found, group[0])
        where = max(len(stretch.where) for stretch in stretches)
        kind = max(len(stretch.kind) for stretch in stretches)
        for one in stretches:
            lines.append(f"    {one.where:<{where}}  {one.kind:<{kind}}  {one.state}".rstrip())
        lines.append("")
    lines.append(_summary(found))
    return "\n".join(printable(line) for line in lines) + "\n"


def render_markdown(found: Moves) -> str:
    """The same as tables."""
    titles = " → ".join(code(column.title) for column in found.columns)
    lines = [f"# {titles}", "", _summary(found), "", "## Moved at", ""]
    rows = [_head(found), *_counts(found)]
    lines += _markdown(rows[0], rows[1:])
    lines += ["", "## What moved", ""]
    told = [
        (_subject(group) if not number else "", one.where, one.kind, one)
        for group in _groups(found)
        for number, one in enumerate(_stretches(found, group[0]))
    ]
    lines += _markdown(
        ("what", "where", "how", "state"),
        [(code(what), code(where), kind, code(one.state)) for what, where, kind, one in told],
    )
    return "\n".join(lines) + "\n"


def render_json(found: Moves) -> str:
    """One object; `moves` has one entry for each cell and column at which it moved."""
    return (
        json.dumps(
            {
                "columns": [
                    {"title": c.title, "spec": c.spec, "kernel": c.kernel, "version": c.version}
                    for c in found.columns
                ],
                "compared": len(found.tracks),
                "regressed": found.regressed,
                "moves": [
                    {
                        "class": move.change.kind,
                        "at": found.columns[move.at].title,
                        "clause": track.cell.clause,
                        "case": track.cell.case,
                        "setup": track.cell.setup,
                        "before": cell_json(move.change.before),
                        "after": cell_json(move.change.after),
                    }
                    for track in found.moved
                    for move in track.moves
                ],
            },
            indent=1,
        )
        + "\n"
    )


def _head(found: Moves) -> Sequence[str]:
    return ("moved at", *_kinds(found))


def _kinds(found: Moves) -> list[str]:
    there = {move.change.kind for track in found.tracks for move in track.moves}
    return [kind for kind in CLASSES if kind in there]


def _counts(found: Moves) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = []
    for at, column in enumerate(found.columns):
        counts: Mapping[str, int] = found.counts(at)
        cells = ("" if not at else str(counts.get(kind, 0) or "-") for kind in _kinds(found))
        rows.append((column.title, *cells))
    return rows


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]


def _groups(found: Moves) -> list[list[Track]]:
    """Tracks that are told once: the setups of a case, and all cases of a setup that came or went."""
    groups: dict[tuple[object, ...], list[Track]] = {}
    for track in found.moved:
        what = "" if track.of_setup else track.cell.case
        key = (what, *((one.where, one.kind, one.state) for one in _stretches(found, track)))
        groups.setdefault(key, []).append(track)
    return list(groups.values())


def _subject(group: Sequence[Track]) -> str:
    first = group[0]
    setups = setups_in_words(track.cell.setup for track in group)
    if first.of_setup:
        return f"the ring setup itself, {plural(len(group), 'cell')} ({setups})"
    return f"{first.cell.clause}  {first.cell.case} ({setups})"


def _stretches(found: Moves, track: Track) -> list[_Stretch]:
    """From move to move, and apart from them the columns where nobody judged."""
    starts = {move.at: move.change.kind for move in track.moves}
    stretches: list[tuple[list[int], str, str]] = []
    known = True
    for at, cell in enumerate(track.cells):
        if cell is None:
            continue
        if not stretches or at in starts or known == cell.environment:
            offered = track.of_setup and cell.verdict != "absent"
            text = "never judged" if cell.environment else "offered" if offered else state(cell)
            stretches.append(([], starts.get(at, ""), text))
        known = not cell.environment
        stretches[-1][0].append(at)
    return [_Stretch(_where(found, ats), kind, text) for ats, kind, text in stretches]


def _where(found: Moves, ats: Sequence[int]) -> str:
    first, last = (found.columns[at].title for at in (ats[0], ats[-1]))
    return first if first == last else f"{first} to {last}"


def _summary(found: Moves) -> str:
    behaviours = plural(len(found.tracks), "cell")
    kernels = plural(len(found.columns), "kernel")
    return f"{behaviours} on {kernels}: {len(found.moved):,} moved"


FORMS = {"text": render, "markdown": render_markdown, "json": render_json}

"""Shows a diff: as text for the terminal, as Markdown, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ringspec.compare.diff import CLASSES, Change, Diff
from ringspec.report.markdown import code
from ringspec.report.text import one_line, places_in_words, plural, printable
from ringspec.results.cells import Cell


def render(diff: Diff) -> str:
    """Plain text, one paragraph for each class."""
    lines = [f"{a} -> {b}" if a != b else a for a, b in diff.pairs]
    for kind, groups in _classes(diff):
        lines += ["", f"{kind} ({CLASSES[kind]})"]
        groups, as_before = _without_unchanged(groups)
        if as_before:
            lines.append(f"  {as_before}")
        for group in groups:
            lines.append(f"  {_subject(group)}")
            lines.append(f"      on {_where(group)}")
            before, after = _states(group)
            lines += [f"      - {before}", f"      + {after}"]
    lines += ["", _summary(diff)]
    return "\n".join(printable(line) for line in lines) + "\n"


def render_markdown(diff: Diff) -> str:
    """Tables, one for each class."""
    pairs = ", ".join(f"{code(a)} → {code(b)}" if a != b else code(a) for a, b in diff.pairs)
    lines = [f"# {pairs}", "", _summary(diff)]
    for kind, groups in _classes(diff):
        lines += ["", f"## {kind}", "", f"{CLASSES[kind].capitalize()}.", ""]
        groups, as_before = _without_unchanged(groups)
        if as_before:
            lines += [f"{as_before.capitalize()}.", ""]
        if not groups:
            continue
        lines += ["| what | where | before | after |", "| --- | --- | --- | --- |"]
        for group in groups:
            cells = (_subject(group), _where(group), *_states(group))
            lines.append("| " + " | ".join(map(code, cells)) + " |")
    return "\n".join(lines) + "\n"


def render_json(diff: Diff) -> str:
    """One object; `changes` has one entry for each cell that changed."""
    return (
        json.dumps(
            {
                "pairs": [list(pair) for pair in diff.pairs],
                "compared": diff.compared,
                "regressed": diff.regressed,
                "changes": [
                    {
                        "class": change.kind,
                        "clause": change.cell.clause,
                        "case": change.cell.case,
                        "setup": change.cell.setup,
                        "before": cell_json(change.before),
                        "after": cell_json(change.after),
                    }
                    for change in diff.changes
                ],
            },
            indent=1,
        )
        + "\n"
    )


def _summary(diff: Diff) -> str:
    counts = {kind: sum(change.kind == kind for change in diff.changes) for kind in CLASSES}
    told = ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)
    return f"{plural(diff.compared, 'cell')} compared: {told or 'no difference'}"


def _classes(diff: Diff) -> Iterable[tuple[str, list[list[Change]]]]:
    """For each class its changes; the same change on several kernels and setups is one group."""
    for kind in CLASSES:
        groups: dict[tuple[str, ...], list[Change]] = {}
        for change in diff.changes:
            if change.kind == kind:
                states = (state(change.before), state(change.after))
                if change.of_setup:
                    states = (states[0], "") if change.kind == "appeared" else ("", states[1])
                key = ("" if change.of_setup else change.cell.case, *states)
                groups.setdefault(key, []).append(change)
        if groups:
            yield kind, list(groups.values())


def _without_unchanged(groups: list[list[Change]]) -> tuple[list[list[Change]], str]:
    """The groups that say something new, and how much fails in the very way it did."""
    new = [group for group in groups if len(set(_states(group))) == 2]
    rest = sum(len(group) for group in groups) - sum(len(group) for group in new)
    return new, f"{plural(rest, 'cell')} with the same outcome" if rest else ""


def _subject(group: list[Change]) -> str:
    cell = group[0].cell
    if group[0].of_setup:
        return f"the ring setup itself ({plural(len(group), 'cell')})"
    return f"{cell.clause}  {printable(cell.case)}"


def _where(group: list[Change]) -> str:
    return places_in_words((change.cell.spec, change.cell.setup) for change in group)


def _states(group: list[Change]) -> tuple[str, str]:
    first = group[0]
    if first.of_setup and first.kind == "appeared":
        return state(first.before), "offered"
    return ("offered" if first.of_setup else state(first.before)), state(first.after)


def state(cell: Cell | None) -> str:
    """Verdict and outcomes in one line."""
    if cell is None:
        return "(not there)"
    outcomes = " | ".join(outcome for outcome in cell.outcomes if outcome)
    broken = f" (broken: {', '.join(cell.violations)})" if cell.violations else ""
    return one_line(f"{cell.verdict} {outcomes}{broken}")


def cell_json(cell: Cell | None) -> dict[str, object] | None:
    """One side of a change."""
    if cell is None:
        return None
    return {
        "spec": cell.spec,
        "kernel": cell.worst.kernel,
        "version": cell.worst.version,
        "verdict": cell.verdict,
        "outcomes": list(cell.outcomes),
        "violations": list(cell.violations),
        "known_issue": cell.known_issue,
    }


FORMS = {"text": render, "markdown": render_markdown, "json": render_json}

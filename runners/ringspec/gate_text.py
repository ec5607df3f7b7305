"""Says on one screen what the gate does not let pass, and how to see each again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from ringspec.gate import PROBLEM_KINDS, Gate, Problem
from ringspec.report.text import one_line, places_in_words, plural, printable

_SHOWN = 12
_MESSAGE_LINES = 8


def render(gate: Gate, run: Path) -> str:
    """The whole text."""
    lines: list[str] = []
    for kind, meaning in PROBLEM_KINDS.items():
        groups = _grouped(problem for problem in gate.problems if problem.kind == kind)
        if not groups:
            continue
        lines.append(f"{kind}: {meaning}")
        for group in groups[:_SHOWN]:
            lines += _group(group)
        if len(groups) > _SHOWN:
            lines.append(
                f"  … and {len(groups) - _SHOWN} more; `ringspec report {run}` has them all"
            )
        lines.append("")
    lines += [f"note: {notice}" for notice in gate.notices]
    lines.append(_summary(gate))
    return "\n".join(lines) + "\n"


def _summary(gate: Gate) -> str:
    if not gate.cells:
        return "gate: nothing ran"
    allowed = f", {gate.allowed:,} red but allowed" if gate.allowed else ""
    if not gate.problems:
        return f"gate passed: {plural(gate.cells, 'cell')}{allowed}"
    problems = plural(len(gate.problems), "problem")
    return f"gate failed: {problems} in {plural(gate.cells, 'cell')}{allowed}"


def _grouped(problems: Iterable[Problem]) -> list[list[Problem]]:
    """The same thing on several kernels and setups is told once."""
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for problem in problems:
        cell = problem.cell
        same = (cell.case, cell.verdict, cell.worst.outcome) if cell else ()
        groups.setdefault((problem.subject, *same), []).append(problem)
    return list(groups.values())


def _group(group: list[Problem]) -> list[str]:
    first = group[0]
    if first.cell is None:
        return [f"  {one_line(first.subject)}: {one_line(first.message)}"]
    cell = first.cell
    where = places_in_words((p.cell.spec, p.cell.setup) for p in group if p.cell)
    subject = f"  {cell.verdict} {one_line(first.subject)}"
    lines = [f"{subject}  {printable(cell.case)} on {where}"]
    message = printable(first.message).splitlines()
    lines += [f"      {line}" for line in message[:_MESSAGE_LINES]]
    if len(message) > _MESSAGE_LINES:
        lines.append("      …")
    again = ["ringspec", "run", "--kernel", cell.spec, "--case", cell.case, "--setup", cell.setup]
    lines.append("      " + shlex.join(again))
    return lines

"""Says on one screen what the gate does not let pass, and how to see each again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from ringspec.gate.check import PROBLEM_KINDS, Gate, Problem
from ringspec.gate.update import Plan
from ringspec.judge.known_issues import PLACEHOLDER, VIOLATION
from ringspec.report.text import one_line, places_in_words, plural, printable

# One screen.
_SHOWN = 10
_LINES = ("promised:", "came:", "not offered:", "expected one of:")


def render(gate: Gate, run: Path) -> str:
    """The whole text."""
    lines: list[str] = []
    kinds = {
        kind: _grouped(problem for problem in gate.problems if problem.kind == kind)
        for kind in PROBLEM_KINDS
    }
    kinds = {kind: groups for kind, groups in kinds.items() if groups}
    left = _SHOWN
    for number, (kind, groups) in enumerate(kinds.items(), 1):
        shown = max(1, left - (len(kinds) - number))
        left -= min(shown, len(groups))
        lines.append(f"{kind}: {PROBLEM_KINDS[kind]}")
        for group in groups[:shown]:
            lines += _group(group, run)
        if len(groups) > shown:
            lines.append(
                f"  … and {len(groups) - shown} more; `ringspec report {run}` has them all"
            )
        lines.append("")
    lines += [f"note: {notice}" for notice in gate.notices]
    if set(kinds) & {"red", "unstable", VIOLATION}:
        lines.append(f"to write known-issue entries for these: ringspec gate {run} --update")
    lines.append(_summary(gate))
    return "\n".join(lines) + "\n"


def render_update(
    plan: Plan, changed: Iterable[Path], written: Iterable[Path], by_hand: Iterable[str]
) -> str:
    """What `--update` did, and what is left for a person."""
    entries = {extension.entry for extension in plan.extensions}
    lines = [f"{file}: releases added" for file in changed]
    lines += [f"{file}: new entries, to be completed" for file in written]
    lines += [f"unused, correct or remove it: {entry}" for entry in plan.unused]
    lines += [f"by hand: {one_line(problem)}" for problem in by_hand]
    lines.append(
        f"{plural(len(plan.extensions), 'release')} added to {len(entries):,} known entries, "
        f"{len(plan.entries):,} new, {len(plan.unused):,} unused"
        if not plan.empty
        else "every red result is known, and every entry is used"
    )
    if plan.entries:
        lines.append(f"the gate stays shut until every {PLACEHOLDER!r} is replaced")
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
        same: tuple[str, ...] = (problem.subject,)
        if cell and problem.kind == "environment":
            same = (cell.verdict, *_reason(problem))
        elif cell:
            same = (problem.subject, cell.case, cell.verdict, cell.worst.outcome)
        groups.setdefault(same, []).append(problem)
    return list(groups.values())


def _group(group: list[Problem], run: Path) -> list[str]:
    first = group[0]
    if first.cell is None:
        return [f"  {one_line(first.subject)}: {one_line(first.message)}"]
    cell = first.cell
    where = places_in_words((p.cell.spec, p.cell.setup) for p in group if p.cell)
    what = f"{one_line(first.subject)}  {printable(cell.case)}"
    if first.kind == "environment" and len(group) > 1:
        what = f"{plural(len(group), 'cell')}, the first is {printable(cell.case)}"
    lines = [f"  {cell.verdict} {what} on {where}"]
    told = [line for line in printable(first.message).splitlines() if line.startswith(_LINES)]
    if first.kind == "environment":
        told = _reason(first)
    elif not told and first.message:
        told = [one_line(first.message, 120)]
    lines += [f"      {line}" for line in told]
    again = ["ringspec", "replay", str(run), cell.spec, f"{cell.case}/{cell.setup}"]
    lines.append("      " + shlex.join(again))
    return lines


def _reason(problem: Problem) -> list[str]:
    """Why something was not judged, without the promise that it was about."""
    lines = printable(problem.message).splitlines()
    return [one_line(line, 120) for line in lines if not line.startswith((*_LINES, "by:"))][:4]


def grouped(gate: Gate) -> list[list[Problem]]:
    """All problems, the same thing on several kernels and setups as one."""
    return _grouped(gate.problems)

"""What the gate does not let pass, as annotations of a GitHub workflow.

Format: "Workflow commands for GitHub Actions".  A step shows no more than 10 errors, and what is
beyond that is dropped without a word; so the last one says how many there are.
"""

from __future__ import annotations

from ringspec.gate.check import Gate, Problem
from ringspec.gate.text import grouped
from ringspec.report.text import places_in_words, printable

LIMIT = 10
# The interface shows no more of a message.
_LONGEST = 2000


def render(gate: Gate) -> str:
    """One line for each annotation."""
    groups = grouped(gate)
    shown = groups if len(groups) <= LIMIT else groups[: LIMIT - 1]
    lines = [_error(*_told(group)) for group in shown]
    if len(groups) > len(shown):
        lines.append(
            _error("ringspec", f"and {len(groups) - len(shown)} more: the summary has them all")
        )
    return "".join(line + "\n" for line in lines)


def _told(group: list[Problem]) -> tuple[str, str]:
    first = group[0]
    if first.cell is None:
        return f"{first.kind} {first.subject}", first.message
    where = places_in_words((p.cell.spec, p.cell.setup) for p in group if p.cell)
    head = f"{first.cell.verdict} {first.subject}"
    return head, f"{first.cell.case} on {where}\n{first.message}"


def _error(title: str, message: str) -> str:
    text = printable(message)[:_LONGEST]
    name = _escaped(printable(title)).replace(":", "%3A").replace(",", "%2C")
    return f"::error title={name}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

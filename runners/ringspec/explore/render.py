"""The findings as text for a terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ringspec.explore.differ import Difference, Found
from ringspec.explore.findings import Finding, shown, side_by_side

_INDENT = "    "
# Nondeterministic programs shown in full, on a terminal and in a file; explored.json has all.
_UNSTABLE_SHOWN, _UNSTABLE_WRITTEN = 2, 10


def as_text(found: Found, findings: Sequence[Finding], about: Mapping[str, Any]) -> str:
    """For a terminal."""
    lines = [_summary(found, findings, about), ""]
    for number, finding in enumerate(findings, 1):
        lines += [f"{number}. {finding.title}", *_quoted(finding, _INDENT)]
        for one in shown(finding):
            lines += ["", *(_INDENT + line for line in _example(one))]
        lines.append("")
    lines += _unstable(found, _UNSTABLE_SHOWN)
    return "\n".join(lines) + "\n"


def as_markdown(found: Found, findings: Sequence[Finding], about: Mapping[str, Any]) -> str:
    """For a merge request or an issue."""
    lines = ["# Explored: " + " and ".join(about["kernels"]), "", _summary(found, findings, about)]
    for finding in findings:
        lines += ["", f"## {finding.title}", "", *_quoted(finding, "> ")]
        for one in shown(finding):
            lines += ["", "```", *_example(one), "```"]
    if found.unstable:
        lines += ["", "## Not repeated", "", "```", *_unstable(found, _UNSTABLE_WRITTEN), "```"]
    return "\n".join(lines) + "\n"


def _summary(found: Found, findings: Sequence[Finding], about: Mapping[str, Any]) -> str:
    differing = sum(found.differing.values())
    news = sum(not finding.clause for finding in findings)
    places = f", {about['places']} places of the kernel reached" if about["places"] else ""
    return (
        f"{found.programs} programs on {', '.join(about['kernels'])} (seed {about['seed']}, "
        f"{about['rate']:.0f} programs a second): {differing} differences, "
        f"{len(found.minimal)} after shrinking, {len(findings)} kinds, "
        f"{news} of them without a clause; {len(found.unstable)} not repeated{places}"
    )


def _quoted(finding: Finding, prefix: str) -> Iterator[str]:
    if finding.says:
        yield f"{prefix}{finding.says}"


def _example(one: Difference) -> Iterator[str]:
    """The program and what both kernels made of it."""
    yield from str(one.program).splitlines()
    yield ""
    yield from table(("window", *one.pair.names), side_by_side(one))


def table(head: tuple[str, str, str], rows: Sequence[tuple[str, str, str, bool]]) -> Iterator[str]:
    """Three columns; rows that differ are marked."""
    cells = [head, *(row[:3] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(2)]
    for number, row in enumerate(cells):
        mark = "  <" if number and not rows[number - 1][3] else ""
        yield f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}{mark}"


def _unstable(found: Found, most: int) -> Iterator[str]:
    if not found.unstable:
        return
    yield f"{len(found.unstable)} programs that a kernel does not repeat:"
    for one in found.unstable[:most]:
        yield f"  {one.kernel.kernel}, setup {one.program.setup}: {one.program.line}"
        for outcome, count in one.outcomes.most_common():
            yield f"    {count} x {outcome}"
    if len(found.unstable) > most:
        yield f"  and {len(found.unstable) - most} more: explored.json"

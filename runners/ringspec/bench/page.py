"""The table in docs/performance.md, between its two markers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ringspec.bench.plan import Row
from ringspec.run.options import UsageProblem

BEGIN = "<!-- ci/bench: begin -->"
END = "<!-- ci/bench: end -->"


def table(rows: Iterable[Row], notes: Iterable[str]) -> str:
    """Notes, then a row for each comparison."""
    lines = [*notes, ""]
    lines.append("| | | work | seconds | ratio | CPU seconds | ratio | peak MB | ratio |")
    lines.append("|---|---|---|---:|---:|---:|---:|---:|---:|")
    group = ""
    for row in rows:
        cells = ["" if row.group == group else row.group, row.what, row.unit]
        group = row.group
        for name, digits in (("seconds", 2), ("cpu", 2), ("peak_mb", 0)):
            value: float = getattr(row.cost, name)
            base: float = getattr(row.against, name) if row.against else 0.0
            cells += [f"{value:,.{digits}f}", f"{value / base:.2f}" if base else ""]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def put(page: Path, text: str) -> None:
    """Replaces what is between the markers, and nothing else."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UsageProblem(f"{page}: expected {BEGIN} and {END}, the table goes between them")
    page.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")

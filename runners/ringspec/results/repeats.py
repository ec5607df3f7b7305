"""What repeats came to: the distribution of a cell's outcomes, and of what its races drew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ringspec.report.text import one_line, plural
from ringspec.results.cells import Cell, fold
from ringspec.results.store import Run

_LONGEST = 100


@dataclass(frozen=True)
class Distribution:
    """How often a cell came to what.  `outcomes` are "verdict: outcome"; `drawn` is about races."""

    cell: Cell
    outcomes: Mapping[str, int]
    drawn: Mapping[str, int]

    @property
    def differs(self) -> bool:
        """Whether the kernel did not do the same each time."""
        return len(self.outcomes) > 1


def distributions(cells: Iterable[Cell]) -> tuple[Distribution, ...]:
    """One for each cell."""
    return tuple(_distribution(cell) for cell in cells)


def _distribution(cell: Cell) -> Distribution:
    drawn: Counter[str] = Counter()
    for result in cell.results:
        drawn.update(result.drawn)
    came = Counter(f"{result.verdict}: {result.outcome}" for result in cell.results)
    return Distribution(cell, dict(came.most_common()), dict(drawn.most_common()))


def render(run: Run) -> str:
    """What differed between repeats, and every race; empty for a run without repeats."""
    found = distributions(fold(run.results))
    times = max((len(one.cell.results) for one in found), default=0)
    if times < 2:
        return ""
    differing = [one for one in found if one.differs]
    executions = sum(len(one.cell.results) for one in found)
    lines = [
        f"repeats: {plural(len(found), 'cell')}, {plural(executions, 'execution')}; "
        f"{plural(len(differing), 'cell')} did not come to the same each time"
    ]
    for one in differing:
        lines += [f"  {_where(one.cell)}", *_counted(one.outcomes)]
    return "\n".join(lines + _races([one for one in found if one.drawn])) + "\n"


def _races(drew: Sequence[Distribution]) -> list[str]:
    """Each race with a line for each kernel and setup."""
    lines = ["races: what they drew"] if drew else []
    by_case = sorted(drew, key=lambda one: (one.cell.case, one.cell.spec, one.cell.setup))
    for case, same in groupby(by_case, key=lambda one: one.cell.case):
        lines.append(f"  {one_line(case)}")
        drawn = {one_line(f"{one.cell.spec} {one.cell.setup}"): one.drawn for one in same}
        width = max(map(len, drawn))
        for place, counts in drawn.items():
            told = ", ".join(f"{count} {name}" for name, count in counts.items())
            lines.append(f"    {place:{width}}  {one_line(told, _LONGEST)}")
    return lines


def _where(cell: Cell) -> str:
    return one_line(f"{cell.spec} {cell.setup} {cell.case}")


def _counted(counts: Mapping[str, int]) -> list[str]:
    return [f"    {count:5} x {one_line(text, _LONGEST)}" for text, count in counts.items()]


def print_repeats(run: Run) -> None:
    """What a kernel did not do twice, after a run with --repeat."""
    if text := render(run):
        print("\n" + text, end="")

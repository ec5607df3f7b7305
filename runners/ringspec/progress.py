"""What the user sees while a run goes on: live bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from ringspec.model import Execution, Result
from ringspec.report.text import one_line

PLAIN_LINE_EVERY_S = 10.0  # a CI log wants a sign of life, not a line for each case


class View(Protocol):
    """Is told what happens in a run and shows it."""

    def note(self, text: str) -> None:
        """Something about the run as a whole."""

    def planned(self, spec: str, total: int) -> None:
        """This kernel has so many executions to do."""

    def began(self, spec: str, execution: Execution) -> None:
        """The kernel started this execution."""

    def judged(self, result: Result, *, red: bool, allowed: bool) -> None:
        """One result came."""

    def ended(self, spec: str, error: str) -> None:
        """The kernel has no more to do; `error` is why it did not do all."""

    def close(self) -> None:
        """No more will be told."""


class NoView:
    """Shows nothing: under plain pytest, whose own reporter does."""

    def note(self, text: str) -> None:
        pass

    def planned(self, spec: str, total: int) -> None:
        pass

    def began(self, spec: str, execution: Execution) -> None:
        pass

    def judged(self, result: Result, *, red: bool, allowed: bool) -> None:
        pass

    def ended(self, spec: str, error: str) -> None:
        pass

    def close(self) -> None:
        pass


@dataclass
class _Tally:
    total: int
    done: int = 0
    red: int = 0
    said_at: float = 0.0


class PlainView:
    """A line when a kernel starts and ends, one for each red cell that no known issue explains, and
    one now and then."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._tallies: dict[str, _Tally] = {}

    def note(self, text: str) -> None:
        print(text, file=self._out, flush=True)

    def planned(self, spec: str, total: int) -> None:
        self._tallies[spec] = _Tally(total)

    def began(self, spec: str, execution: Execution) -> None:
        tally = self._tallies[spec]
        if not tally.said_at:
            tally.said_at = time.monotonic()
            self.note(f"{spec}: {tally.total} to run")

    def judged(self, result: Result, *, red: bool, allowed: bool) -> None:
        tally = self._tallies[result.spec]
        tally.done += 1
        tally.red += red
        if red and not result.known_issue:
            self.note(red_line(result, allowed))
        if time.monotonic() - tally.said_at > PLAIN_LINE_EVERY_S:
            tally.said_at = time.monotonic()
            self.note(f"{result.spec}: {tally.done} of {tally.total} done, {tally.red} red")

    def ended(self, spec: str, error: str) -> None:
        tally = self._tallies[spec]
        self.note(f"{spec}: ended, {tally.done} of {tally.total} done, {tally.red} red")
        if error:
            self.note(f"{spec}: {error}")

    def close(self) -> None:
        pass


class LiveView:
    """One bar for each kernel at the foot of the terminal; above it scroll the red cells that no known
    issue explains."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[red]} red"),
            TextColumn("{task.fields[doing]}", style="dim"),
            console=console,
            refresh_per_second=4,
        )
        self._tasks: dict[str, TaskID] = {}
        self._red: dict[str, int] = {}
        self._progress.start()

    def note(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def planned(self, spec: str, total: int) -> None:
        self._red[spec] = 0
        self._tasks[spec] = self._progress.add_task(spec, total=total, red=0, doing="waiting")

    def began(self, spec: str, execution: Execution) -> None:
        self._progress.update(self._tasks[spec], doing=f"{execution.case}[{execution.setup}]")

    def judged(self, result: Result, *, red: bool, allowed: bool) -> None:
        self._red[result.spec] += red
        self._progress.update(self._tasks[result.spec], advance=1, red=self._red[result.spec])
        if red and not result.known_issue:
            self.note(red_line(result, allowed))

    def ended(self, spec: str, error: str) -> None:
        self._progress.update(self._tasks[spec], doing=error.partition("\n")[0] or "done")
        if error:
            self.note(f"{spec}: {error}")

    def close(self) -> None:
        self._progress.stop()


def red_line(result: Result, allowed: bool) -> str:
    """One red cell in one line."""
    what = one_line(result.outcome or result.message.partition("\n")[0], limit=100)
    broken = "".join(f", broken: {name}" for name in result.violations)
    why_allowed = " (allowed)" if allowed else ""
    return (
        f"{result.verdict:<8} {result.spec:<14} {result.setup:<8} {result.case}: "
        f"{what}{broken}{why_allowed}"
    )


def open_view() -> View:
    """The view that fits standard output."""
    console = Console(file=sys.stdout)
    if console.is_terminal:
        return LiveView(console)
    return PlainView(sys.stdout)

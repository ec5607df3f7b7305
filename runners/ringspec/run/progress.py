"""What the user sees while a run goes on: live bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TextIO

from ringspec.model import Execution, Result
from ringspec.report.text import one_line

if TYPE_CHECKING:  # slow to load: not before the first machine is starting
    from rich.console import Console
    from rich.progress import Progress, TaskID

PLAIN_LINE_EVERY_S = 10.0  # a CI log wants a sign of life, not a line for each case
BARS_AT_MOST = 14  # more kernels than that: the bars of those that are done make room
ALL = "all"


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
class Tally:
    total: int
    done: int = 0
    red: int = 0
    said_at: float = 0.0
    notrun: int = 0
    why_not: str = ""

    def count(self, result: Result, red: bool) -> bool:
        """Takes a result in; returns whether it deserves a line of its own, as a red one does that no
        known issue explains.  All that was not run has one line and one reason: see `end_of`."""
        if result.verdict == "notrun":
            self.notrun += 1
            self.why_not = result.message.rpartition("\n")[2]
            return False
        self.done += 1
        self.red += red
        return red and not result.known_issue

    def end_of(self, spec: str, error: str) -> str:
        """Why this kernel did not do all, if it did not."""
        if self.notrun:
            return f"{spec}: {self.notrun:,} not run: {error or self.why_not}"
        return f"{spec}: {error}" if error else ""


class PlainView:
    """A line when a kernel starts and ends, one for each red cell that no known issue explains, and
    one now and then."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._tallies: dict[str, Tally] = {}
        self._started = time.monotonic()

    def note(self, text: str) -> None:
        print(text, file=self._out, flush=True)

    def planned(self, spec: str, total: int) -> None:
        self._tallies[spec] = Tally(total)

    def began(self, spec: str, execution: Execution) -> None:
        tally = self._tallies[spec]
        if not tally.said_at:
            tally.said_at = time.monotonic()
            self.note(f"{spec}: {tally.total} to run")

    def judged(self, result: Result, *, red: bool, allowed: bool) -> None:
        tally = self._tallies[result.spec]
        if tally.count(result, red):
            self.note(red_line(result, allowed))
        if tally.said_at and time.monotonic() - tally.said_at > PLAIN_LINE_EVERY_S:
            tally.said_at = time.monotonic()
            left = time_left(self._tallies.values(), time.monotonic() - self._started)
            told = f"{tally.done} of {tally.total} done, {tally.red} red"
            self.note(f"{result.spec}: {told}{left and f'; {left} for all'}")

    def ended(self, spec: str, error: str) -> None:
        tally = self._tallies[spec]
        self.note(f"{spec}: ended, {tally.done} of {tally.total} done, {tally.red} red")
        if why := tally.end_of(spec, error):
            self.note(why)

    def close(self) -> None:
        pass


class LiveView:
    """One bar for each kernel at the foot of the terminal and one for all, with the time that is left;
    above them scroll the red cells that no known issue explains."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console
        self._started = time.monotonic()
        self._bars: dict[str, TaskID] = {}
        self._tallies: dict[str, Tally] = {}
        self._new: dict[str, int] = {}
        self._whole: TaskID | None = None

    @cached_property
    def _progress(self) -> Progress:
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        progress = Progress(
            TextColumn("{task.description}", table_column=Column(no_wrap=True)),
            BarColumn(bar_width=18),
            TextColumn("{task.completed:,.0f}/{task.total:,.0f}", justify="right"),
            TextColumn("{task.fields[red]}", table_column=Column(no_wrap=True)),
            TextColumn(
                "{task.fields[doing]}",
                style="dim",
                markup=False,
                table_column=Column(no_wrap=True, ratio=1, overflow="ellipsis"),
            ),
            console=self._console,
            refresh_per_second=4,
            expand=True,
        )
        progress.start()
        return progress

    def note(self, text: str) -> None:
        if not self._bars:
            print(text, flush=True)
            return
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def planned(self, spec: str, total: int) -> None:
        self._tallies[spec] = Tally(total)
        self._new[spec] = 0
        self._bars[spec] = self._add(spec, total, "waiting")
        if len(self._tallies) > 1:  # the sum stays below its parts
            if self._whole is not None:
                self._progress.remove_task(self._whole)
            whole = sum(tally.total for tally in self._tallies.values())
            self._whole = self._add(ALL, whole, "")

    def began(self, spec: str, execution: Execution) -> None:
        what = f"{execution.case}[{execution.setup}]"
        if self._whole is None:
            what = f"{self._time_left()}  {what}"
        self._progress.update(self._bars[spec], doing=what)

    def judged(self, result: Result, *, red: bool, allowed: bool) -> None:
        tally = self._tallies[result.spec]
        new = tally.count(result, red)
        self._new[result.spec] += new
        told = red_count(tally.red, self._new[result.spec])
        self._progress.update(self._bars[result.spec], completed=tally.done, red=told)
        if self._whole is not None:
            done = sum(t.done for t in self._tallies.values())
            told = red_count(sum(t.red for t in self._tallies.values()), sum(self._new.values()))
            left = self._time_left()
            self._progress.update(self._whole, completed=done, red=told, doing=left)
        if new:
            from rich.text import Text

            line = Text(red_line(result, allowed))
            line.stylize("bold red", 0, len(result.verdict))
            self._progress.console.print(line, highlight=False, soft_wrap=True)

    def ended(self, spec: str, error: str) -> None:
        bar = self._bars[spec]
        self._progress.update(bar, doing=one_line(error.partition("\n")[0]) or "done")
        if len(self._bars) > BARS_AT_MOST and not error:
            self._progress.update(bar, visible=False)
        if why := self._tallies[spec].end_of(spec, error):
            self.note(why)

    def close(self) -> None:
        if self._bars:
            self._progress.stop()

    def _add(self, name: str, total: int, doing: str) -> TaskID:
        return self._progress.add_task(name, total=total, red="", doing=doing)

    def _time_left(self) -> str:
        return time_left(self._tallies.values(), time.monotonic() - self._started)


def red_count(red: int, new: int) -> str:
    """ "3 red", "3 red, 1 new": new ones have no known issue."""
    return f"{red} red, {new} new" if new else f"{red} red"


def time_left(tallies: Iterable[Tally], elapsed_s: float) -> str:
    """How long the rest takes at the pace so far: "about 1:20 left"; empty while nobody can tell."""
    tallies = tuple(tallies)
    done, total = sum(tally.done for tally in tallies), sum(tally.total for tally in tallies)
    if not done or elapsed_s < 1 or done >= total:
        return ""
    seconds = round(elapsed_s * (total - done) / done)
    return f"about {seconds // 60}:{seconds % 60:02} left"


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
    dumb = os.environ.get("TERM", "dumb") in ("dumb", "unknown")
    if sys.stdout.isatty() and not dumb:
        return LiveView()
    return PlainView(sys.stdout)

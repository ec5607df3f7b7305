"""One run of the matrix inside a pytest session: orders out, results in, cells reported."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import pytest

from ringspec.guest.errors import GuestError
from ringspec.model import Begun, Facts, Kernel, Machine, Observation
from ringspec.results.cells import fold
from ringspec.run.collection import Cell
from ringspec.run.options import RunOptions
from ringspec.run.progress import View
from ringspec.run.recorder import Judged, Recorder
from ringspec.run.runloop import Ended, Happening, Job, Started, cut, happenings, make_order

PHASES: tuple[Literal["setup", "call", "teardown"], ...] = ("setup", "call", "teardown")


class KernelRun:
    """One kernel's cells on their way from ordered to reported."""

    def __init__(self, kernel: Kernel, cells: Sequence[Cell], options: RunOptions) -> None:
        self.kernel = kernel
        self._by_name = {(cell.case.name, cell.setup_name): cell for cell in cells}
        order = make_order(tuple(self._by_name), options.repeat, options.seed)
        self.jobs = cut(kernel, order)
        self.errors: list[Exception | None] = []  # of the jobs that have ended
        self.open = {execution.id: execution for execution in order}
        self._judged: dict[Cell, list[Judged]] = {cell: [] for cell in cells}
        self._left = {cell: options.repeat for cell in cells}

    def add(self, judged: Judged, observation: Observation, *, final: bool) -> Cell | None:
        """Takes a result in; returns the cell if that was the last one it waited for.

        An environment failure is final only once the machine is done: it may be tried again.
        """
        execution = observation.execution
        cell = self._by_name[execution.case, execution.setup]
        self._judged[cell].append(judged)
        if execution.id not in self.open or (judged.environment and not final):
            return None
        del self.open[execution.id]
        self._left[cell] -= 1
        return None if self._left[cell] else cell

    def unanswered(self) -> list[Observation]:
        """An observation for each execution that never got one."""
        answered = {
            (judged.result.case, judged.result.setup, judged.result.repeat)
            for results in self._judged.values()
            for judged in results
        }
        return [
            Observation(execution, "notrun")
            for execution in self.open.values()
            if (execution.case, execution.setup, execution.repeat) not in answered
        ]

    def left_over(self) -> list[Cell]:
        """The cells that end with an environment failure that nobody tried again."""
        return [cell for cell, left in self._left.items() if left]

    def results_of(self, cell: Cell) -> list[Judged]:
        """Everything that was judged of this cell."""
        return self._judged[cell]


class MatrixRun:
    """Drives machines and keeps recorder, view and pytest informed."""

    def __init__(
        self, session: pytest.Session, options: RunOptions, recorder: Recorder, view: View
    ) -> None:
        self._session = session
        self._options = options
        self._recorder = recorder
        self._view = view
        self.environment_failed = False
        self.red = False

    def run(
        self,
        cells: Mapping[Kernel, Sequence[Cell]],
        open_machine: Callable[[Job], Machine],
    ) -> None:
        """Runs all cells, several kernels at a time."""
        runs = {kernel.spec: KernelRun(kernel, cells[kernel], self._options) for kernel in cells}
        for run in runs.values():
            self._recorder.writer.kernel(run.kernel)
        jobs = [job for run in runs.values() for job in run.jobs]
        jobs.sort(key=lambda job: job.piece)  # the later ones find their kernel booted and saved
        with happenings(jobs, open_machine, self._options.jobs) as stream:
            self._session.config.hook.pytest_ringspec_started()
            for spec, run in runs.items():
                self._view.planned(spec, len(run.open))
            for job, happening in stream:
                self._take(runs[job.kernel.spec], happening)

    def _take(self, run: KernelRun, happening: Happening) -> None:
        match happening:
            case Started():
                pass
            case Facts():
                self._recorder.learned(run.kernel, happening)
            case Begun(execution):
                self._view.began(run.kernel.spec, execution)
            case Observation():
                self._observe(run, happening, final=False)
            case Ended(error):
                run.errors.append(error)
                if len(run.errors) == len(run.jobs):
                    self._end(run, next(filter(None, run.errors), None))

    def _observe(self, run: KernelRun, observation: Observation, *, final: bool) -> None:
        judged = self._recorder.judge(run.kernel, observation)
        self._view.judged(judged.result, red=judged.red, allowed=judged.allowed)
        cell = run.add(judged, observation, final=final)
        if cell:
            self._report(run, cell)

    def _end(self, run: KernelRun, error: Exception | None) -> None:
        why = "" if error is None else _told(error)
        if error is not None:
            self.environment_failed = True
        for observation in run.unanswered():
            missing = Observation(
                observation.execution,
                observation.status,
                message=why or "the machine ended without an answer to this",
            )
            self._observe(run, missing, final=True)
        for cell in run.left_over():
            self._report(run, cell)
        self._view.ended(run.kernel.spec, why)

    def _report(self, run: KernelRun, cell: Cell) -> None:
        """Tells pytest what became of a cell, and stops where pytest was told to (-x)."""
        results = run.results_of(cell)
        folded = fold(judged.result for judged in results)[0]
        counted = [judged for judged in results if judged.result in folded.results]
        red = [judged for judged in counted if judged.red]
        allowed = all(judged.allowed for judged in red) and folded.verdict != "unstable"
        allowed = allowed or (not self._options.gate and not folded.environment)
        self.environment_failed |= any(judged.environment for judged in counted)
        unstable = folded.verdict == "unstable"
        seconds = folded.worst.guest_ns / 1e9
        self.red |= (bool(red) or unstable) and not allowed and not folded.environment
        text = "\n\n".join(
            [f"{folded.verdict}: {cell.spec}, setup {cell.setup_name}, {cell.case.name}"]
            + [_explained(judged) for judged in red[:3]]
        )
        if not red and not unstable:
            log_cell(cell, "passed", seconds=seconds)
        elif allowed:
            reason = folded.worst.known_issue or f"not gated: {folded.verdict}"
            log_cell(cell, "skipped", text, seconds, xfail=reason)
        else:
            log_cell(cell, "failed", text, seconds)
        if self._session.shouldfail:
            raise self._session.Failed(self._session.shouldfail)
        if self._session.shouldstop:
            raise self._session.Interrupted(self._session.shouldstop)


def log_cell(
    cell: Cell,
    outcome: Literal["passed", "failed", "skipped"],
    text: str | tuple[str, int, str] | None = None,
    seconds: float = 0.0,
    xfail: str | None = None,
) -> None:
    """Reports a cell the way pytest's own protocol reports a test."""
    hook = cell.ihook
    hook.pytest_runtest_logstart(nodeid=cell.nodeid, location=cell.location)
    for when in PHASES:
        report = pytest.TestReport(
            nodeid=cell.nodeid,
            location=cell.location,
            keywords={},
            outcome=outcome if when == "call" else "passed",
            longrepr=text if when == "call" else None,
            when=when,
            duration=seconds if when == "call" else 0.0,
        )
        if when == "call" and xfail is not None:
            setattr(report, "wasxfail", xfail)  # how pytest itself marks an expected failure
        hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=cell.nodeid, location=cell.location)


def _told(error: Exception) -> str:
    """A foreseen failure in its own words, any other with the place where it happened."""
    if isinstance(error, GuestError):
        return f"{type(error).__name__}: {error}"
    return "".join(traceback.format_exception(error))


def _explained(judged: Judged) -> str:
    broken = "".join(f"\nbroken: {name}" for name in judged.result.violations)
    return judged.result.message + broken

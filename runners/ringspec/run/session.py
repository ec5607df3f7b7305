"""The matrix as one pytest session: what is collected, what is left out, how it ends."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from _pytest.terminal import TerminalReporter

from ringspec.arch import native
from ringspec.errors import ENVIRONMENT
from ringspec.gate.baseline import Baseline
from ringspec.gate.check import Gate, check
from ringspec.guest import GuestError
from ringspec.judge.known_issues import KnownIssueError, load_known_issues
from ringspec.kernels import KernelError, NotHeld, expand
from ringspec.model import Kernel, Machine
from ringspec.promises.clauses import ClauseError
from ringspec.promises.manifest import ManifestError, load_manifest
from ringspec.results.provenance import now, run_info, tools_info
from ringspec.results.store import Run, RunWriter, load_run
from ringspec.run.collection import HOST, CaseManifest, Cell, wanted
from ringspec.run.matrixrun import MatrixRun, log_cell
from ringspec.run.options import RunOptions, UsageProblem
from ringspec.run.progress import View
from ringspec.run.recorder import Recorder
from ringspec.run.runloop import Job
from ringspec.run.shards import part_of

FETCHES_AT_A_TIME = 4


class MatrixSession:
    """Hooks of a run with --kernel."""

    def __init__(self, config: pytest.Config, options: RunOptions) -> None:
        try:
            expanded = expand(options.kernels, options.arch)
        except KernelError as error:
            raise UsageProblem(str(error)) from error
        self.options = options = replace(options, pins=expanded.pins)
        self.specs = expanded.specs
        _check_arch(options, self.specs)
        # They answer while clauses and cases are read.
        self._tools = ThreadPoolExecutor(1, "ringspec-tools").submit(tools_info, options)
        self.run: MatrixRun | None = None
        self.gate: Gate | None = None
        self._written: Run | None = None
        self.notes: list[str] = []
        try:
            self.cases = load_manifest(options.manifest)
            self._clauses = config.hook.pytest_ringspec_clauses(options=options)
            self._known = load_known_issues(options.known_issues, self._clauses)
        except (ManifestError, ClauseError, KnownIssueError) as error:
            raise UsageProblem(str(error)) from error
        self._wanted = tuple(case for case in self.cases if wanted(case, options))
        for case in self._wanted:
            if case.clause not in self._clauses:
                raise UsageProblem(
                    f"{case.file}:{case.line}: {case.name} names {case.clause}, which no clauses.toml"
                    " has: correct the case, or build again if the clause is gone"
                )
        self._baseline = Baseline(options.baseline, self.specs)
        _check_out(options)
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args = [str(options.manifest)]

    def written(self) -> Run:
        """The run directory as this session left it; to be asked for after the run.

        Not a property: pytest reads those of a plugin when it registers it, before there is a run.
        """
        if self._written is None:
            self._written = load_run(self.options.out, ours=True)
        return self._written

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> CaseManifest | None:
        """Collects the case manifest."""
        if file_path != self.options.manifest:
            return None
        manifest: CaseManifest = CaseManifest.from_parent(parent, path=file_path)
        manifest.specs = self.specs
        manifest.setups = self.options.setups
        manifest.cases = self._wanted
        return manifest

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leaves out what would change the host, and says how much that is; then what other shards do."""
        if not all(isinstance(item, Cell) for item in items):
            raise pytest.UsageError(
                f"--kernel runs {self.options.manifest} and nothing beside it: "
                "leave the other tests out of the command, or leave --kernel out"
            )
        self._spare_the_host(config, items)
        if self.options.shard:
            mine = set(part_of(self.options.shard, _by_spec(items)))
            config.hook.pytest_deselected(items=[item for item in items if item not in mine])
            items[:] = [item for item in items if item in mine]

    def _spare_the_host(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        dangerous = {item: None for item in items if isinstance(item, Cell) and item.changes_host}
        if dangerous and self.options.allow_host_changes:
            names = dict.fromkeys(item.case.name for item in dangerous)
            self.notes.append(
                "host: these set the clock or may leave a stuck process behind, and will be run: "
                + ", ".join(names)
            )
        elif dangerous:
            config.hook.pytest_deselected(items=list(dangerous))
            items[:] = [item for item in items if item not in dangerous]
            self.notes.append(
                f"host: {len(dangerous)} cells left out because they set the clock or may leave a "
                "stuck process behind (--allow-host-changes runs them)"
            )

    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Runs the selected cells on their kernels."""
        if session.config.option.collectonly:
            return None
        cells = [item for item in session.items if isinstance(item, Cell)]
        if not cells:
            # What was left out to spare the host has been told: it may have matched.
            told = "no case is left to run" if self.notes else None
            self.notes.append(told or _nothing_matches(session.config, self.options))
        view: View = session.config.hook.pytest_ringspec_view()
        try:
            for note in self.notes:
                view.note(note)
            if cells:
                self._run(session, cells, view)
        finally:
            view.close()
        return True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turns what happened into the exit code."""
        ended_by_itself = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        if self.run is None or session.exitstatus not in ended_by_itself:
            return
        code = int(pytest.ExitCode.TESTS_FAILED if self.run.red else pytest.ExitCode.OK)
        if self.gate is not None:
            code = self.gate.exit_code
        if self.run.environment_failed and code == pytest.ExitCode.OK:
            code = ENVIRONMENT
        session.exitstatus = code

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """Says where the run is kept, under plain pytest."""
        for note in self.notes:
            terminalreporter.write_line(note)
        if self.run is not None:
            terminalreporter.write_line(f"run directory: {self.options.out}")

    def _run(self, session: pytest.Session, cells: list[Cell], view: View) -> None:
        by_kernel = self._resolved(session.config, _by_spec(cells), view)
        with_vm = any(kernel.image for kernel in by_kernel)
        info = run_info(self._tools.result(), self.options, with_vm=with_vm)
        for elsewhere in session.config.hook.pytest_ringspec_surroundings():
            info.update(elsewhere)
        held = _take(self.options.out)
        writer = RunWriter(self.options.out, info, self._clauses.values(), self.cases, self._known)
        recorder = Recorder(
            writer, self.cases, self._clauses, self._known, self._baseline, self.options.gate
        )
        self.run = MatrixRun(session, self.options, recorder, view)

        def open_machine(job: Job) -> Machine:
            machine: Machine = session.config.hook.pytest_ringspec_machine(
                kernel=job.kernel,
                options=self.options,
                console=writer.console_path(job.kernel, job.piece),
            )
            return machine

        complete = False
        try:
            try:
                self.run.run(by_kernel, open_machine)
                complete = True
            finally:
                writer.close(complete, finished=now(), **recorder.machines())
        except OSError as error:
            pytest.exit(
                f"--out {self.options.out}: cannot be written any more: {error.strerror}. "
                "Make room, or name another directory; what is there is a valid part of a run",
                returncode=ENVIRONMENT,
            )
        finally:
            os.close(held)
        if self.options.gate:
            self.gate = check(self.written(), self._known, self._baseline.run)

    def _resolved(
        self, config: pytest.Config, by_spec: dict[str, list[Cell]], view: View
    ) -> dict[Kernel, list[Cell]]:
        """The kernels, fetched and verified.  The default set does without those that are gone."""

        def resolve(spec: str) -> Kernel | KernelError | GuestError:
            try:
                kernel: Kernel = config.hook.pytest_ringspec_kernel(
                    spec=spec, options=self.options, say=view.note
                )
                return kernel
            except (KernelError, GuestError) as error:
                return error

        resolved: dict[Kernel, list[Cell]] = {}
        pool = ThreadPoolExecutor(FETCHES_AT_A_TIME, "ringspec-fetch")
        try:
            found = list(pool.map(resolve, by_spec))
        finally:
            pool.shutdown(cancel_futures=True)
        failed = []
        for spec, kernel in zip(by_spec, found, strict=True):
            if isinstance(kernel, Kernel):
                resolved[kernel] = by_spec[spec]
            elif isinstance(kernel, NotHeld) and spec not in self.options.kernels:
                view.note(f"left out: {kernel}")
                for cell in by_spec[spec]:
                    log_cell(cell, "skipped", (str(cell.path), 0, f"Skipped: {kernel}"))
            else:
                failed.append(kernel)
        if failed:
            _refuse(failed)
        return resolved


def _refuse(failed: list[KernelError | GuestError]) -> NoReturn:
    """All that is wrong at once: what is fixed one by one costs as many runs."""
    told = "\n".join(map(str, failed))
    codes = {getattr(error, "exit_code", ENVIRONMENT) for error in failed}
    if pytest.ExitCode.USAGE_ERROR in codes:
        raise pytest.UsageError(told)
    pytest.exit(told, returncode=ENVIRONMENT)


def _by_spec(items: Iterable[pytest.Item]) -> dict[str, list[Cell]]:
    by_spec: dict[str, list[Cell]] = {}
    for item in items:
        if isinstance(item, Cell):
            by_spec.setdefault(item.spec, []).append(item)
    return by_spec


def _check_arch(options: RunOptions, specs: Iterable[str]) -> None:
    """The running kernel runs what it was built for."""
    if HOST in specs and options.arch != native():
        raise UsageProblem(
            f"--kernel host is {native().name}, --arch says {options.arch.name}: leave one of them out"
        )


def _nothing_matches(config: pytest.Config, options: RunOptions) -> str:
    """All that narrowed the selection, ours and pytest's."""
    wishes = [f"--case {glob!r}" for glob in options.cases]
    wishes += [f"--clause {glob!r}" for glob in options.clauses]
    wishes += [f"-k {config.option.keyword!r}"] if config.option.keyword else []
    wishes += [f"--deselect {prefix!r}" for prefix in config.option.deselect or ()]
    wishes += [f"--shard {options.shard}"] if options.shard else []
    return f"no case matches {' and '.join(wishes)}: `ringspec list` shows what there is"


def _check_out(options: RunOptions) -> None:
    """A run overwrites an older run, but nothing else."""
    out = options.out
    if out.exists() and not out.is_dir():
        raise UsageProblem(f"--out {out}: is a file, expected a directory")
    if out.is_dir() and any(out.iterdir()) and not (out / "run.json").is_file():
        raise UsageProblem(f"--out {out}: holds something that is no run, name another directory")
    if options.baseline and out.resolve() == options.baseline.resolve():
        raise UsageProblem(f"--out {out} is the baseline: the run would overwrite it")


def _take(out: Path) -> int:
    """Empties the run directory and locks it until the descriptor is closed."""
    out.mkdir(parents=True, exist_ok=True)
    held = os.open(out, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(held)
        raise pytest.UsageError(f"--out {out}: another run writes there, name another") from error
    for part in ("console", "traces"):
        shutil.rmtree(out / part, ignore_errors=True)
    return held

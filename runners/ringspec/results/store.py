"""The run directory: the one truth of a run.  Everything else is a rendering of it.

    run.json        what was tested, with what, on what; the clauses as they were then
    results.jsonl   one line for each execution, written as it comes
    console/        the kernel log of each kernel
    traces/         the flight recorder of red executions, and what a dead or stuck kernel said
"""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from ringspec.judge.known_issues import KnownIssues
from ringspec.model import Case, Clause, Facts, Kernel, Observation, Result
from ringspec.results.runformat import FORMAT, StoreError, check_run, clause_from, parse_result

# What traces and evidence of a run may take on disk: a guest that is red in everything needs a tenth.
LARGEST_TRACES = 512 << 20
_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")


@dataclass(frozen=True)
class Run:
    """A run directory that was read."""

    path: Path
    info: Mapping[str, Any]
    results: tuple[Result, ...]
    clauses: Mapping[str, Clause]
    truncated: bool = False

    @property
    def complete(self) -> bool:
        """Whether the run came to its end rather than being interrupted."""
        return bool(self.info["complete"]) and not self.truncated


class RunWriter:
    """Writes a run directory while the run goes on; what is there is always a valid run.

    `info` is what the caller knows from the start (suite, liburing, qemu, accel, clock, ...; see
    schemas/run.json).  Everything that belongs to results is added here.
    """

    def __init__(
        self,
        path: Path,
        info: Mapping[str, Any],
        clauses: Iterable[Clause] = (),
        cases: Iterable[Case] = (),
        known_issues: KnownIssues | None = None,
    ) -> None:
        self.path = path
        (path / "console").mkdir(parents=True, exist_ok=True)
        (path / "traces").mkdir(exist_ok=True)
        self._room = LARGEST_TRACES
        self._kernels: dict[str, dict[str, Any]] = {}
        self._info = {
            "format": FORMAT,
            "complete": False,
            **info,
            "clauses": {clause.id: _without_empty(vars(clause)) for clause in clauses},
            "cases": {case.name: _case(case) for case in cases},
            "known_issues": known_issues.to_json() if known_issues else {},
        }
        self._results = (path / "results.jsonl").open("w", encoding="utf-8")
        self._write_info()

    def __enter__(self) -> RunWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(complete=error is None)

    def kernel(self, kernel: Kernel, facts: Facts | None = None, **more: Any) -> None:
        """Records what a kernel is and, once known, what it said about itself."""
        entry = self._kernels.setdefault(kernel.spec, {})
        entry.update(
            spec=kernel.spec,
            kernel=kernel.kernel,
            version=kernel.version,
            release=facts.release if facts else entry.get("release", kernel.release),
            package=kernel.package,
            provenance=kernel.provenance,
            **more,
        )
        if facts is not None:
            entry.update(
                uname_version=facts.uname_version,
                machine=facts.machine,
                cpus=facts.cpus,
                probes=dict(facts.probes),
                setups=dict(facts.setups),
                calibration=dict(facts.calibration),
                vm=dict(facts.vm),
            )
        self._write_info()

    def result(self, result: Result, observation: Observation | None = None) -> None:
        """Appends one execution; the trace of a red one is kept beside it."""
        line = json.dumps(vars(result), ensure_ascii=True, separators=(",", ":"))
        self._results.write(line + "\n")
        self._results.flush()
        if observation is None:
            return
        if observation.trace and (result.message or result.violations):
            trace = json.dumps([dict(event) for event in observation.trace], ensure_ascii=True)
            self._keep(self.trace_path(result), trace)
        if observation.evidence:
            self._keep(self.trace_path(result).with_suffix(".txt"), observation.evidence)

    def _keep(self, path: Path, text: str) -> None:
        """Writes a file beside the results, as long as there is room for more."""
        data = text.encode("utf-8", "replace") + b"\n"
        self._room -= len(data)
        if self._room > 0:
            path.write_bytes(data)

    def trace_path(self, result: Result) -> Path:
        """Where the trace of this execution is kept."""
        return self.path / trace_name(result)

    def console_path(self, kernel: Kernel, piece: int = 1) -> Path:
        """Where the kernel log of this kernel is kept, for the n-th piece of its order."""
        return self.path / console_name(kernel.spec, piece)

    def close(self, complete: bool = True, **more: Any) -> None:
        """Ends the run; `complete` is false after an interrupt."""
        self._results.close()
        self._info.update(more, complete=complete)
        self._write_info()

    def _write_info(self) -> None:
        self._info["kernels"] = list(self._kernels.values())
        target = self.path / "run.json"
        part = target.with_suffix(".part")
        lines = (f'"{key}": {json.dumps(value, default=str)}' for key, value in self._info.items())
        text = "{\n" + ",\n".join(lines) + "\n}\n"  # an indent would cost five times as much
        part.write_text(text, encoding="utf-8")
        os.replace(part, target)


def load_run(path: Path, *, ours: bool = False) -> Run:
    """Reads and validates a run directory.  `ours`: this process wrote it, so that its run.json need not be
    held against the schema."""
    info_file, results_file = path / "run.json", path / "results.jsonl"
    for file in (info_file, results_file):
        if not file.is_file():
            raise StoreError(f"{path}: no {file.name}; expected a run directory such as out/")
    try:
        info = json.loads(info_file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StoreError(f"{info_file}: not JSON: {error}") from error
    if not ours:
        check_run(info, info_file)
    results, truncated = _load_results(results_file)
    clauses = {name: clause_from(name, table) for name, table in info["clauses"].items()}
    return Run(path, info, results, clauses, truncated)


def library_cases(run: Run) -> frozenset[str]:
    """The cases about liburing itself: they run once in all, in one setup of the run's first kernel."""
    return frozenset(name for name, told in run.info["cases"].items() if told.get("axis"))


def without_kernels_but(run: Run, spec: str) -> Run:
    """The part of a run that is about one kernel, named by spec or by what it resolved to."""
    kept = tuple(result for result in run.results if spec in (result.spec, result.kernel))
    if not kept:
        there = ", ".join(sorted({result.spec for result in run.results}))
        raise StoreError(f"{run.path}: no results for kernel {spec!r}; it has {there}")
    return replace(run, results=kept)


def trace_name(result: Result) -> str:
    """The trace of an execution, relative to the run directory."""
    numbers = f"{result.repeat}.{result.attempt}"
    return f"traces/{slug(result.spec)}.{slug(result.case)}.{slug(result.setup)}.{numbers}.json"


def console_name(spec: str, piece: int = 1) -> str:
    """The kernel log of a kernel, relative to the run directory."""
    return f"console/{slug(spec)}.log{'' if piece == 1 else f'.{piece}'}"


def consoles_of(run: Run, spec: str) -> list[Path]:
    """The kernel logs that there are of a kernel, in the order of its pieces."""
    files = (run.path / console_name(spec, piece) for piece in itertools.count(1))
    return list(itertools.takewhile(Path.is_file, files))


def slug(text: str) -> str:
    """A file name for this text; it cannot leave its directory."""
    return _UNSAFE.sub("-", text).strip(".-")[:150] or "unnamed"


def _load_results(file: Path) -> tuple[tuple[Result, ...], bool]:
    text = file.read_text(encoding="utf-8")
    lines = text.split("\n")
    rest = lines.pop()
    results = tuple(parse_result(line, file, number) for number, line in enumerate(lines, 1))
    return results, bool(rest)


def _case(case: Case) -> dict[str, Any]:
    about = {} if case.axis == "kernel" else {"axis": case.axis}
    return {"file": case.file, "line": case.line, "clause": case.clause, **about}


def _without_empty(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value and key != "id"}

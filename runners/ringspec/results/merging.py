"""`ringspec merge`: the run directories of several shards as the one that a single run would have left."""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ringspec.cache.directory import write_atomically
from ringspec.model import Result
from ringspec.report.terminal import print_matrix
from ringspec.results.runformat import StoreError
from ringspec.results.store import Run, console_name, consoles_of, load_run

# What results depend on: runs that differ in it are no parts of one run.
_SAME = ("format", "suite", "liburing", "seed", "repeat", "clauses", "cases", "known_issues")
_SAME_MACHINE = ("qemu", "accel", "clock")
_SAME_KERNEL = ("kernel", "version", "package", "provenance")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """RUN... --out DIR."""
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="run directories")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new directory")


def command(arguments: argparse.Namespace) -> int:
    """Merges, and shows the matrix of all."""
    merge([load_run(path) for path in arguments.runs], arguments.out)
    print_matrix(load_run(arguments.out))
    print(f"\nrun directory: {arguments.out}\nto go on:      ringspec gate {arguments.out}")
    return 0


def merge(runs: Sequence[Run], out: Path) -> None:
    """Writes the union of the runs; StoreError if they are not parts of one."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StoreError(f"--out {out}: is there already, name a new directory")
    info = _merged_info(runs)
    _check_disjoint(runs)
    (out / "console").mkdir(parents=True, exist_ok=True)
    (out / "traces").mkdir()
    specs = [kernel["spec"] for kernel in info["kernels"]]
    with (out / "results.jsonl").open("wb") as results:
        for run in runs:
            lines = (run.path / "results.jsonl").read_bytes()
            results.write(lines[: lines.rfind(b"\n") + 1])
            for trace in (run.path / "traces").iterdir():
                shutil.copyfile(trace, out / "traces" / trace.name)
    for spec in specs:
        consoles = itertools.chain.from_iterable(consoles_of(run, spec) for run in runs)
        for piece, console in enumerate(consoles, start=1):
            shutil.copyfile(console, out / console_name(spec, piece))
    # Last: without it the directory is no run.
    write_atomically(out / "run.json", json.dumps(info, indent=1) + "\n")


def _merged_info(runs: Sequence[Run]) -> dict[str, Any]:
    # A part with nothing but the host in it has no machine to compare.
    first = next((run for run in runs if run.info.get("qemu")), runs[0])
    kernels: dict[str, dict[str, Any]] = {}
    for run in runs:
        for name in _SAME + (_SAME_MACHINE if run.info.get("qemu") else ()):
            if run.info.get(name) != first.info.get(name):
                raise StoreError(_differs(first, run, name, run.info, first.info))
        for kernel in run.info["kernels"]:
            known = kernels.setdefault(kernel["spec"], kernel)
            for name in _SAME_KERNEL:
                if known.get(name) != kernel.get(name):
                    raise StoreError(_differs(first, run, kernel["spec"], kernel, known, name))
            if "probes" not in known:  # A shard that was stopped before this kernel said a word.
                kernels[kernel["spec"]] = kernel
    info = {key: value for key, value in first.info.items() if key != "shard"}
    started = [run.info["started"] for run in runs if "started" in run.info]
    finished = [run.info["finished"] for run in runs if "finished" in run.info]
    info.update(
        complete=all(run.complete for run in runs),
        kernels=list(kernels.values()),
        shards=[run.info.get("shard") for run in runs],
        **({"started": min(started)} if started else {}),
        **({"finished": max(finished)} if finished else {}),
    )
    return info


def _differs(first: Run, run: Run, what: str, has: Any, had: Any, name: str | None = None) -> str:
    """The shortest that tells the two apart: whole clauses would fill the screen."""
    field = name or what
    label = what if name is None else f"{what}: {name}"
    values = [str(side.get(field)) for side in (had, has)]
    told = " and ".join(values) if max(map(len, values)) < 200 else "the two differ"
    return f"{first.path} and {run.path} are not parts of one run: {label}: {told}"


def _check_disjoint(runs: Sequence[Run]) -> None:
    seen: dict[tuple[str, str, str, int, int], Path] = {}
    for run in runs:
        for result in run.results:
            other = seen.setdefault(_key(result), run.path)
            if other is not run.path:
                raise StoreError(
                    f"{other} and {run.path} both have {result.case} ({result.setup}) on {result.spec}: "
                    "merge the shards of one run, each once"
                )


def _key(result: Result) -> tuple[str, str, str, int, int]:
    return result.spec, result.case, result.setup, result.repeat, result.attempt

"""`ringspec run --reuse`: a run that would only repeat what is in the run directory is not made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ringspec.judge.rules import KINDS
from ringspec.kernels import NotHeld, resolve_all
from ringspec.model import Kernel
from ringspec.results.provenance import run_info, tools_info
from ringspec.results.store import Run, load_run
from ringspec.run.options import RunOptions

FLAG = "--reuse"
# What a result depends on beside the kernel.
_INPUTS = ("suite", "liburing", "qemu", "seed", "repeat", "shard")


def previous_run(
    options: RunOptions, specs: Iterable[str], arguments: Iterable[str], cache: Path
) -> Run | None:
    """The run in --out, if it is complete, came of the same inputs and was not disturbed.

    `arguments` are those of the command, as run.json keeps them; `specs` names every kernel.
    """
    try:
        info = json.loads((options.out / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    asked, had = without_flag(arguments), without_flag(info.get("arguments", ()))
    if not info.get("complete") or asked != had:
        return None
    now = run_info(tools_info(options), options, with_vm=bool(info.get("qemu")))
    if any(now.get(name) != info.get(name) for name in _INPUTS):
        return None
    if not _same_kernels(options, specs, info, cache):
        return None
    run = load_run(options.out)
    disturbed = any(KINDS[result.verdict].environment for result in run.results)
    return run if run.complete and run.results and not disturbed else None


def without_flag(arguments: Iterable[str]) -> list[str]:
    """The arguments that say what to run."""
    return [argument for argument in arguments if argument != FLAG]


def _same_kernels(
    options: RunOptions, specs: Iterable[str], info: Mapping[str, Any], cache: Path
) -> bool:
    if options.as_version:  # Changes what a kernel counts as; not worth the second way to say it.
        return False
    resolution = resolve_all(specs, cache)
    for spec, error in resolution.errors.items():
        if spec in options.kernels or not isinstance(error, NotHeld):
            return False
    had = {kernel["spec"]: kernel for kernel in info["kernels"]}
    return {kernel.spec: _identity(kernel) for kernel in resolution.kernels} == {
        spec: tuple(entry.get(name) for name in ("kernel", "version", "package", "provenance"))
        for spec, entry in had.items()
    }


def _identity(kernel: Kernel) -> tuple[str, ...]:
    return kernel.kernel, kernel.version, kernel.package, kernel.provenance

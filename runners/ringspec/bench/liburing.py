"""liburing's own test programs for the same subject, where the user has built them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ringspec.bench.cost import Cost, of_command
from ringspec.bench.plan import Lab, Row
from ringspec.run.options import UsageProblem

# test/Makefile of liburing makes a program NAME.t of each NAME.c.
_SUBJECTS = ("*cancel*.t", "*timeout*.t", "poll-*.t")
_LIMIT_S = "60"
_ANY = range(-64, 256)


def programs(build: Path) -> list[Path]:
    """Those below the test directory of a build that are about canceling, timeouts and polls."""
    directory = build / "test" if (build / "test").is_dir() else build
    found = {file for subject in _SUBJECTS for file in directory.glob(subject)}
    if not found:
        raise UsageProblem(
            f"--liburing {build}: no test programs there (expected test/timeout.t and others): "
            "run make in it first"
        )
    return sorted(found)


def compare(lab: Lab, build: Path) -> Row:
    """All programs, one after the other, against all cases of the sample; both on this kernel."""
    files = programs(build)
    # Each in its directory, where some leave files; a limit for those that wait in vain.
    script = 'cd "$1" && shift && for program; do timeout ' + _LIMIT_S + ' "$program"; done'
    command = ["sh", "-c", script, "sh", str(files[0].parent), *map(str, files)]
    ways = {
        "liburing": lambda: of_command(command, {}, _ANY),
        "cases": lambda: lab.run(["host"], lab.names),
    }
    costs = lab.in_turn("liburing", ways)
    per = _per_unit(costs["liburing"], len(files)), _per_unit(costs["cases"], len(lab.names))
    what = f"host, {len(files)} programs, {len(lab.names)} cells"
    return Row("liburing's tests against cases, each", what, "1 of each", *per)


def _per_unit(cost: Cost, count: int) -> Cost:
    return Cost(cost.seconds / count, cost.cpu / count, cost.peak_mb)


def revision(build: Path) -> str:
    """What the directory says it is."""
    command = ["git", "-C", str(build), "describe", "--always"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown revision"

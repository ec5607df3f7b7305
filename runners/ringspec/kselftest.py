"""`ringspec kselftest DIR`: the cases as a directory for tools/testing/selftests.

The binary runs and judges there without Python; what it has to know about promises and known
issues goes into a plan beside it (harness/guest/plan.h).  A wrapper is what kselftest starts.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from ringspec.arch import ARCHES, native
from ringspec.judge.known_issues import KnownIssue, KnownIssues, load_known_issues
from ringspec.model import Case, Clause
from ringspec.promises.clauses import invariants, load_clauses
from ringspec.promises.manifest import load_manifest
from ringspec.run.options import ROOT, RunOptions, UsageProblem, build_directory, check_build

PLAN = "ringspec.plan"
BINARY = "ringspec-cases"
WRAPPER = "ringspec.sh"
# All cases in four setups take 6 minutes in real time on an idle machine.
_TIMEOUT_S = 1800

_WRAPPER = f"""\
#!/bin/sh
# KTAP on stdout; exit code 0 pass, 1 fail, 2 xfail, 3 xpass, 4 skip.
cd "$(dirname "$0")" || exit 1
exec ./{BINARY} --kselftest={PLAN} "$@"
"""
_MAKEFILE = f"""\
# The binary comes from ringspec and is not built here.
TEST_PROGS := {WRAPPER}
TEST_FILES := {BINARY} {PLAN}
include ../lib.mk
"""
_CONFIG = "CONFIG_IO_URING=y\nCONFIG_FUTEX=y\nCONFIG_TIME_NS=y\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of the command."""
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--arch", choices=sorted(ARCHES), help="(default: that of this machine)")
    parser.add_argument("--build", type=Path, metavar="DIR", help="where the cases were built")
    parser.add_argument("--known-issues", type=Path, metavar="DIR", help="default: ci/known-issues")


def command(arguments: argparse.Namespace) -> int:
    """Writes the directory."""
    arch = ARCHES[arguments.arch] if arguments.arch else native()
    options = RunOptions(kernels=(), arch=arch, build=arguments.build or build_directory(arch))
    check_build(options)
    clauses = load_clauses(ROOT / "cases")
    issues = load_known_issues(arguments.known_issues or options.known_issues, clauses)
    write(arguments.directory, options.binary, load_manifest(options.manifest), clauses, issues)
    print(f"{arguments.directory}: copy it to tools/testing/selftests/, or start its {WRAPPER}")
    return 0


def write(
    directory: Path,
    binary: Path,
    cases: Iterable[Case],
    clauses: Mapping[str, Clause],
    issues: KnownIssues,
) -> None:
    """Fills the directory, which may exist; UsageProblem where that is impossible."""
    files = {
        PLAN: plan(cases, clauses, issues),
        WRAPPER: _WRAPPER,
        "Makefile": _MAKEFILE,
        "config": _CONFIG,
        "settings": f"timeout={_TIMEOUT_S}\n",
    }
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (directory / name).write_text(text)
        (directory / WRAPPER).chmod(0o755)
        shutil.copy(binary, directory / BINARY)
    except OSError as error:
        raise UsageProblem(
            f"{directory}: {error.strerror}: expected a directory to fill"
        ) from error


def plan(cases: Iterable[Case], clauses: Mapping[str, Clause], issues: KnownIssues) -> str:
    """What harness/guest/plan.h reads."""
    lines = ["# Written by `ringspec kselftest`."]
    for case in cases:
        clause = clauses[case.clause]
        lines.append(
            _row(
                "case", case.name, clause.level, clause.since or "-", clause.until or "-",
                _list(_needs(clause)), _list(clause.setups),
            )
        )  # fmt: skip
        lines += [
            row
            for issue in issues.of(case.clause)
            if any(fnmatchcase(case.name, glob) for glob in issue.cases)
            for row in _known(case, issue)
        ]
    for name, identity in invariants(clauses).items():
        for issue in issues.of(identity):
            lines += [
                _row("broken", name, glob, issue.id, _list(issue.setups), pattern)
                for glob in issue.cases
                for pattern in issue.outcome
            ]
    return "\n".join(lines) + "\n"


def _needs(clause: Clause) -> tuple[str, ...]:
    """Its probes; an option of the kernel's configuration is one too."""
    if not clause.config:
        return clause.needs
    return (*clause.needs, "config:" + clause.config.removeprefix("CONFIG_"))


def _known(case: Case, issue: KnownIssue) -> list[str]:
    """One row for each pattern.  Where a run may also pass, no version demands that it fails."""
    exact = [str(v.first) for v in issue.versions if v.first == v.last]
    strict = [] if issue.intermittent else [v if v.count(".") == 2 else f"{v}.0" for v in exact]
    return [
        _row("known", case.name, issue.id, _list(issue.setups), issue.verdict or "-",
             _list(strict), pattern)
        for pattern in issue.outcome
    ]  # fmt: skip


def _list(words: Iterable[str]) -> str:
    return ",".join(words) or "-"


def _row(*columns: str) -> str:
    return "\t".join(columns)

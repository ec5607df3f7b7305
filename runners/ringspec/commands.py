"""What each command of `ringspec` does; every function returns its exit code."""

from __future__ import annotations

import signal
import sys
from argparse import Namespace
from functools import partial
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import NoReturn

import pytest

from ringspec import diff_text, gate_github, gate_text, gate_update, known_issue_files
from ringspec import listing as suite_listing, moves_text, repeats
from ringspec.arch import ARCHES, native
from ringspec.cache import cache_dir, write_atomically
from ringspec.clauses import load_clauses
from ringspec.diff import compare
from ringspec.gate import Gate, check
from ringspec.kernels import available, locked, render
from ringspec.kernels.sets import expand
from ringspec.known_issues import KnownIssues, load_known_issues
from ringspec.moves import moves
from ringspec.options import DEFAULT_SET, ROOT, RunOptions, UsageProblem, run_options
from ringspec.pairing import parse_pairs
from ringspec.quiet import QuietReporter
from ringspec.report import clausepages
from ringspec.reuse import previous_run, without_flag
from ringspec.report.terminal import print_matrix
from ringspec.store import Run, load_run, without_kernels_but

FORMS = ("html", "markdown", "junit", "ktap", "kcidb", "csv", "compat")


def run(arguments: Namespace) -> int:
    """A pytest run with our view of it in the place of pytest's."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    for_pytest = without_flag(arguments.for_pytest)
    if not arguments.ringspec_kernel:
        for_pytest += ["--kernel", DEFAULT_SET]
        arguments.ringspec_kernel = [DEFAULT_SET]
    if arguments.reuse and (code := _reuse(run_options(partial(getattr, arguments)))) is not None:
        return code
    own = [
        f"-c{ROOT / 'pyproject.toml'}",
        f"--rootdir={ROOT}",
        "--override-ini=addopts=",
        "--override-ini=testpaths=",
        "--capture=no",
    ]
    reporter = QuietReporter()
    code = int(pytest.main([*own, *for_pytest], plugins=[reporter]))
    if reporter.session is not None and reporter.session.run is not None:
        _tell(load_run(reporter.session.options.out), reporter.session.gate)
    return code


def _reuse(options: RunOptions) -> int | None:
    """Tells about the run that is there; None if it has to be made."""
    loaded = previous_run(
        options, expand(options.kernels, options.arch).specs, sys.argv[1:], cache_dir()
    )
    if loaded is None:
        return None
    gate = None
    if options.gate:
        known = load_known_issues(options.known_issues, loaded.clauses)
        gate = check(loaded, known, load_run(options.baseline) if options.baseline else None)
    _tell(loaded, gate)
    print("(nothing was run: kernels, cases, judge and options are those of this run)")
    return gate.exit_code if gate else 0


def _tell(loaded: Run, gate: Gate | None) -> None:
    """The matrix, what the gate says, and where to read on."""
    out = loaded.path
    print_matrix(loaded)
    _print_repeats(loaded)
    if gate is not None:
        text = gate_text.render(gate, out)
        in_matrix = all(problem.cell for problem in gate.problems)
        print("\n" + (text.splitlines()[-1] if in_matrix else text.rstrip()))
    print(f"\nrun directory: {out}")
    print(f"to read more:  ringspec gate {out}; ringspec report {out} --html {out}/report.html")


def _print_repeats(done: Run) -> None:
    """What a kernel did not do twice, after a run with --repeat."""
    if text := repeats.render(done):
        print("\n" + text, end="")


def listing(arguments: Namespace) -> int:
    """Clauses, cases, setups, ledger."""
    suite = suite_listing.load_suite()
    print(suite_listing.as_json(suite) if arguments.json else suite_listing.as_text(suite))
    return 0


def kernels(arguments: Namespace) -> int:
    """Kernels that can be had, or a lock file of some."""
    arch = ARCHES[arguments.arch] if arguments.arch else native()
    if arguments.pattern == "lock":
        print(locked(arguments.spec, cache_dir(), arch, _say), end="")
        return 0
    if arguments.spec:
        raise UsageProblem(f"unexpected {arguments.spec[0]!r}: one PATTERN, or lock [SPEC...]")
    rows = available(arguments.pattern, cache_dir(), _say, arch)
    if not rows:
        print(f"no kernel matches {arguments.pattern!r}: leave the pattern out to see all")
        return int(pytest.ExitCode.NO_TESTS_COLLECTED)
    print(render(rows))
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def report(arguments: Namespace) -> int:
    """The matrix, and the files that were asked for."""
    loaded = load_run(arguments.run)
    for form in FORMS:
        file: Path | None = getattr(arguments, form)
        if file is None:
            continue
        text = import_module(f"ringspec.report.{form}").render(loaded)
        try:
            _put(file, text)
        except OSError as error:
            raise UsageProblem(f"--{form} {file}: {error.strerror}") from error
        print(f"{form}: {file}", file=sys.stderr)
    if arguments.clauses is not None:
        _write_clauses(loaded, arguments.clauses)
    print_matrix(loaded)
    _print_repeats(loaded)
    return 0


def _put(file: Path, text: str) -> None:
    """All of it or nothing; what is no ordinary file (/dev/stdout, a pipe) is written to."""
    if file.exists() and not file.is_file():
        file.write_text(text, encoding="utf-8")
    else:
        write_atomically(file, text)


def _write_clauses(loaded: Run, directory: Path) -> None:
    try:
        count = clausepages.write(loaded, directory)
    except OSError as error:
        raise UsageProblem(f"--clauses {directory}: {error.strerror}") from error
    print(f"clauses: {directory} ({count} pages)", file=sys.stderr)


def gate(arguments: Namespace) -> int:
    """Whether everything is allowed."""
    loaded = load_run(arguments.run)
    directory = arguments.known_issues or RunOptions.known_issues
    if arguments.known_issues and not directory.is_dir():
        raise UsageProblem(f"--known-issues {directory}: no such directory")
    # An entry may be about a clause that is younger than the run.
    issues = load_known_issues(directory, {**load_clauses(ROOT / "cases"), **loaded.clauses})
    if arguments.update:
        if arguments.baseline:
            raise UsageProblem("--update makes entries for all that is red: leave --baseline out")
        return _update(loaded, issues, directory)
    found = check(
        loaded,
        issues,
        load_run(arguments.baseline) if arguments.baseline else None,
        parse_pairs(arguments.pair),
    )
    if arguments.github:
        print(gate_github.render(found), end="")
        return found.exit_code
    print(gate_text.render(found, arguments.run), end="")
    return found.exit_code


def _update(run: Run, issues: KnownIssues, directory: Path) -> int:
    """Writes entries; 0 if none was needed, 1 if a person has to look."""
    needed = gate_update.plan(run, issues)
    changed, by_hand = known_issue_files.extend(directory, needed.extensions)
    written = known_issue_files.add(directory, needed.entries, run.clauses, run.path)
    print(
        gate_text.render_update(needed, changed, written, [*needed.by_hand, *by_hand]),
        end="",
    )
    return int(not needed.empty)


def diff(arguments: Namespace) -> int:
    """What changed between two runs, or where it moved among more kernels than two."""
    runs = [_run_or_part(text) for text in arguments.runs]
    form = "json" if arguments.json else "markdown" if arguments.markdown else "text"
    if len(runs) == 2:
        found = compare(runs[0], runs[1], parse_pairs(arguments.pair))
        print(diff_text.FORMS[form](found), end="")
        return found.exit_code
    if arguments.pair:
        raise UsageProblem("--pair is about two runs: of more, every kernel is a column")
    moved = moves(runs)
    if len(moved.columns) < 2:
        raise UsageProblem(f"{arguments.runs[0]} has one kernel: nothing to compare it with")
    print(moves_text.FORMS[form](moved), end="")
    return moved.exit_code


def _run_or_part(text: str) -> Run:
    """RUN, or RUN:KERNEL."""
    path, colon, kernel = text.partition(":")
    if colon and not Path(text).is_dir():
        return without_kernels_but(load_run(Path(path)), kernel)
    return load_run(Path(text))


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """A CI service that cancels a job gets what Ctrl-C gets: no VM left, a valid partial run."""
    raise KeyboardInterrupt

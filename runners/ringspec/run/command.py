"""`ringspec run`: a pytest run with our view of it in the place of pytest's."""

from __future__ import annotations

import argparse
import signal
import sys
from functools import partial
from types import FrameType
from typing import NoReturn

import pytest

from ringspec.cache.directory import cache_dir
from ringspec.gate.check import Gate, check
from ringspec.judge.known_issues import load_known_issues
from ringspec.kernels.sets import expand
from ringspec.results.store import Run, load_run
from ringspec.run.options import DEFAULT_SET, ROOT, RunOptions, add_run_options, run_options
from ringspec.run.quiet import QuietReporter
from ringspec.run.reuse import FLAG, previous_run, without_flag

EPILOG = """\
Every other option is pytest's own: -k EXPRESSION, -x, --lf, --junitxml FILE, --deselect ID.

exit code: 0 the gate passed, 1 a result is not allowed, 2 interrupted, 3 the surroundings failed
(results lost, in error or missing), 4 wrong usage, 5 nothing ran"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of a run, which pytest knows too, and --reuse."""
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_run_options(parser.add_argument)
    parser.add_argument(
        FLAG, action="store_true", help="do nothing if --out has this very run, complete"
    )


def command(arguments: argparse.Namespace) -> int:
    """Makes the run, or tells about the one that is there."""
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
        _tell(reporter.session.written(), reporter.session.gate)
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
    from ringspec.run.text import tell  # slow to load: QuietReporter does while guests start

    tell(loaded, gate)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """A CI service that cancels a job gets what Ctrl-C gets: no VM left, a valid partial run."""
    raise KeyboardInterrupt

"""`ringspec diff`: what changed between kernels, and at which it moved."""

from __future__ import annotations

import argparse
from pathlib import Path

from ringspec.compare import diff_text, moves_text
from ringspec.compare.diff import compare
from ringspec.compare.moves import moves
from ringspec.compare.pairing import parse_pairs
from ringspec.results.store import Run, load_run, without_kernels_but
from ringspec.run.options import UsageProblem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """RUN or RUN:KERNEL, twice or more often."""
    parser.add_argument("runs", nargs="+", metavar="RUN", help="RUN or RUN:KERNEL, oldest first")
    parser.add_argument("--pair", action="append", default=[], metavar="A=B")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--markdown", action="store_true", help="for a step summary")
    forms.add_argument("--json", action="store_true", help="for programs")


def command(arguments: argparse.Namespace) -> int:
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

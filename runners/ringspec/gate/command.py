"""`ringspec gate`: whether every result of a run is allowed."""

from __future__ import annotations

import argparse
from pathlib import Path

from ringspec.compare.pairing import parse_pairs
from ringspec.gate import github as gate_github
from ringspec.gate import text as gate_text
from ringspec.gate import update as gate_update
from ringspec.gate.check import check
from ringspec.judge import known_issue_files
from ringspec.judge.known_issues import KnownIssues, load_known_issues
from ringspec.promises.clauses import load_clauses
from ringspec.results.store import Run, load_run
from ringspec.run.options import ROOT, RunOptions, UsageProblem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """RUN, what to hold it against, and how to tell."""
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("--github", action="store_true", help="as annotations of a workflow")
    parser.add_argument("--baseline", type=Path, metavar="RUN", help="allow what was already red")
    parser.add_argument("--known-issues", type=Path, metavar="DIR", help="default: ci/known-issues")
    parser.add_argument("--pair", action="append", default=[], metavar="A=B")
    parser.add_argument(
        "--update",
        action="store_true",
        help="write the known-issue entries that the run would need",
    )


def command(arguments: argparse.Namespace) -> int:
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

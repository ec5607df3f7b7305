"""The command `ringspec`: reads arguments, calls the part that does the work, returns its exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from ringspec import bisecting, cache_command, commands, kselftest, merging, replaying, shell
from ringspec.arch import ARCHES
from ringspec.clauses import ClauseError
from ringspec.explore import command as exploring
from ringspec.guest import GuestError, UsageError
from ringspec.kernels import KernelError
from ringspec.known_issues import KnownIssueError
from ringspec.ledger import LedgerError
from ringspec.manifest import ManifestError
from ringspec.negative_control import ControlError
from ringspec.options import UsageProblem, add_run_options
from ringspec.pairing import PairError
from ringspec.reuse import FLAG
from ringspec.runformat import StoreError
from ringspec.selftest import declare, selftest

USAGE = int(pytest.ExitCode.USAGE_ERROR)
ENVIRONMENT = 3
INTERRUPTED = int(pytest.ExitCode.INTERRUPTED)
BAD_INPUT = (
    ClauseError,
    ControlError,
    KnownIssueError,
    LedgerError,
    ManifestError,
    PairError,
    StoreError,
    UsageProblem,
)
RUN_EPILOG = """\
Every other option is pytest's own: -k EXPRESSION, -x, --lf, --junitxml FILE, --deselect ID.

exit code: 0 the gate passed, 1 a result is not allowed, 2 interrupted, 3 the surroundings failed
(results lost, in error or missing), 4 wrong usage, 5 nothing ran"""


class Parser(argparse.ArgumentParser):
    """A parser whose exit code for wrong usage is the one of the rest."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong and where to look."""
        print(f"ERROR: {message}\n(try: {self.prog} --help)", file=sys.stderr)
        raise SystemExit(USAGE)


def main(argv: Sequence[str] | None = None) -> int:
    """The entry point."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser()
    known, foreign = parser.parse_known_args(arguments)
    if known.command == "run":
        known.for_pytest = arguments[arguments.index("run") + 1 :]
    elif foreign:
        parser.error(f"unknown argument {foreign[0]!r}")
    try:
        return int(known.does(known))
    except BAD_INPUT as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return USAGE
    except KernelError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return error.exit_code
    except UsageError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return USAGE
    except GuestError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return ENVIRONMENT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # ringspec list | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> Parser:
    parser = Parser(
        prog="ringspec",
        description="Does this kernel keep the promises of the io_uring documentation?",
        allow_abbrev=False,
    )
    to = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, does: Callable[[argparse.Namespace], int], text: str) -> Parser:
        sub: Parser = to.add_parser(name, help=text, description=text, allow_abbrev=False)
        sub.set_defaults(does=does)
        return sub

    run = command("run", commands.run, "run the cases on kernels; without --kernel, on all")
    run.epilog = RUN_EPILOG
    run.formatter_class = argparse.RawDescriptionHelpFormatter
    add_run_options(run.add_argument)
    run.add_argument(
        FLAG, action="store_true", help="do nothing if --out has this very run, complete"
    )

    listing = command("list", commands.listing, "clauses, cases, setups and the ledger")
    listing.add_argument("--json", action="store_true", help="for programs")

    kernels = command("kernels", commands.kernels, "kernels that can be had, and what is cached")
    kernels.add_argument("pattern", nargs="?", default="", metavar="PATTERN")
    kernels.add_argument(
        "spec",
        nargs="*",
        help="`lock [SPEC...]` prints a lock file of them (default: the default set)",
    )
    kernels.add_argument("--arch", choices=sorted(ARCHES), help="(default: that of this machine)")

    text = "the cases as a directory for tools/testing/selftests"
    kselftest.add_arguments(command("kselftest", kselftest.command, text))

    report = command("report", commands.report, "the matrix of a run, and files made from it")
    report.add_argument("run", type=Path, metavar="RUN")
    for form in commands.FORMS:
        report.add_argument(f"--{form}", type=Path, metavar="FILE", help=f"write {form} to FILE")
    report.add_argument("--clauses", type=Path, metavar="DIR", help="a Markdown page per clause")

    gate = command("gate", commands.gate, "whether every result of a run is allowed")
    gate.add_argument("run", type=Path, metavar="RUN")
    gate.add_argument("--github", action="store_true", help="as annotations of a workflow")
    gate.add_argument("--baseline", type=Path, metavar="RUN", help="allow what was already red")
    gate.add_argument("--known-issues", type=Path, metavar="DIR", help="default: ci/known-issues")
    gate.add_argument("--pair", action="append", default=[], metavar="A=B")
    gate.add_argument(
        "--update",
        action="store_true",
        help="write the known-issue entries that the run would need",
    )

    explore = command("explore", exploring.explore, "try programs that nobody wrote on kernels")
    exploring.add_arguments(explore)

    declare(command("selftest", selftest, "break what the cases see: all must notice"))

    diff = command("diff", commands.diff, "what changed between kernels, and at which it moved")
    diff.add_argument("runs", nargs="+", metavar="RUN", help="RUN or RUN:KERNEL, oldest first")
    diff.add_argument("--pair", action="append", default=[], metavar="A=B")
    forms = diff.add_mutually_exclusive_group()
    forms.add_argument("--markdown", action="store_true", help="for a step summary")
    forms.add_argument("--json", action="store_true", help="for programs")

    for name, module, text in (
        ("cache", cache_command, "what is cached, and how much that may be"),
        ("merge", merging, "the runs of several shards as one"),
        ("bisect", bisecting, "at which release a case began to come to something else"),
        ("replay", replaying, "one case of a run again, with all that it does"),
        ("shell", shell, "a shell on a kernel, with the cases in it"),
    ):
        module.add_arguments(command(name, module.command, text))
    return parser

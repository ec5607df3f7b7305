"""The command `ringspec`: reads arguments, calls the part that does the work, returns its exit code."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from ringspec.errors import INTERRUPTED, USAGE, Problem

# Each command with what it is for and the module that does it, by `add_arguments` and `command`.  Only
# the module that is asked for is loaded: all of them take several times as long.
COMMANDS = {
    "run": ("run.command", "run the cases on kernels; without --kernel, on all"),
    "list": ("promises.listing", "clauses, cases, setups and the ledger"),
    "kernels": ("kernels.command", "kernels that can be had, and what is cached"),
    "kselftest": ("kselftest", "the cases as a directory for tools/testing/selftests"),
    "report": ("report.command", "the matrix of a run, and files made from it"),
    "gate": ("gate.command", "whether every result of a run is allowed"),
    "explore": ("explore.command", "try programs that nobody wrote on kernels"),
    "selftest": ("selftest.command", "break what the cases see: all must notice"),
    "diff": ("compare.command", "what changed between kernels, and at which it moved"),
    "cache": ("cache.command", "what is cached, and how much that may be"),
    "merge": ("results.merging", "the runs of several shards as one"),
    "bisect": ("bisect.command", "at which release a case began to come to something else"),
    "replay": ("replay.command", "one case of a run again, with all that it does"),
    "shell": ("shell", "a shell on a kernel, with the cases in it"),
}


class Parser(argparse.ArgumentParser):
    """A parser whose exit code for wrong usage is the one of the rest."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong and where to look."""
        print(f"ERROR: {message}\n(try: {self.prog} --help)", file=sys.stderr)
        raise SystemExit(USAGE)


def main(argv: Sequence[str] | None = None) -> int:
    """The entry point."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    gc.disable()  # nothing that is being loaded is garbage: to look for some costs a fifth of the start
    parser = _parser(arguments)
    gc.freeze()
    gc.enable()
    known, foreign = parser.parse_known_args(arguments)
    if known.command == "run":
        known.for_pytest = arguments[arguments.index("run") + 1 :]
    elif foreign:
        parser.error(f"unknown argument {foreign[0]!r}")
    try:
        return int(known.does(known))
    except Problem as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # ringspec list | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser(arguments: Sequence[str]) -> Parser:
    """Knows every command, and the arguments of those that `arguments` name."""
    parser = Parser(
        prog="ringspec",
        description="Does this kernel keep the promises of the io_uring documentation?",
        allow_abbrev=False,
    )
    to = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (place, text) in COMMANDS.items():
        sub: Parser = to.add_parser(name, help=text, description=text, allow_abbrev=False)
        if name in arguments:
            module = import_module(f"ringspec.{place}")
            module.add_arguments(sub)
            sub.set_defaults(does=module.command)
    return parser

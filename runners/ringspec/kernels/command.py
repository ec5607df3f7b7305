"""`ringspec kernels`: kernels that can be had by name, or a lock file of some."""

from __future__ import annotations

import argparse
import sys

from ringspec.arch import ARCHES, native
from ringspec.cache.directory import cache_dir
from ringspec.errors import NOTHING_RAN
from ringspec.kernels import available, locked, render
from ringspec.run.options import UsageProblem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """[PATTERN], or lock [SPEC...]."""
    parser.add_argument("pattern", nargs="?", default="", metavar="PATTERN")
    parser.add_argument(
        "spec",
        nargs="*",
        help="`lock [SPEC...]` prints a lock file of them (default: the default set)",
    )
    parser.add_argument("--arch", choices=sorted(ARCHES), help="(default: that of this machine)")


def command(arguments: argparse.Namespace) -> int:
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
        return NOTHING_RAN
    print(render(rows))
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr)

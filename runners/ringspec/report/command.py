"""`ringspec report`: the matrix of a run, and files made from it."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from ringspec.cache.directory import write_atomically
from ringspec.report import clausepages
from ringspec.report.terminal import print_matrix
from ringspec.results.repeats import print_repeats
from ringspec.results.store import Run, load_run
from ringspec.run.options import UsageProblem

FORMS = ("html", "markdown", "junit", "ktap", "kcidb", "csv", "compat")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """RUN, and a file for each form."""
    parser.add_argument("run", type=Path, metavar="RUN")
    for form in FORMS:
        parser.add_argument(f"--{form}", type=Path, metavar="FILE", help=f"write {form} to FILE")
    parser.add_argument("--clauses", type=Path, metavar="DIR", help="a Markdown page per clause")


def command(arguments: argparse.Namespace) -> int:
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
    print_repeats(loaded)
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

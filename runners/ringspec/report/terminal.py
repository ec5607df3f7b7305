"""The matrix in the terminal: one letter for each clause and kernel, in 80 columns."""

from __future__ import annotations

import io
from collections.abc import Sequence
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from ringspec.judge.rules import KINDS
from ringspec.report.matrix import Column, Matrix, Row, Square, build
from ringspec.report.red import unexplained
from ringspec.report.text import one_line, places_in_words, plural
from ringspec.results.store import Run

_WIDTH = 80
_FOLD_ABOVE = 150
_RED_SHOWN = 15
_STYLES = {"pass": "green", "early": "cyan", "observed": "green", "absent": "bright_black"}


def render(run: Run) -> str:
    """The matrix as plain text of 80 columns."""
    console = Console(file=io.StringIO(), width=_WIDTH, color_system=None, force_terminal=False)
    print_matrix(run, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def print_matrix(run: Run, console: Console | None = None, every_row: bool | None = None) -> None:
    """Prints matrix, legend, what is red and the totals.

    A large matrix folds the rows in which nothing is red, unless `every_row`.
    """
    console = console or Console(highlight=False, soft_wrap=False)
    matrix = build(run)
    rows = len(matrix.rows)
    fold = rows > _FOLD_ABOVE if every_row is None else not every_row
    names = max((len(row.clause.id) for row in matrix.rows), default=6)
    widths = [max(map(_width, matrix.columns), default=1)] * len(matrix.columns)
    room = max(console.width, 40) - 2
    per_block = _columns_per_block(names, widths, room)
    for start in range(0, len(matrix.columns), per_block):
        block = range(start, min(start + per_block, len(matrix.columns)))
        _print_block(console, matrix, block, widths, names, fold)
    console.print(_legend(matrix), highlight=False)
    _print_red(console, matrix)
    _print_totals(console, run, matrix)


def _columns_per_block(names: int, widths: Sequence[int], room: int) -> int:
    """How many kernels fit beside the names; more kernels are continued in a block below."""
    used, count = names, 0
    for width in widths:
        used += width + 1
        if used > room:
            break
        count += 1
    return max(count, 1)


def _print_block(
    console: Console,
    matrix: Matrix,
    block: range,
    widths: Sequence[int],
    names: int,
    fold: bool,
) -> None:
    for line in _head(matrix.columns, block, widths):
        _print(console, Text(" " * (names + 2) + line, style="bold"))
    for family in matrix.families:
        shown = [row for row in family.rows if row.red or not fold]
        _print(console, Text(family.name, style="bold"))
        for row in shown:
            _print(console, _line(row, block, widths, names))
        if len(shown) < len(family.rows):
            more = len(family.rows) - len(shown)
            _print(console, Text(f"  … {plural(more, 'clause')} without red", style="dim"))


def _line(row: Row, block: range, widths: Sequence[int], names: int) -> Text:
    line = Text("  ")
    line.append(f"{row.clause.id:<{names}}", style="bold red" if _new(row) else "")
    for number in block:
        square = row.squares[number]
        symbol = square.symbol if square else " "
        line.append(" " * widths[number])
        line.append(symbol, style=_style(square))
    return line


def _head(columns: Sequence[Column], block: range, widths: Sequence[int]) -> list[str]:
    """Versions written downwards, part below part: 6 / 12 / 117."""
    stacks = [_stack(columns[number]) for number in block]
    height = max((len(stack) for stack in stacks), default=0)
    lines = []
    for level in range(height):
        words = [stack[level] if level < len(stack) else "" for stack in stacks]
        parts = (f"{word:>{widths[number] + 1}}" for number, word in zip(block, words, strict=True))
        lines.append("".join(parts))
    return lines


def _stack(column: Column) -> list[str]:
    stack = column.version.split(".")
    if column.title != column.version:
        stack.insert(0, one_line(column.spec.rpartition("/")[2])[-8:])
    return stack


def _width(column: Column) -> int:
    return max(len(part) for part in _stack(column)) if column.version else 4


def _legend(matrix: Matrix) -> Text:
    shown = [square for row in matrix.rows for square in row.squares if square]
    verdicts = {square.verdict for square in shown}
    line = Text("\n")
    for kind in reversed(KINDS.values()):
        if kind.name in verdicts:
            line.append(kind.symbol, style=_verdict_style(kind.name))
            line.append(f" {kind.name}   ")
    if any(square.red and square.allowed for square in shown):
        line.append("lower case: known issue")
    line.rstrip()
    return line


def _print_red(console: Console, matrix: Matrix) -> None:
    found = unexplained(matrix)
    if found:
        _print(console, Text("\nred and not explained", style="bold"))
    for red in found[:_RED_SHOWN]:
        line = Text("  ")
        line.append(red.verdict, style=_verdict_style(red.verdict))
        line.append(f" {red.clause}  {one_line(red.case)}")
        console.print(line, overflow="fold", highlight=False)
        told = [places_in_words(red.places), *_promise(red.message)]
        if red.outcome and not any(text.startswith("came:") for text in told):
            told.append(f"came: {red.outcome}")
        for text in told:
            for part in wrap(one_line(text), max(console.width, 40) - 8):
                _print(console, Text(" " * 6 + part))
    if len(found) > _RED_SHOWN:
        _print(console, Text(f"  … and {len(found) - _RED_SHOWN} more in the report"))


def _promise(message: str) -> list[str]:
    """The lines of a message that a glance needs."""
    wanted = ("promised:", "by:", "came:", "not offered:", "expected one of:")
    return [line for line in message.splitlines() if line.startswith(wanted)]


def _print_totals(console: Console, run: Run, matrix: Matrix) -> None:
    counts = matrix.counts()
    line = Text(f"\n{plural(len(matrix.cells), 'cell')}: ")
    told = [name for name in reversed(KINDS) if counts[name]]
    for name in told:
        line.append(f"{counts[name]:,} {name}", style=_verdict_style(name))
        line.append(", " if name != told[-1] else "")
    known = sum(not cell.ok and cell.known_issue is not None for cell in matrix.cells)
    if known:
        line.append(f" ({known:,} red by known issues)")
    console.print(line, highlight=False)
    if not run.complete:
        _print(console, Text("the run was interrupted: this is a part of it", style="bold red"))


def _new(row: Row) -> bool:
    return any(square is not None and square.red and not square.allowed for square in row.squares)


def _style(square: Square | None) -> str:
    if square is None:
        return ""
    if square.red and square.allowed:
        return "yellow"
    return _verdict_style(square.verdict)


def _verdict_style(verdict: str) -> str:
    if verdict in _STYLES:
        return _STYLES[verdict]
    environment = verdict in KINDS and KINDS[verdict].environment
    return "bold magenta" if environment else "bold red"


def _print(console: Console, line: Text) -> None:
    console.print(line, no_wrap=True, crop=True, highlight=False)

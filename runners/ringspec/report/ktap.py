"""KTAP version 1 (Documentation/dev-tools/ktap.rst): kernels as subtests, cells as their tests."""

from __future__ import annotations

from ringspec.report.matrix import build
from ringspec.report.text import one_line, printable
from ringspec.results.cells import Cell
from ringspec.results.store import Run

_DIRECTIVES = {"hang": "TIMEOUT", "lost": "ERROR", "error": "ERROR", "notrun": "ERROR"}


def render(run: Run) -> str:
    """The whole text."""
    matrix = build(run)
    lines = ["KTAP version 1", f"1..{len(matrix.columns)}"]
    for number, column in enumerate(matrix.columns, 1):
        cells = [cell for cell in matrix.cells if cell.spec == column.spec]
        name = _name(column.spec)
        lines += ["  KTAP version 1", f"  # Subtest: {name}", f"  1..{len(cells)}"]
        good = True
        for test, cell in enumerate(cells, 1):
            fine, told = _test(test, cell)
            good = good and fine
            lines += [f"  {line}" for line in told]
        lines.append(f"{'ok' if good else 'not ok'} {number} {name}")
    return "\n".join(lines) + "\n"


def _test(number: int, cell: Cell) -> tuple[bool, list[str]]:
    name = _name(f"{cell.case}/{cell.setup}")
    outcome = one_line(" | ".join(cell.outcomes))
    violations = cell.violations
    known = cell.worst.known_issue
    if cell.ok and not violations:
        skip = (
            f" # SKIP {cell.clause} is not offered: {outcome}" if cell.verdict == "absent" else ""
        )
        return True, [f"ok {number} {name}{skip}"]
    said = [f"# {line}" for line in printable(cell.worst.message).splitlines()]
    said += [f"# invariant broken: {one_line(name)}" for name in violations]
    if known and (cell.ok or cell.known_issue):
        return True, [*said, f"ok {number} {name} # XFAIL {known}"]
    directive = _DIRECTIVES.get(cell.verdict)
    after = f" # {directive} {cell.verdict} {cell.clause}" if directive else ""
    return False, [*said, f"not ok {number} {name}{after}"]


def _name(text: str) -> str:
    return one_line(text).replace("#", "_")

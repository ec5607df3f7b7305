"""JUnit XML (xunit2): one test suite for each kernel, one test case for each cell."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from ringspec.report.matrix import Column, build
from ringspec.report.text import one_line, printable
from ringspec.results.cells import Cell
from ringspec.results.store import Run

_ERRORS = ("hang", "splat", "crash", "lost", "error", "notrun")


def render(run: Run) -> str:
    """The whole document."""
    matrix = build(run)
    root = ElementTree.Element("testsuites")
    for column in matrix.columns:
        cells = [cell for cell in matrix.cells if cell.spec == column.spec]
        root.append(_suite(run, column, cells))
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _suite(run: Run, column: Column, cells: Iterable[Cell]) -> ElementTree.Element:
    children = [_testcase(run, cell) for cell in cells]
    tags = [child.tag for testcase in children for child in testcase]
    suite = ElementTree.Element(
        "testsuite",
        name=printable(column.spec),
        tests=str(len(children)),
        failures=str(tags.count("failure")),
        errors=str(tags.count("error")),
        skipped=str(tags.count("skipped")),
        time=f"{sum(float(testcase.attrib['time']) for testcase in children):.3f}",
        timestamp=printable(str(run.info.get("started", "")))[:19] or "1970-01-01T00:00:00",
        hostname=printable(column.release) or "unknown",
    )
    suite.extend(children)
    return suite


def _testcase(run: Run, cell: Cell) -> ElementTree.Element:
    """Dots divide packages for most readers, so that those of the kernel become underscores."""
    suite, _, name = printable(cell.case).rpartition(".")
    seconds = sum(result.guest_ns for result in cell.results) / 1e9
    testcase = ElementTree.Element(
        "testcase",
        classname=f"{printable(cell.spec).replace('.', '_')}.{suite}",
        name=f"{name}[{cell.setup}]",
        time=f"{seconds:.3f}",
    )
    violations = cell.violations
    headline = one_line(f"{cell.verdict}: {cell.clause}: {' | '.join(cell.outcomes)}")
    text = printable(cell.worst.message)
    if violations:
        text = f"{text}\ninvariants broken: {', '.join(map(printable, violations))}".strip()
    known = cell.worst.known_issue
    if cell.ok and not violations:
        if cell.verdict == "absent":
            ElementTree.SubElement(testcase, "skipped", message=headline, type="absent")
    elif known and (cell.ok or cell.known_issue):
        skipped = ElementTree.SubElement(
            testcase, "skipped", message=f"known issue {known}: {headline}", type="known issue"
        )
        skipped.text = text
    else:
        kind = "error" if cell.verdict in _ERRORS else "failure"
        child = ElementTree.SubElement(testcase, kind, message=headline, type=cell.verdict)
        child.text = text
    if cell.case in run.info["cases"]:
        where = run.info["cases"][cell.case]
        output = ElementTree.SubElement(testcase, "system-out")
        output.text = printable(f"{where['file']}:{where['line']}\n{' | '.join(cell.outcomes)}")
    return testcase

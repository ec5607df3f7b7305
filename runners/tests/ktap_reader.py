"""A strict reader of KTAP version 1, from Documentation/dev-tools/ktap.rst of Linux."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_RESULT = re.compile(
    r"(?P<ok>ok|not ok) (?P<number>\d+) (?P<name>[^#]*?)"
    r"(?: # (?P<directive>SKIP|TODO|XFAIL|TIMEOUT|ERROR)(?: (?P<why>[^#]*))?)?\Z"
)


class BadKtap(Exception):
    """Text that is not KTAP."""


@dataclass(frozen=True)
class Test:
    """One result line, with the diagnostics before it and the tests below it."""

    name: str
    ok: bool
    directive: str
    why: str
    notes: tuple[str, ...]
    tests: tuple[Test, ...] = ()


def read(text: str) -> tuple[Test, ...]:
    """All tests of a document; raises BadKtap."""
    lines = text.split("\n")
    if lines.pop() != "":
        raise BadKtap("the last line has no line feed")
    tests, rest = _block(lines, "")
    if rest:
        raise BadKtap(f"not expected: {rest[0]!r}")
    return tests


def _block(lines: Sequence[str], indent: str) -> tuple[tuple[Test, ...], Sequence[str]]:
    lines = _expect(lines, indent + "KTAP version 1")
    while lines and lines[0].startswith(indent + "# "):
        lines = lines[1:]
    plan = re.fullmatch(re.escape(indent) + r"1\.\.(\d+)", lines[0] if lines else "")
    if plan is None:
        raise BadKtap(f"no plan: {lines[:1]}")
    position, tests = 1, []
    for number in range(1, int(plan[1]) + 1):
        test, position = _test(lines, position, indent, number)
        tests.append(test)
    return tuple(tests), lines[position:]


def _test(lines: Sequence[str], at: int, indent: str, number: int) -> tuple[Test, int]:
    notes: list[str] = []
    below: tuple[Test, ...] = ()
    if lines[at].startswith(indent + "  KTAP"):
        below, rest = _block(lines[at:], indent + "  ")
        at = len(lines) - len(rest)
    while lines[at].startswith(indent + "#"):
        notes.append(lines[at][len(indent) + 1 :].strip())
        at += 1
    match = _RESULT.match(lines[at][len(indent) :]) if lines[at].startswith(indent) else None
    if match is None or int(match["number"]) != number:
        raise BadKtap(f"expected result {number}, found {lines[at]!r}")
    test = Test(
        match["name"],
        match["ok"] == "ok",
        match["directive"] or "",
        match["why"] or "",
        tuple(notes),
        below,
    )
    if below and test.ok != all(one.ok for one in below):
        raise BadKtap(f"{test.name} is not what its tests are")
    return test, at + 1


def _expect(lines: Sequence[str], wanted: str) -> Sequence[str]:
    if not lines or lines[0] != wanted:
        raise BadKtap(f"expected {wanted!r}, found {lines[:1]}")
    return lines[1:]

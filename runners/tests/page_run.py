"""A small run that has something of everything that the report page can show."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ringspec.judge.known_issues import KnownIssue, KnownIssues
from ringspec.judge.versions import parse_interval
from ringspec.model import SETUPS, Case, Result
from ringspec.results.store import Run, console_name, trace_name
from synthetic import CASE, CLAUSE, INVARIANT, RED, RESULT, on, write_run

ENTRY = KnownIssue(
    id="all-counts-one",
    clause=CLAUSE.id,
    versions=(parse_interval("6.12"),),
    outcome=(RED.outcome,),
    kind="doc-conflict",
    reason="The walk stops after the first match.",
    source="io_uring/cancel.c",
)
RACE = replace(CLAUSE, id="TIMEOUT-RACE-01", family="timeout", says="A race has two ends.")
PLAIN = replace(CLAUSE, id="TIMEOUT-ETIME-01", family="timeout", says="It expires with -ETIME.")
LONG_NAME = "TimeoutRaces.ACaseWithANameThatNobodyWantsToReadOnAPhoneButMust"
CASES = (
    CASE,
    Case("AsyncCancel.AllOfFive", CLAUSE.id, "cases/async_cancel/all.cc", 30),
    Case(LONG_NAME, RACE.id, "cases/timeout/race.cc", 7),
    Case("Timeout.Expires", PLAIN.id, "cases/timeout/plain.cc", 7),
)
KERNELS = ("6.1.192", "6.12.117", "7.3.4")
HANG = on("7.3.4", replace(RED, setup="defer", verdict="hang", message="It did not return."))


def sqe(t: int, tag: str, op: int, number: int, **more: Any) -> dict[str, Any]:
    """An SQE as the flight recorder writes it; `number` is its user_data."""
    fields = {"flags": 0, "op_flags": 0, "fd": -1, "addr": "0", "off": "0", "len": 0, **more}
    return {"t": t, "ring": 0, "sqe": tag, "op": op, "user_data": str(number), **fields}


def cqe(t: int, tag: str, result: str, number: int, flags: int = 0) -> dict[str, Any]:
    """A CQE as the flight recorder writes it."""
    fields = {"res": 0, "result": result, "cqe_flags": flags, "user_data": str(number)}
    return {"t": t, "ring": 0, "cqe": tag, **fields}


TRACE = [
    sqe(1_000_000, "target", 6, 7, fd=9, flags=4),
    sqe(1_002_000, "link_timeout", 15, 8),
    sqe(1_050_000, "cancel", 14, 12, addr="7", op_flags=1),
    cqe(1_060_000, "cancel", "1", 12),
    cqe(3_060_000, "target", "-ECANCELED", 7),
    {"t": 5_001_000_000, "ring": 0, "note": "waited in vain"},
]


def page_run(path: Path) -> Run:
    """The run, with traces and a console."""
    run = write_run(path, _results(), [CLAUSE, RACE, PLAIN, INVARIANT], CASES, KnownIssues([ENTRY]))
    for result in run.results:
        if result.message:
            (path / trace_name(result)).write_text(json.dumps(TRACE))
    (path / console_name("debian:7.3")).write_text(
        "=== boot ===\n"
        f"[ 1.0] ringspec begin 9 {CASE.name} defer\n"
        "[ 1.1] WARNING: CPU: 0 PID: 1 at io_uring.c\n"
        "[ 1.2] ringspec end 9\n"
        "[ 1.3] somebody else's line\n"
    )
    return run


def _results() -> Iterable[Result]:
    for version in KERNELS:
        for setup in SETUPS:
            base = on(version, replace(RESULT, setup=setup))
            if version == "6.1.192":
                yield replace(base, verdict="absent", outcome="cancel=-EINVAL")
            elif version == "6.12.117":
                red = on(version, replace(RED, setup=setup))
                yield replace(red, known_issue=ENTRY.id)
            elif setup == "defer":
                yield HANG
            else:
                broken = ("restart_errno",) if setup == "coop" else ()
                yield replace(base, violations=broken)
            five = replace(base, case=CASES[1].name, outcome="cancel=5; target=-ECANCELED x5")
            yield five if version != "6.1.192" else replace(five, verdict="absent")
            yield replace(base, case=CASES[3].name, clause=PLAIN.id, outcome="timeout=-ETIME")
            race = replace(base, case=CASES[2].name, clause=RACE.id, outcome="permitted")
            race = replace(race, drawn={"canceled": 83, "expired": 17})
            yield race
            if version == "7.3.4":
                yield replace(race, repeat=1, verdict="fail", outcome="race=lost", message="Lost.")

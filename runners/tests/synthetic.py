"""Made-up results and whole runs for the tests of everything that comes after the judge."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ringspec.judge.known_issues import KnownIssues
from ringspec.judge.rules import KINDS
from ringspec.model import SETUPS, Case, Clause, Facts, Kernel, Result
from ringspec.results.store import Run, RunWriter, load_run

VERSIONS = (
    "5.10.262",
    "6.1.192",
    "6.12.117",
    "6.16.12",
    "6.17.13",
    "6.18.44",
    "6.19.14",
    "7.0.13",
    "7.1.9",
    "7.2.13",
    "7.3.4",
)
CLAUSE = Clause(
    id="CANCEL-ALL-COUNT-01",
    family="async_cancel",
    says="ALL over N polls reports N.",
    source="io_uring_prep_cancel(3), RETURN VALUE",
    level="must",
    since="5.19",
)
INVARIANT = Clause(
    id="INVARIANT-RESTART-01",
    family="invariants",
    says="No result is an error number that the kernel keeps to itself.",
    source="include/linux/errno.h",
    level="must",
    invariant="restart_errno",
)
CASE = Case("AsyncCancel.All", CLAUSE.id, "cases/async_cancel/all.cc", 12)
RESULT = Result(
    spec="debian:6.12",
    kernel="debian:6.12.117",
    release="6.12.117+deb13-cloud-amd64",
    version="6.12.117",
    setup="default",
    case=CASE.name,
    clause=CLAUSE.id,
    level="must",
    verdict="pass",
    in_range=True,
    present=True,
    outcome="cancel=3; target=-ECANCELED x3",
    drawn={},
    violations=(),
    known_issue=None,
    message="",
    repeat=0,
    attempt=0,
    guest_ns=812345,
)
RED = replace(
    RESULT, verdict="fail", outcome="cancel=1; target=-ECANCELED, pending x2", message="not kept"
)


def on(version: str, result: Result = RESULT) -> Result:
    """The same result on the newest kernel of a branch."""
    branch = ".".join(version.split(".")[:2])
    return replace(
        result,
        spec=f"debian:{branch}",
        kernel=f"debian:{version}",
        release=f"{version}+deb-cloud-amd64",
        version=version,
    )


def write_run(
    path: Path,
    results: Iterable[Result],
    clauses: Sequence[Clause] = (CLAUSE, INVARIANT),
    cases: Sequence[Case] = (CASE,),
    known: KnownIssues | None = None,
) -> Run:
    """A run directory with these results, read back."""
    with RunWriter(path, {"clock": "virtual", "accel": "tcg"}, clauses, cases, known) as writer:
        seen: set[str] = set()
        for result in results:
            if result.spec not in seen:
                seen.add(result.spec)
                kernel = Kernel(result.spec, result.kernel, result.version, provenance="sha256: 0")
                writer.kernel(kernel, Facts(result.release, "#1", "x86_64", 2, {}, {}, {}))
            writer.result(result)
    return load_run(path)


def big_run(path: Path, clause_count: int = 400, red: float = 0.03) -> Run:
    """Eleven kernels x four setups x many clauses, some of them red: about 18,000 results."""
    dice = random.Random(7)
    families = ("async_cancel", "sync_cancel", "poll_remove", "timeout", "link_timeout", "wait")
    clauses = [
        replace(
            CLAUSE,
            id=f"{families[n * 6 // clause_count].upper().replace('_', '-')}-{n:03}",
            family=families[n * 6 // clause_count],
            says=f"Promise number {n} is kept by every kernel since 5.19.",
        )
        for n in range(clause_count)
    ]
    cases = [
        Case(f"Suite{n % 9}.Promise{n}Holds", clause.id, f"cases/{clause.family}/a.cc", n + 1)
        for n, clause in enumerate(clauses)
    ]
    reds = [name for name, kind in KINDS.items() if not kind.ok and name != "unstable"]

    def results() -> Iterable[Result]:
        for version in VERSIONS:
            for setup in SETUPS:
                for case in cases:
                    base = replace(RESULT, setup=setup, case=case.name, clause=case.clause)
                    verdict = "pass" if dice.random() > 0.1 else dice.choice(("absent", "observed"))
                    if dice.random() < red:
                        verdict = dice.choice(reds)
                    if verdict in reds:
                        base = replace(base, outcome="cancel=1", message="The promise is not kept.")
                    yield on(version, replace(base, verdict=verdict))

    return write_run(path, results(), [*clauses, INVARIANT], cases)

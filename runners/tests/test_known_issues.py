"""Known issues: read strictly, matched narrowly, and no verdict ever changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringspec.judge.known_issues import KnownIssueError, KnownIssues, load_known_issues
from ringspec.judge.rules import KINDS
from ringspec.model import Result
from synthetic import CLAUSE, INVARIANT, RED, RESULT, on

CLAUSES = {clause.id: clause for clause in (CLAUSE, INVARIANT)}
INVARIANTS = {"restart_errno": INVARIANT.id}
ENTRY = """
[all-counts-one]
clause = "CANCEL-ALL-COUNT-01"
setups = ["default", "coop"]
versions = ["6.12..6.12.117"]
outcome = "cancel=1; target=-ECANCELED, pending x2"
kind = "kernel-bug"
reason = "The walk stops after the first match."
source = "io_uring/cancel.c"
"""


def load(directory: Path, text: str = ENTRY) -> KnownIssues:
    (directory / "cancel.toml").write_text(text)
    return load_known_issues(directory, CLAUSES)


def known(issues: KnownIssues, result: Result) -> str | None:
    return issues.annotate(result, INVARIANTS).known_issue


def test_a_red_result_that_an_entry_describes(tmp_path: Path) -> None:
    issues = load(tmp_path)
    assert known(issues, RED) == "all-counts-one"
    assert known(issues, replace(RED, setup="coop")) == "all-counts-one"


def test_no_entry_reaches_further_than_it_says(tmp_path: Path) -> None:
    issues = load(tmp_path)
    assert known(issues, RESULT) is None
    assert known(issues, replace(RED, setup="sqpoll")) is None
    assert known(issues, on("6.12.118", RED)) is None
    assert known(issues, replace(RED, outcome="cancel=0")) is None
    assert known(issues, replace(RED, clause="OTHER-01")) is None
    assert known(issues, replace(RED, verdict="hang")) is None
    assert known(issues, replace(RED, verdict="lost")) is None
    assert known(issues, replace(RED, violations=("one_final_cqe",))) is None


def test_a_hang_is_known_only_if_the_entry_says_hang(tmp_path: Path) -> None:
    issues = load(tmp_path, ENTRY + 'verdict = "hang"\n')
    assert known(issues, replace(RED, verdict="hang")) == "all-counts-one"
    assert known(issues, RED) is None


def test_a_violation_is_known_under_the_clause_of_its_invariant(tmp_path: Path) -> None:
    text = ENTRY.replace(CLAUSE.id, INVARIANT.id).replace("cancel=1;", "cancel=*;")
    issues = load(tmp_path, text + 'cases = ["AsyncCancel.*"]\n')
    broken = replace(RED, verdict="pass", violations=("restart_errno",))
    assert known(issues, broken) == "all-counts-one"
    assert known(issues, replace(broken, case="Timeout.All")) is None
    assert known(issues, replace(broken, verdict="fail")) is None


def test_an_absent_directory_has_no_entries(tmp_path: Path) -> None:
    assert load_known_issues(tmp_path / "none", CLAUSES).entries == {}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('color = "red"', "unknown field 'color'"),
        ('reason = ""', "missing field 'reason'"),
        ('kind = "bug"', "kind = 'bug'; expected one of kernel-bug"),
        ('clause = "NO-1"', "clause = 'NO-1': there is no such clause"),
        ('setups = ["fast"]', "unknown setup 'fast'"),
        ("setups = []", "setups is empty"),
        ('versions = "6.12"', "versions = '6.12'; expected a list of strings"),
        ('versions = ["6.1.170..7.3"]', "begins inside 6.1.y and ends on another branch"),
        ('outcome = "a="', "'a' has no value"),
        ('verdict = "lost"', "verdict = 'lost'; expected one of fail"),
        ('intermittent = "yes"', "intermittent: expected true or false"),
        ('clause = "INVARIANT-RESTART-01"', "an entry about an invariant needs `cases`"),
    ],
)
def test_a_bad_entry_is_named(tmp_path: Path, line: str, problem: str) -> None:
    key = line.split(" = ")[0]
    kept = [text for text in ENTRY.splitlines() if not text.startswith(f"{key} =")]
    with pytest.raises(KnownIssueError) as error:
        load(tmp_path, "\n".join([*kept, line]))
    assert f"{tmp_path}/cancel.toml: [all-counts-one] " in str(error.value)
    assert problem in str(error.value)


@given(
    verdict=st.sampled_from([name for name in KINDS if name != "unstable"]),
    setup=st.sampled_from(["default", "defer", "coop", "sqpoll"]),
    outcome=st.sampled_from([RESULT.outcome, RED.outcome, ""]),
    violations=st.sampled_from([(), ("restart_errno",), ("unnamed",)]),
)
def test_nothing_but_the_known_issue_ever_changes(
    tmp_path_factory: pytest.TempPathFactory,
    verdict: str,
    setup: str,
    outcome: str,
    violations: tuple[str, ...],
) -> None:
    issues = load(tmp_path_factory.mktemp("k"))
    result = replace(RESULT, verdict=verdict, setup=setup, outcome=outcome, violations=violations)
    annotated = issues.annotate(result, INVARIANTS)
    assert replace(annotated, known_issue=None) == result
    if annotated.known_issue:
        assert not KINDS[verdict].ok and not KINDS[verdict].environment and not violations

"""The gate lets nothing red pass that nobody explained, and no explanation that is not needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from ringspec.compare.pairing import PairError, pair, parse_pairs
from ringspec.gate.check import Gate, annotated, check
from ringspec.gate.text import render
from ringspec.judge.known_issues import KnownIssue, KnownIssues
from ringspec.judge.versions import parse_interval
from ringspec.model import Result
from ringspec.results.store import Run
from synthetic import CLAUSE, INVARIANT, RED, RESULT, on, write_run

ENTRY = KnownIssue(
    id="all-counts-one",
    clause=CLAUSE.id,
    versions=(parse_interval("6.12"),),
    outcome=(RED.outcome,),
    kind="kernel-bug",
    reason="The walk stops after the first match.",
    source="io_uring/cancel.c",
    setups=("default",),
)
BROKEN = replace(RESULT, violations=("restart_errno",))


def run_of(path: Path, results: Iterable[Result]) -> Run:
    return write_run(path, results)


def gate(
    path: Path, results: Iterable[Result], *entries: KnownIssue, baseline: Run | None = None
) -> Gate:
    return check(run_of(path, results), KnownIssues(entries), baseline)


def kinds(checked: Gate) -> list[str]:
    return [problem.kind for problem in checked.problems]


def test_green_passes(tmp_path: Path) -> None:
    checked = gate(tmp_path, [RESULT, replace(RESULT, setup="coop", verdict="absent")])
    assert (checked.exit_code, checked.problems) == (0, ())
    assert render(checked, tmp_path) == "gate passed: 2 cells\n"


def test_an_empty_run_is_not_green(tmp_path: Path) -> None:
    assert gate(tmp_path, []).exit_code == 5


def test_red_is_not_allowed_unless_an_entry_says_so(tmp_path: Path) -> None:
    checked = gate(tmp_path / "a", [RED])
    assert (kinds(checked), checked.exit_code) == (["red"], 1)
    checked = gate(tmp_path / "b", [RED], ENTRY)
    assert (kinds(checked), checked.exit_code, checked.allowed) == ([], 0, 1)


def test_an_unexpected_pass_is_red(tmp_path: Path) -> None:
    checked = gate(tmp_path, [RESULT], ENTRY)
    assert (kinds(checked), checked.exit_code) == (["unexpected pass"], 1)
    assert "all-counts-one" in render(checked, tmp_path)


def test_an_entry_that_describes_nothing_is_red(tmp_path: Path) -> None:
    other = replace(RED, outcome="cancel=0")
    assert kinds(gate(tmp_path, [other], ENTRY)) == ["red", "unused"]


def test_an_entry_that_nothing_ran_for_is_not_unused(tmp_path: Path) -> None:
    for number, result in enumerate(
        (
            on("7.3.4"),
            replace(RESULT, setup="coop"),
            replace(RESULT, verdict="absent", outcome="-EINVAL"),
        )
    ):
        assert kinds(gate(tmp_path / str(number), [result], ENTRY)) == []


def test_the_environment_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    lost = replace(RESULT, verdict="lost", setup="coop")
    checked = gate(tmp_path / "a", [RESULT, lost])
    assert (kinds(checked), checked.exit_code) == (["environment"], 3)
    assert gate(tmp_path / "b", [RED, lost]).exit_code == 1
    assert gate(tmp_path / "c", [lost], replace(ENTRY, setups=("coop",))).exit_code == 3


def test_repeats_that_disagree_are_red(tmp_path: Path) -> None:
    both = [RESULT, replace(RED, repeat=1)]
    assert kinds(gate(tmp_path / "a", both)) == ["unstable"]
    assert kinds(gate(tmp_path / "b", both, ENTRY)) == ["unstable"]
    assert kinds(gate(tmp_path / "c", both, replace(ENTRY, intermittent=True))) == []


def test_an_intermittent_entry_may_stay_unused(tmp_path: Path) -> None:
    assert kinds(gate(tmp_path, [RESULT], replace(ENTRY, intermittent=True))) == []


def test_a_broken_invariant_is_red_though_the_case_passes(tmp_path: Path) -> None:
    checked = gate(tmp_path / "a", [BROKEN])
    assert (kinds(checked), checked.problems[0].subject) == (["violation"], INVARIANT.id)
    entry = replace(ENTRY, clause=INVARIANT.id, cases=("AsyncCancel.*",), outcome=("*",))
    assert kinds(gate(tmp_path / "b", [BROKEN], entry)) == []
    assert kinds(gate(tmp_path / "c", [RESULT], entry)) == ["unexpected pass"]


def test_a_baseline_allows_what_was_red_in_the_same_way(tmp_path: Path) -> None:
    before = run_of(tmp_path / "before", [RED, replace(RESULT, setup="coop")])
    assert kinds(gate(tmp_path / "a", [RED], baseline=before)) == []
    worse = replace(RED, outcome="cancel=0")
    assert kinds(gate(tmp_path / "b", [worse], baseline=before)) == ["red"]
    assert kinds(gate(tmp_path / "c", [replace(RED, setup="coop")], baseline=before)) == ["red"]
    assert kinds(gate(tmp_path / "d", [BROKEN], baseline=before)) == ["violation"]
    broken = run_of(tmp_path / "broken", [BROKEN])
    assert kinds(gate(tmp_path / "e", [BROKEN], baseline=broken)) == []


def test_a_baseline_of_another_kernel(tmp_path: Path) -> None:
    before = run_of(tmp_path / "before", [on("6.1.192", RED)])
    assert kinds(gate(tmp_path / "a", [RED], baseline=before)) == []
    checked = gate(tmp_path / "b", [RED, on("7.3.4")], baseline=before)
    assert kinds(checked) == ["red"]
    assert "the baseline allows nothing" in checked.notices[0]


def test_the_text_tells_the_same_thing_once_and_how_to_see_it(tmp_path: Path) -> None:
    everywhere = [
        replace(on(version, RED), setup=setup, message="promised: x\ncame: y\x1b[2J")
        for version in ("6.12.117", "7.3.4")
        for setup in ("default", "defer", "coop", "sqpoll")
    ]
    assert render(gate(tmp_path, everywhere), Path("out")) == (
        "red: not allowed\n"
        "  fail CANCEL-ALL-COUNT-01  AsyncCancel.All on debian:6.12, debian:7.3 (all setups)\n"
        "      promised: x\n"
        "      came: y\N{REPLACEMENT CHARACTER}[2J\n"
        "      ringspec replay out debian:6.12 AsyncCancel.All/default\n"
        "\n"
        "to write known-issue entries for these: ringspec gate out --update\n"
        "gate failed: 8 problems in 8 cells\n"
    )


def test_the_text_fits_on_one_screen_and_leaves_no_kind_out(tmp_path: Path) -> None:
    reds = [replace(RED, case=f"A.A{n}", message="promised: x\ncame: y") for n in range(99)]
    broken = [replace(BROKEN, case=f"A.B{n}") for n in range(9)]
    text = render(gate(tmp_path, [*reds, *broken]), Path("out"))
    assert text.count("promised: x") == 9
    assert "… and 90 more" in text and "… and 8 more" in text
    assert "an invariant is broken" in text
    assert len(text.splitlines()) < 50


def test_a_run_seen_with_other_known_issues(tmp_path: Path) -> None:
    run = annotated(run_of(tmp_path, [RED]), KnownIssues([ENTRY]))
    assert run.results[0].known_issue == ENTRY.id
    assert run.info["known_issues"][ENTRY.id]["reason"] == ENTRY.reason


def test_pairs() -> None:
    assert pair(["a", "b"], ["b", "c"]) == (("b", "b"),)
    assert pair(["a"], ["b"]) == (("a", "b"),)
    assert pair(["a", "b"], ["b", "c"], {"a": "c"}) == (("a", "c"), ("b", "b"))
    assert parse_pairs(["debian:6.12=./bzImage"]) == {"debian:6.12": "./bzImage"}
    with pytest.raises(PairError, match="say which to compare with --pair A=B"):
        pair(["a", "b"], ["c"])
    with pytest.raises(PairError, match="the first run has a, the second b"):
        pair(["a"], ["b"], {"a": "x"})
    with pytest.raises(PairError, match="expected A=B"):
        parse_pairs(["a"])

"""`gate --update` writes what a run would need, and never more than it measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
import tomllib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringspec.cli import main
from ringspec.gate.check import check
from ringspec.gate.update import plan
from ringspec.judge.known_issue_files import with_versions
from ringspec.judge.known_issues import KnownIssueError, KnownIssues, load_known_issues
from ringspec.model import SETUPS, Case, Result
from synthetic import CASE, CLAUSE, INVARIANT, RED, RESULT, on, write_run

BROKEN = replace(RESULT, violations=("restart_errno",))
HANG = replace(RED, verdict="hang", outcome="")
ENTRY = f"""\
# Counts.
[all-counts-one]
clause = "{CLAUSE.id}"
setups = ["default", "coop"]   # not the others
versions = ["6.1.192", "6.12.107"]  # measured
outcome = "{RED.outcome}"
kind = "kernel-bug"
reason = "The walk stops."
source = "a thread"
"""


def update(path: Path, results: Iterable[Result], known: str = "", *more: str) -> tuple[int, Path]:
    """Runs the command on such a run, beside a file with these entries."""
    write_run(path / "run", results, cases=[Case("AsyncCancel.All", CLAUSE.id, "a.cc", 1)])
    issues = path / "known"
    issues.mkdir()
    (issues / "count.toml").write_text(known)
    code = main(["gate", str(path / "run"), "--update", "--known-issues", str(issues), *more])
    return code, issues


def fill_in(issues: Path) -> None:
    """What a person does."""
    for file in issues.glob("*-new.toml"):
        text = file.read_text().replace("FILL IN: ", "")
        file.write_text(text.replace("kernel-bug, doc-conflict, backport-defect", "kernel-bug"))


def test_a_green_run_needs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, issues = update(tmp_path, [RESULT])
    assert (code, [file.name for file in issues.iterdir()]) == (0, ["count.toml"])
    assert "every red result is known" in capsys.readouterr().out


def test_an_entry_gets_the_release_in_its_place_and_keeps_its_form(tmp_path: Path) -> None:
    both = [on("6.1.190", replace(RED, setup=setup)) for setup in ("default", "coop")]
    code, issues = update(tmp_path, both, ENTRY)
    assert code == 1
    assert (issues / "count.toml").read_text() == ENTRY.replace(
        '["6.1.192",', '["6.1.190", "6.1.192",'
    )
    assert [file.name for file in issues.iterdir()] == ["count.toml"]


def test_an_entry_does_not_get_a_release_that_was_measured_in_part(tmp_path: Path) -> None:
    """With the release, the entry would speak of `coop` as well, which did not run."""
    _, issues = update(tmp_path, [RED], ENTRY)
    assert (issues / "count.toml").read_text() == ENTRY
    new = tomllib.loads((issues / "async_cancel-new.toml").read_text())["cancel-all-count-01"]
    assert (new["setups"], new["versions"]) == (["default"], ["6.12.117"])


@pytest.mark.parametrize("axis", ["liburing", "kernel"])
def test_a_case_about_the_library_is_measured_in_whatever_setup_it_ran(
    tmp_path: Path, axis: str
) -> None:
    """It runs in one setup of one kernel, and nobody will measure it in more."""
    write_run(tmp_path / "run", [RED], cases=[replace(CASE, axis=axis)])
    issues = tmp_path / "known"
    issues.mkdir()
    (issues / "count.toml").write_text(ENTRY)

    main(["gate", str(tmp_path / "run"), "--update", "--known-issues", str(issues)])

    extended = '"6.12.107", "6.12.117"]' in (issues / "count.toml").read_text()
    assert extended == (axis == "liburing")
    assert (issues / "async_cancel-new.toml").exists() != extended


def test_an_entry_about_two_library_cases_is_not_extended_by_one_of_them(tmp_path: Path) -> None:
    both = [replace(CASE, name=name, axis="liburing") for name in ("Library.A", "Library.B")]
    results = [replace(RED, case="Library.A"), replace(RESULT, case="Library.B")]
    for name, count in (("one", 1), ("both", 2)):
        write_run(tmp_path / name, results[:count], cases=both)
        issues = tmp_path / f"known-{name}"
        issues.mkdir()
        (issues / "count.toml").write_text(ENTRY)

        main(["gate", str(tmp_path / name), "--update", "--known-issues", str(issues)])

        assert (issues / "count.toml").read_text() == ENTRY


def test_nor_one_where_a_covered_cell_passed(tmp_path: Path) -> None:
    _, issues = update(tmp_path, [RED, replace(RESULT, setup="coop")], ENTRY)
    assert (issues / "count.toml").read_text() == ENTRY


def test_a_cell_that_is_absent_is_in_nobodys_way(tmp_path: Path) -> None:
    absent = replace(RESULT, setup="coop", verdict="absent", outcome="-EINVAL")
    _, issues = update(tmp_path, [RED, absent], ENTRY)
    assert '"6.12.107", "6.12.117"]' in (issues / "count.toml").read_text()


def test_new_entries_are_refused_until_a_person_has_written_the_reason(tmp_path: Path) -> None:
    _, issues = update(tmp_path, [RED, BROKEN, on("7.3.4", HANG)])
    run = write_run(tmp_path / "again", [RED, BROKEN, on("7.3.4", HANG)])
    with pytest.raises(KnownIssueError, match="reason is still to be written: fill it in"):
        load_known_issues(issues, run.clauses)
    fill_in(issues)
    entries = load_known_issues(issues, run.clauses).entries
    assert {entry.clause for entry in entries.values()} == {CLAUSE.id, INVARIANT.id}
    assert entries["cancel-all-count-01-2"].verdict == "hang"
    assert check(run, KnownIssues(entries.values())).exit_code == 0
    text = (issues / "async_cancel-new.toml").read_text()
    assert f"# promised: {CLAUSE.says}\n" in text
    assert f"# ringspec replay {tmp_path}/run debian:6.12 AsyncCancel.All/default\n" in text


def test_what_comes_at_times_only_is_intermittent(tmp_path: Path) -> None:
    _, issues = update(tmp_path, [RED, replace(RESULT, repeat=1)])
    new = tomllib.loads((issues / "async_cancel-new.toml").read_text())
    assert new["cancel-all-count-01"]["intermittent"] is True


def test_entries_that_nothing_used_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = update(tmp_path, [on("6.1.192")], ENTRY)
    assert code == 1
    assert "unused, correct or remove it: all-counts-one" in capsys.readouterr().out


def test_an_entry_about_a_clause_that_is_younger_than_the_run_is_in_nobodys_way(
    tmp_path: Path,
) -> None:
    younger = ENTRY.replace(CLAUSE.id, "TIMEOUT-UPDATE-MSHOT-02")
    assert update(tmp_path, [RESULT], younger)[0] == 0


def test_a_baseline_is_another_matter(tmp_path: Path) -> None:
    assert update(tmp_path, [RED], "", "--baseline=x")[0] == 4


VERSIONS = ("6.1.192", "6.12.117", "7.3.4")
STATES = {"red": RED, "other": replace(RED, outcome="cancel=0"), "ok": RESULT, "hang": HANG}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*STATES, "not run"]), min_size=24, max_size=24))
def test_the_entries_cover_what_was_red_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, states: list[str]
) -> None:
    path = tmp_path_factory.mktemp("run")
    places = list(product(VERSIONS, SETUPS, ("A.A", "A.B")))
    results = [
        on(version, replace(STATES[state], setup=setup, case=case))
        for (version, setup, case), state in zip(places, states, strict=True)
        if state != "not run"
    ]
    run = write_run(path, results, cases=[Case(name, CLAUSE.id, "a.cc", 1) for name in "AB"])
    red = {(r.version, r.setup, r.case) for r in run.results if r.verdict != "pass"}
    covered = [
        (version, setup, case)
        for entry in plan(run, KnownIssues()).entries
        for version, setup, case in product(entry.versions, entry.setups, entry.cases)
    ]
    assert sorted(covered) == sorted(red)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('["6.12"]', '["6.12", "7.3.4"]'),
        ('["7.4"]', '["7.3.4", "7.4"]'),
        (
            '[\n  "6.1.1..6.1.9",  # old\n  "8.0.1",\n]',
            '[\n  "6.1.1..6.1.9", "7.3.4",  # old\n  "8.0.1",\n]',
        ),
    ],
)
def test_a_release_goes_where_it_belongs(before: str, after: str) -> None:
    form = (
        '[other]\nversions = ["1.2"]\n[an-id]\n# why\nversions = {}\n[third]\nversions = ["9.9"]\n'
    )
    assert with_versions(form.format(before), "an-id", ["7.3.4"]) == form.format(after)


@pytest.mark.parametrize("text", ["an-id.versions = ['6.1']\n", "[an-id]\nversions = ['6.1']\n"])
def test_a_form_that_is_not_understood_is_left_alone(text: str) -> None:
    assert with_versions(text, "an-id", ["7.3.4"]) is None

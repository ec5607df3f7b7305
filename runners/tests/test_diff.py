"""A diff puts every cell into exactly one class."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringspec.compare.diff import CLASSES, classify, compare
from ringspec.compare.diff_text import render, render_json, render_markdown
from ringspec.judge.rules import KINDS
from ringspec.model import Case, Result
from ringspec.results.cells import Cell, fold
from ringspec.results.store import without_kernels_but
from synthetic import CASE, CLAUSE, RED, RESULT, on, write_run

ABSENT = replace(RESULT, verdict="absent", outcome="cancel=-EINVAL")
LOST = replace(RESULT, verdict="lost")
BROKEN = replace(RESULT, violations=("restart_errno",))
OTHER = replace(RESULT, outcome="cancel=2")


def cell(result: Result | None) -> Cell | None:
    return None if result is None else fold([result])[0]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (RESULT, RED, "regression"),
        (ABSENT, RED, "new failure"),
        (RED, RED, "still failing"),
        (RED, RESULT, "fixed"),
        (RED, ABSENT, "fixed"),
        (ABSENT, RESULT, "appeared"),
        (RESULT, ABSENT, "disappeared"),
        (RESULT, OTHER, "outcome changed"),
        (RESULT, replace(RESULT, verdict="early"), "same"),
        (RESULT, RESULT, "same"),
        (None, RED, "added"),
        (RED, None, "removed"),
        (RESULT, LOST, "never judged"),
        (LOST, LOST, "same"),
        (LOST, RED, "added"),
        (RESULT, BROKEN, "regression"),
        (BROKEN, RESULT, "fixed"),
        (BROKEN, BROKEN, "still failing"),
        (BROKEN, RED, "regression"),
        (RED, replace(RED, violations=("restart_errno",)), "regression"),
        (replace(RED, violations=("restart_errno",)), RED, "still failing"),
    ],
)
def test_classes(before: Result | None, after: Result | None, kind: str) -> None:
    assert classify(cell(before), cell(after)) == kind


VERDICTS = st.sampled_from([name for name in KINDS if name != "unstable"])
CELLS = st.builds(lambda verdict: fold([replace(RESULT, verdict=verdict)])[0], VERDICTS)


@given(st.one_of(st.none(), CELLS), CELLS)
def test_every_pair_has_a_class_and_nothing_differs_from_itself(
    before: Cell | None, after: Cell
) -> None:
    assert classify(before, after) in CLASSES
    assert classify(after, after) in ("same", "still failing")


def test_an_upgrade(tmp_path: Path) -> None:
    before = write_run(tmp_path / "a", [RESULT, replace(RED, setup="coop")])
    after = write_run(
        tmp_path / "b", [on("7.3.4", RED), replace(on("7.3.4"), setup="coop"), on("7.3.4", RED)]
    )
    diff = compare(before, after)
    assert diff.pairs == (("debian:6.12", "debian:7.3"),)
    assert [change.kind for change in diff.changes] == ["regression", "fixed"]
    assert diff.exit_code == 1
    assert compare(after, after).exit_code == 0
    assert render(diff) == (
        "debian:6.12 -> debian:7.3\n"
        "\n"
        "regression (was kept, is not any more)\n"
        "  CANCEL-ALL-COUNT-01  AsyncCancel.All\n"
        "      on debian:7.3 (default)\n"
        "      - pass cancel=3; target=-ECANCELED x3\n"
        "      + fail cancel=1; target=-ECANCELED, pending x2\n"
        "\n"
        "fixed (was red, is not any more)\n"
        "  CANCEL-ALL-COUNT-01  AsyncCancel.All\n"
        "      on debian:7.3 (coop)\n"
        "      - fail cancel=1; target=-ECANCELED, pending x2\n"
        "      + pass cancel=3; target=-ECANCELED x3\n"
        "\n"
        "2 cells compared: 1 regression, 1 fixed\n"
    )
    assert "## regression" in render_markdown(diff)
    told = json.loads(render_json(diff))
    assert [change["class"] for change in told["changes"]] == ["regression", "fixed"]
    assert told["changes"][0]["after"]["verdict"] == "fail"


def test_what_fails_as_before_is_counted_and_what_fails_otherwise_is_told(tmp_path: Path) -> None:
    before = write_run(tmp_path / "a", [RED, replace(RED, setup="coop")])
    after = write_run(tmp_path / "b", [RED, replace(RED, setup="coop", outcome="cancel=0")])
    for text in (render(compare(before, after)), render_markdown(compare(before, after))):
        assert "1 cell with the same outcome" in text
        assert "fail cancel=0" in text
    assert compare(before, after).exit_code == 0


def test_a_new_case_is_new_and_not_a_change_unless_it_is_red(tmp_path: Path) -> None:
    before = write_run(tmp_path / "a", [RESULT])
    after = write_run(tmp_path / "b", [RESULT, replace(RESULT, setup="coop")])
    assert compare(before, after).exit_code == 0
    worse = write_run(tmp_path / "c", [RESULT, replace(RED, setup="coop")])
    assert compare(before, worse).exit_code == 1


def test_a_setup_that_appears_is_told_once(tmp_path: Path) -> None:
    refused = replace(RESULT, verdict="absent", outcome="-EINVAL", setup="defer")
    offered = replace(RESULT, setup="defer")
    cases = [Case(name, CLAUSE.id, "f.cc", 1) for name in ("A.A", "A.B")]
    before, after = (
        write_run(tmp_path / name, [replace(state, case=case.name) for case in cases], cases=cases)
        for name, state in (("a", refused), ("b", offered))
    )
    assert render(compare(before, after)) == (
        "debian:6.12\n"
        "\n"
        "appeared (was absent, and is there now)\n"
        "  the ring setup itself (2 cells)\n"
        "      on debian:6.12 (defer)\n"
        "      - absent -EINVAL\n"
        "      + offered\n"
        "\n"
        "2 cells compared: 2 appeared\n"
    )
    assert "- offered\n      + absent -EINVAL" in render(compare(after, before))


def test_a_lost_cell_is_no_regression(tmp_path: Path) -> None:
    before = write_run(tmp_path / "a", [RESULT])
    after = write_run(tmp_path / "b", [LOST])
    assert compare(before, after).exit_code == 3


def test_a_case_about_the_library_neither_came_nor_went_with_a_kernel(tmp_path: Path) -> None:
    """It runs on the first kernel of a run, and in one setup of that."""
    about = replace(CASE, name="Library.Waits", axis="liburing")
    library = replace(RESULT, case=about.name)
    newer = on("7.3.4")
    run = write_run(tmp_path / "run", [RESULT, library, newer], cases=[CASE, about])
    old, new = (without_kernels_but(run, spec) for spec in (RESULT.spec, newer.spec))

    assert [compare(a, b).changes for a, b in ((old, new), (new, old))] == [(), ()]
    assert compare(old, new).compared == 1


def test_a_case_about_the_library_is_compared_where_both_kernels_have_some(tmp_path: Path) -> None:
    cases = [replace(CASE, name=f"Library.{name}", axis="liburing") for name in "AB"]
    first = write_run(tmp_path / "a", [replace(RESULT, case="Library.A")], cases=cases)
    second = [replace(RED, case="Library.A"), replace(RESULT, case="Library.B")]

    found = compare(first, write_run(tmp_path / "b", second, cases=cases))

    assert [change.kind for change in found.changes] == ["regression", "added"]

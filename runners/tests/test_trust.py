"""docs/trust.md says what is in its directory, and of which revision each part is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from ringspec import trust
from synthetic import RESULT, write_run


def recorded(directory: Path, **revisions: str) -> None:
    for part, revision in revisions.items():
        (directory / f"{part}.revision").write_text(revision + "\n")


def test_parts_of_one_revision_are_said_to_be(tmp_path: Path) -> None:
    recorded(tmp_path, faults="abc", drills="abc")

    assert "All of it is of revision abc." in trust.page(tmp_path)


def test_parts_of_several_revisions_are_listed(tmp_path: Path) -> None:
    recorded(tmp_path, faults="abc", drills="def", fuzz="abc")

    page = trust.page(tmp_path)
    assert "- Of revision def: drills.\n- Of revision abc: faults, fuzz.\n" in page


def test_faults_are_counted_by_what_became_of_them(tmp_path: Path) -> None:
    about = {"fault": "early", "says": "is early", "case": RESULT.case}
    injections = [
        {**about, "noticed": True, "exempt": None},
        {**about, "noticed": False, "exempt": "why"},
        {**about, "noticed": False, "exempt": None},
    ]
    said = {
        **{"kernel": "debian:7.3", "revision": "abc", "complete": True, "injections": injections},
        **{"holding": [RESULT.case], "red_already": [], "toothless": []},
    }
    (tmp_path / "control-newest.json").write_text(json.dumps(said))

    assert "| is early | 3 | 1 | 1 | 1 |" in trust.page(tmp_path)


def test_repeats_that_differ_are_counted_and_shown(tmp_path: Path) -> None:
    red = replace(RESULT, verdict="fail", outcome="cancel=2", repeat=1)
    write_run(tmp_path / "repeats-virtual-6.12", [RESULT, red])

    page = trust.page(tmp_path)
    assert "| 1 | 2 | 1 | 0 |" in page
    assert f"- debian:6.12 {RESULT.setup} {RESULT.case}: `1 x pass: " in page

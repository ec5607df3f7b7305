"""Of more than two kernels, a diff says at which of them each behaviour moved."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ringspec.cli import main
from ringspec.compare.moves import Moves, moves
from ringspec.compare.moves_text import render, render_json, render_markdown
from ringspec.results.store import Run
from synthetic import RED, RESULT, on, write_run

OTHER_RED = replace(RED, outcome="cancel=0")
LOST = replace(RESULT, verdict="lost", outcome="")


def comes_and_goes(path: Path) -> Run:
    """Written newest first: the columns are by version all the same."""
    row = {"7.3.4": RESULT, "7.0.13": LOST, "6.16.12": RED, "6.12.117": RED, "6.1.192": RESULT}
    return write_run(path, [on(version, result) for version, result in row.items()])


def kinds(found: Moves) -> list[tuple[str, str]]:
    return [
        (found.columns[move.at].title, move.change.kind)
        for track in found.tracks
        for move in track.moves
    ]


def test_every_change_point_is_told_with_the_kernel_it_came_with(tmp_path: Path) -> None:
    found = moves([comes_and_goes(tmp_path)])
    assert kinds(found) == [("6.12.117", "regression"), ("7.3.4", "fixed")]
    assert found.exit_code == 1
    assert render(found) == (
        "moved at  regression  fixed\n"
        "6.1.192\n"
        "6.12.117           1      -\n"
        "6.16.12            -      -\n"
        "7.0.13             -      -\n"
        "7.3.4              -      1\n"
        "\n"
        "CANCEL-ALL-COUNT-01  AsyncCancel.All (default)\n"
        "    6.1.192                          pass cancel=3; target=-ECANCELED x3\n"
        "    6.12.117 to 6.16.12  regression  fail cancel=1; target=-ECANCELED, pending x2\n"
        "    7.0.13                           never judged\n"
        "    7.3.4                fixed       pass cancel=3; target=-ECANCELED x3\n"
        "\n"
        "1 cell on 5 kernels: 1 moved\n"
    )


def test_the_same_in_markdown_and_for_programs(tmp_path: Path) -> None:
    found = moves([comes_and_goes(tmp_path)])
    assert "| 7.3.4 | - | 1 |" in render_markdown(found)
    told = json.loads(render_json(found))
    assert [column["title"] for column in told["columns"]][0] == "6.1.192"
    assert [(move["at"], move["class"]) for move in told["moves"]] == kinds(found)
    assert told["moves"][0]["before"]["version"] == "6.1.192"


def test_runs_keep_the_order_they_are_given_in(tmp_path: Path) -> None:
    new, old = (write_run(tmp_path / v, [on(v, r)]) for v, r in (("7.3.4", RED), ("6.1.192", RED)))
    again = write_run(tmp_path / "again", [on("7.3.4", OTHER_RED)])
    found = moves([new, old, again])
    assert [column.title.rpartition("/")[2] for column in found.columns] == [
        "7.3.4:debian:7.3",
        "6.1.192:debian:6.1",
        "again:debian:7.3",
    ]
    assert [kind for _, kind in kinds(found)] == ["still failing"]
    assert found.exit_code == 0


def test_a_case_that_is_new_is_no_move(tmp_path: Path) -> None:
    first = write_run(tmp_path / "a", [on("6.1.192")])
    second = write_run(tmp_path / "b", [on("7.3.4"), on("7.3.4", replace(RED, setup="coop"))])
    assert kinds(moves([first, second])) == []


def test_a_setup_that_appears_is_told_once(tmp_path: Path) -> None:
    refused = replace(RESULT, verdict="absent", outcome="-EINVAL")
    cases = [replace(state, case=case) for case in ("A.A", "A.B") for state in (refused,)]
    offered = [on("7.3.4", replace(RESULT, case=case.case)) for case in cases]
    text = render(moves([write_run(tmp_path, [*(on("5.10.262", c) for c in cases), *offered])]))
    assert "the ring setup itself, 2 cells (default)\n" in text
    assert "7.3.4     appeared  offered\n" in text


def test_the_command_takes_one_run_of_several_kernels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    comes_and_goes(tmp_path)
    assert main(["diff", str(tmp_path)]) == 1
    assert "6.12.117 to 6.16.12" in capsys.readouterr().out
    assert main(["diff", f"{tmp_path}:debian:6.1", f"{tmp_path}:debian:7.3"]) == 0
    assert "no difference" in capsys.readouterr().out
    assert main(["diff", f"{tmp_path}:debian:6.1"]) == 4
    assert "nothing to compare it with" in capsys.readouterr().err
    assert main(["diff", str(tmp_path), "--pair=a=b"]) == 4

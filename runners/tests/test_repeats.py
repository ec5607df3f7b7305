"""The distribution of what repeats came to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ringspec.results.repeats import render
from synthetic import RED, RESULT, write_run


def test_one_execution_of_each_cell_has_no_distribution(tmp_path: Path) -> None:
    assert render(write_run(tmp_path, [RESULT, replace(RESULT, setup="defer")])) == ""


def test_what_a_kernel_does_not_repeat_is_counted(tmp_path: Path) -> None:
    results = [replace(RESULT, repeat=number) for number in range(3)]
    results += [replace(RED, repeat=3), replace(RESULT, repeat=4, outcome="cancel=3\x1b[2J")]
    results += [replace(RESULT, setup="defer", repeat=number) for number in range(5)]

    assert render(write_run(tmp_path, results)) == (
        "repeats: 2 cells, 10 executions; 1 cell did not come to the same each time\n"
        "  debian:6.12 default AsyncCancel.All\n"
        "        3 x pass: cancel=3; target=-ECANCELED x3\n"
        "        1 x fail: cancel=1; target=-ECANCELED, pending x2\n"
        "        1 x pass: cancel=3\N{REPLACEMENT CHARACTER}[2J\n"
    )


def test_races_show_what_they_drew_over_all_repeats(tmp_path: Path) -> None:
    race = replace(RESULT, outcome="permitted")
    drawn = ({"won": 12, "lost": 8}, {"lost": 20})
    results = [replace(race, repeat=number, drawn=one) for number, one in enumerate(drawn)]
    results += [replace(race, setup="defer", repeat=0, drawn={"won": 5})]

    assert render(write_run(tmp_path, results)) == (
        "repeats: 2 cells, 3 executions; 0 cells did not come to the same each time\n"
        "races: what they drew\n"
        "  AsyncCancel.All\n"
        "    debian:6.12 default  28 lost, 12 won\n"
        "    debian:6.12 defer    5 won\n"
    )

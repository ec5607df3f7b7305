"""What is seen while a run goes on: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from ringspec.model import Execution
from ringspec.run.progress import BARS_AT_MOST, LiveView, PlainView, Tally, View, time_left
from synthetic import RED, RESULT, on

EXECUTION = Execution(1, RESULT.case, "defer")


def live(terminal: io.StringIO, height: int = 30) -> LiveView:
    console = Console(file=terminal, force_terminal=True, width=80, height=height, no_color=True)
    return LiveView(console)


def play(view: View) -> None:
    """Two kernels; one new red cell, one known, one kernel that ended early."""
    view.planned("debian:6.12", 3)
    view.planned("debian:7.3", 400)
    view.began("debian:6.12", EXECUTION)
    view.judged(RESULT, red=False, allowed=False)
    view.judged(RED, red=True, allowed=False)
    view.judged(replace(RED, known_issue="x"), red=True, allowed=True)
    view.ended("debian:6.12", "")
    view.began("debian:7.3", EXECUTION)
    view.judged(on("7.3.4"), red=False, allowed=False)
    view.ended("debian:7.3", "the VM is gone")
    view.close()


def last_screen(text: str) -> list[str]:
    """The lines below the last place the cursor was moved up to, without their controls."""
    return [
        re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", line).rstrip()
        for line in re.split(r"\x1b\[\d*A", text)[-1].splitlines()
        if line.strip()
    ]


def test_the_live_view_has_a_bar_for_each_kernel_and_one_for_all() -> None:
    terminal = io.StringIO()
    play(live(terminal))
    lines = [line for line in last_screen(terminal.getvalue()) if "/" in line]
    assert max(map(len, lines)) <= 80
    told = [re.sub(r"[━╸╺]+", "", line).split() for line in lines]
    assert [line[:4] for line in told] == [
        ["debian:6.12", "3/3", "2", "red,"],
        ["debian:7.3", "1/400", "0", "red"],
        ["all", "4/403", "2", "red,"],
    ]
    assert "done" in lines[0] and "the VM is gone" in lines[1]


def test_only_new_red_cells_scroll_by() -> None:
    terminal = io.StringIO()
    play(live(terminal))
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    assert text.count("fail     debian:6.12    default  AsyncCancel.All: cancel=1") == 1
    assert "debian:7.3: the VM is gone" in text


def test_many_kernels_do_not_push_the_bars_off_the_screen() -> None:
    terminal = io.StringIO()
    view = live(terminal)
    for number in range(BARS_AT_MOST + 1):
        view.planned(f"debian:6.{number}", 1)
    for number in range(BARS_AT_MOST):
        view.ended(f"debian:6.{number}", "")
    view.close()
    bars = [line.split()[0] for line in last_screen(terminal.getvalue()) if "/" in line]
    assert bars == [f"debian:6.{BARS_AT_MOST}", "all"]


def test_the_plain_view_is_lines() -> None:
    out = io.StringIO()
    play(PlainView(out))
    assert out.getvalue() == (
        "debian:6.12: 3 to run\n"
        "fail     debian:6.12    default  AsyncCancel.All: cancel=1; target=-ECANCELED, pending x2\n"
        "debian:6.12: ended, 3 of 3 done, 2 red\n"
        "debian:7.3: 400 to run\n"
        "debian:7.3: ended, 1 of 400 done, 0 red\n"
        "debian:7.3: the VM is gone\n"
    )


@pytest.mark.parametrize("error", ["BootFailed: no kernel\n  last lines: panic", ""])
def test_a_kernel_that_fails_as_a_whole_is_one_line_and_the_reason(error: str) -> None:
    notrun = replace(RED, verdict="notrun", outcome="", message="not run\nthe machine ended")
    plain, terminal = io.StringIO(), io.StringIO()
    for view in (PlainView(plain), live(terminal)):
        view.planned(RESULT.spec, 1000)
        for _ in range(1000):
            view.judged(notrun, red=True, allowed=False)
        view.ended(RESULT.spec, error)
        view.close()

    why = f"debian:6.12: 1,000 not run: {error or 'the machine ended'}\n"
    assert plain.getvalue() == f"debian:6.12: ended, 0 of 1000 done, 0 red\n{why}"
    scrolled = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", terminal.getvalue())
    assert scrolled.count("not run") == 1 and why in scrolled


@pytest.mark.parametrize(
    "done, elapsed_s, words",
    [
        (0, 60, ""),
        (1, 0.5, ""),
        (50, 60, "about 1:00 left"),
        (1, 2, "about 3:18 left"),
        (100, 60, ""),
    ],
)
def test_the_time_left(done: int, elapsed_s: float, words: str) -> None:
    assert time_left([Tally(60, done // 2), Tally(40, done - done // 2)], elapsed_s) == words

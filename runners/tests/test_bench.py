"""What ci/bench says was measured; measuring itself takes minutes and is not done here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ringspec.bench.cost import CommandFailed, Cost, of_command, of_programs, typical
from ringspec.bench.liburing import programs
from ringspec.bench.page import BEGIN, END, put, table
from ringspec.bench.plan import Row
from ringspec.run.options import ROOT, UsageProblem

EATS_100_MB = "data = bytearray(100 << 20); import time; time.sleep(0.3)"


def test_a_command_costs_what_it_and_its_children_take() -> None:
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {EATS_100_MB!r}])"

    cost = of_command([sys.executable, "-c", child], {})

    assert cost.seconds > 0.3 > cost.cpu / 10 > 0
    assert 100 < cost.peak_mb < 400


def test_the_cost_of_programs_is_without_us() -> None:
    ours = bytearray(200 << 20)

    cost = of_programs(lambda: subprocess.run([sys.executable, "-c", EATS_100_MB], check=True))

    assert len(ours) and 100 < cost.peak_mb < 200


def test_what_fails_was_not_measured() -> None:
    with pytest.raises(CommandFailed, match="exit code 3\nno kernel"):
        of_command(["sh", "-c", "echo no kernel; exit 3"], {}, allowed=(0, 1))


def test_the_environment_of_a_command_is_ours_and_more() -> None:
    home = os.environ["PATH"]
    of_command(["sh", "-c", f'test "$MORE" = yes && test "$PATH" = "{home}"'], {"MORE": "yes"})


def test_the_table_has_ratios_and_names_a_group_once() -> None:
    one, two = Cost(1.0, 2.0, 100.0), typical([Cost(2, 3, 50), Cost(9, 9, 50), Cost(1, 1, 50)])

    text = table(
        [Row("boot", "6.12", "1 cell", two, one), Row("boot", "7.3", "1 cell", one)], ["N."]
    )

    assert text.splitlines()[0] == "N."
    assert "| boot | 6.12 | 1 cell | 2.00 | 2.00 | 3.00 | 1.50 | 50 | 0.50 |" in text
    assert "|  | 7.3 | 1 cell | 1.00 |  | 2.00 |  | 100 |  |" in text


def test_only_what_is_between_the_markers_changes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")

    put(page, "new\n")
    put(page, "newer\n")

    assert page.read_text() == f"before\n{BEGIN}\nnewer\n{END}\nafter\n"
    with pytest.raises(UsageProblem, match="the table goes between"):
        put(ROOT / "README.md", "")


def test_a_directory_without_test_programs_is_told(tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    with pytest.raises(UsageProblem, match="no test programs there"):
        programs(tmp_path)
    for name in ("timeout.t", "poll-cancel.t", "timeout.c", "nop.t"):
        (tmp_path / "test" / name).touch()
    assert [file.name for file in programs(tmp_path)] == ["poll-cancel.t", "timeout.t"]

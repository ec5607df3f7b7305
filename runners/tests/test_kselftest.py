"""The cases as a kselftest: KTAP and exit codes, without Python where they run."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from guest_lab import DRILLS
from ringspec.cli import main
from ringspec.kselftest import BINARY, PLAN, WRAPPER

NOTHING = "case\tDrill.Nothing\tmust\t5.1\t-\t-\t-"
FAILS = "case\tDrill.FailsAnExpectation\tmust\t5.1\t-\t-\t-"
DIES = "case\tDrill.DiesOfASignal\tmust\t5.1\t-\t-\t-"


def this_release() -> str:
    """x.y.z as the binary understands it."""
    uname = os.uname()
    text = uname.version.partition("Debian ")[2] or uname.release
    found = re.match(r"[0-9.]*", text)
    assert found
    return found[0]


def run_drill(place: Path, name: str, *plan: str) -> tuple[int, list[str]]:
    (place / "plan").write_text("\n".join(plan) + "\n")
    command = [DRILLS, f"--kselftest={place}/plan", f"--filter=Drill.{name}"]
    done = subprocess.run(
        [*command, "--ringspec_setup=default"], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize(
    ("name", "plan", "code", "line"),
    [
        ("Nothing", [NOTHING], 0, "ok 1 Drill.Nothing/default"),
        ("FailsAnExpectation", [FAILS], 1, "not ok 1 Drill.FailsAnExpectation/default"),
        ("DiesOfASignal", [DIES], 1, "not ok 1 Drill.DiesOfASignal/default"),
        (
            "FailsAnExpectation",
            [FAILS, "known\tDrill.FailsAnExpectation\tbug-7\tdefault\t-\t-\t*"],
            2,
            "ok 1 Drill.FailsAnExpectation/default # XFAIL bug-7",
        ),
        (
            "FailsAnExpectation",
            [FAILS, "known\tDrill.FailsAnExpectation\tbug-7\tsqpoll\t-\t-\t*"],
            1,
            "not ok 1 Drill.FailsAnExpectation/default",
        ),
        (
            "Nothing",
            [NOTHING, f"known\tDrill.Nothing\tbug-7\tdefault\t-\t{this_release()}\t*"],
            3,
            "ok 1 Drill.Nothing/default # XPASS bug-7",
        ),
        (
            "FailsAnExpectation",
            [FAILS.replace("5.1", "99.0")],
            4,
            f"ok 1 Drill.FailsAnExpectation/default # SKIP not promised in {this_release()}; came: ",
        ),
        (
            "FailsAnExpectation",
            [FAILS.replace("must", "observed")],
            4,
            "ok 1 Drill.FailsAnExpectation/default # SKIP nobody promises this; came: ",
        ),
    ],
)
def test_verdict_and_exit_code(
    tmp_path: Path, name: str, plan: list[str], code: int, line: str
) -> None:
    found, lines = run_drill(tmp_path, name, *plan)

    assert (found, lines[-2]) == (code, line)
    assert lines[:2] == ["KTAP version 1", "1..1"]
    assert all(text.startswith("# ") for text in lines[2:-2])


def test_what_failed_is_told_in_diagnostics(tmp_path: Path) -> None:
    _, lines = run_drill(tmp_path, "FailsAnExpectation", FAILS)

    assert any("# " in line and "Expected equality" in line for line in lines)


@pytest.mark.parametrize("plan", ["nonsense", NOTHING])
def test_plan_that_does_not_fit_the_binary_is_no_skip(tmp_path: Path, plan: str) -> None:
    code, lines = run_drill(tmp_path, "FailsAnExpectation", plan)

    assert code == 1
    assert lines[-1].startswith("Bail out! ")


def test_directory_is_a_kselftest_that_runs_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "io_uring_cancel"

    assert main(["kselftest", str(directory)]) == 0

    makefile = (directory / "Makefile").read_text()
    assert f"TEST_PROGS := {WRAPPER}\nTEST_FILES := {BINARY} {PLAN}\n" in makefile
    assert re.fullmatch(r"timeout=\d+\n", (directory / "settings").read_text())
    command = [directory / WRAPPER, "--filter=PollRemove.*Unknown*", "--ringspec_setup=default"]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(r"(?m)^1\.\.2$", done.stdout)
    assert "# Totals: pass:2 fail:0" in done.stdout


def test_case_that_changes_the_machine_is_left_out(tmp_path: Path) -> None:
    assert main(["kselftest", str(tmp_path)]) == 0
    command = [tmp_path / WRAPPER, "--filter=Timeout.SettingTheClock*", "--ringspec_setup=default"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 4
    assert "# SKIP would change this machine, see --allow-host-changes" in done.stdout

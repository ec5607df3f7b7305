"""The command: exit codes, messages, what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ringspec.cli import main
from ringspec.results.store import load_run

CASE = {"name": "Timeout.Expires", "clause": "TIMEOUT-ETIME-01", "file": "cases/a.cc", "line": 1}
FAILS = {"status": "ran", "holds": False, "outcome": "timeout=0"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory to run in, with a built manifest and a recording."""
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "ringspec-cases").touch()
    (tmp_path / "build" / "cases.json").write_text(json.dumps({"cases": [CASE]}))
    (tmp_path / "known").mkdir()
    (tmp_path / "recording.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ringspec", "run", "-p", "recorded", "--build=build"]
    return subprocess.Popen(
        [*command, "--known-issues=known", *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*arguments: str) -> tuple[int, str, str]:
    process = start(*arguments)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_a_run_shows_progress_matrix_gate_and_where_it_is(place: Path) -> None:
    code, out, err = run("--kernel=debian:6.12")
    assert (code, err) == (0, "")
    assert out.startswith("debian:6.12: 4 to run\ndebian:6.12: ended, 4 of 4 done, 0 red\n")
    assert "TIMEOUT-ETIME-01" in out
    assert "gate passed: 4 cells" in out
    assert "run directory: out" in out
    assert load_run(place / "out").complete


def test_a_red_cell_is_told_when_it_comes_and_explained_at_the_end(place: Path) -> None:
    record(place, {"observations": {"Timeout.Expires[defer]": FAILS}})
    code, out, _ = run("--kernel=debian:6.12")
    assert code == 1
    assert "fail     debian:6.12    defer    Timeout.Expires: timeout=0\n" in out
    assert "gate failed: 1 problem in 4 cells" in out


def test_a_known_issue_is_not_told_when_it_comes_and_lets_the_gate_pass(place: Path) -> None:
    (place / "known" / "all.toml").write_text(
        "[late-kernel]\n"
        'clause = "TIMEOUT-ETIME-01"\n'
        'versions = ["6.12"]\n'
        'outcome = "timeout=0"\n'
        'kind = "kernel-bug"\n'
        'reason = "it expires with 0"\n'
        'source = "a thread"\n'
    )
    record(place, {"default": FAILS})
    code, out, _ = run("--kernel=debian:6.12")
    assert code == 0
    assert "gate passed: 4 cells, 4 red but allowed" in out
    assert "fail     debian:6.12" not in out


def test_a_guest_cannot_write_control_characters_to_the_terminal(place: Path) -> None:
    record(place, {"default": {**FAILS, "outcome": "\x1b[2Jtimeout=0"}})
    _, out, _ = run("--kernel=debian:6.12")
    assert "\x1b" not in out


def test_pytest_options_pass_through(place: Path) -> None:
    code, out, _ = run("--kernel=debian:6.12", "-k", "defer")
    assert code == 0
    assert "gate passed: 1 cell" in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_a_valid_partial_run(place: Path, number: signal.Signals) -> None:
    record(place, {"waits": "Timeout.Expires[coop]"})
    process = start("--kernel=debian:6.12")
    assert process.stdout is not None
    assert process.stdout.readline() == "debian:6.12: 4 to run\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "interrupted" in err
    assert "the run was interrupted: this is a part of it" in out
    assert not load_run(place / "out").complete


def test_an_interrupted_report_leaves_whole_files(place: Path) -> None:
    record(place, {})
    assert run("--kernel=debian:6.12")[0] == 0
    os.mkfifo(place / "nobody-reads")
    process = subprocess.Popen(
        [sys.executable, "-m", "ringspec", "report", "out", "--junit=out/junit.xml"]
        + ["--csv=nobody-reads"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "junit: out/junit.xml\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 2
    assert "Traceback" not in err
    assert ElementTree.parse(place / "out" / "junit.xml").getroot().tag == "testsuites"
    assert not list((place / "out").glob(".*"))


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--kernel=debain:6.12"], 4, "did you mean debian:6.12"),
        (["--kernel=debian:6.99"], 3, "no mirror answers"),
        (["--kernel=host", "--case=Nothing"], 5, "no case matches --case 'Nothing'"),
        (["--kernel=host", "-k", "Nothing"], 5, "no case matches -k 'Nothing'"),
        (["--kernel=host", "--clock=sideways"], 4, "invalid choice: 'sideways'"),
        (["--kernel=host", "--clock=virtual", "--accel=kvm"], 4, "use --clock real --accel kvm"),
        (["--kernel=host", "--nonsense"], 4, "--nonsense"),
        (["--kernel=debian:6.12", "--setup=other"], 4, "invalid choice: 'other'"),
    ],
)
def test_bad_input(place: Path, arguments: list[str], code: int, message: str) -> None:
    got, out, err = run(*arguments)
    assert got == code
    assert message in out + err
    assert "Traceback" not in err
    assert not (place / "out").exists()


def test_all_kernels_that_cannot_be_had_are_told_at_once(place: Path) -> None:
    got, _, err = run("--kernel=debian:6.99", "--kernel=debian:6.12", "--kernel=debian:6.13")
    assert got == 4
    assert "does not hold debian:6.99" in err
    assert "no Debian suite holds a 6.13 kernel" in err


def test_the_default_set_does_without_a_series_that_is_gone(place: Path) -> None:
    from ringspec.kernels import default_specs

    assert "debian:6.13" not in default_specs()
    (place / "plugin_with_a_gone_series.py").write_text(
        "from ringspec.kernels import sets\n"
        "sets.default_specs = lambda: ('debian:6.12', 'debian:6.13')\n"
    )
    code, out, _ = run("-p", "plugin_with_a_gone_series")
    assert code == 0
    assert "left out: debian:6.13: no Debian suite holds a 6.13 kernel" in out
    assert "gate passed: 4 cells" in out


def test_report_writes_what_is_asked_for(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("--kernel=debian:6.12")
    forms = {
        form: place / f"report.{form}" for form in ("html", "markdown", "junit", "csv", "ktap")
    }
    assert main(["report", "out", *(f"--{form}={file}" for form, file in forms.items())]) == 0
    assert all(file.stat().st_size for file in forms.values())
    assert "TIMEOUT-ETIME-01" in capsys.readouterr().out


def test_gate_and_diff_answer_with_their_exit_codes(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("--kernel=debian:6.12", "--out=before")
    record(place, {"default": FAILS})
    run("--kernel=debian:6.12", "--out=after")
    assert main(["gate", "before", "--known-issues=known"]) == 0
    assert main(["gate", "after", "--known-issues=known"]) == 1
    assert main(["gate", "after", "--known-issues=known", "--baseline=after"]) == 0
    assert main(["diff", "before", "before"]) == 0
    assert main(["diff", "before", "after"]) == 1
    assert main(["diff", "before:debian:6.12", "after"]) == 1
    assert "TIMEOUT-ETIME-01" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["report", "nowhere"], "nowhere: no run.json"),
        (["gate", "nowhere"], "nowhere: no run.json"),
        (["diff", "nowhere", "nowhere"], "nowhere: no run.json"),
        (["gate", "nowhere", "--known-issues=gone"], "no run.json"),
    ],
)
def test_what_is_no_run_is_wrong_usage(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(arguments) == 4
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["list", "--nonsense"], ["report"]])
def test_wrong_usage_is_4(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 4
    assert "--help" in capsys.readouterr().err


def record(place: Path, recording: dict[str, Any]) -> None:
    (place / "recording.json").write_text(json.dumps(recording))


def test_two_runs_do_not_share_a_run_directory(place: Path) -> None:
    record(place, {"waits": "Timeout.Expires[default]"})
    first = start("--kernel=debian:6.12")
    assert first.stdout is not None and first.stdout.readline()
    code, _, err = run("--kernel=debian:6.12")
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)
    assert code == 4
    assert "--out out: another run writes there" in err


@pytest.mark.parametrize(
    ("arguments", "spared"),
    [
        (["list"], ("pytest", "rich", "ringspec.guest", "ringspec.kernels", "ringspec.report")),
        (["run", "--help"], ("jsonschema", "urllib.request", "distributed", "jinja2")),
        (["run", "--help"], ("ringspec.explore", "ringspec.bisect.command", "ringspec.cluster")),
    ],
)
def test_a_command_loads_what_it_needs_and_no_more(
    arguments: list[str], spared: tuple[str, ...]
) -> None:
    """Half a second for one case is mostly Python that starts."""
    code = f"import sys, ringspec.cli; ringspec.cli.main({arguments})"
    found = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True
    )
    loaded = {line.rpartition("|")[2].strip() for line in found.stderr.splitlines()}

    assert "ringspec.cli" in loaded and found.returncode == 0
    assert not loaded & {*spared}

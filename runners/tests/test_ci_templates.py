"""What ci/ offers to other projects' pipelines: it parses, and the scripts that it calls work."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from pipeline_lab import ROOT, load
from ringspec.gate.check import Gate, Problem
from ringspec.gate.github import LIMIT, render

PIPELINE = ROOT / "ci" / "pipeline"
# What the composite action and the template may call: files of this repository.
CALLED = re.compile(r"(?:GITHUB_ACTION_PATH/\.\.|RINGSPEC_DIR/ci)/([\w/-]+)")


def script(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **environment}
    return subprocess.run(
        [PIPELINE / name, *arguments], capture_output=True, text=True, env=environment, check=False
    )


def test_github_action_is_a_composite_one_whose_steps_are_complete() -> None:
    action = load("github/action.yml")

    assert action["runs"]["using"] == "composite"
    for step in action["runs"]["steps"]:
        assert ("uses" in step) != ("run" in step)
        assert "run" not in step or step["shell"] == "bash"
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "ci/github/action.yml").read_text()))
    assert used == set(action["inputs"])


def test_no_input_is_pasted_into_a_script() -> None:
    for step in load("github/action.yml")["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_gitlab_template_has_a_job_to_extend() -> None:
    job = load("gitlab/ringspec.yml")[".ringspec"]

    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["reports"]["junit"].endswith("junit.xml")
    assert len(job["cache"]["key"]["files"]) <= 2  # GitLab's limit


@pytest.mark.parametrize("name", ["github/action.yml", "gitlab/ringspec.yml"])
def test_what_a_template_calls_is_there(name: str) -> None:
    called = set(CALLED.findall((ROOT / "ci" / name).read_text()))

    assert {"setup", "pipeline/kvm", "pipeline/run"} <= called
    for file in called:
        assert (ROOT / "ci" / file).stat().st_mode & stat.S_IXUSR


def embedded_scripts() -> list[tuple[str, str]]:
    steps = load("github/action.yml")["runs"]["steps"]
    found = [(f"github {step['name']}", step["run"]) for step in steps if "run" in step]
    found += [("gitlab", "\n".join(load("gitlab/ringspec.yml")[".ringspec"]["script"]))]
    return found


@pytest.mark.parametrize(
    ("name", "text"), [pytest.param(*each, id=each[0]) for each in embedded_scripts()]
)
def test_scripts_inside_the_templates_pass_shellcheck(name: str, text: str) -> None:
    shell = "bash" if name.startswith("github") else "sh"
    # SC2153, SC2154: the runner sets the variables.  SC2086: GitLab's own are single words.
    command = ["shellcheck", f"--shell={shell}", "--exclude=SC2153,SC2154,SC2086", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_kvm_never_fails(tmp_path: Path) -> None:
    device = tmp_path / "kvm"
    assert "run in TCG" in script("kvm", str(device)).stderr
    device.touch()
    done = script("kvm", str(device))
    assert (done.returncode, "can be opened" in done.stderr) == (0, True)


def test_cache_key_follows_content_and_names(tmp_path: Path) -> None:
    kernel = tmp_path / "bzImage"
    kernel.write_bytes(b"one")
    first = script("cache-key", str(kernel), "debian:6.12").stdout

    assert re.fullmatch(r"ringspec-\w+-[0-9a-f]{16}\n", first)
    assert script("cache-key", str(kernel), "debian:6.12").stdout == first
    kernel.write_bytes(b"two")
    assert script("cache-key", str(kernel), "debian:6.12").stdout != first
    assert script("cache-key", f"@{kernel}").stdout == script("cache-key", str(kernel)).stdout
    assert script("cache-key", "--arch", "m68k").returncode == 4


def test_run_leaves_reports_summary_and_exits_as_the_run(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# before\n")
    out = tmp_path / "out"
    arguments = ["--kernel", "host", "--case", "PollRemove.EachUnknownFlagIsRefused"]
    arguments += ["--setup", "default", "--out", str(out)]
    done = script(
        "run", *arguments, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary), TERM="dumb"
    )

    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("report.html", "report.md", "junit.xml", "run.json"):
        assert (out / name).is_file()
    assert summary.read_text() == "# before\n" + (out / "report.md").read_text()
    first, *_, last = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert last == f"::{first.removeprefix('::stop-commands::')}::"
    assert script("run", "--kernel", "no-such-kernel", "--out", str(out)).returncode == 4


def test_summary_never_grows_beyond_its_limit(tmp_path: Path) -> None:
    report, summary = tmp_path / "report.md", tmp_path / "summary.md"
    report.write_text("| a long line of a table |\n" * 60_000)
    summary.write_text("x" * 1000 + "\n")
    text = (PIPELINE / "run").read_text()
    limit = re.search(r"^readonly SUMMARY_LIMIT=.*$", text, re.MULTILINE)
    function = re.search(r"^append_summary\(\) .*?^}$", text, re.MULTILINE | re.DOTALL)
    assert limit and function
    program = f"{limit[0]}\n{function[0]}\nappend_summary {report} {summary}"

    for _ in range(2):
        subprocess.run(["bash", "-euo", "pipefail", "-c", program], check=True)
        assert 1_048_576 - 200 < summary.stat().st_size <= 1_048_576
    assert summary.read_text().count("This report is cut") == 1
    assert summary.read_text().endswith("|\n")


def problem(number: int) -> Problem:
    return Problem("unused", f"issue-{number}", "100% sure: correct,\nor remove it")


def test_annotations_are_escaped_and_limited() -> None:
    few = Gate(tuple(problem(i) for i in range(LIMIT)), (), 9, 0)
    many = Gate(tuple(problem(i) for i in range(LIMIT + 5)), (), 9, 0)

    assert render(few).splitlines()[0] == (
        "::error title=unused issue-0::100%25 sure: correct,%0Aor remove it"
    )
    assert [render(gate).count("::error ") for gate in (few, many)] == [LIMIT, LIMIT]
    assert "and 6 more" in render(many).splitlines()[-1]


def test_containerfile_uses_the_set_up_of_everybody() -> None:
    lines = (ROOT / "ci" / "Containerfile").read_text().splitlines()
    words = [line.split()[0] for line in lines if line and line[0].isupper()]
    assert words[0] == "FROM"
    assert "/ringspec/ci/setup" in "\n".join(lines)
    assert re.search(r"ENTRYPOINT \[\"(/ringspec\S*)\"\]", lines[-1])


def test_what_a_machine_built_does_not_get_into_the_container() -> None:
    ignored, left_out = (
        {line.strip("/").removeprefix("**/") for line in (ROOT / name).read_text().splitlines()}
        for name in (".gitignore", ".dockerignore")
    )
    assert ignored <= left_out

"""A workflow of GitHub and a job of GitLab as their runners would work them off, green and red."""

from __future__ import annotations

from pathlib import Path

import pytest
from junitparser import JUnitXml

from pipeline_lab import ROOT, Job, github, gitlab, load
from ringspec.arch import native
from ringspec.results.store import load_run

# One of them is red on both kernels, by a known issue: without that the gate does not pass.
CELLS = "--setup default --case PollRemove.TheNewest* --case PollRemove.*NOENT"
REPORTS = ("run.json", "results.jsonl", "report.html", "report.md", "junit.xml")
ARCH = native().name


@pytest.mark.parametrize("red", [False, True], ids=["green", "red"])
def test_github(tmp_path: Path, red: bool) -> None:
    known_issues = tmp_path / "no-known-issues"
    known_issues.mkdir()
    given = {"kernels": "debian:6.12\n\nhost\n", "arguments": CELLS, "arch": ARCH}
    if red:
        given["known_issues"] = known_issues.name

    job = github(tmp_path, **given)

    run, summary = Path(job.outputs["run"]), tmp_path / "temp/summary.md"
    assert job.code == (1 if red else 0), job.said
    assert {one.spec for one in load_run(run).results} == {"debian:6.12", "host"}
    assert all((run / name).is_file() for name in REPORTS)
    assert summary.read_text() == (run / "report.md").read_text()
    assert 0 < summary.stat().st_size <= 1 << 20
    cache = job.used["actions/cache"]
    assert cache["key"].startswith(f"ringspec-{ARCH}-") and cache["path"].startswith(str(tmp_path))
    assert job.used["actions/upload-artifact"]["path"] == str(run)
    # Commands count only before the run's own output, or after the word that ends it.
    stop = next(line for line in job.said.splitlines() if line.startswith("::stop-commands::"))
    _, _, annotations = job.said.partition(f"\n::{stop.removeprefix('::stop-commands::')}::\n")
    assert ("::error title=fail POLL-REMOVE-INVAL-01" in annotations) == red
    assert job.said.count("::error ") == annotations.count("::error ") == (1 if red else 0)


def test_github_without_a_kernel_keeps_what_there_is_and_fails(tmp_path: Path) -> None:
    job = github(tmp_path, kernels="./no-such-kernel", arguments=CELLS, arch=ARCH)

    assert job.code == 4, job.said
    assert "no-such-kernel" in job.said and not (tmp_path / "temp/summary.md").exists()
    assert job.used["actions/upload-artifact"]["if-no-files-found"] == "ignore"


def run_gitlab(project: Path, kernels: str, arguments: str) -> Job:
    return gitlab(
        project,
        RINGSPEC_DIR=str(ROOT),
        RINGSPEC_KERNELS=kernels,
        RINGSPEC_ARGUMENTS=arguments,
        RINGSPEC_ARCH=ARCH,
    )


@pytest.mark.parametrize("red", [False, True], ids=["green", "red"])
def test_gitlab(tmp_path: Path, red: bool) -> None:
    (tmp_path / "none").mkdir()
    arguments = CELLS + (" --known-issues none" if red else "")

    job = run_gitlab(tmp_path, "debian:6.12 host", arguments)

    assert job.code == (1 if red else 0), job.said
    (run,) = (tmp_path / path for path in job.used["artifacts"]["paths"])
    assert all((run / name).is_file() for name in REPORTS)
    suites = JUnitXml.fromfile(str(tmp_path / job.used["artifacts"]["junit"]))
    assert (suites.failures > 0) == red and suites.tests > 0


def test_gitlab_tries_again_what_the_surroundings_broke(tmp_path: Path) -> None:
    image = tmp_path / "bzImage"
    image.write_bytes(b"not what the hash says")

    job = run_gitlab(tmp_path, f"file://{image}#sha256={'0' * 64}", CELLS)

    assert job.code == load("gitlab/ringspec.yml")[".ringspec"]["retry"]["exit_codes"], job.said

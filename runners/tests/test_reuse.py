"""When a run that is there counts as the run that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ringspec.kernels import resolve
from ringspec.model import Result
from ringspec.results.provenance import run_info, tools_info
from ringspec.results.store import RunWriter
from ringspec.run.options import RunOptions
from ringspec.run.reuse import previous_run
from synthetic import CASE, CLAUSE, RESULT

ASKED = ["run", "--kernel", "host", "--reuse"]


@pytest.fixture
def options(tmp_path: Path) -> RunOptions:
    build = tmp_path / "build"
    build.mkdir()
    (build / "ringspec-cases").write_text("cases")
    known = tmp_path / "known"
    known.mkdir()
    return RunOptions(("host",), out=tmp_path / "out", build=build, known_issues=known)


def make_run(options: RunOptions, result: Result = RESULT, complete: bool = True) -> None:
    about = run_info(tools_info(options), options, with_vm=False)
    info = {**about, "arguments": ["run", "--kernel", "host"]}
    writer = RunWriter(options.out, info, [CLAUSE], [CASE])
    writer.kernel(resolve("host", options.out))
    writer.result(replace(result, spec="host"))
    writer.close(complete)


def reused(options: RunOptions, arguments: list[str] = ASKED) -> bool:
    return previous_run(options, options.kernels, arguments, options.out) is not None


def test_the_same_run_is_reused(options: RunOptions) -> None:
    make_run(options)
    assert reused(options)


def test_without_a_run_there_is_nothing_to_reuse(options: RunOptions) -> None:
    assert not reused(options)


def test_an_incomplete_or_disturbed_run_is_made_again(options: RunOptions) -> None:
    make_run(options, complete=False)
    assert not reused(options)
    make_run(options, replace(RESULT, verdict="lost"))
    assert not reused(options)


def test_other_arguments_make_another_run(options: RunOptions) -> None:
    make_run(options)
    assert not reused(options, [*ASKED, "--setup", "defer"])


def rebuild(options: RunOptions) -> None:
    options.binary.write_text("other cases")


def explain(options: RunOptions) -> None:
    (options.known_issues / "new.toml").write_text("[an-issue]")


@pytest.mark.parametrize("change", [rebuild, explain])
def test_whatever_a_result_depends_on_makes_another_run(
    options: RunOptions, change: Callable[[RunOptions], None]
) -> None:
    make_run(options)
    change(options)
    assert not reused(options)


def test_another_kernel_makes_another_run(options: RunOptions) -> None:
    make_run(options)
    run_json = options.out / "run.json"
    told = resolve("host", options.out).provenance
    run_json.write_text(run_json.read_text().replace(told, "running: #2"))
    assert not reused(options)

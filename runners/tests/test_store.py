"""The run directory: what is written is what is read, and damage is named."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringspec.model import Execution, Observation
from ringspec.results.cells import fold
from ringspec.results.runformat import StoreError, parse_result, schema
from ringspec.results.store import RunWriter, load_run, slug, trace_name, without_kernels_but
from synthetic import CLAUSE, RED, RESULT, big_run, on, write_run


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    run = write_run(tmp_path, [RESULT, on("7.3.4", RED)])
    assert run.results == (RESULT, on("7.3.4", RED))
    assert run.clauses[CLAUSE.id] == CLAUSE
    assert run.complete
    assert [kernel["spec"] for kernel in run.info["kernels"]] == ["debian:6.12", "debian:7.3"]


def test_every_line_fits_the_published_schema(tmp_path: Path) -> None:
    write_run(tmp_path, [RESULT, replace(RED, violations=("one_final_cqe",), drawn={"a": 1})])
    for line in (tmp_path / "results.jsonl").read_text().splitlines():
        jsonschema.validate(json.loads(line), schema("result"))


def test_a_run_can_be_read_at_any_time(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path, {})
    assert load_run(tmp_path).results == ()
    writer.result(RESULT)
    run = load_run(tmp_path)
    assert run.results == (RESULT,)
    assert not run.complete
    with (tmp_path / "results.jsonl").open("a") as file:
        file.write('{"spec": "cut in the mid')
    assert load_run(tmp_path).results == (RESULT,)
    writer.close(complete=False)


def test_an_interrupted_run_is_not_complete(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), RunWriter(tmp_path, {}):
        raise KeyboardInterrupt
    assert not load_run(tmp_path).complete


def test_the_trace_of_a_red_execution_is_kept(tmp_path: Path) -> None:
    seen = Observation(Execution(1, "a", "default"), "ran", trace=({"t": 1, "note": "x"},))
    with RunWriter(tmp_path, {}) as writer:
        writer.result(RED, seen)
        writer.result(replace(RESULT, setup="coop"), seen)
    assert json.loads((tmp_path / trace_name(RED)).read_text()) == [{"t": 1, "note": "x"}]
    assert len(list((tmp_path / "traces").iterdir())) == 1


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"verdict": "unstable"}, "verdict = 'unstable' is not allowed there"),
        ({"setup": "fast"}, "setup = 'fast' is not allowed there"),
        ({"repeat": True}, "repeat = True is not allowed there"),
        ({"drawn": {"a": "b"}}, "drawn = .* is not allowed there"),
        ({"extra": 1}, "expected exactly the fields"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, change: dict[str, object], problem: str) -> None:
    write_run(tmp_path, [RESULT])
    with (tmp_path / "results.jsonl").open("a") as file:
        file.write(json.dumps(asdict(RED) | change) + "\n")
    with pytest.raises(StoreError, match=f"results.jsonl:2: {problem}"):
        load_run(tmp_path)


@given(
    st.dictionaries(
        st.sampled_from([*asdict(RESULT)]),
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.text())),
        min_size=1,
    )
)
def test_the_quick_check_agrees_with_the_schema(change: dict[str, object]) -> None:
    entry = json.loads(json.dumps(asdict(RESULT) | change))
    try:
        parse_result(json.dumps(entry), Path("f"), 1)
        quick = True
    except StoreError:
        quick = False
    assert quick is jsonschema.Draft202012Validator(schema("result")).is_valid(entry)


def test_what_is_no_run_directory(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no run.json; expected a run directory"):
        load_run(tmp_path)
    write_run(tmp_path, [])
    (tmp_path / "run.json").write_text('{"format": 9}')
    with pytest.raises(StoreError, match="format 9; this ringspec reads 1"):
        load_run(tmp_path)
    (tmp_path / "run.json").write_text('{"format": 1, "complete": true, "kernels": [{}]}')
    with pytest.raises(StoreError, match="run.json: "):
        load_run(tmp_path)


def test_names_cannot_leave_the_run_directory() -> None:
    assert slug("../../etc/passwd") == "etc-passwd"
    assert slug("..") == "unnamed"
    assert "/" not in slug("debian:6.12/rt")


def test_one_kernel_of_a_run(tmp_path: Path) -> None:
    run = write_run(tmp_path, [RESULT, on("7.3.4", RED)])
    assert without_kernels_but(run, "debian:7.3").results == (on("7.3.4", RED),)
    assert without_kernels_but(run, "debian:7.3.4").results == (on("7.3.4", RED),)
    with pytest.raises(StoreError, match="it has debian:6.12, debian:7.3"):
        without_kernels_but(run, "debian:9")


def test_a_cell_is_the_worst_of_its_repeats() -> None:
    (cell,) = fold([RED, replace(RED, repeat=1, outcome="cancel=0")])
    assert (cell.verdict, cell.outcomes) == ("fail", ("cancel=0", RED.outcome))
    (cell,) = fold([RESULT, replace(RED, repeat=1)])
    assert (cell.verdict, cell.worst.verdict, cell.ok) == ("unstable", "fail", False)


def test_a_retry_replaces_an_environment_failure_and_nothing_else() -> None:
    lost = replace(RESULT, verdict="lost")
    (cell,) = fold([lost, replace(RESULT, attempt=1)])
    assert cell.verdict == "pass"
    (cell,) = fold([lost])
    assert cell.verdict == "lost"
    (cell,) = fold([RED, replace(RESULT, attempt=1)])
    assert cell.verdict == "unstable"


def test_eighteen_thousand_results_are_read_quickly(tmp_path: Path) -> None:
    run = big_run(tmp_path)
    start = time.process_time()
    assert len(load_run(tmp_path).results) == len(run.results) == 17600
    assert time.process_time() - start < 2, "a second on a quiet machine is what users wait for"

"""A run in parts, and the parts put together: the same as one run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringspec.model import Result
from ringspec.results.merging import merge
from ringspec.results.runformat import StoreError
from ringspec.results.store import Run, load_run
from ringspec.run.runloop import LARGEST_PIECE
from ringspec.run.shards import Shard, parse_shard, part_of
from synthetic import CLAUSE, RED, RESULT, on, write_run
from test_plugin import FAILS, Lab

pytest_plugins = ["pytester"]


@given(st.lists(st.integers(0, 3 * LARGEST_PIECE), max_size=4), st.integers(1, 9))
def test_every_cell_is_in_exactly_one_shard(sizes: list[int], count: int) -> None:
    cells = {str(k): [(k, n) for n in range(size)] for k, size in enumerate(sizes)}

    parts = [part_of(Shard(number, count), cells) for number in range(1, count + 1)]

    everything = [cell for of_kernel in cells.values() for cell in of_kernel]
    assert sorted(cell for part in parts for cell in part) == everything


def test_shards_of_a_large_run_are_about_equal() -> None:
    cells = {str(k): [(k, n) for n in range(2 * LARGEST_PIECE)] for k in range(11)}

    sizes = [len(part_of(Shard(number, 4), cells)) for number in range(1, 5)]

    assert max(sizes) - min(sizes) <= LARGEST_PIECE


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2"])
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected I/N"):
        parse_shard(text)


def test_merged_shards_are_the_run(pytester: pytest.Pytester) -> None:
    lab = Lab(pytester)
    lab.record({"observations": {"Timeout.Expires[defer]": FAILS}})
    kernels = ("debian:6.12", "debian:7.0", "host")
    lab.run("--out=whole", kernels=kernels)
    parts = [f"part{number}" for number in (1, 2, 3, 4)]
    for number, part in enumerate(parts, 1):
        lab.run(f"--out={part}", f"--shard={number}/4", kernels=kernels)

    merge([load_run(lab.path / part) for part in parts], lab.path / "merged")

    whole, merged = load_run(lab.path / "whole"), load_run(lab.path / "merged")
    assert sorted(map(str, merged.results)) == sorted(map(str, whole.results))
    assert merged.complete and merged.clauses == whole.clauses
    assert len(merged.info["kernels"]) == 3
    assert {file.name for file in (lab.path / "merged" / "traces").iterdir()} == {
        file.name for file in (lab.path / "whole" / "traces").iterdir()
    }


def parts_of(path: Path, *results: Iterable[Result]) -> list[Run]:
    return [write_run(path / f"part{n}", some) for n, some in enumerate(results)]


def test_logs_of_a_kernel_that_several_shards_ran_are_all_kept(tmp_path: Path) -> None:
    runs = parts_of(tmp_path, [RESULT], [replace(RED, setup="coop")])
    for number, run in enumerate(runs):
        (run.path / "console" / "debian-6.12.log").write_text(f"boot {number}")

    merge(runs, tmp_path / "out")

    logs = sorted((tmp_path / "out" / "console").iterdir())
    assert [log.read_text() for log in logs] == ["boot 0", "boot 1"]


def test_an_interrupted_part_makes_an_incomplete_whole(tmp_path: Path) -> None:
    runs = parts_of(tmp_path, [RESULT], [on("7.3.4")])
    with (runs[1].path / "results.jsonl").open("a") as file:
        file.write('{"cut')

    merge([load_run(run.path) for run in runs], tmp_path / "out")

    merged = load_run(tmp_path / "out")
    assert not merged.complete and not merged.truncated
    assert len(merged.results) == 2


def changed(run: Run, **more: Any) -> Run:
    info = {**run.info, **more}
    (run.path / "run.json").write_text(json.dumps(info))
    return load_run(run.path)


def test_parts_of_different_runs_are_refused(tmp_path: Path) -> None:
    one, two = parts_of(tmp_path, [RESULT], [on("7.3.4")])
    with pytest.raises(StoreError, match="suite: None and .*other"):
        merge([one, changed(two, suite={"revision": "other"})], tmp_path / "out")


def test_another_kernel_under_the_same_name_is_refused(tmp_path: Path) -> None:
    newer = replace(RESULT, kernel="debian:6.12.999", version="6.12.999")
    with pytest.raises(StoreError, match="debian:6.12: kernel: .* and debian:6.12.999"):
        merge(parts_of(tmp_path, [RESULT], [newer]), tmp_path / "out")


def test_the_same_shard_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"both have {RESULT.case}"):
        merge(parts_of(tmp_path, [RESULT], [RESULT]), tmp_path / "out")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    runs = parts_of(tmp_path, [RESULT])
    with pytest.raises(StoreError, match="is there already"):
        merge(runs, runs[0].path)
    assert runs[0].clauses[CLAUSE.id] == CLAUSE

"""The cache of saved guests stays whole and bounded."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ringspec.guest.snapshot import load, prune, snapshot_key


def saved(snapshots: Path, name: str, size: int = 10, age: float = 0) -> Path:
    directory = snapshots / name
    directory.mkdir(parents=True)
    memory = directory / "memory"
    memory.write_bytes(b"m" * size)
    status = memory.stat()
    facts = {"memory": [status.st_size, status.st_mtime_ns], "said": {"hello": {"event": "hello"}}}
    (directory / "facts.json").write_text(json.dumps(facts))
    used = directory.stat().st_mtime - age
    os.utime(directory, (used, used))
    return directory


def test_a_whole_snapshot_is_found(tmp_path: Path) -> None:
    snapshot = load(saved(tmp_path, "a"))

    assert snapshot is not None
    assert snapshot.said["hello"]["event"] == "hello"


@pytest.mark.parametrize("damage", ["truncated", "rewritten", "no memory", "no facts", "odd facts"])
def test_a_damaged_one_is_not(tmp_path: Path, damage: str) -> None:
    directory = saved(tmp_path, "a")
    match damage:
        case "truncated":
            os.truncate(directory / "memory", 5)
        case "rewritten":
            os.utime(directory / "memory", (0, 0))
        case "no memory":
            (directory / "memory").unlink()
        case "no facts":
            (directory / "facts.json").unlink()
        case "odd facts":
            (directory / "facts.json").write_text("[]")

    assert load(directory) is None


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    for name, age in (("new", 1), ("old", 1000), ("older", 2000)):
        saved(tmp_path, name, size=1000, age=age)

    prune(tmp_path, 2500)

    assert {one.name for one in tmp_path.iterdir()} == {"new", "old"}


def test_half_written_ones_go_when_nobody_can_be_writing_any_more(tmp_path: Path) -> None:
    saved(tmp_path, ".new-now")
    saved(tmp_path, ".new-then", age=10_000)

    prune(tmp_path, 10**9)

    assert {one.name for one in tmp_path.iterdir()} == {".new-now"}


def test_a_key_depends_on_everything(tmp_path: Path) -> None:
    image, binary = tmp_path / "image", tmp_path / "binary"
    image.write_bytes(b"one")
    binary.write_bytes(b"two")
    keys = {
        snapshot_key(image, binary, "10.0.2", ["-m", "256"]),
        snapshot_key(binary, image, "10.0.2", ["-m", "256"]),
        snapshot_key(image, binary, "10.0.3", ["-m", "256"]),
        snapshot_key(image, binary, "10.0.2", ["-m", "128"]),
        snapshot_key(image, binary, "10.0.2", ["-m256"]),
    }

    assert len(keys) == 5

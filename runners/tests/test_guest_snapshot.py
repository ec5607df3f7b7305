"""A saved guest is found whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ringspec.guest.snapshot import load, snapshot_key


def saved(snapshots: Path, name: str) -> Path:
    directory = snapshots / name
    directory.mkdir(parents=True)
    memory = directory / "memory"
    memory.write_bytes(b"memory of a guest")
    status = memory.stat()
    facts = {"memory": [status.st_size, status.st_mtime_ns], "said": {"hello": {"event": "hello"}}}
    (directory / "facts.json").write_text(json.dumps(facts))
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

"""Hashes are remembered for files that did not change, and for no others."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from ringspec.cache import digests
from ringspec.cache.digests import remembered_sha256


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file whose last change counts as long ago, and a cache of its own."""
    monkeypatch.setenv("RINGSPEC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(digests, "_SETTLED_S", -1.0)
    path = tmp_path / "image"
    path.write_bytes(b"a kernel")
    return path


def test_a_file_is_read_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = remembered_sha256(file)
    monkeypatch.setattr(digests, "sha256_of", lambda path: pytest.fail("read again"))

    assert first == remembered_sha256(file) == hashlib.sha256(b"a kernel").hexdigest()


@pytest.mark.parametrize("change", ["written", "truncated", "replaced"])
def test_another_content_of_the_same_age_is_noticed(file: Path, change: str) -> None:
    """Whoever sets the times back cannot set back that of the inode."""
    remembered_sha256(file)
    before = file.stat()
    if change == "replaced":
        other = file.with_name("other")
        other.write_bytes(b"b kernel")
        other.replace(file)
    elif change == "truncated":
        os.truncate(file, 3)
    else:
        with file.open("r+b") as image:
            image.write(b"b")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert remembered_sha256(file) == hashlib.sha256(file.read_bytes()).hexdigest()


def test_what_changed_a_moment_ago_is_not_remembered(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "_SETTLED_S", 1000.0)

    remembered_sha256(file)

    assert not (file.parent / "cache" / "digests.json").exists()


def test_a_damaged_memory_is_none(file: Path) -> None:
    memory = file.parent / "cache" / "digests.json"
    memory.parent.mkdir()
    memory.write_text('{"/": ')

    assert remembered_sha256(file) == hashlib.sha256(b"a kernel").hexdigest()

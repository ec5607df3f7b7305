"""How the cache stays bounded: kernels, snapshots and what a worker of a cluster was sent (artifacts) can
be had again, and those go first that were not used for longest.  APT's own state is small and stays."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ringspec.cache.directory import write_atomically

KINDS = ("kernels", "snapshots", "artifacts")
DEFAULT_LIMIT = 8 << 30
# A run that is going on may be about to boot or restore what it has just looked up; whoever is still
# writing after so long is gone.
IN_USE_S = 600.0
# What is not an entry yet, or not any more.  Locks are files and stay.
_UNFINISHED = (".new-*", ".gone-*")
_LIMIT = "limit"
# Descriptors that hold what this process keeps.
_kept: dict[Path, int] = {}


@dataclass(frozen=True)
class Entry:
    """One kernel or snapshot in the cache; `used` is seconds since the epoch."""

    path: Path
    kind: str
    size: int
    used: float


def limit_of(cache: Path) -> int:
    """What `ringspec cache --limit` said last."""
    try:
        return int((cache / _LIMIT).read_text())
    except (OSError, ValueError):
        return DEFAULT_LIMIT


def set_limit(cache: Path, size: int) -> None:
    """For this run and all to come, in bytes."""
    write_atomically(cache / _LIMIT, f"{size}\n")


def touch(cache: Path, file: Path) -> None:
    """The entry that this file belongs to is used now; a file from elsewhere is none of ours."""
    for kind in KINDS:
        if file.is_relative_to(cache / kind):
            entry = cache / kind / file.relative_to(cache / kind).parts[0]
            with contextlib.suppress(OSError):
                os.utime(entry)


def keep(entry: Path) -> None:
    """Nobody drops this entry as long as this process lives; one that is not there is no error."""
    try:
        directory = os.open(entry, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return
    fcntl.flock(directory, fcntl.LOCK_SH)
    # One of this name that was made anew is another entry; the older one is let go.
    if (before := _kept.pop(entry, None)) is not None:
        os.close(before)
    _kept[entry] = directory


def entries(cache: Path) -> list[Entry]:
    """Everything that can be dropped, what was used last first."""
    found = (entry for kind in KINDS for entry in _entries_of(cache / kind))
    return sorted(found, key=lambda entry: entry.used, reverse=True)


def _entries_of(directory: Path) -> Iterator[Entry]:
    if not directory.is_dir():
        return
    for path in directory.iterdir():
        if path.name.startswith(".") or not path.is_dir():  # locks, and what is being written
            continue
        try:
            yield Entry(path, directory.name, size_of(path), path.stat().st_mtime)
        except FileNotFoundError:  # another run dropped it
            continue


def size_of(directory: Path) -> int:
    """Bytes of all files below."""
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())


def shrink(cache: Path) -> list[Entry]:
    """Drops what does not fit; what was used a moment ago stays all the same."""
    _sweep(cache)
    too_much = list(_too_much(entries(cache), limit_of(cache), time.time()))
    return [entry for entry in too_much if remove(entry)]


def _sweep(cache: Path) -> None:
    """Removes what ended runs left half-written or half-removed."""
    for kind in KINDS:
        for pattern in _UNFINISHED:
            for left in (cache / kind).glob(pattern):
                with contextlib.suppress(FileNotFoundError):
                    if time.time() - left.stat().st_mtime > IN_USE_S:
                        shutil.rmtree(left, ignore_errors=True)


def _too_much(latest_first: Iterable[Entry], limit: int, now: float) -> Iterator[Entry]:
    used = 0
    for entry in latest_first:
        used += entry.size
        if used > limit and now - entry.used > IN_USE_S:
            used -= entry.size
            yield entry


def remove(entry: Entry) -> bool:
    """In one rename, so that nobody finds half of it; False if it stays, as what a process keeps."""
    doomed = entry.path.with_name(f".gone-{entry.path.name}")
    # Fails if somebody keeps it, if another run was faster, if the cache is read-only: all of them
    # are no reason to stop.
    with contextlib.suppress(OSError), _alone_with(entry.path):
        entry.path.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)
        return True
    return False


@contextlib.contextmanager
def _alone_with(entry: Path) -> Iterator[None]:
    directory = os.open(entry, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(directory)

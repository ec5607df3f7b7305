"""Settled guests, saved while they wait for their first order.

A snapshot is a directory: QEMU's migration stream and what the guest had said about itself.  Its
name is a hash of all that it depends on, so a stale one is never found; it appears in one rename,
so a half-written one is never found either.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ringspec.cache.digests import remembered_sha256
from ringspec.cache.eviction import shrink
from ringspec.guest.errors import QemuRefused
from ringspec.guest.protocol import Message
from ringspec.guest.vm import Vm

_MEMORY = "memory"
_FACTS = "facts.json"
_FAILED = frozenset(("failed", "cancelled"))
_UNFINISHED = ".new-"
# QEMU's name for the file that is handed to it.
_FDSET = 1


@dataclass(frozen=True)
class Snapshot:
    memory: Path
    said: Mapping[str, Message]


def snapshot_key(image: Path, binary: Path, version: str, arguments: Sequence[str]) -> str:
    parts = (remembered_sha256(image), remembered_sha256(binary), version, *arguments)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def load(directory: Path) -> Snapshot | None:
    """The snapshot, if there is one and it is whole."""
    try:
        facts = json.loads((directory / _FACTS).read_text())
        memory = directory / _MEMORY
        if _fingerprint(memory) != facts["memory"]:
            raise ValueError("not the file that was written")
        os.utime(directory)
        return Snapshot(memory, facts["said"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _fingerprint(memory: Path) -> list[int]:
    """Cheap, and not the same for a file that was truncated or written to."""
    status = memory.stat()
    return [status.st_size, status.st_mtime_ns]


def discard(directory: Path) -> None:
    """Makes sure that it is not found again."""
    shutil.rmtree(directory, ignore_errors=True)


def save(vm: Vm, said: Mapping[str, Message], directory: Path) -> None:
    """Saves a guest that is ready, and leaves it paused.

    A cache that cannot be written is no reason not to run: then there is just no snapshot.
    """
    vm.control.execute("stop")
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=directory.parent))
    except OSError:
        return
    try:
        memory = unfinished / _MEMORY
        _write_memory(vm, memory)
        facts = {"memory": _fingerprint(memory), "said": said}
        (unfinished / _FACTS).write_text(json.dumps(facts))
        discard(directory)
        unfinished.rename(directory)
        shrink(directory.parent.parent)
    except (OSError, QemuRefused):
        discard(unfinished)


def _write_memory(vm: Vm, memory: Path) -> None:
    """QEMU may not have the right to make a file here: it writes into one of ours."""
    with memory.open("xb") as file:
        vm.control.add_descriptor(_FDSET, file.fileno())
        vm.control.execute("migrate", uri=f"file:/dev/fdset/{_FDSET}")
        vm.control.await_status("query-migrate", "completed", _FAILED)


def await_restored(vm: Vm) -> None:
    """Waits until a QEMU that was started with -incoming has the guest in memory, paused."""
    vm.control.await_status("query-status", "paused", frozenset(("internal-error", "shutdown")))

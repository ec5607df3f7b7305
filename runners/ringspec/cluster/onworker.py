"""What runs inside of a Dask worker.  It is sent there by value, with what it uses of ours: a worker needs
Python, Dask and QEMU.

The work itself is done by a process of its own (piece.py), out of an archive of this package that came
as a file like the others.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from ringspec.cache.directory import cache_dir, sha256_of

# Results that came within this time leave together.
_BATCH_S = 0.2
# How long a machine may take to clean up behind itself.
_LEAVE_S = 10.0
_FILE = "artifact"
# Of a running Linux, another one after each start: random(4).
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# What a worker remembers: processes that run, with the run they belong to, and runs that are over.
_STATE = "ringspec_processes"
_OVER = "ringspec_over"


def surroundings(qemu: str) -> dict[str, Any]:
    """Where a worker is, and the QEMU that it has: the first line of --version, or nothing."""
    version = ""
    if program := shutil.which(qemu):
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        version = done.stdout.partition("\n")[0].strip()
    return {"machine": _machine(), "qemu": version}


def _machine() -> str:
    """The same for workers that share a cache on one machine; host names and paths may be anybody's."""
    with suppress(OSError):  # who cannot have a cache says so when it is to keep something
        cache_dir().mkdir(parents=True, exist_ok=True)
        about = cache_dir().stat()
        return f"{_BOOT_ID.read_text().strip()}:{about.st_dev}:{about.st_ino}"
    return f"{socket.gethostname()}:{cache_dir()}"


def artifact(digest: str) -> Path:
    """Where a file of this SHA-256 is or would be."""
    return cache_dir() / "artifacts" / digest / _FILE


def lacking(digests: list[str]) -> list[str]:
    """Those that are not here; one that is damaged goes."""
    missing = []
    for digest in digests:
        file = artifact(digest)
        try:
            if sha256_of(file) == digest:
                os.utime(file.parent)
                continue
            shutil.rmtree(file.parent, ignore_errors=True)
        except OSError:
            pass
        missing.append(digest)
    return missing


def receive(digest: str, run: str, offset: int, data: bytes, last: bool) -> str:
    """Takes a part of a file; it is there after the last part, if it is what it should be.

    Returns why not, or nothing.
    """
    directory = artifact(digest).parent
    part = directory.with_name(f".new-{digest}.{run}")
    try:
        part.mkdir(parents=True, exist_ok=True)
        with (part / _FILE).open("wb" if offset == 0 else "ab") as file:
            file.write(data)
        if not last:
            return ""
        if sha256_of(part / _FILE) != digest:
            shutil.rmtree(part, ignore_errors=True)
            return f"{digest} arrived damaged"
        try:
            part.rename(directory)
        except OSError:  # another run was faster
            shutil.rmtree(part, ignore_errors=True)
            return "" if directory.is_dir() else f"cannot make {directory}"
        return ""
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        return f"{part}: {error.strerror}"


def work_off(piece: dict[str, Any], queue_name: str, turn_of: str) -> dict[str, Any]:
    """Works a piece off and puts what comes into the queue, marked with `turn_of` and a turn of its own.

    Or says at once what this worker lacks for it.
    """
    from distributed import Queue, get_client, get_worker

    worker = get_worker()
    _still_wanted(worker, queue_name)
    here = surroundings(piece["qemu_program"])
    if here["qemu"] != piece["qemu"]:
        return {"at": worker.address, "unfit": here["qemu"]}
    files = piece["files"]
    if missing := lacking(list(files.values())):
        return {"at": worker.address, "machine": here["machine"], "missing": missing}
    told = {**piece, **{name: str(artifact(digest)) for name, digest in files.items()}}
    turn = f"{worker.address} {time.monotonic_ns()}"
    queue = Queue(queue_name, client=get_client())
    try:
        with tempfile.TemporaryFile() as complaints:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "ringspec.cluster.piece"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env={**os.environ, "PYTHONPATH": told["code"]},
            )
            running: dict[Any, str] = worker.__dict__.setdefault(_STATE, {})
            running[process] = queue_name
            try:
                _still_wanted(worker, queue_name)  # now that `abandon` finds the process
                assert process.stdin is not None and process.stdout is not None
                process.stdin.write(json.dumps(told).encode() + b"\n")
                process.stdin.flush()
                for lines in _batches(process.stdout.fileno()):
                    queue.put({"job": turn_of, "turn": turn, "lines": lines})
                process.wait()
            finally:
                _end(process)
                del running[process]
            complaints.seek(0)
            said = complaints.read(2000).decode("utf-8", "replace")
            return {"at": worker.address, "turn": turn, "code": process.returncode, "said": said}
    finally:
        queue.close()


def _still_wanted(worker: Any, queue_name: str) -> None:
    if queue_name in worker.__dict__.get(_OVER, ()):
        raise RuntimeError("the run is over")


def abandon(queue_name: str, dask_worker: Any) -> None:
    """Stops the pieces of a run that is over; Dask itself says in which worker."""
    dask_worker.__dict__.setdefault(_OVER, set()).add(queue_name)
    running: dict[Any, str] = dask_worker.__dict__.get(_STATE, {})
    for process, name in list(running.items()):
        if name == queue_name:
            process.stdin.close()


def _batches(descriptor: int) -> Any:
    """Whole lines, those together that came within a short time, until there are no more."""
    rest = b""
    with selectors.DefaultSelector() as ready:
        ready.register(descriptor, selectors.EVENT_READ)
        due = time.monotonic()
        open_ = True
        while open_:
            if ready.select(max(0.0, due - time.monotonic()) if rest else None):
                data = os.read(descriptor, 1 << 20)
                open_ = bool(data)
                rest += data
            if time.monotonic() >= due or not open_:
                whole, end, rest = rest.rpartition(b"\n")
                if end:
                    yield whole.decode()
                due = time.monotonic() + _BATCH_S


def _end(process: subprocess.Popen[bytes]) -> None:
    """It stops its machine at the end of stdin."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.close()
    try:
        process.wait(_LEAVE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()

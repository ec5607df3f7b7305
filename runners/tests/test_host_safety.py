"""A run on the host leaves the machine as it was: no process, no file, no clock, no setting."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from guest_lab import BUILD

MARK = "RINGSPEC_TEST_MARK"
# Everything that makes processes, threads, files, namespaces or child programs.
CASES = ("ProcessEnd.*", "ThreadEnd.*", "AsyncCancelFile.*", "LinkTimeoutUpdate.*", "Close.*")
# Set by the kernel or on every fork.
VOLATILE = ("kernel/ns_last_pid", "kernel/random/", "fs/binfmt_misc/", "kernel/pty/nr")


def settings() -> dict[str, str]:
    """Every sysctl that somebody may write."""
    found = {}
    for directory, _, names in os.walk("/proc/sys"):
        for path in (Path(directory, name) for name in names):
            key = str(path.relative_to("/proc/sys"))
            if key.startswith(VOLATILE):
                continue
            try:
                if path.stat().st_mode & 0o200:
                    found[key] = path.read_text(errors="replace")
            except OSError:
                continue
    return found


def files() -> set[str]:
    """What lies about where a case could have left something."""
    names = {f"/tmp/{name}" for name in os.listdir("/tmp") if "ringspec" in name}
    return names | {f"/dev/shm/{name}" for name in os.listdir("/dev/shm")}


def processes(mark: str) -> list[str]:
    """Everybody who descends from a command with this mark."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


def clock_offset() -> float:
    """Of the real-time clock to the one that nobody can set, in seconds."""
    return time.clock_gettime(time.CLOCK_REALTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


def test_a_run_on_the_host_leaves_nothing(tmp_path: Path) -> None:
    if not (BUILD / "ringspec-cases").exists():
        pytest.fail("build/ringspec-cases is missing: build the cases first, with ci/setup")
    mark = str(tmp_path)
    before = (settings(), files(), clock_offset())

    done = subprocess.run(
        [sys.executable, "-m", "ringspec", "run", "--kernel=host", "--no-gate", "--setup=default"]
        + [f"--case={glob}" for glob in CASES],
        cwd=tmp_path,
        env={**os.environ, MARK: mark},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "cells left out because they set the clock" in done.stdout
    assert processes(mark) == []
    now = settings()
    assert {key: now.get(key) for key in before[0] if now.get(key) != before[0][key]} == {}
    assert files() - before[1] == set()
    assert abs(clock_offset() - before[2]) < 0.1
    assert {path.name for path in tmp_path.iterdir()} == {"out"}

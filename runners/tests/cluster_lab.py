"""A Dask scheduler and workers, each a process of its own that a test can kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ringspec.cache import cache_dir

# What ringspec needs a worker to be, with the Dask that the tests themselves use.
_WORKER = ("--no-nanny", "--nthreads", "1", "--memory-limit", "0", "--no-dashboard")


class Lab:
    """A scheduler on a free port of this machine, and workers beside it."""

    def __init__(self, path: Path, undo: ExitStack) -> None:
        self._path = path
        self._undo = undo
        self.cache = path / "cache"
        self.cache.mkdir()
        for shared in ("snapshots", "locks"):
            (cache_dir() / shared).mkdir(parents=True, exist_ok=True)
            (self.cache / shared).symlink_to(cache_dir() / shared)
        port_file = path / "scheduler.json"
        self.scheduler = self._start(
            *("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
            *("--scheduler-file", str(port_file)),
        )
        self.address = self._said(self.scheduler, "Scheduler at:").split()[-1]

    def worker(self, **environment: str) -> subprocess.Popen[str]:
        """A worker that is ready.  Its artifacts are the test's, its snapshots everybody's."""
        process = self._start(
            *("worker", self.address, *_WORKER, "--local-directory", str(self._path)),
            RINGSPEC_CACHE=str(self.cache),
            **environment,
        )
        self._said(process, "Registered to:")
        return process

    def _start(self, program: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{program}", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=_environment(environment),
            cwd=self._path,
        )
        self._undo.callback(_end, process)
        return process

    def _said(self, process: subprocess.Popen[str], words: str) -> str:
        """The line with these words; nobody reads on, the pipe takes what little comes after it."""
        assert process.stderr is not None
        for line in process.stderr:
            if words in line:
                return line
        raise AssertionError(f"{process.args} ended without saying {words!r}")


@contextmanager
def lab(path: Path) -> Iterator[Lab]:
    """A cluster without workers; nothing of it is left at the end."""
    with ExitStack() as undo:
        yield Lab(path, undo)


def pieces_of(worker: subprocess.Popen[str]) -> list[int]:
    """Processes that a worker started for its pieces."""
    found: list[int] = []
    for task in Path(f"/proc/{worker.pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    # No python path: a worker knows nothing of this package.
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**own, **more}


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stderr is not None
    process.stderr.close()

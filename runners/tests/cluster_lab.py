"""A Dask scheduler and workers, each a process of its own that a test can kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

from ringspec.cache.directory import cache_dir
from ringspec.results.store import Run

KERNELS = ("debian:6.12", "debian:7.3")

# What ringspec needs a worker to be, with the Dask that the tests themselves use.
WORKER = ("--no-nanny", "--nthreads", "1", "--memory-limit", "0", "--no-dashboard")


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
        self.address = said(self.scheduler, "Scheduler at:").split()[-1]

    def worker(self, **environment: str) -> subprocess.Popen[str]:
        """A worker that is ready.  Its artifacts are the test's, its snapshots everybody's."""
        process = self._start(
            *("worker", self.address, *WORKER, "--local-directory", str(self._path)),
            RINGSPEC_CACHE=str(self.cache),
            **environment,
        )
        said(process, "Registered to:")
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


class Running:
    """`ringspec run --cluster`, under way; `prefix` begins the command."""

    def __init__(self, out: Path, *arguments: str, prefix: Sequence[str] = ()) -> None:
        kernels = [f"--kernel={spec}" for spec in KERNELS]
        what = ["--case=AsyncCancel.*", "--setup=default", "--no-gate", f"--out={out}"]
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "ringspec", "run", *kernels, *what, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_for(self, words: str, times: int = 1) -> None:
        """Until it has said so, so many times."""
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            times -= words in line
            if not times:
                return
        raise AssertionError(f"it ended without saying {words!r}, but: {''.join(lines)}")

    def end(self, limit_s: float = 300.0) -> tuple[int, str]:
        """Its exit code, and what else it said."""
        rest, _ = self.process.communicate(timeout=limit_s)
        return self.process.returncode, rest


def said(process: subprocess.Popen[str], words: str, *, more: bool = False) -> str:
    """The line with these words; `more`: one that is to come later will be asked for, too.

    What comes after the last one is read by nobody, and does not fill the pipe.
    """
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if words in line:
            if not more:
                Thread(target=deque, args=(process.stderr, 0), daemon=True).start()
            return line
    raise AssertionError(f"{process.args} ended without saying {words!r}, but: {''.join(lines)}")


def answers(run: Run) -> dict[tuple[str, str, str, int], tuple[str, str, int]]:
    """What a run found out, whoever found it out."""
    return {
        (one.spec, one.setup, one.case, one.repeat): (one.verdict, one.outcome, one.attempt)
        for one in run.results
    }


@contextmanager
def lab(path: Path) -> Iterator[Lab]:
    """A cluster without workers; nothing of it is left at the end."""
    with ExitStack() as undo:
        yield Lab(path, undo)


def pieces_of(worker: int) -> list[int]:
    """Processes that the worker with this process number started for its pieces."""
    found: list[int] = []
    for task in Path(f"/proc/{worker}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    # No python path: a worker knows nothing of this package.
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**own, **more}


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()

"""What a command, or a function that starts programs, costs."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_SAMPLE_S = 0.05


@dataclass(frozen=True)
class Cost:
    """`seconds` by the clock, `cpu` seconds of all processes, `peak_mb`: resident memory of all of them
    together, at its highest (pages that two share count twice)."""

    seconds: float
    cpu: float
    peak_mb: float


class CommandFailed(Exception):
    """What was to be measured did not do its work."""


def typical(costs: Iterable[Cost]) -> Cost:
    """The medians."""
    rows = [(cost.seconds, cost.cpu, cost.peak_mb) for cost in costs]
    return Cost(*(median(column) for column in zip(*rows, strict=True)))


def of_command(
    command: Sequence[str], environment: Mapping[str, str], allowed: Iterable[int] = (0,)
) -> Cost:
    """Runs a command to its end; CommandFailed with what it said if that is another exit code."""
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, **environment},
        )
        memory = _Memory(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        peak = memory.peak_mb()
        if process.returncode not in allowed:
            said.seek(0)
            text = said.read().decode("utf-8", "replace")[-2000:]
            raise CommandFailed(f"{' '.join(command)}: exit code {process.returncode}\n{text}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, peak)


def of_programs(work: Callable[[], None]) -> Cost:
    """What the programs cost that a function starts and waits for: not the function itself."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    memory = _Memory(os.getpid(), without_self=True)
    work()
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(seconds, cpu, memory.peak_mb())


class _Memory:
    """Looks again and again at what a process and all below it have in memory."""

    def __init__(self, pid: int, *, without_self: bool = False) -> None:
        self._pid = pid
        self._without_self = without_self
        self._peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def peak_mb(self) -> float:
        """Ends it."""
        self._over.set()
        self._thread.join()
        return self._peak / 1024

    def _look(self) -> None:
        while not self._over.wait(_SAMPLE_S):
            family = _family(self._pid)[self._without_self :]
            self._peak = max(self._peak, sum(map(_resident_kb, family)))


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:  # grows while it is read
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _resident_kb(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS:"))

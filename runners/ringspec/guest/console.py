"""What a kernel complains about: in the log that a guest reports, or on the console of a dead one.

A guest that lives reads its own kernel log and tells each complaint with the case it belongs to.
The console has the last words of a guest that does not live any more.
"""

from __future__ import annotations

import re
from collections import deque
from pathlib import Path

from ringspec.guest.channel import LineSplitter, LineTooLong
from ringspec.guest.protocol import printable

# How a kernel's complaint begins, and the file in Linux that writes it.
SPLATS = (
    r"\bWARNING: (?!.*boot command line)",  # kernel/panic.c, kernel/locking/lockdep.c
    r"\bBUG: |\bkernel BUG at ",  # lib/bug.c, mm/kasan/report.c, mm/kfence/report.c
    r"\bOops: |\bKernel panic - ",  # arch/x86/kernel/dumpstack.c, kernel/panic.c
    r"\bgeneral protection fault\b|\bdivide error: |\binvalid opcode: |\bstack segment: ",  # traps.c
    r"\bUnable to handle kernel\b",  # arch/*/mm/fault.c
    r"\bINFO: task .* blocked for more than\b",  # kernel/hung_task.c
    r"\brcu: INFO: .*(?:detected|stall)",  # kernel/rcu/tree_stall.h
    r"\bsoft lockup\b|\bhard LOCKUP\b",  # kernel/watchdog.c
    r"\bINFO: (?:possible|inconsistent|suspicious|trying to register)\b",  # lockdep.c
    r"\bsuspicious RCU usage\b",  # kernel/rcu/update.c
    r"\bUBSAN: |\bKCSAN: |\bKMSAN: ",  # lib/ubsan.c, kernel/kcsan/report.c, mm/kmsan/report.c
    r"\brefcount_t: ",  # lib/refcount.c
    r"\bunreferenced object\b",  # mm/kmemleak.c
    r"\bscheduling while atomic\b",  # kernel/sched/core.c
)
_SPLAT = re.compile("|".join(SPLATS))
_CUT_HERE = "[ cut here ]"

EXCERPT_LINES = 80
TAIL_LINES = 40
LONGEST_LINE = 4096
LARGEST_LOG = 8 * 1024 * 1024


def splat_in(log: str) -> str:
    """From the first line that is a kernel's complaint to the end of that complaint, if any."""
    lines = log.splitlines()
    for number, line in enumerate(lines):
        if _SPLAT.search(line):
            first = number - 1 if number and _CUT_HERE in lines[number - 1] else number
            return "\n".join(lines[first : first + EXCERPT_LINES])
    return ""


class ConsoleLog:
    """The file a console is written to: readable text, of bounded size."""

    def __init__(self, path: Path | None, largest: int = LARGEST_LOG) -> None:
        self._left = largest
        # By line: a runner that is killed leaves what its kernel had said.
        self._file = (
            path.open("a", buffering=1, encoding="utf-8", errors="replace") if path else None
        )
        if self._file:
            self._left -= self._file.tell()

    def write(self, line: str) -> None:
        if not self._file or self._left <= 0:
            return
        self._left -= len(line) + 1
        self._file.write((line if self._left > 0 else "[console log full: the rest is cut]") + "\n")

    def close(self) -> None:
        if self._file:
            self._file.close()


class ConsoleWatcher:
    """Bytes of a console in; its last lines, and the first complaint, out."""

    def __init__(self, log: ConsoleLog) -> None:
        self._log = log
        self._splitter = LineSplitter(LONGEST_LINE)
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._complaint: list[str] = []

    def feed(self, data: bytes) -> None:
        try:
            for line in self._splitter.feed(data):
                self._hear(line)
        except LineTooLong:
            self._splitter = LineSplitter(LONGEST_LINE)
            self._hear(data[:LONGEST_LINE])

    def _hear(self, line: bytes) -> None:
        self._take(printable(line.rstrip(b"\r").decode("utf-8", "replace")))

    def finish(self) -> None:
        """The console will say no more: its last line may lack a line end."""
        if self._splitter.partial:
            self.feed(b"\n")

    def note(self, text: str) -> None:
        """Something for the log that was not on the console."""
        for line in text.splitlines():
            self._log.write(line)

    @property
    def complaint(self) -> str:
        return "\n".join(self._complaint)

    @property
    def tail(self) -> str:
        return "\n".join(self._tail)

    def _take(self, line: str) -> None:
        self._log.write(line)
        self._tail.append(line)
        if self._complaint or _SPLAT.search(line):
            if len(self._complaint) < EXCERPT_LINES:
                self._complaint.append(line)

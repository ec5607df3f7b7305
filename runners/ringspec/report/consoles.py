"""What a kernel printed while a case ran: its console, cut at the marks that the guest leaves."""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from ringspec.report.text import printable

# harness/guest/kernel_log.cc, KernelLog::Mark
_MARK = re.compile(r"ringspec (?:begin \S+ (?P<case>\S+) (?P<setup>\S+)|end \S+)\s*$")
_OURS = "=== "
LINES = 60  # of one case, and of the end of a console


def excerpts(files: Iterable[Path]) -> tuple[dict[tuple[str, str], str], str]:
    """What was printed in each (case, setup), and the last lines of all; marks are left out."""
    told: dict[tuple[str, str], deque[str]] = {}
    last: deque[str] = deque(maxlen=LINES)
    now: tuple[str, str] | None = None
    for line in map(printable, itertools.chain.from_iterable(map(_lines, files))):
        mark = _MARK.search(line)
        if mark:
            now = (mark["case"], mark["setup"]) if mark["case"] else None
        elif line.strip() and not line.startswith(_OURS):
            last.append(line)
            if now:
                told.setdefault(now, deque(maxlen=LINES)).append(line)
    return {key: "\n".join(lines) for key, lines in told.items()}, "\n".join(last)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []

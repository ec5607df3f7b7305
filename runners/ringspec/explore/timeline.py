"""What came when: the completions of a program, window by window, and where two kernels part."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ringspec.explore.features import kind_of
from ringspec.explore.program import Program, Step

_MORE, _BUFFER = 2, 1  # IORING_CQE_F_*
_BARRIER = re.compile(r"reap(\d+)=")
_RETURNED = re.compile(r"(sync_cancel|wait) returned (.*)")
# As in harness/programs/program_run.cc: how many of one kind are told apart in a window.
_COUNTED = 8
NOTHING = "nothing"

# One window: each completion as "tag: result", with how often it came.
Window = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Timeline:
    """The windows of one run; `end` says what ended it if that was not its own end."""

    windows: tuple[Window, ...]
    end: str = ""

    def key(self) -> tuple[Any, ...]:
        """What two runs must have in common to be the same."""
        return tuple(tuple(sorted(window.items())) for window in self.windows), self.end

    def results(self, window: int, tag: str) -> str:
        """What came of this tag in this window: "-ETIME+MORE x2, 0", or "nothing"."""
        if window >= len(self.windows):
            return self.end or NOTHING
        found = {
            result: count for (name, result), count in self.windows[window].items() if name == tag
        }
        return _text(found)


@dataclass(frozen=True)
class Parting:
    """The first completion in which two runs differ: what only the one and only the other had."""

    window: int
    tag: str
    kind: str  # of the request, or the call; several where they share the name
    left: str
    right: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.left} | {self.right}"

    def shows(self, other: Parting) -> bool:
        """Whether this is the same difference as `other`, of one of its requests."""
        same_kind = set(self.kind.split("/")) <= set(other.kind.split("/"))
        return same_kind and (self.left, self.right) == (other.left, other.right)


def timeline(trace: Sequence[Mapping[str, Any]], end: str = "") -> Timeline:
    """From the flight recorder of one execution."""
    windows: list[Counter[tuple[str, str]]] = []
    current: Counter[tuple[str, str]] = Counter()
    for event in trace:
        note = str(event.get("note", ""))
        if "cqe" in event:
            current[str(event["cqe"]), _result(event)] += 1
        elif called := _RETURNED.match(note):
            current[called[1], called[2]] += 1
        elif _BARRIER.match(note):
            windows.append(current)
            current = Counter()
    if current:
        windows.append(current)
    capped = [{kind: _cap(count) for kind, count in window.items()} for window in windows]
    return Timeline(tuple(capped), end)


def part(program: Program, left: Timeline, right: Timeline) -> Parting | None:
    """Where the two part; None if they do not."""
    order = {step.name or step.verb: index for index, step in enumerate(reversed(program.steps))}
    for number in range(max(len(left.windows), len(right.windows))):
        ours = left.windows[number] if number < len(left.windows) else None
        theirs = right.windows[number] if number < len(right.windows) else None
        if ours is None or theirs is None:
            return Parting(number, "", "program", left.end or "ended", right.end or "ended")
        if ours == theirs:
            continue
        tags = {kind[0] for kind in {*ours, *theirs} if ours.get(kind, 0) != theirs.get(kind, 0)}
        # The request that was submitted first; calls come before requests.
        tag = max(tags, key=lambda one: (order.get(one, len(order)), one))
        only_left, only_right = _only(ours, theirs, tag), _only(theirs, ours, tag)
        return Parting(number, tag, _kind(program, tag), only_left, only_right)
    if left.end != right.end:
        return Parting(len(left.windows), "", "program", left.end or "ended", right.end or "ended")
    return None


def distance(left: Timeline, right: Timeline) -> int:
    """In how many kinds of completions the first window that differs does."""
    for ours, theirs in zip(left.windows, right.windows):
        if ours != theirs:
            return sum(ours.get(kind, 0) != theirs.get(kind, 0) for kind in {*ours, *theirs})
    return 0


def _only(ours: Window, theirs: Window, tag: str) -> str:
    """The results of this tag that are in the one window and not, or less often, in the other."""
    extra = {
        result: count - theirs.get((name, result), 0)
        for (name, result), count in ours.items()
        if name == tag
    }
    return _text(extra)


def _text(results: Mapping[str, int]) -> str:
    texts = [
        result if count == 1 else f"{result} x{_many(count)}"
        for result, count in sorted(results.items())
        if count > 0
    ]
    return ", ".join(texts) or NOTHING


def _kind(program: Program, tag: str) -> str:
    made: list[Step] = [step for step in program.steps if step.name == tag]
    kinds = dict.fromkeys(kind_of(step) for step in made)
    return "/".join(kinds) if kinds else tag


def _result(event: Mapping[str, Any]) -> str:
    flags = int(event.get("cqe_flags", 0))
    text = str(event.get("result"))
    return text + ("+MORE" if flags & _MORE else "") + ("+BUFFER" if flags & _BUFFER else "")


def _cap(count: int) -> int:
    return min(count, _COUNTED + 1)


def _many(count: int) -> str:
    return "many" if count > _COUNTED else str(count)

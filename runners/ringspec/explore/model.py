"""The reference model: what the documentation permits a program to come to.

It runs a program on paper: time in whole milliseconds, no time between steps, 40 of them in a
window.  Where the documentation leaves something open (which of several requests is taken) it goes
every way.  What it does not describe is `OutsideModel`: such programs are for the differential
oracle alone.  Sources: the manual pages that the clauses of the same promises name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ringspec.explore.features import kind_of
from ringspec.explore.matching import selects
from ringspec.explore.program import Step
from ringspec.explore.requests import (
    ECANCELED,
    EINVAL,
    ENOENT,
    ETIME,
    EVENTS,
    POLLABLE,
    READ_SIZE,
    OutsideModel,
    Request,
    chained,
    counts,
    key_of,
    milliseconds,
    text_of,
)
from ringspec.explore.timeline import Timeline

WINDOW = 40
_DATA = EVENTS["in"] | EVENTS["rdnorm"]
# A timer that is due closer than this to the end of a window may be seen in either.
_CLEAR = 4


class Run:
    """One way through a program: `way` says what to choose, where there is a choice."""

    def __init__(self, way: Sequence[int]) -> None:
        self.ways: list[tuple[int, int]] = []  # what was chosen, of how many
        self._way = way
        self._now = 0
        self._pending: list[Request] = []  # armed, in order
        self._data: Counter[str] = Counter()
        self._windows: list[Counter[tuple[str, str]]] = []
        self._current: Counter[tuple[str, str]] = Counter()
        self._events = 0  # completions that counts count
        self._batch_began = 0
        self._unsettled = False  # something happens that a next step might or might not see
        self._recent: list[Request] = []  # completed since the last barrier
        self._kinds: set[str] = set()
        self._closed = False

    def timeline(self, steps: Sequence[Step]) -> Timeline:
        batch: list[Step] = []
        for step in (*steps, Step("reap")):
            if self._closed:
                break
            if step.name:
                batch.append(step)
                continue
            self._submit(batch)
            batch = []
            self._step(step)
        windows = [*self._windows, *filter(None, [self._current])]
        return Timeline(tuple(map(dict, windows)))

    def _choose(self, number: int) -> int:
        if number < 2:
            return 0
        chosen = self._way[len(self.ways)] if len(self.ways) < len(self._way) else 0
        self.ways.append((chosen, number))
        return chosen

    def _step(self, step: Step) -> None:
        if step.verb == "reap":
            self._advance(WINDOW)
            self._windows.append(self._current)
            self._current = Counter()
            self._unsettled, self._recent = False, []
        elif step.verb == "write":
            self._write(step.word(0), int(step.word(1, "1")))
        elif step.verb == "wake":
            waiting = [one for one in self._pending if one.kind == "futex"]
            for one in [one for one in waiting if one.step.word(0) == step.word(0)]:
                self._unsettled = True
                self._complete(one, 0)
        elif step.verb == "sync":
            self._settled()
            self._current["sync_cancel", text_of(self._cancel(step))] += 1
        elif step.verb == "close":
            self._closed = True
        elif step.verb != "submit":
            raise OutsideModel(step.verb)

    def _submit(self, steps: Sequence[Step]) -> None:
        self._batch_began = self._events
        self._kinds |= {kind_of(step) for step in steps}
        others = ("link_timeout", "timeout+mshot")
        if "timeout+count" in self._kinds and any(one.startswith(others) for one in self._kinds):
            raise OutsideModel("whether these completions count")
        for head in chained(steps):
            self._settled()
            for one in (head, *head.rest):
                one.submitted = self._now
            self._issue(head)

    def _settled(self) -> None:
        if self._unsettled:
            raise OutsideModel("a step that might come before or after something else")

    def _advance(self, length: int) -> None:
        end = self._now + length
        while True:
            due = [one for one in self._timers() if one.due is not None and one.due < end + _CLEAR]
            if not due:
                break
            first = min(due, key=lambda one: one.due or 0)
            assert first.due is not None
            partner = first.guarded or first.guard
            if abs(first.due - end) < _CLEAR or (partner and partner.due == first.due):
                raise OutsideModel("a timer that meets something else")
            self._now = max(self._now, first.due)
            self._expire(first)
        self._now = end

    def _timers(self) -> list[Request]:
        return [*self._pending, *self._guards()]

    def _guards(self) -> list[Request]:
        return [one.guard for one in self._pending if one.guard is not None]

    def _expire(self, timer: Request) -> None:
        if timer.guarded is not None:
            target = timer.guarded
            target.guard = None
            self._complete(target, ECANCELED, guard=(timer, ETIME))
        elif timer.repeats and timer.shots != 1:
            timer.shots -= bool(timer.shots)
            timer.due = self._now + timer.interval
            self._post(timer, "-ETIME+MORE")
        else:
            self._complete(timer, ETIME)

    def _write(self, file: str, size: int) -> None:
        waiting = [one for one in self._pending if one.file == file and one.mask & _DATA]
        readers = [one for one in waiting if one.kind != "poll"]
        just_read = any(one.file == file and one.kind != "poll" for one in self._recent)
        if just_read or len(readers) > 1 or (readers and len(waiting) > 1):
            raise OutsideModel("who gets how much of the data")
        if self._data[file] and any(one.repeats for one in waiting):
            raise OutsideModel("whether more data is an event")
        self._data[file] += size
        for one in waiting:
            self._unsettled = True
            self._try(one)

    def _issue(self, request: Request) -> None:
        result = self._start(request)
        if result is not None:
            self._complete(request, result)
            return
        self._pending.append(request)
        if request.guard is not None:
            request.guard.due = request.guard.due_if_armed(self._now)
        if request.kind in POLLABLE:
            self._try(request)
        if request.reached(self._events):
            self._complete(request, 0)

    def _start(self, request: Request) -> int | None:
        """Its result, if it does not wait."""
        step = request.step
        if step.verb == "nop":
            return 0
        if step.verb == "cancel":
            return self._cancel(step)
        if step.verb == "timeout_remove":
            return self._end(self._named(step.word(0), "timeout"))
        if step.verb == "poll_remove":
            return self._end(self._named(step.word(0), "poll"))
        if step.verb == "timeout_update":
            return self._update(step)
        if step.verb == "timeout":
            request.interval = milliseconds(step.word(0))
            request.due = request.due_if_armed(self._now)
            number = int(step.values.get("count", "0"))
            if request.repeats:
                request.shots = number
            elif number:
                early = self._events - self._batch_began
                request.counted = self._events + number - self._choose(early + 1)
        return None

    def _try(self, request: Request) -> None:
        """Lets a request have what its file has."""
        file = request.file
        if request.kind == "poll":
            ready = EVENTS["out"] if file.startswith("sock") else 0
            ready |= _DATA if self._data[file] else 0
            if ready & request.mask and request.repeats:
                self._recent.append(request)  # What is done to it now may come before the event.
                self._post(request, f"{ready & request.mask}+MORE")
            elif ready & request.mask:
                self._complete(request, ready & request.mask)
        elif self._data[file]:
            size = min(READ_SIZE, self._data[file])
            self._data[file] -= size
            self._complete(request, size)

    def _complete(
        self, request: Request, result: int, guard: tuple[Request, int] | None = None
    ) -> None:
        if request in self._pending:
            self._pending.remove(request)
        self._recent.append(request)
        self._post(request, text_of(result))
        rest = request.rest
        if request.guard is not None:
            guard = (request.guard, ECANCELED)
        if guard is not None:
            rest = [one for one in rest if one is not guard[0]]
            self._recent.append(guard[0])
            self._post(guard[0], text_of(guard[1]))
        if not rest:
            return
        if request.breaks_chain(result):
            for one in rest:
                if one.kind == "timeout" and any(other.counted for other in self._pending):
                    raise OutsideModel("whether a timeout that never began counts")
                self._post(one, text_of(ECANCELED))
            return
        self._unsettled = True
        following = rest[0]
        if counts(following.step):
            raise OutsideModel("what has completed by the time that a count is armed")
        following.rest = rest[1:]
        self._issue(following)

    def _post(self, request: Request, text: str) -> None:
        self._current[request.tag, text] += 1
        if request.kind == "timeout":
            return  # prep_timeout(3): its completion is no event for other counts.
        self._events += 1
        for one in [one for one in self._pending if one.reached(self._events)]:
            if one in self._pending:  # The chain behind another one may have completed it.
                self._complete(one, 0)

    def _cancel(self, step: Step) -> int:
        key = key_of(step)
        if key.any and (key.by_file or key.by_kind):
            raise OutsideModel("ANY beside another key")
        if any(selects(key, one.kind, one.file, one.tag) for one in self._recent):
            raise OutsideModel("whether what has just completed is still found")
        found = [one for one in self._pending if selects(key, one.kind, one.file, one.tag)]
        if "all" not in step.flags:
            return self._end(found)
        for one in found:
            if one not in self._pending:
                raise OutsideModel("a count that a cancel completes and cancels")
            self._complete(one, ECANCELED)
        return len(found) or ENOENT

    def _named(self, name: str, kind: str) -> list[Request]:
        if any(one.kind == kind and one.tag == name for one in self._recent):
            raise OutsideModel("whether what has just completed is still found")
        return [one for one in self._pending if one.kind == kind and one.tag == name]

    def _end(self, found: Sequence[Request]) -> int:
        """Cancels one of them."""
        if not found:
            return ENOENT
        self._complete(found[self._choose(len(found))], ECANCELED)
        return 0

    def _update(self, step: Step) -> int:
        found = self._named(step.word(0), "timeout")
        if "linked" in step.flags:
            if any(one.tag == step.word(0) for one in self._recent):
                raise OutsideModel("whether what has just completed is still found")
            found = [one for one in self._guards() if one.tag == step.word(0)]
        if not found:
            return ENOENT
        timer = found[self._choose(len(found))]
        if "abs" in step.flags and timer.step.flags & {"boot", "real"}:
            raise OutsideModel("a point in time on which of two clocks")
        if timer.repeats and "abs" in step.flags:
            return EINVAL
        timer.interval = milliseconds(step.word(1))
        timer.due = self._now + timer.interval
        timer.counted = None
        return 0

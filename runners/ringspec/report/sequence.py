"""The flight recorder as the page draws it: small, without addresses, alike ones only once.

A trace is a shape (what happened, in which order) and times.  Kernels that behave alike share the
shape, so that thousands of traces need little room.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ringspec.replay.uring_names import (
    CANCEL_FLAGS,
    CQE_FLAGS,
    POLL_FLAGS,
    SQE_FLAGS,
    TIMEOUT_FLAGS,
    flag_names,
    opcode_name,
)
from ringspec.report.text import one_line

_POLL_REMOVE, _TIMEOUT, _TIMEOUT_REMOVE, _CANCEL, _LINK_TIMEOUT = 7, 11, 12, 14, 15
_SEEKS = (_POLL_REMOVE, _TIMEOUT_REMOVE, _CANCEL)
_HAS_TIMEOUT_FLAGS = (_TIMEOUT, _TIMEOUT_REMOVE, _LINK_TIMEOUT)
_ALL, _FD, _ANY, _USERDATA, _OP = 1, 2, 4, 16, 32
_CQE_MORE = 2
_NOBODY = "a user_data that nobody has"
HEAD, TAIL = 90, 30  # a longer trace is drawn without its middle


@dataclass
class Traces:
    """Every trace that was taken in, each shape once."""

    shapes: dict[str, int] = field(default_factory=dict)

    def add(self, file: Path) -> list[int] | None:
        """The number of the trace's shape, then the microseconds between its events; None without
        a readable trace."""
        try:
            events = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not _is_trace(events) or not events:
            return None
        shape, times = condense(events)
        text = json.dumps(shape, ensure_ascii=False, separators=(",", ":"))
        return [self.shapes.setdefault(text, len(self.shapes)), *times]

    def to_json(self) -> list[Any]:
        """The shapes by number; page/sequence.js names their fields."""
        return [json.loads(text) for text in self.shapes]


def condense(events: Sequence[Mapping[str, Any]]) -> tuple[list[Any], list[int]]:
    """What happened, and the microseconds from each event to the next.

    ["s", ring, tag, opcode, flags, aim, targets]   an SQE; targets: the SQEs that its key matches
    ["c", ring, tag, result, flags, sqe]            a CQE, and which SQE it is of (-1: of none)
    ["n", text]                                     a note
    ["gap", count]                                  so many events left out
    """
    shape: list[list[Any]] = []
    open_requests: list[int] = []
    sqes: dict[int, Mapping[str, Any]] = {}
    for number, event in enumerate(events):
        if "sqe" in event:
            shape.append(_sqe(event, sqes, open_requests))
            sqes[number] = event
            open_requests.append(number)
        elif "cqe" in event:
            of = _request_of(event, open_requests, sqes)
            if of >= 0 and not event["cqe_flags"] & _CQE_MORE:
                open_requests.remove(of)
            flags = flag_names(event["cqe_flags"] & 0xFFFF, CQE_FLAGS)
            result = one_line(event["result"])
            shape.append(["c", event["ring"], one_line(event["cqe"]), result, flags, of])
        else:
            shape.append(["n", one_line(str(event.get("note", "")), 200)])
    stamps = [event["t"] // 1000 for event in events]
    times = [0, *(max(0, now - before) for before, now in zip(stamps, stamps[1:], strict=False))]
    return _without_middle(shape, times)


def _sqe(
    event: Mapping[str, Any], sqes: Mapping[int, Mapping[str, Any]], open_requests: Sequence[int]
) -> list[Any]:
    opcode, op_flags = event["op"], event["op_flags"]
    flags = flag_names(event["flags"], SQE_FLAGS)
    if opcode == _CANCEL:
        flags += flag_names(op_flags, CANCEL_FLAGS)
    elif opcode in _HAS_TIMEOUT_FLAGS:
        flags += flag_names(op_flags, TIMEOUT_FLAGS)
    elif opcode == _POLL_REMOVE:
        flags += flag_names(event["len"], POLL_FLAGS)
    aim, targets = _aim(event, sqes, open_requests) if opcode in _SEEKS else ("", [])
    if not aim and event["fd"] >= 0 and opcode not in (_TIMEOUT, _LINK_TIMEOUT):
        aim = f"fd {event['fd']}"
    return ["s", event["ring"], one_line(event["sqe"]), opcode_name(opcode), flags, aim, targets]


def _aim(
    event: Mapping[str, Any], sqes: Mapping[int, Mapping[str, Any]], open_requests: Sequence[int]
) -> tuple[str, list[int]]:
    """What the request looks for, in words, and which open requests of its ring fit."""
    op_flags = event["op_flags"] if event["op"] == _CANCEL else 0
    by_user_data = not op_flags & (_FD | _ANY | _OP) or op_flags & _USERDATA
    keys = []
    if op_flags & _ANY:
        keys.append("any request")
    if op_flags & _FD:
        keys.append(f"fd {event['fd']}")
    if by_user_data:
        keys.append(_owner(event, sqes, open_requests))
    if op_flags & _OP:
        keys.append(opcode_name(event["len"]))
    fits = [
        number
        for number, sqe in ((number, sqes[number]) for number in open_requests)
        if sqe["ring"] == event["ring"]
        and (not by_user_data or sqe["user_data"] == event["addr"])
        and (not op_flags & _FD or op_flags & _ANY or sqe["fd"] == event["fd"])
        and (not op_flags & _OP or op_flags & _ANY or sqe["op"] == event["len"])
    ]
    return " and ".join(keys), fits


def _owner(
    event: Mapping[str, Any], sqes: Mapping[int, Mapping[str, Any]], open_requests: Sequence[int]
) -> str:
    """The tag of the request whose user_data is wanted: of an open one, if there is one."""
    same = [
        number
        for number, sqe in sqes.items()
        if (sqe["ring"], sqe["user_data"]) == (event["ring"], event["addr"])
    ]
    still = [number for number in same if number in open_requests]
    if still:
        return one_line(sqes[still[0]]["sqe"])
    return f"{one_line(sqes[same[-1]]['sqe'])}, which is done" if same else _NOBODY


def _request_of(
    event: Mapping[str, Any], open_requests: Sequence[int], sqes: Mapping[int, Mapping[str, Any]]
) -> int:
    """The oldest open request with this user_data: what the recorder attributes it to."""
    for number in open_requests:
        same = ("ring", "user_data")
        if all(sqes[number][key] == event[key] for key in same):
            return number
    return -1


def _without_middle(shape: list[list[Any]], times: list[int]) -> tuple[list[Any], list[int]]:
    if len(shape) <= HEAD + TAIL:
        return shape, times
    cut = len(shape) - HEAD - TAIL
    kept = [*shape[:HEAD], ["gap", cut], *shape[-TAIL:]]
    for event in kept:  # numbers of SQEs behind the gap move, those inside it are gone
        if event[0] == "c":
            event[5] = _moved(event[5], cut)
        elif event[0] == "s":
            event[6] = [new for new in (_moved(old, cut) for old in event[6]) if new >= 0]
    return kept, [*times[:HEAD], sum(times[HEAD:-TAIL]), *times[-TAIL:]]


def _moved(number: int, cut: int) -> int:
    if number < HEAD:
        return number
    return number - cut + 1 if number >= HEAD + cut else -1


_NUMBERS = {
    "sqe": ("ring", "op", "flags", "op_flags", "fd", "len"),
    "cqe": ("ring", "cqe_flags"),
    "note": (),
}
_TEXTS = {"sqe": ("sqe", "user_data", "addr"), "cqe": ("cqe", "user_data", "result"), "note": ()}


def _is_trace(events: object) -> bool:
    """Whether this is what harness/recorder.cc writes; a guest can have written anything."""
    return isinstance(events, list) and all(
        isinstance(event, dict) and type(event.get("t")) is int and _is_event(event)
        for event in events
    )


def _is_event(event: Mapping[str, Any]) -> bool:
    kind = "sqe" if "sqe" in event else "cqe" if "cqe" in event else "note"
    return all(type(event.get(key)) is int for key in _NUMBERS[kind]) and all(
        type(event.get(key)) is str for key in _TEXTS[kind]
    )

"""Draws a flight record for the terminal: when, which ring, what went in, what came out.

       ms  ring
    0.000  0  ╭▶ target        POLL_ADD      fd 9              LINK
    0.186  0  ╰▶ link_timeout  LINK_TIMEOUT                    ABS
   50.731  0  ◀  target        -ECANCELED

Times count from the first event of the case.  A bracket joins the requests of a chain (double: a
hard link).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ringspec.replay.uring_names import (
    CANCEL_FLAGS,
    POLL_FLAGS,
    SQE_FLAGS,
    TIMEOUT_FLAGS,
    cqe_flag_names,
    flag_names,
    opcode_name,
)
from ringspec.report.text import one_line

Event = Mapping[str, Any]

_LINK, _HARDLINK = 1 << 2, 1 << 3
_POLL_ADD, _POLL_REMOVE = "POLL_ADD", "POLL_REMOVE"
_TIMERS = ("TIMEOUT", "TIMEOUT_REMOVE", "LINK_TIMEOUT")
# Requests whose addr is the user_data of another one.
_SEEKERS = ("ASYNC_CANCEL", "TIMEOUT_REMOVE", _POLL_REMOVE)
_KEYS_BUT_USER_DATA = 2 | 4 | 32  # FD, ANY, OP
_BRACKETS = {"first": "╭▶", "middle": "├▶", "last": "╰▶", "": " ▶"}
_HARD = {"first": "╔▶", "middle": "╠▶", "last": "╚▶"}


def draw(trace: Iterable[Event]) -> str:
    """The whole record, one line for each event."""
    events = list(trace)
    if not events:
        return "(nothing was submitted)\n"
    start = min(event["t"] for event in events)
    names = {event["user_data"]: event["sqe"] for event in events if "sqe" in event}
    places = _chains(events)
    rows: list[tuple[str, ...]] = [
        _sqe(event, names, *places[number])
        if "sqe" in event
        else _cqe(event, names)
        if "cqe" in event
        else ("", str(event.get("note", "")))
        for number, event in enumerate(events)
    ]
    # A note is prose and takes part in no column.
    widths = [
        max((len(row[column]) for row in rows if len(row) > 2), default=0) for column in range(4)
    ]
    lines = [f"{'ms':>12}  ring"]
    for event, row in zip(events, rows, strict=True):
        when = f"{(event['t'] - start) / 1e6:12.3f}"
        if len(row) == 2:
            lines.append(f"{when}        · {one_line(row[1])}")
            continue
        cells = "  ".join(
            one_line(cell).ljust(width) for cell, width in zip(row[1:], [*widths[1:], 0])
        )
        lines.append(f"{when}  {event.get('ring', ''):>4}  {row[0]} {cells}".rstrip())
    return "\n".join(lines) + "\n"


def _chains(events: Sequence[Event]) -> dict[int, tuple[str, bool]]:
    """For each SQE its place in its chain, and whether the chain is a hard one."""
    places: dict[int, tuple[str, bool]] = {}
    open_chain: dict[int, bool] = {}
    for number, event in enumerate(events):
        if "sqe" not in event:
            continue
        links = bool(event["flags"] & (_LINK | _HARDLINK))
        hard = bool(event["flags"] & _HARDLINK)
        inside = event["ring"] in open_chain
        hard = open_chain.get(event["ring"], hard) or hard
        place = ("middle" if inside else "first") if links else ("last" if inside else "")
        places[number] = (place, hard)
        if links:
            open_chain[event["ring"]] = hard
        else:
            open_chain.pop(event["ring"], None)
    return places


def _sqe(
    event: Event, names: Mapping[str, str], place: str, hard: bool
) -> tuple[str, str, str, str, str]:
    operation = opcode_name(event["op"])
    arrow = (_HARD if hard else _BRACKETS).get(place, _BRACKETS[""])
    flags = [*flag_names(event["flags"], SQE_FLAGS), *_own_flags(event, operation)]
    return (arrow, event["sqe"], operation, _aim(event, operation, names), " ".join(flags))


def _own_flags(event: Event, operation: str) -> list[str]:
    bits = event["op_flags"]
    if operation == "ASYNC_CANCEL":
        return flag_names(bits, CANCEL_FLAGS)
    if operation in _TIMERS:
        return flag_names(bits, TIMEOUT_FLAGS)
    if operation in (_POLL_ADD, _POLL_REMOVE):
        events = [f"events {bits:#x}"] if bits else []
        return [*events, *flag_names(event["len"], POLL_FLAGS)]
    return [f"flags {bits:#x}"] if bits else []


def _aim(event: Event, operation: str, names: Mapping[str, str]) -> str:
    """Which request it is about, which file, how many completions it counts."""
    words = []
    if operation in _SEEKERS and not (
        operation == "ASYNC_CANCEL" and event["op_flags"] & _KEYS_BUT_USER_DATA
    ):
        target = names.get(event["addr"])
        words.append(f"of {target}" if target else f"of user_data {event['addr']}")
    if operation == "TIMEOUT" and event["off"] != "0":
        words.append(f"count {event['off']}")
    if event["fd"] >= 0 and operation not in _TIMERS:
        words.append(f"fd {event['fd']}")
    return ", ".join(words)


def _cqe(event: Event, names: Mapping[str, str]) -> tuple[str, str, str, str, str]:
    stray = "" if event["user_data"] in names else f"user_data {event['user_data']}"
    return (
        " ◀",
        event["cqe"],
        str(event["result"]),
        stray,
        " ".join(cqe_flag_names(event["cqe_flags"])),
    )

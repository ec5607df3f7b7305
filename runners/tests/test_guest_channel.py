"""Lines, messages and window of a guest that is not trusted."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringspec.guest.channel import LineSplitter, LineTooLong
from ringspec.guest.errors import SessionLost
from ringspec.guest.options import MachineOptions
from ringspec.guest.protocol import (
    Garbled,
    facts_of,
    observation_of,
    order_text,
    parse_message,
    printable,
)
from ringspec.guest.stopping import StopFlag
from ringspec.guest.window import Window, WindowBroken
from ringspec.guest.wire import Wire
from ringspec.model import Execution

EXECUTION = Execution(17, "AsyncCancel.X", "defer")
END = {
    "event": "end",
    "id": 17,
    "status": "ran",
    "holds": True,
    "outcome": "cancel=3",
    "message": "",
    "drawn": {"won": 2},
    "violations": ["one_final_cqe"],
    "trace": [{"t": 1}],
    "evidence": "",
    "guest_ns": 5,
    "tainted": 0,
}


@given(st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_lines_do_not_depend_on_how_they_arrive(data: bytes, cuts: list[int]) -> None:
    splitter = LineSplitter()
    borders = sorted([0, *(cut for cut in cuts if cut < len(data)), len(data)])
    lines = [
        line for begin, end in zip(borders, borders[1:]) for line in splitter.feed(data[begin:end])
    ]

    assert lines == data.split(b"\n")[:-1]
    assert splitter.partial == data.split(b"\n")[-1]


@pytest.mark.parametrize(
    "pieces", [[b"x" * 11], [b"x" * 6, b"x" * 5], [b"x" * 6, b"x" * 5 + b"\n"]]
)
def test_a_line_without_end_is_not_kept(pieces: list[bytes]) -> None:
    splitter = LineSplitter(longest=10)

    with pytest.raises(LineTooLong):
        for piece in pieces:
            assert not list(splitter.feed(piece))


def test_what_came_before_a_line_without_end_is_not_lost() -> None:
    lines = LineSplitter(longest=10).feed(b"one\ntwo\n" + b"x" * 11)

    assert [next(lines), next(lines)] == [b"one", b"two"]
    with pytest.raises(LineTooLong):
        next(lines)


def test_what_came_before_nonsense_is_not_lost() -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b'{"event":"done"}\nnonsense\n')
    os.close(theirs)
    wire = Wire(ours, StopFlag())

    assert wire.next(60)["event"] == "done"
    with pytest.raises(SessionLost, match="garbled: not JSON"):
        wire.next(60)
    os.close(ours)


@given(st.binary())
def test_any_bytes_are_a_message_or_garbled(line: bytes) -> None:
    try:
        assert isinstance(parse_message(line)["event"], str)
    except Garbled:
        pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(END)), JSON)
def test_any_wrong_field_is_garbled_or_a_valid_observation(field: str, value: object) -> None:
    try:
        observation = observation_of(
            parse_message(json.dumps({**END, field: value}).encode()), EXECUTION
        )
    except Garbled:
        return
    assert observation.status in ("ran", "refused", "error", "hang", "crash")
    assert all(isinstance(count, int) for count in observation.drawn.values())


def test_an_end_becomes_an_observation() -> None:
    observation = observation_of(END, EXECUTION)

    assert (observation.status, observation.holds, observation.outcome) == ("ran", True, "cancel=3")
    assert (observation.drawn, observation.violations) == ({"won": 2}, ("one_final_cqe",))


def test_another_protocol_is_refused() -> None:
    with pytest.raises(Garbled, match="binary and runner differ"):
        facts_of({"hello": {"event": "hello", "protocol": 9}, "settled": {}, "probes": {}}, {})


@given(st.text())
def test_nothing_a_guest_says_can_talk_to_a_terminal(text: str) -> None:
    message = parse_message(json.dumps({"event": text, text: [text]}).encode())

    for said in (message["event"], *message):
        assert all(c in "\n\t" or c.isprintable() or not c.isascii() for c in said)
        assert "\x9b" not in said


def test_escape_sequences_stay_readable() -> None:
    assert printable("\x1b[31mred\x07\n\ttext") == "\\x1b[31mred\\x07\n\ttext"


def test_an_order_says_how_long_it_is(tmp_path: object) -> None:
    options = MachineOptions(binary=__file__, seed=7, case_limit_ms=1500)  # type: ignore[arg-type]

    assert order_text([EXECUTION], options).decode().splitlines() == [
        "order 1",
        "limit 1500",
        "seed 7",
        "trace red",
        "case 17 defer AsyncCancel.X",
        "go 1",
    ]


def as_guest(window: Window, data: bytes, written: int) -> None:
    """What harness/guest/window.cc does."""
    at = written % 2**20
    first = data[: 2**20 - at]
    window._memory[2**20 + at : 2**20 + at + len(first)] = first
    window._memory[2**20 : 2**20 + len(data) - len(first)] = data[len(first) :]
    window._write(4, (written + len(data)) % 2**32)


@pytest.mark.parametrize("start", [0, 2**20 - 3, 2**32 - 3])
def test_events_cross_the_window_also_around_its_end(start: int) -> None:
    window = Window()
    window._write(4, start)
    window._write(8, start)

    as_guest(window, b"event one\n", start)
    assert window.take_events() == b"event one\n"
    assert window.take_events() == b""
    window.close()


def test_a_header_that_makes_no_sense_is_noticed() -> None:
    window = Window()
    window._write(4, 2**20 + 1)

    with pytest.raises(WindowBroken):
        window.take_events()
    window.close()


PIECES = st.sampled_from([b'{"event":"end"}\n', b'{"event":', b"\n", b"\xff\xfe", b"[" * 400])


@given(
    st.lists(PIECES | st.binary(max_size=200), max_size=6), st.none() | st.integers(0, 2**32 - 1)
)
def test_whatever_is_in_the_window_is_messages_and_then_the_end(
    pieces: list[bytes], header: int | None
) -> None:
    window = Window()
    ours, theirs = os.pipe()
    written = 0
    for piece in pieces:
        as_guest(window, piece, written)
        written += len(piece)
    if header is not None:
        window._write(4, header)
    os.write(theirs, b"!" * max(1, len(pieces)))
    os.close(theirs)
    wire = Wire(ours, StopFlag(), window=window)

    with pytest.raises(SessionLost):
        while True:
            assert isinstance(wire.next(5)["event"], str)
    os.close(ours)
    window.close()

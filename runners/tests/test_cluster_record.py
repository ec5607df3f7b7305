"""What comes from workers, put together: each answer once, in whatever way workers die."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringspec.cluster.machine import PieceFailed, _Record
from ringspec.cluster.wire import Decoder, encode
from ringspec.model import Begun, Event, Execution, Facts, Observation

FACTS = Facts("6.12.1", "#1", "x86_64", 1, {"op:NOP": True}, {"default": "ok"}, {"late": [1, 2]})
ORDER = tuple(Execution(number, f"Suite.Case{number}", "default") for number in (1, 2, 3))
TEXT = st.text(max_size=8)


def record(seen: list[Event], console: list[str] | None = None) -> _Record:
    return _Record(Decoder(ORDER), seen.append, (console if console is not None else []).append)


def batch(turn: str, *lines: str) -> dict[str, str]:
    return {"turn": turn, "lines": "\n".join(lines)}


def answers(seen: Sequence[Event]) -> list[tuple[int, str, int]]:
    return [
        (event.execution.id, event.status, event.execution.attempt)
        for event in seen
        if isinstance(event, Observation)
    ]


@given(
    st.builds(
        Observation,
        execution=st.sampled_from(ORDER),
        status=st.sampled_from(("ran", "hang", "lost")),
        holds=st.booleans(),
        outcome=TEXT,
        message=TEXT,
        drawn=st.dictionaries(TEXT, st.integers(0, 9), max_size=2),
        violations=st.lists(TEXT, max_size=2).map(tuple),
        trace=st.lists(st.dictionaries(TEXT, TEXT, max_size=2), max_size=2).map(tuple),
        evidence=TEXT,
        guest_ns=st.integers(0, 1 << 62),
    )
)
def test_an_event_arrives_as_it_left(observation: Observation) -> None:
    decoder = Decoder(ORDER)
    for event in (FACTS, Begun(ORDER[1]), observation):
        assert "\n" not in encode(event)
        assert decoder.event(json.loads(encode(event))) == event


def test_a_piece_that_begins_anew_answers_only_what_was_open() -> None:
    seen: list[Event] = []
    console: list[str] = []
    told = record(seen, console)
    first, second, third = (encode(Observation(one, "ran", True)) for one in ORDER)

    assert not told.take(batch("a 1", first))
    assert not told.take(batch("b 2", first, second))
    assert not told.take(batch("a 1", second, third))  # cut off, not dead
    assert told.take(batch("b 2", third, '{"ended":""}'))

    assert answers(seen) == [(1, "ran", 0), (2, "ran", 0), (3, "ran", 0)]
    assert console == ["=== the worker was lost; b begins anew ===\n"]


def test_what_was_lost_is_tried_again_as_a_later_attempt() -> None:
    seen: list[Event] = []
    told = record(seen)

    told.take(batch("a 1", encode(Observation(ORDER[0], "lost"))))
    told.take(batch("b 2", encode(Observation(ORDER[0], "ran", True))))

    assert answers(seen) == [(1, "lost", 0), (1, "ran", 1)]


def test_a_machine_that_failed_is_told_with_its_worker() -> None:
    with pytest.raises(PieceFailed, match="tcp://w:1: BootFailed: no"):
        record([]).take(batch("tcp://w:1 5", '{"ended":"BootFailed: no"}'))

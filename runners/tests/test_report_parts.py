"""What the report page is made of: traces, consoles, the story of a clause, drafts of letters."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from page_run import TRACE, cqe, sqe
from ringspec.report.consoles import LINES, excerpts
from ringspec.report.drafts import difference, draft, outcome_in_words, pages
from ringspec.report.matrix import build
from ringspec.report.sequence import HEAD, TAIL, Traces, condense
from ringspec.report.support import stories
from synthetic import CLAUSE, RED, RESULT, on, write_run


def test_a_trace_is_condensed() -> None:
    shape, times = condense(TRACE)
    assert shape == [
        ["s", 0, "target", "POLL_ADD", ["LINK"], "fd 9", []],
        ["s", 0, "link_timeout", "LINK_TIMEOUT", [], "", []],
        ["s", 0, "cancel", "ASYNC_CANCEL", ["ALL"], "target", [0]],
        ["c", 0, "cancel", "1", [], 2],
        ["c", 0, "target", "-ECANCELED", [], 0],
        ["n", "waited in vain"],
    ]
    assert times == [0, 2, 48, 10, 2000, 4997940]


@pytest.mark.parametrize(
    "cancel, aim, fits",
    [
        ({"addr": "7"}, "one", [0]),
        ({"addr": "99"}, "a user_data that nobody has", []),
        ({"addr": "11"}, "four, which is done", []),
        ({"op_flags": 2, "fd": 9}, "fd 9", [0, 1]),
        ({"op_flags": 2 | 16, "fd": 9, "addr": "8"}, "fd 9 and two", [1]),
        ({"op_flags": 4}, "any request", [0, 1, 2]),
        ({"op_flags": 32, "len": 22}, "READ", [1]),
        ({"op_flags": 32 | 16, "len": 6, "addr": "7"}, "one and POLL_ADD", [0]),
    ],
)
def test_a_cancel_points_at_what_its_key_fits(
    cancel: dict[str, Any], aim: str, fits: list[int]
) -> None:
    events = [
        sqe(1000, "one", 6, 7, fd=9),
        sqe(2000, "two", 22, 8, fd=9),
        sqe(3000, "three", 6, 10, fd=5),
        sqe(4000, "other ring", 6, 7, fd=9, ring=1),
        sqe(4000, "four", 6, 11, fd=5),
        cqe(4500, "four", "1", 11),
        sqe(5000, "cancel", 14, 12, **cancel),
    ]
    shape, _ = condense(events)
    assert shape[-1][-2:] == [aim, fits]


def test_a_completed_request_is_no_target_but_a_multishot_one_is() -> None:
    events = [
        sqe(1000, "shot", 6, 7),
        cqe(2000, "shot", "1", 7, flags=2),
        sqe(3000, "first", 14, 12, addr="7"),
        cqe(4000, "shot", "-ECANCELED", 7),
        sqe(5000, "second", 14, 13, addr="7"),
        cqe(6000, "unknown", "0", 99),
    ]
    shape, _ = condense(events)
    assert (shape[2][-1], shape[4][-1], shape[5][-1]) == ([0], [], -1)
    assert shape[1][4] == ["MORE"]


def test_a_long_trace_loses_its_middle_and_keeps_its_references() -> None:
    events = []
    for number in range(200):
        events.append(sqe(number * 2000, "r", 6, number))
        events.append(cqe(number * 2000 + 1000, "r", "0", number))
    shape, times = condense(events)
    assert len(shape) == len(times) == HEAD + TAIL + 1
    assert shape[HEAD] == ["gap", 400 - HEAD - TAIL]
    assert sum(times) == 399
    ends = [(at, event[5]) for at, event in enumerate(shape) if event[0] == "c"]
    assert all(of == at - 1 for at, of in ends)


def test_equal_traces_share_a_shape(tmp_path: Path) -> None:
    for name, shift in (("a", 0), ("b", 77_000)):
        moved = [{**event, "t": event["t"] + shift} for event in TRACE]
        (tmp_path / name).write_text(json.dumps(moved))
    traces = Traces()
    first = traces.add(tmp_path / "a")
    assert first is not None and first == traces.add(tmp_path / "b")
    assert len(traces.to_json()) == 1
    assert traces.add(tmp_path / "absent") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below),
)


@settings(max_examples=50)
@given(
    st.lists(
        st.fixed_dictionaries({"t": json_values}, optional={"sqe": json_values, "cqe": json_values})
        | st.sampled_from(TRACE).flatmap(
            lambda event: st.sampled_from(sorted(event)).flatmap(
                lambda key: json_values.map(lambda value: {**event, key: value})
            )
        ),
        max_size=4,
    )
)
def test_a_trace_of_a_hostile_guest_is_read_or_refused(events: list[Any]) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(events, file)
        file.flush()
        trace = Traces().add(Path(file.name))
    assert trace is None or len(trace) == len(events) + 1


def test_a_console_is_cut_at_its_marks(tmp_path: Path) -> None:
    file = tmp_path / "log"
    noise = "".join(f"[ 3.{number}] line {number}\n" for number in range(LINES + 5))
    file.write_text(
        "[ 0.1] booting\n=== a saved guest goes on ===\n"
        "[ 1.0] ringspec begin 4 A.B sqpoll\n[ 1.1] \x1b[31mBUG: here\n[ 1.2] ringspec end 4\n"
        "[ 2.0] ringspec begin 5 A.C defer\n" + noise
    )
    told, last = excerpts([file])
    assert told["A.B", "sqpoll"] == "[ 1.1] \N{REPLACEMENT CHARACTER}[31mBUG: here"
    assert told["A.C", "defer"].count("\n") == LINES - 1
    assert last.endswith(f"line {LINES + 4}") and "booting" not in last
    assert excerpts([tmp_path / "absent"]) == ({}, "")


def test_the_story_of_a_clause(tmp_path: Path) -> None:
    verdicts = {"5.10.1": "absent", "6.1.1": "fail", "6.12.1": "lost", "7.0.1": "early"}
    results = [
        on(version, replace(RESULT if verdict == "early" else RED, verdict=verdict))
        for version, verdict in verdicts.items()
    ]
    (story, *_) = stories(build(write_run(tmp_path, results)))
    assert story.summary == (
        "Kept on 7.0.1.",
        "Broken on 6.1.1.",
        "Not offered on 5.10.1.",
        "Never judged on 6.12.1.",
        "It came broken between 5.10.1 and 6.1.1.",
        "It was fixed between 6.1.1 and 7.0.1.",
    )


@pytest.mark.parametrize(
    "outcome, words",
    [
        ("cancel=1", "the cancel request completes with 1"),
        ("target=-ECANCELED x3", "three targets complete with -ECANCELED"),
        (
            "target=-ECANCELED, pending x2",
            "of three targets one completes with -ECANCELED and two stay pending",
        ),
        ("timeout=-ETIME early", "the timeout completes with -ETIME, too early"),
        ("", "the call does not come back"),
        ("-EINVAL", "the outcome is -EINVAL"),
        ("mine=none", "mine never completes"),
    ],
)
def test_outcomes_in_words(outcome: str, words: str) -> None:
    assert outcome_in_words(outcome) == words


def test_a_draft_names_page_kernels_and_wording() -> None:
    assert difference("cancel=1; target=0", "cancel=3; target=0") == (
        "the cancel request completes with 1"
    )
    assert pages("a(3), NOTES; b(7); nowhere") == (("a(3)", "NOTES"), ("b(7)", ""), ("nowhere", ""))
    deeds = [("6.12.1 to 7.0.1", "defer", "cancel=1")]
    text = draft(CLAUSE, "doc-conflict", "It stops.", deeds, ("7.3.4", "cancel=3"), ["broke"])
    assert text.startswith(
        "To: io-uring@vger.kernel.org\nSubject: man: io_uring_prep_cancel(3): It stops\n"
    )
    assert "What io_uring_prep_cancel(3) could say in RETURN VALUE:\n" in text
    assert "On Linux 6.12.1 to 7.0.1 with IORING_SETUP_DEFER_TASKRUN, the cancel" in text
    assert max(map(len, text.splitlines())) <= 72

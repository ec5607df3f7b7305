"""Timelines, where they part, and the way to a minimal program."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ringspec.explore.naming import clause_of, unknown_ids
from ringspec.explore.program import Program, parse_program
from ringspec.explore.shrink import about, canonical, shrink, until
from ringspec.explore.timeline import Parting, Timeline, distance, part, timeline
from ringspec.promises.clauses import load_clauses
from ringspec.run.options import ROOT


def came(*windows: str) -> Timeline:
    """Timelines from "a 0, b -ETIME" for each window."""
    trace: list[dict[str, object]] = []
    for number, window in enumerate(windows, 1):
        for text in filter(None, window.split(", ")):
            tag, result = text.split(" ")
            trace.append({"cqe": tag, "result": result, "cqe_flags": 0})
        trace.append({"note": f"reap{number}=..."})
    return timeline(trace)


PROGRAM = parse_program("a: poll pipe0; b: futex futex0; reap; x: cancel a; reap")


def test_a_timeline_has_completions_and_calls_by_window() -> None:
    seen = timeline(
        [
            {"cqe": "a", "result": "-ETIME", "cqe_flags": 2},
            {"cqe": "a", "result": "-ETIME", "cqe_flags": 2},
            {"note": "reap1=a x2"},
            {"note": "sync_cancel is called"},
            {"note": "sync_cancel returned -ENOENT"},
            {"note": "reap2=nothing"},
        ]
    )
    assert seen.results(0, "a") == "-ETIME+MORE x2"
    assert seen.results(1, "sync_cancel") == "-ENOENT"
    assert seen.results(1, "a") == "nothing"


def test_the_first_window_and_the_first_request_of_it_part_two_runs() -> None:
    left, right = came("", "a 0, b 0, x 0"), came("", "a -ECANCELED, x 1")
    assert part(PROGRAM, left, right) == Parting(1, "a", "poll", "0", "-ECANCELED")
    assert part(PROGRAM, left, left) is None


def test_distance_is_that_of_the_first_window_that_differs() -> None:
    assert distance(came("a 0", "b 0, x 0"), came("a 0", "b 0, x 1")) == 2
    assert distance(came("a 0"), came("a 0")) == 0


def test_only_what_differs_is_said_of_a_name_that_is_shared() -> None:
    parting = part(PROGRAM, came("a 0, a 1, a 1"), came("a 0, a 1, a 2"))
    assert parting is not None
    assert (parting.left, parting.right) == ("1", "2")


def test_a_run_that_ended_otherwise_differs() -> None:
    parting = part(PROGRAM, came("", ""), Timeline((), "hang"))
    assert parting == Parting(0, "", "program", "ended", "hang")


def shows(
    condition: Callable[[Program], bool]
) -> Callable[[Sequence[tuple[int, Program]]], list[bool]]:
    return lambda tried: [condition(program) for _, program in tried]


def test_shrinking_leaves_what_is_needed_and_nothing_else() -> None:
    program = parse_program(
        "a: poll pipe0 link; b: nop; reap; c: timeout 60ms count=3 async; nop1: nop".replace(
            "nop1", "d"
        )
        + "; reap; x: cancel c all; reap; write pipe0; reap",
        "defer",
    )

    def needed(one: Program) -> bool:
        text = one.line
        return "timeout" in text and "count=3" in text and "cancel c" in text

    (small,) = shrink([program], shows(needed))
    assert str(small) == "c: timeout 20ms count=3\nx: cancel c\n"
    assert small.setup == "default"


def test_changes_that_hold_each_for_itself_are_tried_together() -> None:
    rounds: list[str] = []
    text = "; ".join(f"{name}: nop async drain skip" for name in "abcdefgh")
    (small,) = shrink([parse_program(text)], shows(lambda one: "c: nop" in one.line), rounds.append)
    assert small.line == "c: nop"
    assert len(rounds) <= 10
    # Either of two will do, and both together are too many.
    either = shrink(
        [parse_program("a: nop; b: nop; c: nop")], shows(lambda one: len(one.steps) > 1)
    )
    assert len(either[0].steps) == 2


def test_programs_that_show_nothing_smaller_stay() -> None:
    program = parse_program("a: nop; reap")
    assert shrink([program], shows(lambda one: one == program)) == [program]


def test_what_comes_later_and_what_is_about_others_goes_first() -> None:
    program = parse_program(
        "a: poll pipe0; b: nop; reap; x: cancel a; y: cancel b; reap; z: nop; reap"
    )
    assert until(program, 1).line == "a: poll pipe0; b: nop; reap; x: cancel a; y: cancel b; reap"
    assert until(program, 7) == program
    assert about(program, "a").line == "a: poll pipe0; reap; x: cancel a; reap; reap"


def test_several_shrink_side_by_side() -> None:
    wanted = ["a: nop", "b: nop"]
    programs = [parse_program("a: nop; b: nop; c: nop; d: nop")] * 2

    def judge(tried: Sequence[tuple[int, Program]]) -> list[bool]:
        return [wanted[index] in program.line for index, program in tried]

    assert [one.line for one in shrink(programs, judge)] == wanted


def test_equal_programs_have_equal_texts() -> None:
    one = parse_program("d1: poll sock1; reap; x7: cancel d1 fd=sock1")
    other = parse_program("b: poll sock0; reap; y: cancel b fd=sock0")
    assert canonical(one) == canonical(other)


def test_rules_name_clauses_that_there_are() -> None:
    assert not unknown_ids(load_clauses(ROOT / "cases"))


def test_a_difference_is_named_by_the_clause_it_touches() -> None:
    program = parse_program("a: splice pipe0; reap; x: cancel a; reap")
    assert clause_of(program, Parting(1, "a", "splice", "-ERESTARTSYS", "-EINTR")) == (
        "CANCEL-IOWQ-RESTART-01"
    )
    assert clause_of(program, Parting(1, "a", "splice", "7", "8")) == ""
    program = parse_program("hold pipe0; a: read pipe0 async; reap; x: cancel a; reap")
    lost = Parting(2, "a", "read", "nothing", "-ECANCELED")
    assert clause_of(program, lost) == "CANCEL-IOWQ-PARK-01"
    program = parse_program("a: read pipe0 link; l: link_timeout 20ms link; b: nop; a: poll pipe1")
    assert clause_of(program, Parting(0, "b", "nop", "nothing", "-ECANCELED")) == (
        "LINK-TIMEOUT-UDKEY-01"
    )
    program = parse_program("x: poll_remove a link; y: nop; reap")
    assert clause_of(program, Parting(0, "y", "nop", "-ECANCELED", "0")) == "POLL-REMOVE-NOENT-01"
    program = parse_program("x: futex futex0; hold sock0; wake futex0")
    assert clause_of(program, Parting(0, "x", "futex", "nothing", "0")) == (
        "LINK-TIMEOUT-FUTEX-WAKE-01"
    )

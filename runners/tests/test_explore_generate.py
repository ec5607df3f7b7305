"""Programs as text, and the generator: the same seed makes the same programs, of every kind."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ringspec.explore.features import Coverage, features_of
from ringspec.explore.generate import Generator
from ringspec.explore.program import Program, ProgramProblem, Step, line_of, parse_program

EVERYTHING = dict.fromkeys(
    "op:FUTEX_WAIT op:LINK_TIMEOUT cancel_flag:ALL cancel_flag:ANY cancel_flag:FD cancel_flag:OP"
    " cancel_flag:USERDATA timeout_flag:MULTISHOT timeout_flag:BOOTTIME timeout_flag:REALTIME"
    " timeout_flag:ETIME_SUCCESS poll_flag:MULTISHOT poll_flag:UPDATE sqe_flag:CQE_SKIP_SUCCESS"
    " register:SYNC_CANCEL feat:EXT_ARG".split(),
    True,
)


def programs(seed: int, count: int = 200, **how: object) -> list[Program]:
    generator = Generator(seed, ("default", "defer"), EVERYTHING, **how)  # type: ignore[arg-type]
    return [generator.next() for _ in range(count)]


def test_a_program_is_its_text() -> None:
    for program in programs(1):
        assert parse_program(str(program)) == program
        assert parse_program(program.line, program.setup) == program


def test_words_flags_and_values_are_told_apart() -> None:
    (step,) = parse_program("a: timeout 20ms count=2 link # why").steps
    assert step == Step("timeout", "a", ("20ms",), frozenset(("link",)), {"count": "2"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# nothing", "a program without steps"),
        ("setup fast; a: nop", "`setup fast`: no such setup \\(default, defer"),
        ("a: nop\nb:", "`b:`: a name without a request"),
    ],
)
def test_what_is_no_program_is_refused(text: str, message: str) -> None:
    with pytest.raises(ProgramProblem, match=message):
        parse_program(text)


def test_the_line_of_a_step_is_found_however_it_was_written() -> None:
    text = "# first\na: nop;  b: poll link pipe0 events=in\n\nreap  # now"
    step = parse_program(text).steps[1]
    assert str(step) == "b: poll pipe0 events=in link"
    assert [line_of(text, one) for one in (str(step), "reap", "c: nop")] == [2, 4, None]


def test_the_same_seed_makes_the_same_programs() -> None:
    assert programs(7) == programs(7)
    assert programs(7) != programs(8)


def test_some_hundred_programs_have_every_verb_and_end_each_round_at_a_barrier() -> None:
    made = programs(3, 400)
    verbs = {step.verb for program in made for step in program.steps}
    assert verbs >= set(
        "nop poll read recv splice futex timeout link_timeout cancel sync timeout_remove"
        " timeout_update poll_remove poll_update write wake hangup wait hold release reap close".split()
    )
    for program in made:
        assert program.steps[-1].verb in ("reap", "close")
        assert not any(step.links for step, after in pairwise(program.steps) if not after.name)


def test_what_meets_a_held_file_has_a_worker_or_keeps_the_submitter_once() -> None:
    met = kept = 0
    for program in programs(5):
        held, keepers = "", 0
        for before, step, after in zip(program.steps, program.steps[1:], program.steps[2:]):
            if step.verb in ("hold", "release"):
                held = step.word(0) if step.verb == "hold" else ""
            elif held and held in step.words:
                met += 1
                assert step.name
                if "async" not in step.flags:
                    keepers += 1
                    assert "async" in before.flags and before.name in after.words, program
        assert keepers <= 1, program
        kept += keepers
    assert met > 20 and kept > 5


def test_what_a_kernel_lacks_is_not_generated() -> None:
    generator = Generator(1, ("default",), {})
    words = {
        word for _ in range(300) for step in generator.next().steps for word in str(step).split()
    }
    assert "poll" in words
    assert not words & {"futex", "all", "any", "mshot", "sync", "wait", "poll_update", "skip"}


def test_plain_programs_have_nothing_that_the_model_does_not_know() -> None:
    steps = [step for program in programs(1, plain=True) for step in program.steps]
    assert not {step.verb for step in steps} & {"splice", "wait", "poll_update", "hangup", "hold"}
    assert not any(step.flags & {"async", "drain", "skip"} for step in steps)


def test_coverage_prefers_what_is_rare() -> None:
    common, rare = parse_program("a: nop"), parse_program("a: futex futex0")
    coverage = Coverage()
    coverage.add(common)
    assert coverage.novelty(rare) > coverage.novelty(common)


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("a: poll pipe0; reap; c: cancel a all", "cancel of poll, waiting"),
        ("a: poll pipe0; c: cancel a", "cancel of poll, same batch"),
        (
            "a: timeout 1s count=2; reap; c: timeout_remove a",
            "timeout_remove of timeout+count, waiting",
        ),
        ("hold pipe0; a: read pipe0 async; reap; c: cancel a", "cancel of read, held"),
        (
            "hold pipe0; a: read pipe0 async; reap; release pipe0; c: cancel a",
            "cancel of read, waiting",
        ),
        ("hold pipe0; a: futex futex0 async; b: read pipe0; c: cancel a", "cancel of futex, kept"),
        ("c: cancel a", "cancel of nobody"),
        ("a: nop link; b: nop", "nop -> nop"),
    ],
)
def test_features_name_operation_target_and_state(text: str, feature: str) -> None:
    assert feature in features_of(parse_program(text))

"""What guides the generator where a kernel tells which places of it a program came to."""

from __future__ import annotations

import random

from ringspec.explore.corpus import Corpus, places_of
from ringspec.explore.generate import Generator
from ringspec.explore.program import parse_program
from test_explore_generate import EVERYTHING, programs


def test_places_are_in_a_note_of_the_trace() -> None:
    trace = [{"note": "reap1=a"}, {"cqe": "a"}, {"note": "covered 1f 9f0a31c"}]
    assert places_of(trace) == {0x1F, 0x9F0A31C}
    assert places_of(trace[:2]) == frozenset()


def test_only_what_reaches_something_new_is_kept() -> None:
    corpus = Corpus()
    first, second, third = programs(1, 3)
    corpus.take(first, frozenset((1, 2)))
    corpus.take(second, frozenset((2,)))
    corpus.take(third, frozenset((2, 3)))
    assert corpus.programs == [first, third]
    assert corpus.reached == {1, 2, 3}


def test_relatives_are_programs_and_mostly_new_ones() -> None:
    corpus = Corpus()
    for number, program in enumerate(programs(1, 40)):
        corpus.take(program, frozenset((number,)))
    fresh = programs(2, 100)
    made = [corpus.relative(random.Random(number), one) for number, one in enumerate(fresh)]
    assert all(parse_program(str(one)) == one for one in made)
    assert len({*made} - {*corpus.programs, *fresh}) > 80
    assert not any(step.verb == "close" for one in made for step in one.steps[:-1])


def test_a_generator_with_an_empty_corpus_makes_drafts_and_else_relatives_too() -> None:
    drafts = programs(4, 20)
    generator = Generator(4, ("default", "defer"), EVERYTHING)
    generator.corpus.take(drafts[0], frozenset((1,)))
    made = [generator.next() for _ in range(20)]
    assert made != drafts
    assert set(made) & set(drafts)

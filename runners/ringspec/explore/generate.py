"""A seeded generator of programs: of a few candidates the one with the rarest features is taken.

Where the kernel tells what a program reached, every other one is a relative of one that reached
something new.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from ringspec.explore.corpus import Corpus
from ringspec.explore.draft import Draft
from ringspec.explore.features import Coverage
from ringspec.explore.program import Program

_CANDIDATES = 4
_RELATIVES = 0.5


class Generator:
    """The n-th program depends on the seed, on n, on what is probed and on what is in the corpus.

    A plain one has no part that the model does not describe.
    """

    def __init__(
        self, seed: int, setups: Sequence[str], probes: Mapping[str, bool], plain: bool = False
    ) -> None:
        self.coverage = Coverage()
        self.corpus = Corpus()
        self._seed = seed
        self._setups = tuple(setups)
        self._probes = probes
        self._plain = plain
        self._number = 0

    def next(self) -> Program:
        """One more."""
        candidates = [
            Draft(
                random.Random(f"{self._seed}/{self._number}/{index}"),
                self._setups,
                self._probes,
                self._plain,
            ).program()
            for index in range(_CANDIDATES)
        ]
        self._number += 1
        best = max(candidates, key=self.coverage.novelty)
        chance = random.Random(f"{self._seed}/{self._number}/relative")
        if self.corpus.programs and chance.random() < _RELATIVES:
            best = self.corpus.relative(chance, best)
        self.coverage.add(best)
        return best

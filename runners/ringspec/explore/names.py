"""The names of the requests of a program: letters, a digit behind some, one in eight shared."""

from __future__ import annotations

import random
from collections.abc import Sequence

_TARGETS, _ACTIONS = "abcdefgh", "xyz"
_SHARED = 0.12


class Names:
    """Of what waits, and of what is done to it."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._targets = 0
        self._actions = 0

    def target(self, used: Sequence[str]) -> str:
        """For a request that waits; now and then that of another one."""
        if used and self._chance.random() < _SHARED:
            return self._chance.choice(used)
        letter, digit = divmod(self._targets, 2)
        self._targets += 1
        return _TARGETS[letter % len(_TARGETS)] + ("1" if digit else "")

    def action(self) -> str:
        """For a request that does something to others."""
        letter, digit = divmod(self._actions, 10)
        self._actions += 1
        return _ACTIONS[letter % len(_ACTIONS)] + str(digit)

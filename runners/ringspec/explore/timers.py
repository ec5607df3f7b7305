"""Timers of a program in the making: of every kind, due where two kernels can agree."""

from __future__ import annotations

import random
from collections.abc import Mapping

from ringspec.explore.program import Step
from ringspec.explore.words import BEAT, LATER, NEVER, SOON


class Timers:
    """Makes them as far as the kernels have them; `counts` and `repeats`: kinds that may be made."""

    def __init__(
        self, chance: random.Random, probes: Mapping[str, bool], counts: bool, repeats: bool
    ) -> None:
        self._chance = chance
        self._probes = probes
        self._counts = counts
        self._repeats = repeats

    def timeout(self, name: str) -> Step:
        """A timer, a count or a repeating timer."""
        due = self._chance.choice((SOON, LATER, NEVER, NEVER))
        flags: set[str] = set()
        values: dict[str, str] = {}
        form = self._chance.random()
        if form < 0.3 and self._has("timeout_flag:MULTISHOT") and self._repeats:
            flags.add("mshot")
            due = self._chance.choice((BEAT, LATER))
            if self._maybe(0.6):
                values["count"] = str(self._chance.randint(1, 4))
        elif form < 0.6 and self._counts:
            values["count"] = str(self._chance.randint(1, 3))
            due = self._chance.choice((NEVER, NEVER, LATER))
        elif form < 0.7:
            flags.add("abs")
        if self._maybe(0.1):
            flag = self._chance.choice(("boot", "real"))
            if self._has(f"timeout_flag:{'BOOTTIME' if flag == 'boot' else 'REALTIME'}"):
                flags.add(flag)
        if self._maybe(0.15) and self._has("timeout_flag:ETIME_SUCCESS"):
            flags.add("etime_success")
        return Step("timeout", name, (due,), frozenset(flags), values)

    def guard(self, name: str) -> Step:
        """A link timeout."""
        due = self._chance.choice((SOON, SOON, LATER, NEVER))
        flags = {"abs"} if self._maybe(0.15) else set()
        return Step("link_timeout", name, (due,), frozenset(flags))

    def anew(self) -> str:
        """What an update may say."""
        return self._chance.choice((BEAT, SOON, LATER, NEVER))

    def _maybe(self, share: float) -> bool:
        return self._chance.random() < share

    def _has(self, probe: str) -> bool:
        return self._probes.get(probe, False)

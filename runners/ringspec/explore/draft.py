"""One program in the making.

Two to four rounds: requests that will wait, then something that is done to them, each ended by a
barrier (`reap`), so that only few outcomes are legal.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ringspec.explore.names import Names
from ringspec.explore.program import Program, Step
from ringspec.explore.timers import Timers
from ringspec.explore.words import BAD_FIELDS, FILES, HOLDABLE, OPCODES, SHORT, SUITED


class Draft:
    """Makes one program; everything that is random in it comes from `chance`."""

    def __init__(
        self,
        chance: random.Random,
        setups: Sequence[str],
        probes: Mapping[str, bool],
        plain: bool,
    ) -> None:
        self._chance = chance
        self._setup = chance.choice(setups)
        self._probes = probes
        self._plain = plain
        # In a plain one either timers are counted with or timers that count: never both.
        self._counts = not plain or chance.random() < 0.4
        self._repeats = not (plain and self._counts)
        self._timers = Timers(chance, probes, self._counts, self._repeats)
        self._steps: list[Step] = []
        self._targets: list[Step] = []  # what may be aimed at
        self._fresh = 0  # how many of them are not behind a barrier
        self._names = Names(chance)
        self._use: dict[str, set[str]] = {}
        self._held = ""
        self._kept = False

    def program(self) -> Program:
        for _ in range(self._chance.randint(2, 4)):
            self._round()
        if self._maybe(0.05):
            self._steps.append(Step("close"))
        return Program(tuple(self._steps), self._setup)

    def _round(self) -> None:
        if not (self._plain or self._held) and self._maybe(0.25):
            self._hold()
            if self._held and not self._kept and self._maybe(0.3):
                self._keep()
        if len(self._targets) < 5 and (not self._targets or self._maybe(0.6)):
            for _ in range(self._chance.randint(1, 3)):
                self._steps += self._waiting()
            if self._maybe(0.8):
                self._barrier()
        for _ in range(self._chance.randint(1, 2)):
            self._steps += self._act()
            if self._maybe(0.3):
                self._barrier()
        self._barrier()

    def _barrier(self) -> None:
        if self._steps and self._steps[-1].verb != "reap":
            self._steps.append(Step("reap"))
        self._fresh = len(self._targets)

    def _hold(self) -> None:
        """Holds a file that nobody waits on yet: to hold it puts data into it for a moment."""
        if free := sorted(set(HOLDABLE) - set(self._use)):
            self._held = self._chance.choice(free)
            self._steps.append(Step("hold", words=(self._held,)))

    def _keep(self) -> None:
        """Keeps the submitter at the held file, with the lock of the ring that a worker may need.

        Once in a program: a hold that nobody ends takes half as long as what never expires.
        """
        self._kept = True
        self._use[self._held] = {"keeper"}
        futex = self._has("op:FUTEX_WAIT") and self._maybe(0.5)
        target = self._with("async", self._futex() if futex else self._target())
        kinds = [kind for kind in HOLDABLE[self._held] if kind != "splice"]  # That has a worker.
        keeper = Step(self._chance.choice(kinds), self._name(), (self._held,))
        self._targets += [target, keeper]
        removal = f"{target.verb}_remove" if target.verb in ("poll", "timeout") else "cancel"
        kind = self._chance.choice(("cancel", "cancel", removal))
        act = Step(kind, self._names.action(), (target.name,))
        if kind == "cancel" and self._has("cancel_flag:ALL") and self._maybe(0.3):
            act = self._with("all", act)
        self._steps += [target, keeper, act, Step("reap"), Step("release", words=(self._held,))]
        self._held = ""

    def _waiting(self) -> list[Step]:
        """A request, or a chain of them."""
        target = self._target()
        self._targets.append(target)
        if self._maybe(0.2) and self._has("op:LINK_TIMEOUT") and self._repeats:
            return self._guarded(target)
        if self._maybe(0.2):
            return self._chain(target)
        return [target]

    def _target(self) -> Step:
        kinds = ["poll", "poll", "timeout", "timeout", "timeout", "read"]
        kinds += ["recv"] if self._plain else ["recv", "splice"]
        if self._has("op:FUTEX_WAIT"):
            kinds.append("futex")
        kind = self._chance.choice(kinds)
        if self._held not in self._use and self._maybe(0.6):
            kind = self._chance.choice(HOLDABLE.get(self._held, (kind,)))
        if kind == "futex":
            return self._flavoured(self._futex())
        name = self._name()
        if kind == "timeout":
            return self._flavoured(self._timers.timeout(name))
        where = self._place(kind)
        values = {}
        flags = set()
        if kind == "poll":
            if self._has("poll_flag:MULTISHOT") and self._maybe(0.3):
                flags.add("mshot")
            if self._maybe(0.1):
                values["events"] = self._chance.choice(("rdnorm", "pri", "out"))
        return self._flavoured(Step(kind, name, (where,), frozenset(flags), values))

    def _futex(self) -> Step:
        return Step("futex", self._name(), (self._chance.choice(("futex0", "futex1")),))

    def _flavoured(self, step: Step) -> Step:
        if self._plain:
            return step
        flags = set(step.flags)
        if self._maybe(0.08) or (self._held and step.word(0) == self._held):
            flags.add("async")  # Without a worker it is us whom a held file keeps.
        if self._maybe(0.015):
            flags.add("drain")
        if self._maybe(0.05) and self._has("sqe_flag:CQE_SKIP_SUCCESS"):
            flags.add("skip")
        return replace(step, flags=frozenset(flags))

    def _guarded(self, target: Step) -> list[Step]:
        guard = self._timers.guard(self._name())
        self._targets.append(guard)
        steps = [self._link(target), guard]
        if self._maybe(0.3):
            steps[-1] = self._link(guard)
            steps.append(Step("nop", self._name()))
        return steps

    def _chain(self, target: Step) -> list[Step]:
        last = Step("nop", self._name()) if self._maybe(0.5) else self._target()
        steps = [target, last]
        if self._maybe(0.3):
            steps.insert(self._chance.randint(0, 1), Step("nop", self._name()))
        return [*map(self._link, steps[:-1]), steps[-1]]

    def _link(self, step: Step) -> Step:
        return self._with("hardlink" if self._maybe(0.25) else "link", step)

    @staticmethod
    def _with(flag: str, step: Step) -> Step:
        return replace(step, flags=step.flags | {flag})

    def _act(self) -> list[Step]:
        kinds = ["cancel"] * 5 + [
            "timeout_remove",
            "timeout_update",
            "timeout_update",
            "nop",
            "nop",
        ]
        kinds += ["poll_remove", "write", "write"]
        if self._has("poll_flag:UPDATE") and not self._plain:
            kinds.append("poll_update")
        if self._has("register:SYNC_CANCEL"):
            kinds.append("sync")
        if self._has("feat:EXT_ARG") and not self._plain:
            kinds.append("wait")
        if any(target.verb == "futex" for target in self._targets):
            kinds.append("wake")
        kinds += ["release"] * 4 if self._held else []
        kind = self._chance.choice(kinds)
        if kind == "release":
            step, self._held = Step(kind, words=(self._held,)), ""
            return [step]
        if kind in ("write", "wake"):
            return self._ready(kind)
        if kind == "wait":
            return [Step("wait", words=(str(self._chance.randint(1, 3)), SHORT))]
        if kind == "sync":
            step = self._cancel("sync")
            return [replace(step, values={**step.values, "timeout": SHORT})]
        step = self._aimed(kind) if kind != "nop" else Step("nop", self._names.action())
        if self._maybe(0.05) and not self._plain:
            field = self._chance.choice(BAD_FIELDS)
            step = replace(step, values={**step.values, f"set.{field}": "1"})
        steps = [self._flavoured(step)]
        if self._maybe(0.1):
            steps = [self._link(steps[0]), Step("nop", self._names.action())]
        return steps

    def _aimed(self, kind: str) -> Step:
        if kind == "cancel":
            return self._cancel("cancel", self._names.action())
        suited = [one for one in self._reachable() if one.verb in SUITED[kind]]
        name = self._aim(suited if self._maybe(0.85) else [])
        flags: set[str] = set()
        values: dict[str, str] = {}
        words = [name]
        if kind == "timeout_update":
            words.append(self._timers.anew())
            if self._maybe(0.2):
                flags.add("abs")
            if any(one.name == name and one.verb == "link_timeout" for one in self._targets):
                flags |= {"linked"} if self._maybe(0.85) else set()
        if kind == "poll_update":
            if self._maybe(0.7):
                values["events"] = self._chance.choice(("in", "out", "rdnorm"))
                flags |= {"mshot"} if self._maybe(0.3) else set()
            if self._maybe(0.3) or not values:
                values["user"] = self._name()
        return Step(kind, self._names.action(), tuple(words), frozenset(flags), values)

    def _cancel(self, verb: str, name: str = "") -> Step:
        target = self._chance.choice(self._reachable() or self._targets or [Step("nop", "a")])
        flags: set[str] = set()
        values: dict[str, str] = {}
        words: tuple[str, ...] = (target.name,) if self._maybe(0.95) else (self._name(),)
        if self._has("cancel_flag:ALL") and self._maybe(0.35):
            flags.add("all")
        form = self._chance.random()
        if form < 0.1 and self._has("cancel_flag:ANY"):
            flags.add("any")
            words = ()
        elif form < 0.5:
            if self._maybe(0.6) and self._has("cancel_flag:FD"):
                files = [one.word(0) for one in self._targets if one.word(0) in {*FILES, *HOLDABLE}]
                values["fd"] = self._chance.choice(files or list(FILES))
            if self._maybe(0.4) and self._has("cancel_flag:OP"):
                verbs = [one.verb for one in self._targets if one.verb in OPCODES]
                values["op"] = self._chance.choice(verbs or list(OPCODES))
            if values and self._has("cancel_flag:USERDATA") and self._maybe(0.4):
                flags.add("userdata")
        return Step(verb, name, words, frozenset(flags), values)

    def _ready(self, kind: str) -> list[Step]:
        wanted = ("futex",) if kind == "wake" else ("poll", "read", "recv", "splice")
        waited_on = {one.word(0) for one in self._targets if one.verb in wanted}
        places = sorted(waited_on - {self._held})  # To write to it would keep us.
        if not places:
            return [Step("nop", self._names.action())]
        place = self._chance.choice(places)
        if kind == "write" and self._maybe(0.1) and not self._plain:
            return [Step("hangup", words=(place,))]
        return [Step(kind, words=(place,))]

    def _place(self, kind: str) -> str:
        """Where a request waits: readers share no file, as who gets the data is nobody's promise."""
        places = ["sock0", "sock1"] if kind == "recv" else list(FILES)
        if kind == "splice":
            places = ["pipe0", "pipe1", "pipe2"]
        if self._held in places:
            places.remove(self._held)
        if kind in HOLDABLE.get(self._held, ()) and self._held not in self._use:
            places = [self._held]
        allowed = {"poll"} if kind == "poll" else set()
        free = [one for one in places if self._use.get(one, set()) <= allowed]
        place = self._chance.choice(free) if free else "sock3" if kind == "recv" else "pipe3"
        self._use.setdefault(place, set()).add(kind)
        return place

    def _reachable(self) -> list[Step]:
        """Mostly what waits for sure; now and then what was submitted just before."""
        if self._maybe(0.9) or self._fresh == 0:
            return self._targets[: self._fresh]
        return [one for one in self._targets if "async" not in one.flags and one.verb != "splice"]

    def _aim(self, suited: Sequence[Step]) -> str:
        return self._chance.choice(suited or self._targets or [Step("nop", "h")]).name

    def _name(self) -> str:
        return self._names.target([one.name for one in self._targets])

    def _maybe(self, share: float) -> bool:
        return self._chance.random() < share

    def _has(self, probe: str) -> bool:
        return self._probes.get(probe, False)

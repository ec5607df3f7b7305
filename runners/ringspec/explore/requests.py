"""The requests of the reference model: what they wait for, and what ends them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ringspec.explore.matching import NO_FILE, Key
from ringspec.explore.program import Step

POLLABLE = frozenset(("poll", "read", "recv"))
EVENTS = {"in": 1, "pri": 2, "out": 4, "rdnorm": 64}
READ_SIZE = 64
ENOENT, ECANCELED, EINVAL, ETIME = -2, -125, -22, -62
_NAMES = {ENOENT: "-ENOENT", ECANCELED: "-ECANCELED", EINVAL: "-EINVAL", ETIME: "-ETIME"}


class OutsideModel(Exception):
    """The program does something that the model does not describe; says what."""


def text_of(result: int) -> str:
    """A result as the guest writes it."""
    return _NAMES.get(result, str(result))


def milliseconds(text: str) -> int:
    """A time as programs write it."""
    for unit, factor in (("ms", 1), ("s", 1000)):
        digits = text.removesuffix(unit)
        if digits != text and digits.lstrip("-").isdigit():
            return int(digits) * factor
    raise OutsideModel(f"a time of {text}")


def counts(step: Step) -> bool:
    """Whether it is a timeout that counts completions."""
    return step.verb == "timeout" and "count" in step.values and "mshot" not in step.flags


def key_of(step: Step) -> Key:
    """The keys of a cancel, in either form."""
    return Key(
        by_file="fd" in step.values,
        by_kind="op" in step.values,
        by_user="userdata" in step.flags,
        any="any" in step.flags,
        file=step.values.get("fd", ""),
        kind=step.values.get("op", ""),
        user=step.word(0),
    )


@dataclass(eq=False)
class Request:
    """One request, from its submission to its last completion."""

    step: Step
    rest: list[Request] = field(default_factory=list)  # the chain behind it
    guard: Request | None = None  # its link timeout
    guarded: Request | None = None  # what it guards, if it is one
    submitted: int = 0  # when
    due: int | None = None
    interval: int = 0
    shots: int = 0  # how many are left of a repeating timeout; 0: no end
    counted: int | None = None  # the number of events at which a count is complete

    @property
    def kind(self) -> str:
        """The verb."""
        return self.step.verb

    @property
    def tag(self) -> str:
        """Its name, which is its user_data."""
        return self.step.name

    @property
    def file(self) -> str:
        """The file that a cancel by descriptor compares; timers and futexes use none."""
        return self.step.word(0) if self.kind in POLLABLE else NO_FILE

    @property
    def repeats(self) -> bool:
        """Multishot."""
        return "mshot" in self.step.flags

    def due_if_armed(self, now: int) -> int:
        """When a timer of it is due that is armed now: absolute times were fixed at submission."""
        since = self.submitted if "abs" in self.step.flags else now
        return since + milliseconds(self.step.word(0))

    @property
    def mask(self) -> int:
        """What a poll waits for."""
        return EVENTS[self.step.values.get("events", "in")]

    def reached(self, events: int) -> bool:
        """Whether its count is complete."""
        return self.counted is not None and self.counted <= events

    def breaks_chain(self, result: int) -> bool:
        """Whether this result of it ends a soft chain."""
        if "hardlink" in self.step.flags:
            return False
        if self.kind == "timeout" and "etime_success" in self.step.flags and result == -62:
            return False
        if self.kind == "read" and 0 <= result < READ_SIZE:
            return True  # io_uring_enter(2), IOSQE_IO_LINK: a short read is an unexpected result.
        return result < 0


def chained(steps: Sequence[Step]) -> list[Request]:
    """The chains of one submission, each as its first request with the rest behind it."""
    chains: list[list[Request]] = []
    linked = False
    for step in steps:
        _check(step)
        if step.verb == "link_timeout":
            guarded = chains[-1][-1] if linked else None
            if guarded is None or guarded.kind == "link_timeout":
                raise OutsideModel("a link timeout that guards nothing")
            guarded.guard = Request(step, guarded=guarded)
            chains[-1].append(guarded.guard)
        elif linked:
            chains[-1].append(Request(step))
        else:
            chains.append([Request(step)])
        linked = step.links
    for chain in chains:
        chain[0].rest = chain[1:]
    return [chain[0] for chain in chains]


_REQUESTS = frozenset(
    "nop poll read recv futex timeout link_timeout cancel timeout_remove timeout_update"
    " poll_remove".split()
)


def _check(step: Step) -> None:
    if step.verb not in _REQUESTS:
        raise OutsideModel(step.verb)
    for word in ("async", "drain", "skip", "imm"):
        if word in step.flags:
            raise OutsideModel(word)
    if any(key.startswith("set.") or key in ("len", "user") for key in step.values):
        raise OutsideModel("a field with a value of its own")
    if step.verb == "timeout" and {"mshot", "abs"} <= step.flags:
        raise OutsideModel("a refused timeout")
    if step.verb in ("timeout_update", "cancel") and step.flags & {"boot", "real"}:
        raise OutsideModel("a clock in an update")
    if step.verb == "recv" and step.links:
        raise OutsideModel("a receive with something behind it")

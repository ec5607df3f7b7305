"""Which clause a difference touches: what its minimal program does to the request that differs.

A rule looks at the request that differs first, at what is aimed at it and at the two results.  The
first that fits names the clause; where none does, nobody wrote down yet what ought to happen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ringspec.explore.program import Program, Step
from ringspec.explore.timeline import Parting
from ringspec.model import Clause


@dataclass(frozen=True)
class Scene:
    """A minimal program and where two runs of it part, as rules see them."""

    program: Program
    parting: Parting

    @property
    def kinds(self) -> set[str]:
        """Of the request that differs: its verb and what makes another kind of it."""
        return {word for kind in self.parting.kind.split("/") for word in kind.split("+")}

    @property
    def results(self) -> str:
        """Both, in one text."""
        return f"{self.parting.left}, {self.parting.right}"

    def own(self) -> list[Step]:
        """The requests that have the name of the one that differs."""
        return [step for step in self.program.steps if step.name == self.parting.tag]

    def aimed(self, verb: str) -> list[Step]:
        """Steps of this verb that are, or are aimed at, the request that differs."""
        return [
            step
            for step in self.program.steps
            if step.verb == verb
            and (step.name == self.parting.tag or self.parting.tag in step.words or not step.words)
        ]

    def guards(self) -> list[Step]:
        """Link timeouts right behind the request that differs."""
        pairs = zip(self.program.steps, self.program.steps[1:])
        return [
            second
            for first, second in pairs
            if first.name == self.parting.tag and first.links and second.verb == "link_timeout"
        ]

    def has(self, verb: str) -> bool:
        """Whether the program has a step of this verb."""
        return any(step.verb == verb for step in self.program.steps)

    def finds_nobody(self) -> bool:
        """Whether the two results are what a cancel with ALL says, or does not say, of nobody."""
        return {self.parting.left, self.parting.right} == {"0", "-ENOENT"} and any(
            "all" in step.flags for step in self.program.steps
        )

    def said(self, pattern: str) -> bool:
        """Whether one of the results looks so."""
        return re.search(pattern, self.results) is not None


Test = Callable[[Scene], bool]


def _positive(scene: Scene) -> bool:
    return scene.said(r"(^|[ ,])[0-9]+($|[ ,])")


def _cancel_with(*keys: str) -> Test:
    """A cancel or sync with exactly these keys, aimed anywhere."""

    def test(scene: Scene) -> bool:
        for step in scene.program.steps:
            if step.verb not in ("cancel", "sync"):
                continue
            found = {key for key in ("fd", "op") if key in step.values}
            found |= {flag for flag in ("userdata", "any") if flag in step.flags}
            if found == set(keys):
                return True
        return False

    return test


def _counts_a_canceled_timeout(scene: Scene) -> bool:
    others = [one for one in scene.program.steps if one.verb == "timeout"]
    ends = ("cancel", "timeout_remove", "sync", "link_timeout")
    return (
        "count" in scene.kinds
        and not scene.said("-ECANCELED")
        and any(one.name != scene.parting.tag for one in others)
        and any(scene.has(verb) for verb in ends)
    )


def _counts_an_expired_timeout(scene: Scene) -> bool:
    others = [one for one in scene.program.steps if one.verb == "timeout"]
    canceled = scene.said("-ECANCELED")
    return (
        "count" in scene.kinds
        and not canceled
        and any(one.name != scene.parting.tag for one in others)
    )


def _chain_behind_a_futex(scene: Scene) -> bool:
    pairs = zip(scene.program.steps, scene.program.steps[1:])
    return any(first.verb == "futex" and first.links for first, _ in pairs)


def _behind_a_removal(scene: Scene) -> bool:
    pairs = zip(scene.program.steps, scene.program.steps[1:])
    return any(
        first.verb == "poll_remove" and first.links and second.name == scene.parting.tag
        for first, second in pairs
    )


def _counts_one_for_nought(scene: Scene) -> bool:
    return "0" in (scene.parting.left, scene.parting.right) and _positive(scene)


def _waits_for_a_worker(scene: Scene) -> bool:
    steps = scene.program.steps
    return any("async" in step.flags or step.verb == "splice" for step in steps if step.name)


def _needs_a_hold(scene: Scene) -> bool:
    """A minimal program holds a file only if the difference is gone without."""
    ends = ("cancel", "sync", "link_timeout", "poll_remove")
    known = not scene.said("-EINVAL")
    return known and scene.has("hold") and any(scene.has(verb) for verb in ends)


def _any_took_several(scene: Scene) -> bool:
    ended = re.fullmatch("nothing, -ECANCELED( x[0-9])?", scene.results)
    return ended is not None and any(
        "any" in step.flags and "all" not in step.flags for step in scene.program.steps
    )


def _guards_a_namesake(scene: Scene) -> bool:
    steps = scene.program.steps
    return any(
        first.links
        and guard.verb == "link_timeout"
        and any(one.name == first.name for one in steps if one is not first and one is not guard)
        for first, guard in zip(steps, steps[1:])
    )


def _set_field(verb: str, *fields: str) -> Test:
    def test(scene: Scene) -> bool:
        return any(
            step.verb == verb and f"set.{field}" in step.values
            for step in scene.own()
            for field in fields
        )

    return test


def _update(flag: str, of: str) -> Test:
    def test(scene: Scene) -> bool:
        kinds = {word for step in scene.program.steps for word in (step.verb, *step.flags)}
        kinds |= {key for step in scene.program.steps for key in step.values}
        updates = [step for step in scene.program.steps if step.verb == "timeout_update"]
        return of in kinds and any(not flag or flag in step.flags for step in updates)

    return test


_RULES: tuple[tuple[str, Test], ...] = (
    ("CANCEL-IOWQ-RESTART-01", lambda one: one.said("-ERESTART|-EIOCBQUEUED|-ENOIOCTLCMD")),
    (
        "LINK-TIMEOUT-RUN-02",
        lambda one: one.has("splice")
        and ("link_timeout" in one.kinds or bool(one.guards()))
        and not one.has("cancel"),
    ),
    ("CANCEL-IOWQ-PARK-02", lambda one: "futex" in one.kinds and _needs_a_hold(one)),
    ("CANCEL-IOWQ-PARK-01", _needs_a_hold),
    ("TIMEOUT-VALID-ADDR3-01", _set_field("timeout", "addr3")),
    ("TIMEOUT-VALID-BUF-01", _set_field("timeout", "buf_index", "ioprio")),
    ("TIMEOUT-VALID-SPL-01", _set_field("timeout", "splice_fd_in")),
    ("TIMEOUT-VALID-LEN-01", _set_field("timeout", "len")),
    ("TIMEOUT-VALID-ADDR3-01", _set_field("timeout_remove", "addr3")),
    ("TIMEOUT-VALID-ADDR3-01", _set_field("timeout_update", "addr3")),
    ("TIMEOUT-REMOVE-LEN-01", _set_field("timeout_remove", "len", "buf_index", "ioprio")),
    ("LINK-TIMEOUT-INVAL-01", _set_field("link_timeout", "addr3", "len", "buf_index", "ioprio")),
    ("POLL-REMOVE-INVAL-01", _set_field("poll_remove", "addr3", "len", "off", "buf_index")),
    ("CANCEL-INVAL-OFF-01", _set_field("cancel", "off")),
    ("CANCEL-INVAL-LEN-01", _set_field("cancel", "len")),
    ("CANCEL-INVAL-IOPRIO-01", _set_field("cancel", "ioprio")),
    ("CANCEL-INVAL-BUFIDX-01", _set_field("cancel", "buf_index")),
    ("CANCEL-INVAL-SPLICEFD-01", _set_field("cancel", "splice_fd_in")),
    (
        "LINK-TIMEOUT-FUTEX-01",
        lambda one: "link_timeout" in one.kinds and one.has("futex") and _positive(one),
    ),
    (
        "LINK-TIMEOUT-RESVAL-01",
        lambda one: "link_timeout" in one.kinds and _positive(one),
    ),
    ("CANCEL-ANY-02", _any_took_several),
    ("LINK-TIMEOUT-UDKEY-01", _guards_a_namesake),
    (
        "TIMEOUT-UPDATE-MSHOT-03",
        lambda one: bool({"mshot", "timeout_update"} & (one.kinds | _flags(one)))
        and _update("abs", "mshot")(one),
    ),
    (
        "TIMEOUT-UPDATE-MSHOT-02",
        lambda one: {"mshot", "count"} <= one.kinds and _update("", "mshot")(one),
    ),
    ("TIMEOUT-UPDATE-MSHOT-01", lambda one: "mshot" in one.kinds and _update("", "mshot")(one)),
    (
        "TIMEOUT-UPDATE-COUNT-01",
        lambda one: "count" in one.kinds and bool(one.aimed("timeout_update")),
    ),
    ("LTUPD-01", lambda one: "linked" in _flags(one) and one.has("link_timeout")),
    ("TIMEOUT-COUNT-07", _counts_a_canceled_timeout),
    ("TIMEOUT-COUNT-06", _counts_an_expired_timeout),
    ("SYNC-CANCEL-ALLNONE-01", lambda one: "sync_cancel" in one.kinds and one.finds_nobody()),
    ("CANCEL-ALL-NONE-01", lambda one: "cancel" in one.kinds and one.finds_nobody()),
    (
        "CANCEL-ALL-COUNT-FUTEX-01",
        lambda one: bool({"cancel", "sync_cancel"} & one.kinds)
        and one.has("futex")
        and any("all" in step.flags for step in one.program.steps)
        and _positive(one),
    ),
    (
        "CANCEL-RES1-FUTEX-01",
        lambda one: "cancel" in one.kinds and one.has("futex") and _counts_one_for_nought(one),
    ),
    (
        "SYNC-CANCEL-FUTEX-01",
        lambda one: "sync_cancel" in one.kinds and one.has("futex") and _counts_one_for_nought(one),
    ),
    (
        "LINK-TIMEOUT-FUTEX-WAKE-01",
        lambda one: "futex" in one.kinds and one.has("wake") and one.results == "nothing, 0",
    ),
    ("CANCEL-FUTEX-CHAIN-01", _chain_behind_a_futex),
    ("POLL-REMOVE-NOENT-01", _behind_a_removal),
    ("POLL-REMOVE-01", lambda one: "poll" in one.kinds and bool(one.aimed("poll_remove"))),
    ("CANCEL-FDUD-01", _cancel_with("fd", "userdata")),
    ("CANCEL-FDOP-01", _cancel_with("fd", "op")),
    ("CANCEL-OPUD-01", _cancel_with("op", "userdata")),
    ("CANCEL-ALLKEYS-01", _cancel_with("fd", "op", "userdata")),
    ("CANCEL-ANY-02", _cancel_with("any")),
    ("CANCEL-OP-01", _cancel_with("op")),
    ("CANCEL-FD-QUEUED-01", lambda one: _cancel_with("fd")(one) and _waits_for_a_worker(one)),
    ("CANCEL-FD-01", _cancel_with("fd")),
)


def _flags(scene: Scene) -> set[str]:
    return {flag for step in scene.own() + scene.aimed("timeout_update") for flag in step.flags}


def clause_of(program: Program, parting: Parting) -> str:
    """The ID of the clause that the difference touches; '' where no clause is about it."""
    scene = Scene(program, parting)
    return next((clause for clause, test in _RULES if test(scene)), "")


def unknown_ids(clauses: Mapping[str, Clause]) -> set[str]:
    """IDs in the rules that the suite does not have."""
    return {clause for clause, _ in _RULES} - set(clauses)

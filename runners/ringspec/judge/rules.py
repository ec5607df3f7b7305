"""The words of the judge and its table of rules; exactly one rule applies in every situation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """What a verdict means wherever it is shown.  `symbol` is its letter in a matrix."""

    name: str
    symbol: str
    ok: bool
    environment: bool
    meaning: str


# From worst to best: the order in which repeats and setups are folded into one cell.
KINDS = {
    kind.name: kind
    for kind in (
        Kind("hang", "H", False, False, "the case did not come back from the kernel"),
        Kind("splat", "S", False, False, "the kernel printed a warning or an oops"),
        Kind("crash", "C", False, False, "the case's process died"),
        Kind("unstable", "U", False, False, "repeats of the same case came to different verdicts"),
        Kind("fail", "F", False, False, "the promise is not kept"),
        Kind(
            "differs",
            "D",
            False,
            False,
            "outside the range, and neither kept nor refused as documented",
        ),
        Kind("missing", "M", False, False, "in range, but the kernel does not offer it"),
        Kind("lost", "L", False, True, "the machine was gone before it answered"),
        Kind("error", "X", False, True, "the case could not be set up"),
        Kind("notrun", "N", False, True, "the case was ordered, but never ran"),
        Kind(
            "early", "+", True, False, "kept outside the range: a backport, or the range is wrong"
        ),
        Kind("observed", "o", True, False, "nobody promised it; one of the known outcomes"),
        Kind("pass", ".", True, False, "the promise is kept"),
        Kind("absent", "-", True, False, "outside the range, and refused as documented"),
    )
}
SEVERITY = {name: rank for rank, name in enumerate(KINDS)}

# What a verdict depends on, and the values each of these can have.
COLUMNS: dict[str, tuple[str, ...]] = {
    "status": ("ran", "refused", "error", "hang", "splat", "crash", "lost", "notrun"),
    "setup": ("in range", "out of range"),
    "probes": ("known", "unknown"),
    "judged as": ("promise", "observed", "elsewhere"),
    "range": ("in", "out"),
    "needs": ("present", "absent"),
    "holds": ("yes", "no"),
    "older": ("yes", "no"),
    "allowed": ("yes", "no"),
}
COLUMN_MEANING = {
    "status": "what became of the execution",
    "setup": "whether this kernel's version offers the ring setup",
    "probes": "whether the guest reported every probe that the clause names in `needs`",
    "judged as": "`elsewhere`: the clause limits itself to `setups` and this is another one; "
    "`observed`: it has level observed; otherwise `promise`",
    "range": "version inside `since`..`until`, or a backport, and `config` not switched off",
    "needs": "all probes in `needs` found on the running kernel",
    "holds": "every expectation of the case passed",
    "older": "the outcome matches one of the clause's `older` patterns",
    "allowed": "the outcome matches `expected`; elsewhere: matches `elsewhere`, or there is none",
}


@dataclass(frozen=True)
class Rule:
    """One row of the table: applies where every named column has one of the given values."""

    verdict: str
    when: Mapping[str, tuple[str, ...]]
    why: str

    def applies(self, situation: Mapping[str, str]) -> bool:
        return all(situation[column] in values for column, values in self.when.items())


def _rule(verdict: str, why: str, **when: str) -> Rule:
    columns = {name.replace("_", " "): tuple(value.split("|")) for name, value in when.items()}
    return Rule(verdict, columns, why)


def _ran(verdict: str, why: str, **when: str) -> Rule:
    return _rule(verdict, why, status="ran", probes="known", **when)


RULES = (
    _rule("lost", "The machine was gone before it answered.", status="lost"),
    _rule("error", "The case could not be set up.", status="error"),
    _rule(
        "error",
        "The guest did not report a probe that the clause needs.",
        status="ran",
        probes="unknown",
    ),
    _rule("notrun", "The case was ordered, but never ran.", status="notrun"),
    _rule("hang", "The case did not come back from the kernel.", status="hang"),
    _rule("splat", "The kernel printed a warning or an oops.", status="splat"),
    _rule("crash", "The case's process died.", status="crash"),
    _rule(
        "missing",
        "The version has this ring setup, the kernel refuses it.",
        status="refused",
        setup="in range",
    ),
    _rule(
        "absent",
        "The ring setup is newer than this kernel.",
        status="refused",
        setup="out of range",
    ),
    _ran("observed", "One of the outcomes that are listed.", judged_as="observed", allowed="yes"),
    _ran(
        "absent",
        "Older kernels answer this.",
        judged_as="observed",
        allowed="no",
        range="out",
        older="yes",
    ),
    _ran(
        "fail",
        "Nobody promised it, but it was never seen before.",
        judged_as="observed",
        allowed="no",
        range="out",
        older="no",
    ),
    _ran(
        "fail",
        "Nobody promised it, but it was never seen before.",
        judged_as="observed",
        allowed="no",
        range="in",
    ),
    _ran("observed", "Not promised for this setup, and kept.", judged_as="elsewhere", holds="yes"),
    _ran(
        "observed",
        "Not promised for this setup, and a listed outcome.",
        judged_as="elsewhere",
        holds="no",
        allowed="yes",
    ),
    _ran(
        "absent",
        "Older kernels answer this.",
        judged_as="elsewhere",
        holds="no",
        allowed="no",
        range="out",
        older="yes",
    ),
    _ran(
        "fail",
        "Not promised for this setup, but not a listed outcome either.",
        judged_as="elsewhere",
        holds="no",
        allowed="no",
        range="out",
        older="no",
    ),
    _ran(
        "fail",
        "Not promised for this setup, but not a listed outcome either.",
        judged_as="elsewhere",
        holds="no",
        allowed="no",
        range="in",
    ),
    _ran(
        "missing",
        "The version promises it, the kernel does not offer it.",
        judged_as="promise",
        range="in",
        needs="absent",
    ),
    _ran(
        "pass",
        "The promise is kept.",
        judged_as="promise",
        range="in",
        needs="present",
        holds="yes",
    ),
    _ran(
        "fail",
        "The promise is not kept.",
        judged_as="promise",
        range="in",
        needs="present",
        holds="no",
    ),
    _ran(
        "early",
        "Kept before it was promised: a backport, or the range is wrong.",
        judged_as="promise",
        range="out",
        needs="present",
        holds="yes",
    ),
    _ran(
        "absent",
        "Not offered, and the case holds all the same.",
        judged_as="promise",
        range="out",
        needs="absent",
        holds="yes",
    ),
    _ran(
        "absent",
        "Older kernels answer this.",
        judged_as="promise",
        range="out",
        holds="no",
        older="yes",
    ),
    _ran(
        "differs",
        "A kernel that accepts a feature must keep its promise, whatever its version.",
        judged_as="promise",
        range="out",
        needs="present",
        holds="no",
        older="no",
    ),
    _ran(
        "differs",
        "Not offered here, and not refused in the way that older kernels do.",
        judged_as="promise",
        range="out",
        needs="absent",
        holds="no",
        older="no",
    ),
)

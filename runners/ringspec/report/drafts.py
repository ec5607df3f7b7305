"""The words to send upstream where a page says one thing and kernels do another.

A draft has what its reader asks first: which page and section, what it promises (in our words), what
kernels of which versions do instead and since when, and what the page could say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import fill

from ringspec.model import Clause
from ringspec.report.text import one_line

_WIDTH = 72
_PAGE = re.compile(r"(?P<page>[a-z0-9_]+\(\d\))(?:,|:)?\s*(?P<section>.*)", re.S)
# Whose desk an entry of this kind belongs on, and what the letter is called.
_LETTERS = {
    "doc-conflict": ("io-uring@vger.kernel.org", "man: {page}: {matter}"),
    "kernel-bug": ("io-uring@vger.kernel.org", "io_uring: {matter}"),
    "backport-defect": ("stable@vger.kernel.org, io-uring@vger.kernel.org", "io_uring: {matter}"),
}
# One request of this tag, and several.
_TAGS = {
    "cancel": ("the cancel request", "cancel requests"),
    "target": ("the target", "targets"),
    "bystander": ("another request", "other requests"),
    "sync_cancel": ("the synchronous cancel", "synchronous cancels"),
    "timeout": ("the timeout", "timeouts"),
    "link_timeout": ("the linked timeout", "linked timeouts"),
    "update": ("the update", "updates"),
    "remove": ("the removal", "removals"),
    "wait": ("the wait", "waits"),
    "head": ("the head of the chain", "heads of chains"),
    "next": ("the next request of the chain", "next requests"),
    "last": ("the last request of the chain", "last requests"),
}
# What one request does, and several.
_STATES = {
    "pending": ("stays pending", "stay pending"),
    "none": ("never completes", "never complete"),
    "silent": ("posts no completion", "post no completion"),
    "permitted": ("comes out in a permitted way", "come out in permitted ways"),
}
_SETUP_FLAGS = {
    "default": "no such flag",
    "defer": "IORING_SETUP_DEFER_TASKRUN",
    "coop": "IORING_SETUP_COOP_TASKRUN",
    "sqpoll": "IORING_SETUP_SQPOLL",
}
_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
_RESULT = re.compile(r"(?P<text>\S+)(?: (?P<late>early|late))?(?: x(?P<count>\d+))?\Z")


def pages(source: str) -> tuple[tuple[str, str], ...]:
    """The pages that a source names, each with its section (empty where it names none)."""
    found = []
    for part in source.split(";"):
        match = _PAGE.match(part.strip())
        page, section = (match["page"], match["section"]) if match else (part.strip(), "")
        found.append((one_line(page), one_line(section)))
    return tuple(found)


def outcome_in_words(outcome: str) -> str:
    """ "cancel=1; target=-ECANCELED": "the cancel request completes with 1, the target completes
    with -ECANCELED"."""
    if not outcome:
        return "the call does not come back"
    if "=" not in outcome:
        return f"the outcome is {outcome}"
    return ", ".join(map(_part_in_words, outcome.split("; ")))


def difference(outcome: str, kept: str) -> str:
    """Only what is not as on the kernels that keep the promise, if some do."""
    before = set(kept.split("; "))
    parts = [part for part in outcome.split("; ") if part not in before]
    return outcome_in_words("; ".join(parts)) if kept and parts else outcome_in_words(outcome)


def draft(
    clause: Clause,
    kind: str,
    reason: str,
    deeds: Sequence[tuple[str, str, str]],
    kept: tuple[str, str],
    turns: Sequence[str],
) -> str:
    """A letter in plain text.

    `deeds`: kernels, setups and outcome; `kept`: the kernels that keep the promise, and how.
    """
    to, subject = _LETTERS.get(kind, _LETTERS["kernel-bug"])
    page, section = _first_page(clause.source)
    matter = re.split(r"[:;.](?: |$)", one_line(reason or clause.says))[0]
    place = f"{page}, {section}," if section else page
    lines = [
        f"To: {to}",
        f"Subject: {one_line(subject.format(page=page, matter=matter), 120)}",
        "",
        _filled(f"{place} promises, in other words: {clause.says}"),
        "",
        "Instead:",
    ]
    for kernels, setups, outcome in deeds:
        what = difference(outcome, kept[1])
        lines.append(_filled(f"Linux {kernels} ({setups}): {what}.", "  "))
    if kept[0]:
        how = outcome_in_words(kept[1]) if kept[1] else "kept"
        lines.append(_filled(f"Linux {kept[0]}, as promised: {how}.", "  "))
    if turns:
        lines += ["", _filled(f"It {', '.join(turns)} (neighbours among the kernels tested).")]
    lines += ["", f"Found by clause {clause.id} of ringspec.", "", _heading(kind, page, section)]
    lines.append(_filled(_wording(deeds, kept), "  "))
    return "\n".join(lines)


def _first_page(source: str) -> tuple[str, str]:
    """The page to patch; what follows a colon in its section is only what it says there."""
    named = pages(source)
    page, section = next((one for one in named if _PAGE.match(one[0])), named[0])
    return page, section.partition(":")[0]


def _heading(kind: str, page: str, section: str) -> str:
    if not _PAGE.match(page):
        return "What a manual page could say until it is fixed:"
    if kind == "doc-conflict" and section:
        return f"What {page} could say in {one_line(section, 48)}:"
    return f"What {page} could say under BUGS until it is fixed:"


def _wording(deeds: Sequence[tuple[str, str, str]], kept: tuple[str, str]) -> str:
    """The sentence for the page: the deed of most kernels, and what the others do."""
    told = []
    for kernels, setups, outcome in deeds[:3]:
        told.append(f"On Linux {kernels}{_rings(setups)}, {difference(outcome, kept[1])}.")
    if len(deeds) > 3:
        told.append("Other kernels and setups differ again.")
    return " ".join(told)


def _rings(setups: str) -> str:
    if setups == "all setups":
        return ""
    flags = [_SETUP_FLAGS.get(setup, setup) for setup in setups.split(", ")]
    return f" with {' or '.join(flags)}"


def _part_in_words(part: str) -> str:
    tag, _, text = part.partition("=")
    one, several = _TAGS.get(tag, (tag, f"{tag} requests"))
    values = [_value(value) for value in text.split(", ")]
    whole = sum(count for count, _ in values)
    if whole == 1:
        return f"{one} {values[0][1]}"
    if len(values) == 1:
        return f"{_number(whole)} {several} {values[0][1]}"
    shares = " and ".join(f"{_number(count)} {words}" for count, words in values)
    return f"of {_number(whole)} {several} {shares}"


def _value(value: str) -> tuple[int, str]:
    """How many requests, and what they do."""
    match = _RESULT.match(value)
    if match is None:
        return 1, f"gives {value}"
    count = int(match["count"] or 1)
    late = f", too {match['late']}" if match["late"] else ""
    result = match["text"]
    words = _STATES.get(result, (f"completes with {result}", f"complete with {result}"))
    return count, words[count > 1] + late


def _number(count: int) -> str:
    return _NUMBERS.get(count, str(count))


def _filled(text: str, indent: str = "") -> str:
    return fill(
        one_line(text),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )

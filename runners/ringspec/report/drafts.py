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
_STATES = {
    "pending": "stays pending",
    "none": "never completes",
    "silent": "posts no completion",
    "permitted": "comes out in a permitted way",
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
    (page, section), *_ = pages(clause.source)
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
        lines.append(_filled(f"Linux {kept[0]}, as promised: {outcome_in_words(kept[1])}.", "  "))
    if turns:
        lines += ["", _filled(f"It {', '.join(turns)} (neighbours among the kernels tested).")]
    lines += ["", f"Found by clause {clause.id} of ringspec.", "", _heading(kind, page, section)]
    lines.append(_filled(_wording(deeds, kept), "  "))
    return "\n".join(lines)


def _heading(kind: str, page: str, section: str) -> str:
    if kind == "doc-conflict" and section:
        return f"What {page} could say in {one_line(section, 48)}:"
    return f"What {page} could say under BUGS until it is fixed:"


def _wording(deeds: Sequence[tuple[str, str, str]], kept: tuple[str, str]) -> str:
    """The sentence for the page: the deed of most kernels, and what the others do."""
    told = []
    for kernels, setups, outcome in deeds[:3]:
        where = "" if setups == "all setups" else f", on rings made with {setups}"
        told.append(f"On Linux {kernels}{where}, {difference(outcome, kept[1])}.")
    if len(deeds) > 3:
        told.append("Other kernels and setups differ again.")
    return " ".join(told)


def _part_in_words(part: str) -> str:
    tag, _, text = part.partition("=")
    one, several = _TAGS.get(tag, (tag, f"{tag} requests"))
    values = [(_RESULT.match(value), value) for value in text.split(", ")]
    counts = [int(match["count"] or 1) if match else 1 for match, _ in values]
    words = [_result_in_words(match, value) for match, value in values]
    if sum(counts) == 1:
        return f"{one} {words[0]}"
    shares = [
        f"{_NUMBERS.get(count, count)} {told}" for count, told in zip(counts, words, strict=True)
    ]
    return f"of {_NUMBERS.get(sum(counts), sum(counts))} {several} {' and '.join(shares)}"


def _result_in_words(match: re.Match[str] | None, value: str) -> str:
    if match is None:
        return f"gives {value}"
    late = f", too {match['late']}" if match["late"] else ""
    return _STATES.get(match["text"], f"completes with {match['text']}") + late


def _filled(text: str, indent: str = "") -> str:
    return fill(
        one_line(text),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )

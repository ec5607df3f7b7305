"""Canonical outcome text and the patterns that are matched against it.

An outcome is what a case saw, sorted by tag: `cancel=3; target=-ECANCELED x3`.  A race or a refused
ring set-up has a bare word instead of a tag: `permitted`, `-EINVAL`.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TAG = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")
_NOTHING = r"(pending|none|silent)( x\d+)?"
_NOTHING_HAPPENED = re.compile(rf"{_NOTHING}(, {_NOTHING})*\Z")
Parts = tuple[tuple[str, str], ...]


class OutcomeError(ValueError):
    """A pattern that cannot be read."""


@lru_cache(maxsize=65536)
def parse_outcome(text: str) -> Parts:
    """The parts of an outcome as (tag, value); a bare word has the tag ''.  Never fails."""
    return tuple(_part(piece) for piece in text.split(";") if piece.strip())


def matches(outcome: str, pattern: str) -> bool:
    """Whether the pattern describes this outcome.

    Every part of the pattern must be there; in a value, `*` stands for any text.  Parts that the
    pattern does not name must be `pending`, `none` or `silent` (nothing came of them), unless the
    pattern ends in `; *`.  The pattern `*` matches every outcome.
    """
    return _matches(outcome, pattern)


def matches_any(outcome: str, patterns: tuple[str, ...]) -> bool:
    """Whether at least one of the patterns describes this outcome."""
    return any(_matches(outcome, pattern) for pattern in patterns)


def check_pattern(pattern: str) -> None:
    """Raises OutcomeError if the pattern could never be meant."""
    _compile(pattern)


@lru_cache(maxsize=65536)
def _matches(outcome: str, pattern: str) -> bool:
    wanted, rest_is_free = _compile(pattern)
    came: dict[str, list[str]] = {}
    for tag, value in parse_outcome(outcome):
        came.setdefault(tag, []).append(value)
    for tag, glob in wanted:
        found = next((item for item in came.get(tag, []) if _glob(glob).match(item)), None)
        if found is None:
            return False
        came[tag].remove(found)
    left = (value for values in came.values() for value in values)
    return rest_is_free or all(_NOTHING_HAPPENED.match(value) for value in left)


@lru_cache(maxsize=4096)
def _compile(pattern: str) -> tuple[Parts, bool]:
    pieces = [piece.strip() for piece in pattern.split(";")]
    if not all(pieces):
        raise OutcomeError(f"{pattern!r} has an empty part: expected tag=value; tag=value")
    rest_is_free = pieces[-1] == "*"
    if rest_is_free:
        pieces.pop()
    if "*" in pieces:
        raise OutcomeError(f"{pattern!r}: `*` may stand alone only as the last part")
    parts = [_part(piece) for piece in pieces]
    for tag, value in parts:
        if not value:
            raise OutcomeError(f"{pattern!r}: {tag!r} has no value; write {tag}=*")
        if tag and not _TAG.match(tag):
            raise OutcomeError(f"{pattern!r}: {tag!r} is no tag")
    return tuple(parts), rest_is_free


def _part(piece: str) -> tuple[str, str]:
    tag, equals, value = piece.partition("=")
    return (tag.strip(), value.strip()) if equals else ("", piece.strip())


@lru_cache(maxsize=4096)
def _glob(value: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(text) for text in value.split("*")) + r"\Z", re.DOTALL)

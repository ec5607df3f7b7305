"""Words shared by the renderings; what a guest wrote is made harmless here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ringspec.model import SETUPS

# C0 but tab and newline, DEL, C1, lone surrogates, bidirectional overrides, and what XML forbids.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)


def printable(text: str) -> str:
    """The text without anything that a terminal or an XML reader would act upon."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str, limit: int = 0) -> str:
    """The text in one line, cut with an ellipsis if a limit is given."""
    flat = " ".join(printable(text).split())
    return flat[: limit - 1] + "…" if limit and len(flat) > limit else flat


def setups_in_words(setups: Iterable[str]) -> str:
    """ "all setups" or their names in the usual order."""
    there = set(setups)
    return "all setups" if there >= set(SETUPS) else ", ".join(s for s in SETUPS if s in there)


def places_in_words(places: Iterable[tuple[str, str]]) -> str:
    """Kernels and setups: "debian:6.12, debian:7.0 (all setups); debian:7.3 (sqpoll)"."""
    setups: dict[str, list[str]] = {}
    for spec, setup in places:
        setups.setdefault(one_line(spec), []).append(setup)
    kernels: dict[str, list[str]] = {}
    for spec, names in setups.items():
        kernels.setdefault(setups_in_words(names), []).append(spec)
    return "; ".join(f"{', '.join(specs)} ({words})" for words, specs in kernels.items())


def plural(count: int, noun: str) -> str:
    """ "1 cell", "2 cells"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def span(names: Sequence[str], order: Sequence[str]) -> str:
    """Names of an ordered row in words: neighbours become "a to b"."""
    there = set(names)
    runs: list[list[str]] = []
    fresh = True
    for name in order:
        if name in there:
            if fresh:
                runs.append([])
            runs[-1].append(name)
        fresh = name not in there
    return ", ".join(run[0] if len(run) < 2 else f"{run[0]} to {run[-1]}" for run in runs)

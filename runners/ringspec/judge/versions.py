"""Upstream kernel versions: order, clause ranges and the intervals of known issues.

A version is x.y or x.y.z; x.y is x.y.0 when it stands for a kernel and the whole branch when it
stands in a range.  Stable branches run in parallel, so a range that begins inside a branch
(three parts) must end on that branch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_STRICT = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?\Z")
_LENIENT = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?![\d])")
_END_OF_BRANCH = 1 << 30


class VersionError(ValueError):
    """A version or a range of versions that cannot be read."""


@dataclass(frozen=True, order=True)
class Version:
    """An upstream release.  `-rc3` and distribution suffixes do not count."""

    major: int
    minor: int
    patch: int = 0

    @property
    def branch(self) -> tuple[int, int]:
        return (self.major, self.minor)

    def __str__(self) -> str:
        patch = f".{self.patch}" if self.patch else ""
        return f"{self.major}.{self.minor}{patch}"


@lru_cache(maxsize=4096)
def parse_release(text: str) -> Version:
    """The version at the start of what a kernel calls itself ("7.4.0-rc3+" is 7.4)."""
    match = _LENIENT.match(text.strip())
    if match is None:
        raise VersionError(f"no kernel version at the start of {text!r}: expected x.y or x.y.z")
    return Version(int(match[1]), int(match[2]), int(match[3] or 0))


def parse_mainline(text: str) -> Version:
    """A mainline release, two parts: where features begin and end."""
    match = _STRICT.match(text)
    if match is None or match[3] is not None:
        raise VersionError(
            f"{text!r} is no mainline release: expected x.y such as 5.19 (a stable release that "
            "took the feature goes to `backports`)"
        )
    return Version(int(match[1]), int(match[2]))


def parse_stable(text: str) -> Version:
    """A stable release, three parts: where a branch took a backport."""
    match = _STRICT.match(text)
    if match is None or match[3] is None:
        raise VersionError(f"{text!r} is no stable release: expected x.y.z such as 6.1.170")
    return Version(int(match[1]), int(match[2]), int(match[3]))


def in_range(version: str, since: str, until: str = "", backports: Iterable[str] = ()) -> bool:
    """Whether this kernel is one that a promise is made for.

    `since` and `until` are mainline releases, both included with all their stable releases.  A
    backport "6.1.170" adds 6.1.y from 170 on.
    """
    return _in_range(version, since, until, tuple(backports))


@lru_cache(maxsize=65536)
def _in_range(version: str, since: str, until: str, backports: tuple[str, ...]) -> bool:
    kernel = parse_release(version)
    if until and kernel.branch > parse_mainline(until).branch:
        return False
    if not since or kernel.branch >= parse_mainline(since).branch:
        return True
    firsts = (parse_stable(backport) for backport in backports)
    return any(kernel.branch == first.branch and kernel >= first for first in firsts)


@dataclass(frozen=True)
class Interval:
    """Versions from `first` to `last`, both included."""

    first: Version
    last: Version
    text: str

    def __contains__(self, version: object) -> bool:
        return isinstance(version, Version) and self.first <= version <= self.last


@lru_cache(maxsize=4096)
def parse_interval(text: str) -> Interval:
    """Reads one interval of a known issue.

    "6.12.107" that release            "6.12" the whole branch
    "6.12..6.12.114" both included      "7.0..7.3.2" across branches
    "6.1.170.." the rest of 6.1.y       "6.12.." 6.12 and everything after it
    """
    first_text, dots, last_text = text.partition("..")
    first = _strict(first_text, text)
    if not dots:
        return Interval(first[0], first[0] if first[1] else _branch_end(first[0]), text)
    if not last_text:
        end = _branch_end(first[0]) if first[1] else Version(_END_OF_BRANCH, 0)
        return Interval(first[0], end, text)
    last = _strict(last_text, text)
    if first[1] and first[0].branch != last[0].branch:
        raise VersionError(
            f"{text!r} begins inside {first[0].major}.{first[0].minor}.y and ends on another "
            "branch: write one interval for each branch"
        )
    interval = Interval(first[0], last[0] if last[1] else _branch_end(last[0]), text)
    if interval.last < interval.first:
        raise VersionError(f"{text!r} ends before it begins")
    return interval


def _strict(text: str, whole: str) -> tuple[Version, bool]:
    """The version and whether it names one stable release rather than a branch."""
    match = _STRICT.match(text)
    if match is None:
        raise VersionError(
            f"{whole!r} is no range of versions: expected 6.12.107, 6.12, 6.12..6.12.114, "
            "6.1.170.. or 7.0..7.3.2"
        )
    return Version(int(match[1]), int(match[2]), int(match[3] or 0)), match[3] is not None


def _branch_end(version: Version) -> Version:
    return Version(version.major, version.minor, _END_OF_BRANCH)

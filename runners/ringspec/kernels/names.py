"""Debian's version order and the names of its kernel packages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringspec.arch import ARCHES

DEFAULT_FLAVOUR = "cloud"

_NAME = re.compile(
    r"linux-(?:image|binary)-(?P<unsigned>unsigned-)?"
    r"\d[\w.+~]*(?:-\d[\w.+~]*)?-(?:(?P<flavour>[a-z]+)-)?"
    rf"(?P<arch>{'|'.join(ARCHES)})(?:-(?P<pages>\d+k))?"  # arm64-16k: its page size
    r"(?P<old_unsigned>-unsigned)?"  # at the end up to 6.18
)
_UPSTREAM = re.compile(r"(?:\d+:)?((\d+)\.(\d+)(?:\.(\d+))?(?:~rc\d+)?)")

VersionKey = tuple[int | tuple[int, ...], ...]


@dataclass(frozen=True)
class PackageName:
    flavour: str
    signed: bool


def parse_package_name(name: str) -> PackageName | None:
    """What a package name says, or None if it is no kernel image's."""
    if not (match := _NAME.fullmatch(name)):
        return None
    return PackageName(
        flavour="-".join(filter(None, (match["flavour"], match["pages"]))) or match["arch"],
        signed=not (match["unsigned"] or match["old_unsigned"]),
    )


def upstream_label(debian_version: str) -> str:
    """6.12.117-1~deb12u1 is 6.12.117, and 7.3~rc7-1~exp1 is 7.3~rc7."""
    match = _UPSTREAM.match(debian_version)
    return match[1] if match else debian_version


def upstream_version(text: str) -> str:
    """The x.y.z at the start of a release or package version; a missing z is 0; "" if none."""
    if not (match := _UPSTREAM.match(text)):
        return ""
    return f"{match[2]}.{match[3]}.{match[4] or 0}"


def series_of(debian_version: str) -> str:
    return ".".join(upstream_version(debian_version).split(".")[:2])


def _part_key(part: str) -> VersionKey:
    key: list[int | tuple[int, ...]] = []
    for text, digits in re.findall(r"(\D*)(\d*)", part):
        # deb-version(7): "~" sorts before the end of a part, letters before all other characters.
        order = (-1 if c == "~" else ord(c) if c.isalpha() else ord(c) + 256 for c in text)
        key += [(*order, 0), int(digits or 0)]
    return (*key, (0,))


def version_key(debian_version: str) -> tuple[int, VersionKey, VersionKey]:
    """Sorts as `dpkg --compare-versions` does."""
    epoch, colon, rest = debian_version.partition(":")
    if not colon:
        epoch, rest = "0", debian_version
    upstream, dash, revision = rest.rpartition("-")
    return int(epoch), _part_key(upstream if dash else rest), _part_key(revision if dash else "0")

"""The negative control: every case must turn red under every fault that applies to it.

The machine injects the faults (harness/guest/negative_control.h); this module weighs what it says: which
faults went unnoticed, which of those cases/exemptions.toml explains, which cases have no teeth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import tomllib

from ringspec.errors import Problem

_FIELDS = {"case", "fault", "reason"}
# What may decide whether an exemption is needed: the kernel (a clause's finding that kernels differ
# in), or which of its permitted outcomes a race comes to this time.
_DECIDERS = ("kernel", "schedule")


class ControlError(Problem):
    """The control could not be run or its exemptions not be read."""


@dataclass(frozen=True)
class Exemption:
    """Why these cases may stay green under this fault (`case` is a glob).

    `depends` names what decides whether it is needed; without that it is needed wherever the case
    holds, and one that is not needed is wrong.
    """

    case: str
    fault: str
    reason: str
    depends: str = ""

    def covers(self, injection: Injection) -> bool:
        """Whether this is the reason for that green."""
        return injection.fault == self.fault and fnmatchcase(injection.case, self.case)


@dataclass(frozen=True)
class Injection:
    """One fault at one point of one case, and whether the case noticed."""

    case: str
    fault: str
    point: int
    noticed: bool
    outcome: str
    says: str  # what the kernel would be doing


@dataclass(frozen=True)
class Control:
    """What a negative control came to.  `thorough` names the cases that met every fault."""

    holding: tuple[str, ...]
    red_already: tuple[str, ...]
    injections: tuple[Injection, ...]
    exempt: tuple[tuple[Injection, Exemption], ...]
    unnoticed: tuple[Injection, ...]
    unused: tuple[Exemption, ...]
    # Not needed here and now, and not wrong for that.
    idle: tuple[Exemption, ...]
    thorough: frozenset[str]

    @property
    def toothless(self) -> tuple[str, ...]:
        """Cases that met every fault, and that none of them turned red."""
        noticed = {one.case for one in self.injections if one.noticed}
        return tuple(c for c in self.holding if c in self.thorough and c not in noticed)

    @property
    def failed(self) -> bool:
        """Whether something must be put right."""
        return bool(self.unnoticed or self.toothless or self.unused)


def load_exemptions(file: Path) -> tuple[Exemption, ...]:
    """The exemptions, each with its reason."""
    if not file.is_file():
        return ()
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8")).get("exempt", [])
    except tomllib.TOMLDecodeError as error:
        raise ControlError(f"{file}: not TOML: {error}") from error
    for table in tables:
        named = set(table) - {"depends"}
        if named != _FIELDS or not all(isinstance(v, str) and v for v in table.values()):
            raise ControlError(f"{file}: expected the texts {sorted(_FIELDS)}, found {table}")
        if table.get("depends", "kernel") not in _DECIDERS:
            raise ControlError(f"{file}: depends: expected one of {_DECIDERS}, found {table}")
    return tuple(Exemption(**table) for table in tables)


def weigh(
    records: Iterable[Mapping[str, Any]],
    exemptions: tuple[Exemption, ...],
    thorough: Iterable[str],
    *,
    complete: bool,
) -> Control:
    """Sorts the records.

    `thorough`: the cases that met every fault; `complete`: those are all cases, so that an unused
    exemption of a case that holds here is wrong.
    """
    holding: list[str] = []
    red: list[str] = []
    injections: list[Injection] = []
    for record in records:
        if "fault" not in record:
            (holding if record["holds"] else red).append(record["case"])
            continue
        told = {name: record[name] for name in Injection.__annotations__}
        injections.append(Injection(**told))
    exempt: list[tuple[Injection, Exemption]] = []
    unnoticed: list[Injection] = []
    for one in (one for one in injections if not one.noticed):
        reason = next((exemption for exemption in exemptions if exemption.covers(one)), None)
        if reason is None:
            unnoticed.append(one)
        else:
            exempt.append((one, reason))
    used = {reason for _, reason in exempt}
    not_needed = [
        one
        for one in exemptions
        if complete and one not in used and any(fnmatchcase(c, one.case) for c in holding)
    ]
    return Control(
        tuple(holding),
        tuple(red),
        tuple(injections),
        tuple(exempt),
        tuple(unnoticed),
        tuple(one for one in not_needed if not one.depends),
        tuple(one for one in not_needed if one.depends),
        frozenset(thorough),
    )

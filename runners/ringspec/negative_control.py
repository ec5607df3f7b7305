"""The negative control: every case must turn red under every fault that applies to it.

The binary injects the faults on this host (`ringspec-cases --negative-control`); this module runs
it, compares what went unnoticed with cases/exemptions.toml, and says per family what is noticed.
"""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

_FIELDS = {"case", "fault", "reason"}


class ControlError(Exception):
    """The control could not be run or its exemptions not be read."""


@dataclass(frozen=True)
class Exemption:
    """Why these cases may stay green under this fault (`case` is a glob)."""

    case: str
    fault: str
    reason: str

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


@dataclass(frozen=True)
class Control:
    """What a negative control came to."""

    holding: tuple[str, ...]
    red_already: tuple[str, ...]
    injections: tuple[Injection, ...]
    exempt: tuple[tuple[Injection, Exemption], ...]
    unnoticed: tuple[Injection, ...]
    unused: tuple[Exemption, ...]

    @property
    def toothless(self) -> tuple[str, ...]:
        """Cases that no injected fault turned red."""
        noticed = {one.case for one in self.injections if one.noticed}
        tried = {one.case for one in self.injections}
        return tuple(case for case in self.holding if case in tried and case not in noticed)


def load_exemptions(file: Path) -> tuple[Exemption, ...]:
    """The exemptions, each with its reason."""
    if not file.is_file():
        return ()
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8")).get("exempt", [])
    except tomllib.TOMLDecodeError as error:
        raise ControlError(f"{file}: not TOML: {error}") from error
    for table in tables:
        if set(table) != _FIELDS or not all(isinstance(v, str) and v for v in table.values()):
            raise ControlError(f"{file}: expected the texts {sorted(_FIELDS)}, found {table}")
    return tuple(Exemption(**table) for table in tables)


def run_control(
    binary: Path, share: float, seed: int, pattern: str, progress: Callable[[str, int], None]
) -> Iterator[Mapping[str, Any]]:
    """The records as the binary prints them; `progress` is told the case and how many came."""
    command = [str(binary), "--negative-control", f"--share={share}", f"--seed={seed}"]
    command.append(f"--filter={pattern}")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for number, line in enumerate(process.stdout):
            record = json.loads(line)
            progress(str(record["case"]), number)
            yield record
    if process.returncode != 0:
        raise ControlError(f"{binary} --negative-control: exit code {process.returncode}")


def weigh(
    records: Iterable[Mapping[str, Any]], exemptions: tuple[Exemption, ...], complete: bool
) -> Control:
    """Sorts the records; `complete`: every injection was made, so an unused exemption is wrong."""
    holding: list[str] = []
    red: list[str] = []
    injections: list[Injection] = []
    for record in records:
        if "fault" not in record:
            (holding if record["holds"] else red).append(record["case"])
            continue
        injections.append(
            Injection(
                record["case"],
                record["fault"],
                record["point"],
                record["noticed"],
                record.get("outcome", ""),
            )
        )
    exempt: list[tuple[Injection, Exemption]] = []
    unnoticed: list[Injection] = []
    for one in (one for one in injections if not one.noticed):
        reason = next((exemption for exemption in exemptions if exemption.covers(one)), None)
        if reason is None:
            unnoticed.append(one)
        else:
            exempt.append((one, reason))
    used = {reason for _, reason in exempt}
    unused = tuple(one for one in exemptions if complete and one not in used)
    return Control(
        tuple(holding), tuple(red), tuple(injections), tuple(exempt), tuple(unnoticed), unused
    )


def render(control: Control) -> str:
    """The table per suite and kind of fault, then what is wrong."""
    lines = [f"{'suite':28} {'injected':>8} {'noticed':>8} {'exempt':>7} {'unnoticed':>9}"]
    suites: dict[str, Counter[str]] = {}
    for one in control.injections:
        counts = suites.setdefault(one.case.partition(".")[0], Counter())
        counts["injected"] += 1
        counts["noticed"] += one.noticed
    for one, _ in control.exempt:
        suites[one.case.partition(".")[0]]["exempt"] += 1
    for one in control.unnoticed:
        suites[one.case.partition(".")[0]]["unnoticed"] += 1
    total: Counter[str] = Counter()
    for counts in suites.values():
        total.update(counts)
    for suite, counts in (*sorted(suites.items()), ("all", total)):
        lines.append(
            f"{suite:28} {counts['injected']:8} {counts['noticed']:8} {counts['exempt']:7} "
            f"{counts['unnoticed']:9}"
        )
    lines.append("")
    lines += [
        f"UNNOTICED: {one.case} stays green under {one.fault} at point {one.point}: {one.outcome}"
        for one in control.unnoticed
    ]
    lines += [f"TOOTHLESS: no fault turns {case} red" for case in control.toothless]
    lines += [
        f"UNUSED: the exemption of {one.case} from {one.fault} is not needed: delete it"
        for one in control.unused
    ]
    lines.append(
        f"{len(control.holding)} cases that hold here, {len(control.red_already)} that are red or "
        f"absent here and show nothing; {len(control.exempt)} exempt injections"
    )
    return "\n".join(lines) + "\n"

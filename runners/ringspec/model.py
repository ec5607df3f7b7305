"""The frozen values that travel between the stages of a run.

kernels -> Kernel, clauses -> Clause, manifest -> Case, order -> Execution,
machine -> Facts and Observation, judge -> Result.  Nothing here does anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

SETUPS = ("default", "defer", "coop", "sqpoll")


@dataclass(frozen=True)
class Kernel:
    """A kernel that can be run: what the user typed and what it resolved to.

    `image` is None for `host`.  `version` is the upstream x.y.z that ranges and known issues
    are compared with; `provenance` says how the image is known to be what it claims, for example
    "signature: Debian Archive ..." or "sha256: ...".
    """

    spec: str
    kernel: str
    version: str
    image: Path | None = None
    release: str = ""
    package: str = ""
    provenance: str = ""


@dataclass(frozen=True)
class Case:
    """One C++ case, as the manifest written at build time states it."""

    name: str
    clause: str
    file: str
    line: int
    touches: tuple[str, ...] = ()
    axis: str = "kernel"


@dataclass(frozen=True)
class Clause:
    """One promise with its source, level and version range (cases/<family>/clauses.toml)."""

    id: str
    family: str
    says: str
    source: str
    level: str
    pinned: str = ""
    since: str = ""
    until: str = ""
    backports: tuple[str, ...] = ()
    older: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    config: str = ""
    setups: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    conflicts: str = ""
    invariant: str = ""


@dataclass(frozen=True)
class Execution:
    """One line of a VM's order: this case, on a ring made this way, for the n-th time."""

    id: int
    case: str
    setup: str
    repeat: int = 0
    attempt: int = 0


@dataclass(frozen=True)
class Facts:
    """What a running kernel said about itself before its first case."""

    release: str
    uname_version: str
    machine: str
    cpus: int
    probes: Mapping[str, bool]
    setups: Mapping[str, str]
    calibration: Mapping[str, Any]
    vm: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Observation:
    """What one execution came to, before anybody judged it.

    status: ran | refused | error | hang | splat | crash | lost | notrun.  `refused` carries the
    errno of the ring's set-up in `outcome`.  `holds`: every expectation of the case passed.
    `violations` are invariant names as the harness spells them.
    """

    execution: Execution
    status: str
    holds: bool = False
    outcome: str = ""
    message: str = ""
    drawn: Mapping[str, int] = field(default_factory=dict)
    violations: tuple[str, ...] = ()
    trace: tuple[Mapping[str, Any], ...] = ()
    evidence: str = ""
    guest_ns: int = 0


@dataclass(frozen=True)
class Begun:
    """The machine started this execution."""

    execution: Execution


Event = Facts | Begun | Observation


class Machine(Protocol):
    """Something that can work off an order on one kernel: a VM, or this host."""

    def run(
        self, kernel: Kernel, order: Iterable[Execution], sink: Callable[[Event], None]
    ) -> None:
        """Reports Facts once, then exactly one final Observation for each execution.

        Other machines may take from the same order: ask for no more than is run next.
        """


@dataclass(frozen=True)
class Result:
    """One judged execution: one line of results.jsonl, fields as the format document has them."""

    spec: str
    kernel: str
    release: str
    version: str
    setup: str
    case: str
    clause: str
    level: str
    verdict: str
    in_range: bool
    present: bool
    outcome: str
    drawn: Mapping[str, int]
    violations: tuple[str, ...]
    known_issue: str | None
    message: str
    repeat: int
    attempt: int
    guest_ns: int

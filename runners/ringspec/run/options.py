"""The options of a run, said once for `ringspec run` and for `pytest --kernel`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringspec.arch import ARCHES, Arch, native
from ringspec.errors import Problem
from ringspec.model import SETUPS
from ringspec.run.shards import Shard, parse_shard

if TYPE_CHECKING:
    from ringspec.kernels.lock import Pin

ROOT = Path(__file__).resolve().parents[3]
DEFAULT_SET = "default"
CLOCKS = ("virtual", "real")
# Pieces that are handed to a cluster at a time; each takes a thread here that waits.
JOBS_IN_CLUSTER = 1000
ACCELERATORS = ("auto", "kvm", "tcg")


class UsageProblem(Problem):
    """Options that cannot be meant: the message says what to do about it."""


@dataclass(frozen=True)
class RunOptions:
    """Everything a run is told, checked."""

    kernels: tuple[str, ...]
    cases: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    setups: tuple[str, ...] = SETUPS
    repeat: int = 1
    seed: int = 0
    jobs: int = 1
    clock: str = "virtual"
    accel: str = "auto"
    vcpus: int = 0
    append: str = ""
    out: Path = Path("out")
    known_issues: Path = ROOT / "ci" / "known-issues"
    baseline: Path | None = None
    gate: bool = True
    allow_host_changes: bool = False
    as_version: str | None = None
    shard: Shard | None = None
    cluster: str = ""
    build: Path = ROOT / "build"
    arch: Arch = field(default_factory=native)
    # What locked specs have to be; the session fills it in when it opens lock files.
    pins: Mapping[str, Pin] = field(default_factory=dict)

    @property
    def manifest(self) -> Path:
        """The case manifest that the build wrote."""
        return self.build / "cases.json"

    @property
    def binary(self) -> Path:
        """The binary that holds every case: PID 1 of the guest."""
        return self.build / "ringspec-cases"


def build_directory(arch: Arch) -> Path:
    """Where ci/setup builds the cases for this architecture."""
    return RunOptions.build if arch == native() else ROOT / f"build-{arch.name}"


def add_run_options(add: Callable[..., Any]) -> None:
    """Declares every option of a run through `add`, argparse's or pytest's own."""

    def option(name: str, **how: Any) -> None:
        add(name, dest=_destination(name), **how)

    option(
        "--kernel",
        action="append",
        metavar="SPEC",
        help="host, debian:6.12, debian:6.12.117, debian:trixie-backports, debian:6.12/rt, a bzImage, "
        "vmlinux, .deb, .rpm, build tree or directory of kernels, https://...#sha256=..., @kernels.lock; "
        "may be repeated. 'default' is the set of ci/kernels.toml",
    )
    option("--case", action="append", metavar="GLOB", help="only cases of this name")
    option("--clause", action="append", metavar="GLOB", help="only cases of this clause")
    option("--setup", action="append", choices=SETUPS, help="only this ring setup; may be repeated")
    option("--repeat", type=int, default=1, metavar="N", help="run each N times in shuffled order")
    option(
        "--seed",
        type=int,
        metavar="N",
        help="seed of shuffled orders and generated cases (default: 1; a new one with --repeat)",
    )
    option(
        "--jobs",
        type=int,
        metavar="N",
        help="VMs at a time (default: one for each core of this machine, or what a cluster can do)",
    )
    option("--clock", choices=CLOCKS, default="virtual", help="guest time (default: virtual)")
    option("--accel", choices=ACCELERATORS, default="auto", help="for --clock real (default: auto)")
    option(
        "--vcpus", type=int, default=0, metavar="N", help="default: 1 in virtual, 2 in real time"
    )
    option("--append", default="", metavar="ARGS", help="more kernel command line")
    option("--out", type=Path, metavar="DIR", help="the run directory (default: out)")
    option("--known-issues", type=Path, metavar="DIR", help="default: ci/known-issues")
    option("--baseline", type=Path, metavar="RUN", help="allow what was already red in this run")
    option("--no-gate", action="store_true", help="red results do not fail the run, lost ones do")
    option(
        "--allow-host-changes",
        action="store_true",
        help="on host, also run cases that set the clock or may leave a stuck process behind",
    )
    option("--as-version", metavar="X.Y.Z", help="treat the kernel as this version")
    option("--shard", metavar="I/N", help="the I-th of N parts of the run; see `ringspec merge`")
    option(
        "--cluster",
        metavar="ADDRESS",
        help="run on the workers of this Dask cluster (tcp://head:8786, tls://head:8786)",
    )
    option("--arch", choices=sorted(ARCHES), help="of the guests (default: that of this machine)")
    option("--build", type=Path, metavar="DIR", help="where the cases were built (default: build)")


def run_options(read: Callable[[str], Any]) -> RunOptions:
    """The checked options, read from argparse or pytest by destination."""

    def value(name: str) -> Any:
        return read(_destination(name))

    arch = ARCHES[value("--arch")] if value("--arch") else native()
    options = RunOptions(
        kernels=tuple(dict.fromkeys(value("--kernel") or ())),
        cases=tuple(value("--case") or ()),
        clauses=tuple(value("--clause") or ()),
        setups=tuple(s for s in SETUPS if not value("--setup") or s in value("--setup")),
        repeat=value("--repeat"),
        seed=value("--seed") if value("--seed") is not None else _seed(value("--repeat")),
        jobs=value("--jobs") if value("--jobs") is not None else _jobs(value("--cluster")),
        clock=value("--clock"),
        accel=value("--accel"),
        vcpus=value("--vcpus"),
        append=value("--append"),
        out=value("--out") or RunOptions.out,
        known_issues=value("--known-issues") or RunOptions.known_issues,
        baseline=value("--baseline"),
        gate=not value("--no-gate"),
        allow_host_changes=value("--allow-host-changes"),
        as_version=value("--as-version"),
        shard=_shard(value("--shard")),
        cluster=value("--cluster") or "",
        build=(value("--build") or build_directory(arch)).absolute(),
        arch=arch,
    )
    _check(options, value("--known-issues") is not None)
    return options


def _jobs(cluster: str | None) -> int:
    """One for each core, or as many as a cluster may have: its scheduler knows how many that is."""
    return JOBS_IN_CLUSTER if cluster else len(os.sched_getaffinity(0))


def _shard(text: str | None) -> Shard | None:
    try:
        return parse_shard(text) if text else None
    except ValueError as error:
        raise UsageProblem(str(error)) from error


def _seed(repeat: int) -> int:
    """Repeats try something new; a single run does what the last one did."""
    return int.from_bytes(os.urandom(4)) if repeat > 1 else 1


def _check(options: RunOptions, chosen_known_issues: bool) -> None:
    if options.clock == "virtual" and options.accel == "kvm":
        raise UsageProblem(
            "--clock virtual needs QEMU's own instruction counter, which KVM has not: "
            "use --clock real --accel kvm, or leave --accel out"
        )
    for name, number in (
        ("--repeat", options.repeat),
        ("--jobs", options.jobs),
        ("--vcpus", options.vcpus or 1),
    ):
        if number < 1:
            raise UsageProblem(f"{name} must be at least 1, not {number}")
    if options.as_version and (len(options.kernels) != 1 or options.kernels[0] == DEFAULT_SET):
        raise UsageProblem("--as-version is about one kernel: give exactly one --kernel with it")
    if chosen_known_issues and not options.known_issues.is_dir():
        raise UsageProblem(f"--known-issues {options.known_issues}: no such directory")
    if options.baseline and not (options.baseline / "run.json").is_file():
        raise UsageProblem(
            f"--baseline {options.baseline}: not a run directory, it holds no run.json"
        )
    check_build(options)


def check_build(options: RunOptions) -> None:
    """UsageProblem if the cases are not built."""
    for built in (options.manifest, options.binary):
        if not built.is_file():
            how = "" if options.arch == native() else f" --arch {options.arch.name}"
            raise UsageProblem(f"{built} is not there: build the cases first, with ci/setup{how}")


def _destination(name: str) -> str:
    return "ringspec_" + name.removeprefix("--").replace("-", "_")

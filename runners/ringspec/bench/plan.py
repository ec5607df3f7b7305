"""What is measured, and how: everything that is compared runs in turn, and medians are compared."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ringspec.bench.cost import Cost, of_command, of_programs, typical
from ringspec.cache.directory import cache_dir
from ringspec.guest import MachineOptions, VirtualMachine
from ringspec.kernels import resolve
from ringspec.model import SETUPS, Execution
from ringspec.run.options import RunOptions

OLDEST, MIDDLE, NEWEST = "debian:5.10", "debian:6.12", "debian:7.3"
_SEVERAL = (NEWEST, MIDDLE, OLDEST, "debian:6.1")
# Of the cache, what a cold run may still have: packages and lists are no part of a boot.
_KEPT = ("kernels", "apt", "apt-amd64", "apt-arm64", "accel.json", "limit")
# A run with results that no gate lets pass is a run.
_RAN = (0, 1)


@dataclass(frozen=True)
class Size:
    """How much of everything: `every`: each n-th case is in the sample."""

    every: int
    rounds: int
    kernels_and_jobs: tuple[tuple[int, int], ...]


FULL = Size(every=16, rounds=3, kernels_and_jobs=((1, 1), (2, 1), (4, 1), (4, 2)))
QUICK = Size(every=64, rounds=1, kernels_and_jobs=((1, 1), (2, 1), (2, 2)))


class Lab(AbstractContextManager["Lab"]):
    """Runs that cost something, in a scratch directory."""

    def __init__(self, names: Sequence[str], size: Size, say: Callable[[str], None]) -> None:
        self.names = tuple(names)[:: size.every]
        self.size = size
        self._say = say
        self._scratch = tempfile.TemporaryDirectory(prefix="ringspec-bench-")
        self._path = Path(self._scratch.name)

    def __exit__(self, *exception: object) -> None:
        self._scratch.cleanup()

    def in_turn(self, title: str, ways: Mapping[str, Callable[[], Cost]]) -> dict[str, Cost]:
        """Each way once without being counted, so that none finds more prepared than another; then all
        of them in turn, several times."""
        costs: dict[str, list[Cost]] = {name: [] for name in ways}
        for number in range(self.size.rounds + 1):
            for name, way in ways.items():
                self._say(f"{title}: {name}, {number or 'first'} of {self.size.rounds}")
                cost = way()
                if number:
                    costs[name].append(cost)
        return {name: typical(those) for name, those in costs.items()}

    def run(
        self,
        kernels: Sequence[str],
        names: Sequence[str],
        *more: str,
        setups: Sequence[str] = ("default",),
        jobs: int = 1,
        cold: bool = False,
    ) -> Cost:
        """`ringspec run` as users have it, from the start of Python to the printed matrix."""
        command = [sys.executable, "-m", "ringspec", "run", "--no-gate", f"--jobs={jobs}"]
        command += [f"--kernel={spec}" for spec in kernels]
        command += [f"--case={name}" for name in names]
        command += [f"--setup={setup}" for setup in setups]
        environment = {}
        with tempfile.TemporaryDirectory(dir=self._path) as scratch:
            if cold:
                environment["RINGSPEC_CACHE"] = _without_snapshots(Path(scratch) / "cache")
            return of_command([*command, f"--out={scratch}/out", *more], environment, _RAN)

    def floor(self, spec: str, names: Sequence[str], setups: Sequence[str]) -> Cost:
        """QEMU alone: one guest is restored and works the order off; nobody judges or writes."""
        order = tuple(
            Execution(number, name, setup)
            for number, (name, setup) in enumerate(
                ((name, setup) for name in names for setup in setups), start=1
            )
        )
        options = MachineOptions(
            binary=RunOptions.build / "ringspec-cases",
            cache=cache_dir(),
            seed=1,
        )
        kernel = resolve(spec, cache_dir())
        return of_programs(lambda: VirtualMachine(options).run(kernel, order, lambda event: None))


@dataclass(frozen=True)
class Row:
    """What is compared with what; `unit` is how much work each side did."""

    group: str
    what: str
    unit: str
    cost: Cost
    against: Cost | None = None


def measure(lab: Lab) -> list[Row]:
    """Every comparison."""
    return [*_boots(lab), *_clocks(lab), *_above_floor(lab), *_growth(lab)]


def _boots(lab: Lab) -> list[Row]:
    rows = []
    for spec in (OLDEST, MIDDLE, NEWEST):
        costs = lab.in_turn(
            f"boot of {spec}",
            {
                "restored": partial(lab.run, [spec], lab.names[:1]),
                "cold": partial(lab.run, [spec], lab.names[:1], cold=True),
            },
        )
        rows.append(
            Row(
                "cold boot against restored guest", spec, "1 cell", costs["cold"], costs["restored"]
            )
        )
    return rows


def _clocks(lab: Lab) -> list[Row]:
    costs = lab.in_turn(
        "clocks",
        {
            "virtual": lambda: lab.run([MIDDLE], lab.names),
            "real": lambda: lab.run([MIDDLE], lab.names, "--clock=real"),
        },
    )
    unit = f"{len(lab.names)} cells"
    return [Row("real against virtual time", MIDDLE, unit, costs["real"], costs["virtual"])]


def _above_floor(lab: Lab) -> list[Row]:
    rows = []
    for names, setups in ((lab.names[:1], ("default",)), (lab.names, SETUPS)):
        costs = lab.in_turn(
            "floor",
            {
                "QEMU alone": partial(lab.floor, NEWEST, names, setups),
                "run": partial(lab.run, [NEWEST], names, setups=setups),
            },
        )
        unit = f"{len(names) * len(setups)} cells"
        rows.append(
            Row("a run against QEMU alone", NEWEST, unit, costs["run"], costs["QEMU alone"])
        )
    return rows


def _growth(lab: Lab) -> list[Row]:
    group = "growth with cases"
    ways: dict[tuple[str, str, str], Callable[[], Cost]] = {}
    for names in (lab.names[::2], lab.names):
        unit = f"{len(names) * len(SETUPS)} cells"
        ways[group, NEWEST, unit] = partial(lab.run, [NEWEST], names, setups=SETUPS)
    group = "growth with kernels and cores"
    for count, jobs in lab.size.kernels_and_jobs:
        what, unit = f"{count} kernels, {jobs} at a time", f"{count * len(lab.names)} cells"
        ways[group, what, unit] = partial(lab.run, _SEVERAL[:count], lab.names, jobs=jobs)
    costs = lab.in_turn("growth", {" | ".join(key): way for key, way in ways.items()})
    first: dict[str, Cost] = {}
    rows = []
    for (group, what, unit), cost in zip(ways, costs.values(), strict=True):
        rows.append(Row(group, what, unit, cost, first.setdefault(group, cost)))
    return rows


def _without_snapshots(cache: Path) -> str:
    """A cache that has all but a saved guest."""
    cache.mkdir()
    for name in _KEPT:
        if (cache_dir() / name).exists():
            (cache / name).symlink_to(cache_dir() / name)
    return str(cache)

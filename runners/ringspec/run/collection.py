"""Kernel x setup x case as pytest items, collected from the case manifest."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from ringspec.model import Case
from ringspec.run.options import ROOT, RunOptions

HOST = "host"
CHANGES_HOST = {"realtime_clock", "may_stick"}


class Cell(pytest.Item):
    """One case on one kernel in one setup: one cell of the matrix."""

    parent: KernelCases
    case: Case
    setup_name: str

    @classmethod
    def of(cls, parent: KernelCases, case: Case, setup: str) -> Cell:
        """The cell of this case and setup below its kernel."""
        cell: Cell = cls.from_parent(parent, name=f"{case.name}[{setup}]")
        cell.case = case
        cell.setup_name = setup
        cell.extra_keyword_matches.add(case.clause)
        return cell

    @property
    def spec(self) -> str:
        """The kernel as the user named it."""
        return self.parent.name

    @property
    def changes_host(self) -> bool:
        """Whether it would change the machine that the user works on."""
        return self.spec == HOST and bool(CHANGES_HOST & set(self.case.touches))

    def runtest(self) -> None:
        """Cells run in their kernel's order, in the run loop."""
        raise NotImplementedError("a cell runs in the run loop of its kernel, never alone")

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where a reader finds the case."""
        return ROOT / self.case.file, self.case.line - 1, self.name


class KernelCases(pytest.Collector):
    """The cells of one kernel, which need not be resolved yet."""

    parent: CaseManifest

    def collect(self) -> Iterator[Cell]:
        """One cell for each case and setup; a case about the library runs once in all."""
        manifest = self.parent
        for case in manifest.cases:
            if case.axis == "kernel":
                yield from (Cell.of(self, case, setup) for setup in manifest.setups)
            elif self.name == manifest.specs[0]:
                yield Cell.of(self, case, manifest.setups[0])


class CaseManifest(pytest.File):
    """The manifest of the case binary, once for each kernel."""

    specs: tuple[str, ...]
    setups: tuple[str, ...]
    cases: tuple[Case, ...]

    def collect(self) -> Iterator[KernelCases]:
        """One collector for each kernel of the run."""
        for spec in self.specs:
            kernel: KernelCases = KernelCases.from_parent(self, name=spec)
            yield kernel


def wanted(case: Case, options: RunOptions) -> bool:
    """Whether --case and --clause select this case."""
    return _matches(case.name, options.cases) and _matches(case.clause, options.clauses)


def _matches(name: str, globs: tuple[str, ...]) -> bool:
    return not globs or any(fnmatchcase(name, glob) for glob in globs)

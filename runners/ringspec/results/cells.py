"""Folds the executions of a run into cells: kernel x setup x case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ringspec.judge.rules import KINDS, SEVERITY
from ringspec.model import SETUPS, Result


@dataclass(frozen=True)
class Cell:
    """What one case came to in one setup of one kernel: the worst of its repeats.

    `worst` is the execution that gave the verdict; `unstable` means that the repeats disagree.
    """

    results: tuple[Result, ...]
    worst: Result
    verdict: str

    @property
    def spec(self) -> str:
        return self.worst.spec

    @property
    def setup(self) -> str:
        return self.worst.setup

    @property
    def case(self) -> str:
        return self.worst.case

    @property
    def clause(self) -> str:
        return self.worst.clause

    @property
    def ok(self) -> bool:
        return KINDS[self.verdict].ok

    @property
    def environment(self) -> bool:
        return KINDS[self.verdict].environment

    @property
    def known_issue(self) -> str | None:
        """The known issue of a cell all of whose red executions have one."""
        red = [result for result in self.results if not KINDS[result.verdict].ok]
        if any(result.known_issue is None for result in red):
            return None
        return self.worst.known_issue

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The different outcomes of the repeats."""
        return tuple(sorted({result.outcome for result in self.results}))

    @property
    def violations(self) -> tuple[str, ...]:
        """The invariants that any of the repeats broke."""
        return tuple(sorted({name for result in self.results for name in result.violations}))


def fold(results: Iterable[Result]) -> tuple[Cell, ...]:
    """All cells, in the order in which their first execution was ordered."""
    groups: dict[tuple[str, str, str], list[Result]] = {}
    for result in results:
        groups.setdefault((result.spec, result.setup, result.case), []).append(result)
    return tuple(_cell(group) for group in groups.values())


def ordered(cells: Iterable[Cell], specs: Iterable[str], cases: Iterable[str]) -> tuple[Cell, ...]:
    """The cells by kernel, case (in the order of the manifest) and setup."""
    kernel = {spec: rank for rank, spec in enumerate(specs)}
    case = {name: rank for rank, name in enumerate(cases)}
    setup = {name: rank for rank, name in enumerate(SETUPS)}
    return tuple(
        sorted(
            cells,
            key=lambda cell: (
                kernel.get(cell.spec, len(kernel)),
                case.get(cell.case, len(case)),
                setup[cell.setup],
            ),
        )
    )


def _cell(group: list[Result]) -> Cell:
    counted = tuple(group) if len(group) == 1 else _without_retried(group)
    worst = min(counted, key=lambda result: SEVERITY[result.verdict])
    verdicts = {result.verdict for result in counted}
    return Cell(counted, worst, worst.verdict if len(verdicts) == 1 else "unstable")


def _without_retried(group: list[Result]) -> tuple[Result, ...]:
    """Leaves out environment failures that a later attempt replaced."""
    last: dict[int, int] = {}
    for result in group:
        last[result.repeat] = max(last.get(result.repeat, 0), result.attempt)
    return tuple(
        result
        for result in group
        if result.attempt == last[result.repeat] or not KINDS[result.verdict].environment
    )

"""From observation to judged result: judges, annotates, writes down, says whether the gate minds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ringspec.gate.baseline import Baseline
from ringspec.judge.known_issues import KnownIssues
from ringspec.judge.rules import KINDS
from ringspec.judge.verdicts import result_of
from ringspec.model import Case, Clause, Facts, Kernel, Observation, Result
from ringspec.promises.clauses import invariants
from ringspec.results.store import RunWriter


@dataclass(frozen=True)
class Judged:
    """One execution's result.  `red`: something in it breaks a promise or the environment failed;
    `allowed`: red, but no reason to fail the run."""

    result: Result
    red: bool
    allowed: bool
    environment: bool


class Recorder:
    """Keeps the run directory of one run."""

    def __init__(
        self,
        writer: RunWriter,
        cases: Iterable[Case],
        clauses: Mapping[str, Clause],
        known: KnownIssues,
        baseline: Baseline,
        gate: bool,
    ) -> None:
        self.writer = writer
        self._cases = {case.name: case for case in cases}
        self._clauses = clauses
        self._invariants = invariants(clauses)
        self._known = known
        self._baseline = baseline
        self._gate = gate
        self._facts: dict[str, Facts] = {}

    def learned(self, kernel: Kernel, facts: Facts) -> None:
        """The kernel said about itself."""
        self._facts[kernel.spec] = facts
        self.writer.kernel(kernel, facts)

    def machines(self) -> dict[str, object]:
        """What the VMs of the run turned out to be, where they agree."""
        vms = [facts.vm for facts in self._facts.values() if facts.vm.get("qemu")]
        found = {"accel": "accel", "vcpus": "cpus"}
        agreed = {name: {vm.get(key) for vm in vms} for name, key in found.items()}
        return {name: values.pop() for name, values in agreed.items() if len(values) == 1}

    def judge(self, kernel: Kernel, observation: Observation) -> Judged:
        """The result of an observation; it is in the run directory when this returns."""
        case = self._cases[observation.execution.case]
        result = self._known.annotate(
            result_of(
                case,
                self._clauses[case.clause],
                observation,
                self._facts.get(kernel.spec),
                kernel,
            ),
            self._invariants,
        )
        self.writer.result(result, observation)
        kind = KINDS[result.verdict]
        red = not kind.ok or bool(result.violations)
        excused = (
            not self._gate or bool(result.known_issue) or (red and self._baseline.was_so(result))
        )
        allowed = red and not kind.environment and excused
        return Judged(result, red, allowed, kind.environment)

"""What an earlier run was already red about, asked for each result as it comes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ringspec.compare.pairing import PairError, pair, specs_of
from ringspec.model import Result
from ringspec.results.cells import Cell, fold
from ringspec.results.runformat import StoreError
from ringspec.results.store import Run, load_run
from ringspec.run.options import UsageProblem


class Baseline:
    """An earlier run, or none."""

    def __init__(self, path: Path | None, specs: Sequence[str]) -> None:
        self.run: Run | None = None
        self._cells: dict[tuple[str, str, str], Cell] = {}
        if path is None:
            return
        try:
            self.run = load_run(path)
            new_name = {old: new for new, old in pair(specs, specs_of(self.run.results))}
        except StoreError as error:
            raise UsageProblem(f"--baseline {error}") from error
        except PairError:  # the gate says so at the end
            return
        for cell in fold(self.run.results):
            if cell.spec in new_name:
                self._cells[new_name[cell.spec], cell.setup, cell.case] = cell

    def was_so(self, result: Result) -> bool:
        """Whether this was red before, with the same verdict and outcome and nothing else broken."""
        cell = self._cells.get((result.spec, result.setup, result.case))
        if cell is None or cell.verdict != result.verdict or result.outcome not in cell.outcomes:
            return False
        return set(result.violations) <= {name for old in cell.results for name in old.violations}

"""What is printed when a run has ended."""

from __future__ import annotations

from ringspec.gate import text as gate_text
from ringspec.gate.check import Gate
from ringspec.report.terminal import print_matrix
from ringspec.results import repeats
from ringspec.results.store import Run


def tell(loaded: Run, gate: Gate | None) -> None:
    """The matrix, what the gate says, and where to read on."""
    out = loaded.path
    print_matrix(loaded)
    repeats.print_repeats(loaded)
    if gate is not None:
        text = gate_text.render(gate, out)
        in_matrix = all(problem.cell for problem in gate.problems)
        print("\n" + (text.splitlines()[-1] if in_matrix else text.rstrip()))
    print(f"\nrun directory: {out}")
    print(f"to read more:  ringspec gate {out}; ringspec report {out} --html {out}/report.html")

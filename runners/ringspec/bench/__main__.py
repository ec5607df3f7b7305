"""`ci/bench [--quick] [--liburing DIR] [--print]`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from ringspec.arch import native
from ringspec.bench import liburing
from ringspec.bench.cost import CommandFailed
from ringspec.bench.page import put, table
from ringspec.bench.plan import FULL, QUICK, Lab, measure
from ringspec.errors import ENVIRONMENT, USAGE
from ringspec.guest import GuestError
from ringspec.guest.qemu import installed_qemu
from ringspec.kernels import KernelError
from ringspec.promises.manifest import load_manifest
from ringspec.results.provenance import now
from ringspec.run.options import ROOT, RunOptions, UsageProblem

_PAGE = ROOT / "docs" / "performance.md"
# Of everything else, while it is measured.
_BUSY = 0.5


def main() -> int:
    """Measures, and writes the table."""
    parser = argparse.ArgumentParser(prog="ci/bench", description="what a run costs")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, one round")
    parser.add_argument("--liburing", type=Path, metavar="DIR", help="a build of liburing")
    parser.add_argument("--print", action="store_true", help="do not write docs/performance.md")
    arguments = parser.parse_args()
    started, load = time.monotonic(), os.getloadavg()[0]

    def say(text: str) -> None:
        print(f"ci/bench: {time.monotonic() - started:4.0f} s  {text}", file=sys.stderr, flush=True)

    if load > _BUSY:
        say(f"the load of this machine is {load:.1f}: ratios suffer less from that than seconds")
    try:
        if arguments.liburing:
            liburing.programs(arguments.liburing)  # rather missed now than in three minutes
        cases = [
            case.name
            for case in load_manifest(RunOptions.build / "cases.json")
            if case.axis == "kernel"
        ]
        size = QUICK if arguments.quick else FULL
        with Lab(cases, size, say) as lab:
            rows = measure(lab)
            notes = _notes(size.rounds, load)
            if arguments.liburing:
                rows.append(liburing.compare(lab, arguments.liburing))
                notes.append(f"liburing: {liburing.revision(arguments.liburing)}.")
            else:
                say("liburing's own tests: left out, --liburing DIR names a build of them")
        text = table(rows, notes)
        if arguments.print:
            print(text, end="")
        else:
            put(_PAGE, text)
            say(f"written into {_PAGE.relative_to(ROOT)}")
    except (UsageProblem, KernelError) as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return USAGE
    except (CommandFailed, GuestError) as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return ENVIRONMENT
    return 0


def _notes(rounds: int, load: float) -> list[str]:
    qemu = installed_qemu(native()).version
    return [
        f"Measured by `ci/bench` at {now()}: {len(os.sched_getaffinity(0))} cores, QEMU {qemu}, load "
        f"{load:.1f} before it began, medians of {rounds}."
    ]


if __name__ == "__main__":
    sys.exit(main())

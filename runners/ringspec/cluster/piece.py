"""One piece of an order, worked off by a process of its own on the machine of a worker.

The piece comes as one line of JSON on stdin, events leave as lines on stdout (wire.py).  The end of
stdin, which is also the death of the worker, stops it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TextIO

from ringspec.arch import ARCHES
from ringspec.cache.directory import cache_dir
from ringspec.cluster.wire import encode
from ringspec.guest import GuestError, MachineOptions, VirtualMachine
from ringspec.model import Event, Execution, Kernel
from ringspec.run.options import RunOptions


def describe(kernel: Kernel, order: tuple[Execution, ...], options: RunOptions) -> dict[str, Any]:
    """What a worker has to know of a piece, beside the files."""
    return {
        "kernel": {**asdict(kernel), "image": None},
        "order": [asdict(execution) for execution in order],
        "arch": options.arch.name,
        "clock": options.clock,
        "accel": options.accel,
        "vcpus": options.vcpus,
        "append": options.append,
        "seed": options.seed,
    }


def main() -> int:
    """Reads, works off, tells; the last line says how it ended."""
    piece = json.loads(sys.stdin.readline())
    with tempfile.NamedTemporaryFile(prefix="ringspec-console-", suffix=".log") as file:
        console = Path(file.name)
        teller = _Teller(sys.stdout, console)
        machine = VirtualMachine(_machine_options(piece, console))
        threading.Thread(target=_stop_at_end, args=(sys.stdin, machine.stop), daemon=True).start()
        kernel = replace(Kernel(**piece["kernel"]), image=Path(piece["image"]))
        order = tuple(Execution(**execution) for execution in piece["order"])
        try:
            machine.run(kernel, order, teller.event)
            error = ""
        except GuestError as failed:
            error = f"{type(failed).__name__}: {failed}"
        except Exception as failed:  # whatever it is, the run has to hear about it
            error = "".join(traceback.format_exception(failed))
        teller.ended(error)
    return 0


def _machine_options(piece: Mapping[str, Any], console: Path) -> MachineOptions:
    return MachineOptions(
        binary=Path(piece["binary"]),
        arch=ARCHES[piece["arch"]],
        console=console,
        cache=cache_dir(),
        clock=piece["clock"],
        accel=piece["accel"],
        vcpus=piece["vcpus"],
        append=piece["append"],
        seed=piece["seed"],
    )


def _stop_at_end(orders: TextIO, stop: Callable[[], None]) -> None:
    orders.read()
    stop()


class _Teller:
    """Events, and what the console has got in the meantime, in the order in which they came."""

    def __init__(self, out: TextIO, console: Path) -> None:
        self._out = out
        self._console = console.open(encoding="utf-8", errors="replace")

    def event(self, event: Event) -> None:
        self._console_so_far()
        self._line(encode(event))

    def ended(self, error: str) -> None:
        self._console_so_far()
        self._line(json.dumps({"ended": error}))
        self._console.close()

    def _console_so_far(self) -> None:
        if said := self._console.read():
            self._line(json.dumps({"console": said}))

    def _line(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()


if __name__ == "__main__":
    sys.exit(main())

"""A machine that replays what was recorded in a file, and the pytest plugin that puts it in.

For tests of everything above machines; looks in the current directory for <spec>.json, else for
recording.json:

    {"facts": {...}, "observations": {"Suite.Name[setup]": {"status": "ran", "holds": true, ...}},
     "default": {...}, "fails": "QEMU went away", "fails_after": 3}
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ringspec.kernels import ArchiveUnreachable, SeriesGone, UnknownSpec
from ringspec.model import Begun, Clause, Event, Execution, Facts, Kernel, Observation
from ringspec.run.options import RunOptions

FACTS: dict[str, Any] = {
    "release": "6.12.0-recorded",
    "uname_version": "#1",
    "machine": "x86_64",
    "cpus": 2,
    "probes": {},
    "setups": {"default": "ok", "defer": "ok", "coop": "ok", "sqpoll": "ok"},
    "calibration": {},
}
HELD: dict[str, Any] = {"status": "ran", "holds": True, "outcome": "cancel=0"}


class RecordedMachine:
    """Answers each execution with the recorded observation of its case and setup."""

    def __init__(self, recording: Path) -> None:
        self._recorded = json.loads(recording.read_text())
        self._stopped = threading.Event()

    def run(
        self, kernel: Kernel, order: tuple[Execution, ...], sink: Callable[[Event], None]
    ) -> None:
        """Replays; `waits` is a case that never answers, until stop()."""
        recorded = self._recorded
        sink(Facts(**{**FACTS, **recorded.get("facts", {})}))
        observations = recorded.get("observations", {})
        for number, execution in enumerate(order):
            if number >= recorded.get("fails_after", len(order)):
                raise RuntimeError(recorded["fails"])
            sink(Begun(execution))
            name = f"{execution.case}[{execution.setup}]"
            if recorded.get("waits") == name:
                self._stopped.wait()
                return
            answer = observations.get(name, recorded.get("default", HELD))
            if isinstance(answer, list):
                answer = answer[execution.repeat % len(answer)]
            sink(Observation(execution, **answer))

    def stop(self) -> None:
        """Lets a waiting run() go."""
        self._stopped.set()


def pytest_ringspec_clauses() -> dict[str, Clause]:
    """Two promises."""
    cancel = Clause("CANCEL-UD-01", "async_cancel", "One ends.", "a page", "must", since="5.5")
    expiry = Clause("TIMEOUT-ETIME-01", "timeout", "It expires.", "a page", "must", since="5.4")
    return {clause.id: clause for clause in (cancel, expiry)}


def pytest_ringspec_kernel(spec: str, options: RunOptions) -> Kernel:
    """Every spec resolves, but for one of each way to fail."""
    if spec == "debian:6.13":
        raise SeriesGone(spec, "6.13", ["6.12"])
    if spec == "debain:6.12":
        raise UnknownSpec(spec, "neither host, nor debian:..., nor a file", ["debian:6.12"])
    if spec == "debian:6.99":
        raise ArchiveUnreachable("no mirror answers, and the cache does not hold debian:6.99")
    return Kernel(spec, f"{spec}.1", "6.12.1", image=None if spec == "host" else Path("image"))


def pytest_ringspec_machine(kernel: Kernel, options: RunOptions) -> RecordedMachine:
    """The kernel's own recording, else the one for all."""
    own = Path(f"{kernel.spec.replace(':', '-')}.json")
    return RecordedMachine(own if own.exists() else Path("recording.json"))

"""What a machine is to be like."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ringspec.arch import Arch, native

# Guest time that a case may take, by clock.  The longest case waits for a few completions in vain, each
# for 5 s of virtual or 1 s of real time; in real time a busy host comes on top.
_CASE_LIMITS_MS = {"virtual": 20_000, "real": 10_000}


@dataclass(frozen=True)
class MachineOptions:
    """`binary` is ringspec-cases; `console` the file that takes the kernel log, if wanted.

    Without `cache` nothing is remembered: every machine boots cold, every host is tried anew.
    """

    binary: Path
    arch: Arch = field(default_factory=native)
    console: Path | None = None
    cache: Path | None = None
    clock: str = "virtual"
    accel: str = "auto"
    vcpus: int = 0  # 0: what suits the clock
    append: str = ""
    seed: int = 0
    trace_all: bool = False
    case_limit_ms: int = 0  # 0: what suits the clock
    # Real time without a word from a machine at work.  A case that spins for its whole limit in
    # virtual time needs 10 s of it on an idle host.
    patience_s: float = 60.0
    boot_limit_s: float = 120.0
    memory_mb: int = 256
    # Where QEMU listens for a debugger ("tcp:127.0.0.1:1234"), which also lets the guest go.
    debugger: str = ""

    @property
    def limit_ms(self) -> int:
        """Guest time that a case may take."""
        return self.case_limit_ms or _CASE_LIMITS_MS[self.clock]

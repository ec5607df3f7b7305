"""The ways in which a machine can fail its user, one class each."""

from __future__ import annotations

from ringspec.errors import ENVIRONMENT, USAGE, Problem


class GuestError(Problem):
    """Something around the kernel under test failed; the text says what to do."""

    exit_code = ENVIRONMENT


class QemuMissing(GuestError):
    def __init__(self, program: str, package: str) -> None:
        super().__init__(
            f"{program} is not installed (looked in $PATH). "
            f"Install it (Debian: apt-get install {package}), or use --kernel host."
        )


class QemuRefused(GuestError):
    """QEMU ended before a guest could run: a wrong option, no memory, no accelerator."""


class BootFailed(GuestError):
    """The kernel did not come as far as waiting for its first order."""

    def __init__(self, why: str, console_tail: str) -> None:
        lines = "\n".join(f"    {line}" for line in console_tail.splitlines()[-15:])
        super().__init__(f"{why}\n  last lines of its console:\n{lines or '    (nothing)'}")


class UsageError(GuestError):
    """Options that contradict each other."""

    exit_code = USAGE


class Stopped(GuestError):
    """Somebody called stop() while the machine was at work."""


class SessionLost(Exception):
    """The serving side went away, or stopped talking, in the middle of an order.

    `silent`: it is still there but says nothing; otherwise it is gone or talks nonsense.
    """

    def __init__(self, why: str, *, silent: bool = False) -> None:
        super().__init__(why)
        self.silent = silent

"""Child processes that cannot outlive their parent."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from ringspec.guest.errors import QemuMissing

_NOBODY = 65534
_KVM = Path("/dev/kvm")


class Process:
    """A program that dies with the thread that started it, whatever ends that thread.

    `setpriv` (util-linux) asks the kernel for that between fork and exec, where running Python
    would not be safe in a program with threads.  `untrusted`: it gets nothing that a root who starts
    it has, but KVM.
    """

    def __init__(
        self,
        command: Sequence[str],
        pass_fds: Sequence[int] = (),
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
        *,
        untrusted: bool = False,
    ) -> None:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise QemuMissing("setpriv", "util-linux")
        self._errors: IO[bytes] = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [
                *(setpriv, "--pdeathsig", "KILL", "--no-new-privs"),
                *(_as_nobody() if untrusted and os.geteuid() == 0 else ()),
                *("--", *command),
            ],
            pass_fds=pass_fds,
            stdin=stdin,
            stdout=stdout,
            stderr=self._errors,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def wait(self, limit_s: float) -> bool:
        """Whether it ended by itself within the limit."""
        try:
            self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def complaint(self, longest: int = 2000) -> str:
        """The beginning of what it wrote to stderr."""
        self._errors.seek(0)
        return self._errors.read(longest).decode("utf-8", "replace").strip()

    def end(self) -> None:
        """Gone when this returns."""
        self._process.kill()
        self._process.wait()
        self._errors.close()


def _as_nobody() -> tuple[str, ...]:
    """setpriv's arguments for a root that gives everything up."""
    kvm = (f"--groups={_KVM.stat().st_gid}",) if _KVM.exists() else ("--clear-groups",)
    return (f"--reuid={_NOBODY}", f"--regid={_NOBODY}", *kvm, "--bounding-set=-all")

"""`ringspec shell` on a real terminal, with a real kernel behind it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from guest_lab import BUILD, SPEC, a_kernel
from ringspec.cli import main
from ringspec.guest import shell

# A boot under TCG on a host with other work to do.
LIMIT_S = 120.0


class Terminal:
    """Somebody who types and reads."""

    def __init__(self, *command: str) -> None:
        ours, theirs = pty.openpty()
        self._terminal = ours
        self.text = ""
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)

    def read_until(self, wanted: str) -> str:
        """All that came up to this text; what is behind it stays."""
        end = time.monotonic() + LIMIT_S
        while wanted not in self.text:
            left = end - time.monotonic()
            assert left > 0 and select.select([self._terminal], [], [], left)[0], self.text
            self.text += os.read(self._terminal, 4096).decode(errors="replace")
        before, _, self.text = self.text.partition(wanted)
        return before

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._terminal)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    a_kernel()
    there = Terminal(
        *(sys.executable, "-m", "ringspec", "shell", "--kernel", SPEC, "--build", str(BUILD))
    )
    yield there
    there.close()


def test_a_case_runs_in_a_shell_on_the_kernel(terminal: Terminal) -> None:
    greeting = terminal.read_until("\n# ")
    assert "Linux 6.12." in greeting
    terminal.type("ringspec-cases --gtest_filter=Timeout.* --gtest_list_tests | head -n 1\n")
    assert "Timeout." in terminal.read_until("\n# ").splitlines()[1:]
    terminal.type("echo $((6 * 7)); ls /proc/self/fd >/dev/null && ip link | grep -c LOOPBACK\n")
    assert terminal.read_until("\n# ").split()[-2:] == ["42", "1"]
    terminal.type("exit\n")
    assert terminal.process.wait(LIMIT_S) == 0


def test_ctrl_c_is_the_guests_and_ctrl_a_x_ends_it(terminal: Terminal) -> None:
    terminal.read_until("\n# ")
    terminal.type("sh -c 'echo started; exec sleep 1000'\n")
    terminal.read_until("\nstarted")
    terminal.type("\x03")
    terminal.read_until("\n# ")
    terminal.type("\x01x")
    assert terminal.process.wait(LIMIT_S) == 0


def test_busybox_has_to_be_static(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shell, "_BUSYBOX", Path("/bin/true"))
    a_kernel()
    assert main(["shell", "--kernel", SPEC, "--build", str(BUILD)]) == 4
    assert "install the package busybox-static" in capsys.readouterr().err


def test_the_running_kernel_needs_no_guest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["shell", "--kernel", "host", "--build", str(BUILD)]) == 4
    assert "has a shell already" in capsys.readouterr().err

"""The few words of QEMU's machine protocol that are needed here (docs/interop/qmp-spec)."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from typing import Any

from ringspec.guest.channel import LineSplitter
from ringspec.guest.errors import QemuRefused

_ANSWER_LIMIT_S = 30.0
_POLL_S = 0.005


class Control:
    """One guest's control channel."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._splitter = LineSplitter()
        self._lines: list[bytes] = []
        self._greeted = False

    def execute(self, command: str, *, limit_s: float = _ANSWER_LIMIT_S, **arguments: Any) -> Any:
        self._channel.settimeout(limit_s)
        if not self._greeted:
            self._greeted = True
            self._next_line()
            self.execute("qmp_capabilities")
        request = {"execute": command, "arguments": arguments}
        try:
            self._channel.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise QemuRefused(f"QEMU is gone: {error}") from error
        return self._answer(command)

    def _answer(self, command: str) -> Any:
        while True:
            answer: Mapping[str, Any] = json.loads(self._next_line())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise QemuRefused(f"{command}: {answer['error'].get('desc')}")

    def add_descriptor(self, fdset: int, descriptor: int) -> None:
        """Hands QEMU an open file, which it then calls /dev/fdset/N."""
        request = {"execute": "add-fd", "arguments": {"fdset-id": fdset}}
        socket.send_fds(self._channel, [json.dumps(request).encode() + b"\n"], [descriptor])
        self._answer("add-fd")

    def await_status(self, command: str, wanted: str, failures: frozenset[str]) -> None:
        """Asks until `status` is the wanted one."""
        end = time.monotonic() + _ANSWER_LIMIT_S
        while time.monotonic() < end:
            answer = self.execute(command)
            status = answer.get("status")
            if status == wanted:
                return
            if status in failures:
                raise QemuRefused(f"{command}: {answer.get('error-desc', status)}")
            time.sleep(_POLL_S)
        raise QemuRefused(f"{command}: not {wanted} within {_ANSWER_LIMIT_S:.0f} s")

    def _next_line(self) -> bytes:
        while not self._lines:
            try:
                data = self._channel.recv(65536)
            except OSError as error:
                raise QemuRefused(f"QEMU does not answer: {error}") from error
            if not data:
                raise QemuRefused("QEMU ended")
            self._lines += self._splitter.feed(data)
        return self._lines.pop(0)

"""How another thread ends a wait."""

from __future__ import annotations

import socket

from ringspec.guest.errors import Stopped


class StopFlag:
    """Set once, from any thread; has a file descriptor, so that select() wakes up from it."""

    def __init__(self) -> None:
        self._theirs, self._ours = socket.socketpair()

    def set(self) -> None:
        self._ours.close()

    def fileno(self) -> int:
        return self._theirs.fileno()

    def stop_here(self) -> None:
        """For the waiter that select() woke."""
        raise Stopped("stopped by the user")

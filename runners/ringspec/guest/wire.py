"""The host's ends of a serving process: messages from one channel, the console from another."""

from __future__ import annotations

import os
import select
import time
from collections import deque
from collections.abc import Mapping

from ringspec.guest.channel import LineSplitter, LineTooLong
from ringspec.guest.console import ConsoleWatcher
from ringspec.guest.errors import SessionLost
from ringspec.guest.protocol import Garbled, Message, parse_message
from ringspec.guest.stopping import StopFlag
from ringspec.guest.window import Window, WindowBroken

_READ = 256 * 1024
_READS_AT_ONCE = 16
# A guest rings the bell when it is done or its window is full: progress is looked for.
_LOOK_EVERY_S = 0.05


class Wire:
    """Waits for both channels at once, so that a talkative console cannot block a guest."""

    def __init__(
        self,
        events: int,
        stop: StopFlag,
        console: int | None = None,
        watcher: ConsoleWatcher | None = None,
        window: Window | None = None,
    ) -> None:
        self._events = events
        self._stop = stop
        self._console = console
        self._watcher = watcher
        self._window = window
        self._splitter = LineSplitter()
        self._messages: deque[Message] = deque()
        # Why there will be no more messages than those.
        self._lost: SessionLost | None = None

    def next(self, patience_s: float) -> Message:
        """The next message; SessionLost if there is none in time, no more, or nonsense."""
        end = time.monotonic() + patience_s
        while not self._messages:
            if self._lost is not None:
                raise self._lost
            left = end - time.monotonic()
            if left <= 0:
                raise SessionLost(f"no word for {patience_s:.0f} s", silent=True)
            self._wait(left)
        return self._messages.popleft()

    def listen(self, limit_s: float) -> None:
        """Reads what the console says until it ends."""
        end = time.monotonic() + limit_s
        while self._console is not None and (left := end - time.monotonic()) > 0:
            if select.select([self._console], [], [], left)[0]:
                self._read_console()
        self.drain()

    def drain(self) -> None:
        """Reads what the console still holds; for a guest that is gone or given up."""
        self._catch_up_with_console()
        if self._watcher:
            self._watcher.finish()

    def _wait(self, limit_s: float) -> None:
        watched = [self._events, self._stop]
        if self._console is not None:
            watched.append(self._console)
        if self._window:
            limit_s = min(limit_s, _LOOK_EVERY_S)
        ready, _, _ = select.select(watched, [], [], limit_s)
        if self._stop in ready:
            self._stop.stop_here()
        self._catch_up_with_console()
        self._read_events(rung=self._events in ready)

    def _catch_up_with_console(self) -> None:
        """Bounded, for the sake of a guest that never stops talking."""
        for _ in range(_READS_AT_ONCE):
            if self._console is None or not select.select([self._console], [], [], 0)[0]:
                return
            self._read_console()

    def _read_console(self) -> None:
        assert self._console is not None and self._watcher is not None
        data = _read(self._console)
        self._watcher.feed(data)
        if not data:
            self._console = None

    def _read_events(self, *, rung: bool) -> None:
        data = _read(self._events) if rung else b""
        gone = rung and not data
        try:
            if self._window:  # What came on the descriptor was the bell.
                data = self._window.take_events()
            for line in self._splitter.feed(data):
                self._messages.append(parse_message(line))
        except (Garbled, LineTooLong, WindowBroken) as error:
            self._lost = SessionLost(f"its event channel is garbled: {error}")
        if gone and self._lost is None:
            self._lost = SessionLost("the machine is gone")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _READ)
    except ConnectionResetError:
        return b""


def await_ready(wire: Wire, limit_s: float) -> Mapping[str, Message]:
    """What the serving side says about its kernel before it waits for orders, by event."""
    said: dict[str, Message] = {}
    while "ready" not in said:
        message = wire.next(limit_s)
        said[message["event"]] = message
        if message["event"] == "failed":
            raise SessionLost(f"{message.get('step')}: {message.get('message')}")
    return said

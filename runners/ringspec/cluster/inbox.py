"""From the run's queue on the scheduler to whoever waits for it here."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from typing import Any

# Between two looks at the cluster while nothing comes.
_LOOK_S = 1.0


class Inboxes:
    """One inbox for each piece that is under way, filled by one thread.

    `alive` is asked now and then; a text is why nothing will ever come any more.  Everybody who waits
    gets that as a `str` then.
    """

    def __init__(self, queue: Any, alive: Callable[[], str]) -> None:
        self._queue = queue
        self._alive = alive
        self._open: dict[str, SimpleQueue[Any]] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self.broken = ""
        self._thread = threading.Thread(target=self._pump, name="ringspec-cluster", daemon=True)
        self._thread.start()

    def open(self, name: str) -> SimpleQueue[Any]:
        """The inbox of this name, empty."""
        with self._lock:
            inbox: SimpleQueue[Any] = SimpleQueue()
            self._open[name] = inbox
            if self.broken:
                inbox.put(self.broken)
            return inbox

    def shut(self, name: str) -> None:
        """What comes for it from now on is nobody's."""
        with self._lock:
            self._open.pop(name, None)

    def give_up(self, why: str) -> None:
        """Nothing will come any more."""
        with self._lock:
            if self.broken:
                return
            self.broken = why
            for inbox in self._open.values():
                inbox.put(why)

    def close(self) -> None:
        """Ends the thread."""
        self._over.set()
        self._thread.join(5 * _LOOK_S)

    def _pump(self) -> None:
        looked = time.monotonic()
        while not self._over.is_set() and not self.broken:
            if time.monotonic() - looked > _LOOK_S:
                looked = time.monotonic()
                if why := self._alive():
                    self.give_up(why)
            try:
                batches = [self._queue.get(timeout=_LOOK_S), *self._queue.get(batch=True)]
            except (TimeoutError, asyncio.TimeoutError):
                continue
            except Exception as error:  # whatever Dask makes of a scheduler that is gone
                if not self._over.is_set():
                    self.give_up(f"the scheduler does not answer any more ({type(error).__name__})")
                return
            for batch in batches:
                self._deliver(batch)

    def _deliver(self, batch: Mapping[str, Any]) -> None:
        with self._lock:
            if inbox := self._open.get(batch["job"]):
                inbox.put(batch)

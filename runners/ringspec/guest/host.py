"""The running kernel, without a VM."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

from ringspec.guest.errors import BootFailed, SessionLost
from ringspec.guest.options import MachineOptions
from ringspec.guest.orderrun import OrderRun
from ringspec.guest.process import Process
from ringspec.guest.protocol import Message, facts_of, order_text, taint_of
from ringspec.guest.stopping import StopFlag
from ringspec.guest.wire import Wire, await_ready
from ringspec.model import Event, Execution, Facts, Kernel

T = TypeVar("T")

# In real time nearly every case waits for a timer nearly all the time: 2,100 executions wait for 390 s
# and keep a core busy for 10 s.
LANES_PER_CORE = 24


class HostMachine:
    """Runs orders in child processes: no console, no privileges beyond those of the user.

    `lanes`: how many serving processes share an order.
    """

    def __init__(self, options: MachineOptions, lanes: int = 1) -> None:
        self._options = options
        self._lanes = lanes
        self._stop = StopFlag()

    def stop(self) -> None:
        """From any thread: ends what run() waits for; run() raises Stopped."""
        self._stop.set()

    def run(
        self, kernel: Kernel, order: tuple[Execution, ...], sink: Callable[[Event], None]
    ) -> None:
        shared = _SharedSink(sink)
        # A case of several setups takes equally long in each: neighbours go to different lanes.
        spread = [one for lane in range(self._lanes) for one in order[lane :: self._lanes]]
        batches: SimpleQueue[Sequence[Execution]] = SimpleQueue()
        for batch in _shares(spread, self._lanes):
            batches.put(batch)
        with ThreadPoolExecutor(self._lanes, "ringspec-lane") as pool:
            lanes = [pool.submit(self._run_lane, batches, shared) for _ in range(self._lanes)]
            ended, running = wait(lanes, return_when=FIRST_EXCEPTION)
            if running:
                self.stop()
        for lane in ended:
            lane.result()

    def _run_lane(
        self, batches: SimpleQueue[Sequence[Execution]], sink: Callable[[Event], None]
    ) -> None:
        # Each case has a process to itself anyway, and there is no other kernel to try it on.
        OrderRun(self.open, sink, confirms=False).run(_taken_from(batches))

    def open(self) -> HostSession:
        """A serving process, for whoever has orders of his own."""
        return HostSession(self._options, self._stop)


def _shares(order: Sequence[Execution], lanes: int) -> Iterator[Sequence[Execution]]:
    """An order in batches that get smaller, so that all lanes end together: each is a lane's share of
    half of what is left."""
    first = 0
    while first < len(order):
        size = max(1, (len(order) - first) // (2 * lanes))
        yield order[first : first + size]
        first += size


def _taken_from(queue: SimpleQueue[T]) -> Iterator[T]:
    """Until it is empty, whoever else takes from it."""
    with suppress(Empty):
        while True:
            yield queue.get_nowait()


class _SharedSink:
    """The lanes' way to the sink: one event at a time, and one introduction."""

    def __init__(self, sink: Callable[[Event], None]) -> None:
        self._sink = sink
        self._lock = threading.Lock()
        self._introduced = False

    def __call__(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, Facts):
                if self._introduced:
                    return
                self._introduced = True
            self._sink(event)


class HostSession:
    """One serving process; all that it started goes with it."""

    def __init__(self, options: MachineOptions, stop: StopFlag) -> None:
        self._options = options
        theirs_orders, self._orders = os.pipe()
        self._events, theirs_events = os.pipe()
        self._process = Process(
            [str(options.binary), "--serve"], stdin=theirs_orders, stdout=theirs_events
        )
        os.close(theirs_orders)
        os.close(theirs_events)
        self._wire = Wire(self._events, stop)
        try:
            said = await_ready(self._wire, options.boot_limit_s)
            self.facts = facts_of(said, {"clock": "real", "cpus": os.cpu_count()})
            self.taint = taint_of(said["hello"])
        except SessionLost as lost:
            words = self._process.complaint()
            self.close()
            raise BootFailed(f"{options.binary} --serve did not get ready: {lost}", words) from lost
        except BaseException:
            self.close()
            raise

    def submit(self, executions: Sequence[Execution]) -> None:
        self.send(order_text(executions, self._options))

    def send(self, order: bytes) -> None:
        try:
            os.write(self._orders, order)
        except BrokenPipeError as error:
            raise SessionLost("the serving process is gone") from error

    def next(self) -> Message:
        return self._wire.next(self._options.patience_s)

    def last_complaint(self) -> str:
        """A host's kernel log belongs to the host."""
        return ""

    def interrogate(self) -> str:
        """Nothing that a user may ask a kernel."""
        return ""

    def note(self, text: str) -> None:
        """There is no console log to add it to."""

    def tail(self) -> str:
        return self._process.complaint()

    def close(self) -> None:
        self._process.end()
        os.close(self._orders)
        os.close(self._events)

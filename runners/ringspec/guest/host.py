"""The running kernel, without a VM."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

from ringspec.guest.errors import BootFailed, SessionLost
from ringspec.guest.options import MachineOptions
from ringspec.guest.orderrun import OrderRun, Session
from ringspec.guest.process import Process
from ringspec.guest.protocol import Message, facts_of, order_text, taint_of
from ringspec.guest.stopping import StopFlag
from ringspec.guest.wire import Wire, await_ready
from ringspec.model import Event, Execution, Kernel


class HostMachine:
    """Runs orders in a child process: no console, no privileges beyond those of the user."""

    def __init__(self, options: MachineOptions) -> None:
        self._options = options
        self._stop = StopFlag()

    def stop(self) -> None:
        """From any thread: ends what run() waits for; run() raises Stopped."""
        self._stop.set()

    def run(
        self, kernel: Kernel, order: Iterable[Execution], sink: Callable[[Event], None]
    ) -> None:
        OrderRun(self._open, sink).run(order)

    def _open(self) -> Session:
        return HostSession(self._options, self._stop)


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
        try:
            os.write(self._orders, order_text(executions, self._options))
        except BrokenPipeError as error:
            raise SessionLost("the serving process is gone") from error

    def next(self) -> Message:
        return self._wire.next(self._options.patience_s)

    def last_complaint(self) -> str:
        """A host's kernel log belongs to the host."""
        return ""

    def note(self, text: str) -> None:
        """There is no console log to add it to."""

    def tail(self) -> str:
        return self._process.complaint()

    def close(self) -> None:
        self._process.end()
        os.close(self._orders)
        os.close(self._events)

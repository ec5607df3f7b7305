"""A piece of an order on whichever worker of a cluster takes it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from ringspec.cluster.connect import Cluster, unlike
from ringspec.cluster.errors import ClusterError
from ringspec.cluster.piece import describe
from ringspec.cluster.wire import Decoder
from ringspec.guest.errors import Stopped
from ringspec.judge.rules import KINDS
from ringspec.model import Event, Execution, Kernel, Observation
from ringspec.run.options import RunOptions

# What a worker said before its piece was done is on its way.
_LAST_WORDS_S = 60.0
# Between two looks whether any of the workers that may do a piece is still there.
_LOOK_S = 10.0


class WorkerFailed(ClusterError):
    """The worker's side of a piece ended without the last line."""


class PieceFailed(ClusterError):
    """The machine on the worker could not finish; the text is its own."""


class ClusterMachine:
    """Submits a piece until a worker has done it, and hands on what comes, each answer once.

    Dask gives the piece of a worker that died to another one, which begins it anew: the guest then does
    what it did before, and what was already answered is dropped.
    """

    def __init__(self, cluster: Cluster, options: RunOptions, console: Path) -> None:
        self._cluster = cluster
        self._options = options
        self._console = console
        self._name = uuid.uuid4().hex[:12]
        self._inbox: SimpleQueue[Any] = cluster.inboxes.open(self._name)

    def stop(self) -> None:
        """From any thread: run() raises Stopped."""
        self._inbox.put(Stopped("stopped by the user"))

    def run(
        self, kernel: Kernel, order: tuple[Execution, ...], sink: Callable[[Event], None]
    ) -> None:
        assert kernel.image is not None
        piece = {
            **describe(kernel, order, self._options),
            "qemu": self._cluster.qemu,
            "qemu_program": self._cluster.arch.qemu,
            "files": {
                "image": self._cluster.digest(kernel.image),
                "binary": self._cluster.digest(self._options.binary),
                "code": self._cluster.digest(self._cluster.code),
            },
        }
        try:
            with self._console.open("a", encoding="utf-8") as console:
                record = _Record(Decoder(order), sink, console.write)
                at: str | None = None
                while True:
                    answer = self._turn(piece, at, record)
                    if answer is None:
                        return
                    at = self._help(answer)
        finally:
            self._cluster.inboxes.shut(self._name)

    def _turn(self, piece: dict[str, Any], at: str | None, record: _Record) -> Any:
        """Waits for the end of the piece; returns what the worker lacks if it is not even begun."""
        future, allowed = self._cluster.submit(self._name, piece, at)
        future.add_done_callback(self._inbox.put)
        limit_s = _LOOK_S if allowed else None
        try:
            while True:
                try:
                    came = self._inbox.get(timeout=limit_s)
                except Empty:
                    if not future.done():
                        if set(allowed) & set(self._cluster.workers):
                            continue
                        return {"gone": allowed}
                    raise WorkerFailed("what a worker found out did not arrive here") from None
                if isinstance(came, Exception):
                    raise came
                if isinstance(came, str):
                    raise ClusterError(_lost(self._cluster.address, came))
                if isinstance(came, dict):
                    if record.take(came):
                        return None
                elif came is future:
                    answer = self._answer_of(future)
                    if "turn" not in answer:
                        return answer
                    _check_end(answer)
                    limit_s = _LAST_WORDS_S
        finally:
            self._cluster.cancel(future)

    def _answer_of(self, future: Any) -> dict[str, Any]:
        if future.status == "cancelled":
            why = "the scheduler ended, or forgot the work"
            self._cluster.inboxes.give_up(why)
            raise ClusterError(_lost(self._cluster.address, why))
        try:
            answer: dict[str, Any] = future.result()
        except Exception as error:  # of any class: it happened on another machine
            why = f"{type(error).__name__}: {error}"
            if type(error).__name__ == "KilledWorker":
                why = f"each of the workers that took it died: memory? ({error})"
            raise WorkerFailed(f"the cluster could not do this: {why}") from error
        return answer

    def _help(self, answer: dict[str, Any]) -> str | None:
        """Does something about what a worker lacks; returns the worker to try next."""
        if "gone" in answer:
            return None
        worker: str = answer["at"]
        if "unfit" in answer:
            cluster = self._cluster
            cluster.exclude(worker, unlike(cluster.arch, answer["unfit"], cluster.qemu))
            return None
        try:
            self._cluster.supply(worker, answer["machine"], answer["missing"])
        except ClusterError:
            raise
        except Exception:  # it died in the meantime, in whatever way Dask puts that
            return None
        return worker if worker in self._cluster.workers else None


class _Record:
    """What came of a piece over all its turns."""

    def __init__(
        self, decoder: Decoder, sink: Callable[[Event], None], console: Callable[[str], Any]
    ) -> None:
        self._decoder = decoder
        self._sink = sink
        self._console = console
        self._turn = ""
        self._over: set[str] = set()
        self._settled: set[int] = set()
        self._attempts: dict[int, int] = {}
        self._before: dict[int, int] = {}

    def take(self, batch: dict[str, Any]) -> bool:
        """Hands on the events of a batch; whether the piece is done with that."""
        turn: str = batch["turn"]
        if turn in self._over:  # of a worker that is cut off, or was just slow to die
            return False
        if turn != self._turn:
            self._begin(turn)
        for line in batch["lines"].splitlines():
            told = json.loads(line)
            if "ended" in told:
                if told["ended"]:
                    raise PieceFailed(f"{turn.split()[0]}: {told['ended']}")
                return True
            if "console" in told:
                self._console(told["console"])
            else:
                self._hand_on(self._decoder.event(told))
        return False

    def _begin(self, turn: str) -> None:
        if self._turn:
            self._over.add(self._turn)
            self._console(f"=== the worker was lost; {turn.split()[0]} begins anew ===\n")
        self._turn = turn
        self._before = dict(self._attempts)

    def _hand_on(self, event: Event) -> None:
        if not isinstance(event, Observation):
            self._sink(event)
            return
        execution = event.execution
        if execution.id in self._settled:
            return
        attempt = execution.attempt + self._before.get(execution.id, 0)
        self._attempts[execution.id] = attempt + 1
        if event.status not in KINDS or not KINDS[event.status].environment:
            self._settled.add(execution.id)
        self._sink(replace(event, execution=replace(execution, attempt=attempt)))


def _check_end(answer: dict[str, Any]) -> None:
    """The process on the worker ended by itself, or has something to tell."""
    if answer["code"]:
        why = answer["said"] or f"the process that ran the guest ended with {answer['code']}"
        raise WorkerFailed(f"{answer['at']}: {why}")


def _lost(address: str, why: str) -> str:
    return (
        f"--cluster {address}: {why}. What was done until then is in the run directory; "
        "start the cluster again and run the rest (pytest's --lf), or all"
    )

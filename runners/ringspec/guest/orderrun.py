"""Works off an order on one machine after the other: who is to blame, what is tried again.

A session is one VM or one serving process.  It is given up after a hang, a kernel warning, a panic,
a change of the taint mask or a ring that is not gone, because what runs after that is no evidence any
more (WARN_ONCE would hide the next culprit, and of a ring that stays the kernel warns minutes later);
the rest of the order goes on in a fresh one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ringspec.guest.console import splat_in
from ringspec.guest.errors import BootFailed, SessionLost
from ringspec.guest.protocol import TEARDOWN, Garbled, Message, message_id, observation_of, taint_of
from ringspec.model import Begun, Event, Execution, Facts, Observation

# Cases that ran before a culprit and are named beside it.
_SUSPECTS = 5


class Session(Protocol):
    """A machine that is ready for orders."""

    facts: Facts
    taint: int

    def submit(self, executions: Sequence[Execution]) -> None:
        """Hands it an order."""

    def next(self) -> Message:
        """Its next message; SessionLost if there is none."""

    def last_complaint(self) -> str:
        """What the kernel complained about on its console; for a machine that is gone."""

    def interrogate(self) -> str:
        """Makes a machine that says nothing tell where its CPUs are; it is of no use after that."""

    def note(self, text: str) -> None:
        """Adds to the machine's console log."""

    def tail(self) -> str:
        """The last lines of the kernel log."""

    def close(self) -> None:
        """Nothing of it is left."""


@dataclass(frozen=True)
class _Stretch:
    """What one session came to: all that it did, what it left of its batch, and the last of it if that
    ended the session."""

    done: Sequence[Execution]
    left: Sequence[Execution] = ()
    last: Observation | None = None


class OrderRun:
    """One order, from its first execution to its last observation.

    `confirms`: whoever is to blame for a machine that is given up runs once more, alone.
    """

    def __init__(
        self,
        open_session: Callable[[], Session],
        sink: Callable[[Event], None],
        *,
        confirms: bool = True,
    ) -> None:
        self._open_session = open_session
        self._sink = sink
        self._confirms = confirms
        self._introduced = False

    def run(self, batches: Iterable[Sequence[Execution]]) -> None:
        """Works off one batch after the other; each is asked for when the one before is done."""
        rest = iter(batches)
        pending = next(rest, ())
        while pending:
            stretch = self._spend(pending, rest)
            pending = stretch.left
            if stretch.last is None:
                continue
            if stretch.last.status == "lost" and stretch.last.execution.attempt == 0:
                self._sink(stretch.last)
                pending = (replace(stretch.last.execution, attempt=1), *pending)
            else:
                self._sink(self._blame(stretch))
                pending = pending or next(rest, ())

    def _spend(self, batch: Sequence[Execution], rest: Iterator[Sequence[Execution]]) -> _Stretch:
        """Uses one session for as long as it can be trusted."""
        done: list[Execution] = []
        session = self._open()
        try:
            while batch:
                for number, observation in enumerate(_observations(session, batch, self._sink), 1):
                    done.append(observation.execution)
                    if _spoils(observation):
                        return _Stretch(done, batch[number:], observation)
                    self._sink(observation)
                batch = next(rest, ())
        finally:
            session.close()
        return _Stretch(done)

    def _open(self) -> Session:
        """A boot that dies before its first case is tried once more."""
        try:
            session = self._open_session()
        except BootFailed:
            session = self._open_session()
        if not self._introduced:
            self._introduced = True
            self._sink(session.facts)
        return session

    def _blame(self, stretch: _Stretch) -> Observation:
        """The observation, with what came of running its execution alone."""
        suspect = stretch.last
        assert suspect is not None
        before = stretch.done[:-1][-_SUSPECTS:]
        if not self._confirms or not before or suspect.status == "lost":
            return suspect
        again = self._alone(suspect.execution)
        if again.status == suspect.status and _spoils(again):
            note = "It happened again when this ran alone in a fresh machine."
        else:
            names = ", ".join(f"{one.case} ({one.setup})" for one in before)
            note = (
                f"It did not happen again when this ran alone in a fresh machine ({again.status}); "
                f"before it ran: {names}."
            )
        return replace(suspect, message="\n".join(filter(None, (suspect.message.rstrip(), note))))

    def _alone(self, execution: Execution) -> Observation:
        session = self._open()
        try:
            (observation,) = _observations(session, [execution], lambda event: None)
            return observation
        finally:
            session.close()


def _spoils(observation: Observation) -> bool:
    """Whether its machine is of no use any more."""
    return observation.status in ("hang", "splat", "lost") or TEARDOWN in observation.violations


def _observations(
    session: Session, batch: Sequence[Execution], sink: Callable[[Event], None]
) -> Iterator[Observation]:
    """One for each execution, until one of them says that the session is done for."""
    try:
        session.submit(batch)
        _expect(session.next(), "begin", batch[0])
    except (SessionLost, Garbled) as lost:
        yield _ended_by(lost, session, batch[0])
        return
    for number, execution in enumerate(batch):
        sink(Begun(execution))
        try:
            end = _expect(session.next(), "end", execution)
            # What comes next is awaited first: by then the kernel had time to complain.
            if number + 1 < len(batch):
                after = _expect(session.next(), "begin", batch[number + 1])
            else:
                after = _expect(session.next(), "done")
            yield _with_complaints(session, execution, end, after)
        except (SessionLost, Garbled) as lost:
            yield _ended_by(lost, session, execution)
            return


def _expect(message: Message, event: str, execution: Execution | None = None) -> Message:
    if message["event"] != event or (execution and message_id(message) != execution.id):
        raise Garbled(f"{str(message)[:80]} where {event} {execution or ''} was expected")
    return message


def _with_complaints(
    session: Session, execution: Execution, end: Message, after: Message
) -> Observation:
    observation = observation_of(end, execution)
    taint = taint_of(end)
    log = f"{end.get('kernel_log', '')}\n{after.get('late', '')}"
    complaint = splat_in(log)
    if taint != session.taint:
        complaint = complaint or f"/proc/sys/kernel/tainted went from {session.taint} to {taint}"
    if not complaint:
        died = observation.status == "crash"
        return replace(observation, evidence=log.strip()) if died else observation
    session.note(f"=== kernel log of {execution.case} ({execution.setup}) ===\n{complaint}")
    evidence = "\n".join(filter(None, (observation.evidence, complaint)))
    status = observation.status if observation.status == "hang" else "splat"
    return replace(observation, status=status, holds=False, evidence=evidence)


def _ended_by(reason: Exception, session: Session, execution: Execution) -> Observation:
    complaint = session.last_complaint()
    if complaint:
        return Observation(execution, "splat", message=str(reason), evidence=complaint)
    if isinstance(reason, SessionLost) and reason.silent:
        told = session.interrogate() or session.tail()
        return Observation(execution, "hang", message=str(reason), evidence=told)
    return Observation(execution, "lost", message=str(reason), evidence=session.tail())

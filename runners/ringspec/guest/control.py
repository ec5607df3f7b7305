"""Negative controls on a machine: an order of another kind, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Protocol

from ringspec.guest.errors import GuestError, SessionLost
from ringspec.guest.protocol import Garbled, Message
from ringspec.model import Execution

# As many executions as fit into the window with their names.
_AT_ONCE = 5000


class ControlLost(GuestError):
    """The machine was gone, or talked nonsense, before its control was done."""


class ControlSession(Protocol):
    """A machine that is ready for orders of any kind."""

    def send(self, order: bytes) -> None:
        """Hands it an order."""

    def next(self) -> Message:
        """Its next message; SessionLost if there is none."""

    def tail(self) -> str:
        """The last lines of the kernel log."""

    def close(self) -> None:
        """Nothing of it is left."""


def control_text(
    executions: Sequence[Execution], *, share: float, seed: int, limit_ms: int
) -> bytes:
    """An order to run these under `share` of all faults, chosen by `seed`."""
    lines = [f"case {one.id} {one.setup} {one.case}" for one in executions]
    head = ["order 1", f"limit {limit_ms}", f"seed {seed}", f"control {share}"]
    return "".join(line + "\n" for line in (*head, *lines, f"go {len(lines)}")).encode()


def controlled(
    open_session: Callable[[], ControlSession],
    executions: Sequence[Execution],
    order: Callable[[Sequence[Execution]], bytes],
    jobs: int,
) -> Iterator[Message]:
    """What the machines say, as it comes; the cases are dealt out to `jobs` of them."""
    said: SimpleQueue[Message | None] = SimpleQueue()

    def work(hand: Sequence[Execution]) -> None:
        try:
            for first in range(0, len(hand), _AT_ONCE):
                _one_order(open_session, order(hand[first : first + _AT_ONCE]), said)
        finally:
            said.put(None)

    with ThreadPoolExecutor(jobs, "ringspec-control") as pool:
        hands = [executions[number::jobs] for number in range(jobs)]
        working = [pool.submit(work, hand) for hand in hands if hand]
        left = len(working)
        while left:
            message = said.get()
            if message is None:
                left -= 1
            else:
                yield message
        for one in working:
            one.result()


def _one_order(
    open_session: Callable[[], ControlSession], order: bytes, said: SimpleQueue[Message | None]
) -> None:
    session = open_session()
    last: Message = {"event": "nothing"}
    try:
        session.send(order)
        while (message := session.next())["event"] != "done":
            if message["event"] != "control":
                raise Garbled(f"{str(message)[:80]} where control or done was expected")
            last = message
            said.put(message)
    except (SessionLost, Garbled) as error:
        raise ControlLost(
            f"the negative control broke off after {last.get('case')} under {last.get('fault')}: "
            f"{error}\n{session.tail()}"
        ) from error
    finally:
        session.close()

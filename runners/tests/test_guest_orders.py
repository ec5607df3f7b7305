"""Who is to blame when a machine is lost in the middle of an order, and what is run again."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ringspec.guest.errors import BootFailed, SessionLost
from ringspec.guest.orderrun import OrderRun
from ringspec.guest.protocol import Message
from ringspec.model import Begun, Event, Execution, Facts, Observation

FACTS = Facts("6.12", "#1", "x86_64", 2, {}, {}, {})
PANIC = "Kernel panic - not syncing: drill"


class World:
    """Machines that behave as the case names say; `boots` counts how many it took."""

    def __init__(self, failing_boots: int = 0) -> None:
        self.boots = 0
        self.open = 0
        self.failing_boots = failing_boots

    def session(self) -> ScriptedSession:
        self.boots += 1
        if self.boots <= self.failing_boots:
            raise BootFailed("no", "")
        self.open += 1
        return ScriptedSession(self)


class ScriptedSession:
    """Tells what a guest would tell when running cases of these names."""

    facts = FACTS
    taint = 0

    def __init__(self, world: World) -> None:
        self._world = world
        self._script: list[Message | Exception] = []
        self._complaint = ""

    def submit(self, executions: Sequence[Execution]) -> None:
        self._script = []
        for execution in executions:
            self._script.append({"event": "begin", "id": execution.id})
            self._script += self._acted(execution)
        self._script.append({"event": "done"})

    def _acted(self, execution: Execution) -> list[Message | Exception]:
        end = {
            **{"event": "end", "id": execution.id, "status": "ran", "holds": True, "tainted": 0},
            **{"outcome": "", "message": "", "drawn": {}, "violations": [], "trace": []},
            **{"evidence": "", "guest_ns": 1},
        }
        alone = len(self._script) == 1
        match execution.case:
            case "panics":
                return [SessionLost(PANIC)]
            case "panics after others" if not alone:
                return [SessionLost(PANIC)]
            case "is lost":
                return [SessionLost("the machine is gone")]
            case "is lost once" if execution.attempt == 0:
                return [SessionLost("the machine is gone")]
            case "freezes":
                return [SessionLost("no word", silent=True)]
            case "warns":
                return [{**end, "kernel_log": "WARNING: CPU: 0 PID: 1 at drill"}]
            case "taints":
                return [{**end, "tainted": 512}]
            case "hangs":
                return [{**end, "status": "hang", "holds": False, "evidence": "stack"}]
            case "leaves a ring":
                return [{**end, "stuck_ring": "io_ring_exit_work+0x169/0x3f8"}]
            case "crashes":
                return [{**end, "status": "crash", "holds": False, "kernel_log": "segfault"}]
            case "talks nonsense":
                return [{**end, "id": 99}]
        return [end]

    def next(self) -> Message:
        message = self._script.pop(0)
        if isinstance(message, Exception):
            self._complaint = PANIC if PANIC in str(message) else ""
            raise message
        return message

    def last_complaint(self) -> str:
        return self._complaint

    def interrogate(self) -> str:
        return "where the CPUs are"

    def note(self, text: str) -> None:
        pass

    def tail(self) -> str:
        return "tail of the console"

    def close(self) -> None:
        self._world.open -= 1


def run(world: World, *cases: str) -> list[Event]:
    events: list[Event] = []
    order = [Execution(number, case, "default") for number, case in enumerate(cases, 1)]
    OrderRun(world.session, events.append).run([order])
    assert world.open == 0
    return events


def observations(events: list[Event]) -> list[Observation]:
    return [event for event in events if isinstance(event, Observation)]


def statuses(events: list[Event]) -> list[tuple[int, int, str]]:
    return [(o.execution.id, o.execution.attempt, o.status) for o in observations(events)]


def test_an_order_of_any_length_runs_in_one_machine() -> None:
    world = World()

    events = run(world, *["fine"] * 1200)

    assert statuses(events) == [(number, 0, "ran") for number in range(1, 1201)]
    assert isinstance(events[0], Facts)
    assert sum(isinstance(event, Begun) for event in events) == 1200
    assert world.boots == 1


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ("panics", "splat"),
        ("warns", "splat"),
        ("taints", "splat"),
        ("hangs", "hang"),
        ("freezes", "hang"),
    ],
)
def test_the_culprit_is_named_and_the_rest_runs_in_a_fresh_machine(case: str, status: str) -> None:
    world = World()

    events = run(world, "fine", case, "fine")

    assert statuses(events) == [(1, 0, "ran"), (2, 0, status), (3, 0, "ran")]
    assert world.boots == 3
    blamed = observations(events)[1]
    assert "again when this ran alone" in blamed.message
    assert not blamed.holds
    assert blamed.evidence


def test_a_ring_that_stays_is_told_with_its_case_and_the_rest_runs_in_a_fresh_machine() -> None:
    world = World()

    events = run(world, "fine", "leaves a ring", "fine")

    assert [one.violations for one in observations(events)] == [(), ("slow_teardown",), ()]
    assert world.boots == 3
    guilty = observations(events)[1]
    assert guilty.holds
    assert "again when this ran alone" in guilty.message
    assert "io_ring_exit_work" in guilty.evidence


def test_a_first_case_was_alone_already() -> None:
    world = World()

    events = run(world, "warns", "fine")

    assert statuses(events) == [(1, 0, "splat"), (2, 0, "ran")]
    assert world.boots == 2


def test_what_does_not_happen_alone_stays_red_and_names_who_ran_before() -> None:
    blamed = observations(run(World(), "fine", "panics after others"))[-1]

    assert blamed.status == "splat"
    assert "did not happen again" in blamed.message
    assert "fine (default)" in blamed.message


def test_a_lost_machine_is_tried_once_more_and_both_attempts_are_kept() -> None:
    assert statuses(run(World(), "fine", "is lost once", "fine")) == [
        (1, 0, "ran"),
        (2, 0, "lost"),
        (2, 1, "ran"),
        (3, 0, "ran"),
    ]


@pytest.mark.parametrize("case", ["is lost", "talks nonsense"])
def test_a_machine_lost_twice_costs_one_case(case: str) -> None:
    events = run(World(), "fine", case, "fine")

    assert statuses(events) == [(1, 0, "ran"), (2, 0, "lost"), (2, 1, "lost"), (3, 0, "ran")]
    assert observations(events)[1].evidence == "tail of the console"


def test_a_crash_of_the_child_costs_no_machine() -> None:
    world = World()

    events = run(world, "fine", "crashes", "fine")

    assert statuses(events) == [(1, 0, "ran"), (2, 0, "crash"), (3, 0, "ran")]
    assert observations(events)[1].evidence == "segfault"
    assert world.boots == 1


def test_one_failing_boot_is_forgiven() -> None:
    assert statuses(run(World(failing_boots=1), "fine")) == [(1, 0, "ran")]


def test_a_kernel_that_does_not_boot_is_an_error() -> None:
    with pytest.raises(BootFailed):
        run(World(failing_boots=2), "fine")


def test_a_sink_that_gives_up_leaves_no_machine() -> None:
    world = World()

    def sink(event: Event) -> None:
        if isinstance(event, Begun):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        OrderRun(world.session, sink).run([[Execution(1, "fine", "default")]])
    assert world.open == 0

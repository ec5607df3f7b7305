"""Real faults in a serving process on this host."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from guest_lab import HOST, alive, children, drill, drill_options
from ringspec.guest import BootFailed, HostMachine, MachineOptions, Stopped
from ringspec.model import Begun, Event, Facts


def test_every_fault_is_told_and_the_rest_runs() -> None:
    names = [
        "Nothing",
        "FailsAnExpectation",
        "DiesOfASignal",
        "ExitsInTheMiddle",
        "FloodsItsOutput",
        "SleepsForEver",
        "Nothing",
    ]

    seen = drill(HostMachine(drill_options()), HOST, names)

    assert [(one.status, one.holds) for one in seen] == [
        ("ran", True),
        ("ran", False),
        ("crash", False),
        ("crash", False),
        ("ran", True),
        ("hang", False),
        ("ran", True),
    ]
    assert "Expected equality" in seen[1].message
    assert seen[2].message == "killed by SIGSEGV"
    assert seen[3].message == "exited with status 7"
    assert "did not return" in seen[5].message
    assert children("ringspec-drills") == []


def test_the_death_of_who_serves_is_told_with_the_case_and_the_rest_runs() -> None:
    seen = drill(HostMachine(drill_options()), HOST, ["Nothing", "KillsWhoServesIt", "Nothing"])

    assert [(one.status, one.holds) for one in seen] == [
        ("ran", True),
        ("crash", False),
        ("ran", True),
    ]
    assert seen[1].message == "killed by SIGKILL"
    assert children("ringspec-drills") == []


@pytest.mark.parametrize(
    ("between", "holds_again"),
    [
        ("Nothing", False),
        ("CountsInACopy", False),
        ("FailsAnExpectation", True),
        ("DiesOfASignal", True),
        ("LeavesMemoryMapped", True),
    ],
)
def test_cases_share_memory_until_one_leaves_something(between: str, holds_again: bool) -> None:
    order = ["Nothing", "RemembersItself", between, "RemembersItself"]
    rest = ["Nothing"] * len(order)  # A lane takes half of what there is at a time.

    seen = drill(HostMachine(drill_options()), HOST, order + rest)

    assert seen[1].holds
    assert seen[3].holds == holds_again


def test_a_case_may_have_memory_of_its_own() -> None:
    seen = drill(HostMachine(drill_options()), HOST, ["CountsInACopy", "RemembersItself"] * 2)

    assert seen[1].holds


def test_lanes_share_an_order_and_introduce_themselves_once() -> None:
    events: list[Event] = []

    seen = drill(HostMachine(drill_options(), lanes=3), HOST, ["Nothing"] * 5, events.append)

    assert sorted(one.execution.id for one in seen) == [1, 2, 3, 4, 5]
    assert all(one.holds for one in seen)
    assert isinstance(events[0], Facts)
    assert not any(isinstance(event, Facts) for event in events[1:])
    assert children("ringspec-drills") == []


def test_a_lane_that_fails_stops_the_others() -> None:
    def refuse(event: Event) -> None:
        if isinstance(event, Begun) and event.execution.case == "Drill.Nothing":
            raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        drill(HostMachine(drill_options(), lanes=2), HOST, ["SleepsForEver", "Nothing"], refuse)
    assert children("ringspec-drills") == []


def test_the_facts_come_first() -> None:
    events: list[Event] = []

    drill(HostMachine(drill_options()), HOST, ["Nothing"], events.append)

    facts = events[0]
    assert isinstance(facts, Facts)
    assert facts.release == os.uname().release
    assert facts.setups["default"] == "ok"
    assert facts.probes["op:ASYNC_CANCEL"]


def test_a_server_that_is_killed_costs_one_attempt() -> None:
    killed = []

    def kill_once(event: Event) -> None:
        if isinstance(event, Begun) and event.execution.id == 2 and not killed:
            killed.extend(children("ringspec-drills"))
            os.kill(killed[0], signal.SIGKILL)

    seen = drill(HostMachine(drill_options()), HOST, ["Nothing", "Nothing", "Nothing"], kill_once)

    told = [(one.execution.id, one.execution.attempt, one.status) for one in seen]
    assert told in (
        [(1, 0, "ran"), (2, 0, "lost"), (2, 1, "ran"), (3, 0, "ran")],
        # It had answered before it was killed: then the loss is found with what comes next.
        [(1, 0, "ran"), (2, 0, "ran"), (3, 0, "lost"), (3, 1, "ran")],
    )


def test_stop_ends_a_wait_at_once_and_leaves_nothing() -> None:
    machine = HostMachine(drill_options())
    started: list[int] = []

    def stop_soon(event: Event) -> None:
        if isinstance(event, Begun):
            started.extend(children("ringspec-drills"))
            threading.Thread(target=machine.stop).start()

    with pytest.raises(Stopped):
        drill(machine, HOST, ["SleepsForEver"], stop_soon)
    assert started
    assert not any(alive(pid) for pid in started)


def test_a_binary_that_does_not_serve_is_named(tmp_path: object) -> None:
    machine = HostMachine(MachineOptions(binary="/bin/false"))  # type: ignore[arg-type]

    with pytest.raises(BootFailed, match="/bin/false --serve did not get ready"):
        drill(machine, HOST, ["Nothing"])

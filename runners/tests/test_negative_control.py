"""The negative control sorts what the binary says, and is strict both ways."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ringspec.guest.control import ControlLost, control_text, controlled
from ringspec.guest.errors import SessionLost
from ringspec.guest.protocol import Message
from ringspec.model import Execution
from ringspec.selftest.control import Control, ControlError, Exemption, load_exemptions, weigh
from ringspec.selftest.text import render, tally


def injection(case: str, fault: str, noticed: bool) -> dict[str, object]:
    return {
        "case": case,
        "fault": fault,
        "point": 0,
        "noticed": noticed,
        "outcome": "x=1",
        "says": "",
    }


def holds(case: str) -> dict[str, object]:
    return {"case": case, "holds": True, "outcome": "x=1"}


EXEMPT = Exemption("A.*", "dropped", "nothing is there to drop")


FAMILIES = {"A.One": "async_cancel", "B.One": "timeout"}


def weighed(
    records: list[dict[str, object]], *exemptions: Exemption, complete: bool = True
) -> Control:
    return weigh(records, exemptions, FAMILIES, complete=complete)


def test_an_unnoticed_fault_is_unnoticed() -> None:
    control = weighed([holds("A.One"), injection("A.One", "early", False)])

    assert [one.fault for one in control.unnoticed] == ["early"]
    assert control.toothless == ("A.One",)
    assert control.failed
    text = render(control, FAMILIES, by_case=True)
    assert "UNNOTICED: A.One stays green under early" in text
    assert "TOOTHLESS: no fault turns A.One red" in text


def test_a_case_that_no_fault_reaches_is_toothless() -> None:
    assert weighed([holds("A.One")]).toothless == ("A.One",)


def test_a_case_that_met_a_sample_only_may_be_toothless() -> None:
    control = weigh([holds("A.One")], (), (), complete=False)

    assert not control.failed


def test_an_exemption_covers_its_case_and_fault_only() -> None:
    records = [
        holds("A.One"),
        injection("A.One", "dropped", False),
        injection("B.One", "dropped", False),
        injection("A.One", "early", False),
    ]

    control = weighed(records, EXEMPT)

    assert [(one.case, one.fault) for one, _ in control.exempt] == [("A.One", "dropped")]
    assert [(one.case, one.fault) for one in control.unnoticed] == [
        ("B.One", "dropped"),
        ("A.One", "early"),
    ]


def test_an_exemption_that_nothing_needs_is_wrong_in_a_complete_control_only() -> None:
    records = [holds("A.One"), injection("A.One", "dropped", True)]

    assert weighed(records, EXEMPT).unused == (EXEMPT,)
    assert weighed(records, EXEMPT, complete=False).unused == ()


def test_an_exemption_that_depends_on_something_need_not_be_needed() -> None:
    records = [holds("A.One"), injection("A.One", "dropped", True)]
    of_a_race = replace(EXEMPT, depends="schedule")

    control = weighed(records, of_a_race)

    assert (control.unused, control.idle) == ((), (of_a_race,))
    assert not control.failed
    assert "1 exemptions that depend on" in render(control, FAMILIES, by_case=False)


def test_an_exemption_of_a_case_that_does_not_hold_here_may_be_needed_elsewhere() -> None:
    red = {"case": "A.One", "holds": False, "outcome": ""}

    assert not weighed([red], EXEMPT).failed


def test_a_case_that_is_red_unbroken_shows_nothing() -> None:
    control = weighed([{"case": "A.One", "holds": False, "outcome": ""}])

    assert control.red_already == ("A.One",)
    assert control.toothless == ()


def test_the_table_counts_by_fault_and_family() -> None:
    records = [
        holds("A.One"),
        holds("B.One"),
        injection("A.One", "dropped", False),
        injection("A.One", "early", True),
        injection("B.One", "early", False),
    ]

    control = weighed(records, EXEMPT)

    assert tally(control, lambda one: one.fault)["early"] == {
        "injected": 2,
        "noticed": 1,
        "unnoticed": 1,
    }
    lines = [line.split() for line in render(control, FAMILIES, by_case=False).splitlines()]
    assert ["async_cancel", "2", "1", "1", "0"] in lines
    assert ["all", "3", "1", "1", "1"] in lines


class Scripted:
    """Says this to any order."""

    def __init__(self, *script: Message | Exception) -> None:
        self._script = list(script)
        self.orders: list[bytes] = []
        self.closed = False

    def send(self, order: bytes) -> None:
        self.orders.append(order)

    def next(self) -> Message:
        said = self._script.pop(0)
        if isinstance(said, Exception):
            raise said
        return said

    def tail(self) -> str:
        return "tail of the console"

    def close(self) -> None:
        self.closed = True


ORDERED = [Execution(1, "A.One", "default"), Execution(2, "B.One", "default")]


def test_the_cases_are_dealt_out_to_machines() -> None:
    machines: list[Scripted] = []

    def opened() -> Scripted:
        said = {"event": "control", "case": str(len(machines))}
        machines.append(Scripted(said, {"event": "done"}))
        return machines[-1]

    came = list(controlled(opened, ORDERED, lambda hand: hand[0].case.encode(), 2))

    assert sorted(str(one["case"]) for one in came) == ["0", "1"]
    assert sorted(order for machine in machines for order in machine.orders) == [b"A.One", b"B.One"]
    assert all(machine.closed for machine in machines)


def test_a_machine_that_is_lost_says_where() -> None:
    under = {"event": "control", "case": "A.One", "fault": "early"}
    machine = Scripted(under, SessionLost("the machine is gone"))

    with pytest.raises(ControlLost, match="broke off after A.One under early: the machine is gone"):
        list(controlled(lambda: machine, ORDERED, lambda hand: b"", 1))
    assert machine.closed


def test_the_order_names_share_and_seed() -> None:
    text = control_text(ORDERED, share=0.1, seed=7, limit_ms=2000).decode()

    assert text.splitlines() == [
        *("order 1", "limit 2000", "seed 7", "control 0.1"),
        *("case 1 default A.One", "case 2 default B.One", "go 2"),
    ]


def test_an_exemption_needs_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "exemptions.toml"
    file.write_text('[[exempt]]\ncase = "A.*"\nfault = "dropped"\nreason = ""\n')

    with pytest.raises(ControlError, match="reason"):
        load_exemptions(file)


def test_an_exemption_depends_on_what_is_known(tmp_path: Path) -> None:
    file = tmp_path / "exemptions.toml"
    text = '[[exempt]]\ncase = "A.*"\nfault = "dropped"\nreason = "x"\ndepends = '
    file.write_text(text + '"schedule"\n')

    assert load_exemptions(file) == (Exemption("A.*", "dropped", "x", "schedule"),)

    file.write_text(text + '"moon"\n')
    with pytest.raises(ControlError, match="depends: expected one of"):
        load_exemptions(file)

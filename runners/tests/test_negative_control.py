"""The negative control sorts what the binary says, and is strict both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringspec.negative_control import (
    ControlError,
    Exemption,
    load_exemptions,
    render,
    weigh,
)


def injection(case: str, fault: str, noticed: bool) -> dict[str, object]:
    return {"case": case, "fault": fault, "point": 0, "noticed": noticed, "outcome": "x=1"}


def holds(case: str) -> dict[str, object]:
    return {"case": case, "holds": True, "outcome": "x=1"}


EXEMPT = Exemption("A.*", "dropped", "nothing is there to drop")


def test_an_unnoticed_fault_is_unnoticed() -> None:
    control = weigh([holds("A.One"), injection("A.One", "early", False)], (), True)

    assert [one.fault for one in control.unnoticed] == ["early"]
    assert control.toothless == ("A.One",)
    assert "UNNOTICED: A.One stays green under early" in render(control)
    assert "TOOTHLESS: no fault turns A.One red" in render(control)


def test_an_exemption_covers_its_case_and_fault_only() -> None:
    records = [
        holds("A.One"),
        injection("A.One", "dropped", False),
        injection("B.One", "dropped", False),
        injection("A.One", "early", False),
    ]

    control = weigh(records, (EXEMPT,), True)

    assert [(one.case, one.fault) for one, _ in control.exempt] == [("A.One", "dropped")]
    assert [(one.case, one.fault) for one in control.unnoticed] == [
        ("B.One", "dropped"),
        ("A.One", "early"),
    ]


def test_an_exemption_that_nothing_needs_is_wrong_in_a_complete_control_only() -> None:
    records = [holds("A.One"), injection("A.One", "dropped", True)]

    assert weigh(records, (EXEMPT,), True).unused == (EXEMPT,)
    assert weigh(records, (EXEMPT,), False).unused == ()


def test_a_case_that_is_red_unbroken_shows_nothing() -> None:
    control = weigh([{"case": "A.One", "holds": False, "outcome": ""}], (), True)

    assert control.red_already == ("A.One",)
    assert control.toothless == ()


def test_an_exemption_needs_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "exemptions.toml"
    file.write_text('[[exempt]]\ncase = "A.*"\nfault = "dropped"\nreason = ""\n')

    with pytest.raises(ControlError, match="reason"):
        load_exemptions(file)

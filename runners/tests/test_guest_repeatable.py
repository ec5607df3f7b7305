"""In virtual time a guest does the same thing twice, to the nanosecond, whatever its host is doing."""

from __future__ import annotations

from pathlib import Path

from guest_lab import BUILD, a_kernel
from ringspec.guest import MachineOptions, VirtualMachine
from ringspec.model import Event, Execution, Kernel, Observation

# Races: what comes of them is decided by single instructions.
RACES = (
    "AsyncCancelAlready.ACancelMeetsAnExpiringTimeout",
    "AsyncCancelAlready.ARunningRequestIsNeverENOENT",
    "AsyncCancelParking.NoCancelIsLostWhileAWaitidIsParked",
    "TimeoutUpdating.AtTheExpiryTheTimeoutStillEndsOnce",
)


def seen_on(kernel: Kernel, cache: Path) -> list[Observation]:
    events: list[Event] = []
    options = MachineOptions(binary=BUILD / "ringspec-cases", cache=cache, seed=1)
    order = tuple(
        Execution(number, case, setup)
        for number, (case, setup) in enumerate(
            ((case, setup) for setup in ("default", "sqpoll") for case in RACES), 1
        )
    )

    VirtualMachine(options).run(kernel, order, events.append)

    return [event for event in events if isinstance(event, Observation)]


def test_a_booted_and_a_restored_guest_draw_the_same_races(tmp_path: Path) -> None:
    kernel = a_kernel()

    booted, restored = seen_on(kernel, tmp_path), seen_on(kernel, tmp_path)

    assert len(booted) == 2 * len(RACES)
    assert all(one.drawn and one.guest_ns > 0 for one in booted)
    assert restored == booted

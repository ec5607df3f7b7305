"""Workers that share nothing with the run but a network: what they need comes to them, once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster_lab import KERNELS, Running, answers, pieces_of
from machines_lab import Computer, Machines, machines
from ringspec.cache.directory import sha256_of
from ringspec.results.store import Run, load_run

pytest.importorskip("distributed", reason="needs python3-distributed")
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make networks")


@pytest.fixture(scope="module")
def network() -> Iterator[Machines]:
    # A machine that is unplugged is missed after 5 minutes, if nobody says otherwise.
    with machines(DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL="4s") as there:
        yield there


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same run without a cluster."""
    out = tmp_path_factory.mktemp("local") / "out"
    assert Running(out, "--repeat=3").end()[0] == 0
    return load_run(out)


def test_a_machine_that_is_lost_costs_nothing_but_time(
    network: Machines, local: Run, tmp_path: Path
) -> None:
    computers = [network.computer(), network.computer()]

    running = Running(tmp_path, "--repeat=3", f"--cluster={network.address}", prefix=network.inside)
    running.wait_for(" to run", times=len(KERNELS))
    lost = busy_one(computers)
    network.unplug(lost)
    code, said = running.end(300)

    assert code == 0, said
    there = load_run(tmp_path)
    assert answers(there) == answers(local) and there.complete
    assert "the worker was lost" in "".join(f.read_text() for f in tmp_path.glob("console/*"))
    (survivor,) = (one for one in computers if one is not lost)
    kept = list(survivor.cache.glob("artifacts/*/artifact"))
    assert len(kept) == len(KERNELS) + 2  # the case binary and our code
    assert all(sha256_of(file) == file.parent.name for file in kept)


def busy_one(computers: list[Computer]) -> Computer:
    """The first that is at work on a piece."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for one in computers:
            if pieces_of(one.init):
                return one
        time.sleep(0.01)
    raise AssertionError("no machine got anything to do")

"""A run on a Dask cluster is the run that one machine would have made, whoever dies."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster_lab import KERNELS, Lab, Running, answers, lab, pieces_of
from ringspec.arch import native
from ringspec.cluster.connect import Cluster
from ringspec.cluster.errors import AddressProblem, ClusterError
from ringspec.results.store import load_run

pytest.importorskip("distributed", reason="needs python3-distributed")

ODD_QEMU = "QEMU emulator version 7.0.0"


@pytest.fixture(scope="module")
def cluster_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with lab(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def workers(
    cluster_lab: Lab, tmp_path_factory: pytest.TempPathFactory
) -> list[subprocess.Popen[str]]:
    """Two that are alike, and one with another QEMU that is of no use."""
    path = tmp_path_factory.mktemp("odd")
    odd = path / native().qemu
    odd.write_text(f"#!/bin/sh\necho {ODD_QEMU}\n")
    odd.chmod(0o755)
    cluster_lab.worker(PATH=f"{path}:/usr/bin:/bin")
    return [cluster_lab.worker(), cluster_lab.worker()]


def test_a_cluster_without_workers_is_told(cluster_lab: Lab) -> None:
    with pytest.raises(ClusterError, match="no worker came within 0 s: start some with"):
        Cluster(cluster_lab.address, native(), print, workers_s=0.2)


def test_a_scheduler_that_is_not_there_is_told() -> None:
    with pytest.raises(ClusterError, match="nothing answered there within 0 s"):
        Cluster("tcp://127.0.0.1:1", native(), print, connect_s=0.2)


@pytest.mark.parametrize("address", ["nonsense://x:1", "tcp://head"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(AddressProblem, match="expected the address of a Dask scheduler"):
        Cluster(address, native(), print, connect_s=0.2)


def test_a_file_goes_to_a_machine_once_and_again_when_damaged(
    cluster_lab: Lab, workers: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"kernel" * 1_000_000)
    said: list[str] = []
    cluster = Cluster(cluster_lab.address, native(), said.append)
    try:
        digest = cluster.digest(file)
        for worker in cluster.workers:
            cluster.supply(worker, "this machine", [digest])
        once = dict(cluster.shipped)
        kept = cluster_lab.cache / "artifacts" / digest / "artifact"
        same = kept.read_bytes() == file.read_bytes()
        kept.write_bytes(b"damaged")
        cluster.supply(cluster.workers[0], "this machine", [digest])
    finally:
        cluster.close()

    assert len(cluster.qemu) > 0 and [ODD_QEMU in text for text in said] == [True]
    assert once == {("this machine", digest): 1} and same
    assert cluster.shipped["this machine", digest] == 2
    assert kept.read_bytes() == file.read_bytes()


def test_an_interrupted_run_leaves_what_came_and_no_work(
    cluster_lab: Lab, workers: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    running = Running(tmp_path / "out", f"--cluster={cluster_lab.address}", "--repeat=20")
    running.wait_for(" to run")
    running.process.send_signal(signal.SIGINT)
    code, said = running.end()

    deadline = time.monotonic() + 20
    numbers = [worker.pid for worker in workers]
    while any(map(pieces_of, numbers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    run = load_run(tmp_path / "out")
    assert (code, run.complete) == (2, False), said
    assert not any(map(pieces_of, numbers))


def test_a_worker_that_dies_costs_nothing_but_time(
    cluster_lab: Lab, workers: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    running = Running(tmp_path / "cluster", f"--cluster={cluster_lab.address}", "--repeat=20")
    running.wait_for(" to run", times=len(KERNELS))
    deadline = time.monotonic() + 60
    while (
        not (busy := [one for one in workers if pieces_of(one.pid)]) and time.monotonic() < deadline
    ):
        time.sleep(0.01)
    busy[0].kill()
    code, said = running.end()
    assert Running(tmp_path / "local", "--repeat=20").end()[0] == code == 0, said

    local, there = load_run(tmp_path / "local"), load_run(tmp_path / "cluster")
    consoles = "".join(file.read_text() for file in (tmp_path / "cluster/console").iterdir())
    assert "the worker was lost" in consoles
    assert answers(local) == answers(there) and len(answers(local)) == len(there.results) > 0
    assert there.complete and there.info["qemu"] == local.info["qemu"]


def test_a_scheduler_that_goes_away_is_told(
    cluster_lab: Lab, workers: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    running = Running(tmp_path / "out", f"--cluster={cluster_lab.address}", "--repeat=20")
    running.wait_for(" to run")
    cluster_lab.scheduler.kill()
    code, said = running.end()

    assert code == 3, said
    assert f"--cluster {cluster_lab.address}: " in said and "start the cluster again" in said
    cells = {(one.spec, one.case, one.repeat) for one in load_run(tmp_path / "out").results}
    assert len(cells) == 20 * len({(spec, case) for spec, case, _ in cells}) > 0


def test_the_host_is_not_in_the_cluster(tmp_path: Path) -> None:
    code, said = Running(tmp_path / "out", "--kernel=host", "--cluster=tcp://127.0.0.1:1").end()

    assert code == 4 and "--kernel host is this machine" in said

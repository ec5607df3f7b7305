"""Whole runs that are killed, interrupted or out of disk: what is left is valid, and nobody lives."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from guest_lab import DRILLS, SPEC, a_kernel
from ringspec.results.store import load_run
from test_guest_surroundings import mounted

__all__ = ["mounted"]
PATIENCE_S = 600.0  # of a very busy machine


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build directory whose cases are the drills."""
    a_kernel()
    build = tmp_path_factory.mktemp("build")
    (build / "ringspec-cases").symlink_to(DRILLS)
    manifest = subprocess.run([DRILLS, "--manifest"], capture_output=True, check=True).stdout
    (build / "cases.json").write_bytes(manifest)
    (build / "no-issues").mkdir()
    return build


class Lab:
    """Starts runs and knows what is left of them."""

    def __init__(self, build: Path, place: Path) -> None:
        self.place = place
        self.out = place / "out"
        self._build = build
        self._started: list[subprocess.Popen[str]] = []

    def start(self, *names: str, out: Path | None = None, **more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "ringspec", "run", "-p", "drill_clauses"]
        command += [f"--build={self._build}", f"--kernel={SPEC}", "--setup=default", "--no-gate"]
        command += [f"--known-issues={self._build}/no-issues"]
        command += [f"--out={out or self.out}", *(f"--case=Drill.{name}" for name in names)]
        process = subprocess.Popen(
            command,
            cwd=self.place,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def left(self) -> list[str]:
        """Command lines of what still lives in the sessions of the runs, and their QEMUs."""
        mine = {str(self.place).encode(), b"sleep\0600"}
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes()
                environment = (process / "environ").read_bytes()
            except OSError:
                continue
            if f"PWD={self.place}".encode() in environment or any(one in words for one in mine):
                found.append(words.decode())
        return found

    def close(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()


@pytest.fixture
def lab(build: Path, tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(build, tmp_path)
    yield lab
    lab.close()


def wait_for(what: Callable[[], object]) -> None:
    """Until it is true."""
    end = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def wait_until_it_began(lab: Lab, process: subprocess.Popen[str]) -> None:
    """QEMU runs, and its console is being written."""

    def began() -> bool:
        assert process.poll() is None, process.communicate()
        console = lab.out / "console"
        return console.is_dir() and any(file.stat().st_size for file in console.iterdir())

    wait_for(began)


def gone(lab: Lab) -> None:
    wait_for(lambda: not lab.left())


def test_a_killed_run_leaves_nobody_and_the_next_one_takes_its_place(lab: Lab) -> None:
    first = lab.start("Nothing", "SpinsForEver")
    wait_until_it_began(lab, first)
    first.kill()
    first.wait()

    gone(lab)
    assert not load_run(lab.out).complete

    second = lab.start("Nothing")
    _, err = second.communicate(timeout=PATIENCE_S)
    assert (second.returncode, err) == (0, "")
    run = load_run(lab.out)
    assert run.complete
    assert [(one.case, one.verdict) for one in run.results] == [("Drill.Nothing", "pass")]
    assert not (lab.out / "run.part").exists()


def test_a_fetch_can_be_interrupted(lab: Lab) -> None:
    process = lab.start("Nothing", DRILL_STALLS="yes")
    assert process.stdout is not None and process.stdout.readline() == "fetching\n"
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    _, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 2
    assert "Traceback" not in err
    assert not lab.out.exists()
    gone(lab)


def test_a_boot_can_be_interrupted(lab: Lab) -> None:
    process = lab.start("Nothing", RINGSPEC_CACHE=str(cold_cache(lab.place)))
    wait_until_it_began(lab, process)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 2
    assert "interrupted" in err and "Traceback" not in err
    assert not load_run(lab.out).complete
    gone(lab)


def test_a_case_can_be_interrupted(lab: Lab) -> None:
    process = lab.start("SpinsForEver")
    wait_until_it_began(lab, process)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 2
    assert "interrupted" in err and "Traceback" not in err
    assert not load_run(lab.out).complete
    gone(lab)


def test_a_run_directory_on_a_full_disk_stays_valid(lab: Lab, mounted: Callable[..., Path]) -> None:
    disk = mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs")
    process = lab.start("Nothing", "LogsAWarning", "PanicsTheKernel", out=disk / "out")
    wait_for(lambda: (disk / "out" / "run.json").exists())
    (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free))
    _, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 3
    assert "cannot be written any more: No space left on device" in err
    assert "Traceback" not in err
    assert not load_run(disk / "out").complete
    gone(lab)


def cold_cache(place: Path) -> Path:
    """The kernels of the usual cache, and not one saved guest."""
    from ringspec.cache.directory import cache_dir

    cache = place / "cache"
    cache.mkdir()
    for part in cache_dir().iterdir():
        if part.name not in ("snapshots", "accel.json"):
            (cache / part.name).symlink_to(part)
    return cache

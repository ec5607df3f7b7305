"""Real faults around a real guest: of its processes, disks and clocks."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from guest_lab import a_kernel, children, drill, drill_options
from ringspec.guest import VirtualMachine
from ringspec.model import Begun, Event, Kernel

QEMU = "qemu-system-x86_64"


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    return a_kernel()


@pytest.fixture(scope="module")
def cache(kernel: Kernel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a snapshot in it."""
    cache = tmp_path_factory.mktemp("cache")
    drill(VirtualMachine(drill_options(cache)), kernel, ["Nothing"])
    return cache


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts things below tmp_path; who may not, skips."""
    points: list[Path] = []

    def mount(*words: str) -> Path:
        point = tmp_path / f"mount{len(points)}"
        point.mkdir()
        done = subprocess.run(["mount", *words, str(point)], capture_output=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"no right to mount here: {done.stderr.decode().strip()}")
        points.append(point)
        return point

    yield mount
    for point in reversed(points):
        subprocess.run(["umount", "-l", str(point)], check=True)


def once(act: Callable[[], None]) -> Callable[[Event], None]:
    """Acts when the first case begins."""
    done: list[Event] = []

    def watch(event: Event) -> None:
        if isinstance(event, Begun) and not done:
            done.append(event)
            act()

    return watch


def statuses(machine: VirtualMachine, kernel: Kernel, names: list[str], **how: object) -> list[str]:
    return [one.status for one in drill(machine, kernel, names, **how)]  # type: ignore[arg-type]


def test_cpus_that_all_spin_are_a_hang_and_say_where(kernel: Kernel, cache: Path) -> None:
    machine = VirtualMachine(drill_options(cache, patience_s=6.0, vcpus=2))

    seen = drill(machine, kernel, ["SpinsOnEveryCpu", "Nothing"])

    assert [one.status for one in seen] == ["hang", "ran"]
    assert "no word for 6 s" in seen[0].message
    assert "NMI: Not continuing" in seen[0].evidence
    assert "RIP: 0033:" in seen[0].evidence  # the drill spins in user space


def test_a_qemu_that_stands_still_is_a_hang(kernel: Kernel, cache: Path) -> None:
    machine = VirtualMachine(drill_options(cache, patience_s=5.0))
    stop = once(lambda: os.kill(children(QEMU)[0], signal.SIGSTOP))

    assert statuses(machine, kernel, ["SpinsForEver", "Nothing"], watch=stop) == ["hang", "ran"]
    assert children(QEMU) == []


def test_qemu_has_no_more_rights_than_it_needs(kernel: Kernel, cache: Path) -> None:
    seen: dict[str, str] = {}

    def look() -> None:
        (pid,) = children(QEMU)
        status = Path(f"/proc/{pid}/status").read_text()
        seen.update(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        seen["cmdline"] = Path(f"/proc/{pid}/cmdline").read_text()
        seen["files"] = "\n".join(map(os.readlink, Path(f"/proc/{pid}/fd").iterdir()))

    drill(VirtualMachine(drill_options(cache)), kernel, ["SpinsForEver"], once(look))

    assert int(seen["CapEff"], 16) == int(seen["CapBnd"], 16) == 0 or os.geteuid() != 0
    assert "0" not in seen["Uid"].split() or os.geteuid() != 0
    assert seen["NoNewPrivs"] == "1"
    assert seen["Seccomp"] == "2"
    for forbidden in ("-netdev", "-nic", "virtfs", "-drive", "-hda", "fsdev", "-device\0vhost"):
        assert forbidden not in seen["cmdline"]
    directories = [file for file in seen["files"].splitlines() if Path(file).is_dir()]
    assert directories == [], "QEMU holds a directory of the host open"


def test_a_full_disk_costs_the_snapshot_and_nothing_else(
    kernel: Kernel, mounted: Callable[..., Path]
) -> None:
    full = mounted("-t", "tmpfs", "-o", "size=8m", "tmpfs")

    assert statuses(VirtualMachine(drill_options(full)), kernel, ["Nothing"]) == ["ran"]
    assert list((full / "snapshots").iterdir()) == []


def test_a_cache_that_is_read_only_is_read(
    kernel: Kernel, cache: Path, mounted: Callable[..., Path]
) -> None:
    frozen = mounted("--bind", str(cache))
    subprocess.run(["mount", "-o", "remount,bind,ro", str(frozen)], check=True)
    began = time.monotonic()

    assert statuses(VirtualMachine(drill_options(frozen)), kernel, ["Nothing"]) == ["ran"]
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("step_s", [-1e8, 1e8])
def test_a_step_of_the_hosts_clock_changes_nothing(
    kernel: Kernel, cache: Path, monkeypatch: pytest.MonkeyPatch, step_s: float
) -> None:
    real = time.time
    before = set((cache / "snapshots").iterdir())
    step = once(lambda: monkeypatch.setattr(time, "time", lambda: real() + step_s))

    seen = drill(VirtualMachine(drill_options(cache)), kernel, ["Nothing", "SleepsForEver"], step)

    assert [one.status for one in seen] == ["ran", "hang"]
    assert before and set((cache / "snapshots").iterdir()) == before

"""A Dask cluster of several machines, as far as one kernel can be that: each worker has a network, a
file system view and process numbers of its own, an empty cache, and nothing of this project.

They share their host name, as machines do that came out of one image.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cluster_lab import WORKER, said
from ringspec.cache.directory import cache_dir

ROOT = Path(__file__).parents[2]
_NET = "10.213.7"  # of TEST's own: no other network can see it
_SCHEDULER = f"{_NET}.1:8786"
# What a worker's machine does not have: this project, this machine's cache, others' files in /tmp.
_HIDDEN = (str(ROOT), str(cache_dir()), "/tmp")
# Where a worker lives, in what it sees as /tmp.
_HOME = Path("/tmp/home")
_BOOT = """
for hidden; do mount -t tmpfs tmpfs "$hidden" || exit; done
mkdir "$HOME" && cd "$HOME" && echo up >&2 && read -r _ && exec $PROGRAM
"""
_PYTHON = "/usr/bin/python3 -m distributed.cli.dask_"


@dataclass(frozen=True)
class Computer:
    """One machine; killing `process` is the end of all that runs on it."""

    process: subprocess.Popen[str]
    init: int
    link: str

    @property
    def cache(self) -> Path:
        """Its cache, as seen from here."""
        return Path(f"/proc/{self.init}", "root", *_HOME.parts[1:], ".cache", "ringspec")


class Machines:
    """A network with a scheduler; `inside` is the beginning of a command that is to run in it."""

    def __init__(self, undo: ExitStack, **environment: str) -> None:
        self._undo = undo
        self._count = 1
        head = self._start("unshare", "--net", "sh", "-c", "echo up >&2; read -r _")
        try:
            said(head, "up")
        except AssertionError:
            pytest.skip("no right to make a network here")
        self.inside = ("nsenter", f"--net=/proc/{head.pid}/ns/net")
        self._ip("link", "set", "lo", "up")
        self._ip("link", "add", "lan", "type", "bridge")
        self._ip("address", "add", f"{_NET}.1/24", "dev", "lan")
        self._ip("link", "set", "lan", "up")
        self.address = f"tcp://{_SCHEDULER}"
        options = f"scheduler --host {self.address} --no-dashboard"
        self._scheduler = self._start(*self.inside, *f"{_PYTHON}{options}".split(), **environment)
        said(self._scheduler, "Scheduler at:")

    def computer(self) -> Computer:
        """One more, with a worker that is ready."""
        self._count += 1
        number, link = self._count, f"port{self._count}"
        program = " ".join([f"{_PYTHON}worker", self.address, *WORKER])
        isolated = "unshare --net --mount --pid --fork --kill-child --mount-proc".split()
        process = self._start(
            *(*isolated, "sh", "-c", _BOOT, "sh", *_HIDDEN), PROGRAM=program, HOME=str(_HOME)
        )
        said(process, "up", more=True)
        init = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
        self._ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", str(init))
        self._ip("link", "set", link, "master", "lan", "up")
        there = ("nsenter", f"--net=/proc/{init}/ns/net")
        _do(*there, "ip", "address", "add", f"{_NET}.{number}/24", "dev", "eth0")
        for name in ("lo", "eth0"):
            _do(*there, "ip", "link", "set", name, "up")
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        said(process, "Registered to:")
        return Computer(process, init, link)

    def unplug(self, computer: Computer) -> None:
        """Nothing comes from it any more, not even that it is gone."""
        self._ip("link", "set", computer.link, "down")

    def _ip(self, *words: str) -> None:
        _do(*self.inside, "ip", *words)

    def _start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        own.pop("RINGSPEC_CACHE", None)
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**own, **environment},
            cwd="/",
        )
        self._undo.callback(_end, process)
        return process


@contextmanager
def machines(**environment: str) -> Iterator[Machines]:
    """A scheduler with this environment, and no workers yet; nothing of it is left at the end."""
    with ExitStack() as undo:
        yield Machines(undo, **environment)


def _do(*command: str) -> None:
    subprocess.run(command, check=True)


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()

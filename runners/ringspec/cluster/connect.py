"""A Dask cluster as seen from the run that uses it."""

from __future__ import annotations

import logging
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ringspec.arch import Arch
from ringspec.cache import directory as cache
from ringspec.cache.directory import sha256_of
from ringspec.cluster import onworker
from ringspec.cluster.archive import write_code
from ringspec.cluster.errors import AddressProblem, ClusterError, DaskMissing
from ringspec.cluster.inbox import Inboxes

CONNECT_S = 15.0
# A cluster may be starting, or may be replacing a worker that died.
WORKERS_S = 60.0
_PART = 4 << 20


class Cluster:
    """The workers that can do the work, and the way there and back.  DaskMissing, AddressProblem or
    ClusterError if there is no such cluster.

    `say` is told what the user should know, such as a worker that is of no use.
    """

    def __init__(
        self,
        address: str,
        arch: Arch,
        say: Callable[[str], None],
        connect_s: float = CONNECT_S,
        workers_s: float = WORKERS_S,
    ) -> None:
        self.address = address
        self.arch = arch
        self.run = f"ringspec-{uuid.uuid4().hex[:12]}"
        self._say = say
        self._workers_s = workers_s
        self._unfit: dict[str, str] = {}
        self._files: dict[str, Path] = {}
        self._digests: dict[Path, str] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._seen_worker = time.monotonic()
        self.shipped: Counter[tuple[str, str]] = Counter()  # by machine and SHA-256, for the tests
        self._client = _connected(address, connect_s)
        try:
            self._await_worker()
            self.qemu = self._choose_qemu()
            self._scratch = tempfile.TemporaryDirectory(prefix="ringspec-cluster-")
            self.code = Path(self._scratch.name) / "ringspec.zip"
            write_code(self.code)
            self.queue = _distributed().Queue(self.run, client=self._client)
            self.inboxes = Inboxes(self.queue, self._alive)
        except BaseException:
            self._client.close(timeout=1)
            raise

    @property
    def workers(self) -> list[str]:
        """Addresses of those that are there and of use."""
        return [one for one in self._client.scheduler_info()["workers"] if one not in self._unfit]

    def submit(
        self, key: str, piece: dict[str, Any], at: str | None
    ) -> tuple[Any, tuple[str, ...]]:
        """A future of onworker.work_off(), and the workers that may do it; none: all.

        `at` is the worker that should rather do it than others.
        """
        allowed: tuple[str, ...] = ()
        where: dict[str, Any] = {}
        if self._unfit:
            allowed = (at,) if at is not None else tuple(self.workers)
            where = {"workers": allowed}
        elif at is not None:
            where = {"workers": [at], "allow_other_workers": True}
        future = self._client.submit(
            onworker.work_off,
            piece,
            self.run,
            key,
            key=f"{self.run}-{key}-{uuid.uuid4().hex[:6]}",
            pure=False,
            **where,
        )
        return future, allowed

    def cancel(self, future: Any) -> None:
        """Whoever has not begun with it will not."""
        if future.done() or self.inboxes.broken:
            return
        try:
            future.cancel()
        except OSError as error:
            self.inboxes.give_up(f"the scheduler does not answer any more ({type(error).__name__})")

    def digest(self, file: Path) -> str:
        """The SHA-256 of a file that is not going to change, which can be supplied from now on."""
        with self._lock:
            if file not in self._digests:
                digest = sha256_of(file)
                self._digests[file] = digest
                self._files[digest] = file
            return self._digests[file]

    def supply(self, worker: str, machine: str, digests: list[str]) -> None:
        """Brings files to the machine of a worker, unless another worker's piece just did."""
        with self._lock:
            lock = self._locks.setdefault(machine, threading.Lock())
        with lock:
            for digest in self._on(worker, onworker.lacking, digests):
                self.shipped[machine, digest] += 1
                if why := self._ship(worker, digest):
                    self.exclude(worker, f"cannot keep what it needs: {why}")
                    return

    def exclude(self, worker: str, why: str) -> None:
        """Gives this worker no more work; ClusterError if it was the last."""
        with self._lock:
            if worker not in self._unfit:
                self._unfit[worker] = why
                self._say(f"worker {worker} is not used: {why}")
        if not self.workers:
            raise ClusterError(self._of_no_use())

    def close(self) -> None:
        """Ends what is left of this run on the workers, and the connection."""
        self.inboxes.close()
        try:
            if not self.inboxes.broken:
                self._client.run(onworker.abandon, self.run, on_error="ignore")
                self.queue.close()
        except Exception as error:  # nothing can be asked of a cluster that is going away
            self._say(f"{self.address}: did not say goodbye: {error}")
        finally:
            self._client.close(timeout=2)
            self._scratch.cleanup()

    def _on(self, worker: str, function: Callable[..., Any], *arguments: Any) -> Any:
        return self._client.run(function, *arguments, workers=[worker])[worker]

    def _ship(self, worker: str, digest: str) -> str:
        file = self._files[digest]
        size, offset = file.stat().st_size, 0
        with file.open("rb") as stream:
            while True:
                data = stream.read(_PART)
                last = offset + len(data) >= size
                why = str(self._on(worker, onworker.receive, digest, self.run, offset, data, last))
                offset += len(data)
                if why or last or not data:
                    return why

    def _alive(self) -> str:
        """Why nothing can come any more, if so."""
        if self._client.status not in ("running", "connecting"):
            return f"the connection to {self.address} is {self._client.status}"
        if self.workers:
            self._seen_worker = time.monotonic()
        elif time.monotonic() - self._seen_worker > self._workers_s:
            return f"no worker was there for {self._workers_s:.0f} s"
        return ""

    def _await_worker(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=self._workers_s)
        except Exception as error:  # dask.distributed has had two classes for this
            raise ClusterError(
                f"--cluster {self.address}: the scheduler is there, but no worker came within "
                f"{self._workers_s:.0f} s: start some with `dask worker {self.address}`"
            ) from error

    def _choose_qemu(self) -> str:
        """The version of most workers is that of the run: results of two are no parts of one.

        Of as many each, that of this machine, else the higher one.
        """
        self._exclude_other_pythons()
        # A worker that dies meanwhile has nothing to say.
        asked = self._client.run(
            onworker.surroundings, self.arch.qemu, workers=self.workers, on_error="ignore"
        )
        having = {worker: told["qemu"] for worker, told in asked.items() if told["qemu"]}
        if not having:
            raise ClusterError(
                f"--cluster {self.address}: no {self.arch.qemu} in $PATH of any of its "
                f"{len(asked)} workers: apt-get install {self.arch.qemu_package} on their machines"
            )
        here = onworker.surroundings(self.arch.qemu)["qemu"]
        votes = Counter(having.values())
        chosen: str = max(votes, key=lambda version: (votes[version], version == here, version))
        for worker in asked:
            if having.get(worker) != chosen:
                self.exclude(worker, unlike(self.arch, having.get(worker, ""), chosen))
        return chosen

    def _exclude_other_pythons(self) -> None:
        """Dask sends functions as they are in memory: that needs the same Python, as Dask says too."""
        ours = f"{sys.version_info[0]}.{sys.version_info[1]}"
        for worker, versions in self._client.get_versions()["workers"].items():
            theirs = ".".join(str(versions["host"]["python"]).split(".")[:2])
            if theirs != ours:
                self.exclude(worker, f"its Python is {theirs}, expected {ours} as here")

    def _of_no_use(self) -> str:
        reasons = "\n".join(f"  {worker}: {why}" for worker, why in self._unfit.items())
        return f"--cluster {self.address}: none of its workers can be used\n{reasons}"


def unlike(arch: Arch, has: str, wanted: str) -> str:
    """Why a worker with this QEMU does not take part."""
    if not has:
        return f"{arch.qemu} is not in its $PATH: apt-get install {arch.qemu_package}"
    return f"it has {has}, this run is of {wanted}: install the same on all"


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise DaskMissing from error
    return distributed


def _connected(address: str, connect_s: float) -> Any:
    distributed = _distributed()
    import cloudpickle

    for module in (onworker, cache):
        cloudpickle.register_pickle_by_value(module)
    # What it has to say about a lost connection, we say ourselves, and how to go on.
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)
    what = (
        f"--cluster {address}: expected the address of a Dask scheduler, such as "
        "tcp://head:8786 or tls://head:8786"
    )
    try:
        return distributed.Client(address, timeout=connect_s, set_as_default=False)
    except (ValueError, TypeError) as error:
        raise AddressProblem(f"{what}: {error}") from error
    except OSError as error:
        raise ClusterError(
            f"{what}; nothing answered there within {connect_s:.0f} s. Is `dask scheduler` "
            f"running, and can this machine reach it? ({str(error).partition(chr(10))[0]})"
        ) from error

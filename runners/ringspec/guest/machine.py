"""Kernels in virtual machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from ringspec.cache.directory import locked
from ringspec.cache.eviction import touch
from ringspec.guest import qemu, snapshot
from ringspec.guest.accel import choose_accelerator
from ringspec.guest.console import ConsoleLog, ConsoleWatcher
from ringspec.guest.errors import GuestError, QemuRefused, UsageError
from ringspec.guest.options import MachineOptions
from ringspec.guest.orderrun import OrderRun
from ringspec.guest.protocol import Message, facts_of, order_text, taint_of
from ringspec.guest.stopping import StopFlag
from ringspec.guest.vm import Vm, boot
from ringspec.model import Event, Execution, Facts, Kernel

# A panic is printed in a second or two, and ends QEMU.
_LAST_WORDS_S = 10.0


class VirtualMachine:
    """Runs orders on a kernel image, in as many guests as that takes."""

    def __init__(self, options: MachineOptions) -> None:
        if options.clock == "virtual" and options.accel == "kvm":
            raise UsageError("virtual time needs TCG: use --clock real with --accel kvm")
        self._options = options
        self._stop = StopFlag()

    def stop(self) -> None:
        """From any thread: ends what run() waits for; run() raises Stopped."""
        self._stop.set()

    def run(
        self, kernel: Kernel, order: tuple[Execution, ...], sink: Callable[[Event], None]
    ) -> None:
        log = ConsoleLog(self._options.console)
        try:
            OrderRun(self._guests(kernel, log).open, sink).run([order])
        finally:
            log.close()

    def opener(self, kernel: Kernel) -> Callable[[], VmSession]:
        """Opens guests of this kernel, for whoever has orders of his own."""
        return self._guests(kernel, ConsoleLog(None)).open

    def _guests(self, kernel: Kernel, log: ConsoleLog) -> Guests:
        if kernel.image is None:
            raise UsageError(f"{kernel.spec} has no image to boot")
        return Guests(self._options, kernel.image, log, self._stop)


class Guests:
    """Fresh guests of one kernel: restored where there is a snapshot, else booted."""

    def __init__(
        self, options: MachineOptions, image: Path, log: ConsoleLog, stop: StopFlag
    ) -> None:
        self._options = options
        self._image = image
        self._log = log
        self._stop = stop
        self._qemu = qemu.installed_qemu(options.arch)
        self._command_line = qemu.kernel_command_line(options)
        accel = "tcg"
        if options.clock == "real":
            accel = choose_accelerator(options, self._qemu, image, stop)
        self._arguments = qemu.machine_arguments(options, self._qemu, accel)
        self._about = {
            "qemu": self._qemu.version,
            "accel": accel,
            "clock": options.clock,
            "cpus": qemu.cpus_of(options, self._qemu),
            "memory_mb": options.memory_mb,
            "command_line": self._command_line,
        }
        self._bound = options.clock == "virtual" and self._about["cpus"] == 1
        self._directory = self._snapshot_directory()
        if options.cache:
            touch(options.cache, image)

    def _snapshot_directory(self) -> Path | None:
        if self._options.cache is None or self._qemu.release < qemu.FIRST_WITH_SNAPSHOTS:
            return None
        arguments = [*self._arguments, self._command_line]
        key = snapshot.snapshot_key(
            self._image, self._options.binary, self._qemu.version, arguments
        )
        return self._options.cache / "snapshots" / key

    def open(self) -> VmSession:
        if session := self._restored():
            return session
        # Whoever comes while another machine boots this kernel waits for its snapshot.
        with self._booting():
            if session := self._restored():
                return session
            booted = self._boot()
            # Two restored guests are alike to the nanosecond, a booted one is another one.
            if session := self._restored():
                booted.close()
                return session
            return booted

    def _booting(self) -> AbstractContextManager[None]:
        if self._directory is None:
            return nullcontext()
        lock = self._directory.parents[1] / "locks" / f"{self._directory.name}.lock"
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            lock.touch()
        except OSError:  # A cache that cannot be written: there will be nothing to wait for.
            return nullcontext()
        return locked(lock)

    def _restored(self) -> VmSession | None:
        if self._directory is None:
            return None
        saved = snapshot.load(self._directory)
        try:
            return self._restore(saved) if saved else None
        except GuestError:
            snapshot.discard(self._directory)
            return None

    def _boot(self) -> VmSession:
        self._log.write("=== boot ===")
        watcher = ConsoleWatcher(self._log)
        vm, said = boot(
            [self._qemu.program, *self._arguments],
            self._image,
            self._options.binary,
            self._command_line,
            watcher,
            self._stop,
            self._options.boot_limit_s,
            bound=self._bound,
        )
        try:
            if self._directory:
                snapshot.save(vm, said, self._directory)
            paused = self._directory is not None
            return VmSession(vm, said, self._about, self._options, paused=paused)
        except BaseException:
            vm.close()
            raise

    def _restore(self, saved: snapshot.Snapshot) -> VmSession:
        self._log.write("=== a saved guest goes on ===")
        with saved.memory.open("rb") as memory:
            incoming = ["-S", "-incoming", f"file:/dev/fd/{memory.fileno()}"]
            vm = Vm(
                [self._qemu.program, *self._arguments, *incoming],
                ConsoleWatcher(self._log),
                self._stop,
                pass_fds=[memory.fileno()],
                bound=self._bound,
            )
        try:
            snapshot.await_restored(vm)
            if self._bound:
                vm.hush()
            return VmSession(vm, saved.said, self._about, self._options, paused=True)
        except BaseException:
            vm.close()
            raise


class VmSession:
    """A guest that waits for orders."""

    def __init__(
        self,
        vm: Vm,
        said: Mapping[str, Message],
        about: Mapping[str, Any],
        options: MachineOptions,
        *,
        paused: bool,
    ) -> None:
        self._vm = vm
        self._options = options
        self._paused = paused
        self.facts: Facts = facts_of(said, about)
        self.taint = taint_of(said["hello"])
        if options.debugger:
            self._admit(options.debugger)

    def _admit(self, debugger: str) -> None:
        if not self._paused:
            self._vm.control.execute("stop")
        listen: dict[str, Any] = {"command-line": f"gdbserver {debugger}"}
        self._vm.control.execute("human-monitor-command", **listen)

    def submit(self, executions: Sequence[Execution]) -> None:
        self.send(order_text(executions, self._options))

    def send(self, order: bytes) -> None:
        self._vm.send(order)
        if self._paused and not self._options.debugger:
            # Only now: in virtual time an idle guest races ahead.  And not before the bell has rung in
            # the paused machine, so that every guest hears it in the same instant.
            self._vm.control.execute("query-status")
            self._vm.control.execute("cont")
            self._paused = False

    def next(self) -> Message:
        return self._vm.wire.next(self._options.patience_s)

    def last_complaint(self) -> str:
        self._vm.wire.drain()
        return self._vm.watcher.complaint

    def interrogate(self) -> str:
        """Under an NMI the kernel panics, and with that says what each CPU was doing."""
        try:
            self._vm.control.execute("inject-nmi", limit_s=_LAST_WORDS_S)
        except QemuRefused:
            return ""
        self._vm.wire.listen(_LAST_WORDS_S)
        return self._vm.watcher.complaint

    def note(self, text: str) -> None:
        self._vm.watcher.note(text)

    def tail(self) -> str:
        return "\n".join(filter(None, (self._vm.watcher.tail, self._vm.last_words())))

    def close(self) -> None:
        self._vm.close()

"""One virtual machine: QEMU, its three channels, and the way to a guest that waits for orders."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path

from ringspec.guest import qemu
from ringspec.guest.console import ConsoleWatcher
from ringspec.guest.errors import BootFailed, SessionLost
from ringspec.guest.initramfs import initramfs
from ringspec.guest.process import Process
from ringspec.guest.protocol import Message
from ringspec.guest.qmp import Control
from ringspec.guest.seats import hush_control, rouse, seat
from ringspec.guest.stopping import StopFlag
from ringspec.guest.window import Window
from ringspec.guest.wire import Wire, await_ready


class Vm:
    """A running QEMU and the host's ends of its channels; nothing of it is left after close().

    `bound`: to one CPU of the host.
    """

    def __init__(
        self,
        command: Sequence[str],
        watcher: ConsoleWatcher,
        stop: StopFlag,
        pass_fds: Sequence[int] = (),
        *,
        bound: bool = False,
    ) -> None:
        self.watcher = watcher
        with ExitStack() as undo:
            pairs = [socket.socketpair() for _ in range(3)]
            ours = [undo.enter_context(our) for our, _ in pairs]
            theirs = [undo.enter_context(their) for _, their in pairs]
            console, self._events, control = ours
            numbers = [end.fileno() for end in theirs]
            self._window = Window()
            undo.callback(self._window.close)
            with seat() if bound else nullcontext():
                self._process = Process(
                    [*command, *self._window.backend(), *qemu.channel_arguments(*numbers)],
                    pass_fds=[*numbers, self._window.descriptor, *pass_fds],
                    untrusted=True,
                )
            undo.callback(self._process.end)
            for end in theirs:
                end.close()
            self.control = Control(control)
            self.wire = Wire(self._events.fileno(), stop, console.fileno(), watcher, self._window)
            self._undo = undo.pop_all()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, order: bytes) -> None:
        """Puts the order into the window and rings the bell."""
        self._window.put_order(order)
        try:
            self._events.sendall(b"!")
        except OSError as error:
            raise SessionLost(f"the machine is gone: {error}") from error

    def hush(self) -> None:
        """Its control thread, which must have answered once, gets out of the way of the guest."""
        self._undo.callback(rouse, hush_control(self.pid))

    def last_words(self) -> str:
        """What QEMU itself complained about."""
        return self._process.complaint()

    def close(self) -> None:
        self._undo.close()


def boot(
    machine: Sequence[str],
    image: Path,
    binary: Path,
    command_line: str,
    watcher: ConsoleWatcher,
    stop: StopFlag,
    limit_s: float,
    *,
    bound: bool = False,
) -> tuple[Vm, Mapping[str, Message]]:
    """Starts a guest and waits until it is ready; also returns what it said by then, by event.

    The initramfs exists in memory only.  QEMU gets open files, because it may not have the right to
    look for them.
    """
    archive = os.memfd_create("initramfs")
    try:
        with open(archive, "wb", closefd=False) as file:
            file.write(initramfs(binary.read_bytes()))
        with image.open("rb") as kernel:
            pass_fds = [kernel.fileno(), archive]
            files = [Path(f"/dev/fd/{number}") for number in pass_fds]
            arguments = qemu.boot_arguments(files[0], files[1], command_line)
            vm = Vm([*machine, *arguments], watcher, stop, pass_fds=pass_fds, bound=bound)
    finally:
        os.close(archive)
    try:
        return vm, await_ready(vm.wire, limit_s)
    except SessionLost as lost:
        vm.wire.drain()
        words = vm.last_words()
        vm.close()
        why = f"the kernel did not get ready: {lost}" + (f"\n  QEMU: {words}" if words else "")
        raise BootFailed(why, watcher.tail) from lost
    except BaseException:
        vm.close()
        raise

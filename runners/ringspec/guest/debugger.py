"""A debugger at a guest: QEMU's stub on a free port, and the line that attaches gdb to it."""

from __future__ import annotations

import shlex
import socket
from pathlib import Path

from ringspec.model import Kernel

# Where Debian's linux-image-*-dbg packages put the kernel with its symbols.
_SYMBOLS = ("/usr/lib/debug/boot/vmlinux-{0}", "/usr/lib/debug/lib/modules/{0}/vmlinux")


def free_port() -> int:
    """A TCP port of this machine that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def stub_arguments(port: int, *, stopped: bool) -> tuple[str, ...]:
    """For QEMU; `stopped`: before the guest's first instruction."""
    return ("-gdb", f"tcp:127.0.0.1:{port}", *(("-S",) if stopped else ()))


def attach_lines(port: int, kernel: Kernel, where: str) -> list[str]:
    """What to tell the user."""
    places = [Path(place.format(kernel.release)) for place in _SYMBOLS]
    symbols = next((place for place in places if place.is_file()), None)
    command = ["gdb", "-ex", f"target remote 127.0.0.1:{port}", str(symbols or kernel.image)]
    lines = [f"the guest is stopped {where}; in another terminal:", f"    {shlex.join(command)}"]
    if symbols:
        lines.append("then for example: hbreak io_uring_setup, continue")
    else:
        lines.append(
            f"without symbols: no {places[0]} (Debian: package linux-image-{kernel.release}-dbg)"
        )
    return lines

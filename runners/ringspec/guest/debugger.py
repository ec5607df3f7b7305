"""A debugger at a guest: QEMU's stub on a free port, and the line that attaches gdb to it."""

from __future__ import annotations

import shlex
import socket
from pathlib import Path

from ringspec.model import Kernel

_HERE = "127.0.0.1"
# Where Debian's linux-image-*-dbg packages put the kernel with its symbols.
_SYMBOLS = ("/usr/lib/debug/boot/vmlinux-{0}", "/usr/lib/debug/lib/modules/{0}/vmlinux")


def free_address() -> str:
    """Where nobody on this machine listened a moment ago, as QEMU names it."""
    with socket.create_server((_HERE, 0)) as server:
        return f"tcp:{_HERE}:{server.getsockname()[1]}"


def attach_lines(debugger: str, kernel: Kernel, where: str) -> list[str]:
    """What to tell the user."""
    places = [Path(place.format(kernel.release)) for place in _SYMBOLS]
    symbols = next((place for place in places if place.is_file()), None)
    command = [
        "gdb",
        "-ex",
        f"target remote {debugger.removeprefix('tcp:')}",
        str(symbols or kernel.image),
    ]
    lines = [f"the guest is stopped {where}; in another terminal:", f"    {shlex.join(command)}"]
    if symbols:
        lines.append("then for example: hbreak io_uring_setup, continue")
    else:
        lines.append(
            f"without symbols: no {places[0]} (Debian: package linux-image-{kernel.release}-dbg)"
        )
    return lines

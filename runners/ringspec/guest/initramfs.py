"""The guest's root file system: our binary as /init, and the console it is started with.

Format "newc", see Documentation/driver-api/early-userspace/buffer-format.rst in Linux.
"""

from __future__ import annotations

import stat
from pathlib import Path

_CONSOLE = (5, 1)  # Documentation/admin-guide/devices.txt


def _member(
    number: int, name: str, mode: int, data: bytes = b"", device: tuple[int, int] = (0, 0)
) -> bytes:
    path = name.encode() + b"\0"
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields) + path
    return _padded(header) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def initramfs(binary: bytes) -> bytes:
    """The same bytes for the same binary, always."""
    return b"".join(
        (
            _member(1, "dev", stat.S_IFDIR | 0o755),
            _member(2, "dev/console", stat.S_IFCHR | 0o600, device=_CONSOLE),
            _member(3, "init", stat.S_IFREG | 0o755, binary),
            _member(0, "TRAILER!!!", 0),
        )
    )


def write_initramfs(binary: Path, target: Path) -> None:
    target.write_bytes(initramfs(binary.read_bytes()))

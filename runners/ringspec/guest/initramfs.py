"""The guest's root file system: /init, the console it is started with, and what else it needs.

Format "newc", see Documentation/driver-api/early-userspace/buffer-format.rst in Linux.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import PurePosixPath

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


def initramfs(binary: bytes, order: bytes = b"") -> bytes:
    """Our binary as /init; the same bytes for the same binary, always.

    With an `order` the guest works that off and ends, instead of asking its host.
    """
    files = {"init": (0o755, binary)}
    if order:
        files["order"] = (0o644, order)
    return archive(files)


def archive(files: Mapping[str, tuple[int, bytes]]) -> bytes:
    """Files by path, with mode and content; the directories they are in come first."""
    folders = {parent.as_posix() for name in files for parent in PurePosixPath(name).parents}
    members = [
        _member(1, "dev", stat.S_IFDIR | 0o755),
        _member(2, "dev/console", stat.S_IFCHR | 0o600, device=_CONSOLE),
    ]
    for folder in sorted(folders - {".", "dev"}):
        members.append(_member(len(members) + 1, folder, stat.S_IFDIR | 0o755))
    for name, (mode, content) in files.items():
        members.append(_member(len(members) + 1, name, stat.S_IFREG | mode, content))
    return b"".join((*members, _member(0, "TRAILER!!!", 0)))

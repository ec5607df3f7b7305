"""Kernel images: what a file is, its banner, and the ELF inside a bzImage."""

from __future__ import annotations

import bz2
import lzma
import mmap
import re
import struct
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ringspec.kernels.errors import NotAKernel
from ringspec.kernels.names import upstream_version

# Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header".
_SETUP_SECTS = 0x1F1
_HEADER_MAGIC = (0x202, b"HdrS")
_PROTOCOL = 0x206
_BANNER_POINTER = 0x20E
_PAYLOAD = 0x248
_PAYLOAD_PROTOCOL = 0x0208

# xen/interface/elfnote.h: XEN_ELFNOTE_PHYS32_ENTRY, the PVH entry point that QEMU jumps to.
_PVH_NOTE = (b"Xen\0", 18)
_PT_NOTE = 4

BANNER = re.compile(rb"Linux version (\d[^\s\0]*) [^\0\n]*?(#\d[^\0\n]*)")


@dataclass(frozen=True)
class Banner:
    """`uname -r` and `uname -v` as the image carries them."""

    release: str
    version: str


def upstream_of(release: str, uname_version: str) -> str:
    """x.y.z from Debian's package version in `uname -v` where it stands, else from `uname -r`."""
    debian = re.search(r"\bDebian (\d\S*)", uname_version)
    return upstream_version(debian[1] if debian else release)


def is_bzimage(head: bytes) -> bool:
    offset, magic = _HEADER_MAGIC
    return head[offset : offset + 4] == magic


def is_elf(head: bytes) -> bool:
    return head[:4] == b"\x7fELF"


def bzimage_banner(image: bytes) -> Banner:
    (pointer,) = struct.unpack_from("<H", image, _BANNER_POINTER)
    start = pointer + 0x200
    text = image[start : start + 512].split(b"\0")[0].decode(errors="replace")
    release, _, rest = text.partition(" ")
    return Banner(release, rest[rest.find("#") :] if "#" in rest else "")


def elf_banner(path: Path) -> Banner | None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        match = BANNER.search(data)
        return Banner(match[1].decode(), match[2].decode(errors="replace")) if match else None


def has_pvh_entry(path: Path) -> bool:
    """Whether QEMU can boot this x86-64 ELF file through the PVH protocol."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            return _PVH_NOTE in _notes(data)
        except struct.error:
            return False


def _notes(elf: mmap.mmap) -> list[tuple[bytes, int]]:
    if elf[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<H", elf, 18) != (62,):
        return []
    (phoff,) = struct.unpack_from("<Q", elf, 32)
    phentsize, phnum = struct.unpack_from("<HH", elf, 54)
    found = []
    for i in range(phnum):
        kind, _, offset, _, _, size = struct.unpack_from("<IIQQQQ", elf, phoff + i * phentsize)
        end = min(offset + size, len(elf)) if kind == _PT_NOTE else 0
        while offset + 12 <= end:
            name_size, desc_size, note = struct.unpack_from("<III", elf, offset)
            found.append((elf[offset + 12 : offset + 12 + name_size], note))
            offset += 12 + (name_size + 3 & ~3) + (desc_size + 3 & ~3)
    return found


def extract_vmlinux(bzimage: bytes) -> bytes | None:
    """The ELF file that a bzImage decompresses at boot; None where there is no way to it."""
    (protocol,) = struct.unpack_from("<H", bzimage, _PROTOCOL)
    if protocol < _PAYLOAD_PROTOCOL:
        return None
    offset, length = struct.unpack_from("<II", bzimage, _PAYLOAD)
    start = ((bzimage[_SETUP_SECTS] or 4) + 1) * 512 + offset
    payload = bzimage[start : start + length]
    if len(payload) < length:
        raise NotAKernel("the bzImage is truncated: its payload ends beyond the end of the file")
    for magic, decompress in _DECOMPRESSORS.items():
        if payload.startswith(magic):
            try:
                plain = decompress(payload)
            except FileNotFoundError:
                return None
            except (OSError, EOFError, zlib.error, lzma.LZMAError, subprocess.SubprocessError):
                raise NotAKernel("a bzImage whose payload does not decompress") from None
            return plain if is_elf(plain) else None
    return payload if is_elf(payload) else None


def gunzip(payload: bytes) -> bytes:
    """What the gzip stream at the start of `payload` holds; what follows it is left alone."""
    stream = zlib.decompressobj(wbits=31)
    plain = stream.decompress(payload)
    if not stream.eof:
        raise EOFError
    return plain


def _xz(payload: bytes) -> bytes:
    return lzma.LZMADecompressor().decompress(payload)


def _bzip2(payload: bytes) -> bytes:
    return bz2.BZ2Decompressor().decompress(payload)


def _by_tool(*command: str) -> Callable[[bytes], bytes]:
    # scripts/Makefile.lib, size_append: all but gzip are followed by the plain size, 4 bytes.
    def run(payload: bytes) -> bytes:
        return subprocess.run(command, input=payload[:-4], capture_output=True, check=True).stdout

    return run


_DECOMPRESSORS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gunzip,
    b"BZh": _bzip2,
    b"\xfd7zXZ\0": _xz,
    b"\x5d\0\0": _xz,
    b"\x28\xb5\x2f\xfd": _by_tool("zstd", "-dcq"),
    b"\x02\x21\x4c\x18": _by_tool("lz4", "-dcq"),
}

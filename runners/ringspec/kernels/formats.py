"""What a kernel image is, by its content, and the form of it that QEMU boots best."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from ringspec.arch import AMD64, ARM64, Arch
from ringspec.kernels.errors import NotAKernel
from ringspec.kernels.image import (
    BANNER,
    Banner,
    bzimage_banner,
    elf_banner,
    extract_vmlinux,
    gunzip,
    has_pvh_entry,
    is_bzimage,
    is_elf,
)

_HEAD = 0x1000

# Documentation/arch/arm64/booting.rst, "Call the kernel image".
_ARM64_MAGIC = (56, b"ARM\x64")
# drivers/firmware/efi/libstub/zboot-header.S: an EFI program around a compressed image.
_ZBOOT_MAGIC = (4, b"zimg")
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Image:
    """A file that QEMU can boot."""

    path: Path
    banner: Banner


def looks_like_kernel(path: Path) -> bool:
    """Whether the file begins like an image that `bootable` may accept."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return is_bzimage(head) or is_elf(head) or _has(head, _ARM64_MAGIC) or _has(head, _ZBOOT_MAGIC)


def arch_of(image: Path) -> Arch:
    """Of an image that `bootable` returned."""
    with image.open("rb") as file:
        return ARM64 if _has(file.read(_HEAD), _ARM64_MAGIC) else AMD64


def bootable(raw: Path, into: Path) -> Image:
    """Turns `raw` into a file in `into` that QEMU boots; `raw` itself is gone afterwards."""
    with raw.open("rb") as file:
        head = file.read(_HEAD)
    if is_bzimage(head):
        image = _from_bzimage(raw, into)
    elif is_elf(head):
        image = _from_elf(raw, into)
    elif head.startswith(_GZIP) or _has(head, _ZBOOT_MAGIC) or _has(head, _ARM64_MAGIC):
        image = _from_arm64(raw, into)
    else:
        raise NotAKernel("neither a bzImage nor an ELF vmlinux, nor an arm64 Image")
    if image.path.name != raw.name:
        raw.unlink(missing_ok=True)
    return image


def _from_bzimage(raw: Path, into: Path) -> Image:
    """The PVH vmlinux inside where there is one: it boots 2 s faster under TCG."""
    data = raw.read_bytes()
    banner = bzimage_banner(data)
    plain = extract_vmlinux(data)
    image = into / "vmlinux"
    image.write_bytes(plain or b"")
    if not plain or not has_pvh_entry(image):
        image.unlink()
        image = raw.rename(into / "bzImage")
    return Image(image, banner)


def _from_elf(raw: Path, into: Path) -> Image:
    if not has_pvh_entry(raw):
        raise NotAKernel(
            "an ELF file without the PVH entry that QEMU needs; give the bzImage, "
            "or for arm64 the Image"
        )
    if not (banner := elf_banner(raw)):
        raise NotAKernel("an ELF file without a Linux banner; expected vmlinux or bzImage")
    return Image(raw.rename(into / "vmlinux"), banner)


def _from_arm64(raw: Path, into: Path) -> Image:
    data = raw.read_bytes()
    if _has(data, _ZBOOT_MAGIC):
        data = _zboot_payload(data)
    if data.startswith(_GZIP):
        try:
            data = gunzip(data)
        except (EOFError, zlib.error):
            raise NotAKernel("a compressed image that does not decompress") from None
    if not _has(data, _ARM64_MAGIC):
        raise NotAKernel("compressed, but what is inside is no arm64 Image")
    if not (found := BANNER.search(data)):
        raise NotAKernel("an arm64 Image without a Linux banner")
    image = into / "Image"
    image.write_bytes(data)
    return Image(image, Banner(found[1].decode(), found[2].decode(errors="replace")))


def _zboot_payload(data: bytes) -> bytes:
    offset, size = (int.from_bytes(data[at : at + 4], "little") for at in (8, 12))
    kind = re.split(rb"\0", data[24:56])[0].decode(errors="replace")
    if kind != "gzip":
        raise NotAKernel(f"an EFI zboot image packed with {kind}; expected gzip: give the Image")
    return data[offset : offset + size]


def _has(head: bytes, magic: tuple[int, bytes]) -> bool:
    offset, text = magic
    return head[offset : offset + len(text)] == text

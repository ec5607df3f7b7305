"""The kernel image inside a binary package."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from ringspec.kernels.errors import NotAKernel

# Debian to 6.18 and Ubuntu: boot/; Debian from 6.19 and Fedora: (usr/)lib/modules/RELEASE/.
_IMAGE = re.compile(r"(\./)?/?(boot/vmlinuz-[^/]+|(usr/)?lib/modules/[^/]+/vmlinuz)")
_CONFIG = re.compile(r"(\./)?/?(boot/config-[^/]+|(usr/)?lib/modules/[^/]+/config)")


_DEB_MAGIC = b"!<arch>\n"
_RPM_MAGIC = b"\xed\xab\xee\xdb"


def is_deb(path: Path) -> bool:
    """By its content: an ar archive."""
    return _begins_with(path, _DEB_MAGIC)


def is_rpm(path: Path) -> bool:
    """By its content: the lead of an RPM package."""
    return _begins_with(path, _RPM_MAGIC)


def package_has_image(path: Path) -> bool:
    """Whether a package holds a kernel; those without are read to their end."""
    with tempfile.TemporaryDirectory() as scratch:
        try:
            (unpack_deb if is_deb(path) else unpack_rpm)(path, Path(scratch))
        except NotAKernel:
            return False
        return True


def unpack_deb(deb: Path, into: Path) -> Path:
    """The image of a .deb, as `into`/raw, and beside it the `config` where it has one."""
    return _image(_extract(["dpkg-deb", "--fsys-tarfile", str(deb)], into))


def unpack_config(deb: Path, into: Path) -> None:
    """The `config` of a package without an image."""
    _extract(["dpkg-deb", "--fsys-tarfile", str(deb)], into)


def unpack_rpm(rpm: Path, into: Path) -> Path:
    """The same of an .rpm; bsdtar reads rpm archives and can write tar."""
    if not shutil.which("bsdtar"):
        raise NotAKernel("an rpm needs bsdtar to be unpacked (Debian: libarchive-tools)")
    return _image(_extract(["bsdtar", "-c", "--format=pax", "-f", "-", f"@{rpm}"], into))


def deb_identity(deb: Path) -> tuple[str, str]:
    """Name and version as the package states them."""
    done = subprocess.run(
        ["dpkg-deb", "--show", "--showformat=${Package} ${Version}", str(deb)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotAKernel(f"not a readable Debian package ({done.stderr.strip()})")
    name, _, version = done.stdout.partition(" ")
    return name, version


def _begins_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def _extract(command: list[str], into: Path) -> dict[str, Path]:
    """Of the tar archive that `command` prints: the image as raw, the configuration as config."""
    found: dict[str, Path] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as unpacking:
        try:
            with tarfile.open(fileobj=unpacking.stdout, mode="r|") as tar:
                for member in tar:
                    for name, pattern in (("raw", _IMAGE), ("config", _CONFIG)):
                        if member.isfile() and pattern.fullmatch(member.name):
                            source = tar.extractfile(member)
                            assert source
                            found[name] = into / name
                            found[name].write_bytes(source.read())
                    # What follows is modules, and most of the package.
                    if len(found) == 2:
                        break
        except (tarfile.TarError, EOFError) as error:
            raise NotAKernel(f"the package cannot be unpacked ({error})") from error
        finally:
            unpacking.kill()
    return found


def _image(found: dict[str, Path]) -> Path:
    if "raw" in found:
        return found["raw"]
    raise NotAKernel(
        "the package holds no kernel image; Debian's is in linux-image-VERSION-FLAVOUR up to 6.18 "
        "and in linux-binary-VERSION-FLAVOUR from 6.19 on"
    )

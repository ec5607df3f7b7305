"""Kernels given as files: what is accepted, what it becomes, what is refused and how."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kernels_lab import BOOTS, arm64_image, bzimage, deb, rpm, vmlinux
from ringspec.arch import ARM64
from ringspec.kernels import NotAKernel, config_of, resolve, upstream_of

RELEASE = "6.1.0-56-cloud-amd64"
UNAME = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-01)"
ELF = vmlinux(RELEASE, UNAME)


def with_size(compressed: bytes) -> bytes:
    return compressed + len(ELF).to_bytes(4, "little")


def by_tool(*command: str) -> Callable[[bytes], bytes]:
    return lambda plain: subprocess.run(
        command, input=plain, check=True, capture_output=True
    ).stdout


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize(
    "compress",
    [
        pytest.param(gzip.compress, id="gzip"),
        pytest.param(lambda elf: with_size(bz2.compress(elf)), id="bzip2"),
        pytest.param(lambda elf: with_size(lzma.compress(elf)), id="xz"),
        pytest.param(
            lambda elf: with_size(lzma.compress(elf, format=lzma.FORMAT_ALONE)), id="lzma"
        ),
        pytest.param(lambda elf: with_size(by_tool("zstd", "-cq")(elf)), id="zstd"),
        pytest.param(lambda elf: with_size(by_tool("lz4", "-lcq")(elf)), id="lz4"),
        pytest.param(lambda elf: elf, id="plain"),
    ],
)
def test_bzimage_becomes_its_vmlinux(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    spec = write(tmp_path / "bzImage", bzimage(RELEASE, UNAME, compress(ELF)))

    kernel = resolve(spec, tmp_path / "cache")

    assert kernel.image and kernel.image.read_bytes() == ELF
    assert (kernel.version, kernel.release) == ("6.1.192", RELEASE)
    assert kernel.kernel.startswith("bzImage@")
    assert kernel.provenance.startswith("sha256 ")


def test_bzimage_without_pvh_stays_a_bzimage(tmp_path: Path) -> None:
    image = bzimage(RELEASE, UNAME, gzip.compress(vmlinux(RELEASE, UNAME, pvh=False)))

    kernel = resolve(write(tmp_path / "bzImage", image), tmp_path / "cache")

    assert kernel.image and kernel.image.name == "bzImage"
    assert kernel.image.read_bytes() == image


def test_vmlinux_is_taken_as_it_is(tmp_path: Path) -> None:
    kernel = resolve(write(tmp_path / "vmlinux", ELF), tmp_path / "cache")

    assert kernel.image and kernel.image.read_bytes() == ELF
    assert kernel.version == "6.1.192"


def test_build_tree_gives_its_bzimage(tmp_path: Path) -> None:
    boot = tmp_path / "linux" / "arch" / "x86" / "boot"
    boot.mkdir(parents=True)
    write(boot / "bzImage", bzimage("7.3.0-rc2+", "#1 SMP", gzip.compress(ELF)))
    write(tmp_path / "linux" / ".config", BOOTS + b"CONFIG_HZ=250\n# CONFIG_X is not set\n")

    kernel = resolve(str(tmp_path / "linux"), tmp_path / "cache")

    assert kernel.version == "7.3.0"
    assert config_of(kernel).get("CONFIG_HZ") == "250"
    assert "CONFIG_X" not in config_of(kernel)


def test_configuration_that_cannot_boot_is_refused(tmp_path: Path) -> None:
    spec = write(tmp_path / "vmlinuz-6.1", bzimage(RELEASE, UNAME, gzip.compress(ELF)))
    write(tmp_path / "config-6.1", BOOTS.replace(b"CONFIG_PCI=y", b"# CONFIG_PCI is not set"))

    with pytest.raises(NotAKernel, match="lacks CONFIG_PCI, without .*build it again"):
        resolve(spec, tmp_path / "cache")


def test_package_file_gives_its_image(tmp_path: Path) -> None:
    image = bzimage(RELEASE, UNAME, gzip.compress(ELF))
    spec = deb(tmp_path / "some.deb", f"linux-image-{RELEASE}", "6.1.192-2", image)

    kernel = resolve(str(spec), tmp_path / "cache")

    assert kernel.package == f"linux-image-{RELEASE} 6.1.192-2"
    assert kernel.provenance.startswith("sha256 ")


def test_deb_is_known_by_its_content(tmp_path: Path) -> None:
    image = bzimage(RELEASE, UNAME, gzip.compress(ELF))
    spec = deb(tmp_path / "linux-binary.deb", f"linux-binary-unsigned-{RELEASE}", "6.19.1-1", image)

    kernel = resolve(str(spec.rename(tmp_path / "no-suffix")), tmp_path / "cache")

    assert kernel.package == f"linux-binary-unsigned-{RELEASE} 6.19.1-1"


@pytest.mark.skipif(not shutil.which("rpmbuild"), reason="rpmbuild is not installed (Debian: rpm)")
def test_kernel_core_rpm_gives_its_image_and_config(tmp_path: Path) -> None:
    release = "6.11.4-301.fc41.x86_64"
    spec = rpm(tmp_path, release, bzimage(release, "#1 SMP", gzip.compress(ELF)))

    kernel = resolve(str(spec), tmp_path / "cache")

    assert (kernel.version, kernel.release) == ("6.11.4", release)
    assert kernel.package.startswith("kernel-core-6.11.4-301")
    assert config_of(kernel)["CONFIG_TIME_NS"] == "y"


def test_installed_kernel_brings_the_config_beside_it(tmp_path: Path) -> None:
    spec = write(tmp_path / "vmlinuz-6.1", bzimage(RELEASE, UNAME, gzip.compress(ELF)))
    write(tmp_path / "config-6.1", BOOTS + b"CONFIG_HZ=1000\n")

    assert config_of(resolve(spec, tmp_path / "cache"))["CONFIG_HZ"] == "1000"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("notes.txt", b"hello", "neither a bzImage nor an ELF vmlinux"),
        ("empty", b"", "neither a bzImage nor an ELF vmlinux"),
        ("vmlinux", vmlinux(RELEASE, UNAME, pvh=False), "without the PVH entry"),
        ("a.out", b"\x7fELF\x02\x01\x01", "without the PVH entry"),
        ("short", bzimage(RELEASE, UNAME, gzip.compress(ELF))[:-9], "truncated"),
        ("bad", bzimage(RELEASE, UNAME, gzip.compress(ELF)[:-9]), "does not decompress"),
        ("broken.deb", b"!<arch>\n", "not a readable Debian package"),
        ("unnamed", bzimage("custom", "#1 SMP", gzip.compress(ELF)), "--as-version"),
    ],
)
def test_what_is_no_kernel_is_refused(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    spec = write(tmp_path / name, data)

    with pytest.raises(NotAKernel, match=message) as caught:
        resolve(spec, tmp_path / "cache")
    assert str(caught.value).startswith(f"{spec}: ")


def test_meta_package_says_where_the_image_is(tmp_path: Path) -> None:
    spec = deb(tmp_path / "meta.deb", "linux-image-cloud-amd64", "7.2.12-1", None)

    with pytest.raises(NotAKernel, match="linux-binary-VERSION-FLAVOUR from 6.19 on"):
        resolve(str(spec), tmp_path / "cache")


def test_missing_path_and_unbuilt_tree(tmp_path: Path) -> None:
    with pytest.raises(NotAKernel, match="no such file; expected a bzImage"):
        resolve(str(tmp_path / "bzImage"), tmp_path / "cache")
    with pytest.raises(NotAKernel, match="make bzImage"):
        resolve(str(tmp_path), tmp_path / "cache")
    with pytest.raises(NotAKernel, match="arch/arm64/boot/Image .*make Image"):
        resolve(str(tmp_path), tmp_path / "cache", arch=ARM64)


def test_as_version_wants_a_version(tmp_path: Path) -> None:
    with pytest.raises(NotAKernel, match="expected x.y.z"):
        resolve(write(tmp_path / "vmlinux", ELF), tmp_path / "cache", as_version="new")


def zboot(image: bytes) -> bytes:
    payload = gzip.compress(image)
    header = b"MZ\0\0zimg" + (64).to_bytes(4, "little") + len(payload).to_bytes(4, "little")
    return (header + bytes(8) + b"gzip").ljust(64, b"\0") + payload


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zboot], ids=["plain", "gzip", "zboot"])
def test_arm64_image_is_unpacked(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    image = arm64_image("7.3.4-cloud-arm64", "#1 SMP Debian 7.3.4-1")

    kernel = resolve(write(tmp_path / "vmlinuz", pack(image)), tmp_path / "cache", arch=ARM64)

    assert kernel.image and kernel.image.read_bytes() == image
    assert (kernel.version, kernel.release) == ("7.3.4", "7.3.4-cloud-arm64")


def test_kernel_for_another_architecture_is_refused(tmp_path: Path) -> None:
    spec = write(tmp_path / "vmlinux", ELF)

    for _ in range(2):  # also out of the cache
        with pytest.raises(NotAKernel, match="for amd64, this run is for arm64; say --arch amd64"):
            resolve(spec, tmp_path / "cache", arch=ARM64)


@pytest.mark.parametrize(
    ("release", "uname_version", "version"),
    [
        ("6.1.0-56-cloud-amd64", UNAME, "6.1.192"),
        ("6.12.117+deb13-cloud-amd64", "#1 SMP Debian 6.12.117-1~deb12u1 (x)", "6.12.117"),
        ("7.3-cloud-amd64", "#1 SMP Debian 7.3~rc7-1~exp1 (x)", "7.3.0"),
        ("6.8.0-45-generic", "#45-Ubuntu SMP", "6.8.0"),
        ("6.11.4-301.fc41.x86_64", "#1 SMP", "6.11.4"),
        ("7.3.0-rc2+", "#1 SMP", "7.3.0"),
        ("custom", "#1 SMP", ""),
    ],
)
def test_upstream_version(release: str, uname_version: str, version: str) -> None:
    assert upstream_of(release, uname_version) == version

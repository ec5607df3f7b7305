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
from kernels_lab import bzimage, deb, vmlinux

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
    write(tmp_path / "linux" / ".config", b"CONFIG_HZ=250\n# CONFIG_TIME_NS is not set\n")

    kernel = resolve(str(tmp_path / "linux"), tmp_path / "cache")

    assert kernel.version == "7.3.0"
    assert config_of(kernel) == {"CONFIG_HZ": "250"}


def test_package_file_gives_its_image(tmp_path: Path) -> None:
    image = bzimage(RELEASE, UNAME, gzip.compress(ELF))
    spec = deb(tmp_path / "some.deb", f"linux-image-{RELEASE}", "6.1.192-2", image)

    kernel = resolve(str(spec), tmp_path / "cache")

    assert kernel.package == f"linux-image-{RELEASE} 6.1.192-2"
    assert kernel.provenance.startswith("sha256 ")


@pytest.mark.skipif(not shutil.which("bsdtar"), reason="bsdtar is not installed")
def test_archive_that_bsdtar_reads_gives_its_image(tmp_path: Path) -> None:
    where = tmp_path / "tree" / "lib" / "modules" / "6.11.4-301.fc41.x86_64"
    where.mkdir(parents=True)
    image = bzimage("6.11.4-301.fc41.x86_64", "#1 SMP", gzip.compress(ELF))
    (where / "vmlinuz").write_bytes(image)
    spec = tmp_path / "kernel-core.rpm"
    # bsdtar looks at the content: a cpio archive stands for the rpm around one.
    command = ["bsdtar", "-c", "--format=newc", "-f", spec, "-C", tmp_path / "tree", "lib"]
    subprocess.run([str(word) for word in command], check=True)

    assert resolve(str(spec), tmp_path / "cache").version == "6.11.4"


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


def test_as_version_wants_a_version(tmp_path: Path) -> None:
    with pytest.raises(NotAKernel, match="expected x.y.z"):
        resolve(write(tmp_path / "vmlinux", ELF), tmp_path / "cache", as_version="new")


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

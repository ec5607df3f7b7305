"""Kernels by hash: at an address, in a lock file; and directories of them."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from kernels_lab import BOOTS, NEWEST, Archive, bzimage, deb, vmlinux
from ringspec.arch import AMD64, ARM64
from ringspec.cli import main
from ringspec.kernels import (
    ArchiveUnreachable,
    BadLock,
    NotAKernel,
    PinnedKernelGone,
    TamperedPackage,
    UnknownSpec,
    Unverifiable,
    expand,
    locked,
    resolve,
)
from ringspec.kernels.lock import Pin, load

RELEASE = "6.1.0-56-cloud-amd64"
UNAME = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-01)"
IMAGE = bzimage(RELEASE, UNAME, gzip.compress(vmlinux(RELEASE, UNAME)))
SHA256 = hashlib.sha256(IMAGE).hexdigest()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def quiet(message: str) -> None:
    pass


def lock(place: Path, cache: Path, *specs: str) -> dict[str, Pin]:
    """The pins of a lock file, made and read again."""
    file = place / "kernels.lock"
    file.write_text(locked(specs, cache, AMD64, quiet))
    return dict(expand([f"@{file}"], AMD64).pins)


def test_address_with_the_right_hash_is_taken_and_kept(archive: Archive, cache: Path) -> None:
    (archive.root / "bzImage").write_bytes(IMAGE)
    spec = f"{archive.uri}bzImage#sha256={SHA256}"

    kernel = resolve(spec, cache)
    archive.stop()

    assert (kernel.version, kernel.kernel) == ("6.1.192", f"bzImage@{SHA256[:12]}")
    assert resolve(spec, cache) == kernel


def test_package_at_a_file_address(tmp_path: Path, cache: Path) -> None:
    package = deb(tmp_path / "some kernel.deb", f"linux-image-{RELEASE}", "6.1.192-2", IMAGE)
    digest = hashlib.sha256(package.read_bytes()).hexdigest()

    kernel = resolve(f"{package.as_uri()}#sha256={digest}", cache)

    assert kernel.package == f"linux-image-{RELEASE} 6.1.192-2"
    assert kernel.provenance == f"sha256 {digest}"


@pytest.mark.parametrize("fragment", ["", "#", "#sha256=", f"#sha256={SHA256[:-1]}", "#md5=0"])
def test_address_without_a_hash_is_refused(cache: Path, fragment: str) -> None:
    with pytest.raises(
        Unverifiable, match="expected #sha256= and 64 .* `sha256sum FILE`"
    ) as caught:
        resolve(f"https://example.org/bzImage{fragment}", cache)
    assert caught.value.exit_code == 4


def test_address_with_other_bytes_is_refused(archive: Archive, cache: Path) -> None:
    (archive.root / "bzImage").write_bytes(IMAGE + b"!")

    with pytest.raises(TamperedPackage, match=f"the spec says {SHA256}") as caught:
        resolve(f"{archive.uri}bzImage#sha256={SHA256}", cache)
    assert caught.value.exit_code == 3
    assert [path for path in (cache / "kernels").iterdir() if path.is_dir()] == []


def test_address_where_nothing_is(archive: Archive, cache: Path) -> None:
    with pytest.raises(ArchiveUnreachable, match="404"):
        resolve(f"{archive.uri}bzImage#sha256={SHA256}", cache)


def test_directory_means_each_kernel_in_it(tmp_path: Path, cache: Path) -> None:
    place = tmp_path / "boot"
    place.mkdir()
    for name in ("vmlinuz-a", "vmlinuz-b"):
        (place / name).write_bytes(IMAGE)
    (place / "config-a").write_bytes(BOOTS)
    (place / "initrd.img-a").write_bytes(gzip.compress(b"070701"))
    (place / "c.deb").write_bytes(
        deb(tmp_path / "c.deb", f"linux-image-{RELEASE}", "6.1.192-2", IMAGE).read_bytes()
    )
    (place / "headers.deb").write_bytes(
        deb(tmp_path / "headers.deb", f"linux-headers-{RELEASE}", "6.1.192-2", None).read_bytes()
    )

    specs = expand([str(place)], AMD64).specs

    assert [Path(spec).name for spec in specs] == ["c.deb", "vmlinuz-a", "vmlinuz-b"]
    assert {resolve(spec, cache).version for spec in specs} == {"6.1.192"}


def test_directory_without_a_kernel_and_unbuilt_tree(tmp_path: Path) -> None:
    with pytest.raises(NotAKernel, match="no kernel in this directory; expected a bzImage"):
        expand([str(tmp_path)], AMD64)
    (tmp_path / "Makefile").touch()
    assert expand([str(tmp_path)], AMD64).specs == (str(tmp_path),)


def test_locked_series_stays_what_it_was(archive: Archive, tmp_path: Path, cache: Path) -> None:
    pins = lock(tmp_path, cache, "debian:6.12", "debian:6.12/rt", "debian:6.12/amd64")
    archive.add("linux-image-6.12.118+deb13-cloud-amd64", "6.12.118-1")
    archive.publish()
    again = tmp_path / "another-cache"
    assert resolve("debian:6.12", again).kernel == "debian:6.12.118"

    kernel = resolve("debian:6.12", again, pin=pins["debian:6.12"])

    assert (kernel.spec, kernel.kernel) == ("debian:6.12", "debian:6.12.117")
    assert kernel.package == f"{NEWEST} 6.12.117-1"
    assert resolve("debian:6.12/rt", again, pin=pins["debian:6.12/rt"]).package.split()[0] == (
        "linux-image-6.12.117+deb13-rt-amd64"
    )
    assert resolve("debian:6.12/amd64", again).package.split()[0] == (
        "linux-image-6.12.117+deb13-amd64"
    )


def test_locked_kernel_in_the_cache_needs_no_archive(
    archive: Archive, tmp_path: Path, cache: Path
) -> None:
    pin = lock(tmp_path, cache, "debian:6.12")["debian:6.12"]
    first = resolve("debian:6.12", cache, pin=pin)
    archive.stop()
    (cache / "apt-amd64" / "index.json").unlink()

    assert resolve("debian:6.12", cache, pin=pin) == first


@pytest.mark.parametrize("cached", [True, False])
def test_same_version_with_other_bytes_is_refused(
    archive: Archive, tmp_path: Path, cache: Path, cached: bool
) -> None:
    pin = lock(tmp_path, cache, "debian:6.12")["debian:6.12"]
    other = Pin(**{**vars(pin), "sha256": "0" * 64})
    if cached:
        resolve("debian:6.12", cache)

    with pytest.raises(TamperedPackage, match=f"refused, .*{pin.sha256}, the lock file says 000"):
        resolve("debian:6.12", cache, pin=other)


def test_locked_package_that_is_gone(archive: Archive, tmp_path: Path, cache: Path) -> None:
    pin = lock(tmp_path, cache, "debian:6.12")["debian:6.12"]
    (archive.pool / f"{NEWEST}_6.12.117-1.deb").unlink()
    archive.publish()

    with pytest.raises(PinnedKernelGone, match="neither archive nor cache .* kernels lock"):
        resolve("debian:6.12", tmp_path / "another-cache", pin=pin)


def test_locked_file_that_changed_is_refused(tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "bzImage"
    file.write_bytes(IMAGE)
    pin = lock(tmp_path, cache, str(file))[str(file)]
    assert resolve(pin.spec, cache, pin=pin).provenance == f"sha256 {SHA256}"
    file.write_bytes(IMAGE + b"!")

    with pytest.raises(TamperedPackage, match=f"the lock file says {SHA256}"):
        resolve(pin.spec, cache, pin=pin)


def test_what_cannot_be_locked(cache: Path) -> None:
    with pytest.raises(UnknownSpec, match="host: cannot be locked"):
        locked(["host"], cache, AMD64, quiet)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected ..kernel.. tables, found none"),
        ("kernel = 1", "expected ..kernel.. tables"),
        ("[[kernel]]\nspec = 'x'", "kernel 1: expected spec, arch, kernel, package, sha256; found"),
        ("bzImage", "not a lock file"),
    ],
)
def test_broken_lock_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "kernels.lock"
    file.write_text(text)

    with pytest.raises(BadLock, match=message):
        load(file)


def test_lock_file_for_another_architecture(tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "bzImage"
    file.write_bytes(IMAGE)
    lock(tmp_path, cache, str(file))

    with pytest.raises(BadLock, match="no kernel for arm64, only for amd64"):
        expand([f"@{tmp_path}/kernels.lock"], ARM64)


def test_command_prints_a_lock_file(
    archive: Archive,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RINGSPEC_CACHE", str(tmp_path / "cache"))

    assert main(["kernels", "lock", "debian:6.12"]) == 0
    file = tmp_path / "kernels.lock"
    file.write_text(capsys.readouterr().out)
    assert [pin.kernel for pin in load(file)] == ["debian:6.12.117"]
    assert archive.served[f"{NEWEST}_6.12.117-1.deb"] == 0, "the signed index has the hash"

    assert main(["kernels", "lock", "debian:6.13"]) == 4
    assert main(["kernels", "debian:6.12", "debian:7.2"]) == 4

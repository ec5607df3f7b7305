"""Kernels from an archive, by way of the real APT: found, verified, remembered, shared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kernels_lab import NEWEST, OLDER, SUITE, Archive, SigningKey
from ringspec.kernels import (
    ArchiveUnreachable,
    PackageGone,
    SeriesGone,
    TamperedPackage,
    UnknownSpec,
    available,
    config_of,
    render,
    resolve,
    resolve_all,
)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def make_index_old(cache: Path, hours: int = 24) -> None:
    file = cache / "apt-amd64" / "index.json"
    data = json.loads(file.read_text())
    data["made"] = time.time() - hours * 3600
    file.write_text(json.dumps(data))


def leftovers(cache: Path) -> list[str]:
    return [path.name for path in (cache / "kernels").iterdir() if path.is_dir()]


def test_series_means_its_newest_signed_package(archive: Archive, cache: Path) -> None:
    kernel = resolve("debian:6.12", cache)

    assert kernel.kernel == "debian:6.12.117"
    assert kernel.version == "6.12.117"
    assert kernel.release == "6.12.117+deb13-cloud-amd64"
    assert kernel.package == f"{NEWEST} 6.12.117-1"
    assert kernel.image and kernel.image.name == "vmlinux"
    assert kernel.provenance.startswith(
        f"signature: {SUITE} Release signed by {archive.key.user}, package sha256 "
    )
    assert config_of(kernel)["CONFIG_TIME_NS"] == "y"


@pytest.mark.parametrize(
    ("spec", "kernel", "package"),
    [
        ("debian:6.12.9", "debian:6.12.9", f"{OLDER} 6.12.9-1"),
        ("debian:6.12.9-1", "debian:6.12.9", f"{OLDER} 6.12.9-1"),
        (
            "debian:6.12/rt",
            "debian:6.12.117/rt",
            "linux-image-6.12.117+deb13-rt-amd64 6.12.117-1",
        ),
        (f"debian:{SUITE}", "debian:7.2.12", "linux-binary-7.2.12+deb14-cloud-amd64 7.2.12-1"),
    ],
)
def test_spec_names_a_package(
    archive: Archive, cache: Path, spec: str, kernel: str, package: str
) -> None:
    found = resolve(spec, cache)

    assert (found.spec, found.kernel, found.package) == (spec, kernel, package)


def test_warm_cache_needs_no_archive(archive: Archive, cache: Path) -> None:
    first = resolve("debian:6.12", cache)
    archive.stop()

    assert resolve("debian:6.12", cache) == first


def test_old_list_is_used_and_said_when_the_archive_is_away(archive: Archive, cache: Path) -> None:
    first = resolve("debian:6.12", cache)
    archive.stop()
    make_index_old(cache)
    said: list[str] = []

    again = resolve("debian:6.12", cache, progress=lambda spec, message: said.append(message))

    assert again == first
    assert "using the list of kernels from 24 h ago" in said[-1]


def test_old_list_is_renewed(archive: Archive, cache: Path) -> None:
    resolve("debian:6.12", cache)
    archive.add("linux-image-6.12.118+deb13-cloud-amd64", "6.12.118-1")
    archive.publish()
    make_index_old(cache)

    assert resolve("debian:6.12", cache).version == "6.12.118"


def test_kernel_not_cached_and_archive_away_names_what_is_cached(
    archive: Archive, cache: Path
) -> None:
    resolve("debian:6.12.9", cache)
    archive.stop()

    with pytest.raises(ArchiveUnreachable, match="the cache holds debian:6.12.9$"):
        resolve("debian:6.12", cache)


def test_nothing_cached_and_archive_away(archive: Archive, cache: Path) -> None:
    archive.stop()

    with pytest.raises(ArchiveUnreachable, match="check APT's access to its archive"):
        resolve("debian:6.12", cache)


def test_tampered_package_is_refused(archive: Archive, cache: Path) -> None:
    path = archive.pool / f"{NEWEST}_6.12.117-1.deb"
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)

    with pytest.raises(TamperedPackage, match="refused"):
        resolve("debian:6.12", cache)
    assert leftovers(cache) == []


def test_truncated_package_is_refused(archive: Archive, cache: Path) -> None:
    path = archive.pool / f"{NEWEST}_6.12.117-1.deb"
    path.write_bytes(path.read_bytes()[:-1000])

    with pytest.raises(TamperedPackage, match="refused"):
        resolve("debian:6.12", cache)
    assert leftovers(cache) == []


def test_suite_signed_by_a_stranger_is_not_used(
    archive: Archive, cache: Path, tmp_path: Path
) -> None:
    stranger = SigningKey(tmp_path / "stranger", "Stranger <s@example.org>")
    archive.key = stranger
    archive.publish()
    stranger.close()

    with pytest.raises(ArchiveUnreachable, match="NO_PUBKEY"):
        resolve("debian:6.12", cache)


def test_index_that_its_signature_does_not_cover_is_not_used(archive: Archive, cache: Path) -> None:
    packages = archive.root / "dists" / SUITE / "main" / "binary-amd64" / "Packages"
    packages.write_text(packages.read_text().replace("6.12.117", "6.12.118"))

    with pytest.raises(ArchiveUnreachable):
        resolve("debian:6.12", cache)


def test_damaged_image_is_made_anew(archive: Archive, cache: Path) -> None:
    kernel = resolve("debian:6.12", cache)
    assert kernel.image
    sound = kernel.image.read_bytes()
    kernel.image.write_bytes(sound[:-1])

    assert resolve("debian:6.12", cache) == kernel
    assert kernel.image.read_bytes() == sound


def test_package_that_left_the_archive_is_replaced_by_its_successor(
    archive: Archive, cache: Path
) -> None:
    resolve("debian:6.12.9", cache)
    for path in archive.pool.glob("*6.12.117-1.deb"):
        path.unlink()
    archive.add("linux-image-6.12.118+deb13-cloud-amd64", "6.12.118-1")
    archive.publish()

    assert resolve("debian:6.12", cache).version == "6.12.118"


def test_package_that_is_listed_but_not_there_is_left_out(archive: Archive, cache: Path) -> None:
    for path in archive.pool.glob("*6.12.117-1.deb"):
        path.unlink()

    resolution = resolve_all(["debian:6.12", "debian:7.2"], cache)

    assert [kernel.spec for kernel in resolution.kernels] == ["debian:7.2"]
    assert isinstance(resolution.errors["debian:6.12"], PackageGone)
    assert "name another release" in str(resolution.errors["debian:6.12"])


def test_runs_at_once_share_one_download(archive: Archive, cache: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from ringspec.kernels import resolve;"
        "print(resolve('debian:6.12', Path(sys.argv[1])).image)"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", program, cache], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    images = {run.communicate(timeout=60)[0].strip() for run in runs}

    assert [run.returncode for run in runs] == [0, 0, 0]
    assert len(images) == 1
    assert archive.served[f"{NEWEST}_6.12.117-1.deb"] == 1
    assert archive.served["InRelease"] < 2 * 40, "one refresh, which asks for each suite once"


def test_series_that_is_gone_leaves_the_rest(archive: Archive, cache: Path) -> None:
    resolution = resolve_all(["debian:6.12", "debian:6.13", "debian:7.2"], cache)

    assert [kernel.spec for kernel in resolution.kernels] == ["debian:6.12", "debian:7.2"]
    assert isinstance(resolution.errors["debian:6.13"], SeriesGone)
    assert "held are: 6.12, 7.2" in str(resolution.errors["debian:6.13"])


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("debian:6.12.118", "debian:6.12.117"),
        ("debian:bookwurm", "debian:bookworm"),
        ("debian:7.2/rt", "no flavour rt, only cloud"),
        ("debain:6.12", "debian:6.12"),
        ("6.12", "debian:6.12"),
        ("hots", "host"),
    ],
)
def test_unknown_spec_offers_near_matches(
    archive: Archive, cache: Path, spec: str, hint: str
) -> None:
    resolve("debian:6.12.9", cache)

    with pytest.raises(UnknownSpec, match=hint):
        resolve(spec, cache)


def test_listing_says_what_is_cached(archive: Archive, cache: Path) -> None:
    resolve("debian:6.12.9", cache)

    rows = {row.spec: row for row in available("", cache)}

    assert list(rows) == ["debian:6.12.9", "debian:6.12.117", "debian:7.2.12"]
    assert [row.cached for row in rows.values()] == [True, False, False]
    assert [row.spec for row in available("*/rt", cache)] == ["debian:6.12.117/rt"]
    assert render(rows.values()).splitlines()[1].split()[:3] == ["debian:6.12.9", "yes", SUITE]


def test_host_needs_no_archive(cache: Path) -> None:
    kernel = resolve("host", cache)

    assert (kernel.kernel, kernel.image, kernel.release) == ("host", None, os.uname().release)
    assert resolve("host", cache, as_version="6.5").version == "6.5.0"

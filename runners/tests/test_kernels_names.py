"""Debian's names and order, the host's APT sources, and the cache's place."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import pytest

from ringspec.cache.directory import cache_dir
from ringspec.kernels import default_specs
from ringspec.kernels.names import PackageName, parse_package_name, upstream_label, version_key
from ringspec.kernels.sources import Repository, host_archive

IN_ORDER = [
    "5.10.223-1",
    "5.10.262-1",
    "6.1.176-1",
    "6.12.9-1",
    "6.12.90-1~bpo12+1",
    "6.12.90-1",
    "6.12.90-2~bpo12+1",
    "6.12.117-1~deb12u1",
    "6.12.117-1",
    "7.3~rc7-1~exp1",
    "7.3-1",
    "7.3.4-1~bpo13+1",
    "1:2.0-1",
]


def test_versions_sort_as_dpkg_sorts_them() -> None:
    assert sorted(reversed(IN_ORDER), key=version_key) == IN_ORDER
    for older, newer in itertools.pairwise(IN_ORDER):
        subprocess.run(["dpkg", "--compare-versions", older, "lt", newer], check=True)


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("linux-image-6.1.0-56-cloud-amd64", PackageName("cloud", True)),
        ("linux-image-6.1.0-0.deb11.52-rt-amd64-unsigned", PackageName("rt", False)),
        ("linux-image-6.12.90+deb13.1-amd64", PackageName("amd64", True)),
        ("linux-binary-7.2.13+deb14-cloud-amd64", PackageName("cloud", True)),
        ("linux-binary-unsigned-7.3-rt-amd64", PackageName("rt", False)),
        ("linux-image-7.2.13+deb14-cloud-amd64-dbg", None),
        ("linux-image-cloud-amd64", None),
        ("linux-image-amd64-signed-template", None),
    ],
)
def test_package_names(name: str, meaning: PackageName | None) -> None:
    assert parse_package_name(name) == meaning


def test_upstream_label() -> None:
    assert upstream_label("6.12.117-1~deb12u1") == "6.12.117"
    assert upstream_label("7.3~rc7-1~exp1") == "7.3~rc7"


def test_default_set() -> None:
    assert len(default_specs()) == 11
    assert all(spec.startswith("debian:") for spec in default_specs())


def host_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    """This machine's APT, with these sources and no lists."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / name).write_text(text)
    config = tmp_path / "apt.conf"
    config.write_text(
        f'Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "{tmp_path}/sources";\n'
        f'Dir::Etc::parts "/dev/null"; Dir::State "{tmp_path}/state";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(config))


def test_mirror_and_keys_come_from_one_line_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host_with(
        tmp_path,
        monkeypatch,
        "debian.list",
        "# mirror\n"
        "deb https://download.example.org/linux/debian bookworm stable\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://mirror.example.org/debian stable main contrib\n"
        "deb http://mirror.example.org/security bookworm-security main\n",
    )

    archive = host_archive()

    assert archive.main == Repository("http://mirror.example.org/debian/", "/k.gpg")
    assert archive.security == Repository("http://mirror.example.org/security/", "")


def test_mirror_and_keys_come_from_deb822_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host_with(
        tmp_path,
        monkeypatch,
        "debian.sources",
        "# a comment\n\n"
        "Types: deb\nURIs: http://other.example.org/\nSuites: nodistro\nComponents: main\n\n"
        "Types: deb\nURIs: http://mirror.example.org/debian\nSuites: trixie trixie-updates\n"
        "Components: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n"
        " -----END PGP PUBLIC KEY BLOCK-----\n",
    )

    archive = host_archive()

    assert archive.main and archive.main.uri == "http://mirror.example.org/debian/"
    assert archive.main.signed_by.startswith("-----BEGIN PGP")
    assert archive.security is None
    assert "URIs: http://mirror.example.org/debian/\nSuites: bullseye " in archive.stanzas("amd64")


def test_cache_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("RINGSPEC_CACHE", raising=False)
    assert cache_dir() == tmp_path / "xdg" / "ringspec"

    monkeypatch.setenv("RINGSPEC_CACHE", str(tmp_path / "here"))
    assert cache_dir() == tmp_path / "here"

"""For every test: a slow machine is no failure; for the tests about kernels: an archive of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from kernels_lab import NEWEST, OLDER, Archive, SigningKey

settings.register_profile("ringspec", deadline=None)
settings.load_profile("ringspec")


@pytest.fixture(scope="session")
def archive_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigningKey]:
    key = SigningKey(tmp_path_factory.mktemp("gpg") / "home", "Kernel Tester <k@example.org>")
    yield key
    key.close()


@pytest.fixture
def archive(
    tmp_path: Path, archive_key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Archive]:
    """An archive that this machine's APT is configured for, with a few kernels in it."""
    archive = Archive(tmp_path / "archive", archive_key)
    archive.add(OLDER, "6.12.9-1")
    archive.add(NEWEST, "6.12.117-1")
    archive.add(f"{NEWEST}-unsigned", "6.12.117-1")
    archive.add("linux-image-6.12.117+deb13-rt-amd64", "6.12.117-1")
    archive.add("linux-image-6.12.117+deb13-amd64", "6.12.117-1")
    archive.add("linux-binary-7.2.12+deb14-cloud-amd64", "7.2.12-1")
    archive.add("linux-image-7.2.12+deb14-cloud-amd64", "7.2.12-1", kilobytes=15)
    archive.publish()
    monkeypatch.setenv("APT_CONFIG", str(archive.apt_config()))
    for variable in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    yield archive
    archive.stop()

"""For every test: a slow machine is no failure; archives, a large run and a browser are made once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from kernels_lab import NEWEST, OLDER, Archive, SigningKey
from page_run import page_run
from ringspec.results.store import Run
from synthetic import big_run

if TYPE_CHECKING:
    from browser import Page

# A shell ignores SIGINT for its background jobs, and so would what the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("ringspec", deadline=None)
settings.load_profile("ringspec")


@pytest.fixture(scope="session")
def eighteen_thousand(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Eleven kernels x four setups x 400 cases."""
    return big_run(tmp_path_factory.mktemp("eighteen-thousand"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Page]:
    """Chromium; only the tests of the page need what it takes."""
    from browser import chromium

    with chromium() as page:
        yield page


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report page with something of everything."""
    from browser import written

    path = tmp_path_factory.mktemp("page")
    return written(page_run(path), path)


@pytest.fixture
def page(browser: Page, page_file: Path) -> Iterator[Page]:
    """That page, open; at the end nothing may have complained."""
    browser.appearance(1440, 900)
    browser.open(page_file)
    yield browser
    assert browser.complaints() == []


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

"""The scripts in ci/: what can be said of them without a fresh machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ("ci/setup", "ci/matrix", "ci/test", ".ci/run")


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_can_be_started_from_anywhere_and_stops_at_an_error(script: str) -> None:
    text = (ROOT / script).read_text()
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail\n" in text
    assert '$(dirname "$0")/' in text
    assert (ROOT / script).stat().st_mode & 0o111


def test_setup_says_what_it_takes() -> None:
    done = subprocess.run(
        [ROOT / "ci/setup", "--nonsense"], capture_output=True, text=True, cwd="/", check=False
    )
    assert done.returncode == 1
    assert "unknown argument '--nonsense'; usage: ci/setup [--tools]" in done.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_script_names_a_mirror(script: str) -> None:
    assert "debian.org" not in (ROOT / script).read_text()

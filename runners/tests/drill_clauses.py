"""The pytest plugin that lets `ringspec run` run the drills."""

from __future__ import annotations

import os
import subprocess

import pytest

from ringspec.cache.directory import cache_dir
from ringspec.kernels import resolve
from ringspec.model import Clause, Kernel


def pytest_ringspec_clauses() -> dict[str, Clause]:
    """What drills are about."""
    return {"DRILL": Clause("DRILL", "drill", "Nothing breaks.", "a test", "must", since="5.1")}


@pytest.hookimpl(tryfirst=True)
def pytest_ringspec_kernel(spec: str) -> Kernel:
    """With $DRILL_STALLS, a fetch that never comes to its end."""
    if os.environ.get("DRILL_STALLS"):
        with subprocess.Popen(["sleep", "600"]):
            print("fetching", flush=True)
    return resolve(spec, cache_dir())

"""With what a run was made: the facts in run.json that no kernel tells."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

from ringspec.cache.digests import remembered_sha256
from ringspec.guest.qemu import banner
from ringspec.run.options import ROOT, RunOptions


def now() -> str:
    """The time as run.json writes it."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def tools_info(options: RunOptions) -> dict[str, Any]:
    """The part of `run_info` that other programs have to be asked for."""
    qemu = banner(options.arch)  # First, because the guests wait for it, too.
    return {
        "suite": {
            "version": version("ringspec"),
            "revision": _first_line(*_GIT),
            "binary": remembered_sha256(options.binary),
            "judge": _judge(options),
        },
        "liburing": _first_line("pkg-config", "--modversion", "liburing") or _dpkg("liburing-dev"),
        "qemu": qemu,
    }


def run_info(tools: Mapping[str, Any], options: RunOptions, *, with_vm: bool) -> dict[str, Any]:
    """What is known about a run before it begins."""
    return {
        **tools,
        "qemu": tools["qemu"] if with_vm else None,
        "accel": options.accel if with_vm else None,
        "arch": options.arch.name,
        "clock": options.clock if with_vm else "real",
        "host": {
            "release": platform.release(),
            "machine": platform.machine(),
            "cpus": os.cpu_count(),
            "os": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
        },
        "arguments": sys.argv[1:],
        "seed": options.seed,
        "repeat": options.repeat,
        **({"shard": str(options.shard)} if options.shard else {}),
        "started": now(),
    }


def _judge(options: RunOptions) -> str:
    """SHA-256 of everything that turns an observation into a result: this package, clauses, issues."""
    places = (
        (ROOT / "runners" / "ringspec", "*.py"),
        (ROOT / "cases", "*.toml"),
        (options.known_issues, "*.toml"),
    )
    digest = hashlib.sha256()
    for directory, pattern in places:
        for file in sorted(directory.rglob(pattern)):
            digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()


_GIT = ("git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12")


def _dpkg(package: str) -> str | None:
    return _first_line("dpkg-query", "-W", "-f", "${Version}", package)


def _first_line(*command: str) -> str | None:
    """What the tool says, or None where there is no such tool or it knows nothing."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.partition("\n")[0].strip() or None

"""SHA-256 of large files that rarely change, remembered by what the file system says about them.

As git's index does it: size, inode, mtime and ctime.  Nobody can write to a file, put another one in its
place or truncate it without a new ctime, which no program can set; so a file is read again unless it is
the very one.  What changed a moment ago is not remembered: within one tick of the clock it could again.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path

from ringspec.cache.directory import cache_dir, sha256_of, write_atomically

_SETTLED_S = 2.0


def remembered_sha256(path: Path) -> str:
    """The hash of this file's bytes."""
    identity = _identity(path)
    found = _load().get(str(path.absolute()))
    if found and found[:-1] == identity:
        return str(found[-1])
    digest = sha256_of(path)
    if _identity(path) == identity and time.time() - path.stat().st_ctime > _SETTLED_S:
        known = {name: entry for name, entry in _load().items() if os.path.exists(name)}
        known[str(path.absolute())] = [*identity, digest]
        with suppress(OSError):  # A cache that cannot be written makes it slower, not wrong.
            write_atomically(_file(), json.dumps(known))
    return digest


def _identity(path: Path) -> list[int | str]:
    about = path.stat()
    return [about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns]


def _file() -> Path:
    return cache_dir() / "digests.json"


def _load() -> dict[str, list[int | str]]:
    try:
        known = json.loads(_file().read_text())
        return known if isinstance(known, dict) else {}
    except (OSError, ValueError):
        return {}

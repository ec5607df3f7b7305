"""TOML files, parsed once for each text: Python's own parser takes longer over ours than a guest to start."""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import tomllib

from ringspec.cache.directory import cache_dir, write_atomically

# Shorter ones are parsed as quickly as they are looked up.
_WORTH_IT = 1024


def load_toml(file: Path) -> dict[str, Any]:
    """The tables of a file; tomllib.TOMLDecodeError or UnicodeDecodeError for what is no TOML.

    Of each file the cache keeps the tables of its last text, with the hash of that text.
    """
    data = file.read_bytes()
    if len(data) < _WORTH_IT:
        return tomllib.loads(data.decode())
    digest = sha256(data).hexdigest()
    name = sha256(bytes(file.absolute())).hexdigest()[:32]
    remembered = cache_dir() / "toml" / f"{name}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(remembered.read_bytes())
        if kept["of"] == digest and isinstance(kept["tables"], dict):
            return dict(kept["tables"])
    tables = tomllib.loads(data.decode())
    with suppress(OSError, TypeError):  # JSON knows no dates; a cache may be read-only
        write_atomically(remembered, json.dumps({"of": digest, "tables": tables}))
    return tables

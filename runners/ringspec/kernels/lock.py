"""kernels.lock: which bytes a spec meant when the file was made; docs/kernels.md has the format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import tomllib

from ringspec.kernels.errors import BadLock

_HEADER = """\
# Made by `ringspec kernels lock`.  `ringspec run --kernel @THIS_FILE` takes exactly these packages
# and files and refuses other bytes.  Make it anew to move on.
"""


@dataclass(frozen=True)
class Pin:
    """`sha256` is that of `package` (name and version), or of the file or address in `spec`."""

    spec: str
    arch: str
    kernel: str
    package: str
    sha256: str


def render(pins: Iterable[Pin]) -> str:
    """The text of a lock file."""
    tables = []
    for pin in pins:
        # A JSON string is a TOML string.
        lines = [f"{f.name} = {json.dumps(getattr(pin, f.name))}" for f in fields(Pin)]
        tables.append("\n".join(["", "[[kernel]]", *lines, ""]))
    return _HEADER + "".join(tables)


def load(path: Path) -> tuple[Pin, ...]:
    """All pins of a lock file, in its order; BadLock if it is none."""
    try:
        data = tomllib.loads(path.read_text())
    except OSError as error:
        raise BadLock(
            f"{path}: {error.strerror}; `ringspec kernels lock >{path}` makes one"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadLock(f"{path}: not a lock file: {error}") from error
    tables = data.get("kernel")
    if not isinstance(tables, list) or not tables:
        raise BadLock(f"{path}: expected [[kernel]] tables, found none; make it anew")
    return tuple(_pin(path, number, table) for number, table in enumerate(tables, 1))


def _pin(path: Path, number: int, table: object) -> Pin:
    names = [f.name for f in fields(Pin)]
    if not isinstance(table, dict) or sorted(table) != sorted(names):
        found = ", ".join(map(str, table)) if isinstance(table, dict) else repr(table)
        raise BadLock(f"{path}: kernel {number}: expected {', '.join(names)}; found {found}")
    for name, value in table.items():
        if not isinstance(value, str):
            raise BadLock(f"{path}: kernel {number}: {name} is {value!r}, expected a string")
    pin = Pin(**table)
    if not re.fullmatch(r"[0-9a-f]{64}", pin.sha256):
        raise BadLock(
            f"{path}: kernel {number}: sha256 is {pin.sha256!r}, expected 64 hexadecimal digits"
        )
    return pin

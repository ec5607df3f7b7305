"""What the keys of a cancel select: prep_cancel(3), as cases/async_cancel/key_model.h has it in C++.

A test compiles that header and compares the two on every combination of keys and values.
"""

from __future__ import annotations

from dataclasses import dataclass

NO_FILE = ""


@dataclass(frozen=True)
class Key:
    """The keys that a cancel sets, and the values of all of them, which count only where set."""

    by_file: bool = False
    by_kind: bool = False
    by_user: bool = False
    any: bool = False
    file: str = NO_FILE
    kind: str = ""
    user: str = ""


def selects(key: Key, kind: str, file: str, user: str) -> bool:
    """Whether a pending request fulfils every key that is set; without one, the user_data."""
    if key.any:
        return True
    by_user = key.by_user or not (key.by_file or key.by_kind)
    return (
        (not key.by_file or key.file == file)
        and (not key.by_kind or key.kind == kind)
        and (not by_user or key.user == user)
    )

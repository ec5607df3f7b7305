"""What bisections found out, kept in the cache: a release is booted once for a case and a binary."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ringspec.bisect.search import Behaviour, Came
from ringspec.cache.directory import locked, write_atomically


class Memory:
    """One file for everything that a result depends on beside kernel, case and setup.

    A file that is damaged is an empty one: it is only a cache.
    """

    def __init__(self, cache: Path, depends_on: Sequence[str]) -> None:
        name = hashlib.sha256("\0".join(depends_on).encode()).hexdigest()[:32]
        self._file = cache / "bisect" / f"{name}.json"

    def recall(self, identity: str, case: str, setups: Sequence[str]) -> Behaviour | None:
        """What the case came to on this kernel, if all of these setups are known."""
        kept = self._load()
        came = {setup: _came(kept.get(_key(identity, case, setup))) for setup in setups}
        found = {setup: value for setup, value in came.items() if value is not None}
        return found if len(found) == len(setups) else None

    def keep(self, identity: str, case: str, behaviour: Behaviour) -> None:
        """Adds it; several bisections may do so at once."""
        with locked(self._file.with_suffix(".lock")):
            kept = self._load()
            kept.update({_key(identity, case, setup): came for setup, came in behaviour.items()})
            write_atomically(self._file, json.dumps(kept, indent=1) + "\n")

    def _load(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}


def _key(identity: str, case: str, setup: str) -> str:
    return f"{identity} {case}/{setup}"


def _came(kept: Any) -> Came | None:
    try:
        return tuple(
            (str(status), str(outcome), tuple(map(str, broken))) for status, outcome, broken in kept
        )
    except (TypeError, ValueError):
        return None

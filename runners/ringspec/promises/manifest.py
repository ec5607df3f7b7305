"""Loads the case manifest that the build writes (build/cases.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ringspec.errors import Problem
from ringspec.model import Case

_REQUIRED = {"name": str, "clause": str, "file": str, "line": int}
_AXES = ("kernel", "liburing")


class ManifestError(Problem):
    """A case manifest that is missing or not what the case binary writes."""


def load_manifest(file: Path) -> tuple[Case, ...]:
    """The cases in the order of the binary."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ManifestError(f"{file}: not there; build first (ci/setup)") from error
    return parse_manifest(text, str(file))


def parse_manifest(text: str, origin: str) -> tuple[Case, ...]:
    """The cases in the JSON that `ringspec-cases --manifest` prints."""
    try:
        entries = json.loads(text)["cases"]
    except (ValueError, KeyError, TypeError) as error:
        raise ManifestError(f'{origin}: expected JSON {{"cases": [...]}}: {error}') from error
    if not isinstance(entries, list):
        raise ManifestError(f'{origin}: "cases" is {type(entries).__name__}; expected a list')
    cases = tuple(_case(entry, f"{origin}: case {number}") for number, entry in enumerate(entries))
    seen: set[str] = set()
    for case in cases:
        if case.name in seen:
            raise ManifestError(f"{origin}: {case.name} is listed twice")
        seen.add(case.name)
    return cases


def _case(entry: Any, where: str) -> Case:
    if not isinstance(entry, dict):
        raise ManifestError(f"{where} is {entry!r}; expected an object")
    for key, kind in _REQUIRED.items():
        if not isinstance(entry.get(key), kind):
            raise ManifestError(f"{where}: {key} = {entry.get(key)!r}; expected {kind.__name__}")
    axis = entry.get("axis", "kernel")
    if axis not in _AXES:
        raise ManifestError(f"{where}: axis = {axis!r}; expected one of {', '.join(_AXES)}")
    return Case(
        name=entry["name"],
        clause=entry["clause"],
        file=entry["file"],
        line=entry["line"],
        touches=tuple(entry.get("touches", ())),
        axis=axis,
    )

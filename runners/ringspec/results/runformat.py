"""What run.json and results.jsonl look like, checked on every read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from ringspec.errors import Problem
from ringspec.judge.rules import KINDS
from ringspec.model import SETUPS, Clause, Result

FORMAT = 1
_SCHEMAS = Path(__file__).parents[1] / "schemas"
_RESULT_FIELDS = tuple(field.name for field in fields(Result))
_TUPLES = ("backports", "older", "needs", "setups", "elsewhere", "expected")


class StoreError(Problem):
    """A run directory that is missing, damaged or of another format."""


@lru_cache(maxsize=None)
def schema(name: str) -> Mapping[str, Any]:
    """One of the JSON Schemas of the formats: "run" or "result"."""
    loaded: Mapping[str, Any] = json.loads((_SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def check_run(info: Any, file: Path) -> None:
    """Validates run.json against its schema."""
    if isinstance(info, dict) and info.get("format") != FORMAT:
        raise StoreError(f"{file}: format {info.get('format')!r}; this ringspec reads {FORMAT}")
    import jsonschema  # takes as long as all of this package, and only readers of older runs need it

    validator = jsonschema.Draft202012Validator(schema("run"))
    error = next(iter(validator.iter_errors(info)), None)
    if error is not None:
        where = "/".join(str(step) for step in error.absolute_path) or "the document"
        raise StoreError(f"{file}: {where}: {error.message[:200]}")


def parse_result(line: str, file: Path, number: int) -> Result:
    """One line of results.jsonl.  The checks are those of schemas/result.json, but quick."""
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise StoreError(f"{file}:{number}: not JSON: {error}") from error
    if not isinstance(entry, dict) or entry.keys() != _FIELD_SET:
        raise StoreError(
            f"{file}:{number}: expected exactly the fields {', '.join(_RESULT_FIELDS)}"
        )
    for name, good in _CHECKS:
        if not good(entry[name]):
            raise StoreError(f"{file}:{number}: {name} = {entry[name]!r} is not allowed there")
    entry["violations"] = tuple(entry["violations"])
    return Result(**entry)


def clause_from(name: str, table: Mapping[str, Any]) -> Clause:
    """A clause as run.json keeps it."""
    values: dict[str, Any] = {"id": name}
    for key, value in table.items():
        values[key] = tuple(value) if key in _TUPLES else value
    return Clause(**values)


def _is(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: type(value) in kinds


def _one_of(words: Iterable[str]) -> Callable[[Any], bool]:
    allowed = frozenset(words)
    return lambda value: type(value) is str and value in allowed


def _counts(value: Any) -> bool:
    return type(value) is dict and all(type(count) is int for count in value.values())


def _names(value: Any) -> bool:
    return type(value) is list and all(type(name) is str for name in value)


_FIELD_SET = set(_RESULT_FIELDS)
_CHECKS: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    *((name, _is(str)) for name in ("spec", "kernel", "release", "version", "case", "clause")),
    ("setup", _one_of(SETUPS)),
    ("level", _one_of(("must", "should", "observed"))),
    ("verdict", _one_of(name for name in KINDS if name != "unstable")),
    *((name, _is(bool)) for name in ("in_range", "present")),
    *((name, _is(str)) for name in ("outcome", "message")),
    *((name, _is(int)) for name in ("repeat", "attempt", "guest_ns")),
    ("known_issue", _is(str, type(None))),
    ("drawn", _counts),
    ("violations", _names),
)

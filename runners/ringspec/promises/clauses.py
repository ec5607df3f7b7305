"""Loads the promises: cases/<family>/clauses.toml to Clause, strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import tomllib

from ringspec.cache.toml import load_toml
from ringspec.errors import Problem
from ringspec.judge.outcomes import OutcomeError, check_pattern
from ringspec.judge.versions import VersionError, parse_mainline, parse_stable
from ringspec.model import SETUPS, Clause

FAMILIES = (
    "async_cancel",
    "sync_cancel",
    "poll_remove",
    "timeout",
    "timeout_update",
    "link_timeout",
    "wait",
    "teardown",
    "library",
    "setup",
    "invariants",
)
LEVELS = ("must", "should", "observed")
ID = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+\Z")
_NEED = re.compile(r"[a-z_]+:[A-Za-z0-9_]+\Z")
_CONFIG = re.compile(r"(CONFIG|LIBURING)_[A-Z0-9_]+\Z")
_LISTS = ("backports", "older", "needs", "setups", "elsewhere", "expected")
_FIELDS = tuple(field.name for field in fields(Clause) if field.name not in ("id", "family"))


class ClauseError(Problem):
    """Clause files that cannot be used; the message has one line for each problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def load_clauses(cases: Path) -> dict[str, Clause]:
    """All clauses below the directory `cases`, by ID, in the order of families and files."""
    files = sorted(cases.glob("*/clauses.toml"), key=_family_order)
    if not files:
        raise ClauseError([f"{cases}: no */clauses.toml; expected the directory that holds cases"])
    problems: list[str] = []
    clauses: dict[str, Clause] = {}
    origin: dict[str, Path] = {}
    for file in files:
        for clause in _load_file(file, problems):
            if clause.id in clauses:
                problems.append(
                    f"{file}: [{clause.id}] is also in {origin[clause.id]}; IDs are unique"
                )
            clauses[clause.id] = clause
            origin[clause.id] = file
    if problems:
        raise ClauseError(problems)
    return clauses


def invariants(clauses: Mapping[str, Clause]) -> dict[str, str]:
    """The clause that each invariant of the harness stands for: name to ID."""
    return {clause.invariant: clause.id for clause in clauses.values() if clause.invariant}


def _family_order(file: Path) -> tuple[int, str]:
    family = file.parent.name
    return (FAMILIES.index(family) if family in FAMILIES else len(FAMILIES), family)


def _load_file(file: Path, problems: list[str]) -> list[Clause]:
    family = file.parent.name
    if family not in FAMILIES:
        problems.append(f"{file}: unknown family {family!r}; expected one of {', '.join(FAMILIES)}")
        return []
    try:
        tables = load_toml(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{file}: not TOML: {error}")
        return []
    loaded = []
    for name, table in tables.items():
        found = _problems_of(name, table)
        problems.extend(f"{file}: [{name}] {problem}" for problem in found)
        if not found:
            values = {key: tuple(value) if key in _LISTS else value for key, value in table.items()}
            loaded.append(Clause(id=name, family=family, **values))
    return loaded


def _problems_of(name: str, table: Any) -> list[str]:
    if not isinstance(table, dict):
        return ["is no table; expected [ID] with says, source, level"]
    problems = [] if ID.match(name) else ["bad ID; expected words like CANCEL-ALL-01"]
    for key in table:
        if key not in _FIELDS:
            problems.append(f"unknown field {key!r}; known are {', '.join(_FIELDS)}")
    for key in ("says", "source", "level"):
        if not table.get(key):
            problems.append(f"missing field {key!r}")
    known = {key: value for key, value in table.items() if key in _FIELDS}
    for key, value in known.items():
        if key in _LISTS:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                problems.append(f"{key} = {value!r}; expected a list of strings")
        elif not isinstance(value, str):
            problems.append(f"{key} = {value!r}; expected a string")
    return problems or _problems_of_values(known)


def _problems_of_values(table: Mapping[str, Any]) -> list[str]:
    problems: list[str] = []
    level = table["level"]
    if level not in LEVELS:
        problems.append(f"level = {level!r}; expected {', '.join(LEVELS)}")
    if level == "observed" and not table.get("expected"):
        problems.append("level observed needs `expected`, the outcomes that are no failure")
    if level != "observed" and table.get("expected"):
        problems.append("`expected` belongs to level observed; a promise is judged by its case")
    if level != "observed" and not table.get("since") and not table.get("invariant"):
        problems.append("missing field 'since': the first release that offers the behaviour")
    if table.get("elsewhere") and not table.get("setups"):
        problems.append("`elsewhere` without `setups`: there is no elsewhere")
    _check_each(table, ("since", "until"), parse_mainline, problems)
    _check_each(table, ("backports",), parse_stable, problems)
    _check_each(table, ("older", "elsewhere", "expected"), check_pattern, problems)
    problems += [
        f"needs {need!r}; expected kind:NAME such as op:FUTEX_WAIT"
        for need in table.get("needs", ())
        if not _NEED.match(need)
    ]
    problems += [
        f"unknown setup {setup!r}; expected {', '.join(SETUPS)}"
        for setup in table.get("setups", ())
        if setup not in SETUPS
    ]
    if table.get("config") and not _CONFIG.match(table["config"]):
        problems.append(f"config = {table['config']!r}; expected CONFIG_NAME or LIBURING_2_8")
    return problems


def _check_each(
    table: Mapping[str, Any],
    keys: tuple[str, ...],
    check: Callable[[str], object],
    problems: list[str],
) -> None:
    for key in keys:
        value = table.get(key, ())
        for text in (value,) if isinstance(value, str) else value:
            try:
                check(text)
            except (VersionError, OutcomeError) as error:
                problems.append(f"{key}: {error}")

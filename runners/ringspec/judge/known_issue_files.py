"""Writes into known-issue files: a release into an entry, in place, and new entries beside them.

A file keeps its comments and its form: only a list of versions grows, where it stands, and what the
file then says is compared with what it should say before it is written.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tomllib

from ringspec.cache.directory import write_atomically
from ringspec.gate.update import Extension, NewEntry
from ringspec.judge.known_issues import ISSUE_KINDS, PLACEHOLDER
from ringspec.judge.versions import Version, parse_interval, parse_release
from ringspec.model import SETUPS, Clause
from ringspec.report.text import one_line

_HEAD = """\
# Measured, and not yet understood: say why and who says so, then move each entry where it belongs.
"""


def extend(directory: Path, extensions: Iterable[Extension]) -> tuple[list[Path], list[str]]:
    """Adds the releases; the files that changed, and what has to be done by hand instead."""
    wanted: dict[str, list[str]] = {}
    for extension in extensions:
        wanted.setdefault(extension.entry, []).append(extension.version)
    changed, by_hand = [], []
    for file in sorted(directory.glob("*.toml")):
        text = before = file.read_text(encoding="utf-8")
        for entry in [name for name in tomllib.loads(before) if name in wanted]:
            longer = with_versions(text, entry, wanted[entry])
            if longer is None:
                words = ", ".join(wanted[entry])
                by_hand.append(f"{file}: [{entry}]: add {words} to its versions")
            text = longer or text
        if text != before:
            write_atomically(file, text)
            changed.append(file)
    return changed, by_hand


def with_versions(text: str, entry: str, versions: Iterable[str]) -> str | None:
    """The text with these releases where they belong in the entry's `versions`; None if the entry
    has a form that this does not understand."""
    meant: dict[str, Any] = tomllib.loads(text)
    for version in versions:
        span = _span_of_versions(text, entry)
        if span is None:
            return None
        items = list(re.compile(r'"[^"]*"').finditer(text, *span))
        if [json.loads(item[0]) for item in items] != meant[entry]["versions"]:
            return None
        older = [n for n, item in enumerate(items) if _begins(item[0]) <= parse_release(version)]
        place = older[-1] + 1 if older else 0
        meant[entry]["versions"].insert(place, version)
        if older:
            at = items[older[-1]].end()
            text = f'{text[:at]}, "{version}"{text[at:]}'
        else:
            at = items[0].start()
            text = f'{text[:at]}"{version}", {text[at:]}'
    return text if tomllib.loads(text) == meant else None


def _span_of_versions(text: str, entry: str) -> tuple[int, int] | None:
    """What is between the brackets of the entry's list of versions."""
    head = re.search(rf"(?m)^\[{re.escape(entry)}\]", text)
    if head is None:
        return None
    following = re.compile(r"(?m)^\[").search(text, head.end())
    end = following.start() if following else len(text)
    found = re.compile(r"(?m)^versions\s*=\s*\[([^\]]*)\]").search(text, head.end(), end)
    return found.span(1) if found else None


def _begins(item: str) -> Version:
    return parse_interval(json.loads(item)).first


def add(
    directory: Path, entries: Iterable[NewEntry], clauses: Mapping[str, Clause], run: Path
) -> list[Path]:
    """Writes the entries, for a person to complete, into <family>-new.toml; these files."""
    texts: dict[Path, list[str]] = {}
    for entry in entries:
        family = clauses[entry.clause].family if entry.clause in clauses else "other"
        file = directory / f"{family}-new.toml"
        texts.setdefault(file, []).append(_text(entry, clauses.get(entry.clause), run))
    for file, new in texts.items():
        directory.mkdir(parents=True, exist_ok=True)
        there = file.read_text(encoding="utf-8") if file.is_file() else _HEAD
        write_atomically(file, there.rstrip("\n") + "\n\n" + "\n".join(new))
    return list(texts)


def _text(entry: NewEntry, clause: Clause | None, run: Path) -> str:
    example = entry.example
    what = f"{example.case}/{example.setup}"
    again = shlex.join(["ringspec", "replay", str(run), example.spec, what])
    fields: dict[str, Any] = {
        "clause": entry.clause,
        "cases": list(entry.cases),
        "setups": [] if entry.setups == SETUPS else list(entry.setups),
        "versions": list(entry.versions),
        "outcome": entry.outcome,
        "verdict": entry.verdict,
        "intermittent": entry.intermittent,
        "kind": f"{PLACEHOLDER}: {', '.join(ISSUE_KINDS)}",
        "reason": f"{PLACEHOLDER}: what the kernel, or the page, does wrong",
        "source": f"{PLACEHOLDER}: commit subject, thread or page that says so",
    }
    lines = [f"# promised: {one_line(clause.says)}"] if clause else []
    lines += [f"# {one_line(again)}", f"[{entry.id}]"]
    lines += [f"{key} = {_toml(value)}" for key, value in fields.items() if value]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """JSON's strings, lists of them and booleans are TOML's, but for DEL, which JSON leaves."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

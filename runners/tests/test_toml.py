"""Tables are remembered for a text, and for no other."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomllib

from ringspec.cache import toml
from ringspec.cache.toml import load_toml


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is worth remembering, and a cache of its own."""
    monkeypatch.setenv("RINGSPEC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(toml, "_WORTH_IT", 0)
    path = tmp_path / "clauses.toml"
    path.write_text('[A]\nsays = "é"\n')
    return path


def test_a_text_is_parsed_once_and_another_one_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_toml(file)
    with monkeypatch.context() as patch:
        patch.setattr(tomllib, "loads", lambda text: pytest.fail("parsed again"))
        assert load_toml(file) == first == {"A": {"says": "é"}}

    file.write_text('[A]\nsays = "e"\n')
    assert load_toml(file) == {"A": {"says": "e"}}


@pytest.mark.parametrize("found", ["", "[]", '{"of": 1}', '{"of": null, "tables": []}'])
def test_a_broken_cache_is_not_believed(file: Path, found: str) -> None:
    first = load_toml(file)
    (entry,) = (file.parent / "cache" / "toml").iterdir()
    entry.write_text(found)
    assert load_toml(file) == first


def test_what_json_cannot_keep_is_parsed_each_time(file: Path) -> None:
    file.write_text("[A]\nday = 2026-01-01\n")
    assert load_toml(file) == load_toml(file) == tomllib.loads(file.read_text())

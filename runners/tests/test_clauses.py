"""Clauses, manifest and ledger: strict readers whose errors name file and table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringspec.model import Case, Clause
from ringspec.promises.clauses import ClauseError, invariants, load_clauses
from ringspec.promises.ledger import LedgerError, Row, load_ledger, problems, unwritten
from ringspec.promises.manifest import ManifestError, load_manifest, parse_manifest

GOOD = """
[CANCEL-ALL-COUNT-01]
says = "ALL over N polls reports N."
source = "io_uring_prep_cancel(3), RETURN VALUE"
level = "must"
since = "5.19"
backports = ["5.10.200"]
older = ["cancel=-EINVAL"]
needs = ["cancel_flag:ALL"]
"""
ROOT = Path(__file__).parents[2]


def write(cases: Path, text: str, family: str = "async_cancel") -> Path:
    directory = cases / family
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "clauses.toml").write_text(text)
    return cases


def test_a_clause_file(tmp_path: Path) -> None:
    clause = load_clauses(write(tmp_path, GOOD))["CANCEL-ALL-COUNT-01"]
    assert clause.family == "async_cancel"
    assert clause.since == "5.19"
    assert clause.backports == ("5.10.200",)
    assert clause.older == ("cancel=-EINVAL",)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('color = "red"', "unknown field 'color'"),
        ('says = ""', "missing field 'says'"),
        ('level = "may"', "level = 'may'; expected must, should, observed"),
        ('level = "observed"', "level observed needs `expected`"),
        ('expected = ["a=1"]', "`expected` belongs to level observed"),
        ('since = ""', "missing field 'since'"),
        ('since = "5.19.3"', "since: '5.19.3' is no mainline release"),
        ('since = "five"', "since: 'five' is no mainline release"),
        ('backports = ["6.1"]', "backports: '6.1' is no stable release"),
        ("since = 5.19", "since = 5.19; expected a string"),
        ('older = "cancel=-EINVAL"', "older = 'cancel=-EINVAL'; expected a list of strings"),
        ('older = ["cancel="]', "older: 'cancel=': 'cancel' has no value"),
        ('needs = ["ALL"]', "needs 'ALL'; expected kind:NAME"),
        ('setups = ["fast"]', "unknown setup 'fast'"),
        ('elsewhere = ["a=1"]', "`elsewhere` without `setups`"),
        ('config = "TIME_NS"', "config = 'TIME_NS'; expected CONFIG_NAME"),
    ],
)
def test_a_bad_field_is_named_with_file_and_table(tmp_path: Path, line: str, problem: str) -> None:
    key = line.split(" = ")[0]
    kept = [text for text in GOOD.splitlines() if not text.startswith(f"{key} =")]
    with pytest.raises(ClauseError) as error:
        load_clauses(write(tmp_path, "\n".join([*kept, line])))
    assert f"{tmp_path}/async_cancel/clauses.toml: [CANCEL-ALL-COUNT-01] {problem}" in str(
        error.value
    )


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD + '[bad-id]\nsays = "x"\n')
    write(tmp_path, GOOD, "timeout")
    write(tmp_path, GOOD, "misc")
    write(tmp_path, "[", "wait")
    with pytest.raises(ClauseError) as error:
        load_clauses(tmp_path)
    told = "\n".join(error.value.problems)
    assert "[bad-id] bad ID" in told
    assert f"[CANCEL-ALL-COUNT-01] is also in {tmp_path}/async_cancel/clauses.toml" in told
    assert "unknown family 'misc'" in told
    assert f"{tmp_path}/wait/clauses.toml: not TOML" in told


def test_no_clauses_at_all(tmp_path: Path) -> None:
    with pytest.raises(ClauseError, match="no \\*/clauses.toml"):
        load_clauses(tmp_path)


def test_an_invariant_needs_no_range(tmp_path: Path) -> None:
    text = '[INV-01]\nsays = "One."\nsource = "s"\nlevel = "must"\ninvariant = "one_final_cqe"\n'
    assert invariants(load_clauses(write(tmp_path, text, "invariants"))) == {
        "one_final_cqe": "INV-01"
    }


def test_a_manifest() -> None:
    entry = {"name": "A.B", "clause": "X-1", "file": "f.cc", "line": 3, "touches": ["clock"]}
    assert parse_manifest(json.dumps({"cases": [entry]}), "m") == (
        Case("A.B", "X-1", "f.cc", 3, ("clock",)),
    )
    with pytest.raises(ManifestError, match="A.B is listed twice"):
        parse_manifest(json.dumps({"cases": [entry, entry]}), "m")
    with pytest.raises(ManifestError, match="case 0: line = None; expected int"):
        parse_manifest(json.dumps({"cases": [{**entry, "line": None}]}), "m")
    with pytest.raises(ManifestError, match="expected JSON"):
        parse_manifest("{}", "m")


def test_a_missing_manifest_says_build_first(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="build first"):
        load_manifest(tmp_path / "cases.json")


def test_a_ledger(tmp_path: Path) -> None:
    file = tmp_path / "ledger.toml"
    file.write_text(
        '[rows]\nA-1 = "clause"\nA-2 = "alias-of A-1"\nA-3 = "unobservable: two sockets"\n'
    )
    assert load_ledger(file) == {
        "A-1": Row("A-1", "clause"),
        "A-2": Row("A-2", "alias-of", "A-1"),
        "A-3": Row("A-3", "unobservable", "two sockets"),
    }
    file.write_text('[rows]\nA-1 = "unobservable"\n')
    with pytest.raises(LedgerError, match="A-1 = 'unobservable'; expected"):
        load_ledger(file)


def test_disagreements_between_clauses_cases_and_ledger() -> None:
    clause = Clause("A-1", "timeout", "s", "s", "must")
    case = Case("T.A", "A-9", "t.cc", 7)
    ledger = {"A-2": Row("A-2", "clause"), "A-3": Row("A-3", "alias-of", "A-4")}
    assert problems({"A-1": clause}, [case], ledger) == [
        "t.cc:7: T.A names A-9, no clause",
        "A-1: no case observes this clause",
        "A-1: not in the ledger; add A-1 = 'clause'",
        "A-3: alias of A-4, which is no clause in the ledger",
    ]
    assert unwritten({"A-1": clause}, ledger) == ["A-2"]


@pytest.mark.skipif(not (ROOT / "build/cases.json").exists(), reason="the cases are not built")
def test_this_repository_agrees_with_itself() -> None:
    clauses = load_clauses(ROOT / "cases")
    cases = load_manifest(ROOT / "build/cases.json")
    assert problems(clauses, cases, load_ledger(ROOT / "cases/ledger.toml")) == []

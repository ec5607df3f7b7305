"""Formats for programs: each is read back by a schema, a grammar or a real consumer."""

from __future__ import annotations

import csv as csv_reader
import io
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from junitparser import JUnitXml
from lxml import etree

from ktap_reader import read
from page_run import ENTRY, LONG_NAME, PLAIN, page_run
from ringspec.cli import main
from ringspec.report import clausepages, compat, csv, junit, kcidb, ktap, markdown
from ringspec.results.runformat import schema
from ringspec.results.store import Run
from synthetic import CLAUSE, RED, RESULT, big_run, on, write_run

XSD = Path(__file__).parent / "xunit2.xsd"
EVIL = "\x00\x1b[31m</failure>]]>\ufffe\ud800 # SKIP\nok 9 fake\n1..3"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Kept, absent, a known issue, a hang, unstable cells, a broken invariant."""
    return page_run(tmp_path_factory.mktemp("formats"))


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """What a hostile guest wrote, in a cell that was lost."""
    lost = replace(RED, verdict="lost", outcome=EVIL, message=EVIL, release=EVIL)
    return write_run(tmp_path_factory.mktemp("evil"), [lost, replace(RESULT, setup="coop")])


def validate(text: str, name: str) -> Any:
    document = json.loads(text)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.validate(document, schema(name), format_checker=checker)
    return document


def test_junit_is_valid_and_a_consumer_counts_alike(run: Run, evil: Run) -> None:
    for one in (run, evil):
        text = junit.render(one).encode("utf-8")
        etree.XMLSchema(etree.parse(XSD)).assertValid(etree.fromstring(text))
    read_back = JUnitXml.fromstring(junit.render(run).encode("utf-8"))
    kinds: Counter[str] = Counter()
    for suite in read_back:
        here = Counter(type(child).__name__ for case in suite for child in case.result)
        assert here["Skipped"] == suite.skipped and here["Failure"] == suite.failures
        assert here["Error"] == suite.errors and suite.tests == len(list(suite))
        kinds += here
    assert kinds == {"Skipped": 12, "Failure": 5, "Error": 1}


def test_junit_names_and_what_is_an_error(run: Run, evil: Run) -> None:
    cases = {
        (case.classname, case.name): [type(child).__name__ for child in case.result]
        for one in (run, evil)
        for suite in JUnitXml.fromstring(junit.render(one).encode("utf-8"))
        for case in suite
    }
    assert cases["debian:6_1.AsyncCancel", "All[default]"] == ["Skipped"]
    assert cases["debian:7_3.AsyncCancel", "All[default]"] == []
    assert cases["debian:7_3.AsyncCancel", "All[defer]"] == ["Error"], "a hang"
    assert cases["debian:7_3.AsyncCancel", "All[coop]"] == ["Failure"], "a broken invariant"
    race = LONG_NAME.rpartition(".")[2]
    assert cases["debian:7_3.TimeoutRaces", f"{race}[coop]"] == ["Failure"], "repeats disagree"
    assert cases["debian:6_12.AsyncCancel", "All[default]"] == ["Error"], "lost"


def test_ktap_can_be_read(run: Run) -> None:
    kernels = read(ktap.render(run))
    assert [(kernel.name, kernel.ok) for kernel in kernels] == [
        ("debian:6.1", True),
        ("debian:6.12", True),
        ("debian:7.3", False),
    ]
    tests = {test.name: test for test in kernels[2].tests}
    assert not tests["AsyncCancel.All/defer"].ok
    assert tests["AsyncCancel.All/defer"].directive == "TIMEOUT"
    assert tests["AsyncCancel.All/coop"].notes == ("invariant broken: restart_errno",)
    known = kernels[1].tests[0]
    assert (known.ok, known.directive, known.why) == (True, "XFAIL", ENTRY.id)
    assert kernels[0].tests[0].directive == "SKIP"


def test_nothing_that_a_guest_writes_is_a_result_line(evil: Run) -> None:
    (kernel,) = read(ktap.render(evil))
    lost, kept = kernel.tests
    assert (lost.ok, lost.directive, kept.ok) == (False, "ERROR", True)


def test_csv(run: Run) -> None:
    rows = list(csv_reader.DictReader(io.StringIO(csv.render(run))))
    assert len(rows) == 48
    by_key = {(row["spec"], row["setup"], row["case"]): row for row in rows}
    assert by_key["debian:6.12", "coop", "AsyncCancel.All"]["known_issue"] == ENTRY.id
    assert by_key["debian:7.3", "coop", "AsyncCancel.All"]["violations"] == "restart_errno"
    assert by_key["debian:7.3", "coop", LONG_NAME]["executions"] == "2"


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "-cmd|' /C calc'!A0", "+1"])
def test_csv_holds_no_formula(tmp_path: Path, text: str) -> None:
    run = write_run(tmp_path, [replace(RED, outcome=text, message="-EINVAL came")])
    (row,) = csv_reader.DictReader(io.StringIO(csv.render(run)))
    assert row["outcome"] == "'" + text
    assert row["message"] == "-EINVAL came"


def test_kcidb_is_valid_and_hangs_together(run: Run, evil: Run) -> None:
    validate(kcidb.render(evil), "kcidb")
    document = validate(kcidb.render(run), "kcidb")
    ids = {kind: {one["id"] for one in document[kind]} for kind in document if kind != "version"}
    assert [len(document[kind]) for kind in ids] == [len(there) for there in ids.values()]
    assert {build["checkout_id"] for build in document["builds"]} == ids["checkouts"]
    assert {test["build_id"] for test in document["tests"]} == ids["builds"]
    assert {one["issue_id"] for one in document["incidents"]} == ids["issues"]
    red = {test["id"] for test in document["tests"] if test["status"] == "FAIL"}
    assert {one["test_id"] for one in document["incidents"]} < red
    assert Counter(test["status"] for test in document["tests"]) == {
        "PASS": 30,
        "SKIP": 8,
        "FAIL": 10,
    }


def test_kcidb_ids_are_those_of_one_run(run: Run) -> None:
    again = json.loads(kcidb.render(run))
    other = json.loads(kcidb.render(replace(run, info={**run.info, "started": "2026-01-01"})))
    assert json.loads(kcidb.render(run)) == again
    assert {one["id"] for one in again["tests"]}.isdisjoint(one["id"] for one in other["tests"])


def test_compat_says_what_a_library_may_rely_on(run: Run) -> None:
    document = validate(compat.render(run), "compat")
    branches = document["clauses"][CLAUSE.id]["branches"]
    told = {branch: [one["status"] for one in there] for branch, there in branches.items()}
    assert told == {"6.1": ["absent"], "6.12": ["broken"], "7.3": ["mixed"]}
    assert branches["7.3"][0]["setups"] == {
        "default": "kept",
        "defer": "broken",
        "coop": "kept",
        "sqpoll": "kept",
    }
    assert document["clauses"][CLAUSE.id]["known_issues"][ENTRY.id]["versions"] == ["6.12"]


def test_compat_makes_intervals_of_releases(tmp_path: Path) -> None:
    def release(version: str, verdict: str) -> Any:
        return replace(on(version, replace(RESULT, verdict=verdict)), spec=f"debian:{version}")

    told = ("pass", "pass", "fail", "fail", "pass")
    results = [release(f"6.12.{9 + number}", verdict) for number, verdict in enumerate(told)]
    document = validate(compat.render(write_run(tmp_path, results)), "compat")
    intervals = document["clauses"][CLAUSE.id]["branches"]["6.12"]
    assert [(one["first"], one["last"], one["status"]) for one in intervals] == [
        ("6.12.9", "6.12.10", "kept"),
        ("6.12.11", "6.12.12", "broken"),
        ("6.12.13", "6.12.13", "kept"),
    ]
    assert intervals[0]["tested"] == ["6.12.9", "6.12.10"]


def test_a_summary_is_never_too_long(tmp_path: Path) -> None:
    text = markdown.render(big_run(tmp_path / "a", red=0.5))
    assert "…" in text and "left out" not in text
    assert len(text.encode("utf-8")) < markdown.LIMIT
    monster = replace(RED, message="x" * 3_000_000, outcome="\N{PILE OF POO}" * 400_000)
    whole = markdown.render(write_run(tmp_path / "b", [monster]))
    assert len(whole.encode("utf-8")) < markdown.LIMIT


def test_a_page_for_each_clause(run: Run, tmp_path: Path) -> None:
    assert clausepages.write(run, tmp_path) == 4
    text = (tmp_path / f"{CLAUSE.id}.md").read_text(encoding="utf-8")
    assert f"> {CLAUSE.says}" in text
    assert "| defer | – absent | ✘ broken | ✘ broken |" in text
    assert "It came broken between 6.1.192 and 6.12.117." in text
    assert f"Known issue: {ENTRY.id} (doc-conflict)" in text
    index = (tmp_path / "index.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\((.+?)\)", index)
    assert len(links) == 4 and all((tmp_path / link).is_file() for link in links)
    assert f"[{PLAIN.id}]" in index


def test_the_command_writes_them_all(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forms = ("html", "markdown", "junit", "ktap", "kcidb", "csv", "compat")
    options = [text for form in forms for text in (f"--{form}", str(tmp_path / form))]
    assert main(["report", str(run.path), *options, "--clauses", str(tmp_path / "pages")]) == 0
    assert all((tmp_path / form).stat().st_size > 200 for form in forms)
    assert "clauses: " in capsys.readouterr().err
    (tmp_path / "file").touch()
    assert main(["report", str(run.path), "--clauses", str(tmp_path / "file")]) == 4
    assert "--clauses" in capsys.readouterr().err

"""Every rendering of a run: complete, quick, and harmless whatever the guest wrote."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ringspec.judge.known_issues import KnownIssue, KnownIssues
from ringspec.judge.versions import parse_interval
from ringspec.report import compat, csv, html, junit, kcidb, ktap, markdown, terminal
from ringspec.report.contradictions import contradictions
from ringspec.report.matrix import build
from ringspec.report.red import unexplained
from ringspec.report.support import stories
from ringspec.report.text import places_in_words, printable, span
from ringspec.results.store import Run
from synthetic import CLAUSE, INVARIANT, RED, RESULT, VERSIONS, big_run, on, write_run

EVIL = "</script><img src=x onerror=alert(1)>\x1b]0;owned\x07\x9b2J\u202e&\"'`|\ud800\nPWNED ]]>"
RENDERINGS = tuple(
    form.render for form in (compat, csv, html, junit, kcidb, ktap, markdown, terminal)
)
FIXED = "was fixed in some setups between 6.12.117 and 7.3.4"
ENTRY = KnownIssue(
    id="all-counts-one",
    clause=CLAUSE.id,
    versions=(parse_interval("6.12"),),
    outcome=(RED.outcome,),
    kind="kernel-bug",
    reason="The walk stops after the first match.",
    source="io_uring/cancel.c",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Three kernels: red and known, red and new, kept; one broken invariant; one absent."""
    known = KnownIssues([ENTRY])
    results = [
        on("6.1.192", replace(RESULT, verdict="absent", outcome="cancel=-EINVAL")),
        replace(RED, known_issue=ENTRY.id),
        on("7.3.4"),
        on("7.3.4", replace(RED, setup="defer", verdict="hang")),
        on("7.3.4", replace(RESULT, setup="coop", violations=("restart_errno",))),
    ]
    return write_run(tmp_path_factory.mktemp("run"), results, known=known)


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run in which everything that a guest can write is hostile."""
    hostile = replace(RED, outcome=f"cancel={EVIL}", message=EVIL, release=EVIL, violations=(EVIL,))
    return write_run(tmp_path_factory.mktemp("evil"), [hostile])


def test_the_matrix_folds_setups_into_the_worst(run: Run) -> None:
    matrix = build(run)
    assert [column.title for column in matrix.columns] == ["6.1.192", "6.12.117", "7.3.4"]
    symbols = {
        row.clause.id: "".join(square.symbol if square else " " for square in row.squares)
        for row in matrix.rows
    }
    assert symbols == {CLAUSE.id: "-fH", INVARIANT.id: "..F"}


def test_what_is_not_explained(run: Run) -> None:
    found = [(red.clause, red.verdict, red.places) for red in unexplained(build(run))]
    assert found == [
        (CLAUSE.id, "hang", (("debian:7.3", "defer"),)),
        (INVARIANT.id, "violation", (("debian:7.3", "coop"),)),
    ]


def test_the_manual_says_and_the_kernels_do(run: Run) -> None:
    matrix = build(run)
    known, new = contradictions(run, matrix, stories(matrix))
    assert (known.issue_id, known.deeds[0].kernels, known.kept) == (ENTRY.id, "6.12.117", "")
    assert known.issue is not None and known.issue["reason"] == ENTRY.reason
    assert known.pages == (("io_uring_prep_cancel(3)", "RETURN VALUE"),)
    assert known.turns == ("came broken between 6.1.192 and 6.12.117", FIXED)
    assert (new.issue, new.deeds[0].verdict) == (None, "hang")


def test_the_terminal(run: Run) -> None:
    assert terminal.render(run) == (
        "                         6   6   7\n"
        "                         1  12   3\n"
        "                       192 117   4\n"
        "async_cancel\n"
        "  CANCEL-ALL-COUNT-01    -   f   H\n"
        "invariants\n"
        "  INVARIANT-RESTART-01   .   .   F\n"
        "\n"
        "- absent   . pass   F fail   H hang   lower case: known issue\n"
        "\n"
        "red and not explained\n"
        "  hang CANCEL-ALL-COUNT-01  AsyncCancel.All\n"
        "      debian:7.3 (defer)\n"
        "      came: cancel=1; target=-ECANCELED, pending x2\n"
        "  violation INVARIANT-RESTART-01  AsyncCancel.All\n"
        "      debian:7.3 (coop)\n"
        "      came: cancel=3; target=-ECANCELED x3\n"
        "\n"
        "5 cells: 1 absent, 2 pass, 1 fail, 1 hang (1 red by known issues)\n"
    )


def test_the_terminal_fits_eleven_kernels_into_80_columns(tmp_path: Path) -> None:
    long = replace(CLAUSE, id="TIMEOUT-REMOVE-EALREADY-ABCDEF-01")
    results = [on(version, replace(RED, clause=long.id)) for version in VERSIONS]
    text = terminal.render(write_run(tmp_path, results, [long]))
    assert text.count("TIMEOUT-REMOVE-EALREADY-ABCDEF-01 ") == 2, "one row, and its red entry"
    assert max(map(len, text.splitlines())) <= 80


def test_colour_is_only_for_terminals_that_want_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown() -> str:
        file = io.StringIO()
        terminal.print_matrix(run, Console(file=file, force_terminal=True, width=80))
        return file.getvalue()

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;31m" in shown()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31m" not in shown()


def test_a_large_matrix_folds_what_is_not_red(tmp_path: Path) -> None:
    text = terminal.render(big_run(tmp_path, 200, red=0.001))
    assert re.search(r"… \d+ clauses without red", text)


class Reader(HTMLParser):
    """Collects elements; knows which tags the page itself uses."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags_of(page: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Reader()
    reader.feed(page)
    return reader.tags


def test_the_page_needs_no_network(run: Run) -> None:
    for tag, attributes in tags_of(html.render(run)):
        assert "src" not in attributes
        for name in ("href", "action", "data"):
            assert str(attributes.get(name) or "#").startswith(("#", "data:,")), (tag, attributes)


def test_the_page_shows_matrix_message_and_contradiction(run: Run) -> None:
    page = html.render(run)
    assert '<td class="absent">-<td class="known">f<td class="bad">H' in page
    assert "The manual says, the kernels do" in page
    assert ENTRY.reason in page
    assert f"ringspec replay {run.path.name} debian:7.3 AsyncCancel.All/defer" in page


def test_a_flavour_stands_with_its_release(tmp_path: Path) -> None:
    flavours = (on("7.3.4"), replace(on("7.3.4"), spec="debian:7.3/rt", kernel="debian:7.3.4/rt"))
    assert ">7.3<small>.4 rt</small>" in html.render(write_run(tmp_path, flavours))


@pytest.mark.parametrize("render", RENDERINGS)
def test_nothing_that_a_guest_writes_does_anything(evil: Run, render: Callable[[Run], str]) -> None:
    text = render(evil)
    text.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", text)
    if render in (html.render, markdown.render):
        assert "img" not in {tag for tag, _ in tags_of(text)}
        assert not any(name.startswith("on") for _, attrs in tags_of(text) for name in attrs)
    if render is html.render:
        assert text.count("</script>") == 3
    if render is junit.render:
        ElementTree.fromstring(text)


def test_an_empty_run_can_be_shown(tmp_path: Path) -> None:
    run = write_run(tmp_path, [])
    for render in RENDERINGS:
        assert render(run)


def test_eighteen_thousand_results_are_shown_quickly(eighteen_thousand: Run) -> None:
    start = time.process_time()
    assert len(html.render(eighteen_thousand)) < 1_000_000
    terminal.render(eighteen_thousand)
    markdown.render(eighteen_thousand)
    assert time.process_time() - start < 6


def test_words() -> None:
    order = ["5.10", "6.1", "6.12", "7.0"]
    assert span(["7.0", "6.1", "6.12"], order) == "6.1 to 7.0"
    assert span(["5.10", "6.12"], order) == "5.10, 6.12"
    assert places_in_words([("a", "coop"), ("b", "coop"), ("c", "default")]) == (
        "a, b (coop); c (default)"
    )


@given(st.text())
def test_printable_text_has_nothing_to_act_upon(text: str) -> None:
    clean = printable(text)
    clean.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", clean)
    assert printable(clean) == clean

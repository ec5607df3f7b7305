"""Whatever a guest writes, every rendering stays well-formed and does nothing."""

from __future__ import annotations

import csv as csv_reader
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from ringspec.judge.rules import KINDS
from ringspec.model import Result
from ringspec.report import csv, html, junit, ktap, markdown, terminal
from ringspec.results.store import Run
from synthetic import CASE, CLAUSE, INVARIANT, RED

# Pieces that mean something to somebody: browsers, terminals, XML, KTAP, Markdown, spreadsheets.
PIECES = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!--",
    "-->",
    "]]>",
    "<![CDATA[",
    "&lt;&#x3c;&amp",
    '" onmouseover="x',
    "{{ 7*7 }}{% raw %}",
    "\x1b]0;t\x07\x1b[2J",
    "\x9b31m",
    "\x90q\x9c",
    "\r\n",
    "\n",
    "\n\n",
    "\u2028\u202e\u2066",
    "\x00\x08\x7f\ufffe",
    "\ud800",
    "\nok 1 - fine\n",
    "\nBail out!\n",
    " # SKIP",
    "# TODO",
    "1..0",
    "| a | b |",
    "```",
    "</pre></details>",
    "[x](javascript:alert(1))",
    "=1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=cmd",
    '","',
    "\u0301\u200b\ufeff",
)
ANY = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=5).map("".join)
RESULTS = st.builds(
    lambda verdict, setup, texts, known: replace(
        RED,
        verdict=verdict,
        setup=setup,
        release=texts[0],
        outcome=texts[1],
        message=texts[2],
        violations=texts[3:],
        known_issue=known,
    ),
    st.sampled_from([name for name in KINDS if name != "unstable"]),
    st.sampled_from(["default", "sqpoll"]),
    st.tuples(ANY, ANY, ANY) | st.tuples(ANY, ANY, ANY, ANY),
    st.sampled_from([None, "an-issue"]),
)
RUNS = st.lists(RESULTS, min_size=1, max_size=3)
# What no terminal, XML reader or browser may be handed.
ACTIVE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
EXAMPLES = settings(max_examples=60)


def a_run(results: list[Result]) -> Run:
    entry = {"spec": RED.spec, "kernel": RED.kernel, "version": RED.version, "provenance": ""}
    info = {
        "complete": True,
        "kernels": [{**entry, "release": results[0].release}],
        "cases": {CASE.name: {"file": CASE.file, "line": CASE.line}},
        "known_issues": {},
    }
    clauses = {clause.id: clause for clause in (CLAUSE, INVARIANT)}
    return Run(Path("run"), info, tuple(results), clauses)


class Page(HTMLParser):
    """Tags, attributes and the text of scripts; complains about what is left open."""

    # Elements without an end, rows and cells, whose end may be left out.
    VOID = frozenset(("meta", "link", "input", "br", "img", "tr", "td"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.scripts: list[str] = []
        self.crossed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and (not self.open or self.open.pop() != tag):
            self.crossed.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data


def page_of(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    return page


PLAIN = page_of(
    html.render(
        a_run(
            [
                RED,
                replace(RED, setup="sqpoll", verdict="pass"),
                replace(RED, setup="coop", verdict="hang"),
            ]
        )
    )
)


@EXAMPLES
@given(RUNS)
def test_the_page(results: list[Result]) -> None:
    text = html.render(a_run(results))
    page = page_of(text)

    assert not ACTIVE.search(text)
    assert (page.open, page.crossed) == ([], [])
    assert page.tags <= PLAIN.tags and page.attributes <= PLAIN.attributes
    data, _, script = page.scripts
    assert script == PLAIN.scripts[2]
    assert set(json.loads(data)) == set(json.loads(PLAIN.scripts[0]))


@EXAMPLES
@given(RUNS)
def test_junit(results: list[Result]) -> None:
    text = junit.render(a_run(results))
    root = ElementTree.fromstring(text)

    assert not ACTIVE.search(text)
    tags = {"testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"}
    assert {element.tag for element in root.iter()} <= tags
    cells = {result.setup for result in results}
    assert len(list(root.iter("testcase"))) == len(cells) == int(root[0].attrib["tests"])


@EXAMPLES
@given(RUNS)
def test_ktap(results: list[Result]) -> None:
    text = ktap.render(a_run(results))
    cells = len({result.setup for result in results})
    lines = text.splitlines()

    assert not ACTIVE.search(text)
    assert lines[:5] == [
        *("KTAP version 1", "1..1", "  KTAP version 1"),
        f"  # Subtest: {RED.spec}",
        f"  1..{cells}",
    ]
    verdicts = [line for line in lines[5:] if not re.match(r" *#", line)]
    assert len(verdicts) == cells + 1
    for number, line in enumerate(verdicts[:-1], 1):
        assert re.match(
            rf"  (not )?ok {number} AsyncCancel\.All/(default|sqpoll)( # [A-Z]+ |$)", line
        )


@EXAMPLES
@given(RUNS)
def test_csv(results: list[Result]) -> None:
    text = csv.render(a_run(results))
    head, *rows = csv_reader.reader(io.StringIO(text, newline=""))

    assert not ACTIVE.search(text)
    assert len(rows) == len({result.setup for result in results})
    for row in rows:
        assert len(row) == len(head)
        for field in row:
            assert not field.startswith(("=", "+", "@", "\t")), field
            assert not field.startswith("-") or re.match(r"-(E[A-Z0-9]+\b|\d)", field), field


@EXAMPLES
@given(RUNS)
def test_markdown(results: list[Result]) -> None:
    text = markdown.render(a_run(results))
    tags = set(re.findall(r"</?([A-Za-z!][^\s>]*)", text))

    assert not ACTIVE.search(text)
    assert tags <= {"details", "summary", "b", "code", "pre", "span"}
    assert "javascript:" not in re.sub(r"<(code|pre)>.*?</\1>", "", text, flags=re.DOTALL)
    # Nothing that a guest wrote ends its block, nor a row of a table.
    for block in re.findall(r"<pre>(.*?)</pre>", text, flags=re.DOTALL):
        assert all(line.strip() for line in block.splitlines())
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line[:1] == "|"]
    assert set(widths) <= {3, 6}


@EXAMPLES
@given(RUNS)
def test_terminal(results: list[Result]) -> None:
    text = terminal.render(a_run(results))

    assert not ACTIVE.search(text)
    assert "\t" not in text
    text.encode("utf-8")

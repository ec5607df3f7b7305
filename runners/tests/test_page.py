"""The report page in a real Chromium: filters, links, details, the diff, keys, and who can read it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from browser import Page, written
from page_run import CLAUSE, ENTRY, INVARIANT, PLAIN, RACE
from ringspec.compare.diff import CLASSES, compare
from ringspec.report.matrix import build
from ringspec.results.store import Run, without_kernels_but
from synthetic import VERSIONS, big_run

ALL = [CLAUSE.id, RACE.id, PLAIN.id, INVARIANT.id]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    """A page with thousands of results of every kind."""
    path = tmp_path_factory.mktemp("many")
    run = big_run(path, clause_count=60, red=0.1)
    every_ninth = [
        replace(result, violations=("restart_errno",)) if number % 9 == 0 else result
        for number, result in enumerate(run.results)
    ]
    run = replace(run, results=tuple(every_ninth))
    return run, written(run, path)


def test_the_script_folds_as_the_document_does(browser: Page, many: tuple[Run, Path]) -> None:
    run, file = many
    browser.open(file)
    painted = browser.js(
        """return [...document.querySelectorAll('#table tr[data-id]')].map(
        (row) => [...row.cells].slice(1).map((cell) => cell.textContent).join(''))"""
    )
    squares = [row.squares for row in build(run).rows]
    assert painted == ["".join(one.symbol if one else "" for one in row) for row in squares]


def test_eighteen_thousand_results_open_in_a_second(
    browser: Page, eighteen_thousand: Run, tmp_path: Path
) -> None:
    assert browser.cpu_seconds(written(eighteen_thousand, tmp_path)) < 1


@pytest.mark.parametrize("a, b", [(0, 10), (7, 2)])
def test_the_diff_is_that_of_the_command(
    browser: Page, many: tuple[Run, Path], a: int, b: int
) -> None:
    run, file = many
    names = [f"debian:{'.'.join(VERSIONS[number].split('.')[:2])}" for number in (a, b)]
    parts = [without_kernels_but(run, name) for name in names]
    found = Counter(change.kind for change in compare(*parts, {names[0]: names[1]}).changes)
    browser.open(file, f"#a={a}&b={b}")
    told = ", ".join(f"{found[kind]} {kind}" for kind in CLASSES if found[kind])
    assert browser.texts("#shown")[0].partition("cells: ")[2] == told


@pytest.mark.parametrize(
    "fragment, rows",
    [
        ("", ALL),
        ("#q=race", [RACE.id]),
        ("#q=walk+stops", [CLAUSE.id]),
        ("#rows=new", [CLAUSE.id, RACE.id, INVARIANT.id]),
        ("#rows=red&kernel=1", [CLAUSE.id]),
        ("#rows=differ", [CLAUSE.id, RACE.id, INVARIANT.id]),
        ("#rows=differ&kernel=0", []),
        ("#verdict=hang", [CLAUSE.id]),
        ("#verdict=hang&setup=coop", []),
        ("#verdict=unstable,absent", [CLAUSE.id, RACE.id]),
        ("#verdict=known", [CLAUSE.id]),
        ("#family=timeout", [RACE.id, PLAIN.id]),
        ("#folded=async_cancel,timeout", [INVARIANT.id]),
        ("#a=0&b=1", [CLAUSE.id]),
    ],
)
def test_a_link_shows_its_rows(page: Page, page_file: Path, fragment: str, rows: list[str]) -> None:
    page.open(page_file, fragment)
    assert page.rows() == rows
    assert page.one("#nothing").is_displayed() == (not rows)


def test_filters_go_into_the_address_and_come_back(page: Page) -> None:
    page.one("[name=q]").send_keys("expires")
    page.choose("rows", "differ")
    page.one("[data-verdict=pass]").click()
    assert page.fragment == "#q=expires&rows=differ&verdict=pass"
    assert page.rows() == []
    page.one("#nothing button").click()
    assert (page.fragment, page.rows()) == ("", ALL)
    assert page.one("[name=q]").get_attribute("value") == ""


def test_a_setup_repaints_and_kernels_can_be_hidden(page: Page) -> None:
    assert [page.cell(CLAUSE.id, column).text for column in range(3)] == ["-", "f", "H"]
    page.choose("setup", "sqpoll")
    assert [page.cell(CLAUSE.id, column).text for column in range(3)] == ["-", "f", "."]
    page.one(".pick summary").click()
    page.one("#kernels input[value='0']").click()
    assert page.fragment == "#setup=sqpoll&kernel=1,2"
    assert [page.cell(CLAUSE.id, column).is_displayed() for column in range(3)] == [0, 1, 1]


def test_a_row_unfolds_into_cases_and_setups(page: Page) -> None:
    page.one(f"tr[data-id='{CLAUSE.id}'] .unfold").click()
    assert page.texts("tr.sub th") == [
        "All default, coop, sqpoll",
        "All defer",
        "AllOfFive all setups",
    ]
    page.one("tr.sub:nth-of-type(4) > :nth-child(4)").click()
    page.until("document.getElementById('detail').open")
    assert page.fragment.endswith(f"cell={CLAUSE.id}~2~AsyncCancel.All~defer")


def test_a_cell_tells_everything(page: Page) -> None:
    page.cell(CLAUSE.id, 2).click()
    page.until("document.getElementById('detail').open")
    said = page.one("#detail-body").text
    for text in (
        CLAUSE.says,
        CLAUSE.source,
        "since 5.19",
        "It did not return.",
        "WARNING: CPU: 0",
        "debian:7.3 AsyncCancel.All/defer",
        "cases/async_cancel/all.cc:12",
        "invariants broken: restart_errno",
    ):
        assert text in said
    assert "somebody else" not in said and "ringspec begin" not in said
    page.one("#detail ol.strip li:nth-child(2) a").click()
    page.until("document.getElementById('detail-title').textContent.includes('6.12.117')")
    said = page.one("#detail-body").text
    assert f"Known issue {ENTRY.id}" in said and ENTRY.reason in said
    page.one("#detail .head button").click()
    page.until("!document.getElementById('detail').open && location.hash === ''")


def test_a_trace_is_drawn(page: Page, page_file: Path) -> None:
    page.open(page_file, f"#cell={CLAUSE.id}~1")
    page.until("document.querySelector('.sequence svg')")
    drawn = page.texts(".sequence svg text")
    assert {"link", "-ECANCELED", "1", "no CQE", "gave up", "0", "5 s"} <= set(drawn)
    assert len(page.js("return [...document.querySelectorAll('.sequence .sqe')]")) == 3
    assert len(page.js("return [...document.querySelectorAll('.sequence .aim')]")) == 1
    listed = page.js("return document.querySelector('.sequence ol').textContent")
    assert "SQE cancel: ASYNC_CANCEL +ALL target, fits target" in listed


def test_repeats_and_races_are_told(page: Page, page_file: Path) -> None:
    page.open(page_file, f"#cell={RACE.id}~2")
    page.until("document.getElementById('detail').open")
    said = page.one("#detail-body").text
    assert "repeat 0: pass permitted" in said and "repeat 1: fail race=lost" in said
    assert "166 of 200" in said


def test_a_clause_has_its_page(page: Page) -> None:
    page.one(f"tr[data-id='{CLAUSE.id}'] th a").click()
    assert page.fragment == f"#clause={CLAUSE.id}"
    assert page.texts(".support tbody th") == ["default", "defer", "coop", "sqpoll"]
    assert page.texts(".story li") == [
        "Broken on 6.12.117.",
        "Broken in some setups on 7.3.4.",
        "Not offered on 6.1.192.",
        "It came broken between 6.1.192 and 6.12.117.",
        "It was fixed in some setups between 6.12.117 and 7.3.4.",
    ]
    page.driver.back()
    page.until("document.getElementById('matrix').checkVisibility()")


def test_the_other_views(page: Page) -> None:
    page.one(".views a[href='#view=says']").click()
    assert page.texts("#says h3 a") == [CLAUSE.id]
    page.one("#says details summary").click()
    (draft,) = page.texts("#says pre.copy")
    assert "On Linux 6.12.117, the cancel request completes with 1" in draft
    page.one(".views a[href='#view=red']").click()
    assert len(page.texts("#red details.red")) == 3
    page.one(".views a[href='#view=tested']").click()
    assert "sha256: 0" in page.one("#tested").text
    assert page.texts(".view h2") == ["What was tested, and with what"]


def test_the_matrix_is_one_tab_stop_and_arrows_walk_it(page: Page) -> None:
    def focus() -> str:
        return str(page.js("const at = document.activeElement; return at.title || at.textContent"))

    assert page.js("return document.querySelectorAll('#table [tabindex=\"0\"]').length") == 1
    page.js("document.querySelector('.family button').focus()")
    page.driver.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    page.driver.switch_to.active_element.send_keys(Keys.END)
    assert focus() == f"hang, new: {CLAUSE.id} on 7.3.4"
    page.driver.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
    assert focus() == f"fail, known issue: {CLAUSE.id} on 6.12.117"
    assert page.js("return document.querySelectorAll('#table [tabindex=\"0\"]').length") == 1
    page.driver.switch_to.active_element.send_keys(Keys.ENTER)
    page.until("document.getElementById('detail').open")
    page.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    page.until("!document.getElementById('detail').open")
    assert focus() == f"fail, known issue: {CLAUSE.id} on 6.12.117", "the focus comes back"


def test_the_page_is_whole_without_its_script(
    browser: Page, page_file: Path, tmp_path: Path
) -> None:
    text = page_file.read_text(encoding="utf-8")
    bare = tmp_path / "bare.html"
    bare.write_text(text[: text.rindex("<script>")], encoding="utf-8")
    browser.driver.get(bare.as_uri())
    assert browser.rows() == ALL
    assert [browser.cell(CLAUSE.id, column).text for column in range(3)] == ["-", "f", "H"]
    assert "The manual says, the kernels do" in browser.texts("h2")

"""The report page in a real Chromium: filters, links, details, the diff, keys, and who can read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from browser import Page, chromium
from page_run import CLAUSE, ENTRY, INVARIANT, PLAIN, RACE, page_run
from ringspec.diff import CLASSES, compare
from ringspec.report import html
from ringspec.report.matrix import build
from ringspec.store import Run, without_kernels_but
from selenium.webdriver.common.keys import Keys
from synthetic import VERSIONS, big_run

ALL = [CLAUSE.id, RACE.id, PLAIN.id, INVARIANT.id]
SCREENS = [(390, 844), (820, 1180), (1440, 900)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with chromium() as page:
        yield page


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with something of everything."""
    path = tmp_path_factory.mktemp("page")
    return written(page_run(path), path)


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


def written(run: Run, path: Path) -> Path:
    """The page of this run."""
    (path / "report.html").write_text(html.render(run), encoding="utf-8")
    return path / "report.html"


@pytest.fixture
def page(browser: Page, file: Path) -> Iterator[Page]:
    """The small page, open; at the end nothing may have complained."""
    browser.appearance(1440, 900)
    browser.open(file)
    yield browser
    assert browser.complaints() == []


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
def test_a_link_shows_its_rows(page: Page, file: Path, fragment: str, rows: list[str]) -> None:
    page.open(file, fragment)
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
    page.until("!document.getElementById('detail').open")
    assert page.fragment == ""


def test_a_trace_is_drawn(page: Page, file: Path) -> None:
    page.open(file, f"#cell={CLAUSE.id}~1")
    page.until("document.querySelector('.sequence svg')")
    drawn = page.texts(".sequence svg text")
    assert {"link", "-ECANCELED", "1", "no CQE", "gave up", "0", "5 s"} <= set(drawn)
    assert len(page.js("return [...document.querySelectorAll('.sequence .sqe')]")) == 3
    assert len(page.js("return [...document.querySelectorAll('.sequence .aim')]")) == 1
    listed = page.js("return document.querySelector('.sequence ol').textContent")
    assert "SQE cancel: ASYNC_CANCEL +ALL target, fits target" in listed


def test_repeats_and_races_are_told(page: Page, file: Path) -> None:
    page.open(file, f"#cell={RACE.id}~2")
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


def test_tab_visits_everything_in_order_and_shows_where_it_is(page: Page) -> None:
    visited = []
    for _ in range(40):
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        at = page.js(
            """const at = document.activeElement, style = getComputedStyle(at);
            return [[...document.querySelectorAll('*')].indexOf(at), at.tagName,
                    style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1]"""
        )
        if at[1] == "BODY":
            break
        visited.append(at)
    assert len(visited) > 20
    assert [one[0] for one in visited] == sorted(one[0] for one in visited)
    assert all(one[2] for one in visited), "every stop has a visible ring"


@pytest.mark.parametrize(
    "fragment", ["", "#view=red", "#view=says", "#view=tested", "#a=0&b=2", f"#clause={CLAUSE.id}"]
)
def test_a_screen_reader_finds_names_and_roles(page: Page, file: Path, fragment: str) -> None:
    page.open(file, fragment)
    nodes = page.accessible()
    focusable = [node for node in nodes if node["focusable"] and node["role"] != "RootWebArea"]
    assert len(focusable) >= 10
    assert [node for node in focusable if not node["name"] and node["role"] != "generic"] == []
    roles = Counter(node["role"] for node in nodes)
    assert roles["main"] == 1 and roles["navigation"] == 1 and roles["banner"] == 1
    levels = page.js(
        """return [...document.querySelectorAll('h1,h2,h3')]
        .filter((head) => head.checkVisibility()).map((head) => Number(head.tagName[1]))"""
    )
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    ids = page.js("return [...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    if not fragment:
        assert roles["grid"] == 1 and roles["columnheader"] == 4
        cells = {node["name"] for node in nodes if node["role"] == "gridcell"}
        assert cells == {
            "absent",
            "pass",
            "fail, known issue",
            "hang, new",
            "unstable, new",
            "fail, new",
        }


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_can_be_read(page: Page, file: Path, dark: bool) -> None:
    page.appearance(1440, 900, dark)
    for fragment in ("", "#view=says", f"#cell={CLAUSE.id}~1", f"#clause={CLAUSE.id}", "#a=0&b=2"):
        page.open(file, fragment)
        if "cell" in fragment:
            page.until("document.querySelector('.sequence svg')")
        assert page.too_faint() == [], fragment


@pytest.mark.parametrize("width, height", SCREENS)
def test_nothing_sticks_out_of_the_screen(page: Page, file: Path, width: int, height: int) -> None:
    page.appearance(width, height)
    for fragment in ("", "#view=red", "#view=says", "#view=tested", f"#clause={CLAUSE.id}"):
        page.open(file, fragment)
        assert page.js("return document.documentElement.scrollWidth") <= width, fragment
    page.open(file, f"#cell={RACE.id}~2")
    page.until("document.getElementById('detail').open")
    left = page.js("return document.getElementById('detail').getBoundingClientRect().left")
    assert left >= 0
    assert (
        page.js(
            "const box = document.getElementById('detail'); return box.scrollWidth - box.clientWidth"
        )
        <= 0
    )


def test_the_page_is_whole_without_its_script(browser: Page, file: Path, tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8")
    bare = tmp_path / "bare.html"
    bare.write_text(text[: text.rindex("<script>")], encoding="utf-8")
    browser.driver.get(bare.as_uri())
    assert browser.rows() == ALL
    assert [browser.cell(CLAUSE.id, column).text for column in range(3)] == ["-", "f", "H"]
    assert "The manual says, the kernels do" in browser.texts("h2")

"""Who can use the report page: without a mouse, without eyes, with little contrast, on a phone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from browser import Page, written
from page_run import CLAUSE, RACE
from synthetic import on, write_run

SCREENS = [(390, 844), (820, 1180), (1440, 900)]


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
def test_a_screen_reader_finds_names_and_roles(page: Page, page_file: Path, fragment: str) -> None:
    page.open(page_file, fragment)
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
def test_every_text_can_be_read(page: Page, page_file: Path, dark: bool) -> None:
    page.appearance(1440, 900, dark)
    for fragment in ("", "#view=says", f"#cell={CLAUSE.id}~1", f"#clause={CLAUSE.id}", "#a=0&b=2"):
        page.open(page_file, fragment)
        if "cell" in fragment:
            page.until("document.querySelector('.sequence svg')")
        assert page.too_faint() == [], fragment


@pytest.mark.parametrize("width, height", SCREENS)
def test_nothing_sticks_out_of_the_screen(
    page: Page, page_file: Path, width: int, height: int
) -> None:
    page.appearance(width, height)
    for fragment in ("", "#view=red", "#view=says", "#view=tested", f"#clause={CLAUSE.id}"):
        page.open(page_file, fragment)
        assert page.js("return document.documentElement.scrollWidth") <= width, fragment
    page.open(page_file, f"#cell={RACE.id}~2")
    page.until("document.getElementById('detail').open")
    left = page.js("return document.getElementById('detail').getBoundingClientRect().left")
    assert left >= 0
    assert (
        page.js(
            "const box = document.getElementById('detail'); return box.scrollWidth - box.clientWidth"
        )
        <= 0
    )


@pytest.mark.parametrize("width, height", SCREENS)
def test_clauses_keep_their_room_beside_fifty_kernels(
    browser: Page, tmp_path: Path, width: int, height: int
) -> None:
    kernels = [replace(on(f"6.12.{point}"), spec=f"debian:6.12.{point}") for point in range(50)]
    browser.appearance(width, height)
    browser.open(written(write_run(tmp_path, kernels), tmp_path))

    browser.js("document.querySelector('.matrix').scrollLeft = 500")

    clause = browser.js(
        "const box = document.querySelector('#table th[scope=row]').getBoundingClientRect();"
        "return [box.left, box.width]"
    )
    assert clause[0] >= 0, "stands still"
    assert clause[1] >= 120
    assert browser.js("return document.documentElement.scrollWidth") <= width

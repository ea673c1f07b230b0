"""Administration in a real browser: a border is dragged, and every page keeps the rules."""

from __future__ import annotations

import re

import pytest
from made_up_site import HOSTILE
from notice_texts import NOTICE_2027
from test_web_administrators import open_administrators
from test_web_in_browser import opened, texts_of

from outreach.storage.grids import Grid, GridWorker

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
PAGES = {
    "district": (
        "/administration",
        "/work-days?year=2026",
        "/work-days?year=2027",
        "/leave",
        "/leave?past=1",
        "/grids/{grid}/handover",
        "/grids?grid={grid}",
        "/grids/changes",
        "/grids/changes?show=firms",
        "/settings",
        "/settings/plan.refresh_days",
    ),
    "sysadmin": ("/accounts",),
    "secadmin": ("/accounts",),
    "auditor": ("/audit",),
}


def prepare(site):
    """Something on every page, some of it hostile."""
    open_administrators(site)
    with site.database.transaction() as session:
        session.get_one(Grid, site.grids["G1"]).name = HOSTILE[0][0]
        session.get_one(GridWorker, 1).name = HOSTILE[1]
    visitor = site.visitor("district")
    visitor.post("/work-days/own", first="2026-12-08", works="0", name=HOSTILE[2])
    visitor.post("/work-days/notice/take", text=NOTICE_2027, year="2027", title=HOSTILE[4])
    visitor.post("/leave", grid=site.grids["G1"], first="2026-12-08", stand_in=site.grids["G2"])
    visitor.post("/settings/plan.refresh_days", value="20", valid_from="2026-12-01", do="take")
    site.visitor("sysadmin").post("/accounts", login="x", name=HOSTILE[3], role="planner")


@pytest.mark.parametrize("login", PAGES)
def test_every_page_keeps_the_rules_of_accessibility_and_of_the_screen_and_runs_nothing(
    chromium, sqlite_site, address, login
):
    from axe_playwright_python.sync_playwright import Axe

    site = sqlite_site
    prepare(site)
    axe, found, wide = Axe(), {}, []
    with opened(chromium, site, address, login) as watched:
        for path in PAGES[login]:
            watched.page.goto(address + path.format(grid=site.grids["G1"]))
            watched.page.wait_for_timeout(100)
            result = axe.run(watched.page, options=RULES)
            if result.violations_count:
                found[path] = result.generate_snapshot()
            if watched.page.evaluate("document.documentElement.scrollWidth") > 1440:
                wide.append(path)
        assert watched.faults == []
    assert (found, wide) == ({}, [])


def test_the_pages_are_whole_in_english(chromium, sqlite_site, address):
    site = sqlite_site
    open_administrators(site)
    for login, paths in PAGES.items():
        with opened(chromium, site, address, login, language="en") as watched:
            for path in paths:
                watched.page.goto(address + path.format(grid=site.grids["G1"]))
                text = texts_of(watched.page)
                assert not re.search(r"[\u3400-\u9fff]{4,}页|管理员|设置|网格边界", text), path


def test_a_border_is_dragged_on_the_map_looked_at_taken_and_undone(chromium, sqlite_site, address):
    site = sqlite_site
    with opened(chromium, site, address, "district") as watched:
        page = watched.page
        page.goto(f"{address}/grids?grid={site.grids['G1']}")
        corners = page.locator(".corner:not(.middle)")
        assert corners.count() == 4
        boxes = [corners.nth(i).bounding_box() for i in range(4)]
        right = max(boxes, key=lambda box: (round(box["x"]), box["y"]))
        x, y = right["x"] + 8, right["y"] + 8
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 60, y - 20, steps=6)
        page.mouse.up()
        assert "改动了 2 个网格" in page.locator("#told").text_content()
        page.click("#back")
        assert "还没有改动" in page.locator("#told").text_content()
        corners.nth(0).focus()
        page.keyboard.press("ArrowLeft")
        assert "改动了" in page.locator("#told").text_content()
        page.click("#send")
        assert "改边界的影响" in page.locator("h1").text_content()
        labels, numbers = page.locator(".figures dt").all(), page.locator(".figures dd").all()
        for some in (labels, numbers):
            assert len({one.bounding_box()["y"] for one in some}) == 1
        page.click("text=采用新边界")
        assert "已经采用" in page.locator("main").text_content()
        page.click("button:has-text('撤销')")
        assert "已经撤销" in page.locator("main").text_content()
        assert watched.faults == []


def test_the_editor_names_the_grids_and_a_name_as_text_takes_no_click(
    chromium, sqlite_site, address
):
    with sqlite_site.database.transaction() as session:
        session.get_one(Grid, sqlite_site.grids["G1"]).name = HOSTILE[0]
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        page.goto(f"{address}/grids")
        names = page.locator(".grid-name b").all_text_contents()
        assert HOSTILE[0] in names
        assert len(names) == 2
        page.locator(".grid-name b", has_text="第2网格").click(force=True)
        assert page.input_value("#grid") == str(sqlite_site.grids["G2"])
        assert page.locator(".leaflet-firms-pane canvas").count() == 1
        assert watched.faults == []


def test_a_new_grid_is_drawn_corner_by_corner(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        page.goto(f"{address}/grids")
        page.click("#draw")
        box = page.locator("#map").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for dx, dy in ((-60, -40), (60, -40), (60, 40), (-60, 40)):
            page.mouse.click(x + dx, y + dy)
            page.wait_for_timeout(50)
        page.click("#drawn")
        page.fill("[name=code]", "G3")
        page.fill("[name=name]", "东风第3网格")
        page.fill("[name=township]", "东风镇")
        page.click("#send")
        assert "东风第3网格" in page.locator("main").text_content()
        page.click("text=采用新边界")
        assert "已经采用" in page.locator("main").text_content()
        assert watched.faults == []

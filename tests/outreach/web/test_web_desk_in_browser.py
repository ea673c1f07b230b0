"""The pages of the desk in a real browser: accessible, no wider than the screen, nothing runs."""

from __future__ import annotations

import re
from datetime import date

import pytest
from made_up_site import HOSTILE
from sqlalchemy import select, update
from test_web_in_browser import ALLOWED, TRAP, opened, texts_of

from outreach.storage.enterprises import Enterprise

pytestmark = pytest.mark.browser

PAGES = (
    "/dashboard",
    "/dashboard?township=东风镇",
    "/dashboard?grid={grid}",
    "/dashboard/digest",
    "/dashboard/visits",
    "/dashboard/wall",
    "/enterprises?due=1&visited=never&reached=untouched",
    "/enterprises?stage=untouched",
    "/search",
    "/search?q=有限公司",
    "/search?q=没有这家",
    "/api-keys",
)
OURS = re.compile("OpenAPI|Authorization|Bearer")


def paths(site):
    return [path.format(grid=site.grids["G1"]) for path in PAGES]


def test_the_pages_keep_the_rules_of_accessibility(chromium, sqlite_site, address):
    from axe_playwright_python.sync_playwright import Axe

    options = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
        "resultTypes": ["violations"],
    }
    axe, found = Axe(), {}
    with opened(chromium, sqlite_site, address, "district") as watched:
        for path in paths(sqlite_site):
            watched.page.goto(address + path)
            result = axe.run(watched.page, options=options)
            if result.violations_count:
                found[path] = result.generate_snapshot()
        assert watched.faults == []
    assert found == {}


def test_no_page_is_wider_than_the_screen_and_chinese_pages_hold_no_english(
    chromium, sqlite_site, address
):
    wide, left = {}, {}
    with opened(chromium, sqlite_site, address, "district") as watched:
        for path in paths(sqlite_site):
            watched.page.goto(address + path)
            text = OURS.sub("", ALLOWED.sub("", texts_of(watched.page)))
            lines = [line for line in text.splitlines() if not TRAP.search(line)]
            if words := re.findall("[A-Za-z]{2,}", "\n".join(lines)):
                left[path] = words
            for width in (360, 900, 1440):
                watched.page.set_viewport_size({"width": width, "height": 800})
                over = watched.page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                if over > 0:
                    wide[path, width] = over
    assert (wide, left) == ({}, {})


def test_on_a_phone_the_pages_are_behind_one_word_and_the_content_is_in_view(
    chromium, sqlite_site, address
):
    with sqlite_site.database.transaction() as session:
        session.execute(update(Enterprise).values(last_visited_on=date(2026, 9, 1)))
    top = "() => document.querySelector('main').getBoundingClientRect().top"
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        page.set_viewport_size({"width": 360, "height": 780})
        page.goto(f"{address}/dashboard")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert page.evaluate(top) < 100
        page.locator(".menu summary").click()
        page.locator(".menu nav a", has_text="诉求").click()
        assert page.url == f"{address}/cases"
        assert not page.locator(".families").is_visible()
        page.set_viewport_size({"width": 1440, "height": 900})
        assert page.locator(".families").is_visible()
        assert not page.locator(".menu").is_visible()


def test_the_english_pages_are_in_one_row_and_no_list_lies_over_another(
    chromium, sqlite_site, address
):
    with sqlite_site.database.transaction() as session:
        first = session.scalars(select(Enterprise).limit(1)).one()
        first.grid_id, first.unplaced_reason, first.township = None, "no_address", ""
    with opened(chromium, sqlite_site, address, "district", language="en") as watched:
        page = watched.page
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(f"{address}/places")
        assert page.locator(".bar").bounding_box()["height"] < 60
        names = page.locator(".families a").all_inner_texts()
        assert all(name[0].isupper() for name in names)
        table = page.locator(".queues table").first.bounding_box()
        beside = page.locator(".queues > section").nth(1).bounding_box()
        assert table["x"] + table["width"] <= beside["x"]


def test_hostile_names_are_shown_as_typed_and_run_nowhere(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "district") as watched:
        watched.page.goto(f"{address}/search?q=有限公司")
        text = texts_of(watched.page)
        for path in ("/dashboard", "/dashboard/wall", "/search?q=<svg onload=alert(1)>"):
            watched.page.goto(address + path)
        assert watched.faults == []
    assert f"{HOSTILE[0]}有限公司" in text


def test_the_wall_takes_new_numbers_by_itself_and_keeps_the_old_ones_without_a_server(
    chromium, sqlite_site, address
):
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        page.clock.install()
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.goto(f"{address}/dashboard/wall")
        assert page.evaluate("document.documentElement.scrollHeight") <= 1080
        page.evaluate("document.querySelector('.numbers').remove()")
        with page.expect_response("**/dashboard/wall"):
            page.clock.fast_forward(61_000)
        page.locator(".numbers").wait_for()
        page.route("**/dashboard/wall", lambda route: route.abort())
        page.clock.fast_forward(61_000)
        page.locator("[data-lost]:visible").wait_for()
        assert page.locator(".numbers").is_visible()


def test_the_month_is_copied_and_the_page_says_so(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "district") as watched:
        watched.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        watched.page.goto(f"{address}/dashboard/digest")
        watched.page.get_by_role("button", name="复制文字").click()
        watched.page.get_by_text("已复制").wait_for()
        copied = watched.page.evaluate("navigator.clipboard.readText()")
        assert "走访建会工作小结" in copied
        assert watched.faults == []

"""The change list and the firms without a place, in a real browser."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import factories as f
import pytest
from made_up_site import HOSTILE, PARK
from sqlalchemy import select
from test_web_in_browser import opened

from maps.datum import Datum, from_wgs84
from outreach.domain.targets import TargetRule
from outreach.services.linking.linking import link_district
from outreach.services.registers.imports import import_file
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DECEMBER = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
SHOTS = os.environ.get("OUTREACH_SCREENSHOTS")


def shoot(page, name):
    """Keep a picture for a person to look at, when a folder for it is named."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def require_accessible(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0


def coded(*values, state="存续", day="2026-10-31"):
    number, name, address = values
    return f.firm(
        number,
        code=f.CODES[number],
        name=name,
        address=address,
        state=state,
        employees="9",
        day=day,
    )


def two_months(site, folder):
    """Three firms with codes come; a month later one closed, one moved to G2, one has a new name.

    All firms without codes are left out of the second file, but for those of the park.
    """
    october = [
        coded(0, "金山有限公司", "东风镇幸福路3号"),
        coded(1, "银河有限公司", "东风镇幸福路4号"),
        coded(2, "铜川有限公司", "东风镇幸福路5号"),
    ]
    november = [
        coded(0, "金山有限公司", "东风镇幸福路3号", state="注销", day="2026-11-30"),
        coded(1, "银河有限公司", "东风镇光明工业园7号", day="2026-11-30"),
        coded(2, f"{HOSTILE[0]}新有限公司", "东风镇幸福路5号", day="2026-11-30"),
        coded(3, "新来有限公司", "东风镇幸福路6号", day="2026-11-30"),
        *((*row[:-1], "2026-11-30") for row in PARK),
    ]
    for number, rows in enumerate(([*october, *PARK], november)):
        path = f.write_csv(folder / f"market{number}.csv", f.MARKET, rows)
        now = DECEMBER - timedelta(days=30 * (1 - number))
        known = {"district_id": 1, "now": now}
        with site.database.transaction() as session:
            import_file(session, path, limits=f.LIMITS, complete=bool(number), **known)
            link_district(session, rule=TargetRule(), today=now.date(), **known)


@pytest.fixture
def changed(sqlite_site, tmp_path):
    two_months(sqlite_site, tmp_path)
    return sqlite_site


def test_the_district_reads_a_months_changes_filters_and_downloads_them(chromium, changed, address):
    with opened(chromium, changed, address, "district") as watched:
        page = watched.page
        page.goto(f"{address}/changes")
        text = page.locator("main").inner_text()
        assert "2026年12月" in text
        assert "存续 → 注销" in text
        assert "东风镇光明工业园7号" in text
        assert "新来有限公司" in text
        assert "登记表里不见了" in text
        require_accessible(page)
        shoot(page, "changes-desk")
        page.select_option("[name=kind]", "closed")
        page.click("form.filters button")
        assert page.locator("tbody tr").count() == 1
        page.click("td.name a")
        page.wait_for_url("**/enterprises/*")
        page.goto(f"{address}/changes?kind=vanished")
        page.click("td.name a >> text=甲贸易")
        assert "企业没有删除" in page.locator("main").inner_text()
        page.goto(f"{address}/enterprises?missing=1")
        assert page.locator("tbody tr").count() > 3
        with page.expect_download() as download:
            page.goto(f"{address}/changes")
            page.click("text=下载表格")
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        assert "新来有限公司" in content.decode("utf-8-sig")
        assert watched.faults == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_grid_worker_finds_her_grids_changes_from_today(chromium, changed, address, language):
    with opened(chromium, changed, address, "worker", phone=True, language=language) as watched:
        page = watched.page
        page.goto(f"{address}/today")
        page.click(".more a")
        page.wait_for_url("**/changes")
        require_accessible(page)
        shoot(page, f"changes-phone-{language}")
        assert page.locator(".changed li").count() >= 3
        heights = page.locator("main a, header a").evaluate_all(
            "(all) => all.map((one) => one.getBoundingClientRect().height)"
        )
        assert min(heights) >= 44
        page.locator(".changed h2 a").first.click()
        page.wait_for_url("**/enterprises/*")
        assert watched.faults == []


def test_without_a_second_month_the_list_says_so(chromium, sqlite_site, address):
    for login, phone in (("district", False), ("worker", True)):
        with opened(chromium, sqlite_site, address, login, phone=phone) as watched:
            watched.page.goto(f"{address}/changes")
            assert "没有" in watched.page.locator("main").inner_text()
            require_accessible(watched.page)
            assert watched.faults == []


def lost(site):
    with site.database.session() as session:
        return session.scalar(select(Enterprise).where(Enterprise.name == "迷路有限公司"))


def test_a_firm_without_a_place_is_found_marked_by_a_click_and_taken_back(
    chromium, sqlite_site, address
):
    site = sqlite_site
    with opened(chromium, site, address, "planner") as watched:
        page = watched.page
        page.goto(f"{address}/enterprises")
        page.click("nav.families >> text=未定位")
        assert "共 1 家" in page.locator("main").inner_text()
        require_accessible(page)
        shoot(page, "places-desk")
        page.click("text=标位置")
        page.wait_for_selector("#map .leaflet-interactive, #map path")
        require_accessible(page)
        shoot(page, "place-desk-before")
        box = page.locator("#map").bounding_box()
        page.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2)
        assert page.input_value("#datum") == "wgs84"
        lon, lat = page.input_value("#pair").split(",")
        page.click("text=记下这个位置")
        page.wait_for_selector("[role=status]")
        assert "东风第1网格" in page.locator("[role=status]").inner_text()
        shoot(page, "place-desk-after")
        row = lost(site)
        assert (f"{row.lon:.6f}", f"{row.lat:.6f}") == (lon, lat)
        assert row.position_source == "person"
        page.click("text=的标注")
        page.wait_for_load_state()
        assert lost(site).position_source is None
        assert watched.faults == []
    assert [entry.action for entry in site.audit("mark_place")] == ["mark_place"]
    assert len(site.audit("unmark_place")) == 1


def test_a_point_in_another_township_is_said_before_and_after_it_is_kept_and_is_undone(
    chromium, sqlite_site, address
):
    with sqlite_site.database.transaction() as session:
        session.get_one(Enterprise, lost(sqlite_site).id).township = "西平镇"
    with opened(chromium, sqlite_site, address, "planner") as watched:
        page = watched.page
        page.goto(f"{address}/places/{lost(sqlite_site).id}")
        assert not page.locator("#elsewhere").is_visible()
        box = page.locator("#map").bounding_box()
        page.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2)
        assert "不在地址写的西平镇" in page.locator("#elsewhere").inner_text()
        page.click("text=记下这个位置")
        page.wait_for_selector("[role=alert]")
        said = page.locator("[role=alert]").inner_text()
        assert "这个点在东风镇" in said
        assert "地址写的却是西平镇" in said
        require_accessible(page)
        page.click("text=撤销这个位置")
        page.wait_for_load_state()
        assert lost(sqlite_site).position_source is None
        assert watched.faults == []


def test_degrees_are_typed_by_keyboard_in_the_datum_of_amap(chromium, sqlite_site, address):
    site = sqlite_site
    x, y = from_wgs84([115.015], [25.005], Datum.GCJ02)
    with opened(chromium, site, address, "district", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/places/{lost(site).id}")
        require_accessible(page)
        shoot(page, "place-phone")
        page.focus("#pair")
        page.keyboard.type("25.0,115.0")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=alert]")
        assert "写反了" in page.locator("[role=alert]").inner_text()
        assert page.input_value("#pair") == "25.0,115.0"
        page.fill("#pair", "116.0,26.0")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=不在本区")
        page.fill("#pair", f"{x[0]:.6f},{y[0]:.6f}")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=status]")
        with site.database.session() as session:
            grid = session.get(Grid, lost(site).grid_id)
        assert grid.code == "G2"
        assert lost(site).lon == pytest.approx(115.015, abs=1e-5)
        page.goto(f"{address}/places")
        assert "所有企业都有位置" in page.locator("main").inner_text()
        require_accessible(page)
        assert watched.faults == []


def test_the_queue_fits_a_phone(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "district", phone=True) as watched:
        watched.page.goto(f"{address}/places")
        require_accessible(watched.page)
        shoot(watched.page, "places-phone")
        watched.page.goto(f"{address}/places?township=-")
        assert watched.faults == []


def test_a_list_takes_the_same_number_of_questions_whatever_its_length(changed):
    visitor = changed.visitor("district")
    for path in ("/changes", "/places"):
        visitor.get(path)
        with changed.count_queries() as queries:
            assert visitor.get(path).status_code == 200
        assert len(queries) <= 12

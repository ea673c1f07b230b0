"""Corrections and appointments on a real phone page, with and without a network."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import select
from test_web_in_browser import MEASURE, TEXT, opened, wait_for
from test_web_past_visits import record
from test_web_phone import open_sheet

from outreach.storage.visits import VisitRevision

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_a_correction_waits_without_a_network_and_goes_out_by_itself(
    chromium, sqlite_site, address
):
    uuid = record(sqlite_site)
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/visits/{uuid}/correct")
        wait_for(page, "Boolean(window.OutreachQueue)")
        assert page.input_value("[name=employees]") == "44"
        assert page.is_checked("[name=concern][value=不了解工会]")
        assert page.input_value("[name=concerns]") == "还要商量"
        assert page.is_checked("[name=requests][value=training]")
        wait_for(page, "caches.match('/today').then(Boolean)")
        page.context.set_offline(True)
        page.fill("[name=employees]", "51")
        page.click("text=不了解工会")
        page.click(".send button")
        page.wait_for_selector("#sync.open")
        page.wait_for_selector("#said:has-text('更正已保存在手机上')")
        assert page.url == f"{address}/today"
        page.context.set_offline(False)
        page.evaluate("window.OutreachQueue.sync()")
        wait_for(page, "document.getElementById('sync').dataset.waiting === '0'")
        page.wait_for_selector("#said:has-text('更正已收到')")
        done = page.evaluate("window.OutreachQueue.summary().then((now) => now.done)")
        assert [one["enterprise"] for one in done] == [0]
    (visit,) = sqlite_site.visits()
    assert visit.content["employees"] == 51
    assert visit.content["concerns"] == "担心增加费用;还要商量"
    assert visit.content["requests"] == ["training"]
    with sqlite_site.database.session() as session:
        versions = session.scalars(
            select(VisitRevision).order_by(VisitRevision.received_at, VisitRevision.based_on)
        ).all()
    assert [version.content["employees"] for version in versions] == [44, 51]


def test_a_correction_stays_on_its_page_where_no_route_is_kept(chromium, sqlite_site, address):
    uuid = record(sqlite_site)
    with opened(
        chromium, sqlite_site, address, "worker", phone=True, service_workers="block"
    ) as watched:
        page = watched.page
        page.goto(f"{address}/visits/{uuid}/correct")
        wait_for(page, "Boolean(window.OutreachQueue)")
        page.context.set_offline(True)
        page.fill("[name=employees]", "51")
        page.click(".send button")
        page.wait_for_selector("[data-trouble]:has-text('已保存在手机上')")
        page.wait_for_selector(".send", state="hidden")


def test_the_draft_of_a_correction_is_not_that_of_a_new_visit(chromium, sqlite_site, address):
    uuid = record(sqlite_site)
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/visits/{uuid}/correct")
        wait_for(page, "Boolean(window.OutreachQueue)")
        page.fill("[name=note]", "更正了一半")
        page.wait_for_timeout(300)
        page.goto(f"{address}/visits/new?enterprise=1")
        wait_for(page, "Boolean(window.OutreachQueue)")
        page.wait_for_timeout(200)
        assert page.input_value("[name=note]") == ""
        page.goto(f"{address}/visits/{uuid}/correct")
        page.wait_for_selector("[data-restored]:not([hidden])")
        assert page.input_value("[name=note]") == "更正了一半"
        page.click("[data-restored] button")
        page.wait_for_selector("[data-restored]", state="hidden")
        assert page.input_value("[name=note]") == ""
        assert page.input_value("[name=employees]") == "44"
        assert page.is_checked("[name=concern][value=不了解工会]")
        assert watched.faults == []


def test_an_agreed_day_is_asked_for_only_with_its_result(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_sheet(page, address)
        page.click("text=没有人")
        assert not page.locator("[data-appointment]").is_visible()
        page.click("text=约了下次")
        page.fill("[name=appointed_on]", "2026-12-03")
        page.click("[data-appointment] >> text=下午")
        page.click(".send button")
        wait_for(page, "document.getElementById('sync').dataset.received === '1'")
        assert watched.faults == []
    (visit,) = sqlite_site.visits()
    assert (visit.appointed_on.isoformat(), visit.appointed_part) == ("2026-12-03", "afternoon")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", ["normal", "largest"])
def test_fingers_eyes_and_readers_find_everything(chromium, sqlite_site, address, language, size):
    uuid = record(sqlite_site)
    sqlite_site.visitor("worker").post(
        f"/visits/{uuid}/correct",
        uuid=uuid[:-4] + "abcd",
        based_on=uuid,
        enterprise_id="1",
        visited_at="2026-11-24T09:40:00+08:00",
        result="met_head",
        employees="47",
    )
    sqlite_site.visitor("district").post(
        f"/visits/{uuid}/remarks", verdict="returned", text="人数请再数一次"
    )
    with opened(chromium, sqlite_site, address, "worker", phone=True, language=language) as watched:
        page = watched.page
        page.context.add_cookies([{"name": "text", "value": size, "url": address}])
        for path in ("/today", "/me", "/visits", f"/visits/{uuid}", f"/visits/{uuid}/correct"):
            page.goto(address + path)
            page.wait_for_timeout(100)
            assert page.evaluate(WIDER) <= 0, path
            assert page.evaluate(MEASURE) == [], path
            assert page.evaluate(TEXT) == [], path
            result = Axe().run(page, options=RULES)
            assert result.violations_count == 0, (path, result.generate_snapshot())
        assert watched.faults == []


@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_for_a_review_suits_too(chromium, sqlite_site, address, width):
    uuid = record(sqlite_site)
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        page.set_viewport_size({"width": width, "height": 900})
        for path in (f"/visits/{uuid}", "/enterprises/1"):
            page.goto(address + path)
            assert page.evaluate(WIDER) <= 0, path
            result = Axe().run(page, options=RULES)
            assert result.violations_count == 0, (path, result.generate_snapshot())
        assert watched.faults == []

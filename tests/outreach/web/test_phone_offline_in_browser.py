"""A phone between doors: pages open without a network, changes wait, and words say so."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from test_web_in_browser import CLOCK, opened, wait_for
from test_web_phone import fill_visit, open_sheet

from outreach.storage.days import DayChange
from outreach.storage.enterprises import Enterprise

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FRESH = """caches.open('fresh').then((cache) => cache.keys())
  .then((found) => found.map((one) => one.url.slice(location.origin.length)))"""
PAGES = "caches.open('pages').then((cache) => cache.keys())"
FOUND = "半路五金店"


def settled(page, *more):
    """Wait until the route page and the form for a found firm are kept as they are now."""
    for path in ("/today", "/today/found", *more):
        wait_for(page, f"{FRESH}.then((one) => one.includes({json.dumps(path)}))")


def today(page, address):
    page.goto(f"{address}/today")
    wait_for(page, "Boolean(window.OutreachQueue)")
    settled(page)


def said(page):
    wait_for(page, "!document.getElementById('said').hidden")
    return page.locator("#said").inner_text()


def send(page):
    page.context.set_offline(False)
    page.evaluate("window.OutreachQueue.sync()")
    wait_for(page, "document.getElementById('sync').dataset.waiting === '0'")


def titles(page):
    wait_for(page, "document.querySelectorAll('#sync-rows li').length > 0")
    return page.locator("#sync-rows").text_content()


def skip(page):
    """Leave out the stop on the card; returns it and its name."""
    firm = page.locator("#card a[data-visit]").get_attribute("data-visit")
    name = page.locator("#card h2").inner_text()
    page.click("#card >> text=这站不去")
    page.click("#card button[value=closed]")
    return firm, name


def changes(site):
    with site.database.session() as session:
        return session.scalars(select(DayChange)).all()


def test_after_a_change_of_the_day_every_way_to_the_route_still_opens(
    chromium, sqlite_site, address
):
    days = [str(day) for day in sqlite_site.days]
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        today(page, address)
        page.goto(f"{address}/today?day={days[2]}")
        settled(page, f"/today?day={days[2]}")
        page.goto(f"{address}/today")
        firm, _ = skip(page)
        page.wait_for_url("**/today?day=*")
        settled(page)
        page.context.set_offline(True)
        page.goto(f"{address}/today")
        assert page.locator(f'.stops a[data-stop="{firm}"]').count() == 0
        page.goto(f"{address}/")
        assert page.locator("header h1").inner_text() == "今日路线"
        page.goto(f"{address}/today?day={days[2]}")
        assert days[2] == page.evaluate("document.body.dataset.day")
        page.goto(f"{address}/today?day={days[0]}")
        assert page.url == f"{address}/today"
        assert "没有网络时打不开" in said(page)


def test_a_page_from_before_a_change_is_shown_only_without_a_network(
    chromium, sqlite_site, address
):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        today(page, address)
        firm = page.locator("#card a[data-visit]").get_attribute("data-visit")
        program = page.context.service_workers[0]
        program.evaluate("outdate()")
        page.context.set_offline(True)
        page.goto(f"{address}/today")
        assert page.locator(f'.stops a[data-stop="{firm}"]').count() == 1
        page.context.set_offline(False)
        fields = {"day": str(sqlite_site.days[1]), "kind": "skip", "reason": "closed"}
        sqlite_site.visitor("worker").post("/today/changes", enterprise_id=firm, **fields)
        page.goto(f"{address}/today")
        assert page.locator(f'.stops a[data-stop="{firm}"]').count() == 0


def test_another_page_that_does_not_open_says_why_the_route_is_shown(
    chromium, sqlite_site, address
):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        today(page, address)
        page.context.set_offline(True)
        page.click("#card >> text=附近还有")
        assert "没有网络时打不开" in said(page)
        assert page.url == f"{address}/today"
        page.reload()
        wait_for(page, "Boolean(window.OutreachQueue)")
        assert not page.locator("#said").is_visible()


def test_yesterdays_route_does_not_pass_for_todays(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        today(page, address)
        page.context.add_init_script(CLOCK.replace("AHEAD", "86400000"))
        page.context.set_offline(True)
        page.goto(f"{address}/today")
        assert "11月24日" in said(page)


def test_nobody_is_asked_for_firms_nearby_without_a_network(chromium, sqlite_site, address):
    here = {"permissions": ["geolocation"], "geolocation": {"latitude": 25.0, "longitude": 115.0}}
    with opened(chromium, sqlite_site, address, "worker", phone=True, **here) as watched:
        page = watched.page
        page.goto(f"{address}/today/near?day={sqlite_site.days[1]}")
        wait_for(page, "Boolean(window.OutreachQueue)")
        page.context.set_offline(True)
        page.click("text=用我现在的位置找")
        assert "没有网络" in said(page)
        assert "/today/near" in page.url


def test_a_firm_found_without_a_network_is_kept_and_goes_out_by_itself(
    chromium, sqlite_site, address
):
    site = sqlite_site
    with opened(chromium, site, address, "worker", phone=True) as watched:
        page = watched.page
        today(page, address)
        page.context.set_offline(True)
        stop = page.locator("#card a[data-visit]").get_attribute("data-visit")
        page.click(".tools >> text=记一家新企业")
        assert f"stop={stop}" in page.url
        for name in (FOUND, f"{FOUND}二店"):
            page.fill("#name", name)
            page.fill("#employees", "12")
            page.click(".found .send button")
            page.wait_for_selector("[data-kept]:not([hidden])")
            wait_for(page, "document.getElementById('name').value === ''")
            assert name in page.locator("[data-kept]").inner_text()
        assert f"{FOUND} · 新企业" in titles(page)
        send(page)
    with site.database.session() as session:
        names = session.scalars(select(Enterprise.name).where(Enterprise.name.startswith(FOUND)))
        assert sorted(names.all()) == [FOUND, f"{FOUND}二店"]
    assert {change.content["enterprise_id"] for change in changes(site)} == {int(stop)}


def test_a_firm_found_is_kept_where_the_server_cannot_be_reached(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/today/found")
        wait_for(page, "Boolean(window.OutreachQueue)")
        page.context.route("**/sync/**", lambda route: route.abort())
        page.context.route("**/today/changes*", lambda route: route.abort())
        page.fill("#name", FOUND)
        page.click(".found .send button")
        page.wait_for_selector("[data-kept]:not([hidden])")
        assert page.input_value("#name") == ""
        assert "还没收到 1 条" in page.locator("#sync").inner_text()


def test_a_form_that_was_not_kept_keeps_what_was_typed(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/today/found")
        wait_for(page, "Boolean(window.OutreachQueue)")
        page.evaluate("void (window.OutreachQueue.save = () => Promise.reject(new Error('full')))")
        page.context.set_offline(True)
        page.fill("#name", FOUND)
        page.click(".found .send button")
        page.wait_for_selector("[data-kept]:has-text('没有存下')")
        assert page.input_value("#name") == FOUND


def test_a_kept_form_makes_a_new_change_each_time(chromium, sqlite_site, address):
    site = sqlite_site
    with opened(chromium, site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/today/found")
        html = page.content()
        for name in (FOUND, f"{FOUND}二店"):
            page.context.route(
                "**/today/found", lambda route: route.fulfill(body=html, content_type="text/html")
            )
            page.goto(f"{address}/today/found")
            page.fill("#name", name)
            page.click(".found .send button")
            page.wait_for_url("**/today?day=*")
    assert len(changes(site)) == 2


def test_a_firm_nearby_is_added_later_when_there_is_no_network(chromium, sqlite_site, address):
    site = sqlite_site
    day = site.days[1]
    stop = site.stops[day][0]
    with opened(chromium, site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/today/near?day={day}&stop={stop}")
        wait_for(page, "Boolean(window.OutreachQueue)")
        name = page.locator(".near strong").first.inner_text()
        page.context.set_offline(True)
        page.locator(".near button").first.click()
        assert "已保存在手机上" in said(page)
        assert page.locator(".near button").first.is_disabled()
        assert f"{name} · 加上" in titles(page)
        send(page)
    (change,) = changes(site)
    assert change.kind == "add"


def test_a_stop_of_another_day_is_not_done_by_todays_visit(chromium, sqlite_site, address):
    site = sqlite_site
    day = site.days[1]
    later = day + timedelta(days=1)
    firm = site.stops[later][0]
    with opened(chromium, site, address, "worker", phone=True) as watched:
        page = watched.page
        today(page, address)
        page.context.set_offline(True)
        page.evaluate(
            """async (firm) => {
              const queue = window.OutreachQueue, uuid = queue.newUuid();
              const content = { uuid, enterprise_id: firm, result: "nobody",
                                visited_at: new Date().toISOString() };
              await queue.save("visit", "/sync/visits/" + uuid, content, "x", []);
            }""",
            firm,
        )
        page.context.route("**/sync/**", lambda route: route.abort())
        page.context.set_offline(False)
        page.goto(f"{address}/today?day={later}")
        page.wait_for_selector("#sync.open")
        page.wait_for_timeout(300)
        stop = page.locator(f'.stops a[data-stop="{firm}"]')
        assert "已保存" not in stop.inner_text()
        assert page.locator(".progress strong").inner_text() == "0"


def test_what_was_saved_on_the_phone_says_so_when_it_was_received(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_sheet(page, address)
        page.context.set_offline(True)
        fill_visit(page)
        page.click(".send button")
        page.wait_for_selector(".stops [data-saved=waiting]")
        assert "✓ 已保存在手机上" in page.locator(".stops [data-saved]").inner_text()
        send(page)
        page.wait_for_selector(".stops [data-saved=received]")
        state = page.locator(".stops [data-saved]").inner_text()
        assert "✓ 已收到" in state
        assert "已保存" not in state


def test_what_waits_is_named_by_its_firm(chromium, sqlite_site, address):
    site = sqlite_site
    with site.database.transaction() as session:
        from outreach.storage.plans import PlanStop

        firm = site.stops[site.days[1]][0]
        for stop in session.scalars(select(PlanStop).where(PlanStop.enterprise_id == firm)):
            stop.purpose = "refresh"
    with opened(chromium, site, address, "worker", phone=True) as watched:
        page = watched.page
        today(page, address)
        page.context.set_offline(True)
        page.click(f'.stops a[data-stop="{firm}"]')
        name = page.locator("#card h2").inner_text()
        page.click("#card form[data-unchanged] button")
        assert f"{name} · 没有变化 ·" in titles(page)
        page.wait_for_selector(f'#card a[data-visit]:not([data-visit="{firm}"])')
        _, other = skip(page)
        wait_for(page, "document.querySelectorAll('#sync-rows li').length === 2")
        assert f"{other} · 这站不去 · 关门 ·" in titles(page)


def test_the_route_says_at_once_that_a_sent_change_made_it_newer(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        today(page, address)
        page.context.set_offline(True)
        firm, _ = skip(page)
        page.wait_for_selector("#sync.open")
        assert not page.locator("#newer").is_visible()
        send(page)
        page.wait_for_selector("#newer:not([hidden])")
        page.click("#newer a")
        wait_for(page, "Boolean(window.OutreachQueue)")
        assert page.locator(f'.stops a[data-stop="{firm}"]').count() == 0
        page.wait_for_timeout(300)
        assert not page.locator("#newer").is_visible()


def test_a_route_that_changed_elsewhere_is_told(chromium, sqlite_site, address):
    site = sqlite_site
    day = site.days[1]
    with opened(chromium, site, address, "worker", phone=True) as watched:
        page = watched.page
        today(page, address)
        fields = {"day": str(day), "kind": "skip", "reason": "closed"}
        answer = site.visitor("worker").post(
            "/today/changes", enterprise_id=site.stops[day][0], **fields
        )
        assert answer.status_code == 303
        page.reload()
        page.wait_for_selector("#newer:not([hidden])")


def test_a_visit_with_photos_is_one_record(chromium, sqlite_site, address, tmp_path):
    from test_phone_faults import photo_file

    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_sheet(page, address)
        page.context.set_offline(True)
        fill_visit(page)
        page.set_input_files("[data-attach=photo]", [photo_file(tmp_path)] * 2)
        page.wait_for_selector("[data-attached] li:nth-child(2)")
        page.click(".send button")
        page.wait_for_selector("#sync.open")
        assert "还没收到 1 条，还有 2 张照片" in page.locator("#sync").inner_text()


def test_who_is_signed_out_is_told_to_sign_in_and_not_that_the_network_is_gone(
    chromium, sqlite_site, address
):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        today(page, address)
        page.context.set_offline(True)
        page.evaluate("window.OutreachQueue.sync()")
        skip(page)
        page.wait_for_selector("#sync.open")
        page.context.clear_cookies(name="outreach_session")
        page.context.set_offline(False)
        page.evaluate("window.OutreachQueue.sync()")
        page.wait_for_selector("#sync-sign-in:not([hidden])")
        assert "现在没有网络" not in page.locator("#sync [data-sync=text]").inner_text()
        assert "重新登录" in page.locator("#sync-notice").inner_text()


def test_a_kept_page_of_who_is_signed_out_says_so_and_is_kept_no_longer(
    chromium, sqlite_site, address
):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        today(page, address)
        page.context.clear_cookies(name="outreach_session")
        page.goto(f"{address}/today")
        page.wait_for_selector("#sync-sign-in:not([hidden])")
        wait_for(page, f"{PAGES}.then((kept) => kept.length === 0)")


def test_who_signs_out_leaves_no_page_behind(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        today(page, address)
        page.click("text=退出")
        page.wait_for_url("**/sign-in")
        wait_for(page, f"{PAGES}.then((kept) => kept.length === 0)")


def test_a_form_that_only_the_server_can_take_is_kept_open_without_a_network(
    chromium, sqlite_site, address
):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        today(page, address)
        page.context.set_offline(True)
        page.locator("#card summary").first.click()
        page.fill("#card [name=text]", "从后门进")
        page.click("#card >> text=记下")
        page.wait_for_selector("#phone:has-text('没有发出去')")
        assert page.input_value("#card [name=text]") == "从后门进"

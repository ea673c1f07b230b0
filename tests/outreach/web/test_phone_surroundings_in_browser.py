"""What surrounds the phone's route, in a real browser: tying, track, paper, calendar."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from sqlalchemy import func, select
from test_web_in_browser import MEASURE, PHONE, TEXT, opened
from test_web_phones import new_code

from outreach.storage.tracks import TrackPoint, TrackSegment

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE_PAGES = ("/me", "/calendar", "/track", "/track/withdraw", "/bind")
DESK_PAGES = ("/phones", "/track/coverage", "/me")


def look(page, name):
    """Keep a picture for people where OUTREACH_PICTURES names a folder."""
    if folder := os.environ.get("OUTREACH_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def faults_of(page):
    from axe_playwright_python.sync_playwright import Axe

    options = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        "resultTypes": ["violations"],
    }
    result = Axe().run(page, options=options)
    return result.generate_snapshot() if result.violations_count else ""


def over(page):
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_suit_fingers_eyes_and_readers_of_the_screen(
    chromium, sqlite_site, address, language
):
    site = sqlite_site
    with opened(chromium, site, address, "worker", phone=True, language=language) as watched:
        page = watched.page
        for path in PHONE_PAGES:
            page.goto(address + path)
            look(page, f"phone-{language}{path.replace('/', '-')}")
            assert page.evaluate(MEASURE) == [], path
            assert page.evaluate(TEXT) == [], path
            assert faults_of(page) == "", path
            assert over(page) <= 0, path
        assert watched.faults == []


@pytest.mark.parametrize("width", [360, 1440])
def test_the_pages_of_the_office_suit_too(chromium, sqlite_site, address, width):
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        page.set_viewport_size({"width": width, "height": 900})
        for path in DESK_PAGES:
            page.goto(address + path)
            look(page, f"desk-{width}{path.replace('/', '-')}")
            assert faults_of(page) == "", path
            assert over(page) <= 0, path
        page.goto(f"{address}/phones")
        page.click("text=绑定手机")
        page.wait_for_selector("p.letters")
        look(page, f"desk-{width}-code")
        assert faults_of(page) == ""
        assert over(page) <= 0
        assert watched.faults == []


def test_at_the_largest_text_nothing_leaves_the_screen(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/me")
        page.click("text=特大字")
        page.wait_for_selector("html.text-largest")
        assert page.evaluate("getComputedStyle(document.body).fontSize") == "30px"
        for path in ("/me", "/calendar", "/track", "/bind", "/today"):
            page.goto(address + path)
            look(page, f"largest{path.replace('/', '-')}")
            assert over(page) <= 0, path


def test_a_scanned_link_ties_the_phone_after_one_tap(chromium, sqlite_site, address):
    code = new_code(sqlite_site)
    with opened(chromium, sqlite_site, address, phone=True) as watched:
        page = watched.page
        sent = []
        page.on("request", lambda request: sent.append(request.url))
        page.goto(f"{address}/bind#{code}")
        page.wait_for_selector("text=试*")
        look(page, "phone-offer")
        assert faults_of(page) == ""
        assert page.evaluate(MEASURE) == []
        assert page.locator(".who").count() == 0
        page.click("text=是我")
        page.wait_for_url("**/today")
        plain = code.replace("-", "")
        assert not any(plain in url or code in url for url in sent if "#" not in url)
        assert watched.faults == []
    assert len(sqlite_site.audit("bind_phone")) == 1


def test_a_code_is_typed_without_scripts(chromium, sqlite_site, address):
    code = new_code(sqlite_site)
    with opened(chromium, sqlite_site, address, phone=True, java_script_enabled=False) as watched:
        page = watched.page
        page.goto(f"{address}/bind")
        page.fill("#code", code.lower())
        page.click("main button")
        page.click("text=是我")
        page.wait_for_url("**/today")


def points(site):
    with site.database.session() as session:
        return session.scalar(select(func.count()).select_from(TrackPoint))


def wait_for_points(page, site, least):
    for _ in range(50):
        if points(site) >= least:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{points(site)} points, not {least}")


PLACE = {"latitude": 25.004, "longitude": 115.004, "accuracy": 12}


@pytest.fixture
def real_clock(sqlite_site):
    """The phone's own clock runs in the browser, so the server's must be the same."""
    from outreach.web import utc_now

    sqlite_site.clock.moment = utc_now()
    return sqlite_site


ALLOWED = {"permissions": ["geolocation"], "geolocation": PLACE}


def start_track(page, site, address):
    page.goto(f"{address}/track")
    assert page.locator("[data-track=start]").count() == 0
    page.click("text=我同意")
    page.wait_for_selector("[data-track=start]")
    assert page.locator("#track").is_hidden()
    assert points(site) == 0
    page.click("[data-track=start]")
    wait_for_points(page, site, 1)


def move(page, latitude):
    page.context.set_geolocation({**PLACE, "latitude": latitude})
    page.wait_for_timeout(500)


def test_a_track_is_recorded_between_start_and_end_only(chromium, real_clock, address):
    site = real_clock
    with opened(chromium, site, address, "worker", phone=True, **ALLOWED) as watched:
        page = watched.page
        start_track(page, site, address)
        look(page, "phone-track-running")
        assert page.evaluate(MEASURE) == []
        assert faults_of(page) == ""
        page.goto(f"{address}/me")
        assert "正在记轨迹" in page.locator("#track").inner_text()
        page.click("[data-track=pause]")
        assert "暂停" in page.locator("#track").inner_text()
        page.wait_for_timeout(300)
        before = points(site)
        move(page, 25.006)
        assert points(site) == before
        page.click("[data-track=resume]")
        wait_for_points(page, site, before + 1)
        page.click("[data-track=end]")
        page.wait_for_timeout(500)
        last = points(site)
        move(page, 25.008)
        assert points(site) == last
        assert page.evaluate("sessionStorage.length") == 0
        assert watched.faults == []
    with site.database.session() as session:
        ended = session.scalars(select(TrackSegment.ended_at)).all()
    assert len(ended) == 2
    assert all(ended)


def test_she_sees_her_track_and_deletes_it_with_a_second_tap(chromium, real_clock, address):
    site = real_clock
    with opened(chromium, site, address, "worker", phone=True, **ALLOWED) as watched:
        page = watched.page
        start_track(page, site, address)
        page.click("[data-track=end]")
        page.wait_for_selector("#track >> text=轨迹已结束")
        page.goto(f"{address}/track")
        page.wait_for_selector("#map path")
        page.click("text=删掉全部")
        look(page, "phone-track-day")
        assert page.evaluate(MEASURE) == []
        assert faults_of(page) == ""
        assert points(site) >= 1
        page.locator("text=确定删掉").last.click()
        page.wait_for_selector("[data-track=start]")
        assert points(site) == 0
        assert watched.faults == []


def test_without_a_secure_context_the_page_says_so(chromium, sqlite_site, address):
    worker = sqlite_site.visitor("worker")
    worker.post("/track/consent")
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
        page.goto(f"{address}/track")
        assert "https" in page.locator("#track-problem").inner_text()
        assert page.locator("[data-track=start]").is_disabled()
        assert watched.faults == []


def test_a_refused_position_stops_the_track_with_a_sentence(chromium, sqlite_site, address):
    worker = sqlite_site.visitor("worker")
    worker.post("/track/consent")
    with opened(chromium, sqlite_site, address, "worker", phone=True, permissions=[]) as watched:
        page = watched.page
        page.goto(f"{address}/track")
        page.click("[data-track=start]")
        page.wait_for_selector("text=没有允许定位")
        assert page.locator("[data-track=start]").is_visible()
        look(page, "phone-track-denied")
    assert points(sqlite_site) == 0


def test_the_paper_is_printed_on_a4_and_holds_whole_stops(chromium, sqlite_site, address, tmp_path):
    site = sqlite_site
    with opened(chromium, site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/today/paper?day={site.days[0]}")
        assert faults_of(page) == ""
        assert over(page) <= 0
        look(page, "phone-paper")
        page.emulate_media(media="print")
        assert page.locator(".tools").is_hidden()
        colours = page.evaluate(
            "[...document.querySelectorAll('main *')].map((one) => getComputedStyle(one).color)"
        )
        assert set(colours) == {"rgb(0, 0, 0)"}
        size = page.evaluate(
            "parseFloat(getComputedStyle(document.querySelector('.stop p')).fontSize)"
        )
        assert size >= 13 * 96 / 72 - 0.1
        file = Path(os.environ.get("OUTREACH_PICTURES", tmp_path)) / "paper.pdf"
        page.pdf(path=file, prefer_css_page_size=True)
        assert watched.faults == []
    content = file.read_bytes()
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", content)
    assert boxes
    assert all(abs(float(w) - 595) < 2 and abs(float(h) - 842) < 2 for w, h in boxes)


def test_the_new_address_of_the_calendar_is_copied(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{address}/calendar")
        page.click("text=开通日历")
        page.wait_for_selector("#address")
        look(page, "phone-calendar-new")
        assert page.evaluate(MEASURE) == []
        assert faults_of(page) == ""
        page.click("[data-copy]")
        page.wait_for_selector("text=已复制")
        assert page.evaluate("navigator.clipboard.readText()") == page.inner_text("#address")
        assert watched.faults == []


def test_the_phone_settings_of_the_tests_are_those_of_the_acceptance():
    assert PHONE["viewport"] == {"width": 360, "height": 780}

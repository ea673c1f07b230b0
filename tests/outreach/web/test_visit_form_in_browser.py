"""The visit form in the hand: what is known and what she says, photos, a position, a correction."""

from __future__ import annotations

import pytest
from test_phone_faults import photo_file
from test_web_in_browser import opened
from test_web_past_visits import record
from test_web_phone import content_of, open_sheet, put, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HERE = {
    "permissions": ["geolocation"],
    "geolocation": {"latitude": 25.0, "longitude": 115.0, "accuracy": 12},
}
ACTIVE = "input[name=operating_state][value=active]"


def tap(page, selector):
    """On the label, as a finger does."""
    page.click(f"label:has({selector})")


def is_said(page, selector):
    return page.locator(f"label:has({selector})").evaluate("(one) => one.classList.contains('on')")


def open_met(page, address):
    open_sheet(page, address)
    page.click("input[value=met_head]")


def received(page):
    wait_for(page, "document.getElementById('sync').dataset.received === '1'")


def test_a_tap_on_what_is_known_confirms_it_and_a_second_one_takes_it_back(
    chromium, sqlite_site, address
):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_met(page, address)
        assert page.is_checked(ACTIVE)
        assert not is_said(page, ACTIVE)
        label = page.locator(f"label:has({ACTIVE})")
        assert "现有资料" in label.inner_text()
        tap(page, ACTIVE)
        assert page.is_checked(ACTIVE)
        assert is_said(page, ACTIVE)
        assert "现有资料" not in label.inner_text()
        tap(page, ACTIVE)
        assert not page.is_checked(ACTIVE)
        tap(page, ACTIVE)
        assert page.is_checked(ACTIVE)
        page.click(".send button")
        received(page)
        assert watched.faults == []
    assert sqlite_site.visits()[0].content["operating_state"] == "active"


def test_another_answer_makes_the_question_hers(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_met(page, address)
        tap(page, "input[value=suspended]")
        tap(page, ACTIVE)
        assert is_said(page, ACTIVE)
        tap(page, ACTIVE)
        assert not page.is_checked(ACTIVE)


def test_what_she_confirmed_stays_hers_in_a_draft(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_met(page, address)
        tap(page, ACTIVE)
        page.wait_for_timeout(300)
        page.reload()
        page.wait_for_selector("[data-restored]:not([hidden])")
        assert is_said(page, ACTIVE)


def test_a_tap_in_a_correction_keeps_what_was_said(chromium, sqlite_site, address):
    uuid = record(sqlite_site, operating_state="active")
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/visits/{uuid}/correct")
        wait_for(page, "Boolean(window.OutreachQueue)")
        assert is_said(page, ACTIVE)
        tap(page, ACTIVE)
        assert page.is_checked(ACTIVE)


def test_photos_beyond_six_are_counted_in_words(chromium, sqlite_site, address, tmp_path):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_met(page, address)
        photo = photo_file(tmp_path)
        page.set_input_files("[data-attach=photo]", [photo] * 4)
        page.wait_for_selector("[data-attached] li:nth-child(4)")
        assert not page.locator("#visit-sheet [data-trouble]").is_visible()
        page.set_input_files("[data-attach=photo]", [photo] * 5)
        page.wait_for_selector("#visit-sheet [data-trouble]:not([hidden])")
        said = page.locator("#visit-sheet [data-trouble]").inner_text()
        assert "最多 6 张" in said
        assert "3 张没有放进来" in said
        assert page.locator("[data-attached] li").count() == 6


def test_a_position_is_shown_with_its_draft_and_can_be_taken_out(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True, **HERE) as watched:
        page = watched.page
        open_met(page, address)
        line = page.locator("#visit-sheet [data-position]")
        page.click("#visit-sheet [data-locate]")
        page.wait_for_selector("[data-position]:has-text('误差约 12 米')")
        page.wait_for_timeout(300)
        page.reload()
        page.wait_for_selector("[data-restored]:not([hidden])")
        assert "误差约 12 米" in line.inner_text()
        page.click("text=不记位置")
        assert line.inner_text() == ""
        page.click(".send button")
        received(page)
        assert watched.faults == []
    assert "position" not in sqlite_site.visits()[0].content


def test_a_correction_shows_the_position_and_says_that_it_was_received(
    chromium, sqlite_site, address
):
    position = {"lon": "115.0", "lat": "25.0", "accuracy_m": 30, "datum": "wgs84"}
    sent = content_of(sqlite_site, position=position)
    assert put(sqlite_site.visitor("worker"), sent).status_code == 201
    uuid = sent["uuid"]
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/visits/{uuid}/correct")
        page.wait_for_selector("[data-position]:has-text('误差约 30 米')")
        page.click("text=不记位置")
        page.fill("[name=employees]", "51")
        page.click(".send button")
        page.wait_for_url("**/today*")
        page.wait_for_selector("#said:has-text('更正已收到')")
        assert page.url == f"{address}/today"
        assert watched.faults == []
    (visit,) = sqlite_site.visits()
    assert visit.content["employees"] == 51
    assert "position" not in visit.content


@pytest.mark.parametrize(("typed", "is_kept"), [("500001", False), ("500000", True)])
def test_a_headcount_beyond_all_firms_is_told_before_it_is_kept(
    chromium, sqlite_site, address, typed, is_kept
):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_met(page, address)
        page.fill("input[name=employees]", typed)
        page.click(".send button")
        if is_kept:
            received(page)
        else:
            page.wait_for_selector("[data-trouble]:has-text('500000')")
    assert len(sqlite_site.visits()) == int(is_kept)

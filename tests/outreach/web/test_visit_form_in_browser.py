"""The visit form in the hand: what is known and what she says, photos, a position, a correction."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_phone_faults import photo_file
from test_web_in_browser import opened, wait_for
from test_web_past_visits import record
from test_web_phone import content_of, open_sheet, put

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CHECKS = Path(__file__).parents[3] / "outreach/web/static/phone/checks.js"
HERE = {
    "permissions": ["geolocation"],
    "geolocation": {"latitude": 25.0, "longitude": 115.0, "accuracy": 12},
}
EMPLOYEES = "#visit-sheet [name=employees]"
WRONG = "#visit-sheet [data-wrong=employees]"
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
        assert not page.is_checked(ACTIVE)
        assert not is_said(page, ACTIVE)
        label = page.locator(f"label:has({ACTIVE})")
        assert "现有资料" in label.inner_text()
        tap(page, ACTIVE)
        assert page.is_checked(ACTIVE)
        assert is_said(page, ACTIVE)
        assert "现有资料" not in label.inner_text()
        tap(page, ACTIVE)
        assert not page.is_checked(ACTIVE)
        assert "现有资料" in label.inner_text()
        tap(page, ACTIVE)
        assert page.is_checked(ACTIVE)
        page.click(".send button")
        received(page)
        assert watched.faults == []
    assert sqlite_site.visits()[0].content["operating_state"] == "active"


KNOWN = {"premises": "shop", "union_finding": "willing", "attitude": 4, "obstacle": "cost"}


def test_what_is_known_and_was_not_touched_is_no_finding_of_hers(chromium, sqlite_site, address):
    """Neither of this visit nor of a draft that was opened again."""
    former = content_of(sqlite_site, visited_at="2026-11-20T01:30:00.000Z", **KNOWN)
    assert put(sqlite_site.visitor("worker"), former).status_code == 201
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_met(page, address)
        assert page.locator("#visit-sheet .so-far").count() == 5
        page.fill(EMPLOYEES, "48")
        page.wait_for_timeout(300)
        page.reload()
        page.wait_for_selector("[data-restored]:not([hidden])")
        assert page.locator("#visit-sheet .so-far").count() == 5
        tap(page, "input[name=premises][value=office]")
        page.click(".send button")
        received(page)
        assert watched.faults == []
    content = max(sqlite_site.visits(), key=lambda one: one.visited_at).content
    assert content["premises"] == "office"
    unsaid = {"operating_state", "union_finding", "attitude", "obstacle"}
    assert unsaid & set(content) == set()


def test_what_an_older_visit_said_is_known_as_long_as_no_newer_one_says_otherwise(
    chromium, sqlite_site, address
):
    worker = sqlite_site.visitor("worker")
    for day, said in ((19, KNOWN), (20, {"premises": "office"})):
        visit = content_of(sqlite_site, visited_at=f"2026-11-{day}T01:30:00.000Z", **said)
        assert put(worker, visit).status_code == 201
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_met(page, address)
        for name, value in {**KNOWN, "premises": "office"}.items():
            known = page.locator(f"label:has(input[name={name}][value='{value}'])")
            assert "现有资料" in known.inner_text()
            assert not page.is_checked(f"input[name={name}][value='{value}']")


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


def is_in_sight(page, selector):
    """Above the pinned button, once the page has scrolled."""
    wait_for(
        page,
        f"""(() => {{
          const box = document.querySelector({selector!r}).getBoundingClientRect();
          const foot = document.querySelector("#visit-sheet .send").getBoundingClientRect();
          return box.height > 0 && box.top >= 0 && box.bottom <= foot.top;
        }})()""",
    )


@pytest.fixture
def rules(chromium):
    """A page that holds nothing but the form's rules."""
    page = chromium.new_page()
    page.add_script_tag(path=CHECKS)
    yield page
    page.close()


@pytest.mark.parametrize(
    ("count", "known", "is_far"),
    [
        (84, [25, 28], False),
        (85, [25, 28], True),
        (34, [100, 120], False),
        (33, [100, 120], True),
        (25, [5], False),
        (26, [5], True),
        (9, [29], False),
        (8, [29], True),
        (0, [20], False),
        (0, [21], True),
        (500_000, [], False),
    ],
)
def test_far_off_is_beyond_three_times_and_by_more_than_twenty(rules, count, known, is_far):
    assert rules.evaluate("([c, k]) => OutreachChecks.isFarOff(c, k)", [count, known]) is is_far


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0"), (999, "999"), (1000, "1,000"), (99999999, "99,999,999")]
)
def test_a_number_is_shown_in_groups_of_three(rules, number, shown):
    assert rules.evaluate("(n) => OutreachChecks.grouped(n)", number) == shown


@pytest.mark.parametrize("is_offline", [False, True])
def test_a_count_far_from_the_registers_is_asked_about_once(
    chromium, sqlite_site, address, is_offline
):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_met(page, address)
        page.context.set_offline(is_offline)
        page.fill(EMPLOYEES, "3200")
        assert not page.locator(WRONG).is_visible()
        page.click(".send button")
        asked = page.locator(WRONG).inner_text()
        assert re.fullmatch(
            r"登记的是 4\d 人，您填的是 3,200 人。没填错就再按一次“记下这次走访”。", asked
        )
        is_in_sight(page, WRONG)
        assert page.evaluate("document.activeElement.name") == "employees"
        assert page.get_attribute(EMPLOYEES, "aria-invalid") is None
        page.fill(EMPLOYEES, "48")
        assert not page.locator(WRONG).is_visible()
        page.fill(EMPLOYEES, "3200")
        page.click(".send button")
        page.fill(EMPLOYEES, "3300")
        page.click(".send button")
        assert "您填的是 3,300 人" in page.locator(WRONG).inner_text()
        assert page.locator("#visit-sheet").is_visible()
        page.click(".send button")
        page.wait_for_selector("#visit-sheet", state="hidden")
        page.context.set_offline(False)
        page.evaluate("window.OutreachQueue.sync()")
        received(page)
    assert sqlite_site.visits()[0].content["employees"] == 3300


def test_the_question_about_a_count_is_in_the_language_of_the_page(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True, language="en") as watched:
        page = watched.page
        open_met(page, address)
        page.fill(EMPLOYEES, "3200")
        page.click(".send button")
        said = page.locator(WRONG).inner_text()
        assert re.match(r"On record: 4\d people\. You entered 3,200\. If that is right", said)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("employees", "500001", "人数最多 500,000，不能是 500,001"),
        ("employees", "99999999", "人数最多 500,000，不能是 99,999,999"),
        ("hardship_workers", "99999999", "人数最多 500,000，不能是 99,999,999"),
    ],
)
def test_a_headcount_beyond_all_firms_is_told_at_its_field(
    chromium, sqlite_site, address, name, typed, said
):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_met(page, address)
        field, line = f"#visit-sheet [name={name}]", f"#visit-sheet [data-wrong={name}]"
        page.click(field)
        page.keyboard.type(typed)
        for _ in range(2):
            page.click(".send button")
            assert said in page.locator(line).inner_text()
        is_in_sight(page, line)
        is_in_sight(page, field)
        assert page.get_attribute(field, "aria-invalid") == "true"
        assert page.get_attribute(field, "aria-describedby") == page.get_attribute(line, "id")
        assert page.evaluate("document.activeElement.name") == name
        page.fill(field, "48")
        assert not page.locator(line).is_visible()
        assert page.get_attribute(field, "aria-invalid") is None
        page.click(".send button")
        received(page)
        assert watched.faults == []
    assert sqlite_site.visits()[0].content[name] == 48


def test_the_largest_headcount_is_asked_about_and_kept(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_met(page, address)
        page.fill(EMPLOYEES, "500000")
        page.click(".send button")
        page.click(".send button")
        received(page)
    assert sqlite_site.visits()[0].content["employees"] == 500_000


def test_the_day_of_an_appointment_is_asked_for_at_its_field(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_sheet(page, address)
        page.click("input[value=appointment]")
        day, line = "#visit-sheet [name=appointed_on]", "#visit-sheet [data-wrong=appointed_on]"
        for _ in range(2):
            page.click(".send button")
            assert page.locator(line).inner_text() == "约了下次，请填约的是哪天"
        is_in_sight(page, line)
        is_in_sight(page, day)
        assert page.get_attribute(day, "aria-invalid") == "true"
        assert page.evaluate("document.activeElement.name") == "appointed_on"
        page.fill(day, "2026-12-03")
        assert not page.locator(line).is_visible()
        page.click(".send button")
        received(page)
        assert watched.faults == []
    assert sqlite_site.visits()[0].content["appointed_on"] == "2026-12-03"


def test_an_appointment_without_a_day_from_an_older_phone_is_no_loss(sqlite_site):
    sent = content_of(sqlite_site, result="appointment", note="下周再来")
    assert put(sqlite_site.visitor("worker"), sent).status_code == 201
    (visit,) = sqlite_site.visits()
    assert (visit.result, visit.appointed_on) == ("appointment", None)

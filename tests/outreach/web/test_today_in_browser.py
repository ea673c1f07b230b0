"""The route page in the hand: pinned at every size of text, by keyboard, and what it hides."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import update
from test_past_visits_in_browser import RULES, WIDER
from test_web_in_browser import MEASURE, TEXT, opened, wait_for
from test_web_phone import open_sheet

from outreach.storage.enterprises import Enterprise

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Mobile/15E148 MicroMessenger/8.0.42"
)
SIZES = ["normal", "large", "largest"]
SHOWN = """() => ['.three summary', '.three .call button, .three .off', '.three a.primary']
  .map((name) => document.querySelector('#card ' + name).getBoundingClientRect().bottom)"""
REACHED = """() => {
  const button = document.querySelector('#card .three a.primary');
  const box = button.getBoundingClientRect();
  const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return button.contains(at);
}"""
COVERED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return one === document.body || one.contains(at) ? '' : one.outerHTML.slice(0, 120);
}"""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_the_next_stop_is_pinned_at_every_size_of_text(
    chromium, sqlite_site, address, size, language
):
    with opened(chromium, sqlite_site, address, "worker", phone=True, language=language) as watched:
        page = watched.page
        page.context.add_cookies([{"name": "text", "value": size, "url": address}])
        page.goto(f"{address}/today")
        for down in (0, 200, 400):
            page.evaluate(f"window.scrollTo({{top: {down}, behavior: 'instant'}})")
            assert max(page.evaluate(SHOWN)) <= 780, down
        height = page.locator("#card").bounding_box()["height"]
        assert height <= 780 * 0.67
        page.locator("#card summary").first.click()
        assert page.evaluate(WIDER) <= 0
        assert page.evaluate(MEASURE) == []
        assert watched.faults == []


@pytest.mark.parametrize("size", SIZES)
def test_a_very_long_name_leaves_the_buttons_of_the_card_in_reach(
    chromium, sqlite_site, address, size
):
    with sqlite_site.database.transaction() as session:
        session.execute(update(Enterprise).values(name="长名字机械制造" * 12))
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.context.add_cookies([{"name": "text", "value": size, "url": address}])
        page.goto(f"{address}/today")
        for down in (0, 300, 5000):
            page.evaluate(f"window.scrollTo({{top: {down}, behavior: 'instant'}})")
            assert page.evaluate(REACHED), down
        assert page.evaluate(WIDER) <= 0


def test_a_firm_found_on_the_way_stands_beside_the_chosen_stop(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/today")
        stops = page.locator(".stops a[data-stop]").all()
        keys = [one.get_attribute("data-stop") for one in stops]
        link = page.locator("a[data-beside]")
        assert f"stop={keys[0]}" in link.get_attribute("href")
        stops[-1].click()
        assert f"stop={keys[-1]}" in link.get_attribute("href")
        assert watched.faults == []


@pytest.mark.parametrize("path", ["/today", "/visits/new?enterprise=1"])
def test_at_half_as_large_again_nothing_is_cut_off(chromium, sqlite_site, address, path):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(address + path)
        page.evaluate("document.documentElement.style.fontSize = '27px'")
        page.wait_for_timeout(200)
        assert page.evaluate(WIDER) <= 0
        assert page.evaluate(MEASURE) == []
        assert page.evaluate(TEXT) == []
        assert Axe().run(page, options=RULES).violations_count == 0


def test_nothing_that_has_the_focus_lies_under_the_card(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/today")
        wait_for(page, "document.documentElement.style.scrollPaddingBottom !== ''")
        page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
        hidden = []
        for _ in range(40):
            page.keyboard.press("Tab")
            hidden.append(page.evaluate(COVERED))
        assert [one for one in hidden if one and "leaflet" not in one] == []


def test_a_visit_is_recorded_by_the_keyboard_alone(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/today")
        wait_for(page, "Boolean(window.OutreachQueue)")
        page.focus("#card a.primary")
        page.keyboard.press("Enter")
        page.wait_for_selector("#visit-sheet:not([hidden])")
        assert page.evaluate("document.activeElement.id") == "sheet-name"
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        assert page.is_checked("input[value=met_head]")
        for _ in range(2):
            page.keyboard.press("ArrowDown")
        assert page.is_checked("input[value=nobody]")
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.type") == "submit":
                break
        page.keyboard.press("Enter")
        wait_for(page, "document.getElementById('sync').dataset.received === '1'")
        assert watched.faults == []
    (visit,) = sqlite_site.visits()
    assert visit.result == "nobody"


def test_the_chips_of_the_sheet_are_small_boxes_beside_their_words(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_sheet(page, address)
        page.click("input[value=met_head]")
        sizes = page.evaluate(
            "() => Array.from(document.querySelectorAll('#visit-sheet .chips input'))"
            ".filter((one) => one.offsetWidth).map((one) => [one.offsetWidth, one.offsetHeight])"
        )
        assert set(map(tuple, sizes)) == {(24, 24)}
        assert page.evaluate(WIDER) <= 0


def test_no_figure_of_a_register_is_on_the_form_before_the_count(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_sheet(page, address)
        page.click("input[value=met_head]")
        key = page.evaluate("location.hash.split('-')[1]")
        forms = json.loads(page.locator("#visit-forms").inner_text())
        figures = [
            str(one["employees"])
            for form in forms
            if str(form["id"]) == key
            for one in form["registered"]
        ]
        assert figures
        for path in (None, f"/visits/new?enterprise={key}"):
            if path:
                page.goto(address + path)
                page.click("input[value=met_head]")
            place = page.locator("#visit-sheet") if path is None else page.locator("main")
            before = place.inner_text()
            assert not [one for one in figures if f"{one} 人" in before]
            assert "登记的人数" not in before
            page.fill("[name=employees]", "7")
            assert figures[0] in page.locator("[data-registered]").inner_text()
            page.fill("[name=employees]", "")


def test_the_number_is_fetched_at_the_tap_audited_and_kept_nowhere(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/today")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        untold = page.content()
        page.click("#card .call button")
        number = page.locator("#phone a").get_attribute("href").removeprefix("tel:")
        assert len(number) == 11
        assert number not in untold
        assert len(sqlite_site.audit("show_phone")) == 1
        kept = page.evaluate(
            """async () => {
              const found = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
              for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const request of await cache.keys()) {
                  found.push(await (await cache.match(request)).text());
                }
              }
              const db = await idb.openDB('outreach');
              for (const name of Array.from(db.objectStoreNames)) {
                found.push(JSON.stringify(await db.getAll(name)));
              }
              return found.join();
            }"""
        )
        assert number not in kept
        page.goto(f"{address}/me")
        page.go_back()
        assert number not in page.locator("body").inner_text()


def at_rest(page, selector):
    """Pins move when the map comes back into sight: a tap in between meets another one."""
    before = None
    while (place := page.locator(selector).bounding_box()) != before:
        before = place
        page.wait_for_timeout(200)


def test_a_saved_visit_marks_its_pin_and_the_next_door_is_named_so(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_sheet(page, address)
        page.click("input[value=nobody]")
        page.click(".send button")
        page.wait_for_selector("#visit-sheet", state="hidden")
        wait_for(page, "document.querySelectorAll('.pin.done').length === 1")
        assert page.locator("#card .which").inner_text().startswith("下一站")
        chosen = page.locator(".pin.chosen").inner_text()
        assert chosen == page.locator(".stops .chosen .number").first.inner_text()
        page.context.set_offline(True)
        at_rest(page, ".pin.done")
        page.locator(".pin.done").click()
        assert page.locator("#card .which").inner_text().startswith("第 1 站")
        page.evaluate("document.dispatchEvent(new Event('outreach:marked'))")
        assert page.locator("#card .which").inner_text().startswith("第 1 站")
        faults = [one for one in watched.faults if "INTERNET_DISCONNECTED" not in one]
        assert faults == []


def test_an_address_without_https_says_what_is_lost(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
        page.goto(f"{address}/today")
        wait_for(page, "!document.getElementById('browser').hidden")
        said = page.locator("#browser").inner_text()
        assert all(word in said for word in ("https", "定位", "离线", "没有加密"))
        page.click("#card a.primary")
        page.click("input[value=nobody]")
        page.click(".send button")
        wait_for(page, "document.getElementById('sync').dataset.received === '1'")
        assert watched.faults == []
    assert len(sqlite_site.visits()) == 1


@pytest.mark.parametrize(("agent", "is_shown"), [(WECHAT, True), (None, False)])
def test_a_poor_browser_is_told_what_to_do(chromium, sqlite_site, address, agent, is_shown):
    options = {"user_agent": agent} if agent else {}
    with opened(chromium, sqlite_site, address, "worker", phone=True, **options) as watched:
        page = watched.page
        page.goto(f"{address}/today")
        wait_for(page, "document.getElementById('sync').dataset.waiting === '0'")
        banner = page.locator("#browser")
        assert banner.is_visible() is is_shown
        if is_shown:
            assert "在浏览器打开" in banner.inner_text()
            assert Axe().run(page, options=RULES).violations_count == 0


CONTRAST = """() => {
  const light = (colour) => colour.match(/[0-9.]+/g).slice(0, 3).map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (one) => {
    const colour = getComputedStyle(one).backgroundColor;
    return colour === 'rgba(0, 0, 0, 0)' ? behind(one.parentElement) : colour;
  };
  return Array.from(document.querySelectorAll('#card *')).filter((one) =>
    Array.from(one.childNodes).some((part) => part.nodeType === 3 && part.textContent.trim()))
    .map((one) => {
      const pair = [light(getComputedStyle(one).color), light(behind(one))].sort((a, b) => b - a);
      return [(pair[0] + 0.05) / (pair[1] + 0.05), one.textContent.trim()];
    });
}"""


def test_every_word_of_the_next_stop_stands_out_seven_to_one(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/today")
        for summary in range(2):
            page.locator("#card summary").nth(summary).click()
            found = page.evaluate(CONTRAST)
            assert len(found) > 5
            assert [one for one in found if one[0] < 7] == []


BROKEN = """() => {
  const broken = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode, one = text.parentElement;
    if (!one.offsetParent || !one.closest('.chips label, .button, button, .days a')) { continue; }
    for (const word of text.textContent.matchAll(/[A-Za-z]{2,}/g)) {
      const part = document.createRange();
      part.setStart(text, word.index);
      part.setEnd(text, word.index + word[0].length);
      if (new Set(Array.from(part.getClientRects()).map((box) => Math.round(box.top))).size > 1) {
        broken.push(word[0]);
      }
    }
  }
  return broken;
}"""
FIVE_DAYS = """() => {
  const days = document.querySelector('.days');
  while (days.children.length < 5) { days.appendChild(days.lastElementChild.cloneNode(true)); }
  return Array.from(days.children).map((one) => one.getBoundingClientRect().right)
    .concat([days.scrollWidth - days.clientWidth + 360]);
}"""
SCROLLED = "(one) => one.scrollHeight - one.clientHeight"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_no_word_is_broken_and_no_tab_or_button_is_cut_off(
    chromium, sqlite_site, address, size, language
):
    firm = sqlite_site.firms["己贸易有限公司"]
    with opened(chromium, sqlite_site, address, "worker", phone=True, language=language) as watched:
        page = watched.page
        page.context.add_cookies([{"name": "text", "value": size, "url": address}])
        page.goto(f"{address}/today?stop={firm}")
        wait_for(page, "Boolean(window.OutreachQueue)")
        assert max(page.evaluate(FIVE_DAYS)) <= 360
        assert page.locator("#card").evaluate(SCROLLED) <= 0
        below = page.locator("#card .less").bounding_box()
        assert below["y"] + below["height"] <= 780
        assert page.evaluate(BROKEN) == []
        page.click("#card a.primary")
        page.click("#visit-sheet label:has(input[value=met_head])")
        assert page.evaluate(BROKEN) == []
        page.click("#visit-sheet label:has(input[value=appointment])")
        assert page.evaluate(BROKEN) == []
        assert page.evaluate(WIDER) <= 0

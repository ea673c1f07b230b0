"""The changed day in a real browser: fingers, eyes, keyboard, and the worker's own order."""

from __future__ import annotations

import pytest
from test_web_in_browser import MEASURE, TEXT, opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
CONTRAST = """() => {
  const light = (colour) => {
    const parts = colour.match(/[0-9.]+/g).slice(0, 3).map((one) => {
      const part = Number(one) / 255;
      return part <= 0.03928 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!colour.endsWith(', 0)')) { return colour; }
    }
    return 'rgb(255, 255, 255)';
  };
  const weak = [];
  const walk = document.createTreeWalker(document.getElementById('card'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !one.offsetParent) { continue; }
    const pair = [light(getComputedStyle(one).color), light(ground(one))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 7) { weak.push(`${walk.currentNode.textContent.trim()} ${ratio.toFixed(1)}`); }
  }
  return weak;
}"""
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def busy_day(site):
    return next(day for day in site.days if len(site.stops[day]) >= 2)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_fingers_and_eyes_find_everything_around_a_changed_day(
    chromium, sqlite_site, address, language
):
    from axe_playwright_python.sync_playwright import Axe

    site, axe = sqlite_site, Axe()
    day = busy_day(site)
    stop = site.stops[day][0]
    worker = site.visitor("worker")
    known = {"day": str(day), "kind": "skip", "reason": "closed", "enterprise_id": stop}
    assert worker.post("/today/changes", **known).status_code == 303
    with opened(chromium, site, address, "worker", phone=True, language=language) as watched:
        page = watched.page
        for path in (
            f"/today?day={day}",
            f"/today/order?day={day}",
            f"/today/near?day={day}&stop={stop}",
            f"/today/found?day={day}&stop={stop}",
            "/cases",
        ):
            page.goto(address + path)
            assert page.evaluate(MEASURE) == [], path
            assert page.evaluate(TEXT) == [], path
            result = axe.run(page, options=AXE)
            assert result.violations_count == 0, result.generate_snapshot()
            page.evaluate("document.documentElement.className = 'text-largest'")
            assert page.evaluate(WIDE) <= 0, path
        page.goto(f"{address}/today?day={day}")
        assert page.evaluate(CONTRAST) == []
        assert watched.faults == []


def test_her_own_order_is_made_with_the_keyboard_and_sent_once(chromium, sqlite_site, address):
    site = sqlite_site
    day = busy_day(site)
    stops = list(site.stops[day])
    with opened(chromium, site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/today/order?day={day}")
        page.locator("button[name=move]").nth(1).focus()
        page.keyboard.press("Enter")
        page.locator("[data-save] button").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/today?day={day}")
        listed = page.locator(".stops a[data-stop]")
        shown = [int(listed.nth(n).get_attribute("data-stop")) for n in range(listed.count())]
        assert shown[:2] == [stops[1], stops[0]]
        assert "1 家挪动" in page.locator(".changes").inner_text()
        assert watched.faults == []


def test_a_stop_is_skipped_with_two_taps_without_scripts(chromium, sqlite_site, address):
    site = sqlite_site
    day = busy_day(site)
    with opened(
        chromium, site, address, "worker", phone=True, java_script_enabled=False
    ) as watched:
        page = watched.page
        page.goto(f"{address}/today?day={day}")
        page.click("#card .less summary")
        page.click("#card button[value=not_today]")
        page.wait_for_url(f"**/today?day={day}")
        assert page.locator(".skipped li").count() == 1
        assert page.locator(".stops a[data-stop]").count() == len(site.stops[day]) - 1

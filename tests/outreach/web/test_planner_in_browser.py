"""A planner's session in a real browser, and the phone page that results."""

from __future__ import annotations

import re

import pytest
from made_up_site import HOSTILE
from test_web_in_browser import opened, texts_of

from outreach.services.grids.borders import propose_borders
from outreach.services.runs.work import carry_out
from outreach.storage.enterprises import Enterprise

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TUESDAY, FRIDAY = "2026-11-24", "2026-11-27"
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
PAGES = (
    "/plans/{draft}/board",
    "/plans/{published}/board",
    "/plans/{draft}/board/{grid}",
    "/plans/{draft}/publish",
    "/laboratory?week=2026-11-23&preset=large_first",
    "/laboratory/compare?a={published}&b={draft}",
    "/balance",
    "/balance/borders/1",
)


def paths(site):
    return [
        path.format(draft=site.draft, published=site.published, grid=site.grids["G1"])
        for path in PAGES
    ]


def propose(site):
    from outreach.domain.borders import BorderRule

    with site.database.transaction() as session:
        propose_borders(
            session,
            district_id=1,
            rule=BorderRule(seconds=2, tolerance_percent=0),
            now=site.clock(),
            today=site.clock().date(),
            made_by=None,
            on_progress=lambda _done, _total: None,
        )


def name_of(site, key):
    with site.database.session() as session:
        return session.get_one(Enterprise, key).name


def plan_scenario(page, site, address, name, preset):
    """Ask for a scenario by its preset, and follow its run to the draft."""
    page.goto(f"{address}/laboratory?week=2026-11-23")
    page.click(f".presets >> text={preset}")
    page.fill("#name", name)
    page.click("text=其他参数")
    page.fill("#iterations_per_grid", "5")
    page.click("main button.primary")
    page.wait_for_url("**/runs/*")
    carry_out(site.database, page.url.rsplit("/", 1)[1], clock=site.clock, processes=1)
    page.wait_for_selector("text=看这一版计划")
    page.click("text=看这一版计划")
    page.wait_for_url(re.compile(r"/plans/\d+$"))
    return page.url.rsplit("/", 1)[1]


def keys_of(page, day):
    return [one.get_attribute("data-key") for one in page.locator(f'ol[data-day="{day}"] li').all()]


def compare(page, address, first, second):
    """Choose two versions, see their numbers, and move both maps by one of them."""
    page.goto(f"{address}/laboratory?week=2026-11-23")
    page.check(f'input[name="a"][value="{first}"]')
    page.check(f'input[name="b"][value="{second}"]')
    page.click("text=比较 A 和 B")
    page.wait_for_url("**/laboratory/compare*")
    assert "A 平时 / B 近处" in page.locator("h1").inner_text()
    assert page.locator(".indicators tbody tr").count() == 11
    assert page.locator(".twin canvas").count() == 2
    page.locator(".twin").first.locator(".leaflet-control-zoom-in").click()
    page.wait_for_timeout(400)
    shifts = page.locator(".twin .leaflet-map-pane").evaluate_all(
        "panes => panes.map((pane) => pane.getBoundingClientRect().top"
        " - pane.closest('.twin').getBoundingClientRect().top)"
    )
    assert abs(shifts[0] - shifts[1]) < 1


def drag_to_another_day(page):
    """Drag the first stop of a day with several to another day; returns it and the day."""
    days = [one.get_attribute("data-day") for one in page.locator(".lane ol").all()]
    begun = next(day for day in days if len(keys_of(page, day)) > 1)
    moved = keys_of(page, begun)[0]
    target = FRIDAY if begun != FRIDAY else TUESDAY
    lane = page.locator(f'.lane:has(ol[data-day="{target}"])')
    page.locator(f"#stop-{moved}").drag_to(lane.locator("ol"))
    page.wait_for_url("**moved=*")
    assert moved in keys_of(page, target)
    assert page.evaluate("document.activeElement.id") == f"stop-{moved}"
    return moved, target


def lock_day(page, moved):
    """From the moved stop, which has the focus, to its menu by the keyboard; then its lock."""
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(f"#stop-{moved} select[name=level]").select_option("day")
    page.locator(f"#stop-{moved}").get_by_text("锁好").click()
    page.wait_for_load_state()
    assert "锁住日子" in page.locator(f"#stop-{moved} .locked-mark").inner_text()


def test_two_scenarios_compared_one_changed_locked_published_and_on_the_phone(
    chromium, sqlite_site, address
):
    site = sqlite_site
    with opened(chromium, site, address, "planner") as watched:
        page = watched.page
        first = plan_scenario(page, site, address, "平时", "均衡")
        second = plan_scenario(page, site, address, "近处", "少跑路")
        compare(page, address, first, second)
        page.click("text=B 的排班板")
        page.click(".timeline tbody tr:first-child a")
        moved, target = drag_to_another_day(page)
        lock_day(page, moved)
        page.click("text=这个网格重新排")
        page.check('input[value="anything"]')
        page.click(".modes button")
        page.wait_for_load_state()
        assert moved in keys_of(page, target)
        assert "撤销" in page.locator(".tools").inner_text()
        page.click("text=发布这一版")
        assert "和网格员手上的比" in page.locator("main").inner_text()
        page.click("main button.primary")
        page.wait_for_url("**published=1")
        assert watched.faults == []
    with opened(chromium, site, address, "worker", phone=True) as watched:
        watched.page.goto(f"{address}/today?day={target}")
        assert name_of(site, int(moved)) in texts_of(watched.page)
        assert watched.faults == []


def test_the_board_works_with_the_keyboard_alone(chromium, sqlite_site, address):
    site = sqlite_site
    with opened(chromium, site, address, "planner") as watched:
        page = watched.page
        page.goto(f"{address}/plans/{site.draft}/board/{site.grids['G1']}")
        summary = page.locator(".lane li summary").first
        key = page.locator(".lane li").first.get_attribute("data-key")
        summary.focus()
        page.keyboard.press("Enter")
        for _ in range(3):
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "移过去"
        page.locator(f"#stop-{key} select[name=day]").select_option(FRIDAY)
        page.keyboard.press("Enter")
        page.wait_for_url("**moved=*")
        assert key in keys_of(page, FRIDAY)
        page.locator(".tools button").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(f'ol[data-day="{FRIDAY}"] li[data-key="{key}"]', state="detached")
        page.wait_for_selector(".lane li")
        assert key not in keys_of(page, FRIDAY)
        assert watched.faults == []


def test_without_scripts_the_menus_do_all_that_dragging_does(chromium, sqlite_site, address):
    site = sqlite_site
    with opened(chromium, site, address, "planner", java_script_enabled=False) as watched:
        page = watched.page
        page.goto(f"{address}/plans/{site.draft}/board/{site.grids['G1']}")
        first = page.locator(".lane li").first
        key = first.get_attribute("data-key")
        first.locator("summary").click()
        first.get_by_text("拿出计划").click()
        assert page.locator(f"tr#stop-{key}").count() == 1


def test_hostile_names_are_shown_as_typed_on_the_planners_pages(chromium, sqlite_site, address):
    site = sqlite_site
    propose(site)
    planner = site.visitor("planner")
    board = f"/plans/{site.draft}/board/{site.grids['G1']}"
    for name in HOSTILE[:2]:
        page = planner.get(board).text
        seen = re.search(r'name="seen" value="(\d+)"', page)[1]
        key = site.firms[f"{name}有限公司"]
        planner.post(f"{board}/move", enterprise=key, to="out", seen=seen)
    seen = ""
    with opened(chromium, site, address, "planner") as watched:
        for path in paths(site):
            watched.page.goto(address + path)
            seen += texts_of(watched.page)
        watched.page.wait_for_timeout(100)
        assert watched.faults == []
    assert all(name in seen for name in HOSTILE)
    assert "49有限公司" not in seen


def test_the_planners_pages_keep_the_rules_of_accessibility_and_of_the_screen(
    chromium, sqlite_site, address
):
    from axe_playwright_python.sync_playwright import Axe

    site = sqlite_site
    propose(site)
    axe, found, wide = Axe(), {}, []
    with opened(chromium, site, address, "planner") as watched:
        for path in paths(site):
            watched.page.goto(address + path)
            result = axe.run(watched.page, options=RULES)
            if result.violations_count:
                found[path] = result.generate_snapshot()
            if watched.page.evaluate("document.documentElement.scrollWidth") > 1440:
                wide.append(path)
        assert watched.faults == []
    assert (found, wide) == ({}, [])


def test_the_planners_pages_are_whole_in_english(chromium, sqlite_site, address):
    site = sqlite_site
    propose(site)
    with opened(chromium, site, address, "planner", language="en") as watched:
        for path in paths(site):
            watched.page.goto(address + path)
            own = watched.page.locator("h1, h2, button, label, thead").all_inner_texts()
            texts = [text.replace("东风镇", "") for text in own]  # a township's name is data
            left = [text for text in texts if re.search("[\u3400-\u9fff]", text)]
            assert [text for text in left if "网格" not in text and "先大企业" not in text] == []
            assert watched.page.evaluate("document.documentElement.scrollWidth") <= 1440, path
        assert watched.faults == []

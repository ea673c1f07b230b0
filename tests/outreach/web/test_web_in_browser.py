"""The pages in a real browser: nothing foreign runs or loads, fingers find what they look for."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from made_up_site import HOSTILE, Site
from made_up_site import PLAN_FIELDS as PLAN

from outreach.services.runs.work import carry_out

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = {
    "viewport": {"width": 360, "height": 780},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
CLOCK = """(() => {
  const ahead = AHEAD, Real = Date, now = Real.now.bind(Real);
  window.Date = class extends Real {
    constructor(...said) { if (said.length) { super(...said); } else { super(now() + ahead); } }
    static now() { return now() + ahead; }
  };
})()"""
DESK = {"viewport": {"width": 1440, "height": 900}}
PAGES = {
    "worker": ["/today", "/today?day=2026-11-29", "/visits/new?enterprise={trap}", "/enterprises"],
    "district": [
        "/map",
        "/map?layer=need",
        "/map?layer=effort",
        "/map?layer=firms&standing=all",
        "/map?layer=left&view=density",
        "/map?layer=overdue&view=hot",
        "/map?layer=gap&grid={grid}&firm={trap}",
        "/map/visits?grid={grid}",
        "/map/stops?grid={grid}&standing=all",
        "/enterprises",
        "/enterprises?text=<script>alert(1)</script>",
        "/enterprises/{trap}",
        "/issues",
        "/reviews",
        "/imports",
        "/imports/1",
        "/imports/headers",
        "/plans",
        "/nothing",
    ],
    "planner": [
        "/plans/1",
        "/plans/1/grids/{grid}",
        "/plans/1/left-out",
        "/plans/new",
        "/plans/2/publish",
        "/password",
    ],
}


@dataclass
class Watched:
    """A page and everything that it did which no page should do."""

    page: object
    faults: list = field(default_factory=list)


@contextmanager
def opened(chromium, site, address, login=None, *, phone=False, language="zh", **options):
    """A page of a browser that is signed in, with all its faults noted."""
    context = chromium.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", **(PHONE if phone else DESK), **options
    )
    cookies = {"lang": language}
    if login:
        visitor = site.visitor(login)
        cookies["outreach_session"] = visitor.client.get_cookie("outreach_session").value
    context.add_cookies([{"name": n, "value": v, "url": address} for n, v in cookies.items()])
    if phone:  # its clock is right: that of the site stands at another day than this machine's
        ahead = (site.clock() - datetime.now(UTC)).total_seconds() * 1000
        context.add_init_script(CLOCK.replace("AHEAD", str(int(ahead))))
    page = context.new_page()
    page.set_default_timeout(5000)
    # The first map of a process loads all that draws maps.
    page.set_default_navigation_timeout(30_000)
    watched = Watched(page)

    def note_console(message):
        refused = "status of 4" in message.text
        if message.type in {"error", "warning"} and not refused:
            watched.faults.append(message.text)

    def note_dialog(dialog):
        watched.faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def note_request(request):
        if not request.url.startswith((address, "data:")):
            watched.faults.append(f"request {request.url}")

    page.on("dialog", note_dialog)
    page.on("pageerror", lambda error: watched.faults.append(str(error)))
    page.on("console", note_console)
    page.on("request", note_request)
    yield watched
    context.close()


def paths(site, login, *, trap=None):
    trap = trap or site.firms[f"{HOSTILE[0]}有限公司"]
    return [path.format(trap=trap, grid=site.grids["G1"]) for path in PAGES[login]]


def texts_of(page):
    """The visible text of a page and of its frames."""
    return "\n".join(frame.locator("body").inner_text() for frame in page.frames)


def wait_for(page, script, *arguments, seconds=20):
    """Ask until it is true and give what it is; the pages' policy forbids Playwright's own way."""
    deadline = time.monotonic() + seconds
    while not (found := page.evaluate(script, *arguments)):
        assert time.monotonic() < deadline, script
        page.wait_for_timeout(40)
    return found


def wait_for_map(page):
    """The frame of a map is loaded after the page's own first paint."""
    wait_for(
        page,
        "() => !document.getElementById('map-frame') || document.documentElement.dataset.ready",
    )


@pytest.mark.parametrize("login", list(PAGES))
def test_hostile_names_are_shown_as_typed_and_nothing_runs_or_loads(
    chromium, sqlite_site, address, login
):
    site = sqlite_site
    worker = site.visitor("worker")
    for name in HOSTILE:
        fields = {"enterprise_id": site.firms[f"{name}有限公司"], "result": "met_head"}
        notes = {"concern": name, "hardships": name, "resources": name, "note": name}
        uuid = f"00000000-0000-4000-8000-{HOSTILE.index(name):012}"
        assert worker.post("/visits", uuid=uuid, **fields, **notes).status_code == 303
    seen = ""
    with opened(chromium, site, address, login, phone=login == "worker") as watched:
        for path in paths(site, login):
            watched.page.goto(address + path)
            wait_for_map(watched.page)
            for frame in watched.page.frames[1:]:
                frame.evaluate(
                    "() => Object.keys(window).filter((name) => name.startsWith('map_'))"
                    ".forEach((name) => window[name].eachLayer((layer) => {"
                    " if (layer.getTooltip && layer.getTooltip()) { layer.openTooltip(); } }))"
                )
            seen += texts_of(watched.page)
        watched.page.wait_for_timeout(100)
        assert watched.faults == []
    if login != "planner":
        assert all(name in seen for name in HOSTILE)
    assert "49有限公司" not in seen


def test_a_hostile_sign_in_is_shown_as_typed(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address) as watched:
        page = watched.page
        for text in HOSTILE:
            page.goto(f"{address}/sign-in?next={text.replace('#', '')}")
            page.fill("#login", text)
            page.fill("#password", text)
            page.click("main button[type=submit]")
            page.wait_for_selector("[role=alert]")
            assert page.input_value("#login") == text[:64]
        assert watched.faults == []


TRAP = re.compile("imgsrc|img src|alert|script|svg", re.IGNORECASE)
"""A line with a hostile name, as it was received or as linking compares it."""

ALLOWED = re.compile(
    "English|Word|PDF|Excel|CSV|GeoJSON|GPX|[a-z]+\\.csv|xlsx|xls|csv|MB|E[0-9]{3}|[0-9A-Z]{18}"
    "|UTF-8|GB18030"
)


@pytest.mark.parametrize("login", list(PAGES))
def test_a_chinese_page_holds_no_english_words(chromium, sqlite_site, address, login):
    left = {}
    plain = sqlite_site.firms["甲贸易有限公司"]
    with opened(chromium, sqlite_site, address, login, phone=login == "worker") as watched:
        for path in paths(sqlite_site, login, trap=plain):
            watched.page.goto(address + path)
            text = texts_of(watched.page)
            text = "\n".join(line for line in text.splitlines() if not TRAP.search(line))
            if words := re.findall("[A-Za-z]{2,}", ALLOWED.sub("", text)):
                left[path] = words
    assert left == {}


@pytest.mark.parametrize("login", list(PAGES))
def test_the_pages_keep_the_rules_of_accessibility(chromium, sqlite_site, address, login):
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), {}
    options = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
        "resultTypes": ["violations"],
    }
    with opened(chromium, sqlite_site, address, login, phone=login == "worker") as watched:
        for path in ["/sign-in", *paths(sqlite_site, login)]:
            watched.page.goto(address + path)
            result = axe.run(watched.page, options=options)
            if result.violations_count:
                found[path] = result.generate_snapshot()
    assert found == {}


@pytest.mark.parametrize("login", list(PAGES))
def test_no_page_is_wider_than_the_screen(chromium, sqlite_site, address, login):
    wide = {}
    with opened(chromium, sqlite_site, address, login, language="en") as watched:
        for path in paths(sqlite_site, login):
            watched.page.goto(address + path)
            for width in (360, 900, 1440):
                watched.page.set_viewport_size({"width": width, "height": 800})
                over = watched.page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                if over > 0:
                    wide[path, width] = over
    assert wide == {}


MEASURE = """() => {
  const small = [];
  const main = 'button, .button, summary, .chips label, .days a, .stops a, .language, .back';
  document.querySelectorAll('a, button, summary, label, input, textarea').forEach((one) => {
    const box = one.getBoundingClientRect();
    const hidden = box.width === 0 || getComputedStyle(one).visibility === 'hidden';
    if (hidden || one.closest('.skip, label input, #map')) { return; }
    const least = one.matches(main) ? 60 : 44;
    if (box.height < least - 0.5 || box.width < least - 0.5) {
      small.push(`${one.outerHTML.slice(0, 80)} ${box.width}x${box.height}`);
    }
  });
  return small;
}"""
TEXT = """() => {
  const small = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement;
    const text = walk.currentNode.textContent.trim();
    if (!text || one.closest('script, #map .leaflet-bar')) { continue; }
    const size = parseFloat(getComputedStyle(one).fontSize);
    if (size < 17.9) { small.push(`${text} ${size}`); }
  }
  return small;
}"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_on_the_phone_fingers_and_eyes_find_everything(chromium, sqlite_site, address, language):
    with opened(chromium, sqlite_site, address, "worker", phone=True, language=language) as watched:
        page = watched.page
        for path in ("/today", "/today?day=2026-11-29", "/visits/new?enterprise=1"):
            page.goto(address + path)
            if "visits" in path:
                page.click("input[value=met_head]")
            assert page.evaluate(MEASURE) == [], path
            assert page.evaluate(TEXT) == [], path
        page.goto(f"{address}/today")
        card = page.locator("#card").bounding_box()
        assert abs(card["y"] + card["height"] - 780) < 2
        page.click("#card summary")
        assert page.evaluate(MEASURE) == []


def test_pins_are_in_order_and_do_not_hide_each_other(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/today")
        page.wait_for_selector(".pin:not(.office)")  # the map comes after the next stop
        pins = page.locator(".pin:not(.office)")
        assert pins.all_inner_texts() == [str(n + 1) for n in range(pins.count())]
        boxes = [pins.nth(n).bounding_box() for n in range(pins.count())]
        room = page.locator("#map").bounding_box()
        for at, one in enumerate(boxes):
            assert room["x"] <= one["x"] <= room["x"] + room["width"] - 30
            assert room["y"] <= one["y"] <= room["y"] + room["height"] - 30
            for other in boxes[at + 1 :]:
                apart = ((one["x"] - other["x"]) ** 2 + (one["y"] - other["y"]) ** 2) ** 0.5
                assert apart > 34
        pins.nth(2).click()
        page.wait_for_selector(".pin.chosen")
        assert page.locator(".pin.chosen").inner_text() == "3"
        page.click(".map summary")
        assert not page.locator("#map").is_visible()
        assert watched.faults == []


def test_without_scripts_a_visit_is_recorded_and_the_number_shown(chromium, sqlite_site, address):
    with opened(
        chromium, sqlite_site, address, "worker", phone=True, java_script_enabled=False
    ) as watched:
        page = watched.page
        page.goto(f"{address}/today")
        page.click("form.call button")
        assert page.locator("a[href^='tel:1']").is_visible()
        page.goto(f"{address}/today")
        page.click("#card a.primary")
        page.click("text=没有人")
        page.click(".send button")
        page.wait_for_url("**/today?day=*")
        assert page.locator(".stops .ok").inner_text() == "✓ 没有人"
    assert len(sqlite_site.visits()) == 1


class NoQueue:
    def wake(self, run_id):
        self.run_id = run_id


def test_the_progress_page_follows_a_run_to_its_plan(chromium, sqlite_site, tmp_path):
    import threading

    from waitress.server import create_server

    site = Site(sqlite_site.database, sqlite_site.settings, queue=NoQueue())
    server = create_server(site.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.effective_port}"
    with opened(chromium, site, address, "planner") as watched:
        page = watched.page
        page.goto(f"{address}/plans/new")
        page.fill("#seconds_per_grid", PLAN["seconds_per_grid"])
        page.click("main button.primary")
        page.wait_for_url("**/runs/*")
        assert "排队中" in page.locator("#run").inner_text()
        carry_out(site.database, site.queue.run_id, clock=site.clock, processes=1)
        page.wait_for_selector("text=看这一版计划")
        page.click("text=看这一版计划")
        page.wait_for_url("**/plans/3")
        assert "草稿" in page.locator("main").inner_text()
        assert watched.faults == []
    server.close()
    thread.join(timeout=5)


def test_the_map_frame_reaches_nothing_of_the_page(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        page.goto(f"{address}/map?layer=firms&standing=all")
        page.frame_locator("#map-frame").locator(".leaflet-container").wait_for()
        frame = page.frames[1]
        assert frame.evaluate("self.origin") == "null"
        assert frame.evaluate(
            "(() => { try { return document.cookie } catch { return 'no' } })()"
        ) in {
            "no",
            "",
        }
        reached = "(() => { try { return parent.document.title } catch { return 'no' } })()"
        assert frame.evaluate(reached) == "no"
        assert watched.faults == []

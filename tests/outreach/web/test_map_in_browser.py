"""The map in a real browser: what a touch does, what the address keeps, and that nothing runs."""

from __future__ import annotations

import re
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from made_up_site import Site
from sqlalchemy import select, update
from test_web_in_browser import opened, wait_for

from outreach.settings import make_settings
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FRAGMENTS = (
    '<img src=x onerror="window.pwned=1">',
    "</script><script>window.pwned=1</script>",
    "<svg onload=window.pwned=1>",
    "${window.pwned=1}",
    "`;window.pwned=1;`",
    "\\';window.pwned=1;//",
    '");window.pwned=1;("',
    "{{7*7}}",
    "{% raw %}",
    "<!--",
    "-->",
    "]]>",
    "javascript:window.pwned=1",
    '<a href="javascript:window.pwned=1">x</a>',
    '"><iframe srcdoc="<script>parent.pwned=1</script>">',
    "&lt;script&gt;",
    "&#60;b&#62;",
    "\u2028",
    "\u202e",
    "'",
    '"',
    "\\",
    "__proto__",
    "//elsewhere.example/x.js",
    "有限公司",
)
typed = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), max_size=8)
words = (
    st.lists(st.sampled_from(FRAGMENTS) | typed, min_size=1, max_size=4)
    # What is received is stripped before it is stored.
    .map(lambda parts: "".join(parts)[:90].strip())
    .filter(bool)
)


def ready(page, *, drawn=False):
    """Wait until the frame has drawn the grids, or the firms."""
    wait_for(page, f"() => document.documentElement.dataset.{'drawn' if drawn else 'ready'}")
    return page.frames[1]


def on_screen(page, frame, lon, lat):
    """Where a place of the map is on the screen."""
    box = page.locator("#map-frame").bounding_box()
    x, y = frame.evaluate(
        """([lat, lon]) => { const name = Object.keys(window).find((one) => one.startsWith('map_'));
        const at = (window[name] || map_0).latLngToContainerPoint([lat, lon]);
        return [at.x, at.y]; }""",
        [lat, lon],
    )
    return box["x"] + x, box["y"] + y


def place_of(site, name):
    with site.database.session() as session:
        row = session.scalar(select(Enterprise).where(Enterprise.name == name))
        return row.id, row.lon, row.lat, row.grid_id


@pytest.fixture
def rename(sqlite_site):
    """Give a firm, its grid and its township one received text."""

    def do(text):
        with sqlite_site.database.transaction() as session:
            key = sqlite_site.firms["甲贸易有限公司"]
            session.execute(update(Enterprise).where(Enterprise.id == key).values(name=text))
            session.execute(
                update(Grid).where(Grid.district_id == 1).values(name=text, township=text)
            )
        return key

    return do


@settings(
    max_examples=10,
    deadline=None,
    # Each example opens a browser's page: what fails is reported as it is.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=words)
def test_no_received_text_runs_in_any_place_where_the_map_shows_it(
    chromium, sqlite_site, address, rename, text
):
    site = sqlite_site
    key = rename(text)
    shown = " ".join(text.split())
    with opened(chromium, site, address, "district") as watched:
        page = watched.page
        page.set_default_timeout(30_000)
        query = {"find": text, "firm": str(key), "grid": str(site.grids["G1"]), "township": text}
        page.goto(address + "/map")
        # The address bar takes what a link would: everything encoded.
        search = page.evaluate("(query) => new URLSearchParams(query).toString()", query)
        page.goto(f"{address}/map?{search}")
        frame = ready(page)
        assert " ".join(page.locator("#firm h2").text_content().split()) == shown
        names = page.locator("#grids tbody td:first-child").all_text_contents()
        assert {" ".join(name.replace("数少", "").split()) for name in names} == {shown}
        assert page.input_value("#find") == text.strip()
        frame.evaluate(
            """() => map_0.eachLayer((one) => {
                if (one.getTooltip && one.getTooltip()) { one.openTooltip(); } })"""
        )
        tips = frame.locator(".leaflet-tooltip strong").all_text_contents()
        assert {" ".join(tip.split()) for tip in tips} == {shown}
        with page.expect_download() as saved:
            page.click("a.file")
        name = saved.value.suggested_filename
        assert re.fullmatch(r"[\w\u3400-\u9fff-]+\.html", name), name
        for one in page.frames:
            assert one.evaluate("() => typeof window.pwned") == "undefined"
        assert watched.faults == []


def test_a_saved_map_of_firms_opens_from_disk_and_runs_no_name(
    chromium, sqlite_site, address, rename, tmp_path
):
    text = "".join(FRAGMENTS[:9])[:300]
    rename(text)
    path = tmp_path / "saved.html"
    visitor = sqlite_site.visitor("district")
    path.write_bytes(visitor.get("/map/file?layer=firms&standing=all").data)
    context = chromium.new_context(offline=True)
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.append(request.url))
    page.goto(path.as_uri())
    faults.clear()
    page.evaluate(
        """() => map_0.eachLayer((one) => {
            if (one.getTooltip && one.getTooltip()) { one.openTooltip(); } })"""
    )
    assert text in page.locator(".leaflet-tooltip").all_text_contents()
    assert page.evaluate("() => typeof window.pwned") == "undefined"
    assert faults == []
    context.close()


def test_a_touched_grid_is_in_the_address_in_the_table_and_on_the_map(
    chromium, sqlite_site, address
):
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        page.goto(f"{address}/map?standing=all")
        frame = ready(page)
        page.mouse.click(*on_screen(page, frame, 115.009, 25.008))
        wait_for(page, "() => location.search.includes('grid=')")
        grid = str(sqlite_site.grids["G1"])
        assert f"grid={grid}" in page.url
        assert page.locator("#grids tr[aria-current]").get_attribute("data-grid") == grid
        assert frame.locator("path.chosen").count() == 1
        page.reload()
        assert ready(page).locator("path.chosen").count() == 1
        assert page.locator("#grids tr[aria-current]").get_attribute("data-grid") == grid
        assert watched.faults == []


def test_the_table_chooses_a_grid_by_keyboard_alone(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        page.goto(f"{address}/map?standing=all")
        frame = ready(page)
        for _ in range(80):
            page.keyboard.press("Tab")
            chosen = page.evaluate(
                "() => document.activeElement.matches('#grids a.show')"
                " && document.activeElement.dataset.grid"
            )
            if chosen:
                break
        page.keyboard.press("Enter")
        wait_for(page, "() => document.querySelector('#grids tr[aria-current]')")
        assert page.locator("#grids tr[aria-current]").get_attribute("data-grid") == chosen
        for _ in range(50):
            if frame.locator("path.chosen").count():
                break
            page.wait_for_timeout(40)
        assert frame.locator("path.chosen").count() == 1


def test_a_chosen_grid_is_looked_at_from_near(chromium, sqlite_site, address):
    key = sqlite_site.grids["G1"]
    zoom = "() => map_0.getZoom()"
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        page.goto(f"{address}/map?standing=all")
        frame = ready(page)
        whole = frame.evaluate(zoom)
        page.locator(f"#grids a.show[data-grid='{key}']").click()
        wait_for(page, "() => location.search.includes('at=')")
        assert frame.evaluate(zoom) > whole
        page.goto(f"{address}/map?standing=all&grid={key}")
        frame = ready(page)
        assert frame.evaluate(zoom) > whole
        assert watched.faults == []


def test_closer_in_hexagons_appear_then_firms_and_the_address_says_where(
    chromium, sqlite_site, address
):
    _, lon, lat, _ = place_of(sqlite_site, "子机械厂")
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        # A district of two grids fits at a high zoom: hexagons and firms come later than that.
        page.goto(f"{address}/map?standing=all")
        frame = ready(page)
        asked = [
            r
            for r in page.evaluate(
                "() => performance.getEntriesByType('resource').map(r => r.name)"
            )
            if "/map/firms" in r
        ]
        assert asked == []
        zoom = frame.evaluate("() => map_0.getZoom()")
        page.goto(f"{address}/map?standing=all&at={lat:.5f},{lon:.5f},{zoom + 1}")
        frame = ready(page, drawn=True)
        assert frame.evaluate("() => document.body.classList.contains('at-cells')")
        assert frame.locator(".group.cells").is_visible()
        page.goto(f"{address}/map?standing=all&at={lat:.5f},{lon:.5f},18")
        frame = ready(page, drawn=True)
        assert frame.evaluate("() => document.body.classList.contains('at-firms')")
        assert frame.locator(".group.firms").is_visible()
        page.mouse.click(*on_screen(page, frame, lon, lat))
        wait_for(page, "() => location.search.includes('firm=')")
        wait_for(page, "() => !document.getElementById('firm').hidden")
        assert page.locator("#firm h2").text_content() in {"子机械厂", "丑机械厂"}
        assert frame.locator("path.chosen").count() == 1
        page.keyboard.press("Escape")
        assert re.search(r"at=25\.\d+%2C115\.\d+%2C18", page.url)
        assert watched.faults == []


def test_another_township_is_shown_whole_and_another_layer_where_one_looked(
    chromium, sqlite_site, address
):
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        page.goto(f"{address}/map?standing=all&at=25.00500,115.00500,15&grid=1")
        ready(page)
        with page.expect_navigation():
            page.select_option("select[name=layer]", "overdue")
        assert re.search(r"at=25\.00\d*%2C115\.00\d*%2C15", page.url)
        assert "grid=1" in page.url
        ready(page)
        with page.expect_navigation():
            page.select_option("select[name=township]", "东风镇")
        assert "at=" not in page.url
        assert "layer=overdue" in page.url


def test_the_map_never_writes_a_name_into_the_frame(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        page.goto(f"{address}/map?layer=firms&standing=all")
        frame = ready(page, drawn=True)
        assert "机械厂" not in frame.content()
        assert watched.faults == []


@pytest.mark.parametrize(
    "path", ["/map", "/map?layer=firms&standing=all", "/map?layer=need&view=hot"]
)
def test_the_maps_own_page_keeps_the_rules_of_accessibility(chromium, sqlite_site, address, path):
    from axe_playwright_python.sync_playwright import Axe

    with opened(chromium, sqlite_site, address, "district") as watched:
        watched.page.goto(address + path)
        frame = ready(watched.page)
        result = Axe().run(frame, options={"resultTypes": ["violations"], "preload": False})
        assert result.violations_count == 0, result.generate_snapshot()
        assert watched.faults == []


def test_the_slider_chooses_a_month_and_says_which(chromium, sqlite_site, address):
    from outreach.services.desk.grid_months import refresh_all_months
    from outreach.storage.visits import Visit

    site = sqlite_site
    fields = {
        "uuid": "0" * 32,
        "enterprise_id": site.stops[site.days[1]][0],
        "result": "met_head",
    }
    assert site.visitor("worker").post("/visits", **fields).status_code == 303
    with site.database.transaction() as session:
        session.execute(update(Visit).values(visited_on=site.days[0].replace(month=9)))
        refresh_all_months(session, now=site.clock())
    with opened(chromium, site, address, "district") as watched:
        page = watched.page
        page.goto(f"{address}/map?layer=effort&standing=all")
        slider = page.locator("#months")
        assert slider.is_visible()
        assert slider.get_attribute("aria-valuetext") == "现在"
        slider.focus()
        with page.expect_navigation():
            page.keyboard.press("Home")
            page.keyboard.press("Tab")
        assert "month=2026-09" in page.url
        assert page.locator("#months").get_attribute("aria-valuetext") == "2026年9月"
        assert "2026年9月" in page.locator("h1").inner_text()
        assert watched.faults == []


def test_the_table_says_the_numbers_that_the_map_shows(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "district") as watched:
        page = watched.page
        page.goto(f"{address}/map?standing=all")
        frame = ready(page)
        frame.evaluate(
            """() => map_0.eachLayer((one) => {
                if (one.getTooltip && one.getTooltip()) { one.openTooltip(); } })"""
        )
        tips = frame.locator(".leaflet-tooltip").all_inner_texts()
        for row in page.locator("#grids tbody tr").all():
            cells = row.locator("td").all_inner_texts()
            name, covered, due = cells[0].replace("数少", "").strip(), cells[1], cells[2]
            (tip,) = [one for one in tips if one.startswith(name)]
            assert f"{due} 家中 30 天内走访过 {covered} 家" in tip


class Tiles(ThreadingHTTPServer):
    """A tile server of the office's own network."""

    def __init__(self):
        self.asked = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(
                    (self.path, self.headers.get("Referer"), self.headers.get("Cookie"))
                )
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def template(self):
        return f"http://127.0.0.1:{self.server_address[1]}/{{z}}/{{x}}/{{y}}.png"


def test_the_offices_own_file_of_tiles_lies_below_the_map(chromium, sqlite_site, tmp_path):
    import base64

    from waitress.server import create_server

    picture = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    # A file of one picture for all tiles: header, one directory entry with a long run, the picture.
    run = bytes([0x80, 0x80, 0x80, 0x20])
    root = bytes([1, 0]) + run + bytes([len(picture), 1])
    places = struct.pack("<8Q", 127, len(root), 0, 0, 127, 0, 127 + len(root), len(picture))
    header = (b"PMTiles\x03" + places).ljust(97, b"\0") + bytes([1, 1, 2])
    (tmp_path / "roads.pmtiles").write_bytes(header.ljust(127, b"\0") + root + picture)
    rule = {"instance": str(tmp_path), "base_map": {"pmtiles": "roads.pmtiles"}}
    site = Site(sqlite_site.database, make_settings(rule))
    server = create_server(site.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.effective_port}"
    try:
        with opened(chromium, site, address, "district") as watched:
            watched.page.goto(f"{address}/map?at=25.005,115.005,11")
            frame = ready(watched.page)
            loaded = "() => [...document.images].filter((one) => one.naturalWidth).length"
            for _ in range(100):
                if frame.evaluate(loaded):
                    break
                watched.page.wait_for_timeout(40)
            assert frame.evaluate(loaded) > 0
            assert watched.faults == []
    finally:
        server.close()
        thread.join(timeout=5)
        for file in site.app.extensions.get("outreach.tile_files", {}).values():
            file.close()


def test_a_configured_tile_server_is_asked_for_pictures_and_nobody_else(
    chromium, sqlite_site, tmp_path
):
    from waitress.server import create_server

    tiles = Tiles()
    rule = {"instance": str(tmp_path), "base_map": {"tiles": tiles.template}}
    site = Site(sqlite_site.database, make_settings(rule))
    server = create_server(site.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.effective_port}"
    try:
        with opened(chromium, site, address, "district") as watched:
            watched.page.goto(f"{address}/map")
            frame = ready(watched.page)
            foreign = [fault for fault in watched.faults if fault.startswith("request ")]
            assert foreign
            assert all(fault.startswith(f"request {tiles.template[:22]}") for fault in foreign)
            blocked = frame.evaluate(
                """() => new Promise((done) => { const one = new Image();
                one.onload = () => done('loaded'); one.onerror = () => done('blocked');
                one.src = 'http://127.0.0.1:1/elsewhere.png'; })"""
            )
            assert blocked == "blocked"
            assert any("Content Security Policy" in fault for fault in watched.faults)
        assert all(path.count("/") == 3 for path, _, _ in tiles.asked)
        assert {(referer, cookie) for _, referer, cookie in tiles.asked} == {(None, None)}
    finally:
        server.close()
        thread.join(timeout=5)
        tiles.shutdown()
        tiles.server_close()

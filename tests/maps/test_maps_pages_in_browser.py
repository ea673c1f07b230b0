"""Map pages in a real browser, opened from disk without any network."""

from __future__ import annotations

import pytest
from made_up_grids import (
    CHOROPLETH_TEXTS,
    DAY,
    FIRM_TEXTS,
    HEAT_TEXTS,
    HOSTILE,
    SOUTH,
    STEP,
    WEST,
    WORDS,
    firms,
    grids,
    hostile_texts,
    points,
    square,
)

from maps.assets import Assets
from maps.canvas import Canvas
from maps.choropleth import choropleth_map
from maps.firms import firm_map
from maps.heat import heat_map
from maps.layers import Area, AreaLayer, AreaStyle, RouteLayer
from maps.safe_text import safe_text

pytestmark = pytest.mark.browser

INLINE = Assets.inline()
NAMES = [HOSTILE[at % len(HOSTILE)] for at in range(12)]


def coverage(texts=CHOROPLETH_TEXTS, **columns) -> str:
    return choropleth_map(grids(**columns), texts=texts, as_of=DAY, assets=INLINE, selected="006")


def heat(texts=HEAT_TEXTS, **columns) -> str:
    return heat_map(points(), grids(**columns), texts=texts, as_of=DAY, assets=INLINE)


def desk(texts=FIRM_TEXTS, **columns) -> str:
    frame = firms(columns.get("name", ["甲公司", "乙公司"]))
    return firm_map(frame, grids(**columns), texts=texts, as_of=DAY, assets=INLINE)


PAGES = {
    "coverage": (coverage, CHOROPLETH_TEXTS),
    "heat": (heat, HEAT_TEXTS),
    "desk": (desk, FIRM_TEXTS),
}
SIZES = [(1440, 900), (360, 780)]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_opens_without_a_request_or_an_error_and_shows_all_of_the_district(
    open_page, name: str, width: int, height: int
) -> None:
    opened = open_page(PAGES[name][0](), width, height)
    page = opened.page
    legend = page.locator(".legend").bounding_box()
    assert page.locator(".legend .credit").inner_text() == WORDS.credit
    assert page.locator(".legend .as-of").is_visible()
    assert legend["width"] <= width
    assert legend["height"] <= height * 0.47 or width > 640
    corners = page.evaluate(
        """([south, west, north, east]) => [[north, west], [south, east]].map(
            (at) => map_0.latLngToContainerPoint(at)).map((at) => [at.x, at.y])""",
        [SOUTH, WEST, SOUTH + 3 * STEP, WEST + 4 * STEP],
    )
    room = page.locator(".leaflet-container").bounding_box()
    assert corners[0][0] >= 0
    assert corners[0][1] >= 0
    assert corners[1][0] <= room["width"]
    assert corners[1][1] <= room["height"]
    assert max(corners[1][0] - corners[0][0], corners[1][1] - corners[0][1]) > 200
    assert (opened.requests, opened.errors) == ([], [])


@pytest.mark.parametrize("name", list(PAGES))
def test_hostile_words_are_shown_as_typed_and_run_nowhere(open_page, name: str) -> None:
    make, texts = PAGES[name]
    opened = open_page(make(hostile_texts(texts), name=NAMES, township=NAMES))
    page = opened.page
    shown = page.locator(".legend h1").inner_text()
    assert shown == hostile_texts(texts).title
    seen = set()
    if name == "desk":
        page.evaluate(
            "map_0.eachLayer((layer) => { if (layer.getTooltip()) { layer.openTooltip(); } })"
        )
        seen = set(page.locator(".leaflet-tooltip").all_inner_texts())
    else:
        page.evaluate(
            """map_0.eachLayer((layer) => {
                if (layer.feature && layer.getTooltip()) { layer.openTooltip(); }
            })"""
        )
        seen = set(page.locator(".leaflet-tooltip strong").all_inner_texts())
    assert seen == set(HOSTILE)
    places = page.locator(".place:not(.small)").evaluate_all(
        "all => all.map((one) => one.textContent)"
    )
    assert set(places) == set(HOSTILE)
    page.wait_for_timeout(100)
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert page.locator("img, svg[onload], link, script[src]").count() == (
        1 if name == "heat" else 0
    )
    assert (opened.requests, opened.errors) == ([], [])


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_names_on_the_map_do_not_touch_each_other(open_page, width: int, height: int) -> None:
    page = open_page(coverage(), width, height).page
    boxes = page.locator(".place").evaluate_all(
        """all => all.filter((one) => getComputedStyle(one).visibility === "visible").map((one) => {
            const box = one.getBoundingClientRect();
            return [box.left, box.top, box.right, box.bottom];
        })"""
    )
    assert len(boxes) >= 3
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = (
                one[2] <= other[0] or one[0] >= other[2] or one[3] <= other[1] or one[1] >= other[3]
            )
            assert apart


def test_every_township_is_named_though_names_crowd_each_other(open_page) -> None:
    towns = [f"东风镇第{at + 1}经济技术开发区" for at in range(12)]
    page = open_page(coverage(township=towns), 640, 900).page
    seen = page.locator(".place:not(.small)").evaluate_all(
        """all => all.filter((one) => getComputedStyle(one).visibility === "visible").map((one) =>
            one.textContent)"""
    )
    assert sorted(seen) == sorted(towns)


def test_the_district_reaches_nearly_from_edge_to_edge(open_page) -> None:
    for width, height in ((1440, 900), (1200, 700), (1310, 640)):
        page = open_page(coverage(), width, height).page
        room, across, down = page.evaluate(
            """([south, west, north, east]) => {
                const size = map_0.getSize();
                const [a, b] = [[north, west], [south, east]].map(
                    (at) => map_0.latLngToContainerPoint(at));
                return [[size.x - 112, size.y - 16], b.x - a.x, b.y - a.y]; }""",
            [SOUTH, WEST, SOUTH + 3 * STEP, WEST + 4 * STEP],
        )
        assert max(across / room[0], down / room[1]) > 0.97


def test_labels_that_no_longer_fit_go_away_and_the_button_brings_all_back(open_page) -> None:
    opened = open_page(coverage(), 360, 780)
    page = opened.page
    count = (
        "[...document.querySelectorAll('.place.small')]"
        ".filter((one) => getComputedStyle(one).visibility === 'visible' && one.textContent).length"
    )
    first, zoom = page.evaluate(count), page.evaluate("map_0.getZoom()")
    page.evaluate("map_0.setZoom(map_0.getZoom() - 2, {animate: false})")
    assert page.evaluate(count) == 0 < first
    page.get_by_role("button", name=WORDS.whole).click()
    assert page.evaluate("map_0.getZoom()") == zoom
    assert page.evaluate(count) == first
    assert opened.errors == []


def test_buttons_and_scale_speak_the_readers_language(open_page) -> None:
    page = open_page(coverage()).page
    assert page.get_by_role("button", name=WORDS.zoom_in).is_visible()
    assert page.get_by_role("button", name=WORDS.zoom_out).is_visible()
    assert page.get_by_role("region", name=CHOROPLETH_TEXTS.title).is_visible()
    scale = page.locator(".leaflet-control-scale-line").inner_text()
    assert scale.endswith((f" {WORDS.metre}", f" {WORDS.kilometre}"))
    assert page.locator(".north").inner_text() == WORDS.north
    assert page.locator(".leaflet-control-attribution").count() == 0


def test_the_scale_is_right(open_page) -> None:
    page = open_page(coverage()).page
    line = page.locator(".leaflet-control-scale-line")
    number, unit = line.inner_text().split()
    metres = float(number) * (1000 if unit == WORDS.kilometre else 1)
    width = line.evaluate("one => one.offsetWidth")
    measured = page.evaluate(
        """(width) => { const y = map_0.getSize().y;
            const [a, b] = [[0, y], [width, y]].map((at) => map_0.containerPointToLatLng(at));
            return map_0.distance(a, b); }""",
        width,
    )
    assert metres == pytest.approx(measured, rel=0.05)


def test_a_window_that_changes_shows_all_of_the_district_again(open_page) -> None:
    page = open_page(coverage()).page
    before = page.evaluate("map_0.getZoom()")
    page.set_viewport_size({"width": 500, "height": 500})
    page.wait_for_function("(zoom) => map_0.getZoom() < zoom", arg=before)


def test_a_touched_grid_tells_its_counts(open_page) -> None:
    opened = open_page(coverage())
    page = opened.page
    at = page.evaluate(
        "([lat, lon]) => { const at = map_0.latLngToContainerPoint([lat, lon]);"
        " const box = map_0.getContainer().getBoundingClientRect();"
        " return [box.left + at.x, box.top + at.y]; }",
        [SOUTH + 1.25 * STEP, WEST + 3.25 * STEP],
    )
    page.mouse.move(*at)
    words = page.locator(".leaflet-tooltip").inner_text().split("\n")
    assert words == ["第8网格", "河口镇", "已走访 5/10 家"]


def test_a_route_shows_its_stops_in_order(open_page) -> None:
    canvas = Canvas(
        words=WORDS, title="路线", bounds=(WEST, SOUTH, WEST + STEP, SOUTH + STEP), assets=INLINE
    )
    stops = tuple((WEST + STEP * at / 4, SOUTH + STEP * (at % 2)) for at in range(4))
    area = Area(geometry=square(0, 0), style=AreaStyle(fill="#eef2f7"))
    canvas.draw(AreaLayer(areas=(area,)))
    canvas.draw(RouteLayer(way=stops, stops=stops))
    opened = open_page(canvas.render(safe_text("图例")))
    assert opened.page.locator(".stop").all_inner_texts() == ["1", "2", "3", "4"]
    places = [one.bounding_box()["x"] for one in opened.page.locator(".stop").all()]
    assert places == sorted(places)
    line = opened.page.locator(".route-line")
    assert line.evaluate("one => getComputedStyle(one).stroke") == "rgb(179, 0, 27)"
    # Above the areas, which are opaque.
    depth = "one => Number(getComputedStyle(one.closest('.leaflet-pane')).zIndex)"
    assert line.evaluate(depth) > opened.page.locator(".leaflet-overlay-pane path").evaluate(depth)
    assert (opened.requests, opened.errors) == ([], [])


def test_the_policy_stops_what_a_mistake_would_let_through(open_page) -> None:
    broken = coverage().replace(
        "</aside>",
        '<img src="https://elsewhere.example/x.png" onerror="window.pwned=1">'
        "<script>window.pwned=1</script></aside>",
    )
    opened = open_page(broken)
    opened.page.wait_for_timeout(100)
    assert opened.page.evaluate("typeof window.pwned") == "undefined"
    assert opened.errors


def test_chinese_is_drawn_with_a_font_that_has_it(open_page) -> None:
    page = open_page(coverage()).page
    # A missing glyph is a box: then two different characters would be the same picture.
    different = page.evaluate(
        """() => {
            const font = getComputedStyle(document.querySelector(".legend h1")).font;
            const picture = (text) => {
                const canvas = document.createElement("canvas");
                canvas.width = canvas.height = 40;
                const context = canvas.getContext("2d");
                context.font = font;
                context.fillText(text, 4, 28);
                return context.getImageData(0, 0, 40, 40).data.join();
            };
            return new Set(["走", "访", "网", "\\uffff"].map(picture)).size;
        }"""
    )
    assert different == 4

"""The map page at the server: the same numbers in the table, in the frame and in the lists."""

from __future__ import annotations

import gzip
import re
import struct
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import update

from outreach.domain.grid_figures import MapLayer
from outreach.settings import make_settings
from outreach.storage.database import Database
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid
from outreach.storage.visits import Visit
from outreach.typography import typeset
from outreach.web.base_maps import frame_policy, make_base_map
from outreach.web.map_links import file_name
from outreach.web.security import FRAME_POLICY

LINKED = re.compile(r'<td class="count"><a href="([^"]+)">([\d,]+)</a>')


def numbers(page):
    """Every linked number of the table with its address."""
    return [
        (link.replace("&amp;", "&"), int(n.replace(",", ""))) for link, n in LINKED.findall(page)
    ]


def plain(page):
    """A page without its marks."""
    return re.sub(r"<[^>]+>", "", page)


def heading(page):
    """The headline above the map, and each of its numbers with its address."""
    block = re.search(r'<p class="total">(.*?)</p>', page)[1]
    found = re.findall(r'<a href="([^"]+)">([\d,]+)</a>', block)
    return plain(block), [
        (link.replace("&amp;", "&"), int(n.replace(",", ""))) for link, n in found
    ]


def listed(visitor, address):
    """How many lines the list at an address says that it has."""
    text = visitor.get(address).text
    found = re.search(r"共\s*([\d,]+)\s*(?:条|家)", text) or re.search(r">([\d,]+) 条", text)
    return int(found[1].replace(",", "")) if found else 0


def visit_a_stop(site):
    worker, stop = site.visitor("worker"), site.stops[site.days[1]][0]
    fields = {"uuid": "0" * 32, "enterprise_id": stop, "result": "met_head"}
    assert worker.post("/visits", **fields).status_code == 303
    return stop


def test_the_numbers_beside_the_map_add_up_and_are_those_of_the_map(site):
    district = site.visitor("district")
    page = district.get("/map").text
    due = [number for address, number in numbers(page) if "visited" not in address]
    # The last line of the table is one firm that no grid holds.
    assert due == [11, 2, 1]
    said = typeset("应走访的企业 14 家中 30 天内走访过 0 家,0%")
    assert said in plain(page)
    frame = district.get("/map/frame").text
    assert typeset("全区:") + said in frame
    assert typeset("其中 1 家没有位置,不在图上") in frame
    assert 'src="/map/frame?#"' in page
    assert 'sandbox="allow-scripts"' in page
    assert "allow-same-origin" not in page


@pytest.mark.parametrize("layer", list(MapLayer))
@pytest.mark.parametrize("standing", ["target", "all"])
def test_each_number_is_the_length_of_the_list_behind_it(sqlite_site, layer, standing):
    visit_a_stop(sqlite_site)
    district = sqlite_site.visitor("district")
    found = numbers(district.get(f"/map?layer={layer}&standing={standing}").text)
    assert found
    for address, number in found:
        if layer is MapLayer.LEFT_EMPLOYEES and "standing=target" in address:
            continue  # people are counted, firms are listed
        assert listed(district, address) == number, address


@pytest.mark.parametrize("layer", list(MapLayer))
@pytest.mark.parametrize("place", ["", "&township=东风镇"])
@pytest.mark.parametrize("view", ["areas", "density"])
def test_each_number_of_the_headline_is_the_length_of_the_list_behind_it(
    sqlite_site, layer, place, view
):
    visit_a_stop(sqlite_site)
    district = sqlite_site.visitor("district")
    _, found = heading(district.get(f"/map?layer={layer}&view={view}{place}").text)
    assert len(found) == (1 if layer is MapLayer.FIRMS else 2)
    for address, number in found:
        if layer is MapLayer.LEFT_EMPLOYEES and number > 100:
            continue  # people are counted, firms are listed
        assert listed(district, address) == number, address


@pytest.mark.parametrize("place", ["", "?township=东风镇"])
def test_the_map_that_the_dashboard_opens_says_the_dashboards_figure(site, place):
    visit_a_stop(site)
    district = site.visitor("district")
    board = district.get(f"/dashboard{place}").text
    shown = [n for link, n in re.findall(r'<a href="([^"]+)">(\d+)</a>', board) if "due=1" in link]
    opened = re.search(r'<a href="(/map[^"]*)">看地图', board)[1].replace("&amp;", "&")
    said, found = heading(district.get(opened).text)
    assert [number for _, number in found] == [int(shown[1]), int(shown[0])]
    assert "30 天内走访过" in said


def test_the_gap_can_be_made_again_from_the_layers_of_effort_and_need(site):
    visit_a_stop(site)
    with site.database.transaction() as session:
        session.execute(
            update(Enterprise)
            .where(Enterprise.id == site.stops[site.days[1]][1])
            .values(standing="near_miss")
        )
    district = site.visitor("district")
    # As one comes from the dashboard: the word for all kinds is carried from layer to layer.
    _, effort = heading(district.get("/map?layer=effort").text)
    _, need = heading(district.get("/map?layer=need&standing=all").text)
    _, gap = heading(district.get("/map?layer=gap&standing=all").text)
    whole, part = gap[0], gap[1]
    assert part[1] == effort[1][1] == 1
    assert whole[1] == effort[0][1] == need[1][1] == 13
    assert listed(district, part[0]) == 1
    rows = re.findall(r"<tr data-grid.*?</tr>", district.get("/map?layer=gap").text, re.S)
    for row in rows:
        visits, targets = (n for _, n in numbers(row)[:2])
        times = re.search(r'<td class="count">([\d.]+)×</td>', row)
        assert float(times[1]) == pytest.approx((visits / targets) / (1 / 13), abs=0.006)


@pytest.mark.parametrize("view", ["density", "hot"])
def test_a_map_of_places_has_its_own_headline_and_column(sqlite_site, view):
    visit_a_stop(sqlite_site)
    page = sqlite_site.visitor("district").get(f"/map?view={view}").text
    said, found = heading(page)
    assert typeset("14 家中 30 天内没有走访 13 家") in said
    assert "visited=uncovered" in found[1][0]
    assert "和图上同样的数" not in page
    assert "“30 天内没有走访”这一列" in page
    assert [n for link, n in numbers(page) if "uncovered" in link] == [10, 2, 1]


def test_another_layer_asks_about_its_own_firms_unless_others_were_chosen(sqlite_site):
    district = sqlite_site.visitor("district")
    page = district.get("/map?standing=all").text
    assert '<option value="" selected>以上三类</option>' in page
    assert typeset("重点对象 14 家") in heading(district.get("/map?layer=effort&standing=").text)[0]
    page = district.get("/map?layer=effort&standing=all").text
    assert '<option value="all" selected>以上三类</option>' in page
    assert '<option value="">重点对象</option>' in page


def test_the_filters_of_the_map_are_in_the_address_and_in_the_frame(sqlite_site):
    address = "/map?layer=left&view=density&bandwidth=2000&standing=all&at=25.1,115.2,12&grid=2"
    page = sqlite_site.visitor("district").get(address).text
    frame = re.search(r'src="(/map/frame[^"]*)"', page)[1].replace("&amp;", "&")
    assert parse_qs(urlsplit(frame).query) == {
        "layer": ["left"],
        "view": ["density"],
        "bandwidth": ["2000"],
        "standing": ["all"],
    }
    assert parse_qs(urlsplit(frame).fragment) == {"at": ["25.1,115.2,12"], "grid": ["2"]}
    assert '<option value="2000" selected>' in page
    assert '<tr data-grid="2" aria-current="true">' in page


@pytest.mark.parametrize("at", ["1,2", "x,y,z", "91.1234567,1,1", "1,2,3;alert(1)", "1,2,3#x"])
def test_a_place_that_is_not_three_numbers_is_not_handed_on(sqlite_site, at):
    page = sqlite_site.visitor("district").get("/map", query_string={"at": at}).text
    assert 'src="/map/frame?#"' in page


@pytest.mark.parametrize(("month", "status"), [("2026-13", 422), ("x", 422), ("2026-01", 404)])
def test_a_month_that_cannot_be_shown_is_refused(sqlite_site, month, status):
    assert sqlite_site.visitor("district").get(f"/map?month={month}").status_code == status


def test_a_past_month_is_chosen_in_the_address_and_lists_its_visits(site):
    from outreach.services.desk.grid_months import refresh_all_months

    visit_a_stop(site)
    with site.database.transaction() as session:
        session.execute(update(Visit).values(visited_on=site.days[0].replace(month=9)))
        refresh_all_months(session, now=site.clock())
    district = site.visitor("district")
    page = district.get("/map?layer=effort&month=2026-09&standing=all").text
    assert '<option value="2026-09" selected>' in page
    found = numbers(page)
    assert sum(number for _, number in found) == 1
    assert {"month=2026-09" in address for address, _ in found} == {True}
    assert [listed(district, address) for address, number in found if number] == [1]
    assert typeset("企业名单按") in page


def test_a_visit_changes_the_map_that_was_kept(site):
    district = site.visitor("district")
    before = district.get("/map/frame").text
    assert district.get("/map/frame").text == before
    visit_a_stop(site)
    assert "30 天内走访过 1 家" in district.get("/map/frame").text
    assert "14 家中 30 天内走访过 1 家" in plain(district.get("/map").text)


@pytest.mark.parametrize("column", ["name", "township"])
def test_a_renamed_grid_is_drawn_with_its_new_name(site, column):
    district = site.visitor("district")
    before = district.get("/map/frame").text
    with site.database.transaction() as session:
        session.execute(update(Grid).where(Grid.id == site.grids["G1"]).values({column: "新名字"}))
    assert district.get("/map/frame").text != before


def test_a_kept_map_is_drawn_once(sqlite_site, monkeypatch):
    drawn = []
    from outreach.web import map_frames

    real = map_frames.draw_map
    monkeypatch.setattr(
        map_frames,
        "draw_map",
        lambda *a, **k: drawn.append(k["drawing"].language) or real(*a, **k),
    )
    district = sqlite_site.visitor("district")
    for _ in range(3):
        district.get("/map/frame?layer=firms")
    district.client.set_cookie("lang", "en")
    district.get("/map/frame?layer=firms")
    sqlite_site.visitor("district-away").get("/map/frame?layer=firms")
    assert drawn == ["zh", "en", "zh"]


def test_the_firms_arrive_without_names_and_are_not_sent_twice(site):
    district = site.visitor("district")
    answer = district.get("/map/firms?standing=all")
    block = gzip.decompress(answer.data)
    assert struct.unpack_from("<I", block) == (13,)
    assert len(block) == 4 + 16 * 13
    assert "private" in answer.headers["Cache-Control"]
    tag = answer.headers["ETag"]
    again = district.get("/map/firms?standing=all", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    with site.database.transaction() as session:
        session.execute(
            update(Enterprise).where(Enterprise.standing == "target").values(grid_id=None)
        )
    changed = district.get("/map/firms?standing=all", headers={"If-None-Match": tag})
    assert changed.status_code == 200


def test_a_firm_is_found_on_the_map_and_told_in_words(sqlite_site):
    district = sqlite_site.visitor("district")
    key = sqlite_site.firms["子机械厂"]
    page = district.get("/map?find=机械厂").text
    assert f"firm={key}" in page
    said = district.get(f"/map/firms/{key}").json
    assert said["name"] == "子机械厂"
    assert said["address"] == f"/enterprises/{key}"
    assert said["facts"][0] == "重点对象"
    assert "没有找到" in district.get("/map?find=nothing").text
    assert "子机械厂" in district.get(f"/map?firm={key}").text


HOSTILE_TOWNS = (
    '"; filename="x.exe',
    "..\\..\\x",
    "../../etc/passwd",
    "a\r\nSet-Cookie: x=1",
    "<script>",
    "\u202egpj",
)


@pytest.mark.parametrize("town", HOSTILE_TOWNS)
def test_a_township_cannot_choose_the_name_of_a_saved_map(sqlite_site, town):
    with sqlite_site.database.transaction() as session:
        session.execute(update(Grid).values(township=town))
    answer = sqlite_site.visitor("district").get("/map/file", query_string={"township": town})
    assert answer.status_code == 200
    said = answer.headers["Content-Disposition"]
    assert "Set-Cookie" not in answer.headers or "x=1" not in answer.headers["Set-Cookie"]
    for bad in ("/", "\\", "<", ".exe", "..", "\r", "\n", "%2F", "%E2%80%AE"):
        assert bad not in said.replace("attachment", "")
    assert "<script>" not in answer.text.replace('<script>"use strict"', "", 1).split("</style>")[0]


def test_the_name_of_a_saved_map_says_what_it_is():
    from datetime import date

    assert (
        file_name("走访覆盖率", "东风镇", date(2026, 11, 21)) == "走访覆盖率-东风镇-2026-11-21.html"
    )


def base(**rule):
    return make_base_map(make_settings({"base_map": rule}).base_map)


def test_the_first_configured_base_map_of_the_chain_is_used():
    everything = {
        "tianditu_key": "a1b2c3d4e5f6",
        "tiles": "http://tiles.intranet:8080/{z}/{x}/{y}.png",
        "pmtiles": "roads.pmtiles",
    }
    assert "tianditu" in base(**everything).template
    assert base(**{**everything, "tianditu_key": ""}).hosts == ("http://tiles.intranet:8080",)
    assert base(pmtiles="roads.pmtiles").hosts == ("'self'",)
    assert base() is None


def test_the_policy_of_the_frame_is_widened_by_the_configured_host_alone(sqlite_site, tmp_path):
    assert frame_policy(FRAME_POLICY, None) == FRAME_POLICY
    widened = frame_policy(FRAME_POLICY, base(tiles="https://tiles.intranet/{z}/{x}/{y}"))
    assert widened.replace(" https://tiles.intranet", "") == FRAME_POLICY
    frame = sqlite_site.visitor("district").get("/map/frame")
    assert frame.headers["Content-Security-Policy"] == FRAME_POLICY
    assert "://" not in frame.text


@pytest.mark.parametrize(
    "rule",
    [
        {"tianditu_key": "x y; script-src *"},
        {"tiles": "https://a.example/{z}/{x}"},
        {"tiles": "https://a.example; img-src */{z}/{x}/{y}"},
        {"tiles": "//a.example/{z}/{x}/{y}"},
        {"pmtiles": "../../etc/passwd"},
    ],
)
def test_a_base_map_that_could_widen_more_is_refused(rule):
    with pytest.raises(Exception, match="base_map"):
        base(**rule)


def test_a_configured_tile_server_is_in_the_frame_and_its_policy(sqlite_site, tmp_path):
    from made_up_site import Site

    settings = make_settings(
        {
            "instance": str(tmp_path),
            "base_map": {"tiles": "http://tiles.intranet/{z}/{x}/{y}.png"},
        }
    )
    database = Database(str(sqlite_site.database.engine.url))
    site = Site(database, settings)
    frame = site.visitor("district").get("/map/frame")
    assert "img-src data: http://tiles.intranet;" in frame.headers["Content-Security-Policy"]
    assert "img-src data: http://tiles.intranet;" in frame.text
    assert "tiles.intranet/{z}/{x}/{y}.png" in frame.text
    database.close()

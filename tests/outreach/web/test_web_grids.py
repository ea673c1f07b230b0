from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import factories as f
import pytest
from sqlalchemy import select

from maps.datum import Datum
from outreach.services.enterprises.firm_grids import BEGINNING, grid_on
from outreach.services.grids.grids import import_grids
from outreach.storage.enterprises import Enterprise
from outreach.storage.grid_history import FirmGrid, GridChange, GridVersion
from outreach.storage.grids import Grid

TODAY = date(2026, 11, 24)
FIRM = "甲贸易有限公司"


def square(west, east, north=25.01, south=25.0):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def border_at(site, lon):
    """The border between the two grids moved to a longitude; 甲's road lies at 115.004."""
    return json.dumps({site.grids["G1"]: square(115.0, lon), site.grids["G2"]: square(lon, 115.02)})


def grid_of(site, name=FIRM):
    with site.database.session() as session:
        found = session.get_one(Enterprise, site.firms[name])
        return found.grid_id, found.unplaced_reason


def test_the_editor_shows_the_grids_and_that_nothing_overlaps(site):
    page = site.visitor("district").get("/grids").text
    assert "东风第1网格" in page
    assert "现在没有重叠" in page


def test_the_editor_gets_every_grid_with_its_firms_and_every_place_of_a_firm_once(site):
    with site.database.transaction() as session:
        district = session.get_one(Enterprise, site.firms[FIRM]).district_id
        placed = session.scalars(
            select(Enterprise).where(
                Enterprise.district_id == district,
                Enterprise.retired.is_(False),
                Enterprise.lon.is_not(None),
            )
        ).all()
        placed[0].lon, placed[0].lat = placed[1].lon, placed[1].lat
        session.flush()
        counts = [sum(firm.grid_id == site.grids[code] for firm in placed) for code in ("G1", "G2")]
        points = {(round(firm.lon, 5), round(firm.lat, 5)) for firm in placed}
        assert len(points) < len(placed)
    page = site.visitor("district").get("/grids").text
    picture = json.loads(re.search(r'id="picture">(.*?)</script>', page)[1])
    assert [one["told"].split()[0] for one in picture["grids"]] == [str(n) for n in counts]
    assert sorted(tuple(one) for one in picture["firms"]) == sorted(points)


def test_the_effect_is_shown_before_anything_changes(site):
    visitor = site.visitor("district")
    page = visitor.post("/grids/review", shapes=border_at(site, 115.003)).text
    assert "换网格的企业" in page
    assert "采用新边界" in page
    assert grid_of(site)[0] == site.grids["G1"]
    with site.database.session() as session:
        assert session.scalars(select(GridChange)).all() == []


def test_a_taken_edit_moves_the_firms_and_undoing_brings_them_back(site):
    visitor = site.visitor("district")
    assert visitor.post("/grids", shapes=border_at(site, 115.003)).status_code == 303
    assert grid_of(site) == (site.grids["G2"], None)
    page = visitor.get("/grids/changes").text
    assert "在地图上改" in page
    assert visitor.post("/grids/changes/1/undo").status_code == 303
    assert grid_of(site) == (site.grids["G1"], None)
    assert "撤销于" in visitor.get("/grids/changes").text
    assert visitor.post("/grids/changes/1/undo").status_code == 404
    [taken] = site.audit("edit_grids")
    assert taken.detail["moved"] > 0
    assert len(site.audit("undo_grids")) == 1


def test_a_firms_grid_on_a_day_is_known_for_good(site):
    visitor = site.visitor("district")
    visitor.post("/grids", shapes=border_at(site, 115.003))
    site.clock.moment = datetime(2026, 12, 1, 2, tzinfo=UTC)
    visitor = site.visitor("district")
    visitor.post("/grids", shapes=border_at(site, 115.006))
    firm = site.firms[FIRM]
    with site.database.session() as session:
        on = {day: grid_on(session, firm, day) for day in (date(2026, 11, 23), TODAY)}
        assert on == {date(2026, 11, 23): site.grids["G1"], TODAY: site.grids["G2"]}
        assert grid_on(session, firm, date(2026, 11, 30)) == site.grids["G2"]
        assert grid_on(session, firm, date(2026, 12, 1)) == site.grids["G1"]
        days = session.scalars(
            select(FirmGrid.since).where(FirmGrid.enterprise_id == firm).order_by(FirmGrid.since)
        ).all()
        assert days == [BEGINNING, TODAY, date(2026, 12, 1)]
    page = visitor.get(f"/grids/changes?firm={firm}").text
    assert page.count("甲贸易有限公司") == 2
    assert "2026-12-01" in page


def test_a_firm_that_never_moved_lies_where_it_lies_now(sqlite_site):
    with sqlite_site.database.session() as session:
        assert grid_on(session, sqlite_site.firms[FIRM], TODAY) == sqlite_site.grids["G1"]
        assert session.scalars(select(FirmGrid)).all() == []


def test_a_gap_is_shown_and_the_firms_in_it_say_that_they_lie_outside(site):
    visitor = site.visitor("district")
    shapes = json.dumps({site.grids["G1"]: square(115.0, 115.003)})
    page = visitor.post("/grids/review", shapes=shapes).text
    assert "家企业会落在网格外面" in page
    visitor.post("/grids", shapes=shapes)
    assert grid_of(site) == (None, "outside_grids")
    visitor.post("/grids/changes/1/undo")
    assert grid_of(site) == (site.grids["G1"], None)


def test_an_overlap_is_named_with_both_grids(sqlite_site):
    shapes = json.dumps({sqlite_site.grids["G1"]: square(115.0, 115.012)})
    page = sqlite_site.visitor("district").post("/grids/review", shapes=shapes).text
    assert "网格 G1、G2 重叠" in page


def test_a_new_grid_is_cut_out_of_those_that_it_covers(site):
    visitor = site.visitor("district")
    fields = {"code": "G3", "name": "东风第3网格", "township": "东风镇"}
    shapes = json.dumps({"new": square(115.003, 115.005, south=25.003, north=25.006)})
    page = visitor.post("/grids/review", shapes=shapes, **fields).text
    assert "没有重叠,也没有空隙".replace(",", "，") in page or "没有重叠" in page
    assert visitor.post("/grids", shapes=shapes, **fields).status_code == 303
    with site.database.session() as session:
        new = session.scalar(select(Grid).where(Grid.code == "G3"))
        versions = session.scalars(select(GridVersion).order_by(GridVersion.grid_id)).all()
        assert [one.before is None for one in versions] == [False, True]
    assert grid_of(site)[0] == new.id
    assert "不能整个撤销" in visitor.post("/grids/changes/1/undo").text


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "", "name": "新", "township": "东风镇"},
        {"code": "G1", "name": "新", "township": "东风镇"},
        {"code": "G" * 21, "name": "新", "township": "东风镇"},
        {"code": "G3", "name": "", "township": "东风镇"},
    ],
)
def test_a_new_grid_has_a_code_of_its_own_and_names(sqlite_site, fields):
    shapes = json.dumps({"new": square(115.003, 115.005)})
    answer = sqlite_site.visitor("district").post("/grids", shapes=shapes, **fields)
    assert answer.status_code == 422
    assert "115.003" in answer.text


BOW_TIE = [[[115.0, 25.0], [115.01, 25.01], [115.01, 25.0], [115.0, 25.01], [115.0, 25.0]]]


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "Polygon", "coordinates": BOW_TIE},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[200.0, 25.0], [201.0, 25.0], [200.0, 26.0]]]},
        {"type": "Polygon", "coordinates": [[["x", 25.0], [115.0, 25.0], [115.0, 26.0]]]},
        {"type": "Polygon", "coordinates": [[[115.0, 25.0], [115.0, 25.0], [115.0, 25.0]]]},
        {"type": "Point", "coordinates": [115.0, 25.0]},
        {"type": "GeometryCollection", "geometries": []},
        "x",
        None,
    ],
)
def test_a_shape_that_is_no_polygon_is_refused_and_names_the_grid(sqlite_site, shape):
    shapes = json.dumps({sqlite_site.grids["G1"]: shape})
    answer = sqlite_site.visitor("district").post("/grids", shapes=shapes)
    assert answer.status_code == 422
    assert "东风第1网格" in answer.text


@pytest.mark.parametrize("text", ["", "{", "[]", '{"x": 1}', "[" * 5000, '{"99999": {}}'])
def test_what_is_no_edit_is_refused(sqlite_site, text):
    answer = sqlite_site.visitor("district").post("/grids/review", shapes=text)
    assert answer.status_code == 422


def test_a_change_below_a_later_one_cannot_be_undone_first(sqlite_site):
    visitor = sqlite_site.visitor("district")
    visitor.post("/grids", shapes=border_at(sqlite_site, 115.003))
    visitor.post("/grids", shapes=border_at(sqlite_site, 115.006))
    answer = visitor.post("/grids/changes/1/undo")
    assert answer.status_code == 409
    assert "请先撤销后来的改动" in answer.text
    assert visitor.post("/grids/changes/2/undo").status_code == 303
    assert visitor.post("/grids/changes/1/undo").status_code == 303


def test_an_unchanged_border_is_no_edit(sqlite_site):
    answer = sqlite_site.visitor("district").post("/grids", shapes=border_at(sqlite_site, 115.01))
    assert answer.status_code == 422
    assert "边界没有改动" in answer.text


def test_an_imported_file_keeps_how_the_grids_had_looked(site, tmp_path):
    path = f.write_grids(tmp_path / "grids.geojson")
    path.write_text(path.read_text(encoding="utf-8").replace("25.01", "25.012"), encoding="utf-8")
    with site.database.transaction() as session:
        import_grids(
            session, path, district_id=1, datum=Datum.WGS84, limits=f.LIMITS, now=site.clock()
        )
    page = site.visitor("district").get("/grids/changes").text
    assert "导入网格文件" in page
    assert "东风第1网格" in page


def test_another_districts_grid_cannot_be_edited(sqlite_site):
    shapes = border_at(sqlite_site, 115.003)
    assert sqlite_site.visitor("district-away").post("/grids", shapes=shapes).status_code == 422
    assert grid_of(sqlite_site)[0] == sqlite_site.grids["G1"]

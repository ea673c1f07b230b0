from __future__ import annotations

import json

import factories as f
import pytest
from sqlalchemy import select

from maps.datum import Datum, from_wgs84
from outreach.errors import FileRefused, InvalidInput
from outreach.services.administration.districts import add_district
from outreach.services.grids.grid_workers import import_grid_workers
from outreach.services.grids.grids import import_grids, load_locator, parse_datum
from outreach.services.registers.gazetteer import import_gazetteer, load_gazetteer
from outreach.storage.grids import Grid, GridWorker, Place


@pytest.fixture
def known(session):
    return {
        "district_id": add_district(session, code="900001", name="试验区").id,
        "limits": f.LIMITS,
        "now": f.NOW,
    }


def test_grids_are_stored_in_wgs84_beside_what_was_received(session, known, tmp_path):
    import_grids(session, f.write_grids(tmp_path / "g.geojson"), datum=Datum.GCJ02, **known)
    grid = session.scalar(select(Grid).where(Grid.code == "G1"))
    received = grid.received["coordinates"][0][0]
    stored = grid.geometry["coordinates"][0][0]
    back = from_wgs84([stored[0]], [stored[1]], Datum.GCJ02)
    assert received == [115.0, 25.0]
    assert grid.datum == "gcj02"
    assert abs(stored[0] - 115.0) > 0.001
    assert (back[0][0], back[1][0]) == pytest.approx((115.0, 25.0), abs=1e-7)


def test_importing_grids_again_changes_nothing_and_a_new_shape_changes_one(
    session, known, tmp_path
):
    path = f.write_grids(tmp_path / "g.geojson")
    first = import_grids(session, path, datum=Datum.WGS84, **known)
    again = import_grids(session, path, datum=Datum.WGS84, **known)
    assert (first.added, again.added, again.changed, again.unchanged) == (2, 0, 0, 2)
    toml = json.loads(path.read_text(encoding="utf-8"))
    toml["features"][0]["properties"]["网格名称"] = "新名"
    del toml["features"][1]
    path.write_text(json.dumps(toml, ensure_ascii=False), encoding="utf-8")
    third = import_grids(session, path, datum=Datum.WGS84, **known)
    assert (third.changed, third.unchanged, third.not_in_file) == (1, 0, ("G2",))


def test_a_point_is_found_in_its_grid_and_outside_in_none(session, known, tmp_path):
    import_grids(session, f.write_grids(tmp_path / "g.geojson"), datum=Datum.WGS84, **known)
    locator = load_locator(session, known["district_id"])
    codes = {grid.id: grid.code for grid in session.scalars(select(Grid))}
    found = locator.locate([(115.005, 25.005), (115.015, 25.005), (115.03, 25.005)])
    assert [codes.get(grid_id) for grid_id in found] == ["G1", "G2", None]


@pytest.mark.parametrize(
    "change",
    [
        lambda doc: doc["features"].append(doc["features"][0]),
        lambda doc: doc["features"][0]["properties"].pop("网格编码"),
        lambda doc: doc["features"][0].update(geometry=None),
        lambda doc: doc.update(features=[]),
    ],
)
def test_a_bad_grid_file_is_refused_whole(session, known, tmp_path, change):
    path = f.write_grids(tmp_path / "g.geojson")
    doc = json.loads(path.read_text(encoding="utf-8"))
    change(doc)
    path.write_text(json.dumps(doc), encoding="utf-8")
    with pytest.raises(FileRefused, match="g.geojson"):
        import_grids(session, path, datum=Datum.WGS84, **known)
    assert not session.scalars(select(Grid)).all()


def test_there_is_no_default_datum():
    with pytest.raises(InvalidInput, match="wgs84、gcj02"):
        parse_datum("")


def test_grid_workers_come_from_a_gb18030_table_and_can_be_replaced(session, known, tmp_path):
    import_grids(session, f.write_grids(tmp_path / "g.geojson"), datum=Datum.WGS84, **known)
    path = f.write_workers(tmp_path / "w.csv")
    assert import_grid_workers(session, path, datum=Datum.BD09, **known).added == 2
    assert import_grid_workers(session, path, datum=Datum.BD09, **known).unchanged == 2
    worker = session.scalar(select(GridWorker).where(GridWorker.name == "李一"))
    assert (worker.received_lon, worker.datum) == (115.005, "bd09")
    assert worker.office_lon != 115.005


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("G9", "李一", "1", "115", "25"), "网格编码“G9”不存在"),
        (("G1", "", "1", "115", "25"), "没有填“网格员”"),
        (("G1", "李一", "1", "215", "25"), "“办公点经度”是“215”"),
        (("G1", "李一", "1", "x", "25"), "“办公点经度”是“x”"),
    ],
)
def test_a_wrong_grid_worker_is_refused_with_row_and_remedy(session, known, tmp_path, row, message):
    import_grids(session, f.write_grids(tmp_path / "g.geojson"), datum=Datum.WGS84, **known)
    header = ("网格编码", "网格员", "联系电话", "办公点经度", "办公点纬度")
    path = f.write_csv(tmp_path / "w.csv", header, [row])
    with pytest.raises(InvalidInput, match=message) as caught:
        import_grid_workers(session, path, datum=Datum.WGS84, **known)
    assert caught.value.values["row"] == 2


def test_a_grid_named_twice_in_the_table_is_refused(session, known, tmp_path):
    import_grids(session, f.write_grids(tmp_path / "g.geojson"), datum=Datum.WGS84, **known)
    header = ("网格编码", "网格员", "联系电话", "办公点经度", "办公点纬度")
    path = f.write_csv(tmp_path / "w.csv", header, [("G1", "李", "1", "115", "25")] * 2)
    with pytest.raises(InvalidInput, match="出现两次"):
        import_grid_workers(session, path, datum=Datum.WGS84, **known)


def test_places_are_stored_with_their_error_radius_and_a_second_import_changes_nothing(
    session, known, tmp_path
):
    path = f.write_places(tmp_path / "p.csv")
    assert import_gazetteer(session, path, datum=Datum.GCJ02, **known).added == 5
    assert import_gazetteer(session, path, datum=Datum.GCJ02, **known).unchanged == 5
    place = session.scalar(select(Place).where(Place.name == "幸福路"))
    assert (place.error_m, place.received_lon, place.datum) == (150, 115.004, "gcj02")
    gazetteer = load_gazetteer(session, known["district_id"])
    assert gazetteer.township_of("试验区西河乡解放路1号") == "西河乡"


def test_a_place_named_twice_in_one_township_is_refused(session, known, tmp_path):
    header = ("地名", "所属镇街", "经度", "纬度", "误差米")
    path = f.write_csv(tmp_path / "p.csv", header, [("路", "镇", "115", "25", "1")] * 2)
    with pytest.raises(InvalidInput, match="出现两次"):
        import_gazetteer(session, path, datum=Datum.WGS84, **known)


def test_a_table_without_the_needed_headers_is_refused_naming_them(session, known, tmp_path):
    path = f.write_csv(tmp_path / "p.csv", ("名字", "在哪"), [("路", "镇")])
    with pytest.raises(FileRefused, match="地名、所属镇街、经度、纬度、误差米"):
        import_gazetteer(session, path, datum=Datum.WGS84, **known)


def square(code, west, east, *, bow_tie=False):
    ring = [[west, 25.0], [east, 25.0], [east, 25.01], [west, 25.01], [west, 25.0]]
    if bow_tie:
        ring[1], ring[2] = ring[2], ring[1]
    return {
        "type": "Feature",
        "properties": {"网格编码": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ([square("A", 115.0, 115.01), square("B", 115.009, 115.02)], "网格 A、B 重叠"),
        (
            [square("A", 115.0, 115.01, bow_tie=True), square("B", 115.01, 115.02)],
            "网格 A 的边界自相交",
        ),
        ([square("A", 115.0, 115.01), square("B", 115.01, 115.02)], ""),
    ],
)
def test_overlaps_and_crossed_borders_are_said_in_chinese_and_the_grids_kept(
    session, known, tmp_path, features, words
):
    path = tmp_path / "g.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
    )
    report = import_grids(session, path, datum=Datum.WGS84, **known)
    said = " ".join(finding.in_chinese() for finding in report.findings)
    assert (words in said) if words else said == ""
    assert report.added == 2

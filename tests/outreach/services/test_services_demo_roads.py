from __future__ import annotations

import json
from datetime import date

import factories as f
import pytest
from road_files import give_roads

from maps.datum import Datum, from_wgs84
from outreach.services.demo_roads import receive_roads, write_osm

pytest.importorskip("osmium", reason="the extra `roads` is not installed")

ROADS = {
    "primary": [[115.0, 25.0], [115.01, 25.0], [115.02, 25.0]],
    "tertiary": [[115.01, 25.0], [115.01, 25.01]],
    "residential": [[115.01, 25.01], [115.02, 25.0]],
}


@pytest.fixture
def drawn(tmp_path):
    """Three roads that share their ends, as the demo draws them: GeoJSON in GCJ-02."""

    def gcj(line):
        lon, lat = from_wgs84([p[0] for p in line], [p[1] for p in line], Datum.GCJ02)
        return [[round(float(x), 6), round(float(y), 6)] for x, y in zip(lon, lat, strict=True)]

    features = [
        {
            "type": "Feature",
            "properties": {"name": "路&<路>", "class": road},
            "geometry": {"type": "LineString", "coordinates": gcj(line)},
        }
        for road, line in ROADS.items()
    ]
    path = tmp_path / "roads.geojson"
    path.write_text(json.dumps({"features": features}), encoding="utf-8")
    return path


def test_drawn_roads_become_a_road_file_whose_roads_meet(session, drawn, tmp_path):
    district = f.make_district(session, tmp_path / "files", market=[f.firm(1, employees="40")])
    give_roads(session, tmp_path)
    report = receive_roads(session, drawn, district=district, now=f.NOW)
    assert report.file.day == date(2026, 11, 1)
    assert {one.junctions for one in report.file.networks} == {2}
    assert {one.length_km for one in report.file.networks} == {5}
    assert all(one.most_m < 1000 for one in report.offices)


def test_the_same_roads_give_the_same_bytes_in_wgs84(drawn, tmp_path):
    for name in ("one.osm", "two.osm"):
        write_osm(tmp_path / name, drawn)
    text = (tmp_path / "one.osm").read_text()
    assert text == (tmp_path / "two.osm").read_text()
    assert 'lat="25.000000" lon="115.000000"' in text
    assert text.count("<node") == 4
    assert text.count("<way") == 3

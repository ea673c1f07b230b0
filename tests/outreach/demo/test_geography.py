"""The made-up land: tiling, offices, places, roads."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import shapely
from shapely.geometry import shape

from outreach.demo.geography import make_geography
from outreach.demo.places import ERROR_M
from outreach.demo.plane import KM_PER_DEGREE

if TYPE_CHECKING:
    from tests.outreach.demo.conftest import District


def read_grids(district: District) -> dict[str, tuple[dict[str, str], shapely.Geometry]]:
    features = json.loads(district.files.grids.read_text(encoding="utf-8"))["features"]
    return {
        feature["properties"]["网格编码"]: (feature["properties"], shape(feature["geometry"]))
        for feature in features
    }


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_grids_tile_the_district_without_overlap_or_gap(seed: int):
    land = make_geography(random.Random(seed))
    whole = shapely.union_all(land.shapes)
    assert all(area.is_valid for area in land.shapes)
    assert shapely.coverage_is_valid(land.shapes)
    assert sum(area.area for area in land.shapes) == pytest.approx(whole.area, rel=1e-9)
    assert isinstance(whole, shapely.Polygon)
    assert not whole.interiors
    assert len(land.grids) == 136


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_the_district_has_a_waist_and_the_size_of_a_district(seed: int):
    land = make_geography(random.Random(seed))
    whole = shapely.union_all(land.shapes)
    km2 = whole.area * KM_PER_DEGREE**2 * 0.8996
    assert 2450 < km2 < 3050
    thinned = whole.buffer(-9.5 / KM_PER_DEGREE)
    assert thinned.geom_type == "MultiPolygon" or thinned.area < 0.4 * whole.area


def test_grids_are_denser_in_the_main_town(district: District):
    towns = Counter(properties["所属镇街"] for properties, _ in read_grids(district).values())
    assert len(towns) == 20
    assert towns.most_common(1)[0][1] == 38
    assert sum(name.endswith("经济开发区") for name in towns) == 1
    areas = sorted(area.area for _, area in read_grids(district).values())
    assert areas[-1] > 20 * areas[0]


def test_grid_codes_start_with_the_adcode_and_name_the_township(district: District):
    for code, (properties, _) in read_grids(district).items():
        assert len(code) == 11
        assert code.startswith(district.files.adcode)
        assert properties["网格名称"].startswith(properties["所属镇街"])


def test_each_office_lies_in_its_grid(district: District):
    grids = read_grids(district)
    workers = district.records("grid_workers.csv")
    assert [worker["网格编码"] for worker in workers] == list(grids)
    for worker in workers:
        _, area = grids[worker["网格编码"]]
        office = shapely.Point(float(worker["办公点经度"]), float(worker["办公点纬度"]))
        assert area.contains(office)
        assert len(worker["联系电话"]) == 11


def test_places_lie_in_the_township_that_they_name(district: District):
    towns: dict[str, list[shapely.Geometry]] = {}
    for properties, area in read_grids(district).values():
        towns.setdefault(properties["所属镇街"], []).append(area)
    whole = {name: shapely.union_all(areas) for name, areas in towns.items()}
    places = district.records("gazetteer.csv")
    assert 1100 < len(places) < 1450
    for place in places:
        point = shapely.Point(float(place["经度"]), float(place["纬度"]))
        assert whole[place["所属镇街"]].covers(point), place
    assert {int(place["误差米"]) for place in places} == set(ERROR_M.values())


def test_the_same_place_name_occurs_in_several_townships(district: District):
    names = Counter(place["地名"] for place in district.records("gazetteer.csv"))
    assert sum(count > 3 for count in names.values()) > 40
    pairs = Counter(
        (place["地名"], place["所属镇街"]) for place in district.records("gazetteer.csv")
    )
    assert max(pairs.values()) == 1


def test_all_roads_hang_together_and_carry_a_class(district: District):
    features = json.loads(district.files.roads.read_text(encoding="utf-8"))["features"]
    assert {feature["properties"]["class"] for feature in features} == {
        "primary",
        "secondary",
        "tertiary",
        "residential",
    }
    group: dict[tuple[float, float], tuple[float, float]] = {}

    def find(point: tuple[float, float]) -> tuple[float, float]:
        while group.setdefault(point, point) != point:
            point = group[point]
        return point

    for feature in features:
        assert feature["geometry"]["type"] == "LineString"
        points = [tuple(point) for point in feature["geometry"]["coordinates"]]
        for point in points[1:]:
            group[find(point)] = find(points[0])
    assert len({find(point) for point in list(group)}) == 1


def test_geojson_says_its_datum(district: District):
    for path in (district.files.grids, district.files.roads):
        assert json.loads(path.read_text(encoding="utf-8"))["datum"] == "GCJ-02"

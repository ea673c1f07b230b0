"""The reference district: real outlines, 136 grids, the sizes and times that the pages promise."""

from __future__ import annotations

import os
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from made_up_grids import COVERAGE_TEXTS, DAY, HEAT_TEXTS

from maps.assets import Assets
from maps.coverage import coverage_map
from maps.datum import Datum
from maps.grids import GridIndex, check_grids, geometry_to_wgs84, read_grid_features
from maps.heat import heat_map

pytestmark = pytest.mark.reference

HERE = os.environ.get("OUTREACH_REFERENCE") or Path(__file__).resolve().parents[3] / "shared"
FILE = Path(HERE) / "district" / "grids.geojson"
LINKED = Assets.linked("/assets")


@pytest.fixture(scope="module")
def district() -> gpd.GeoDataFrame:
    if not FILE.is_file():
        pytest.skip("The reference material is not here; name its folder in OUTREACH_REFERENCE.")
    features = read_grid_features(FILE)
    rng = np.random.default_rng(7)
    due = rng.integers(0, 40, len(features))
    covered = (due * rng.random(len(features))).astype(np.int64)
    columns = {"code": "网格编码", "name": "网格名称", "township": "所属镇街"}
    return gpd.GeoDataFrame(
        {name: [one.properties[field] for one in features] for name, field in columns.items()}
        | {"covered": covered, "due": due, "overdue": due - covered},
        geometry=[geometry_to_wgs84(one.geometry, Datum.GCJ02) for one in features],
        crs="EPSG:4326",
    )


def fastest(make, times: int = 4) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        make()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def test_the_reference_grids_are_sound(district: gpd.GeoDataFrame) -> None:
    assert len(district) == 136
    assert check_grids(district["code"].tolist(), list(district.geometry)) == ()


def test_every_grid_holds_a_point_of_its_own(district: gpd.GeoDataFrame) -> None:
    inside = district.representative_point()
    index = GridIndex(district["code"].tolist(), list(district.geometry))
    assert index.locate(inside.x, inside.y) == district["code"].tolist()


def test_the_coverage_map_is_small_and_quick(district: gpd.GeoDataFrame) -> None:
    def make() -> str:
        return coverage_map(district, texts=COVERAGE_TEXTS, as_of=DAY, assets=LINKED)

    assert len(make().encode()) < 250_000
    # 20 ms alone on the machine; three times the promise where others work beside it.
    assert fastest(make) < 0.18


def test_the_heat_map_of_twenty_thousand_points_is_quick(district: gpd.GeoDataFrame) -> None:
    rng = np.random.default_rng(5)
    inside = district.representative_point().sample(20_000, replace=True, random_state=5)
    places = gpd.points_from_xy(
        inside.x + rng.normal(0, 0.005, 20_000), inside.y + rng.normal(0, 0.005, 20_000)
    )
    points = gpd.GeoDataFrame({"weight": np.ones(20_000)}, geometry=places, crs="EPSG:4326")

    def make() -> str:
        return heat_map(points, district, texts=HEAT_TEXTS, as_of=DAY, assets=LINKED)

    assert len(make().encode()) < 250_000
    # 80 ms alone on the machine; three times the promise where others work beside it.
    assert fastest(make) < 1.2

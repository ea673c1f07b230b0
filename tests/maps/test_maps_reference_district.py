"""The reference district: real outlines, 136 grids, the sizes that the pages promise."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from made_up_grids import CHOROPLETH_TEXTS, DAY, HEAT_TEXTS

from maps.assets import Assets
from maps.choropleth import choropleth_map
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
        | {
            "key": list(range(1, len(features) + 1)),
            "part": covered,
            "whole": due,
            "level": np.where(due > 0, 1 + (4.99 * covered / np.maximum(due, 1)).astype(int), 0),
            "few": ((due > 0) & (due < 5)).astype(np.int64),
            "label": [f"{part}/{whole}" for part, whole in zip(covered, due, strict=True)],
            "tip": [f"{one.properties['网格名称']}\n走访" for one in features],
        },
        geometry=[geometry_to_wgs84(one.geometry, Datum.GCJ02) for one in features],
        crs="EPSG:4326",
    )


def test_the_reference_grids_are_sound(district: gpd.GeoDataFrame) -> None:
    assert len(district) == 136
    assert check_grids(district["code"].tolist(), list(district.geometry)) == ()


def test_every_grid_holds_a_point_of_its_own(district: gpd.GeoDataFrame) -> None:
    inside = district.representative_point()
    index = GridIndex(district["code"].tolist(), list(district.geometry))
    assert index.locate(inside.x, inside.y) == district["code"].tolist()


def test_the_map_of_grids_is_small(district: gpd.GeoDataFrame) -> None:
    drawn = choropleth_map(district, texts=CHOROPLETH_TEXTS, as_of=DAY, assets=LINKED)
    assert len(drawn.encode()) < 250_000


def test_the_heat_map_of_twenty_thousand_points_is_small(district: gpd.GeoDataFrame) -> None:
    rng = np.random.default_rng(5)
    inside = district.representative_point().sample(20_000, replace=True, random_state=5)
    places = gpd.points_from_xy(
        inside.x + rng.normal(0, 0.005, 20_000), inside.y + rng.normal(0, 0.005, 20_000)
    )
    points = gpd.GeoDataFrame({"weight": np.ones(20_000)}, geometry=places, crs="EPSG:4326")

    drawn = heat_map(points, district, texts=HEAT_TEXTS, as_of=DAY, assets=LINKED)
    assert len(drawn.encode()) < 250_000

"""Grid files: what is read, and each way in which one is refused."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from made_up_grids import feature, file_of, square
from shapely.geometry import MultiPolygon

from maps.datum import Datum, from_wgs84
from maps.errors import GridFileError, MapsError
from maps.grid_files import geometry_to_wgs84, read_grid_features

if TYPE_CHECKING:
    from pathlib import Path


def polygon(*ring: object) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [list(ring)]}


def test_a_feature_collection_is_read_in_its_order_with_its_properties() -> None:
    features = read_grid_features(file_of(feature({"网格编码": "甲"}), feature({"网格编码": "乙"})))
    assert [one.number for one in features] == [1, 2]
    assert [one.properties["网格编码"] for one in features] == ["甲", "乙"]
    assert features[0].geometry.equals(square(0, 0))


def test_a_bare_list_of_features_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "grids.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps([feature()]).encode())
    assert len(read_grid_features(path)) == 1


def test_a_multipolygon_with_a_hole_and_altitudes_is_read() -> None:
    outer = [[*pair, 130.5] for pair in square(0, 0, size=3).exterior.coords]
    hole = [list(pair) for pair in square(1, 1).exterior.coords]
    island = [list(pair) for pair in square(5, 5).exterior.coords]
    raw = {"type": "MultiPolygon", "coordinates": [[outer, hole], [island]]}
    (one,) = read_grid_features(file_of(feature(geometry=raw)))
    assert isinstance(one.geometry, MultiPolygon)
    assert not one.geometry.has_z
    assert one.geometry.area == pytest.approx(9e-4)


def test_a_feature_without_properties_has_none() -> None:
    (one,) = read_grid_features(file_of(feature(properties=None) | {"properties": None}))
    assert one.properties == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"code,name\n1,a\n", "not JSON"),
        (b"", "not JSON"),
        ("网格".encode("gb18030"), "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b"[1" + b"0" * 5000 + b"]", "not JSON"),
        (b"{}", "not a FeatureCollection"),
        (b'{"type": "Topology"}', "'Topology' and not a FeatureCollection"),
        (b'{"type": "FeatureCollection"}', "no features"),
        (b'{"type": "FeatureCollection", "features": []}', "no features"),
        (b"[]", "no features"),
        (b"null", "no features"),
    ],
)
def test_a_file_that_is_no_grid_file_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(GridFileError, match=words) as caught:
        read_grid_features(content)
    assert isinstance(caught.value, MapsError)
    assert isinstance(caught.value, ValueError)


OPEN = [[115.0, 26.0], [115.1, 26.0], [115.1, 26.1], [115.0, 26.1]]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"type": "Topology"}, "type is 'Topology'; every entry must be a Feature"),
        ({"properties": []}, "properties is not an object"),
        ({"geometry": None}, "geometry is empty; draw the grid's polygon"),
        ({"geometry": "POLYGON(...)"}, "geometry.type is 'POLYGON(...)'"),
        ({"geometry": {"type": "Point", "coordinates": [115, 26]}}, "geometry.type is 'Point'"),
        ({"geometry": {"type": "MultiPolygon", "coordinates": []}}, "coordinates is empty"),
        ({"geometry": {"type": "Polygon", "coordinates": []}}, "has no ring"),
        ({"geometry": {"type": "Polygon", "coordinates": None}}, "has no ring"),
        ({"geometry": polygon(*OPEN[:3])}, "has a ring of 3 positions"),
        ({"geometry": {"type": "Polygon", "coordinates": [7]}}, "has a ring of 0 positions"),
        ({"geometry": polygon(*OPEN)}, "a ring must end where it starts"),
        ({"geometry": polygon(*OPEN, [115.0])}, "a position is [longitude, latitude]"),
        ({"geometry": polygon(*OPEN, ["115.0", "26.0"])}, "numbers in degrees"),
        ({"geometry": polygon(*OPEN, [True, 26.0])}, "numbers in degrees"),
        ({"geometry": polygon(*OPEN, [float("nan"), 26.0])}, "numbers in degrees"),
        ({"geometry": polygon(*OPEN, [10**400, 26.0])}, "numbers in degrees"),
        ({"geometry": polygon(*OPEN, [39500000.0, 2800000.0])}, "not metres"),
        ({"geometry": polygon(*OPEN, [181.0, 26.0])}, "must hold degrees"),
        ({"geometry": polygon(*[pair[::-1] for pair in OPEN])}, "swapped"),
    ],
)
def test_a_wrong_feature_is_refused_by_its_number_field_and_remedy(
    changes: dict[str, object], words: str
) -> None:
    with pytest.raises(GridFileError, match=f"Feature 2 .*{re.escape(words)}"):
        read_grid_features(file_of(feature(), feature() | changes))


def test_a_received_polygon_is_moved_to_wgs84() -> None:
    there = square(0, 0)
    moved = shapely.transform(there, lambda at: np.column_stack(from_wgs84(*at.T, Datum.BD09)))
    back = geometry_to_wgs84(moved, Datum.BD09)
    assert back.equals_exact(there, tolerance=1e-8)
    assert not moved.intersects(square(-2, -2))
    assert geometry_to_wgs84(there, Datum.WGS84).equals(there)

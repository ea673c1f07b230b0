"""Frames at the border: every finding at once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from made_up_grids import firms, grids, points
from shapely.geometry import Point

from maps.errors import FrameError
from maps.frames import (
    FIRM_POINTS,
    GRID_OUTLINES,
    HEAT_POINTS,
    MEASURED_GRIDS,
    check_frame,
    require_frame,
)


def test_right_frames_are_without_findings() -> None:
    assert check_frame(grids(), MEASURED_GRIDS) == ()
    assert check_frame(grids(), GRID_OUTLINES) == ()
    assert check_frame(points(), HEAT_POINTS) == ()
    assert check_frame(firms(["甲"]), FIRM_POINTS) == ()


def test_frames_of_points_may_be_empty_and_frames_of_grids_may_not() -> None:
    assert check_frame(points().iloc[:0], HEAT_POINTS) == ()
    assert check_frame(firms([]), FIRM_POINTS) == ()
    assert check_frame(grids().iloc[:0], GRID_OUTLINES) == ("it has no rows; pass at least one",)


@pytest.mark.parametrize(
    ("columns", "finding"),
    [
        ({"code": ["1"] * 12}, "holds '1' more than once"),
        ({"name": [None, *["甲"] * 11]}, "'name' has 1 empty value"),
        ({"name": [7, *["甲"] * 11]}, "'name' holds 7, which is no text"),
        ({"whole": [10.5] * 12}, "'whole' has the type float64 and not whole numbers"),
        ({"whole": [True] * 12}, "'whole' has the type bool and not numbers"),
        ({"whole": ["10"] * 12}, "and not numbers"),
        ({"few": [-1, *[0] * 11]}, "'few' holds -1; it must be 0 or more"),
        ({"level": [6] * 12}, "'level' holds 6; use 1 to 5"),
    ],
)
def test_a_wrong_column_is_named_with_its_value(columns: dict, finding: str) -> None:
    (found,) = check_frame(grids(**columns), MEASURED_GRIDS)
    assert finding in found


def test_everything_that_is_wrong_is_said_at_once() -> None:
    frame = grids(few=[-1] * 12).drop(columns=["township", "whole"]).to_crs(3857)
    with pytest.raises(FrameError) as caught:
        require_frame(frame, MEASURED_GRIDS)
    assert isinstance(caught.value, ValueError)
    assert caught.value.frame == "measured grids"
    assert len(caught.value.findings) == 4
    for word in ("'township' (the township's name", "'whole'", "-1", "EPSG:3857; convert it to"):
        assert word in str(caught.value)


def test_an_endless_weight_is_found() -> None:
    frame = points().assign(weight=np.inf)
    assert "holds inf" in check_frame(frame, HEAT_POINTS)[0]


def test_a_frame_without_crs_or_place_or_with_another_shape_is_found() -> None:
    frame = gpd.GeoDataFrame({"weight": [1.0, 1.0]}, geometry=[Point(115, 26), None])
    findings = check_frame(frame, HEAT_POINTS)
    assert [word for word in ("no CRS", "1 row(s) have no place") if word in "; ".join(findings)]
    assert "it holds Polygon; only Point" in check_frame(grids().assign(weight=1.0), HEAT_POINTS)[0]


def test_a_frame_without_geometry_is_found() -> None:
    frame = gpd.GeoDataFrame(pd.DataFrame({"weight": [1.0]}))
    assert "no geometry" in check_frame(frame, HEAT_POINTS)[0]

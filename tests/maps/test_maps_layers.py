"""Layers: what is made of frames before anything is drawn."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from made_up_grids import HOSTILE, SOUTH, STEP, WEST, firms, grids, square
from shapely.geometry import MultiPolygon

from maps.errors import LayerError
from maps.layers import (
    FIRM_STYLES,
    FirmStatus,
    PointLayer,
    drawn_shapes,
    firm_points,
    place_names,
    selected_outline,
)
from maps.safe_text import safe_text


def test_drawn_neighbours_still_share_their_border() -> None:
    rng = np.random.default_rng(3)
    wiggle = np.column_stack(
        [WEST + STEP + rng.normal(0, 1e-5, 200), SOUTH + np.linspace(0, STEP, 200)]
    )
    left = shapely.Polygon([(WEST, SOUTH + STEP), (WEST, SOUTH), *wiggle])
    right = shapely.Polygon(
        [*wiggle[::-1], (WEST + 2 * STEP, SOUTH), (WEST + 2 * STEP, SOUTH + STEP)]
    )
    frame = gpd.GeoDataFrame(geometry=[left.buffer(0), right.buffer(0)], crs=4326)
    drawn = drawn_shapes(frame)
    assert shapely.get_num_coordinates(drawn).max() < 40
    assert drawn[0].intersection(drawn[1]).area == pytest.approx(0, abs=1e-12)
    assert drawn[0].union(drawn[1]).geom_type == "Polygon"
    assert np.array_equal(shapely.get_coordinates(drawn), shapely.get_coordinates(drawn).round(5))


def test_a_selected_grid_is_outlined_and_an_unknown_one_refused() -> None:
    frame = grids()
    shapes = drawn_shapes(frame)
    _, area = selected_outline(shapes, frame["code"].tolist(), "003").areas
    assert area.geometry.equals(shapes[2])
    assert area.style.fill is None
    with pytest.raises(LayerError, match="No grid has the code '099'"):
        selected_outline(shapes, frame["code"].tolist(), "099")


def test_townships_are_named_once_the_largest_first_and_inside_of_themselves() -> None:
    frame = grids(township=["小镇", *["大镇"] * 11])
    shapes = drawn_shapes(frame)
    places = place_names(frame, shapes).places
    assert [place.name for place in places] == ["大镇", "小镇"]
    assert shapes[0].contains(shapely.Point(places[1].lon, places[1].lat))


def test_a_label_sits_in_the_largest_part_of_its_grid() -> None:
    frame = grids().iloc[:1]
    both = MultiPolygon([square(0, 0), square(5, 5, size=3)])
    shapes = np.array([both], dtype=object)
    _, label = place_names(frame, shapes, ["1/2"]).places
    assert square(5, 5, size=3).contains(shapely.Point(label.lon, label.lat))
    assert (label.half_width, label.half_height) == pytest.approx((0.015, 0.015))


def test_the_late_ones_are_drawn_on_top_with_their_own_names() -> None:
    layer = firm_points(firms(["甲", "乙", "丙", "丁"], ["late", "idle", "due", "ok"]))
    assert layer.names == ("乙", "丁", "丙", "甲")
    assert layer.style.tolist() == [0, 1, 2, 3]
    assert layer.lon[3] == pytest.approx(WEST + 0.2 * STEP)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_points_are_made_safe(name: str) -> None:
    assert firm_points(firms([name])).names == (safe_text(name),)


def test_a_status_without_a_style_is_refused() -> None:
    with pytest.raises(LayerError, match="status 'closed' is not drawn; use one of idle, ok"):
        firm_points(firms(["甲"], ["closed"]))


def test_each_status_is_told_apart_without_colour() -> None:
    looks = {(style.radius_px, style.filled) for style in FIRM_STYLES.values()}
    assert len(looks) == len(FirmStatus) == len(FIRM_STYLES)


def test_points_without_a_name_each_are_refused() -> None:
    one = np.array([115.0])
    with pytest.raises(LayerError, match="differ in number"):
        PointLayer(lon=one, lat=one, style=np.array([0]), names=(), styles=())

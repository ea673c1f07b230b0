"""Grids: what is found wrong with them, and which one holds a point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_grids import SOUTH, STEP, WEST, square
from shapely.geometry import MultiPolygon, Polygon, box

from maps.errors import CoordinateError, GridIndexError
from maps.grids import FindingKind, GridIndex, check_grids, repaired
from maps.metric import MetricPlane, utm_epsg

FOUR = {"A1": square(0, 0), "A2": square(1, 0), "B1": square(0, 1), "B2": square(1, 1)}
BOW_TIE = Polygon([(115.0, 26.0), (115.1, 26.1), (115.1, 26.0), (115.0, 26.1), (115.0, 26.0)])
METRE = 1e-5
"""About one metre in degrees here."""


def test_grids_that_share_their_borders_are_without_findings() -> None:
    assert check_grids(list(FOUR), list(FOUR.values())) == ()


def test_a_code_that_occurs_twice_is_found() -> None:
    (finding,) = check_grids(["A1", "A1"], [square(0, 0), square(2, 0)])
    assert finding.kind is FindingKind.DUPLICATE_CODE
    assert finding.codes == ("A1",)
    assert "2 times" in finding.message


def test_a_bow_tie_is_found_and_said_to_be_repaired() -> None:
    (finding,) = check_grids(["A1"], [BOW_TIE])
    assert finding.kind is FindingKind.INVALID_GEOMETRY
    assert "Self-intersection" in finding.message
    assert "repaired into 2 part(s)" in finding.message
    mended = repaired(BOW_TIE)
    assert isinstance(mended, MultiPolygon)
    assert mended.is_valid
    assert mended.area == pytest.approx(0.005)


def test_a_valid_polygon_is_not_touched_by_the_repair() -> None:
    assert repaired(FOUR["A1"]) is FOUR["A1"]


@pytest.mark.parametrize(
    "line", [Polygon([(115, 26), (115.1, 26), (115, 26), (115.1, 26), (115, 26)]), Polygon()]
)
def test_a_polygon_without_an_area_is_found(line: Polygon) -> None:
    (finding,) = check_grids(["A1"], [line])
    assert finding.kind is FindingKind.NO_AREA
    assert finding.place is None
    assert repaired(line).area == 0


@pytest.mark.parametrize(("overlap_m", "found"), [(0.09, False), (0.2, True), (30.0, True)])
def test_an_overlap_counts_from_a_hundred_square_metres(overlap_m: float, *, found: bool) -> None:
    # The shared edge is 0.01 degree of latitude, 1,108 m.
    wide = box(WEST, SOUTH, WEST + STEP + overlap_m * METRE, SOUTH + STEP)
    findings = check_grids(["B", "A"], [wide, square(1, 0)])
    assert [one.kind for one in findings] == [FindingKind.OVERLAP] * found
    for one in findings:
        assert one.codes == ("A", "B")
        assert one.area_m2 == pytest.approx(1108 * overlap_m, rel=0.02)
        assert one.place == pytest.approx((WEST + STEP, SOUTH + STEP / 2), abs=1e-3)


@pytest.mark.parametrize(("side_m", "found"), [(9.0, False), (11.0, True), (300.0, True)])
def test_a_gap_between_grids_counts_from_a_hundred_square_metres(
    side_m: float, *, found: bool
) -> None:
    middle_lon, middle_lat = WEST + STEP, SOUTH + STEP
    hole = box(
        middle_lon,
        middle_lat,
        middle_lon + side_m * METRE / np.cos(np.radians(26)) * 0.9,
        middle_lat + side_m * METRE * 0.9,
    )
    shapes = [shape.difference(hole) for shape in FOUR.values()]
    findings = check_grids(list(FOUR), shapes)
    assert [one.kind for one in findings] == [FindingKind.GAP] * found
    for one in findings:
        assert one.codes == ("A1", "A2", "B1", "B2")
        assert one.area_m2 == pytest.approx(side_m**2, rel=0.05)


def test_a_bay_at_the_rim_is_no_gap() -> None:
    assert check_grids(["A", "B"], [square(0, 0), square(2, 0)]) == ()


def test_the_smallest_area_is_the_callers_choice() -> None:
    wide = box(WEST, SOUTH, WEST + STEP + 30 * METRE, SOUTH + STEP)
    assert check_grids(["A", "B"], [wide, square(1, 0)], sliver_m2=1e6) == ()


def test_codes_without_polygons_are_refused() -> None:
    for use in (check_grids, GridIndex):
        with pytest.raises(GridIndexError, match="2 grid codes and 1 polygons"):
            use(["A", "B"], [square(0, 0)])


def test_an_index_with_a_code_twice_is_refused() -> None:
    with pytest.raises(GridIndexError, match="'A' occurs 2 times"):
        GridIndex(["A", "A"], [square(0, 0), square(1, 0)])


def test_points_are_located_in_their_grid() -> None:
    index = GridIndex(list(FOUR), list(FOUR.values()))
    assert index.locate([115.005, 115.015, 115.005, 115.5], [26.005, 26.005, 26.015, 26.5]) == [
        "A1",
        "A2",
        "B1",
        None,
    ]


def test_a_point_on_a_border_goes_to_the_lowest_code_whatever_the_order_of_the_grids() -> None:
    backwards = dict(reversed(FOUR.items()))
    for grids in (FOUR, backwards):
        index = GridIndex(list(grids), list(grids.values()))
        corner = index.locate([WEST + STEP], [SOUTH + STEP])
        edge = index.locate([WEST + STEP], [SOUTH + 1.5 * STEP])
        assert (corner, edge) == (["A1"], ["B1"])


def test_an_unplaced_point_lies_in_no_grid() -> None:
    index = GridIndex(list(FOUR), list(FOUR.values()))
    assert index.locate([np.nan, 115.005], [26.005, 26.005]) == [None, "A1"]
    assert index.locate([], []) == []


def test_an_empty_index_holds_no_point() -> None:
    assert GridIndex([], []).locate([115.0], [26.0]) == [None]


def test_points_in_a_repaired_bow_tie_are_located() -> None:
    assert GridIndex(["A"], [BOW_TIE]).locate([115.01, 115.05], [26.05, 26.01]) == ["A", None]


def test_longitudes_without_latitudes_are_refused() -> None:
    with pytest.raises(GridIndexError, match="2 longitudes and 1 latitudes"):
        GridIndex(list(FOUR), list(FOUR.values())).locate([115.0, 115.1], [26.0])


@given(st.lists(st.tuples(st.floats(114.99, 115.03), st.floats(25.99, 26.03)), max_size=20))
def test_the_index_agrees_with_asking_every_grid(points: list[tuple[float, float]]) -> None:
    index = GridIndex(list(FOUR), list(FOUR.values()))
    asked = [
        min((code for code, shape in FOUR.items() if shape.intersects(_point(at))), default=None)
        for at in points
    ]
    assert index.locate([at[0] for at in points], [at[1] for at in points]) == asked


def _point(at: tuple[float, float]):
    from shapely.geometry import Point

    return Point(at)


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [(115.0, 26.0, 32650), (113.99, 26.0, 32649), (120.0, 26.0, 32651), (180.0, -33.0, 32760)],
)
def test_the_utm_zone_is_chosen_by_place(lon: float, lat: float, epsg: int) -> None:
    assert utm_epsg(lon, lat) == epsg


@pytest.mark.parametrize(("lon", "lat"), [(26.0, 115.0), (181.0, 0.0), (np.nan, 26.0)])
def test_a_place_outside_the_utm_zones_is_refused(lon: float, lat: float) -> None:
    with pytest.raises(CoordinateError, match="No UTM zone"):
        utm_epsg(lon, lat)


def test_a_plane_without_points_is_refused() -> None:
    with pytest.raises(CoordinateError, match="at least one place"):
        MetricPlane.around([np.nan], [26.0])


def test_a_kilometre_to_the_east_measures_a_kilometre() -> None:
    plane = MetricPlane.around([115.0], [26.0])
    x, y = plane.metres([115.0, 115.0 + 1 / 100.17], [26.0, 26.0])
    assert np.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(1000, rel=0.002)
    assert plane.degrees(x, y)[0] == pytest.approx([115.0, 115.0 + 1 / 100.17], abs=1e-9)

"""Grids cut into parcels and put together again."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.errors import GridIndexError
from maps.grids import check_grids
from maps.parcels import cut_parcels, unite_parcels

WEST, EAST = shapely.box(115.0, 25.0, 115.02, 25.02), shapely.box(115.02, 25.0, 115.04, 25.02)
DICE = np.random.default_rng(1)
POINTS = np.column_stack([DICE.uniform(115.0, 115.04, 60), DICE.uniform(25.0, 25.02, 60)])
OWNERS = (POINTS[:, 0] > 115.02).astype(np.int64)


def cut(most=4):
    return cut_parcels([WEST, EAST], POINTS, OWNERS, most_points=most)


def test_parcels_fill_their_grid_without_overlap():
    found = cut()
    for number, grid in enumerate((WEST, EAST)):
        mine = found.shapes[found.grid_of == number]
        assert shapely.union_all(mine).equals(grid)
        assert sum(one.area for one in mine) == pytest.approx(grid.area)


def test_a_parcel_holds_no_more_points_than_asked_for_and_every_point_has_its_own():
    found = cut(4)
    assert np.bincount(found.of_point).max() <= 4
    for point, parcel in zip(POINTS, found.of_point, strict=True):
        assert shapely.distance(found.shapes[parcel], shapely.Point(point)) < 1e-9
    assert (found.grid_of[found.of_point] == OWNERS).all()


def test_points_at_one_door_stay_together_though_they_are_too_many():
    points = np.tile([[115.01, 25.01]], (9, 1))
    found = cut_parcels([WEST], points, np.zeros(9, dtype=np.int64), most_points=2)
    assert len(set(found.of_point.tolist())) == 1
    assert len(found.shapes) < 200


def test_neighbours_share_a_border_and_not_a_corner():
    quarters = cut_parcels([WEST], POINTS[:0], OWNERS[:0], most_points=1)
    assert len(quarters.shapes) == 1
    found = cut()
    for one, other in found.neighbours:
        shared = shapely.intersection(found.shapes[one], found.shapes[other])
        is_inside = found.grid_of[one] == found.grid_of[other]
        assert shared.length >= (1e-7 if is_inside else 0.0001)
    across = [p for p in found.neighbours if len({*found.grid_of[list(p)].tolist()}) == 2]
    assert across


def test_parcels_that_stay_give_nothing_and_one_that_moves_changes_two_grids():
    found = cut()
    assert unite_parcels(found, found.grid_of.tolist()) == {}
    one, other = next(p for p in found.neighbours if len({*found.grid_of[list(p)].tolist()}) == 2)
    moved = found.grid_of.copy()
    moved[other] = found.grid_of[one]
    united = unite_parcels(found, moved.tolist())
    assert set(united) == {0, 1}
    assert all(shape.is_valid for shape in united.values())
    assert sum(shape.area for shape in united.values()) == pytest.approx(WEST.area + EAST.area)
    assert check_grids(["0", "1"], [united[0], united[1]]) == ()


@given(st.floats(-0.009, 0.009), st.floats(-0.009, 0.009), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_parcels_on_both_sides_of_a_slanting_border_grow_together(top, bottom, seed):
    corners = [(115.02 + bottom, 25.0), (115.02 + top, 25.02)]
    west = shapely.Polygon([(115.0, 25.0), *corners, (115.0, 25.02)])
    east = shapely.Polygon([*corners, (115.04, 25.02), (115.04, 25.0)])
    points = np.random.default_rng(seed).uniform((115.0, 25.0), (115.04, 25.02), (40, 2))
    owners = (~shapely.intersects_xy(west, points[:, 0], points[:, 1])).astype(np.int64)
    found = cut_parcels([west, east], points, owners, most_points=3)
    for one, other in found.neighbours:
        if found.grid_of[one] != found.grid_of[other]:
            moved = found.grid_of.copy()
            moved[other] = found.grid_of[one]
            united = unite_parcels(found, moved.tolist())
            assert united[int(found.grid_of[one])].geom_type == "Polygon"
            both = [united.get(0, west), united.get(1, east)]
            assert check_grids(["0", "1"], both) == ()
            break


def test_a_grid_that_hangs_by_a_thread_today_hangs_together_in_its_parcels():
    hourglass = shapely.union_all(
        [
            shapely.box(115.0, 25.0, 115.01, 25.01),
            shapely.box(115.00999, 25.01, 115.02, 25.02),
        ]
    )
    points = np.array([[115.0001, 25.0001], [115.0199, 25.0199]])
    found = cut_parcels([hourglass], points, np.zeros(2, dtype=np.int64), most_points=1)
    reached, queue = {0}, [0]
    while queue:
        here = queue.pop()
        for pair in found.neighbours:
            if here in pair:
                there = pair[1] if pair[0] == here else pair[0]
                if there not in reached:
                    reached.add(there)
                    queue.append(there)
    assert reached == set(range(len(found.shapes)))


def test_a_grid_of_two_parts_is_cut_in_both():
    both = shapely.MultiPolygon([WEST, shapely.box(115.1, 25.0, 115.11, 25.01)])
    found = cut_parcels([both], POINTS[:0], OWNERS[:0], most_points=1)
    assert len(found.shapes) == 2


@pytest.mark.parametrize(("owners", "most"), [(OWNERS + 1, 4), (OWNERS, 0)])
def test_points_of_unknown_grids_and_parcels_without_room_are_refused(owners, most):
    with pytest.raises(GridIndexError):
        cut_parcels([WEST, EAST], POINTS, owners, most_points=most)

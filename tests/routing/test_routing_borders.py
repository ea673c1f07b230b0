"""Borders drawn anew: whole grids, less overload, few firms in other hands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.borders import BorderProblem, Parcel, redraw_borders
from routing.errors import InvalidLimit, InvalidProblem


def street(minutes, cut, *, most, roots=None):
    """Parcels along one street; those before `cut` belong to grid 0, the others to grid 1."""
    return BorderProblem(
        parcels=tuple(
            Parcel(minutes=each, firms=1 if each else 0, grid=int(place >= cut))
            for place, each in enumerate(minutes)
        ),
        neighbours=tuple((i, i + 1) for i in range(len(minutes) - 1)),
        roots=roots or (0, len(minutes) - 1),
        most_minutes=most,
    )


def test_a_balanced_district_stays_as_it_is():
    problem = street([30] * 6, 3, most=90)
    found = redraw_borders(problem, time_limit_s=5)
    assert found.grids == (0, 0, 0, 1, 1, 1)
    assert (found.cost, found.firms_moved, found.bound) == (0, 0, 0)


def test_an_overloaded_grid_gives_as_few_firms_as_relieve_it():
    found = redraw_borders(street([30] * 6, 5, most=120), time_limit_s=5)
    assert found.grids == (0, 0, 0, 0, 1, 1)
    assert (found.firms_moved, found.overload_minutes) == (1, 0)
    assert found.cost == found.bound


@pytest.mark.parametrize(("most", "moved"), [(150, 0), (149, 1)])
def test_a_grid_at_its_limit_gives_nothing_and_a_minute_over_it_one_firm(most, moved):
    found = redraw_borders(street([30, 30, 30, 30, 30, 0], 5, most=most), time_limit_s=5)
    assert found.firms_moved == (moved if most == 150 else 0)
    heavy = redraw_borders(street([30, 30, 30, 30, 32, 0], 5, most=most), time_limit_s=5)
    assert heavy.firms_moved == 1


@pytest.mark.parametrize(("taken", "grids"), [(40, (0, 1, 1, 1)), (41, (0, 0, 1, 1))])
def test_no_grid_that_keeps_the_limit_today_goes_over_it_to_relieve_another(taken, grids):
    # Giving 60 minutes away relieves grid 0 by 60; grid 1 would be over by one in the second case.
    found = redraw_borders(street([100, 60, taken, 0], 2, most=100), time_limit_s=5)
    assert found.grids == grids


def test_a_firm_in_the_middle_goes_only_with_all_that_lies_between():
    found = redraw_borders(street([90, 60, 0, 0, 0, 0], 5, most=100), time_limit_s=5)
    assert found.grids == (0, 1, 1, 1, 1, 1)
    assert (found.overload_minutes, found.firms_moved) == (0, 1)


def test_a_parcel_further_away_than_borders_reach_stays():
    found = redraw_borders(street([90, 60, 0, 0, 0, 0, 0], 6, most=100), time_limit_s=5)
    assert found.grids == (0, 0, 0, 0, 0, 0, 1)
    assert found.overload_minutes == 50


def test_a_part_apart_from_its_office_stays_where_it_is():
    problem = BorderProblem(
        parcels=(
            Parcel(minutes=90, firms=3, grid=0),
            Parcel(minutes=0, firms=0, grid=1),
            Parcel(minutes=90, firms=3, grid=0),
        ),
        neighbours=((0, 1), (1, 2)),
        roots=(0, 1),
        most_minutes=90,
    )
    assert redraw_borders(problem, time_limit_s=5).grids == (0, 1, 0)


def test_offices_never_change_hands():
    problem = street([500, 0], 1, most=0)
    assert redraw_borders(problem, time_limit_s=5).grids == (0, 1)


def lattice(draw_minutes, width, grids):
    """A rectangle of parcels; each column belongs to one of the grids from west to east."""
    height = len(draw_minutes) // width
    parcels = tuple(
        Parcel(minutes=minutes, firms=1, grid=min(grids - 1, (i % width) * grids // width))
        for i, minutes in enumerate(draw_minutes[: width * height])
    )
    neighbours = []
    for i in range(width * height):
        if i % width < width - 1:
            neighbours.append((i, i + 1))
        if i + width < width * height:
            neighbours.append((i, i + width))
    roots = tuple(next(i for i, p in enumerate(parcels) if p.grid == g) for g in range(grids))
    most = sum(p.minutes for p in parcels) // grids
    return BorderProblem(
        parcels=parcels, neighbours=tuple(neighbours), roots=roots, most_minutes=most
    )


def reached(problem, grids, grid):
    """The parcels of a grid that its root reaches without leaving it."""
    seen, queue = {problem.roots[grid]}, [problem.roots[grid]]
    while queue:
        here = queue.pop()
        for pair in problem.neighbours:
            if here in pair:
                there = pair[1] if pair[0] == here else pair[0]
                if there not in seen and grids[there] == grid:
                    seen.add(there)
                    queue.append(there)
    return seen


@given(st.lists(st.integers(0, 60), min_size=24, max_size=24), st.sampled_from([2, 3]))
@settings(max_examples=15, deadline=None)
def test_every_grid_is_in_one_piece_and_no_worse_than_today(minutes, grids):
    problem = lattice(minutes, 6, grids)
    told = []
    found = redraw_borders(problem, time_limit_s=2, on_better=told.append)
    for grid in range(grids):
        assert reached(problem, found.grids, grid) == {
            i for i, each in enumerate(found.grids) if each == grid
        }
    today = sum(
        100 * max(0, sum(p.minutes for p in problem.parcels if p.grid == g) - problem.most_minutes)
        for g in range(grids)
    )
    assert found.bound <= found.cost <= today
    assert not told or min(told) == found.cost
    assert found.firms_moved == sum(
        p.firms for p, g in zip(problem.parcels, found.grids, strict=True) if p.grid != g
    )


@pytest.mark.parametrize("options", [{"time_limit_s": 0}, {"threads": 0}])
def test_limits_out_of_range_are_refused(options):
    with pytest.raises(InvalidLimit):
        redraw_borders(street([1, 1], 1, most=1), **options)


@pytest.mark.parametrize(
    "change",
    [{"roots": (1, 0)}, {"roots": (0, 9)}, {"roots": (0,)}, {"most_minutes": -1}],
)
def test_a_problem_that_is_none_is_refused(change):
    given_ = {
        "parcels": street([1, 1], 1, most=1).parcels,
        "neighbours": ((0, 1),),
        "roots": (0, 1),
        "most_minutes": 1,
    }
    with pytest.raises(InvalidProblem):
        BorderProblem(**(given_ | change))

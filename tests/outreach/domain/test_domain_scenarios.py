from __future__ import annotations

import pytest

from outreach.domain.scenarios import GridEffort, Indicator, add_bounds, weigh_fairness


def effort(grid_id, minutes=100, planned=5, left_out=0):
    return GridEffort(grid_id=grid_id, minutes=minutes, planned=planned, left_out=left_out)


def test_the_worst_served_grid_gets_the_smallest_share_of_what_is_due_in_it():
    found = weigh_fairness([effort(1, left_out=5), effort(2, planned=1, left_out=9), effort(3)])
    assert (found.worst.grid_id, found.worst.share) == (2, 0.1)


def test_of_equal_shares_the_grid_where_more_firms_wait_is_worse():
    found = weigh_fairness([effort(1, planned=1, left_out=1), effort(2, planned=5, left_out=5)])
    assert found.worst.grid_id == 2


def test_the_longest_week_stands_beside_the_mean_of_the_grids_that_have_visits():
    found = weigh_fairness([effort(1, 300), effort(2, 100), effort(3, 0, planned=0)])
    assert found.longest.grid_id == 1
    assert found.uneven == 1.5


def test_where_nothing_is_due_nobody_is_worst():
    found = weigh_fairness([effort(1, 0, planned=0)])
    assert (found.longest, found.worst, found.uneven) == (None, None, 0.0)
    assert effort(1, 0, planned=0).share == 1.0


@pytest.mark.parametrize(
    ("bounds", "percent"),
    [({"1": [100, 110], "2": [100, 100]}, 5.0), ({"1": [100, 99]}, 0.0)],
)
def test_a_bound_counts_all_that_could_still_be_gained(bounds, percent):
    found = add_bounds(bounds, of=9)
    assert (found.percent, found.grids, found.of) == (percent, len(bounds), 9)


def test_without_bounds_or_worth_nothing_is_said():
    assert add_bounds({}, of=1) is None
    assert add_bounds({"1": [0, 5]}, of=1) is None


def test_every_indicator_has_a_name_a_unit_and_a_better_side():
    assert len({one.label for one in Indicator}) == len(Indicator)
    assert all(one.unit for one in Indicator)
    assert {one for one in Indicator if one.more_is_better} == {
        Indicator.TARGETS,
        Indicator.EMPLOYEES,
        Indicator.STOPS,
        Indicator.WORST_GRID,
    }

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.borders import (
    LEAST_LOAN_MINUTES,
    BorderRule,
    Loan,
    ProposalStatus,
    suggest_loans,
)
from outreach.domain.loads import GridLoad


def load(due, available=2100):
    return GridLoad(due_minutes=due, available_minutes=available, refresh_days=30)


def test_the_neighbour_with_the_most_time_helps_first_and_only_as_far_as_needed():
    loads = {1: load(2400), 2: load(2000), 3: load(1000), 4: load(0)}
    found = suggest_loans(loads, [(1, 2), (1, 3)])
    assert found == (Loan(from_grid=3, to_grid=1, minutes=300),)


def test_nobody_lends_to_a_grid_that_is_not_hers_to_reach():
    assert suggest_loans({1: load(2400), 2: load(0)}, []) == ()


@pytest.mark.parametrize(
    ("lacking", "loans"), [(LEAST_LOAN_MINUTES, 1), (LEAST_LOAN_MINUTES - 1, 0)]
)
def test_less_than_an_hour_is_no_loan(lacking, loans):
    assert len(suggest_loans({1: load(2100 + lacking), 2: load(0)}, [(1, 2)])) == loans


@given(
    st.lists(st.integers(0, 6000), min_size=2, max_size=8),
    st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12),
)
def test_nobody_lends_more_than_she_has_free_or_gets_more_than_is_lacking(due, pairs):
    loads = {grid: load(minutes) for grid, minutes in enumerate(due)}
    beside = [(a, b) for a, b in pairs if a < b < len(due)]
    found = suggest_loans(loads, beside)
    for grid, one in loads.items():
        given_away = sum(loan.minutes for loan in found if loan.from_grid == grid)
        got = sum(loan.minutes for loan in found if loan.to_grid == grid)
        free = one.available_minutes - one.due_minutes
        assert given_away <= max(0, free)
        assert got <= max(0, -free)
        assert not (given_away and got)
    assert all((min(x.from_grid, x.to_grid), max(x.from_grid, x.to_grid)) in beside for x in found)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"tolerance_percent": -1}, "tolerance_percent"),
        ({"tolerance_percent": 301}, "tolerance_percent"),
        ({"seconds": 1}, "seconds"),
        ({"seconds": 56}, "seconds"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_rule_out_of_range_is_refused_by_name(values, name):
    with pytest.raises(ValueError, match=f"borders.{name}"):
        BorderRule(**values)


def test_the_ends_of_the_range_are_taken_and_every_status_has_a_name():
    assert BorderRule(tolerance_percent=0, seconds=55).seconds == 55
    assert len({status.label for status in ProposalStatus}) == 3

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.boards import (
    EditKind,
    LockLevel,
    PlannedPlace,
    ReplanMode,
    StopChangeKind,
    WeekState,
    compare_plans,
    find_lock_breaks,
    kind_of_edit,
    move_stop,
    orders_as_json,
)

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
WEEK = {MONDAY: (1, 2, 3), TUESDAY: (4,)}


@pytest.mark.parametrize(
    ("key", "day", "place", "after"),
    [
        (1, MONDAY, 3, {MONDAY: (2, 3, 1), TUESDAY: (4,)}),
        (3, MONDAY, 1, {MONDAY: (3, 1, 2), TUESDAY: (4,)}),
        (2, TUESDAY, 1, {MONDAY: (1, 3), TUESDAY: (2, 4)}),
        (2, TUESDAY, 99, {MONDAY: (1, 3), TUESDAY: (4, 2)}),
        (4, MONDAY, 2, {MONDAY: (1, 4, 2, 3)}),
        (9, TUESDAY, 2, {MONDAY: (1, 2, 3), TUESDAY: (4, 9)}),
        (4, None, 0, {MONDAY: (1, 2, 3)}),
    ],
)
def test_a_stop_goes_where_it_is_put_and_an_empty_day_is_no_outing(key, day, place, after):
    assert move_stop(WEEK, key, to_day=day, place=place) == after


@given(st.integers(1, 9), st.sampled_from([MONDAY, TUESDAY, date(2026, 11, 25)]), st.integers(0, 9))
def test_no_firm_is_lost_or_doubled_by_a_move(key, day, place):
    moved = move_stop(WEEK, key, to_day=day, place=place)
    stops = [one for order in moved.values() for one in order]
    assert sorted(stops) == sorted({1, 2, 3, 4, key})
    assert key in moved[day]


def test_the_kind_of_a_change_follows_from_where_the_firm_was():
    assert kind_of_edit(WEEK, 1, TUESDAY) is EditKind.MOVE
    assert kind_of_edit(WEEK, 9, TUESDAY) is EditKind.PUT_IN
    assert kind_of_edit(WEEK, 1, None) is EditKind.TAKE_OUT


def place(grid, day, sequence):
    return PlannedPlace(grid_id=grid, day=day, sequence=sequence)


def test_every_way_in_which_a_firm_may_stand_elsewhere_has_its_kind():
    before = {1: place(1, MONDAY, 1), 2: place(1, MONDAY, 2), 3: place(1, MONDAY, 3)}
    after = {
        1: place(2, MONDAY, 1),
        2: place(1, TUESDAY, 1),
        4: place(1, MONDAY, 1),
    }
    found = {change.enterprise_id: change.kind for change in compare_plans(before, after)}
    assert found == {
        1: StopChangeKind.OTHER_WORKER,
        2: StopChangeKind.OTHER_DAY,
        3: StopChangeKind.DROPPED,
        4: StopChangeKind.ADDED,
    }


def test_one_stop_that_overtakes_two_is_one_change():
    before = {key: place(1, MONDAY, key) for key in (1, 2, 3)}
    after = {3: place(1, MONDAY, 1), 1: place(1, MONDAY, 2), 2: place(1, MONDAY, 3)}
    (change,) = compare_plans(before, after)
    assert (change.enterprise_id, change.kind) == (3, StopChangeKind.OTHER_ORDER)
    assert change.grid_id == 1


def test_a_stop_behind_a_new_one_did_not_move():
    before = {1: place(1, MONDAY, 1)}
    after = {9: place(1, MONDAY, 1), 1: place(1, MONDAY, 2)}
    assert [change.enterprise_id for change in compare_plans(before, after)] == [9]


def test_the_same_version_differs_in_nothing():
    places = {key: place(1, MONDAY, key) for key in (1, 2)}
    assert compare_plans(places, places) == ()


def test_each_mode_says_what_it_does_and_orders_are_stored_by_day():
    assert len({mode.sentence.in_chinese() for mode in ReplanMode}) == 3
    assert orders_as_json(WEEK) == {"2026-11-23": [1, 2, 3], "2026-11-24": [4]}


def test_a_state_is_read_back_as_it_was_kept_and_older_ones_have_their_orders():
    state = WeekState(
        orders=dict(WEEK),
        left_out={7: "visited_lately"},
        locks={1: LockLevel.POSITION},
        locked_days=frozenset({TUESDAY}),
    )
    assert WeekState.from_json(state.as_json()) == state
    assert WeekState.from_json(orders_as_json(WEEK)) == WeekState(orders=dict(WEEK))


@pytest.mark.parametrize(
    ("level", "after", "breaks"),
    [
        (LockLevel.POSITION, {MONDAY: (1, 2, 3), TUESDAY: (4,)}, []),
        (LockLevel.POSITION, {MONDAY: (2, 1, 3), TUESDAY: (4,)}, [False]),
        (LockLevel.DAY, {MONDAY: (2, 1, 3), TUESDAY: (4,)}, []),
        (LockLevel.DAY, {MONDAY: (2, 3), TUESDAY: (1, 4)}, [False]),
        (LockLevel.WORKER, {MONDAY: (2, 3), TUESDAY: (1, 4)}, []),
        (LockLevel.WORKER, {MONDAY: (2, 3), TUESDAY: (4,)}, [True]),
    ],
)
def test_a_lock_of_a_stop_is_broken_by_what_its_level_fixes(level, after, breaks):
    found = find_lock_breaks(WeekState(orders=dict(WEEK), locks={1: level}), after)
    assert [one.is_out for one in found] == breaks
    assert all(one.level is level for one in found)


def test_a_locked_route_is_broken_when_it_changes_and_an_empty_one_when_it_is_filled():
    wednesday = date(2026, 11, 25)
    before = WeekState(orders=dict(WEEK), locked_days=frozenset({TUESDAY, wednesday}))
    assert find_lock_breaks(before, {MONDAY: (1, 3), TUESDAY: (4,)}) == ()
    found = find_lock_breaks(before, {MONDAY: (1,), TUESDAY: (4, 2), wednesday: (3,)})
    assert [one.day for one in found] == [TUESDAY, wednesday]

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_problems import HOUR, make_problem, make_shift, make_stop, problems

from routing.schedule import earliest_start, find_route, latest_start, latest_starts, make_route

WINDOWS = ((10, 20), (30, 40))


@pytest.mark.parametrize(
    ("arrive_s", "start_s"),
    [(0, 10), (10, 10), (15, 15), (20, 20), (21, 30), (40, 40), (41, None)],
)
def test_service_starts_as_early_as_a_window_allows(arrive_s, start_s):
    assert earliest_start(make_stop(windows=WINDOWS), arrive_s) == start_s


@pytest.mark.parametrize(
    ("before_s", "start_s"), [(9, None), (10, 10), (25, 20), (30, 30), (35, 35), (99, 40)]
)
def test_service_starts_as_late_as_a_window_allows(before_s, start_s):
    assert latest_start(make_stop(windows=WINDOWS), before_s) == start_s


def test_windows_may_stand_in_any_order():
    assert earliest_start(make_stop(windows=WINDOWS[::-1]), 5) == 10


def test_arrival_wait_start_and_end_are_told_apart():
    shop = make_stop(windows=((10 * HOUR, 11 * HOUR),))
    route = find_route(make_problem(), make_shift(), [shop])
    timed = route.stops[0]
    assert (timed.arrive_s, timed.start_s) == (9 * HOUR + 600, 10 * HOUR)
    assert timed.end_s == 10 * HOUR + 1800
    assert route.travel_s == 1200


def test_no_stops_cost_no_travel_wherever_the_shift_ends():
    route = find_route(make_problem(), make_shift(end_location=3), [])
    assert (route.stops, route.travel_s) == ((), 0)


def test_one_stop_too_many_is_no_route():
    shops = [make_stop("a"), make_stop("b")]
    assert find_route(make_problem(), make_shift(max_stops=2), shops) is not None
    assert find_route(make_problem(), make_shift(max_stops=1), shops) is None


def test_a_shift_that_is_not_allowed_is_no_route():
    assert find_route(make_problem(), make_shift("tue"), [make_stop(shifts=("mon",))]) is None


@given(problems(most_stops=4, most_shifts=1), st.randoms())
@settings(deadline=None)
def test_a_stop_started_at_its_latest_is_in_time_and_a_second_later_is_not(problem, random):
    order = random.sample(problem.stops, k=min(3, len(problem.stops)))
    shift = problem.shifts[0]
    route = find_route(problem, shift, order)
    latest = latest_starts(problem, shift, order)
    if route is None or not order:
        return
    for planned, late_s in zip(route.stops, latest, strict=True):
        assert planned.start_s <= late_s
    for position, late_s in enumerate(latest):
        assert _holds(problem, shift, order[position:], late_s)
        later = [s for s in range(late_s + 1, late_s + 90) if _is_open(order[position], s)]
        assert not any(_holds(problem, shift, order[position:], s) for s in later)


def _is_open(stop, start_s):
    return any(low <= start_s <= high for low, high in stop.windows)


def _holds(problem, shift, order, start_s):
    clock = start_s + order[0].service_s
    for here, there in itertools.pairwise(order):
        arrive_s = clock + problem.travel_s[here.location, there.location]
        starts = [max(arrive_s, low) for low, high in there.windows if arrive_s <= high]
        if not starts:
            return False
        clock = min(starts) + there.service_s
    return clock + problem.travel_s[order[-1].location, shift.end_location] <= shift.end_s


def test_an_order_that_is_late_is_timed_all_the_same():
    late = make_stop(windows=((0, 9 * HOUR),))
    assert find_route(make_problem(), make_shift(), [late]) is None
    route = make_route(make_problem(), make_shift(), [late])
    assert route.stops[0].start_s == 9 * HOUR + 600
    assert route.travel_s == 1200

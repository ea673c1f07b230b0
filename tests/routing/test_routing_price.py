import pytest
from hypothesis import given, settings
from made_up_problems import (
    HOUR,
    four_shops_and_a_closed_door,
    make_problem,
    make_shift,
    make_stop,
    problems,
    random_week,
)

from routing import LeftOutReason, Plan, UnknownStop, check, price, solve
from routing.price import plan_of


def travel_of(plan):
    return sum(route.travel_s for route in plan.routes)


def planned(plan):
    return {stop.id for route in plan.routes for stop in route.stops}


@pytest.mark.parametrize("seed", range(4))
def test_the_stated_travel_is_the_difference_of_the_two_plans(seed):
    problem = random_week(seed, n=25)
    plan = solve(problem, iteration_limit=40)
    for left in plan.left_out:
        found = price(problem, plan, left.id, rounds=20)
        if found.plan is None:
            continue
        assert found.added_travel_s == travel_of(found.plan) - travel_of(plan)
        assert found.added_objective == found.plan.objective - plan.objective
        assert left.id in planned(found.plan)
        assert set(found.pushed_out) == planned(plan) - planned(found.plan)
        assert set(found.pulled_in) == planned(found.plan) - planned(plan) - {left.id}
        assert check(problem, found.plan) == ()


@given(problems())
@settings(deadline=None, max_examples=40)
def test_every_left_out_stop_has_a_price_or_a_reason_why_it_cannot_be_served(problem):
    plan = solve(problem, iteration_limit=5)
    for left in plan.left_out:
        found = price(problem, plan, left.id, rounds=3)
        assert (found.plan is None) == (found.reason is not None)
        if found.plan is not None:
            assert check(problem, found.plan) == ()
            assert left.id in planned(found.plan)


def test_two_long_visits_push_each_other_out():
    stops = [
        make_stop("long", service_s=6 * HOUR, prize=9000),
        make_stop("other", service_s=4 * HOUR),
    ]
    problem = make_problem(stops=stops)
    plan = solve(problem, iteration_limit=20)
    found = price(problem, plan, "other")
    assert (found.pushed_out, found.pulled_in) == (("long",), ())
    assert (found.shift, found.added_travel_s, found.added_objective) == ("mon", 0, -4000)


def test_a_far_stop_costs_its_way_and_pushes_nobody_out():
    stops = [make_stop("near"), make_stop("far", location=5, prize=100)]
    problem = make_problem(stops=stops)
    found = price(problem, solve(problem, iteration_limit=20), "far")
    assert (found.added_travel_s, found.added_minutes) == (4800, 80)
    assert (found.pushed_out, found.added_objective) == ((), 100 - 4800)


def test_a_door_that_never_opens_has_a_reason_and_no_price():
    problem = four_shops_and_a_closed_door()
    found = price(problem, solve(problem, iteration_limit=20), "closed")
    assert (found.plan, found.reason) == (None, LeftOutReason.NEVER_OPEN)


def test_a_second_visit_to_a_firm_pushes_the_first_out_when_the_gap_is_too_short():
    shifts = [make_shift("mon"), make_shift("tue", day=1, start_s=33 * HOUR, end_s=41 * HOUR)]
    always = ((0, 48 * HOUR),)
    stops = [
        make_stop(name, firm="mill", min_gap_days=2, prize=prize, windows=always)
        for name, prize in (("first", 6000), ("second", 5000))
    ]
    problem = make_problem(shifts, stops)
    plan = solve(problem, iteration_limit=20)
    assert planned(plan) == {"first"}
    assert price(problem, plan, "second").pushed_out == ("first",)


@pytest.mark.parametrize("stop_id", ["ghost", "shop"])
def test_only_known_left_out_stops_have_a_price(stop_id):
    problem = make_problem()
    with pytest.raises(UnknownStop, match=stop_id):
        price(problem, solve(problem, iteration_limit=5), stop_id)


def test_a_plan_that_cannot_be_kept_has_no_prices():
    problem = make_problem(stops=[make_stop(windows=((0, 1),)), make_stop("other")])
    good = make_problem(stops=[make_stop(), make_stop("other")])
    late = plan_of(good, [[0]])
    broken = Plan(problem="street", objective=0, routes=late.routes, left_out=())
    with pytest.raises(UnknownStop, match="cannot serve"):
        price(problem, broken, "other")

"""Whole routes change places between days that are alike, for who knows the week already."""

from __future__ import annotations

from dataclasses import replace

import made_up_problems as m
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import check, choose_days, explain_left_out, is_feasible, objective_of, solve
from routing.plan import Plan
from routing.schedule import find_route

HOUR = m.HOUR
DAY = 24 * HOUR
DAYS = ("mon", "tue", "wed")


def week_of(*orders, stops, days=DAYS, objective=None):
    """A problem of like days, all stops open on all, and the plan that serves these orders."""
    shifts = [
        m.make_shift(name, day=at, start_s=at * DAY + 9 * HOUR, end_s=at * DAY + 17 * HOUR)
        for at, name in enumerate(days)
    ]
    problem = m.make_problem(shifts=shifts, stops=stops, objective=objective)
    return problem, plan_of(problem, dict(zip(days, orders, strict=False)))


def plan_of(problem, orders):
    stops = {stop.id: stop for stop in problem.stops}
    routes = tuple(
        find_route(problem, shift, [stops[one] for one in orders[shift.id]])
        for shift in problem.shifts
        if orders.get(shift.id)
    )
    bare = Plan(problem=problem.name, objective=0, routes=routes, left_out=())
    return replace(
        bare,
        objective=objective_of(problem, bare),
        left_out=explain_left_out(problem, routes),
    )


def open_all_week(name, **changes):
    windows = tuple((at * DAY + 9 * HOUR, at * DAY + 17 * HOUR) for at in range(len(DAYS)))
    return m.make_stop(name, **{"windows": windows, **changes})


def days_of(plan):
    return {route.shift: [stop.id for stop in route.stops] for route in plan.routes}


def told(plan, former):
    """How many firms stand on the day that they were told."""
    return sum(former[one] == day for day, row in days_of(plan).items() for one in row)


def test_firms_stay_on_the_days_that_were_told_before():
    stops = [open_all_week(name, location=at) for at, name in enumerate("abc", start=1)]
    problem, plan = week_of("ab", "c", stops=stops)
    found = choose_days(problem, plan, {"a": "wed", "b": "wed", "c": "mon"})
    assert days_of(found) == {"mon": ["c"], "wed": ["a", "b"]}
    assert check(problem, found) == ()
    assert found.objective == plan.objective


def test_most_firms_decide_for_the_whole_route():
    stops = [open_all_week(name, location=at) for at, name in enumerate("abc", start=1)]
    problem, plan = week_of("abc", stops=stops)
    found = choose_days(problem, plan, {"a": "tue", "b": "wed", "c": "wed"})
    assert days_of(found) == {"wed": ["a", "b", "c"]}


def test_without_an_earlier_plan_the_route_worth_more_comes_first():
    stops = [open_all_week("small", prize=4000), open_all_week("large", prize=9000)]
    problem, plan = week_of(["small"], ["large"], stops=stops)
    assert days_of(choose_days(problem, plan)) == {"mon": ["large"], "tue": ["small"]}


def test_an_earlier_plan_counts_more_than_the_worth():
    stops = [open_all_week("small", prize=4000), open_all_week("large", prize=9000)]
    problem, plan = week_of(["small"], ["large"], stops=stops)
    assert choose_days(problem, plan, {"small": "mon"}) == plan


@pytest.mark.parametrize(
    "tied",
    [{"windows": ((9 * HOUR, 17 * HOUR),)}, {"shifts": ("mon",)}],
    ids=["open on one day only", "allowed on one day only"],
)
def test_a_route_stays_where_a_stop_needs_its_day(tied):
    problem, plan = week_of(["a"], stops=[open_all_week("a", **tied)])
    assert choose_days(problem, plan, {"a": "tue"}) == plan


def test_visits_to_one_firm_keep_their_days_apart():
    stops = [
        open_all_week("a", firm="works"),
        open_all_week("b", firm="works", min_gap_days=2),
        open_all_week("c", prize=9000),
    ]
    problem, plan = week_of(["a"], ["c"], ["b"], stops=stops)
    assert choose_days(problem, plan, {"c": "mon", "a": "tue"}) == plan
    apart = choose_days(problem, plan, {"b": "mon", "a": "wed"})
    assert days_of(apart) == {"mon": ["b"], "tue": ["c"], "wed": ["a"]}


def test_a_route_never_moves_to_a_day_on_which_it_would_travel_longer():
    stops = [open_all_week("a", location=1)]
    near, far = (
        m.make_shift("mon"),
        m.make_shift("tue", day=1, start_s=DAY + 9 * HOUR, end_s=DAY + 17 * HOUR, start_location=5),
    )
    problem = m.make_problem(shifts=(near, far), stops=stops)
    plan = plan_of(problem, {"mon": ["a"]})
    assert choose_days(problem, plan, {"a": "tue"}) == plan


def test_a_plan_stays_where_another_day_would_leave_room_for_a_firm():
    only_monday = {"windows": ((9 * HOUR, 17 * HOUR),)}
    stops = [
        open_all_week("all day", service_s=7 * HOUR + 1800),
        open_all_week("monday", service_s=6 * HOUR, prize=9000, **only_monday),
    ]
    problem, plan = week_of(["all day"], stops=stops)
    assert [one.id for one in plan.left_out] == ["monday"]
    assert choose_days(problem, plan, {"all day": "tue"}) == plan


def test_a_plan_without_routes_stays():
    problem, plan = week_of(stops=[open_all_week("a")])
    assert choose_days(problem, plan, {"a": "mon"}) == plan


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 25), st.data())
def test_any_exchange_keeps_every_rule_the_worth_and_the_routes(seed, n, data):
    problem = m.random_week(seed, n)
    plan = solve(problem, iteration_limit=3)
    shifts = st.sampled_from([shift.id for shift in problem.shifts])
    former = {stop.id: data.draw(shifts) for stop in problem.stops}
    found = choose_days(problem, plan, former)
    assert is_feasible(problem, found)
    assert check(problem, found) == check(problem, plan)
    assert objective_of(problem, found) == objective_of(problem, plan)
    assert sorted(days_of(found).values()) == sorted(days_of(plan).values())
    assert told(found, former) >= told(plan, former)
    assert choose_days(problem, found, former) == found

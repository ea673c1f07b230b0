import gc
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from made_up_problems import (
    HOUR,
    best_objective,
    four_shops_and_a_closed_door,
    make_objective,
    make_problem,
    make_shift,
    make_stop,
    problems,
    random_week,
    travel_between,
)

from routing import InvalidLimit, check, solve
from routing.instance import Instance
from routing.seed import construct
from routing.solver import search_with_ortools

# Example times depend on the machine; the suite as a whole is kept short instead.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)


def ids(plan):
    return [[stop.id for stop in route.stops] for route in plan.routes]


@given(problems())
@unhurried
def test_the_checker_accepts_every_plan_of_the_solver(problem):
    assert check(problem, solve(problem, iteration_limit=15)) == ()


@given(problems(most_stops=4, most_shifts=2))
@unhurried
def test_no_plan_is_worth_more_than_the_best_of_all_plans(problem):
    assert solve(problem, iteration_limit=15).objective <= best_objective(problem)


@pytest.mark.parametrize("seed", range(8))
def test_a_tiny_week_is_planned_as_well_as_by_trying_everything(seed):
    problem = random_week(seed, n=6, days=2)
    assert solve(problem, iteration_limit=150).objective == best_objective(problem)


def test_same_seed_same_plan():
    problem = random_week(3, n=25)
    first, second = (solve(problem, seed=7, iteration_limit=60) for _ in range(2))
    assert first.routes == second.routes
    assert first.left_out == second.left_out


@pytest.mark.parametrize("seed", range(4))
def test_of_weeks_of_equal_worth_it_is_always_the_same(seed):
    week = random_week(seed, n=9)
    twins = tuple(replace(stop, id=f"{stop.id}b") for stop in week.stops)
    problem = replace(week, stops=(*week.stops, *twins))
    plans = [solve(problem, iteration_limit=20) for _ in range(6)]
    assert {plan.routes for plan in plans} == {plans[0].routes}


def test_every_open_shop_is_visited_in_the_cheapest_order():
    problem = four_shops_and_a_closed_door()
    plan = solve(problem, time_limit_s=0.2)
    assert sorted(ids(plan)[0]) == ["shop1", "shop2", "shop3", "shop4"]
    assert plan.routes[0].travel_s == 2 * 2400
    assert [left.id for left in plan.left_out] == ["closed"]


def test_no_shifts_no_routes():
    plan = solve(make_problem(shifts=[]), time_limit_s=0.1)
    assert plan.routes == ()
    assert plan.objective == 0


def test_no_stops_no_routes():
    assert solve(make_problem(stops=[]), time_limit_s=0.1).routes == ()


def test_a_stop_is_served_at_the_last_second_of_its_window_and_not_one_later():
    open_until = 9 * HOUR + 600
    just = make_problem(stops=[make_stop(windows=((0, open_until),))])
    late = make_problem(stops=[make_stop(windows=((0, open_until - 1),))])
    assert ids(solve(just, iteration_limit=5)) == [["shop"]]
    assert ids(solve(late, iteration_limit=5)) == []


def test_a_shift_ends_at_its_last_second_and_not_one_later():
    needed = 600 + 1800 + 600
    just = make_problem(shifts=[make_shift(end_s=9 * HOUR + needed)])
    short = make_problem(shifts=[make_shift(end_s=9 * HOUR + needed - 1)])
    assert ids(solve(just, iteration_limit=5)) == [["shop"]]
    assert ids(solve(short, iteration_limit=5)) == []


def test_a_lunch_hole_is_waited_out():
    noon = ((9 * HOUR, 9 * HOUR + 599), (14 * HOUR, 16 * HOUR))
    plan = solve(make_problem(stops=[make_stop(windows=noon)]), iteration_limit=5)
    assert plan.routes[0].stops[0].start_s == 14 * HOUR


@pytest.mark.parametrize(("most", "served"), [(2, 2), (3, 3), (4, 4), (9, 4)])
def test_a_shift_serves_at_most_its_most_stops(most, served):
    shops = [make_stop(f"shop{i}", location=i) for i in range(1, 5)]
    problem = make_problem(shifts=[make_shift(max_stops=most)], stops=shops)
    assert len(ids(solve(problem, iteration_limit=20))[0]) == served


def test_a_stop_is_served_in_an_allowed_shift_only():
    shifts = [make_shift("mon"), make_shift("tue")]
    problem = make_problem(shifts=shifts, stops=[make_stop(shifts=("tue",))])
    assert solve(problem, iteration_limit=5).routes[0].shift == "tue"


@pytest.mark.parametrize(("prize", "planned"), [(1200, []), (1201, [["shop"]])])
def test_a_stop_is_visited_when_it_is_worth_more_than_its_way(prize, planned):
    problem = make_problem(stops=[make_stop(prize=prize)])
    assert ids(solve(problem, iteration_limit=5)) == planned


def test_a_required_stop_comes_before_a_prize():
    # Both doors are open for the same ten minutes at the two ends of the street.
    doors = ((9 * HOUR + 600, 9 * HOUR + 1200),)
    travel_s = travel_between(0, 600, -600)
    must = make_stop("must", location=1, prize=0, required=True, windows=doors)
    rich = make_stop("rich", location=2, prize=9000, windows=doors)
    plan = solve(make_problem(stops=[must, rich], travel_s=travel_s), iteration_limit=10)
    assert ids(plan) == [["must"]]


@pytest.mark.parametrize(("penalty", "days"), [(1300, 2), (1100, 1)])
def test_a_day_is_added_when_the_penalty_for_short_days_is_more_than_its_way(penalty, days):
    def shift(name, day, first):
        return make_shift(name, day=day, start_s=first * HOUR, end_s=(first + 3) * HOUR)

    # Two stops at one door: one way out serves both, two days take it twice.
    shifts = [shift("am", 0, 9), shift("pm", 0, 14), shift("tue", 1, 33)]
    always = ((0, 40 * HOUR),)
    stops = [make_stop("a", windows=always), make_stop("b", windows=always)]
    objective = make_objective(min_days=2, short_day_penalty=penalty)
    problem = make_problem(shifts, stops, objective=objective)
    plan = solve(problem, iteration_limit=100)
    used = {route.shift for route in plan.routes}
    assert len({s.day for s in shifts if s.id in used}) == days
    assert plan.objective == best_objective(problem)


def test_travel_from_and_to_other_places_is_counted():
    shift = make_shift(start_location=2, end_location=3)
    plan = solve(make_problem(shifts=[shift]), iteration_limit=5)
    assert plan.routes[0].travel_s == 600 + 1200


@pytest.mark.parametrize("limit", [0, -1, float("nan"), float("inf")])
def test_a_time_limit_that_is_no_positive_number_is_refused(limit):
    with pytest.raises(InvalidLimit, match="time_limit_s"):
        solve(make_problem(), time_limit_s=limit)


def test_a_negative_seed_is_refused():
    with pytest.raises(InvalidLimit, match="seed is -1"):
        solve(make_problem(), seed=-1)


def test_an_iteration_limit_of_zero_is_refused():
    with pytest.raises(InvalidLimit, match="iteration_limit is 0"):
        solve(make_problem(), iteration_limit=0)


def test_the_plan_says_how_it_was_found():
    note = solve(make_problem(), seed=5, time_limit_s=0.1).solver
    assert (note.engine, note.seed, note.time_limit_s) == ("ortools", 5, 0.1)


def test_a_model_is_let_go_after_its_search():
    instance = Instance(random_week(1, n=12))
    search_with_ortools(instance, construct(instance), iteration_limit=5)
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one).__name__ == "RoutingModel"]

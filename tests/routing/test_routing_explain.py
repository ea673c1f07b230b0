import pytest
from hypothesis import given, settings
from made_up_problems import (
    HOUR,
    four_shops_and_a_closed_door,
    make_objective,
    make_problem,
    make_shift,
    make_stop,
    problems,
    random_week,
)

from routing import LeftOutReason, Route, UnknownStop, explain, solve
from routing.explain import explain_left_out
from routing.schedule import find_route


def reasons(problem, routes=()):
    return {left.id: left.reason for left in explain_left_out(problem, tuple(routes))}


def route_of(problem, *ids, shift="mon"):
    stops = {stop.id: stop for stop in problem.stops}
    shifts = {each.id: each for each in problem.shifts}
    return find_route(problem, shifts[shift], [stops[each] for each in ids])


def only_reason(**changes):
    return reasons(make_problem(stops=[make_stop(**changes)]))["shop"]


def test_a_stop_with_no_allowed_shift_is_told_so():
    assert only_reason(shifts=()) is LeftOutReason.NO_SHIFT


def test_shifts_without_room_for_a_stop_count_as_none():
    problem = make_problem(shifts=[make_shift(max_stops=0)])
    assert reasons(problem)["shop"] is LeftOutReason.NO_SHIFT


@pytest.mark.parametrize(
    ("window", "reason"),
    [
        ((0, 9 * HOUR - 1), LeftOutReason.NEVER_OPEN),
        ((0, 9 * HOUR), LeftOutReason.OUT_OF_REACH),
        ((17 * HOUR, 20 * HOUR), LeftOutReason.OUT_OF_REACH),
        ((17 * HOUR + 1, 20 * HOUR), LeftOutReason.NEVER_OPEN),
    ],
)
def test_never_open_means_that_no_window_meets_a_shift(window, reason):
    assert only_reason(windows=(window,)) is reason


@pytest.mark.parametrize(
    ("service_s", "reason"),
    [(8 * HOUR - 1200, LeftOutReason.ROOM_LEFT), (8 * HOUR - 1199, LeftOutReason.OUT_OF_REACH)],
)
def test_out_of_reach_means_that_even_alone_it_cannot_be_served_in_time(service_s, reason):
    assert only_reason(service_s=service_s) is reason


@pytest.mark.parametrize(
    ("prize", "reason"),
    [(1200, LeftOutReason.NOT_WORTH_THE_WAY), (1201, LeftOutReason.ROOM_LEFT)],
)
def test_not_worth_the_way_means_that_the_prize_is_no_more_than_the_way_added(prize, reason):
    assert only_reason(prize=prize) is reason


def test_a_required_stop_is_worth_its_penalty_too():
    assert only_reason(prize=0, required=True) is LeftOutReason.ROOM_LEFT


def test_the_cheapest_place_is_named_with_its_way():
    far = make_stop("far", location=3, prize=100)
    problem = make_problem(stops=[make_stop("near", location=2), far])
    (left,) = explain_left_out(problem, (route_of(problem, "near"),))
    assert left.reason is LeftOutReason.NOT_WORTH_THE_WAY
    assert (left.shift, left.added_travel_s) == ("mon", 1200)


def test_no_time_left_means_that_it_fits_alone_but_not_beside_the_plan():
    long = make_stop("long", service_s=6 * HOUR)
    other = make_stop("other", service_s=2 * HOUR)
    problem = make_problem(stops=[long, other])
    assert reasons(problem, [route_of(problem, "long")]) == {"other": LeftOutReason.NO_TIME_LEFT}


def test_a_full_shift_leaves_no_time():
    problem = make_problem(shifts=[make_shift(max_stops=1)], stops=[make_stop("a"), make_stop("b")])
    assert reasons(problem, [route_of(problem, "a")]) == {"b": LeftOutReason.NO_TIME_LEFT}


def test_the_first_visit_of_a_lacking_day_is_worth_the_penalty():
    objective = make_objective(min_days=1, short_day_penalty=300)
    problem = make_problem(stops=[make_stop(prize=1000)], objective=objective)
    assert reasons(problem)["shop"] is LeftOutReason.ROOM_LEFT


def test_the_closed_door_of_the_street_never_opens():
    problem = four_shops_and_a_closed_door()
    plan = solve(problem, iteration_limit=20)
    assert [(left.id, left.reason) for left in plan.left_out] == [
        ("closed", LeftOutReason.NEVER_OPEN)
    ]


@given(problems())
@settings(deadline=None, max_examples=60)
def test_the_solver_leaves_no_stop_out_that_would_pay(problem):
    plan = solve(problem, iteration_limit=10)
    assert LeftOutReason.ROOM_LEFT not in {left.reason for left in plan.left_out}


def test_added_travel_is_the_difference_of_the_route_with_and_without_the_stop():
    problem = random_week(5, n=20)
    plan = solve(problem, iteration_limit=30)
    terms = {each.id: each for each in explain(problem, plan).planned}
    assert len(terms) == sum(len(route.stops) for route in plan.routes)
    for route in plan.routes:
        ids = [stop.id for stop in route.stops]
        for each in ids:
            rest = [other for other in ids if other != each]
            without = route_of(problem, *rest, shift=route.shift) if rest else None
            travel_s = 0 if without is None else without.travel_s
            assert terms[each].added_travel_s == route.travel_s - travel_s


def test_slack_is_how_much_later_the_service_could_start():
    problem = make_problem(shifts=[make_shift(end_s=9 * HOUR + 3000 + 77)])
    (terms,) = explain(problem, solve(problem, iteration_limit=5)).planned
    assert (terms.slack_s, terms.wait_s, terms.position) == (77, 0, 1)


def test_slack_ends_with_the_window():
    window = (0, 9 * HOUR + 610)
    problem = make_problem(stops=[make_stop(windows=(window,))])
    (terms,) = explain(problem, solve(problem, iteration_limit=5)).planned
    assert (terms.slack_s, terms.window) == (10, window)


@pytest.mark.parametrize(("shift", "stop"), [("sun", "shop"), ("mon", "ghost")])
def test_a_plan_of_unknown_things_is_refused(shift, stop):
    problem = make_problem()
    timed = route_of(problem, "shop").stops[0]
    ghost = type(timed)(id=stop, arrive_s=0, start_s=0, end_s=0)
    routes = (Route(shift=shift, stops=(ghost,), travel_s=0),)
    with pytest.raises(UnknownStop, match="unknown to 'street'"):
        explain_left_out(problem, routes)


def test_a_plan_that_cannot_be_kept_is_refused():
    problem = make_problem(stops=[make_stop(windows=((0, 1),))])
    timed = route_of(make_problem(), "shop")
    with pytest.raises(UnknownStop, match="'mon' cannot serve shop"):
        explain_left_out(problem, (timed,))


def test_every_reason_has_a_label_for_the_planner():
    assert len({reason.label for reason in LeftOutReason}) == len(LeftOutReason)

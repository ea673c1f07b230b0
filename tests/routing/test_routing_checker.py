import json
import subprocess
import sys
from dataclasses import replace

import pytest
from made_up_problems import HOUR, make_problem, make_shift, make_stop, random_week

from routing import (
    LeftOut,
    LeftOutReason,
    Plan,
    PlannedStop,
    Route,
    Rule,
    check,
    is_feasible,
    objective_of,
    read_problem,
    solve,
    write_plan,
    write_problem,
)


def planned(stop_id, arrive_s, start_s=None, service_s=1800):
    start_s = arrive_s if start_s is None else start_s
    return PlannedStop(id=stop_id, arrive_s=arrive_s, start_s=start_s, end_s=start_s + service_s)


def one_stop_plan(**changes):
    route = Route(shift="mon", stops=(planned("shop", 9 * HOUR + 600),), travel_s=1200)
    return replace(Plan(problem="street", objective=3800, routes=(route,), left_out=()), **changes)


def rules(problem, plan):
    return [finding.rule for finding in check(problem, plan)]


def with_route(**changes):
    return one_stop_plan(routes=(replace(one_stop_plan().routes[0], **changes),))


def test_a_right_plan_has_no_findings():
    assert check(make_problem(), one_stop_plan()) == ()


def test_a_plan_for_another_problem_is_found():
    assert rules(make_problem(), one_stop_plan(problem="road")) == [Rule.PROBLEM]


def test_an_unknown_shift_is_found():
    assert Rule.UNKNOWN_SHIFT in rules(make_problem(), with_route(shift="sun"))


def test_a_shift_used_twice_is_found():
    route = one_stop_plan().routes[0]
    assert Rule.SHIFT_USED_TWICE in rules(make_problem(), one_stop_plan(routes=(route, route)))


def test_an_unknown_stop_is_found():
    plan = with_route(stops=(planned("ghost", 9 * HOUR + 600),))
    assert Rule.UNKNOWN_STOP in rules(make_problem(), plan)


def test_a_stop_visited_twice_is_found():
    twice = (planned("shop", 9 * HOUR + 600), planned("shop", 9 * HOUR + 2400))
    assert Rule.VISITED_TWICE in rules(make_problem(), with_route(stops=twice))


def test_a_shift_that_is_not_allowed_is_found():
    problem = make_problem(
        shifts=[make_shift(), make_shift("tue")], stops=[make_stop(shifts=("tue",))]
    )
    assert Rule.SHIFT_NOT_ALLOWED in rules(problem, one_stop_plan())


@pytest.mark.parametrize(("most", "found"), [(1, False), (0, True)])
def test_a_stop_too_many_is_found(most, found):
    problem = make_problem(shifts=[make_shift(max_stops=most)])
    assert (Rule.TOO_MANY_STOPS in rules(problem, one_stop_plan())) is found


@pytest.mark.parametrize(("latest", "found"), [(9 * HOUR + 600, False), (9 * HOUR + 599, True)])
def test_a_missed_window_is_found(latest, found):
    problem = make_problem(stops=[make_stop(windows=((0, latest),))])
    assert (Rule.WINDOW_MISSED in rules(problem, one_stop_plan())) is found


@pytest.mark.parametrize(("end_s", "found"), [(9 * HOUR + 3000, False), (9 * HOUR + 2999, True)])
def test_an_overrun_shift_is_found(end_s, found):
    problem = make_problem(shifts=[make_shift(end_s=end_s)])
    assert (Rule.SHIFT_OVERRUN in rules(problem, one_stop_plan())) is found


def test_a_time_off_by_a_second_is_found_but_breaks_no_route():
    plan = with_route(stops=(planned("shop", 9 * HOUR + 601),))
    assert rules(make_problem(), plan) == [Rule.TIMES]
    assert is_feasible(make_problem(), plan)


def test_wrong_travel_is_found():
    assert rules(make_problem(), with_route(travel_s=1199)) == [Rule.TRAVEL]


def test_a_wrong_objective_is_found():
    assert rules(make_problem(), one_stop_plan(objective=3801)) == [Rule.OBJECTIVE]


@pytest.mark.parametrize(("bound", "found"), [(3800, []), (3799, [Rule.BOUND])])
def test_a_bound_below_the_plan_is_found(bound, found):
    assert rules(make_problem(), one_stop_plan(bound=bound)) == found


def test_a_stop_that_is_nowhere_is_found():
    plan = one_stop_plan(routes=(), objective=0)
    assert rules(make_problem(), plan) == [Rule.LEFT_OUT]


def test_a_stop_both_planned_and_left_out_is_found():
    left = LeftOut(id="shop", reason=LeftOutReason.NO_TIME_LEFT)
    assert rules(make_problem(), one_stop_plan(left_out=(left,))) == [Rule.LEFT_OUT]


def test_a_stop_left_out_twice_or_unknown_is_found():
    left = LeftOut(id="ghost", reason=LeftOutReason.NO_TIME_LEFT)
    found = rules(make_problem(), one_stop_plan(left_out=(left, left)))
    assert found == [Rule.LEFT_OUT, Rule.LEFT_OUT]


def test_missed_required_stops_and_short_days_cost_their_penalties():
    problem = random_week(1, n=8)
    must = sum(stop.required for stop in problem.stops)
    nothing = Plan(problem="week1", objective=0, routes=(), left_out=())
    assert objective_of(problem, nothing) == -20_000 * must - 2 * 3600


def evaluated(evaluator, problem_path, plan_path):
    command = [sys.executable, str(evaluator), str(problem_path), str(plan_path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(answer.stdout)


@pytest.mark.reference
def test_the_checker_agrees_with_the_reference_evaluator_on_every_instance(
    reference_routing, tmp_path
):
    paths = sorted(reference_routing.glob("instances/*-n*.json"))
    paths += sorted(reference_routing.glob("toptw/*-m1.json"))
    assert len(paths) == 37
    for path in paths:
        problem = read_problem(path)
        plan = solve(problem, time_limit_s=0.05)
        write_plan(plan, tmp_path / "plan.json")
        said = evaluated(reference_routing / "evaluate.py", path, tmp_path / "plan.json")
        assert check(problem, plan) == ()
        assert (said["feasible"], said["objective"]) == (True, plan.objective), path.name


@pytest.mark.reference
@pytest.mark.parametrize("seed", range(4))
def test_both_judges_agree_about_spoilt_plans(reference_routing, tmp_path, seed):
    problem = random_week(seed, n=10)
    plan = solve(problem, iteration_limit=20)
    write_problem(problem, tmp_path / "problem.json")
    for spoil in (_reversed, _merged, _first_twice):
        spoilt = replace(plan, routes=spoil(plan.routes))
        write_plan(spoilt, tmp_path / "plan.json")
        said = evaluated(
            reference_routing / "evaluate.py", tmp_path / "problem.json", tmp_path / "plan.json"
        )
        assert said["feasible"] == is_feasible(problem, spoilt)
        if said["feasible"]:
            assert said["objective"] == objective_of(problem, spoilt)


def _reversed(routes):
    return tuple(replace(route, stops=route.stops[::-1]) for route in routes)


def _merged(routes):
    return (replace(routes[0], stops=sum((route.stops for route in routes), ())),)


def _first_twice(routes):
    return (*routes[:-1], replace(routes[-1], stops=(*routes[-1].stops, routes[0].stops[0])))

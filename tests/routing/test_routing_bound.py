import json

import pytest
from hypothesis import HealthCheck, given, settings
from made_up_problems import (
    HOUR,
    best_objective,
    make_objective,
    make_problem,
    make_shift,
    make_stop,
    problems,
    random_week,
)

from routing import read_problem, upper_bound


@given(problems(most_stops=5))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_no_plan_of_any_problem_exceeds_the_bound(problem):
    assert upper_bound(problem) >= best_objective(problem)


@pytest.mark.parametrize("seed", range(6))
def test_the_bound_of_a_tiny_week_lies_near_the_best_plan(seed):
    problem = random_week(seed, n=6, days=2)
    best = best_objective(problem)
    assert best <= upper_bound(problem) <= best + 0.35 * abs(best)


def test_one_stop_is_bounded_exactly():
    assert upper_bound(make_problem()) == 3800


def test_nothing_to_serve_leaves_the_penalties():
    must = make_stop(required=True, windows=())
    objective = make_objective(min_days=2, short_day_penalty=100)
    assert upper_bound(make_problem(stops=[must], objective=objective)) == -20_200
    assert upper_bound(make_problem(stops=[])) == 0


def test_the_most_stops_of_a_shift_bound_it():
    shops = [make_stop(f"shop{i}", prize=5000) for i in range(4)]
    problem = make_problem(shifts=[make_shift(max_stops=2)], stops=shops)
    # Of the 1200 s out and home the relaxation charges half: the shops share a door.
    assert upper_bound(problem) == 2 * 5000 - 600


def test_hours_when_every_door_is_closed_serve_nobody():
    mornings = ((9 * HOUR, 10 * HOUR),)
    shops = [make_stop(f"s{i}", service_s=HOUR, prize=5000, windows=mornings) for i in range(5)]
    problem = make_problem(stops=shops, objective=make_objective(travel_weight=0))
    assert upper_bound(problem) == 2 * 5000


@pytest.mark.reference
def test_the_bound_is_no_less_than_any_proven_optimum(reference_routing):
    proven = json.loads((reference_routing / "toptw/proven_optimum.json").read_text("utf-8"))
    for name, profit in proven.items():
        assert upper_bound(read_problem(reference_routing / f"toptw/{name}.json")) >= 1000 * profit


@pytest.mark.reference
def test_the_bound_is_no_less_than_any_plan_known(reference_routing):
    known = json.loads((reference_routing / "instances/best_known.json").read_text("utf-8"))
    for name, row in known.items():
        problem = read_problem(reference_routing / f"instances/{name}.json")
        assert row["best_known"] <= upper_bound(problem) < 1.25 * row["best_known"]

import json
from dataclasses import replace

import numpy as np
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

from routing import InvalidLimit, read_problem, upper_bound
from routing.instance import Instance
from routing.loose_routes import LooseRoutes


@given(problems(most_stops=5))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_no_plan_of_any_problem_exceeds_the_bound(problem):
    assert upper_bound(problem, rounds=0) >= best_objective(problem)


@given(problems(most_stops=5))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_no_plan_exceeds_the_bound_where_visits_take_time(problem):
    # Visits that take no time at all are left to the linear relaxation.
    slow = replace(
        problem,
        stops=tuple(replace(stop, service_s=stop.service_s + 1) for stop in problem.stops),
    )
    assert upper_bound(slow, rounds=12) >= best_objective(slow)


@pytest.mark.parametrize("seed", range(6))
def test_the_bound_of_a_tiny_week_lies_near_the_best_plan(seed):
    problem = random_week(seed, n=6, days=2)
    best = best_objective(problem)
    assert best <= upper_bound(problem, rounds=0) <= best + 0.35 * abs(best)
    assert best <= upper_bound(problem, rounds=60) <= best + 0.05 * abs(best)


def test_more_rounds_never_loosen_the_bound():
    problem = random_week(3, n=12)
    bounds = [upper_bound(problem, rounds=rounds) for rounds in (0, 1, 5, 20, 60)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] < bounds[0]


def test_the_same_rounds_give_the_same_bound():
    problem = random_week(1, n=10)
    assert upper_bound(problem, rounds=15) == upper_bound(problem, rounds=15)


@pytest.mark.parametrize(
    ("limits", "said"), [({"time_limit_s": -1.0}, "-1"), ({"rounds": -1}, "-1")]
)
def test_a_limit_below_nothing_is_refused(limits, said):
    with pytest.raises(InvalidLimit, match=said):
        upper_bound(make_problem(), **limits)


def test_prices_too_large_for_64_bits_are_left_to_the_linear_relaxation():
    shops = [make_stop(f"shop{i}", prize=10**12, service_s=1) for i in range(4)]
    problem = make_problem(stops=shops, objective=make_objective(missed_required_penalty=10**12))
    assert upper_bound(problem) >= 4 * 10**12 - 1200


def test_a_route_that_forgets_comes_back_until_it_is_told_to_remember():
    shops = [make_stop(f"shop{i}", location=i, prize=5000) for i in (1, 2)]
    routes = LooseRoutes(Instance(make_problem(stops=shops)), 0, 60)
    gain = np.array([5000, 5000])
    back_and_forth = routes.best(gain, 1 << 20)
    assert back_and_forth.stops[:3] in ([0, 1, 0], [1, 0, 1])
    assert routes.remember(back_and_forth.stops)
    once = routes.best(gain, 1 << 20)
    assert sorted(once.stops) == [0, 1]
    assert once.worth == 2 * 5000 - 2400


def test_small_and_large_numbers_are_worked_out_alike():
    instance = Instance(random_week(5, n=12))
    routes = LooseRoutes(instance, 0, 60)
    small, large = routes.best(instance.value, 1 << 20), routes.best(instance.value, 1 << 40)
    assert small == large


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
    # Of the 1200 s out and home the linear relaxation charges half: the shops share a door.
    assert upper_bound(problem, rounds=0) == 2 * 5000 - 600
    assert upper_bound(problem, rounds=30) == 2 * 5000 - 1200


def test_hours_when_every_door_is_closed_serve_nobody():
    mornings = ((9 * HOUR, 10 * HOUR),)
    shops = [make_stop(f"s{i}", service_s=HOUR, prize=5000, windows=mornings) for i in range(5)]
    problem = make_problem(stops=shops, objective=make_objective(travel_weight=0))
    assert upper_bound(problem, rounds=0) == 2 * 5000
    # The way there takes ten minutes, so that the second service would begin too late.
    assert upper_bound(problem, rounds=30) == 5000


@pytest.mark.reference
def test_the_bound_is_no_less_than_any_proven_optimum(reference_routing):
    proven = json.loads((reference_routing / "toptw/proven_optimum.json").read_text("utf-8"))
    for name, profit in proven.items():
        problem = read_problem(reference_routing / f"toptw/{name}.json")
        assert upper_bound(problem, rounds=0) >= upper_bound(problem, rounds=12) >= 1000 * profit


@pytest.mark.reference
def test_the_bound_is_no_less_than_any_plan_known(reference_routing):
    known = json.loads((reference_routing / "instances/best_known.json").read_text("utf-8"))
    over = {}
    for name, row in known.items():
        problem = read_problem(reference_routing / f"instances/{name}.json")
        rounds = 40 if len(problem.stops) <= 50 else 8
        over[name] = upper_bound(problem, rounds=rounds) / row["best_known"] - 1
        assert 0 <= over[name] < 0.12
    few = [share for name, share in over.items() if "-n20-" in name or "-n50-" in name]
    assert sum(few) / len(few) < 0.05
    assert sum(over.values()) / len(over) < 0.06

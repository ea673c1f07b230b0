import numpy as np
import pytest
from hypothesis import given, settings
from made_up_problems import (
    best_objective,
    four_shops_and_a_closed_door,
    make_objective,
    make_problem,
    make_stop,
    problems,
    random_week,
)

from routing.instance import NEVER, Instance
from routing.plan import score
from routing.schedule import find_route
from routing.seed import construct, improve
from routing.tours import Tours


def worth(problem, orders):
    """What the orders are worth, by the timing of whole routes; fails where one is late."""
    routes = []
    for shift, order in zip(problem.shifts, orders, strict=True):
        route = find_route(problem, shift, [problem.stops[i] for i in order])
        assert route is not None
        routes.append(route)
    assert len({i for order in orders for i in order}) == sum(map(len, orders))
    return score(problem, tuple(routes)).objective


@given(problems())
@settings(deadline=None, max_examples=60)
def test_construction_and_improvement_keep_every_rule(problem):
    instance = Instance(problem)
    orders = construct(instance)
    assert worth(problem, improve(instance, orders, seed=1, rounds=20)) >= worth(problem, orders)


@given(problems(most_stops=4))
@settings(deadline=None, max_examples=60)
def test_every_insertion_promised_is_kept_to_the_second(problem):
    tours = Tours(Instance(problem))
    for k in range(len(problem.shifts)):
        for stop in range(len(problem.stops)):
            gain = int(tours.gain[k, stop])
            if tours.absent[stop] and gain > -NEVER:
                before = sum(tours.worth)
                tours.insert(k, stop)
                assert sum(tours.worth) - before == gain
                worth(problem, tours.orders)


@pytest.mark.parametrize("seed", range(6))
def test_a_tiny_week_is_improved_to_the_best_there_is(seed):
    problem = random_week(seed, n=6, days=2)
    instance = Instance(problem)
    orders = improve(instance, construct(instance), seed=0, rounds=200)
    assert worth(problem, orders) == best_objective(problem)


def test_same_seed_same_orders():
    instance = Instance(random_week(2, n=30))
    first, second = (improve(instance, construct(instance), seed=5, rounds=80) for _ in range(2))
    assert first == second


def test_improvement_gains_on_construction():
    problem = random_week(9, n=40)
    instance = Instance(problem)
    orders = construct(instance)
    assert worth(problem, improve(instance, orders, seed=0, rounds=200)) > worth(problem, orders)


def test_no_time_leaves_the_orders_as_they_are():
    instance = Instance(four_shops_and_a_closed_door())
    orders = construct(instance)
    assert improve(instance, orders, seed=0, time_limit_s=0.0) == orders


def test_a_day_with_a_visit_is_worth_its_penalty():
    objective = make_objective(min_days=1, short_day_penalty=1000)
    # The prize alone would not pay the way of 1200 seconds.
    problem = make_problem(stops=[make_stop(prize=700)], objective=objective)
    assert construct(Instance(problem)) == [[0]]
    problem = make_problem(stops=[make_stop(prize=200)], objective=objective)
    assert construct(Instance(problem)) == [[]]


def test_an_order_that_is_late_is_not_taken_over():
    # Without the stop between them the way from the first to the third is too long.
    travel_s = np.array([[0, 10, 10, 10], [10, 0, 10, 90_000], [10, 10, 0, 10], [10, 10, 10, 0]])
    stops = [make_stop(f"v{i}", location=i) for i in (1, 2, 3)]
    tours = Tours(Instance(make_problem(stops=stops, travel_s=travel_s)))
    assert tours.try_replace(0, [0, 1, 2])
    assert not tours.try_replace(0, [0, 2])
    assert tours.orders == [[0, 1, 2]]
    assert not tours.absent.any()

import numpy as np
import pytest
from hypothesis import given, settings
from made_up_problems import make_problem, make_shift, make_stop, problems, random_week

from routing.instance import Instance
from routing.start import find_start
from routing.terms import Terms
from routing.tours import Tours
from routing.vroom_seed import CHOICES, Choice, VroomSeed


def kept_of(instance, orders):
    tours = Tours(instance)
    tours.take(orders)
    return tours.orders


@given(problems())
@settings(deadline=None, max_examples=40)
def test_what_vroom_answers_keeps_windows_shifts_and_most_stops(problem):
    instance = Instance(problem)
    if VroomSeed.can_say(instance):
        orders = VroomSeed(instance).ask(CHOICES[0], 1, None)
        assert kept_of(instance, orders) == orders


def test_vroom_serves_every_shop_of_a_street():
    shops = [make_stop(f"shop{i}", location=i) for i in range(1, 5)]
    orders = VroomSeed(Instance(make_problem(stops=shops))).ask(Choice(0.0, None), 1, None)
    assert sorted(orders[0]) == [0, 1, 2, 3]


def test_a_choice_shows_vroom_no_more_than_fills_the_shifts():
    instance = Instance(random_week(4, n=40, days=1))
    chosen = [VroomSeed(instance)._choose(Choice(0.0, filled)) for filled in (0.5, 1.0, None)]
    assert len(chosen[0]) < len(chosen[1]) < len(chosen[2])


def test_required_stops_are_always_chosen():
    problem = random_week(4, n=40, days=1)
    instance = Instance(problem)
    vroom = VroomSeed(instance)
    must = {i for i in vroom.live if problem.stops[i].required}
    assert must
    assert must <= set(vroom._choose(Choice(0.0, 0.1)))


def test_times_that_vroom_cannot_hold_and_fixed_positions_keep_it_out():
    far = np.array([[0, 10**9], [10**9, 0]])
    assert VroomSeed.can_say(Instance(make_problem(travel_s=far)))
    slow = [make_stop(setup_s=10**9)]
    assert not VroomSeed.can_say(Instance(make_problem(travel_s=far, stops=slow)))
    assert not VroomSeed.can_say(Instance(make_problem(), Terms(positions={"shop": 0})))


def test_a_start_given_is_never_made_worse():
    instance = Instance(random_week(6, n=30))
    good = find_start(instance, seed=1, rounds=200)
    tours = Tours(instance)
    tours.load(good)
    worth = tours.objective()
    tours.load(find_start(instance, seed=2, rounds=1, orders=good))
    assert tours.objective() >= worth


def test_a_start_that_breaks_a_rule_loses_what_breaks_it():
    problem = make_problem(shifts=[make_shift(max_stops=1)], stops=[make_stop("a"), make_stop("b")])
    assert len(find_start(Instance(problem), seed=0, rounds=1, orders=[[0, 1]])[0]) == 1


@pytest.mark.parametrize("limit_s", [0.05, 0.4])
def test_the_start_by_the_clock_keeps_every_rule(limit_s):
    instance = Instance(random_week(8, n=45))
    orders = find_start(instance, seed=0, time_limit_s=limit_s)
    assert kept_of(instance, orders) == orders
    assert any(orders)

import itertools
from dataclasses import replace

import pytest
from made_up_problems import random_week

from routing import is_feasible
from routing.instance import Instance
from routing.parts import improve_parts
from routing.price import plan_of
from routing.seed import construct
from routing.terms import NO_TERMS, Terms
from routing.tours import Tours
from routing.vroom_seed import VroomSeed


def improved(problem, terms=NO_TERMS, time_limit_s=0.3):
    """Return the plan before and after asking about parts, and what each is worth to the search."""
    instance = Instance(problem, terms)
    before = construct(instance)
    after = improve_parts(VroomSeed(instance), before, seed=0, time_limit_s=time_limit_s)
    worths = []
    for orders in (before, after):
        tours = Tours(instance)
        tours.load(orders)
        worths.append(tours.objective())
    return plan_of(problem, before), plan_of(problem, after), worths


@pytest.mark.parametrize("seed", range(3))
def test_parts_asked_about_never_make_a_plan_worse_or_wrong(seed):
    problem = random_week(seed, n=45)
    before, after, worths = improved(problem)
    assert is_feasible(problem, after)
    assert after.objective >= before.objective
    assert worths[1] >= worths[0]


def test_parts_improve_what_greedy_insertion_leaves():
    gains = []
    for seed in range(3):
        before, after, _ = improved(random_week(seed, n=45), time_limit_s=0.5)
        gains.append(after.objective - before.objective)
    assert max(gains) > 0


def test_without_time_nothing_changes():
    problem = random_week(1, n=30)
    before, after, _ = improved(problem, time_limit_s=0.0)
    assert after == before


def test_days_between_visits_to_a_firm_are_kept():
    week = random_week(2, n=40)
    stops = tuple(
        replace(stop, firm=f"firm{i % 8}", min_gap_days=1) for i, stop in enumerate(week.stops)
    )
    problem = replace(week, stops=stops)
    _, after, _ = improved(problem)
    assert is_feasible(problem, after)


def test_forced_stops_are_not_given_up():
    problem = random_week(3, n=40)
    instance = Instance(problem)
    forced = frozenset(problem.stops[order[-1]].id for order in construct(instance) if order)
    before, after, _ = improved(problem, Terms(forced=forced))
    served = [{stop.id for r in plan.routes for stop in r.stops} for plan in (before, after)]
    assert served[0] & forced <= served[1]


def test_stops_bound_to_shifts_stay_there():
    week = random_week(4, n=40)
    names = itertools.cycle([shift.id for shift in week.shifts])
    stops = tuple(
        replace(stop, shifts=(next(names),)) if i % 3 == 0 else stop
        for i, stop in enumerate(week.stops)
    )
    problem = replace(week, stops=stops)
    _, after, _ = improved(problem)
    assert is_feasible(problem, after)

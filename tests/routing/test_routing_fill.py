from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_problems import HOUR, make_problem, make_shift, make_stop, problems

from routing import Kept, Locks, fill_gaps, is_feasible, plan_by_hand, solve, solve_many


def orders(plan):
    return {route.shift: [stop.id for stop in route.stops] for route in plan.routes}


SHOPS = [make_stop(f"shop{i}", location=i) for i in (1, 2, 3)]


def test_a_gap_takes_what_fits_and_the_order_by_hand_stays():
    problem = make_problem(stops=SHOPS)
    by_hand = plan_by_hand(problem, {"mon": ["shop3", "shop1"]}).plan
    filled = orders(fill_gaps(problem, by_hand))["mon"]
    assert sorted(filled) == ["shop1", "shop2", "shop3"]
    assert filled.index("shop3") < filled.index("shop1")


def test_a_full_route_takes_nothing():
    problem = make_problem(shifts=[make_shift(max_stops=2)], stops=SHOPS)
    by_hand = plan_by_hand(problem, {"mon": ["shop3", "shop1"]}).plan
    assert orders(fill_gaps(problem, by_hand)) == {"mon": ["shop3", "shop1"]}


def test_a_late_route_stays_as_it_is_and_the_other_shift_is_filled():
    late = make_shift(end_s=9 * HOUR + 1800)
    problem = make_problem(shifts=[late, make_shift("tue")], stops=SHOPS)
    by_hand = plan_by_hand(problem, {"mon": ["shop2"]}).plan
    filled = orders(fill_gaps(problem, by_hand))
    assert filled["mon"] == ["shop2"]
    assert sorted(filled["tue"]) == ["shop1", "shop3"]


def test_a_locked_route_and_a_locked_place_are_kept():
    problem = make_problem(shifts=[make_shift(), make_shift("tue")], stops=SHOPS)
    by_hand = plan_by_hand(problem, {"mon": ["shop2"], "tue": ["shop3"]}).plan
    locks = Locks(routes=frozenset({"mon"}), shifts={"shop3": "tue"}, positions={"shop3": 1})
    assert orders(fill_gaps(problem, by_hand, locks=locks)) == {
        "mon": ["shop2"],
        "tue": ["shop3", "shop1"],
    }


def test_with_every_route_locked_the_plan_is_returned():
    problem = make_problem(stops=SHOPS)
    by_hand = plan_by_hand(problem, {"mon": ["shop2"]}).plan
    assert fill_gaps(problem, by_hand, locks=Locks(routes=frozenset({"mon"}))) is by_hand


@given(problem=problems(), seed=st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_filling_keeps_every_stop_and_the_rules(problem, seed):
    plan = solve(problem, iteration_limit=5, seed=seed)
    thinned = plan_by_hand(problem, {r.shift: [s.id for s in r.stops[::2]] for r in plan.routes})
    filled = fill_gaps(problem, thinned.plan)
    assert is_feasible(problem, thinned.plan) <= is_feasible(problem, filled)
    for shift, order in orders(thinned.plan).items():
        assert [stop for stop in orders(filled)[shift] if stop in order] == order


def test_a_batch_keeps_what_it_is_told_to_keep_of_each_problem():
    problem = make_problem(stops=SHOPS)
    by_hand = plan_by_hand(problem, {"mon": ["shop3", "shop1", "shop2"]}).plan
    kept = {"street": Kept(published=by_hand, locks=Locks(routes=frozenset({"mon"})))}
    (free,) = solve_many([problem], iteration_limit=20, processes=1)
    (same,) = solve_many([problem], iteration_limit=20, processes=1, kept=kept)
    assert orders(same.plan) == orders(by_hand)
    assert orders(free.plan) != orders(by_hand)

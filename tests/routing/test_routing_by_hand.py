import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_problems import HOUR, make_problem, make_shift, make_stop, problems

from routing import LeftOutReason, Rule, UnknownStop, check, plan_by_hand, solve


def rules(made):
    return [finding.rule for finding in made.findings]


def test_an_order_that_can_be_kept_has_no_findings():
    stops = [make_stop(f"shop{i}", location=i) for i in (1, 2, 3)]
    made = plan_by_hand(make_problem(stops=stops), {"mon": ["shop3", "shop1"]})
    assert made.findings == ()
    assert [stop.id for stop in made.plan.routes[0].stops] == ["shop3", "shop1"]
    assert [left.id for left in made.plan.left_out] == ["shop2"]


def test_a_closed_door_in_the_order_is_a_finding_and_no_refusal():
    early = make_stop("early", location=3, windows=((9 * HOUR, 9 * HOUR + 1799),))
    made = plan_by_hand(make_problem(stops=[early, make_stop()]), {"mon": ["early", "shop"]})
    assert rules(made) == [Rule.WINDOW_MISSED]
    assert made.plan.routes[0].stops[0].start_s == 9 * HOUR + 1800


@pytest.mark.parametrize(("end_s", "found"), [(0, []), (-1, [Rule.SHIFT_OVERRUN])])
def test_an_order_may_end_at_the_last_second_of_the_shift(end_s, found):
    shift = make_shift(end_s=9 * HOUR + 3000 + end_s)
    assert rules(plan_by_hand(make_problem(shifts=[shift]), {"mon": ["shop"]})) == found


def test_beside_a_route_that_cannot_be_kept_other_stops_find_no_shift():
    shift = make_shift(end_s=9 * HOUR + 2999)
    problem = make_problem(shifts=[shift], stops=[make_stop(), make_stop("other")])
    made = plan_by_hand(problem, {"mon": ["shop"]})
    assert [left.reason for left in made.plan.left_out] == [LeftOutReason.NO_SHIFT]


def test_a_stop_twice_is_a_finding():
    made = plan_by_hand(make_problem(), {"mon": ["shop", "shop"]})
    assert Rule.VISITED_TWICE in rules(made)


@pytest.mark.parametrize("orders", [{"sun": []}, {"mon": ["ghost"]}])
def test_unknown_names_are_refused(orders):
    with pytest.raises(UnknownStop, match="unknown to 'street'"):
        plan_by_hand(make_problem(), orders)


@given(problems(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_any_order_becomes_a_plan_and_a_good_one_stays_what_it_is(problem, random):
    names = [stop.id for stop in problem.stops]
    random.shuffle(names)
    orders = {shift.id: names[k :: len(problem.shifts)] for k, shift in enumerate(problem.shifts)}
    made = plan_by_hand(problem, orders)
    assert made.findings == check(problem, made.plan)
    good = solve(problem, iteration_limit=3)
    again = plan_by_hand(
        problem, {route.shift: [stop.id for stop in route.stops] for route in good.routes}
    )
    assert again.findings == ()
    assert (again.plan.routes, again.plan.left_out) == (good.routes, good.left_out)

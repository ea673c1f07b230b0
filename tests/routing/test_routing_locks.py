import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_problems import HOUR, make_problem, make_shift, make_stop, problems, random_week

from routing import (
    InvalidLocks,
    Locks,
    Rule,
    check,
    check_locks,
    is_feasible,
    solve,
)
from routing.price import plan_of


def ids(plan):
    return {route.shift: [stop.id for stop in route.stops] for route in plan.routes}


def two_days():
    """Three shops open on two days."""
    shifts = [make_shift("mon"), make_shift("tue", day=1, start_s=33 * HOUR, end_s=41 * HOUR)]
    always = ((0, 48 * HOUR),)
    shops = [make_stop(f"shop{i}", location=i, windows=always) for i in (1, 2, 3)]
    return make_problem(shifts, shops)


def test_a_stop_is_served_in_the_shift_it_is_locked_to():
    for shift in ("mon", "tue"):
        locks = Locks(shifts={"shop2": shift})
        plan = solve(two_days(), iteration_limit=20, locks=locks)
        assert "shop2" in ids(plan)[shift]
        assert check_locks(two_days(), plan, locks) == ()
        assert check(two_days(), plan) == ()


def test_a_stop_is_served_on_the_day_it_is_locked_to_though_it_does_not_pay():
    problem = two_days()
    poor = make_stop("poor", location=5, prize=0, windows=((0, 48 * HOUR),))
    problem = make_problem(problem.shifts, [*problem.stops, poor])
    locks = Locks(days={"poor": 1})
    plan = solve(problem, iteration_limit=20, locks=locks)
    assert "poor" in ids(plan)["tue"]


@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_stop_has_the_place_it_is_locked_to(place):
    locks = Locks(
        shifts={"shop1": "mon", "shop2": "mon", "shop3": "mon"}, positions={"shop3": place}
    )
    plan = solve(two_days(), iteration_limit=60, locks=locks)
    assert ids(plan)["mon"].index("shop3") + 1 == place
    assert check_locks(two_days(), plan, locks) == ()


def test_a_locked_route_stays_as_it_is_and_the_rest_is_planned():
    problem = two_days()
    published = plan_of(problem, [[2, 0], []])
    locks = Locks(routes=frozenset({"mon"}))
    plan = solve(problem, iteration_limit=20, locks=locks, published=published)
    assert ids(plan) == {"mon": ["shop3", "shop1"], "tue": ["shop2"]}
    assert check_locks(problem, plan, locks, published) == ()
    assert check(problem, plan) == ()


def test_a_locked_route_that_is_late_stays_and_the_checker_says_so():
    problem = two_days()
    short = make_problem(
        [make_shift("mon", end_s=9 * HOUR + 2000), problem.shifts[1]], problem.stops
    )
    published = plan_of(problem, [[2, 0], []])
    locks = Locks(routes=frozenset({"mon"}))
    plan = solve(short, iteration_limit=20, locks=locks, published=published)
    assert ids(plan)["mon"] == ["shop3", "shop1"]
    assert {finding.rule for finding in check(short, plan)} == {Rule.SHIFT_OVERRUN}


def test_a_locked_empty_shift_stays_empty():
    problem = two_days()
    published = plan_of(problem, [[], [0]])
    plan = solve(
        problem, iteration_limit=20, locks=Locks(routes=frozenset({"mon"})), published=published
    )
    assert list(ids(plan)) == ["tue"]


def test_a_lock_that_cannot_be_kept_is_listed():
    problem = make_problem(stops=[make_stop(windows=((0, 1),))])
    locks = Locks(shifts={"shop": "mon"})
    plan = solve(problem, iteration_limit=5, locks=locks)
    (finding,) = check_locks(problem, plan, locks)
    assert (finding.rule, finding.id) == (Rule.LOCK_BROKEN, "shop")


def test_every_broken_lock_is_listed():
    problem = two_days()
    published = plan_of(problem, [[0, 1], []])
    other = plan_of(problem, [[1, 0], [2]])
    locks = Locks(
        routes=frozenset({"mon"}), shifts={"shop3": "mon"}, days={"shop3": 0},
        positions={"shop3": 2},
    )  # fmt: skip
    found = [finding.id for finding in check_locks(problem, other, locks, published)]
    assert found == ["mon", "shop3", "shop3", "shop3"]


@pytest.mark.parametrize(
    ("locks", "message"),
    [
        (Locks(routes=frozenset({"sun"})), "unknown"),
        (Locks(shifts={"shop1": "sun"}), "unknown"),
        (Locks(days={"ghost": 0}), "unknown"),
        (Locks(shifts={"shop1": "mon"}, days={"shop1": 1}), "not"),
        (Locks(positions={"shop1": 1}), "without a shift"),
        (Locks(shifts={"shop1": "mon"}, positions={"shop1": 0}), "place 0"),
        (Locks(routes=frozenset({"mon"})), "no published plan"),
    ],
)
def test_locks_that_make_no_sense_are_refused(locks, message):
    with pytest.raises(InvalidLocks, match=message):
        solve(two_days(), iteration_limit=5, locks=locks)


@pytest.mark.parametrize("stop_id", ["shop1", "shop2"])
def test_a_stop_and_the_route_it_is_locked_to_are_not_both_locked(stop_id):
    problem = two_days()
    published = plan_of(problem, [[0], []])
    locks = Locks(routes=frozenset({"mon"}), shifts={stop_id: "mon"})
    with pytest.raises(InvalidLocks, match=stop_id):
        solve(problem, iteration_limit=5, locks=locks, published=published)


@given(problems(), st.data())
@settings(deadline=None, max_examples=40)
def test_a_search_with_locks_keeps_every_other_rule(problem, data):
    published = solve(problem, iteration_limit=3)
    routes = [route.shift for route in published.routes]
    chosen = frozenset(data.draw(st.lists(st.sampled_from(routes), unique=True))) if routes else ()
    fixed = {s.id for r in published.routes if r.shift in chosen for s in r.stops}
    free = [stop.id for stop in problem.stops if stop.id not in fixed]
    days = sorted({shift.day for shift in problem.shifts})
    locked = data.draw(st.lists(st.sampled_from(free), unique=True)) if free else []
    locks = Locks(
        routes=frozenset(chosen), days={stop: data.draw(st.sampled_from(days)) for stop in locked}
    )
    plan = solve(problem, iteration_limit=5, locks=locks, published=published)
    assert is_feasible(problem, plan)
    broken = check_locks(problem, plan, locks, published)
    assert not {finding.id for finding in broken} & set(chosen)


def test_the_search_starts_from_the_published_plan():
    problem = random_week(3, n=25)
    good = solve(problem, iteration_limit=150)
    assert solve(problem, iteration_limit=1, published=good).objective >= good.objective

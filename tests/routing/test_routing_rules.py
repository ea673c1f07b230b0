"""Rules that a problem may use: set-up once a building, gaps, travel by mode."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_problems import HOUR, make_problem, make_shift, make_stop, problems, travel_between

from routing import InvalidProblem, Rule, check, plan_by_hand, read_problem, solve, write_problem
from routing.instance import Instance
from routing.schedule import find_route


@st.composite
def ruled_problems(draw):
    """Any small problem with set-up times, buildings, gaps and a second mode of travel."""
    problem = draw(problems())
    names = st.none() | st.sampled_from(["tower", "mill"])
    stops = []
    for stop in problem.stops:
        firm = draw(names)
        stops.append(
            replace(
                stop,
                setup_s=draw(st.integers(0, 30)),
                building=draw(names),
                firm=firm,
                min_gap_days=0 if firm is None else draw(st.integers(0, 2)),
            )
        )
    shifts = [
        replace(shift, mode=draw(st.sampled_from([None, "bike"])), start_building=draw(names))
        for shift in problem.shifts
    ]
    return replace(
        problem,
        stops=tuple(stops),
        shifts=tuple(shifts),
        travel_by_mode={"bike": problem.travel_s // 2},
    )


@given(ruled_problems())
@settings(deadline=None, max_examples=100)
def test_the_checker_accepts_every_plan_under_all_rules(problem):
    plan = solve(problem, iteration_limit=10)
    assert check(problem, plan) == ()


@given(problem=ruled_problems())
@settings(deadline=None, max_examples=40)
def test_problems_with_rules_are_read_as_they_were_written(problem, tmp_path_factory):
    path = tmp_path_factory.mktemp("rules") / "problem.json"
    write_problem(problem, path)
    again = read_problem(path)
    assert (again.shifts, again.stops) == (problem.shifts, problem.stops)
    assert (again.travel_by_mode["bike"] == problem.travel_by_mode["bike"]).all()
    assert pickle.loads(pickle.dumps(again)).stops == problem.stops


def test_rules_that_are_not_used_are_not_written(tmp_path):
    write_problem(make_problem(), tmp_path / "p.json")
    text = (tmp_path / "p.json").read_text()
    for key in ("setup_s", "building", "firm", "min_gap_days", "mode", "start_building"):
        assert f'"{key}"' not in text


@pytest.mark.parametrize(("building", "spared"), [("tower", 600), ("mill", 0), (None, 0)])
def test_set_up_is_paid_once_for_neighbours_in_one_building(building, spared):
    first = make_stop("first", setup_s=600, building="tower")
    second = make_stop("second", setup_s=600, building=building)
    problem = make_problem(stops=[first, second])
    route = find_route(problem, problem.shifts[0], problem.stops)
    assert route.stops[0].start_s == 9 * HOUR + 600 + 600
    assert route.stops[1].start_s - route.stops[0].end_s == 600 - spared
    assert route.stops[1].arrive_s == route.stops[0].end_s


def test_a_route_that_starts_in_the_building_needs_no_set_up():
    stop = make_stop(setup_s=600, building="tower", location=0)
    problem = make_problem(shifts=[make_shift(start_building="tower")], stops=[stop])
    assert find_route(problem, problem.shifts[0], [stop]).stops[0].start_s == 9 * HOUR


@pytest.mark.parametrize(("setup_s", "served"), [(60, True), (61, False)])
def test_set_up_ends_before_the_window_does(setup_s, served):
    stop = make_stop(setup_s=setup_s, windows=((0, 9 * HOUR + 660),))
    assert bool(solve(make_problem(stops=[stop]), iteration_limit=5).routes) is served


def visits_of_one_firm(gap):
    """Two visits to a mill on days 0, 1, 2."""
    shifts = [
        make_shift(f"d{day}", day=day, start_s=(24 * day + 9) * HOUR, end_s=(24 * day + 17) * HOUR)
        for day in range(3)
    ]
    always = ((0, 72 * HOUR),)
    stops = [
        make_stop(f"visit{i}", firm="mill", min_gap_days=gap, windows=always) for i in range(2)
    ]
    return make_problem(shifts, stops)


@pytest.mark.parametrize("gap", [0, 1, 2, 3])
def test_visits_of_one_firm_keep_their_gap(gap):
    problem = visits_of_one_firm(gap)
    plan = solve(problem, iteration_limit=30)
    days = [int(route.shift[1:]) for route in plan.routes for _ in route.stops]
    assert len(days) == (1 if gap == 3 else 2)
    assert len(days) == 1 or abs(days[0] - days[1]) >= gap
    assert check(problem, plan) == ()


@pytest.mark.parametrize(("last", "found"), [("d1", [Rule.GAP_TOO_SHORT]), ("d2", [])])
def test_the_checker_counts_the_days_between_visits(last, found):
    made = plan_by_hand(visits_of_one_firm(2), {"d0": ["visit0"], last: ["visit1"]})
    assert [finding.rule for finding in made.findings] == found


def test_the_larger_gap_of_two_visits_counts():
    short, long = visits_of_one_firm(0).stops[0], visits_of_one_firm(2).stops[1]
    problem = make_problem(visits_of_one_firm(0).shifts, [short, long])
    assert Instance(problem).kin == {0: [(1, 2)], 1: [(0, 2)]}


def by_bicycle(**changes):
    problem = make_problem([make_shift("foot")], [make_stop()], travel_between(0, 3600, 3600))
    bike = make_shift("bike", mode="bike")
    travel = {"bike": problem.travel_s // 3}
    return replace(
        problem, **{"shifts": (*problem.shifts, bike), "travel_by_mode": travel} | changes
    )


def test_the_faster_mode_is_taken():
    plan = solve(by_bicycle(), iteration_limit=20)
    assert [(route.shift, route.travel_s) for route in plan.routes] == [("bike", 2400)]


def test_a_mode_needs_a_matrix_of_the_same_size():
    with pytest.raises(InvalidProblem, match="mode 'bike' has no matrix"):
        by_bicycle(travel_by_mode={})
    with pytest.raises(InvalidProblem, match=r"shape is \(1, 1\)"):
        by_bicycle(travel_by_mode={"bike": np.zeros((1, 1), dtype=np.int64)})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"setup_s": -1}, "setup_s is -1"),
        ({"min_gap_days": -1, "firm": "mill"}, "min_gap_days is -1"),
        ({"min_gap_days": 2}, "without a firm"),
        ({"building": ""}, "building is ''"),
        ({"firm": 3}, "firm is 3"),
    ],
)
def test_stops_with_wrong_rules_are_refused(changes, message):
    with pytest.raises(InvalidProblem, match=message):
        make_stop(**changes)


@pytest.mark.parametrize("field", ["mode", "start_building"])
def test_shifts_with_wrong_rules_are_refused(field):
    with pytest.raises(InvalidProblem, match=field):
        make_shift(**{field: 7})

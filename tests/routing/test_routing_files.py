import json

import pytest
from made_up_problems import four_shops_and_a_closed_door, make_problem, make_stop, random_week

from routing import (
    InvalidFile,
    InvalidProblem,
    read_plan,
    read_problem,
    solve,
    write_plan,
    write_problem,
)

REMOVED = object()


@pytest.fixture
def problem_path(tmp_path):
    path = tmp_path / "problem.json"
    write_problem(make_problem(stops=[make_stop(shifts=("mon",)), make_stop("other")]), path)
    return path


@pytest.fixture
def plan_path(tmp_path):
    path = tmp_path / "plan.json"
    write_plan(solve(four_shops_and_a_closed_door(), iteration_limit=10), path)
    return path


def change(path, *keys, to):
    content = json.loads(path.read_text(encoding="utf-8"))
    place = content
    for key in keys[:-1]:
        place = place[key]
    if to is REMOVED:
        del place[keys[-1]]
    else:
        place[keys[-1]] = to
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_problem_reads_back_as_it_was_written(tmp_path):
    problem = random_week(1, n=7)
    write_problem(problem, tmp_path / "p.json")
    again = read_problem(tmp_path / "p.json")
    assert (again.name, again.shifts, again.stops) == (problem.name, problem.shifts, problem.stops)
    assert again.objective == problem.objective
    assert (again.travel_s == problem.travel_s).all()


def test_a_plan_reads_back_as_it_was_written(tmp_path):
    plan = solve(four_shops_and_a_closed_door(), iteration_limit=10)
    write_plan(plan, tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json") == plan


def test_a_plan_without_bound_and_solver_is_read(plan_path):
    change(plan_path, "solver", to=REMOVED)
    change(plan_path, "bound", to=None)
    plan = read_plan(plan_path)
    assert (plan.bound, plan.solver) == (None, None)


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("format",), "visit-problem/2", "format is 'visit-problem/2'"),
        (("name",), REMOVED, "name is missing"),
        (("colour",), "red", "colour is unknown"),
        (("shifts", 0, "from"), REMOVED, r"shifts\[0\]: from is missing"),
        (("shifts", 0, "note"), 1, r"shifts\[0\]: note is unknown"),
        (("stops",), {}, "stops is {}"),
        (("stops", 0), 5, r"stops\[0\]: 5 is no object"),
        (("stops", 0, "windows"), 5, r"stops\[0\]: windows is 5"),
        (("stops", 0, "shifts"), "mon", r"stops\[0\]: shifts is 'mon'"),
        (("travel_s", 0, 1), 1.5, r"travel_s\[0\]\[1\] is 1.5"),
        (("travel_s", 0, 1), None, r"travel_s\[0\]\[1\] is None"),
        (("travel_s", 0, 1), float("nan"), r"travel_s\[0\]\[1\] is nan"),
        (("travel_s", 0, 1), 2**70, "travel_s: a value leaves 64 bits"),
        (("travel_s", 2), [0, 1], r"travel_s\[2\] is 2, not 6 values long"),
        (("travel_s",), 7, "travel_s is 7"),
        (("objective", "min_days"), REMOVED, "objective: min_days is missing"),
        (("objective",), None, "objective: None is no object"),
    ],
)
def test_a_problem_file_of_another_shape_is_refused(problem_path, keys, value, message):
    change(problem_path, *keys, to=value)
    with pytest.raises(InvalidFile, match=message):
        read_problem(problem_path)


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("name",), 5, "id or name is 5"),
        (("stops", 0, "windows"), [[5, 1]], "earliest 5 is after 1"),
        (("stops", 0, "windows"), [5], "windows holds 5"),
        (("stops", 0, "location"), 77, "location 77 is unknown"),
        (("stops", 0, "service_s"), "1800", "service_s is '1800'"),
        (("stops", 0, "shifts"), ["sun"], "shifts names unknown 'sun'"),
        (("shifts", 0, "to"), -1, "end_location is -1"),
        (("travel_s", 0, 1), -4, r"travel_s\[0\]\[1\] is -4"),
        (("travel_s",), [], "start_location 0 is unknown"),
    ],
)
def test_a_problem_file_that_says_the_impossible_is_refused(problem_path, keys, value, message):
    change(problem_path, *keys, to=value)
    with pytest.raises(InvalidProblem, match=message):
        read_problem(problem_path)


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("format",), "visit-problem/1", "format is 'visit-problem/1'"),
        (("objective",), "many", "objective is 'many'"),
        (("objective",), True, "objective is True"),
        (("routes",), 1, "routes is 1"),
        (("routes", 0, "stops", 0, "id"), 3, r"routes\[0\]: stops\[0\]: id is 3"),
        (("routes", 0, "stops", 0, "wait"), 3, "wait is unknown"),
        (("unplanned", 0, "reason"), "lazy", "reason is 'lazy', not one of no_shift"),
        (("unplanned", 0, "reason"), ["lazy"], r"reason is \['lazy'\]"),
        (("solver", "seconds"), "fast", "seconds is 'fast'"),
        (("solver", "seed"), REMOVED, "seed is missing"),
    ],
)
def test_a_plan_file_of_another_shape_is_refused(plan_path, keys, value, message):
    change(plan_path, *keys, to=value)
    with pytest.raises(InvalidFile, match=message):
        read_plan(plan_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(tmp_path, content):
    path = tmp_path / "p.json"
    path.write_bytes(content)
    with pytest.raises(InvalidFile, match=r"p\.json"):
        read_problem(path)


def test_plain_ids_are_timed_from_the_problem(plan_path):
    problem = four_shops_and_a_closed_door()
    written = read_plan(plan_path)
    ids = [stop.id for stop in written.routes[0].stops]
    change(plan_path, "routes", 0, to={"shift": "mon", "stops": ids})
    assert read_plan(plan_path, problem) == written


def test_travel_that_is_not_told_is_worked_out_from_the_problem(plan_path):
    written = read_plan(plan_path)
    change(plan_path, "routes", 0, "travel_s", to=REMOVED)
    assert read_plan(plan_path, four_shops_and_a_closed_door()) == written
    with pytest.raises(InvalidFile, match=r"routes\[0\]: travel_s is None, not there"):
        read_plan(plan_path)


@pytest.mark.parametrize(
    ("route", "message"),
    [
        ({"shift": "sun", "stops": ["shop1"]}, "shift is 'sun', not a shift of 'street'"),
        ({"shift": "mon", "stops": ["ghost"]}, "stops is 'ghost', not a stop of 'street'"),
    ],
)
def test_plain_ids_of_unknown_things_are_refused(plan_path, route, message):
    change(plan_path, "routes", 0, to=route)
    with pytest.raises(InvalidFile, match=message):
        read_plan(plan_path, four_shops_and_a_closed_door())

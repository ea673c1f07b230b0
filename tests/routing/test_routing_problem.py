import pickle

import numpy as np
import pytest
from made_up_problems import (
    make_objective,
    make_problem,
    make_shift,
    make_stop,
    travel_between,
)

from routing import InvalidProblem, RoutingError


def changed_travel(row, column, value, dtype=np.int64):
    travel_s = travel_between(0, 600, 1200).astype(dtype)
    travel_s[row, column] = value
    return travel_s


def test_a_problem_keeps_a_read_only_copy_of_the_matrix():
    travel_s = travel_between(0, 600)
    problem = make_problem(travel_s=travel_s)
    travel_s[0, 1] = 1
    assert problem.travel_s[0, 1] == 600
    with pytest.raises(ValueError, match="read-only"):
        problem.travel_s[0, 1] = 2


def test_a_problem_survives_the_way_to_another_process():
    problem = make_problem()
    again = pickle.loads(pickle.dumps(problem))
    assert again.stops == problem.stops
    assert not again.travel_s.flags.writeable


def test_small_integers_become_64_bits():
    problem = make_problem(travel_s=np.zeros((2, 2), dtype=np.uint16))
    assert problem.travel_s.dtype == np.int64


@pytest.mark.parametrize(
    ("travel_s", "message"),
    [
        (np.zeros((2, 3), dtype=np.int64), r"travel_s: shape is \(2, 3\)"),
        (np.zeros(4, dtype=np.int64), r"travel_s: shape is \(4,\)"),
        (changed_travel(0, 1, np.nan, float), r"travel_s\[0\]\[1\] is nan"),
        (changed_travel(2, 1, np.inf, float), r"travel_s\[2\]\[1\] is inf"),
        (changed_travel(0, 1, 5.0, float), "travel_s: type is float64"),
        (changed_travel(1, 0, -1), r"travel_s\[1\]\[0\] is -1"),
        (changed_travel(1, 0, 10**9 + 1), r"travel_s\[1\]\[0\] is 1000000001"),
        (changed_travel(1, 1, 3), r"travel_s\[1\]\[1\] is 3, not 0"),
    ],
)
def test_a_matrix_that_is_no_travel_time_is_refused_with_place_and_value(travel_s, message):
    with pytest.raises(InvalidProblem, match=message):
        make_problem(travel_s=travel_s, stops=[])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"service_s": -1}, "stop 'shop': service_s is -1"),
        ({"service_s": 2.5}, "stop 'shop': service_s is 2.5"),
        ({"prize": -5}, "stop 'shop': prize is -5"),
        ({"prize": True}, "stop 'shop': prize is True"),
        ({"required": 1}, "stop 'shop': required is 1"),
        ({"location": -1}, "stop 'shop': location is -1"),
        ({"windows": ((20, 10),)}, "stop 'shop': windows: earliest 20 is after 10"),
        ({"windows": ((-5, 10),)}, "stop 'shop': windows: earliest start is -5"),
        ({"windows": ((1, 2, 3),)}, r"stop 'shop': windows holds \(1, 2, 3\)"),
        ({"windows": [(1, 2)]}, r"stop 'shop': windows is \[\(1, 2\)\]"),
        ({"shifts": ["mon"]}, r"stop 'shop': shifts is \['mon'\]"),
        ({"stop_id": ""}, "stop: id or name is ''"),
        ({"stop_id": 7}, "stop: id or name is 7"),
    ],
)
def test_a_stop_that_cannot_be_is_refused_with_field_id_and_value(changes, message):
    changes = dict(changes)
    with pytest.raises(InvalidProblem, match=message):
        make_stop("shop", **({"id": changes.pop("stop_id")} if "stop_id" in changes else changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start_s": -1}, "shift 'mon': start_s is -1"),
        ({"end_s": 5}, "shift 'mon': end_s 5 is before start_s 32400"),
        ({"day": -1}, "shift 'mon': day is -1"),
        ({"max_stops": -1}, "shift 'mon': max_stops is -1"),
    ],
)
def test_a_shift_that_cannot_be_is_refused_with_field_id_and_value(changes, message):
    with pytest.raises(InvalidProblem, match=message):
        make_shift(**changes)


@pytest.mark.parametrize(
    "field", ["travel_weight", "missed_required_penalty", "min_days", "short_day_penalty"]
)
def test_a_negative_weight_is_refused(field):
    with pytest.raises(InvalidProblem, match=f"objective: {field} is -1"):
        make_objective(**{field: -1})


def test_the_last_location_is_known_and_the_next_is_not():
    make_problem(stops=[make_stop(location=5)])
    with pytest.raises(InvalidProblem, match="stop 'shop': location 6 is unknown"):
        make_problem(stops=[make_stop(location=6)])


@pytest.mark.parametrize("field", ["start_location", "end_location"])
def test_a_shift_from_or_to_an_unknown_location_is_refused(field):
    with pytest.raises(InvalidProblem, match=f"shift 'mon': {field} 9 is unknown"):
        make_problem(shifts=[make_shift(**{field: 9})])


def test_a_stop_that_names_an_unknown_shift_is_refused():
    with pytest.raises(InvalidProblem, match="stop 'shop': shifts names unknown 'sun'"):
        make_problem(stops=[make_stop(shifts=("sun",))])


def test_two_stops_of_one_id_are_refused():
    with pytest.raises(InvalidProblem, match="stop 'shop': id occurs 2 times"):
        make_problem(stops=[make_stop(), make_stop(location=2)])


def test_two_shifts_of_one_id_are_refused():
    with pytest.raises(InvalidProblem, match="shift 'mon': id occurs 2 times"):
        make_problem(shifts=[make_shift(), make_shift()])


def test_a_window_outside_every_shift_is_no_fault_of_the_problem():
    make_problem(stops=[make_stop(windows=((0, 1),))])


def test_an_invalid_problem_is_both_a_routing_error_and_a_value_error():
    assert issubclass(InvalidProblem, RoutingError)
    assert issubclass(InvalidProblem, ValueError)

import pytest
from made_up_problems import HOUR, make_problem, make_shift, make_stop

from routing import LeftOutReason, make_partner_stop, solve


@pytest.mark.parametrize(("late_s", "met"), [(0, True), (1, False)])
def test_the_second_person_comes_at_the_second_the_first_starts_or_not_at_all(late_s, met):
    first = solve(make_problem(stops=[make_stop("both", location=2)]), iteration_limit=5)
    (planned,) = first.routes[0].stops
    shared = make_partner_stop(make_stop("both"), planned, location=2)
    shift = make_shift(start_s=9 * HOUR + late_s)
    second = solve(make_problem([shift], [shared, make_stop("own")]), iteration_limit=10)
    times = {stop.id: stop.start_s for route in second.routes for stop in route.stops}
    assert ("both" in times) is met
    if met:
        assert times["both"] == planned.start_s
    else:
        assert second.left_out[0].reason is LeftOutReason.OUT_OF_REACH


def test_a_partner_stop_is_required_and_keeps_its_work():
    (planned,) = solve(make_problem(), iteration_limit=5).routes[0].stops
    made = make_partner_stop(make_stop(), planned, location=3, shifts=("mon",))
    assert (made.required, made.location, made.shifts) == (True, 3, ("mon",))
    assert made.windows == ((planned.start_s, planned.start_s),)

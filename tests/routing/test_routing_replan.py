import time

import pytest
from made_up_problems import HOUR, make_problem, make_shift, make_stop, random_week

from routing import (
    ChangeKind,
    ChangeReason,
    ClosedDoor,
    InvalidEvent,
    NewFirm,
    RunningLate,
    ShiftGone,
    UrgentVisit,
    check,
    replan,
    solve,
    summary,
)
from routing.price import plan_of


def ids(plan):
    return {route.shift: [stop.id for stop in route.stops] for route in plan.routes}


def week():
    problem = random_week(11, n=40)
    return problem, solve(problem, iteration_limit=60)


def street_day():
    """Four shops up the street, all planned in order; a fifth left out for lack of time."""
    shops = [make_stop(f"shop{i}", location=i, service_s=HOUR) for i in range(1, 5)]
    late = make_stop("spare", location=2, prize=4000, service_s=HOUR)
    shift = make_shift(end_s=9 * HOUR + 4800 + 4 * HOUR + 1200)
    problem = make_problem([shift], [*shops, late])
    return problem, plan_of(problem, [[0, 1, 2, 3]])


def test_without_events_nothing_changes_at_any_time_of_the_week():
    problem, published = week()
    starts = [stop.start_s for route in published.routes for stop in route.stops]
    for now_s in (0, *(start + 60 for start in starts), *(start - 60 for start in starts)):
        found = replan(problem, published, [], now_s=now_s, rounds=20, time_limit_s=9)
        assert found.changes == ()
        rest = {stop.id: stop for route in found.plan.routes for stop in route.stops}
        for route in published.routes:
            for stop in route.stops:
                assert stop.start_s <= now_s or rest[stop.id].start_s == stop.start_s


def test_past_stops_never_move_and_the_rest_keeps_every_rule():
    problem, published = week()
    route = published.routes[1]
    now_s = route.stops[0].end_s + 1
    events = [
        ClosedDoor(stop=route.stops[1].id),
        RunningLate(shift=route.shift, free_s=now_s + HOUR),
    ]
    found = replan(problem, published, events, now_s=now_s)
    assert check(found.problem, found.plan) == ()
    past = [stop for each in published.routes for stop in each.stops if stop.start_s <= now_s]
    assert [stop for each in found.frozen for stop in each.stops] == past
    assert not {stop.id for stop in past} & {i for order in ids(found.plan).values() for i in order}


def test_a_closed_door_makes_room_for_a_stop_that_was_left_out():
    problem, published = street_day()
    found = replan(problem, published, [ClosedDoor(stop="shop2")], now_s=9 * HOUR)
    changes = {change.id: (change.kind, change.reason) for change in found.changes}
    assert changes == {
        "spare": (ChangeKind.ADDED, ChangeReason.ROOM_MADE),
        "shop2": (ChangeKind.DROPPED, ChangeReason.CLOSED_DOOR),
    }
    assert summary(found.changes) == "1 added, 1 dropped"


def test_a_door_that_opens_later_is_visited_later():
    problem, published = street_day()
    opens = ClosedDoor(stop="shop1", until_s=10 * HOUR)
    found = replan(problem, published, [opens], now_s=9 * HOUR + 601)
    assert "shop1" in ids(found.plan)["mon"]
    assert found.plan.routes[0].stops[0].id != "shop1"
    assert [(c.kind, c.id) for c in found.changes if c.id == "shop1"] == [
        (ChangeKind.MOVED, "shop1")
    ]


def test_who_stands_before_a_closed_door_goes_on_from_there():
    problem, published = street_day()
    now_s = published.routes[0].stops[1].arrive_s + 60
    found = replan(problem, published, [ClosedDoor(stop="shop2")], now_s=now_s)
    (shift,) = found.problem.shifts
    assert (shift.start_location, shift.start_s) == (2, now_s)
    assert [stop.id for stop in found.frozen[0].stops] == ["shop1"]


@pytest.mark.parametrize(("late_s", "dropped"), [(1200, 0), (1201, 1)])
def test_running_late_drops_a_stop_only_when_the_shift_would_overrun(late_s, dropped):
    problem, published = street_day()
    event = RunningLate(shift="mon", free_s=9 * HOUR + late_s)
    found = replan(problem, published, [event], now_s=9 * HOUR)
    gone = [change.reason for change in found.changes if change.kind is ChangeKind.DROPPED]
    assert gone == [ChangeReason.RUNNING_LATE] * dropped
    assert bool(found.changes) == bool(dropped)


def test_the_stops_of_a_shift_that_is_gone_move_where_there_is_room():
    tue = make_shift("tue", day=1, start_s=33 * HOUR, end_s=41 * HOUR)
    always = ((0, 48 * HOUR),)
    stops = [make_stop(f"shop{i}", location=i, windows=always) for i in (1, 2)]
    problem = make_problem([make_shift(), tue], stops)
    found = replan(problem, plan_of(problem, [[0], [1]]), [ShiftGone(shift="mon")], now_s=0)
    assert ids(found.plan) == {"tue": ["shop1", "shop2"]} or ids(found.plan) == {
        "tue": ["shop2", "shop1"]
    }
    (change,) = found.changes
    assert (change.kind, change.reason) == (ChangeKind.MOVED, ChangeReason.SHIFT_GONE)
    assert (change.from_shift, change.to_shift) == ("mon", "tue")


def test_an_urgent_appointment_is_served_though_it_pushes_a_stop_out():
    problem, published = street_day()
    urgent = make_stop("urgent", location=3, service_s=HOUR, prize=0, windows=((0, 11 * HOUR),))
    found = replan(problem, published, [UrgentVisit(stop=urgent)], now_s=9 * HOUR)
    kinds = {change.id: (change.kind, change.reason) for change in found.changes}
    assert kinds.pop("urgent") == (ChangeKind.ADDED, ChangeReason.URGENT)
    assert ChangeReason.MADE_WAY in {reason for _, reason in kinds.values()}
    assert found.problem.stops[-1].required


def test_an_urgent_place_that_the_problem_does_not_have_brings_its_travel():
    problem, published = street_day()
    urgent = make_stop("urgent", location=6, service_s=60, prize=0)
    way = (60, 60, 60, 60, 60, 60)
    found = replan(problem, published, [UrgentVisit(stop=urgent, to_s=way, from_s=way)], now_s=0)
    assert found.problem.locations == 7
    assert "urgent" in ids(found.plan)["mon"]
    with pytest.raises(InvalidEvent, match="need 6 values"):
        replan(problem, published, [UrgentVisit(stop=urgent, to_s=way[1:], from_s=way)], now_s=0)


@pytest.mark.parametrize(("service_s", "added"), [(1200, [ChangeReason.NEW_FIRM]), (1201, [])])
def test_a_firm_found_on_the_way_is_visited_when_it_fits_beside_what_is_published(service_s, added):
    problem, published = street_day()
    firm = make_stop("new", location=1, service_s=service_s, prize=3000)
    found = replan(problem, published, [NewFirm(stop=firm)], now_s=9 * HOUR)
    assert [change.reason for change in found.changes] == added


def test_shifts_that_no_event_touches_keep_their_stops():
    problem, published = week()
    first = published.routes[0]
    found = replan(problem, published, [ClosedDoor(stop=first.stops[0].id)], now_s=0)
    before, after = ids(published), ids(found.plan)
    for shift, order in before.items():
        if shift != first.shift:
            assert [each for each in after[shift] if each in order] == order


@pytest.mark.parametrize(
    "event",
    [
        ClosedDoor(stop="ghost"),
        RunningLate(shift="sun", free_s=0),
        ShiftGone(shift="sun"),
        NewFirm(stop=make_stop("shop1")),
    ],
)
def test_events_that_the_problem_does_not_know_are_refused(event):
    problem, published = street_day()
    with pytest.raises(InvalidEvent, match=r"ghost|sun|shop1"):
        replan(problem, published, [event], now_s=0)


def test_a_plan_of_another_problem_is_refused():
    _, published = street_day()
    with pytest.raises(InvalidEvent, match="not for 'other'"):
        replan(make_problem(name="other"), published, [], now_s=0)


def test_the_time_of_a_search_is_kept():
    problem, published = week()
    event = ShiftGone(shift=published.routes[0].shift)
    before = time.perf_counter()
    replan(problem, published, [event], now_s=0, rounds=10**6, time_limit_s=0.1)
    assert time.perf_counter() - before < 5


def test_labels_differ():
    assert len({reason.label for reason in ChangeReason}) == len(ChangeReason)
    assert len({kind.label for kind in ChangeKind}) == len(ChangeKind)
    assert summary(()) == "no change"

"""Change a plan that is under way: what is published stays unless there is a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from routing.changes import list_changes
from routing.errors import InvalidEvent
from routing.events import ClosedDoor, NewFirm, RunningLate, ShiftGone, UrgentVisit, happen
from routing.instance import Instance
from routing.locks import near_fixed
from routing.price import force_in, orders_of, places_of, plan_of
from routing.seed import SeedParams, add_what_pays, improve
from routing.terms import Terms
from routing.tours import Tours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.changes import Change
    from routing.events import Event
    from routing.plan import Plan, PlannedStop, Route
    from routing.problem import Problem, Shift, Stop

STAY_IN_SHIFT_S = 3600
"""A published stop changes its shift only for more than an hour of travel or its worth."""

STAY_IN_ORDER_S = 1200
"""A published stop changes its place in the order only for more than twenty minutes."""

NEAR = SeedParams(warmest=0.02)
"""The search stays near the published plan."""

ROUNDS = 250
"""Rounds of the search; measured: more change the plan of a day of 60 candidates rarely."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replanned:
    """What is to be done from now on.

    Parameters
    ----------
    problem
        What is left: stops behind the grid worker are gone, shifts under way begin now and here.
    plan
        A plan of that problem; the checker accepts it.
    frozen
        The parts of published routes that are over, as they were published.
    changes
        What differs from the published plan.
    """

    problem: Problem
    plan: Plan
    frozen: tuple[Route, ...]
    changes: tuple[Change, ...]


def replan(
    problem: Problem,
    published: Plan,
    events: Sequence[Event],
    *,
    now_s: int,
    seed: int = 0,
    rounds: int = ROUNDS,
    time_limit_s: float = 0.15,
) -> Replanned:
    """Return how to go on from `now_s` after `events`.

    A published stop whose service starts at `now_s` or before is over, unless its door was closed.
    Shifts that no event touches keep their stops and take at most stops that lost their place, so
    without events nothing changes.

    Parameters
    ----------
    published
        A plan of `problem` that keeps its rules.
    now_s
        On the clock of the shifts.
    rounds, time_limit_s
        The search ends with the first of both.

    Raises
    ------
    InvalidEvent
        When an event names what is not there, or the plan is for another problem.
    InvalidProblem
        When a stop that an event adds does not fit the problem.
    """
    if published.problem != problem.name:
        raise InvalidEvent(f"the plan is for {published.problem!r}, not for {problem.name!r}")
    changed = problem
    for event in events:
        changed = happen(changed, event)
    closed = {event.stop for event in events if isinstance(event, ClosedDoor)}
    frozen = _over(published, now_s, closed)
    left = _left_to_do(changed, published, frozen, events, now_s=now_s)
    urgent = [event.stop.id for event in events if isinstance(event, UrgentVisit)]
    weight = max(1, problem.objective.travel_weight)
    days = {shift.id: shift.day for shift in problem.shifts}
    terms = Terms(
        forced=frozenset(urgent) | _untouched_stops(changed, published, left, events),
        days_served=frozenset(days[route.shift] for route in frozen),
        published=places_of(published),
        stay_in_shift=STAY_IN_SHIFT_S * weight,
        stay_in_order=STAY_IN_ORDER_S * weight,
    )
    instance = Instance(left, terms)
    tours = Tours(instance)
    tours.take(orders_of(instance, published))
    for stop_id in urgent:
        if tours.absent[instance.number[stop_id]]:
            force_in(tours, instance.number[stop_id])
    add_what_pays(tours)
    orders = improve(
        instance,
        tours.copy_orders(),
        seed=seed,
        rounds=rounds,
        time_limit_s=time_limit_s,
        params=NEAR,
    )
    plan = plan_of(left, orders)
    gone = {stop.id for route in frozen for stop in route.stops}
    return Replanned(
        problem=left,
        plan=plan,
        frozen=frozen,
        changes=list_changes(published, plan, events, gone=gone),
    )


def _over(published: Plan, now_s: int, closed: set[str]) -> tuple[Route, ...]:
    """Return the published routes as far as they are over; a closed door was no visit."""
    cut = []
    for route in published.routes:
        past = tuple(s for s in route.stops if s.start_s <= now_s and s.id not in closed)
        if past:
            cut.append(replace(route, stops=past))
    return tuple(cut)


def _left_to_do(
    problem: Problem,
    published: Plan,
    frozen: tuple[Route, ...],
    events: Sequence[Event],
    *,
    now_s: int,
) -> Problem:
    past = {route.shift: route.stops for route in frozen}
    gone = {stop.id for stops in past.values() for stop in stops}
    places = {stop.id: stop for stop in problem.stops}
    closed = {event.stop for event in events if isinstance(event, ClosedDoor)}
    late = {
        event.shift: max(now_s, event.free_s) for event in events if isinstance(event, RunningLate)
    }
    at_door = _at_closed_door(published, events, now_s)
    shifts = tuple(
        _from_now(
            shift,
            past.get(shift.id, ()),
            places,
            free_s=late.get(shift.id, _free_s(published, shift, now_s, closed)),
            at_door=at_door.get(shift.id),
        )
        for shift in problem.shifts
    )
    touched = _touched(problem, published, events)
    planned = places_of(published)
    new = {event.stop.id for event in events if isinstance(event, UrgentVisit | NewFirm)}
    stops = []
    for stop in problem.stops:
        if stop.id in gone:
            continue
        allowed = [
            shift
            for shift in problem.shifts
            if (stop.shifts is None or shift.id in stop.shifts)
            and (stop.id in planned or stop.id in new or shift.id in touched)
            and not near_fixed(problem, stop, shift.day, frozen)
        ]
        windows = tuple((max(low, now_s), high) for low, high in stop.windows if high >= now_s)
        ids = tuple(shift.id for shift in allowed)
        stops.append(replace(stop, shifts=ids, windows=windows))
    return replace(problem, shifts=shifts, stops=tuple(stops))


def _free_s(published: Plan, shift: Shift, now_s: int, closed: set[str]) -> int:
    """Return when a shift goes on: who is on the way to the next stop keeps the published times."""
    for route in published.routes:
        if route.shift == shift.id:
            waiting = [stop for stop in route.stops if stop.start_s > now_s or stop.id in closed]
            return 0 if waiting and waiting[0].id not in closed else now_s
    return now_s


def _at_closed_door(published: Plan, events: Sequence[Event], now_s: int) -> dict[str, str]:
    """Return, by shift, the closed door before which its grid worker stands."""
    closed = {event.stop for event in events if isinstance(event, ClosedDoor)}
    found = {}
    for route in published.routes:
        begun = [stop.id for stop in route.stops if stop.arrive_s <= now_s]
        if begun and begun[-1] in closed:
            found[route.shift] = begun[-1]
    return found


def _from_now(
    shift: Shift,
    past: tuple[PlannedStop, ...],
    places: dict[str, Stop],
    *,
    free_s: int,
    at_door: str | None,
) -> Shift:
    """Return what is left of a shift: it begins where and when its grid worker is free."""
    here = at_door or (past[-1].id if past else None)
    start_s = max(shift.start_s, free_s, *(stop.end_s for stop in past))
    if here is not None:
        shift = replace(
            shift, start_location=places[here].location, start_building=places[here].building
        )
    room = max(0, shift.max_stops - len(past))
    if start_s > shift.end_s:
        # It is over: as a shift of no length and no room it needs no other rule.
        return replace(shift, start_s=shift.end_s, max_stops=0)
    return replace(shift, start_s=start_s, max_stops=room)


def _touched(problem: Problem, published: Plan, events: Sequence[Event]) -> set[str]:
    """Return the shifts in which an event frees time or asks for it."""
    planned = places_of(published)
    touched: set[str] = set()
    for event in events:
        match event:
            case ClosedDoor():
                touched |= {planned[event.stop][0]} if event.stop in planned else set()
            case RunningLate() | ShiftGone():
                touched.add(event.shift)
            case UrgentVisit() | NewFirm():
                allowed = event.stop.shifts
                touched |= {s.id for s in problem.shifts if allowed is None or s.id in allowed}
    return touched


def _untouched_stops(
    problem: Problem, published: Plan, left: Problem, events: Sequence[Event]
) -> frozenset[str]:
    """Return the published stops that no event may push out."""
    touched = _touched(problem, published, events)
    ids = {stop.id for stop in left.stops}
    return frozenset(
        key
        for key, (shift, _) in places_of(published).items()
        if shift not in touched and key in ids
    )

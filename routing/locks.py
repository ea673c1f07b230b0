"""What a planner has fixed by hand, and how a search keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from routing.checker import Finding, Rule
from routing.errors import InvalidLocks
from routing.plan import Plan, Route, score
from routing.schedule import make_route
from routing.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from routing.plan import LeftOut
    from routing.problem import Problem, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Locks:
    """Parts of a plan that must not change.

    Parameters
    ----------
    routes
        Ids of shifts whose routes in the published plan stay as they are, late or not; a shift
        without a route stays empty.
    shifts
        Shift in which a stop must be served, by stop id.
    days
        Day on which a stop must be served, by stop id.
    positions
        Place in its route, from 1, that a stop must have, by stop id; it needs its shift too.
    """

    routes: frozenset[str] = frozenset()
    shifts: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, int] = field(default_factory=dict)
    positions: Mapping[str, int] = field(default_factory=dict)

    @property
    def stops(self) -> frozenset[str]:
        """Ids of the stops that are locked one by one."""
        return frozenset(self.shifts) | frozenset(self.days)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unlocked:
    """What is left to plan: a smaller problem, its terms, and the routes set aside."""

    problem: Problem
    terms: Terms
    fixed: tuple[Route, ...]


def set_aside(problem: Problem, locks: Locks, published: Plan | None) -> Unlocked:
    """Return the problem without what is locked.

    Raises
    ------
    InvalidLocks
        When a lock names an unknown stop or shift, contradicts another one or the rules of its
        stop, or locks a route without a published plan.
    """
    _require_known(problem, locks, published)
    fixed = tuple(
        _retimed(problem, route)
        for route in (() if published is None else published.routes)
        if route.shift in locks.routes and route.stops
    )
    gone = {stop.id for route in fixed for stop in route.stops}
    _require_apart(locks, gone)
    shifts = tuple(shift for shift in problem.shifts if shift.id not in locks.routes)
    days = {shift.id: shift.day for shift in problem.shifts}
    rest = replace(
        problem,
        shifts=shifts,
        stops=tuple(
            _narrowed(problem, stop, locks, fixed) for stop in problem.stops if stop.id not in gone
        ),
    )
    return Unlocked(
        problem=rest,
        terms=Terms(
            forced=locks.stops,
            days_served=frozenset(days[route.shift] for route in fixed),
            positions={stop_id: place - 1 for stop_id, place in locks.positions.items()},
        ),
        fixed=fixed,
    )


def put_back(problem: Problem, unlocked: Unlocked, plan: Plan) -> Plan:
    """Return `plan` of the smaller problem with the routes set aside."""
    by_shift = {route.shift: route for route in (*plan.routes, *unlocked.fixed)}
    routes = tuple(by_shift[shift.id] for shift in problem.shifts if shift.id in by_shift)
    left_out = {left.id: left for left in plan.left_out}
    ordered: tuple[LeftOut, ...] = tuple(
        left_out[stop.id] for stop in problem.stops if stop.id in left_out
    )
    objective = score(problem, routes).objective
    return replace(plan, routes=routes, left_out=ordered, objective=objective)


def check_locks(
    problem: Problem, plan: Plan, locks: Locks, published: Plan | None = None
) -> tuple[Finding, ...]:
    """Return every lock that `plan` breaks, empty when it keeps all."""
    findings: list[Finding] = []
    orders = {route.shift: [stop.id for stop in route.stops] for route in plan.routes}
    days = {shift.id: shift.day for shift in problem.shifts}
    shift_of = {stop_id: shift for shift, order in orders.items() for stop_id in order}

    def find(subject: str, message: str) -> None:
        findings.append(Finding(rule=Rule.LOCK_BROKEN, id=subject, message=message))

    for route in () if published is None else published.routes:
        locked = [stop.id for stop in route.stops]
        if route.shift in locks.routes and orders.get(route.shift, []) != locked:
            find(route.shift, f"serves {orders.get(route.shift, [])}, locked to {locked}")
    for stop_id, shift in locks.shifts.items():
        if shift_of.get(stop_id) != shift:
            find(stop_id, f"is served in {shift_of.get(stop_id)!r}, locked to shift {shift!r}")
    for stop_id, day in locks.days.items():
        found = days.get(shift_of.get(stop_id, ""))
        if found != day:
            find(stop_id, f"is served on day {found}, locked to day {day}")
    for stop_id, place in locks.positions.items():
        order = orders.get(shift_of.get(stop_id, ""), [])
        if stop_id not in order or order.index(stop_id) + 1 != place:
            find(stop_id, f"does not have place {place} in {order}")
    return tuple(findings)


def _retimed(problem: Problem, route: Route) -> Route:
    stops = {stop.id: stop for stop in problem.stops}
    shift = next(shift for shift in problem.shifts if shift.id == route.shift)
    return make_route(problem, shift, [stops[stop.id] for stop in route.stops])


def _narrowed(problem: Problem, stop: Stop, locks: Locks, fixed: tuple[Route, ...]) -> Stop:
    """Return a stop that may be served only where its locks and the fixed routes let it."""
    shifts = [
        shift
        for shift in problem.shifts
        if shift.id not in locks.routes and (stop.shifts is None or shift.id in stop.shifts)
    ]
    if stop.id in locks.shifts:
        shifts = [shift for shift in shifts if shift.id == locks.shifts[stop.id]]
    if stop.id in locks.days:
        shifts = [shift for shift in shifts if shift.day == locks.days[stop.id]]
    kept = [shift for shift in shifts if not near_fixed(problem, stop, shift.day, fixed)]
    untouched = stop.shifts is None and stop.id not in locks.stops and len(kept) == len(shifts)
    return stop if untouched else replace(stop, shifts=tuple(shift.id for shift in kept))


def near_fixed(problem: Problem, stop: Stop, day: int, fixed: tuple[Route, ...]) -> bool:
    """Tell whether a visit on `day` lies too near one of the firm in the routes `fixed`."""
    if stop.firm is None or not fixed:
        return False
    stops = {each.id: each for each in problem.stops}
    days = {shift.id: shift.day for shift in problem.shifts}
    return any(
        stops[planned.id].firm == stop.firm
        and abs(days[route.shift] - day) < max(stop.min_gap_days, stops[planned.id].min_gap_days)
        for route in fixed
        for planned in route.stops
    )


def _require_known(problem: Problem, locks: Locks, published: Plan | None) -> None:
    shifts = {shift.id: shift for shift in problem.shifts}
    stops = {stop.id for stop in problem.stops}
    for shift_id in (*locks.routes, *locks.shifts.values()):
        if shift_id not in shifts:
            raise InvalidLocks(f"locks name shift {shift_id!r}, unknown to {problem.name!r}")
    for stop_id in (*locks.shifts, *locks.days, *locks.positions):
        if stop_id not in stops:
            raise InvalidLocks(f"locks name stop {stop_id!r}, unknown to {problem.name!r}")
    for stop_id in locks.stops & set(locks.shifts) & set(locks.days):
        if shifts[locks.shifts[stop_id]].day != locks.days[stop_id]:
            raise InvalidLocks(
                f"stop {stop_id!r} is locked to shift {locks.shifts[stop_id]!r} and to day "
                f"{locks.days[stop_id]}, on which the shift is not"
            )
    for stop_id, place in locks.positions.items():
        if stop_id not in locks.shifts or place < 1:
            raise InvalidLocks(f"stop {stop_id!r} is locked to place {place} without a shift")
    if locks.routes and published is None:
        raise InvalidLocks("locks name routes, but no published plan says what they are")


def _require_apart(locks: Locks, gone: set[str]) -> None:
    for stop_id in sorted(locks.stops):
        if stop_id in gone:
            raise InvalidLocks(f"stop {stop_id!r} is locked, and so is the route that serves it")
        if locks.shifts.get(stop_id) in locks.routes:
            raise InvalidLocks(f"stop {stop_id!r} is locked into a shift whose route is locked")

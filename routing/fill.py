"""Use the free time of a plan without moving anything that is planned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from routing.instance import Instance
from routing.locks import Locks, put_back, set_aside
from routing.price import orders_of, plan_of
from routing.schedule import find_route
from routing.seed import add_what_pays
from routing.tours import Tours

if TYPE_CHECKING:
    from routing.plan import Plan
    from routing.problem import Problem


def fill_gaps(problem: Problem, plan: Plan, *, locks: Locks | None = None) -> Plan:
    """Return `plan` with the left-out stops that fit between the planned ones and are worth it.

    Planned stops keep their shift and their order. A route that breaks a rule stays as it is,
    late or not, and so does one that `locks` fix; no stop comes in before one whose position is
    fixed.

    Raises
    ------
    InvalidLocks
        When a lock contradicts the plan or names what is not there.
    """
    given = Locks() if locks is None else locks
    held = given.routes | _late(problem, plan)
    if held.issuperset(shift.id for shift in problem.shifts):
        return plan
    gone = {stop.id for route in plan.routes if route.shift in held for stop in route.stops}
    unlocked = set_aside(
        problem,
        Locks(
            routes=held,
            shifts={key: shift for key, shift in given.shifts.items() if key not in gone},
            days={key: day for key, day in given.days.items() if key not in gone},
            positions={key: place for key, place in given.positions.items() if key not in gone},
        ),
        plan,
    )
    tours = Tours(Instance(unlocked.problem, unlocked.terms))
    tours.take(orders_of(tours.instance, plan))
    add_what_pays(tours)
    filled = put_back(problem, unlocked, plan_of(unlocked.problem, tours.copy_orders()))
    return replace(filled, bound=None, solver=None)


def _late(problem: Problem, plan: Plan) -> frozenset[str]:
    """Return the shifts whose routes break a rule."""
    shifts = {shift.id: shift for shift in problem.shifts}
    stops = {stop.id: stop for stop in problem.stops}
    return frozenset(
        route.shift
        for route in plan.routes
        if find_route(problem, shifts[route.shift], [stops[each.id] for each in route.stops])
        is None
    )

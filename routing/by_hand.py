"""A grid worker's own order as a plan: timed, never refused, with what it breaks beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from routing.checker import Finding, check
from routing.errors import UnknownStop
from routing.explain import explain_left_out
from routing.plan import LeftOut, Plan, Route, score
from routing.schedule import find_route, make_route

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from routing.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class HandMadePlan:
    """A plan as somebody wants it, and every rule that it breaks."""

    plan: Plan
    findings: tuple[Finding, ...]


def plan_by_hand(problem: Problem, orders: Mapping[str, Sequence[str]]) -> HandMadePlan:
    """Return the plan that serves stops exactly as `orders` says, by shift id.

    Each service starts as early as it can; where every window is over on arrival it starts then,
    and a finding says so. Reasons of left-out stops hold beside the routes that can be kept; the
    others count as full.

    Raises
    ------
    UnknownStop
        When `orders` names a stop or shift that the problem does not have.
    """
    shifts = {shift.id: shift for shift in problem.shifts}
    stops = {stop.id: stop for stop in problem.stops}
    for shift_id, order in orders.items():
        if shift_id not in shifts:
            raise UnknownStop(f"the order names shift {shift_id!r}, unknown to {problem.name!r}")
        for stop_id in order:
            if stop_id not in stops:
                raise UnknownStop(f"the order names stop {stop_id!r}, unknown to {problem.name!r}")
    routes = tuple(
        make_route(problem, shift, [stops[each] for each in orders[shift.id]])
        for shift in problem.shifts
        if orders.get(shift.id)
    )
    plan = Plan(
        problem=problem.name,
        objective=score(problem, routes).objective,
        routes=routes,
        left_out=_left_out(problem, routes),
    )
    return HandMadePlan(plan=plan, findings=check(problem, plan))


def _left_out(problem: Problem, routes: tuple[Route, ...]) -> tuple[LeftOut, ...]:
    shifts = {shift.id: shift for shift in problem.shifts}
    stops = {stop.id: stop for stop in problem.stops}
    kept, broken = [], set()
    for route in routes:
        order = [stops[planned.id] for planned in route.stops]
        if find_route(problem, shifts[route.shift], order) is None:
            broken.add(route.shift)
        else:
            kept.append(route)
    open_shifts = tuple(
        replace(shift, max_stops=0) if shift.id in broken else shift for shift in problem.shifts
    )
    planned = {stop.id for route in routes for stop in route.stops}
    reasons = explain_left_out(replace(problem, shifts=open_shifts), tuple(kept))
    return tuple(left for left in reasons if left.id not in planned)

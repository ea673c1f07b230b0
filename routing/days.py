"""Which day each finished route is driven, where the day makes no difference to the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from routing.checker import is_feasible, objective_of
from routing.explain import explain_left_out
from routing.plan import LeftOutReason
from routing.schedule import find_route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from routing.plan import Plan, Route
    from routing.problem import Problem


def choose_days(problem: Problem, plan: Plan, former: Mapping[str, str] | None = None) -> Plan:
    """Return the plan with whole routes exchanged between shifts; stops and orders stay together.

    A search leaves open which of two like days gets which route. As many stops as possible come
    to the shift that `former` (stop id to shift id, of an earlier plan of the same days) has them
    in; among such exchanges the routes that are worth more come earlier, so that a day lost at
    the end of the week costs the least. A route moves only where its times hold and its travel is
    the same, and the plan stays as it is where the exchange would break a rule, lose value or
    leave room for a stop that had none: a linear sum assignment (Burkard, Dell'Amico, Martello,
    "Assignment Problems", 2009), solved by OR-Tools.

    `plan` keeps every rule of `problem`; `former` may name stops and shifts that neither has.
    """
    chosen = _assign(problem, plan, former or {})
    if chosen is None or chosen == plan.routes:
        return plan
    exchanged = replace(plan, routes=chosen, left_out=explain_left_out(problem, chosen))
    is_as_good = (
        is_feasible(problem, exchanged)
        and objective_of(problem, exchanged) >= objective_of(problem, plan)
        and _rooms(exchanged) <= _rooms(plan)
    )
    return exchanged if is_as_good else plan


def _rooms(plan: Plan) -> int:
    return sum(one.reason is LeftOutReason.ROOM_LEFT for one in plan.left_out)


def _assign(problem: Problem, plan: Plan, former: Mapping[str, str]) -> tuple[Route, ...] | None:
    """The routes on the shifts that suit best; None where the engine finds none."""
    from ortools.graph.python import linear_sum_assignment  # lazy: start-up time

    stops = {stop.id: stop for stop in problem.stops}
    shifts = problem.shifts
    worth = [sum(stops[one.id].prize for one in route.stops) for route in plan.routes]
    rank = [sum(other < own for other in worth) + 1 for own in worth]
    # More than all ranks together can bring: one stop on its former day outweighs every order.
    one_stop = sum(rank) * len(shifts) + 1
    best = one_stop * (sum(len(route.stops) for route in plan.routes) + 1)
    solver = linear_sum_assignment.SimpleLinearSumAssignment()
    moved: dict[tuple[int, int], Route] = {}
    for row, route in enumerate(plan.routes):
        order = [stops[one.id] for one in route.stops]
        for column, shift in enumerate(shifts):
            found = find_route(problem, shift, order)
            if found is None or found.travel_s != route.travel_s:
                continue
            moved[row, column] = found
            kept = sum(former.get(one.id) == shift.id for one in route.stops)
            gain = kept * one_stop + rank[row] * (len(shifts) - column)
            solver.add_arc_with_cost(row, column, best - gain)
    for row in range(len(plan.routes), len(shifts)):
        for column in range(len(shifts)):
            solver.add_arc_with_cost(row, column, best)  # a day without a route
    if solver.solve() != solver.OPTIMAL:
        return None
    placed = {solver.right_mate(row): row for row in range(len(plan.routes))}
    return tuple(moved[row, column] for column, row in sorted(placed.items()))

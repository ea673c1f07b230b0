"""What it would cost to put a left-out stop into a plan: by planning with it, not by guessing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing.errors import UnknownStop
from routing.explain import explain_left_out, find_reason_alone
from routing.instance import FORCE, Instance
from routing.plan import Plan, Route, score
from routing.schedule import find_route
from routing.seed import SeedParams, add_what_pays, improve
from routing.terms import Terms
from routing.tours import Tours

if TYPE_CHECKING:
    from routing.plan import LeftOutReason
    from routing.problem import Problem
    from routing.seed import Orders

STAY_S = 120
"""What leaving a stop in its shift is worth, in seconds of travel: no reshuffling for a minute."""

NEAR = SeedParams(warmest=0.01)
"""A search that stays near the plan: only what the forced stop brings about should change."""

LONGEST_RUN = 3
"""Most neighbouring stops taken out to make room, before whole routes are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What changes when a stop is put into a plan.

    Parameters
    ----------
    reason
        Why it cannot be put in at all; None when it can, and only then is there a `plan`.
    added_travel_s
        Travel of `plan` less that of the plan before; below 0 when much is pushed out.
    added_objective
        The same of the objective; above 0 means that the plan before can be improved.
    pushed_out, pulled_in
        Ids of other stops that leave the plan or come into it.
    """

    id: str
    reason: LeftOutReason | None
    shift: str | None
    added_travel_s: int
    added_objective: int
    pushed_out: tuple[str, ...]
    pulled_in: tuple[str, ...]
    plan: Plan | None

    @property
    def added_minutes(self) -> int:
        """The added travel in minutes, rounded away from 0 so that no cost is called free."""
        return (
            -(-self.added_travel_s // 60) if self.added_travel_s >= 0 else self.added_travel_s // 60
        )


def price(problem: Problem, plan: Plan, stop_id: str, *, seed: int = 0, rounds: int = 80) -> Price:
    """Return what putting stop `stop_id` into `plan` costs, by planning again with it forced in.

    Parameters
    ----------
    rounds
        Of the search, at least 1; a hundred take about a tenth of a second.

    Raises
    ------
    UnknownStop
        When the problem has no such stop, or the plan has it already, or the plan cannot be kept.
    """
    stops = {stop.id: stop for stop in problem.stops}
    before = {stop.id for route in plan.routes for stop in route.stops}
    if stop_id not in stops:
        raise UnknownStop(f"{problem.name!r} has no stop {stop_id!r}")
    if stop_id in before:
        raise UnknownStop(f"stop {stop_id!r} is in the plan already; only left-out stops have one")
    explain_left_out(problem, plan.routes)  # refuses plans that cannot be kept
    reason = find_reason_alone(problem, stops[stop_id])
    if reason is not None:
        return Price(
            id=stop_id,
            reason=reason,
            shift=None,
            added_travel_s=0,
            added_objective=0,
            pushed_out=(),
            pulled_in=(),
            plan=None,
        )
    forced = _plan_with(problem, plan, stop_id, seed=seed, rounds=rounds)
    after = places_of(forced)
    return Price(
        id=stop_id,
        reason=None,
        shift=after[stop_id][0],
        added_travel_s=sum(r.travel_s for r in forced.routes)
        - sum(r.travel_s for r in plan.routes),
        added_objective=forced.objective - score(problem, plan.routes).objective,
        pushed_out=tuple(sorted(before - set(after))),
        pulled_in=tuple(sorted(set(after) - before - {stop_id})),
        plan=forced,
    )


def _plan_with(problem: Problem, plan: Plan, stop_id: str, *, seed: int, rounds: int) -> Plan:
    weight = max(1, problem.objective.travel_weight)
    terms = Terms(
        forced=frozenset({stop_id}),
        published=places_of(plan),
        stay_in_shift=STAY_S * weight,
        stay_in_order=STAY_S * weight // 2,
    )
    instance = Instance(problem, terms)
    tours = Tours(instance)
    tours.take(orders_of(instance, plan))
    force_in(tours, instance.number[stop_id])
    add_what_pays(tours)
    orders = improve(instance, tours.copy_orders(), seed=seed, rounds=rounds, params=NEAR)
    return plan_of(problem, orders)


def places_of(plan: Plan) -> dict[str, tuple[str, int]]:
    """Return shift and place in its route, from 0, of every planned stop."""
    return {
        stop.id: (route.shift, place)
        for route in plan.routes
        for place, stop in enumerate(route.stops)
    }


def orders_of(instance: Instance, plan: Plan) -> Orders:
    """Return the orders of a plan; stops and shifts that the problem no longer has fall out."""
    routes = {route.shift: route for route in plan.routes}
    orders: Orders = []
    for shift in instance.problem.shifts:
        planned = routes[shift.id].stops if shift.id in routes else ()
        orders.append([instance.number[s.id] for s in planned if s.id in instance.number])
    return orders


def plan_of(problem: Problem, orders: Orders) -> Plan:
    """Return the plan of feasible orders with the reasons for what it leaves out, unbounded."""
    routes: list[Route] = []
    for shift, order in zip(problem.shifts, orders, strict=True):
        route = find_route(problem, shift, [problem.stops[i] for i in order]) if order else None
        if route is not None:
            routes.append(route)
    return Plan(
        problem=problem.name,
        objective=score(problem, tuple(routes)).objective,
        routes=tuple(routes),
        left_out=explain_left_out(problem, tuple(routes)),
    )


def force_in(tours: Tours, stop: int) -> bool:
    """Put `stop` in where least is lost by taking neighbouring stops out; False where it cannot."""
    before = tours.copy_orders()
    best, best_objective = before, tours.objective() + FORCE // 2
    for k in range(tours.instance.m):
        for orders in _with_room(tours, before, k, stop):
            tours.load(orders)
            if tours.gain[k, stop] > 0:
                tours.insert(k, stop)
                if tours.objective() > best_objective:
                    best, best_objective = tours.copy_orders(), tours.objective()
    tours.load(best)
    return best is not before


def _with_room(tours: Tours, orders: Orders, k: int, stop: int) -> list[Orders]:
    """Return orders from which a run of stops of shift k is gone, and the firm's near visits."""
    if not tours.instance.may[k, stop]:
        return []
    days = tours.instance.days
    near = {
        j: [other for other in range(tours.instance.m) if abs(days[other] - days[k]) < gap]
        for j, gap in tours.instance.kin.get(stop, ())
    }
    cleared = [
        [i for i in order if other not in near.get(i, ())] for other, order in enumerate(orders)
    ]
    here = cleared[k]
    runs = [(0, 0), (0, len(here))]
    runs += [
        (first, first + length)
        for length in range(1, LONGEST_RUN + 1)
        for first in range(len(here) - length + 1)
    ]
    roomy: list[Orders] = []
    for first, last in runs:
        # A forced stop is not pushed out for another one.
        gone = here[first:last]
        if any(tours.instance.value[i] >= FORCE for i in gone):
            continue
        tours.load([[] for _ in orders])
        tours.take(cleared)
        if tours.try_replace(k, here[:first] + here[last:]):
            roomy.append(tours.copy_orders())
    return roomy

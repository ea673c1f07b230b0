"""The OR-Tools model of a visit problem; `relaxation` has its linear one."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from routing.bound import upper_bound
from routing.errors import InvalidLimit
from routing.instance import Instance
from routing.locks import put_back, set_aside
from routing.plan import Plan, SolverNote
from routing.price import orders_of, plan_of
from routing.seed import add_what_pays, load_search
from routing.start import find_start
from routing.terms import NO_TERMS
from routing.tours import Tours
from routing.vroom_seed import load_vroom

if TYPE_CHECKING:
    from routing.locks import Locks
    from routing.problem import Problem
    from routing.seed import Orders

SEED_SHARE = 0.93
"""Share of the time given to the seed's ruin-and-recreate before OR-Tools; measured."""

CLOSING_ITERATIONS = 30
"""Most iterations of OR-Tools after a search that counts its rounds."""

CLOSING_S = 0.03
"""Time kept for the bound and the reasons after the search: 10 and 20 ms at 150 stops."""

BOUND_SHARE = 0.25
"""Most of the time that the bound may take of what a search that ended early left."""


def solve(
    problem: Problem,
    *,
    time_limit_s: float = 1.0,
    seed: int = 0,
    iteration_limit: int | None = None,
    locks: Locks | None = None,
    published: Plan | None = None,
) -> Plan:
    """Return the best plan found.

    Parameters
    ----------
    time_limit_s
        Wall seconds, above 0, without the import of OR-Tools; less is used when a small problem
        stops improving.
    seed
        At least 0.
    iteration_limit
        At least 1: rounds of the search for each stop. With it the clock is not looked at: same
        seed, same plan. 200 take about a second for 60 stops, and find what a second finds.
    locks
        What must not change. A lock that cannot be kept does not stop the search; `check_locks`
        says which are broken.
    published
        An older plan: the search starts from it too, and locked routes are its routes.

    Raises
    ------
    InvalidLimit
        When a limit or the seed is out of range.
    InvalidLocks
        When locks contradict each other or name what is not there.
    """
    _require_limits(time_limit_s, seed, iteration_limit)
    unlocked = None if locks is None else set_aside(problem, locks, published)
    # Loaded here and not above: they take half a second, which only a solve should pay.
    import ortools.constraint_solver.pywrapcp  # noqa: F401

    load_vroom()
    load_search()

    started = time.perf_counter()
    terms = NO_TERMS if unlocked is None else unlocked.terms
    instance = Instance(problem if unlocked is None else unlocked.problem, terms)
    given = None if published is None else orders_of(instance, published)
    limit_s = None if iteration_limit is not None else time_limit_s
    orders = _search(instance, given, seed=seed, time_limit_s=limit_s, iterations=iteration_limit)
    plan = _plan(instance, orders)
    if unlocked is not None:
        plan = put_back(problem, unlocked, plan)
    return replace(
        plan,
        bound=_bound(problem, limit_s, time.perf_counter() - started),
        solver=SolverNote(
            engine="ortools",
            seed=seed,
            time_limit_s=limit_s,
            iterations=iteration_limit,
            seconds=round(time.perf_counter() - started, 3),
        ),
    )


def _bound(problem: Problem, time_limit_s: float | None, passed_s: float) -> int:
    """Return a bound: quick where the search took its time, finer where it left some."""
    if time_limit_s is None:
        return upper_bound(problem, rounds=0)
    left_s = min(time_limit_s - passed_s, BOUND_SHARE * time_limit_s)
    return upper_bound(problem, time_limit_s=max(0.0, left_s))


def _search(
    instance: Instance,
    given: Orders | None,
    *,
    seed: int,
    time_limit_s: float | None,
    iterations: int | None,
) -> Orders:
    started = time.perf_counter()
    if time_limit_s is None:
        rounds = (iterations or 1) * max(1, instance.n)
        orders = find_start(instance, seed=seed, rounds=rounds, orders=given)
        closing = min(iterations or 1, CLOSING_ITERATIONS)
        return search_with_ortools(instance, orders, iteration_limit=closing)
    start_s = time_limit_s * SEED_SHARE
    orders = find_start(instance, seed=seed, time_limit_s=start_s, orders=given)
    left_s = time_limit_s - (time.perf_counter() - started) - CLOSING_S
    return search_with_ortools(instance, orders, time_limit_s=left_s)


def _require_limits(time_limit_s: float, seed: int, iteration_limit: int | None) -> None:
    if not (0 < time_limit_s < math.inf):
        raise InvalidLimit(f"time_limit_s is {time_limit_s}, not a number of seconds above 0")
    if seed < 0:
        raise InvalidLimit(f"seed is {seed}, not at least 0")
    if iteration_limit is not None and iteration_limit < 1:
        raise InvalidLimit(f"iteration_limit is {iteration_limit}, not at least 1")


def search_with_ortools(
    instance: Instance,
    orders: Orders,
    *,
    time_limit_s: float = math.inf,
    iteration_limit: int | None = None,
) -> Orders:
    """Return the better of `orders` and what guided local search makes of them.

    With an `iteration_limit` the clock is not looked at.
    """
    if not instance.may.any():
        return orders
    engine = _Engine(instance)
    return _better(instance, orders, engine.search(orders, time_limit_s, iteration_limit))


class _Engine:
    """One OR-Tools model of the complete problem, searched once from given orders."""

    def __init__(self, instance: Instance) -> None:
        from ortools.constraint_solver import pywrapcp

        self.instance = instance
        # Stops that no shift can serve would only be carried along.
        self.live = [i for i in range(instance.n) if instance.may[:, i].any()]
        ends = range(instance.n, instance.n + 2 * instance.m)
        self.nodes = [*self.live, *ends]
        starts = [len(self.live) + 2 * k for k in range(instance.m)]
        self.manager = pywrapcp.RoutingIndexManager(
            len(self.nodes), instance.m, starts, [node + 1 for node in starts]
        )
        self.model = pywrapcp.RoutingModel(self.manager)
        self._add_travel_and_time()
        self._add_stops()
        self._add_most_stops()
        self._add_gaps()
        self._add_days()

    def search(self, orders: Orders, time_limit_s: float, iteration_limit: int | None) -> Orders:
        """Return the best orders found by guided local search that starts from `orders`."""
        model = self.model
        parameters = self._parameters(time_limit_s, iteration_limit)
        model.CloseModelWithParameters(parameters)
        number = {i: node for node, i in enumerate(self.live)}
        indices = [[self.manager.NodeToIndex(number[i]) for i in order] for order in orders]
        first = model.ReadAssignmentFromRoutes(indices, True)  # noqa: FBT003
        patience = _Patience(model, len(self.live))
        model.AddAtSolutionCallback(patience)
        # Where no neighbour is feasible there are no solutions to count, but failures go on.
        failures = patience.patience if iteration_limit is None else iteration_limit
        model.AddSearchMonitor(model.solver().FailuresLimit(20 * failures))
        found = model.SolveFromAssignmentWithParameters(first, parameters) if first else None
        # The model holds the callback: one that held the model would keep both for ever.
        patience.model = None
        return orders if found is None else self._orders(found)

    def _parameters(self, time_limit_s: float, iteration_limit: int | None) -> Any:  # noqa: ANN401
        from ortools.constraint_solver import pywrapcp, routing_enums_pb2

        parameters = pywrapcp.DefaultRoutingSearchParameters()
        parameters.local_search_metaheuristic = (
            routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        )
        if iteration_limit is not None:
            parameters.solution_limit = iteration_limit
        else:
            parameters.time_limit.FromMilliseconds(max(1, int(time_limit_s * 1000)))
        return parameters

    def _orders(self, found: Any) -> Orders:  # noqa: ANN401  (an OR-Tools assignment)
        orders: Orders = []
        for k in range(self.instance.m):
            order: list[int] = []
            index = found.Value(self.model.NextVar(self.model.Start(k)))
            while not self.model.IsEnd(index):
                order.append(self.live[self.manager.IndexToNode(index)])
                index = found.Value(self.model.NextVar(index))
            orders.append(order)
        return orders

    def _add_travel_and_time(self) -> None:
        model, problem = self.model, self.instance.problem
        service = np.zeros(len(self.nodes), dtype=np.int64)
        service[: len(self.live)] = self.instance.service[self.live]
        costs: dict[int, int] = {}
        times: dict[int, int] = {}
        # Matrices instead of callbacks: a Python callback per arc is a hundred times slower.
        for network in self.instance.ways:
            if id(network) not in costs:
                travel = network.travel[np.ix_(self.nodes, self.nodes)]
                cost = problem.objective.travel_weight * travel
                taken = network.taken[np.ix_(self.nodes, self.nodes)] + service[:, None]
                costs[id(network)] = model.RegisterTransitMatrix(cost.tolist())
                times[id(network)] = model.RegisterTransitMatrix(taken.tolist())
        for k, network in enumerate(self.instance.ways):
            model.SetArcCostEvaluatorOfVehicle(costs[id(network)], k)
        transits = [times[id(network)] for network in self.instance.ways]
        horizon_s = max(shift.end_s for shift in problem.shifts)
        model.AddDimensionWithVehicleTransits(transits, horizon_s, horizon_s, False, "time")  # noqa: FBT003
        self.time = model.GetDimensionOrDie("time")
        for k, shift in enumerate(problem.shifts):
            for index in (model.Start(k), model.End(k)):
                self.time.CumulVar(index).SetRange(shift.start_s, shift.end_s)

    def _add_stops(self) -> None:
        model, solver = self.model, self.model.solver()
        for node, i in enumerate(self.live):
            index = self.manager.NodeToIndex(node)
            model.AddDisjunction([index], int(self.instance.value[i]))
            able = np.flatnonzero(self.instance.may[:, i]).tolist()
            if len(able) < self.instance.m:
                # SetAllowedVehiclesForIndex raises TypeError in the 9.15 wheel.
                model.VehicleVar(index).SetValues([-1, *able])
            open_s = self.instance.opening(i, able)
            start = self.time.CumulVar(index)
            start.SetRange(open_s[0][0], open_s[-1][1])
            if len(open_s) > 1:
                # RemoveInterval would say the same, a hundred times slower.
                after = [latest + 1 for _, latest in open_s[:-1]]
                before = [earliest - 1 for earliest, _ in open_s[1:]]
                solver.Add(solver.NotMemberCt(start, after, before))

    def _add_most_stops(self) -> None:
        most = [min(len(self.live), s.max_stops) for s in self.instance.problem.shifts]
        if min(most) == len(self.live) and not self.instance.pinned:
            return
        counted = [1] * len(self.live) + [0] * (2 * self.instance.m)
        counter = self.model.RegisterUnaryTransitVector(counted)
        self.model.AddDimensionWithVehicleCapacity(counter, 0, most, True, "stops")  # noqa: FBT003
        counted_so_far = self.model.GetDimensionOrDie("stops")
        for i, place in self.instance.pinned.items():
            if i in self.live:
                index = self.manager.NodeToIndex(self.live.index(i))
                self.model.solver().Add(
                    self.model.ActiveVar(index) * (counted_so_far.CumulVar(index) - place) == 0
                )

    def _add_gaps(self) -> None:
        """Keep the stops of one firm apart by forbidding pairs of shifts that lie too near."""
        model, number = self.model, {i: node for node, i in enumerate(self.live)}
        days = self.instance.days.tolist()
        for i, others in self.instance.kin.items():
            for j, gap in others:
                if i < j and i in number and j in number:
                    pair = [model.VehicleVar(self.manager.NodeToIndex(number[x])) for x in (i, j)]
                    allowed = [(-1, -1)]
                    for k, day in enumerate(days):
                        allowed += [(k, -1), (-1, k)]
                        allowed += [
                            (k, other)
                            for other, other_day in enumerate(days)
                            if abs(day - other_day) >= gap
                        ]
                    model.solver().Add(model.solver().AllowedAssignments(pair, allowed))

    def _add_days(self) -> None:
        """Add the penalty for days lacking a visit, where days may have several shifts.

        The objective of a routing model takes no free variable, but it takes a soft lower bound on
        a dimension: one that counts nothing along the way, whose end on the first vehicle is the
        number of days with a visit.
        """
        problem, model, solver = self.instance.problem, self.model, self.model.solver()
        weights = problem.objective
        served = self.instance.terms.days_served
        days = sorted({shift.day for shift in problem.shifts} - served)
        least = min(weights.min_days - len(served), len(days))
        if least <= 0 or not weights.short_day_penalty:
            return
        nothing = model.RegisterUnaryTransitVector([0] * len(self.nodes))
        model.AddDimension(nothing, 0, len(days), False, "days")  # noqa: FBT003
        active = [
            solver.Max(
                [model.ActiveVehicleVar(k) for k, s in enumerate(problem.shifts) if s.day == day]
            )
            for day in days
        ]
        counted = model.GetDimensionOrDie("days")
        # The costs of an empty vehicle are left out of the objective unless it is told apart.
        model.SetVehicleUsedWhenEmpty(True, 0)  # noqa: FBT003
        solver.Add(counted.CumulVar(model.End(0)) == solver.Sum([each.Var() for each in active]))
        counted.SetCumulVarSoftLowerBound(model.End(0), least, weights.short_day_penalty)


class _Patience:
    """Counts solutions and ends a search that has stopped improving."""

    def __init__(self, model: Any, stops: int) -> None:  # noqa: ANN401  (an OR-Tools model)
        self.model = model
        self.solutions = 0
        self.best: int | None = None
        self.best_at = 0
        # Measured: what 400 solutions in a row do not improve at 20 stops, later ones do not.
        self.patience = 200 + 10 * stops

    def __call__(self) -> None:
        self.solutions += 1
        cost = self.model.CostVar().Max()
        if self.best is None or cost < self.best:
            self.best, self.best_at = cost, self.solutions
        elif self.solutions - self.best_at > self.patience:
            self.model.solver().FinishCurrentSearch()


def _better(instance: Instance, first: Orders, second: Orders) -> Orders:
    tours = Tours(instance)
    tours.load(first)
    worth = tours.objective()
    tours.load(second)
    return second if tours.objective() > worth else first


def _plan(instance: Instance, orders: Orders) -> Plan:
    tours = Tours(instance)
    tours.load(orders)
    add_what_pays(tours)
    return plan_of(instance.problem, tours.orders)

"""A week of one grid worker as PyVRP can say it.

PyVRP knows one window a client and one time of day for all vehicles, and no allowed vehicles. So
all days are laid over each other: a shift is a vehicle with its hours, and which stops are open in
it is said by its own matrix, in which the ways to all others take too long. A stop whose openings,
so laid, are more than one window is a group of clients of which one may be served. In half-day
shifts that is one client a stop, in full days with a lunch mostly two.

Said exactly: prizes against travel, required stops (their penalty is added to the prize, as the
objective has it), windows, shifts, most stops, own places and modes of travel of each shift.
Not said: the least number of days with a visit, days between visits to a firm, and set-up that is
spared within a building where a shift starts in it; where a problem has them, PyVRP may do worse or
break a rule, which the evaluator tells. Groups cost PyVRP much: its search moves single clients.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from routing.instance import Instance

if TYPE_CHECKING:
    import pyvrp

    import routing

DAY = 86_400
Orders = list[list[int]]
Window = tuple[int, int]


class Copy(NamedTuple):
    """A stop within one window of the day, and the shifts in which that window holds."""

    stop: int
    window: Window
    shifts: tuple[int, ...]


def solve_with_pyvrp(
    problem: routing.Problem, limit_s: float, start: Orders | None = None, seed: int = 0
) -> Orders:
    """Return PyVRP's orders of stop numbers; the time to state the problem is not counted."""
    import pyvrp
    from pyvrp.stop import MaxRuntime

    instance = Instance(problem)
    copies = copies_of(instance)
    data = stated(instance, copies)
    first = None if start is None else _solution(data, copies, start)
    found = pyvrp.solve(
        data, MaxRuntime(limit_s), seed=seed, collect_stats=False, initial_solution=first
    )
    orders: Orders = [[] for _ in problem.shifts]
    for route in found.best.routes():
        visits = [at for at in route.schedule() if at.is_client()]
        orders[route.vehicle_type()] = [copies[visit.idx].stop for visit in visits]
    return orders


def copies_of(instance: Instance) -> list[Copy]:
    """Return the clients that state all stops."""
    return [copy for i in range(instance.n) for copy in _copies(instance, i)]


def _copies(instance: Instance, i: int) -> list[Copy]:
    shifts = instance.problem.shifts
    spans: dict[int, Window] = {}
    left: list[tuple[int, Window]] = []
    for k, shift in enumerate(shifts):
        ways, here = instance.ways[k].taken, shift.day * DAY
        first_s = shift.start_s + int(ways[instance.start_node(k), i])
        home_s = int(instance.service[i] + ways[i, instance.end_node(k)])
        # Outside of this span no start is possible in any case, so what is said of it is free.
        spans[k] = (first_s - here, shift.end_s - home_s - here)
        for low, high in instance.windows[k][i]:
            inside = (max(low, first_s) - here, min(high, shift.end_s - home_s) - here)
            if inside[0] <= inside[1] and instance.may[k, i]:
                left.append((k, inside))
    copies = []
    while left:
        members = [left.pop(0)]
        for other in list(left):
            joined = [*members, other]
            if other[0] not in {k for k, _ in members} and _holds(joined, spans):
                members = joined
                left.remove(other)
        copies.append(Copy(i, _hull(members), tuple(k for k, _ in members)))
    return copies


def _hull(members: list[tuple[int, Window]]) -> Window:
    return min(w[0] for _, w in members), max(w[1] for _, w in members)


def _holds(members: list[tuple[int, Window]], spans: dict[int, Window]) -> bool:
    """Tell whether one window says all of them, each seen from its own shift."""
    low, high = _hull(members)
    return all((max(low, spans[k][0]), min(high, spans[k][1])) == window for k, window in members)


def stated(instance: Instance, copies: list[Copy]) -> pyvrp.ProblemData:
    """Return the problem with a location for each shift's ends and for each client."""
    import pyvrp

    problem, m = instance.problem, instance.m
    places = 2 * m + len(copies)
    nodes = [*range(instance.n, instance.n + 2 * m), *(copy.stop for copy in copies)]
    longest = 2 * max(shift.end_s - shift.start_s for shift in problem.shifts)
    distances, durations = [], []
    for k in range(m):
        ways = instance.ways[k]
        shut = np.array([False] * (2 * m) + [k not in copy.shifts for copy in copies])
        duration = ways.taken[np.ix_(nodes, nodes)].copy()
        # Longer than any shift; a way that is also dear would spoil PyVRP's idea of usual costs.
        duration[:, shut] = duration[shut, :] = longest
        np.fill_diagonal(duration, 0)
        distances.append(ways.travel[np.ix_(nodes, nodes)])
        durations.append(duration)
    of_stop = [
        [number for number, _ in rows]
        for _, rows in itertools.groupby(enumerate(copies), key=lambda row: row[1].stop)
    ]
    # A group of one client says nothing, but makes the search much worse.
    groups = [pyvrp.ClientGroup(each, required=False) for each in of_stop if len(each) > 1]
    group_of = {client: number for number, group in enumerate(groups) for client in group.clients}
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0)] * places,
        clients=[
            pyvrp.Client(
                location=2 * m + number,
                delivery=[1],
                service_duration=int(instance.service[copy.stop]),
                tw_early=copy.window[0],
                tw_late=copy.window[1],
                prize=int(instance.value[copy.stop]),
                required=False,
                group=group_of.get(number),
            )
            for number, copy in enumerate(copies)
        ],
        depots=[pyvrp.Depot(location=place) for place in range(2 * m)],
        vehicle_types=[
            pyvrp.VehicleType(
                1,
                capacity=[shift.max_stops],
                start_depot=2 * k,
                end_depot=2 * k + 1,
                tw_early=shift.start_s - shift.day * DAY,
                tw_late=shift.end_s - shift.day * DAY,
                unit_distance_cost=problem.objective.travel_weight,
                profile=k,
            )
            for k, shift in enumerate(problem.shifts)
        ],
        distance_matrices=distances,
        duration_matrices=durations,
        groups=groups,
    )


def _solution(data: pyvrp.ProblemData, copies: list[Copy], start: Orders) -> pyvrp.Solution:
    import pyvrp

    routes = []
    for k, order in enumerate(start):
        visits, used = [], set()
        for stop in order:
            # The window does not matter for a start: what is late is mended by PyVRP.
            for number, copy in enumerate(copies):
                if copy.stop == stop and k in copy.shifts and number not in used:
                    visits.append(number)
                    used.add(number)
                    break
        if visits:
            routes.append(pyvrp.Route(data, visits, k))
    return pyvrp.Solution(data, routes)

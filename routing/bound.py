"""An upper bound of the objective of every plan of a problem."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from routing.errors import InvalidLimit
from routing.instance import Instance
from routing.loose_routes import MOST_ARCS, MOST_CELLS, LooseRoutes
from routing.relaxation import relax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from routing.problem import Problem
    from routing.relaxation import Prices

STEPS_PER_VISIT = 30
"""Time steps in a usual service with the way after it: a step is then about a minute."""

AIM = 0.03
"""The walk aims so far, as a share, below the best bound; measured: true gaps are 0.3 to 8 %."""

PATIENCE = 6
"""Runs without a better bound after which the walk goes back to the best prices, in finer steps."""

FINER, FINEST = 0.6, 0.01
"""By how much steps shrink, and where the walk ends; measured."""

REMEMBER_EVERY = 5
"""Runs after which routes that come back to a stop learn to remember it; measured."""


def upper_bound(problem: Problem, *, time_limit_s: float = 2.0, rounds: int | None = None) -> int:
    """Return a number that the objective of no plan exceeds.

    First a linear relaxation that forgets the order of visits, then a walk over prices: each stop
    asks a price of every route that serves it, each shift of every stop that it has room for, and
    whatever the prices, what the best routes are worth under them and the prices themselves
    together bound every plan. Both forget gaps between visits to a firm. The smallest bound
    counts, so that the walk may end at any time.

    Parameters
    ----------
    time_limit_s
        Wall seconds, at least 0; the linear relaxation alone takes up to 0.05 and is not cut short.
    rounds
        Of the walk, at least 0, instead of a time: same problem, same bound.

    Raises
    ------
    InvalidLimit
        When a limit is out of range.
    """
    started = time.perf_counter()
    if not 0 <= time_limit_s < math.inf:
        raise InvalidLimit(f"time_limit_s is {time_limit_s}, not a number of seconds, at least 0")
    if rounds is not None and rounds < 0:
        raise InvalidLimit(f"rounds is {rounds}, not at least 0")
    instance = Instance(problem)
    prices = relax(instance)
    missed = sum(problem.objective.missed_required_penalty for s in problem.stops if s.required)
    if prices is None:
        days_short = problem.objective.min_days
        return -missed - problem.objective.short_day_penalty * days_short
    best = prices.bound
    until = math.inf if rounds is not None else started + time_limit_s
    if rounds != 0 and time.perf_counter() < until:
        walk = _Walk.of(instance, prices)
        if walk is not None:
            best = min(best, walk.run(until, math.inf if rounds is None else rounds))
    return best - missed


class _Use(NamedTuple):
    """What shifts in use are worth together, and which they are."""

    worth: int
    shifts: list[int]


class _Walk:
    """A subgradient walk (Held and Karp; Polyak's steps) over the prices of stops and of room."""

    def __init__(
        self, instance: Instance, routes: list[LooseRoutes], prices: Prices, room: int
    ) -> None:
        self.instance, self.routes, self.room = instance, routes, room
        # Dearer than its value no stop needs to be, and small numbers stay exact.
        self.dearest = float(instance.value.max())
        self.of_stops = np.clip(prices.of_stops, 0, self.dearest)
        self.of_room = np.clip(prices.of_room, 0, self.dearest)
        self.most = np.array([s.max_stops for s in instance.problem.shifts], dtype=np.int64)
        self.best, self.best_prices = prices.bound, (self.of_stops, self.of_room)

    @classmethod
    def of(cls, instance: Instance, prices: Prices) -> _Walk | None:
        """Return a walk, None for problems with visits of no length or with too many steps."""
        taken = [_lengths(instance, k) for k in range(instance.m)]
        lengths = np.concatenate(taken)
        if not len(lengths) or lengths.min() < 1:
            return None
        step_s = int(max(1, min(lengths.min(), np.median(lengths) // STEPS_PER_VISIT)))
        longest = max(shift.end_s - shift.start_s for shift in instance.problem.shifts)
        cells = instance.n * (longest // step_s + 1)
        stops_of_route = longest // int(lengths.min()) + 2
        costs = instance.problem.objective.travel_weight * int(
            max(network.travel.max() for network in instance.ways)
        )
        room = stops_of_route * (3 * int(instance.value.max()) + 2 * costs)
        if cells > MOST_CELLS or instance.n**2 > MOST_ARCS or room >= 1 << 58:
            return None
        routes = [LooseRoutes(instance, k, step_s) for k in range(instance.m)]
        return cls(instance, routes, prices, room)

    def run(self, until: float, rounds: float) -> int:
        """Walk until the clock says `until`, for `rounds` rounds or until steps are too fine."""
        done, failed, stride = 0, 0, 1.0
        while done < rounds and stride > FINEST:
            step = self._look(until)
            if step is None:
                break
            bound, more_stops, more_room, remembered = step
            done += 1
            if bound < self.best - abs(self.best) * 1e-5:
                self.best_prices, failed = (self.of_stops, self.of_room), 0
            else:
                failed += 1
            self.best = min(self.best, bound)
            if failed >= PATIENCE:
                failed, stride = 0, stride * FINER
                self.of_stops, self.of_room = self.best_prices
            if not self._step(stride, bound, more_stops, more_room):
                break
            if done % REMEMBER_EVERY == 0:
                for k, route in remembered:
                    self.routes[k].remember(route)
        return self.best

    def _look(
        self, until: float
    ) -> tuple[int, NDArray[np.int64], NDArray[np.int64], list[tuple[int, list[int]]]] | None:
        """Return the bound of the prices, where they are too low, and the routes behind them."""
        stop_prices = np.rint(self.of_stops).astype(np.int64)
        room_prices = np.rint(self.of_room).astype(np.int64)
        found = []
        for k, routes in enumerate(self.routes):
            if time.perf_counter() >= until:
                return None
            gain = self.instance.value - stop_prices - room_prices[k]
            found.append(routes.best(gain, self.room))
        worths = [
            None if route is None else route.worth + int(room_prices[k] * self.most[k])
            for k, route in enumerate(found)
        ]
        use = _best_use(self.instance, worths)
        more_stops = np.full(self.instance.n, -1, dtype=np.int64)
        more_room = np.zeros(self.instance.m, dtype=np.int64)
        used = []
        for k in use.shifts:
            route = found[k]
            if route is not None:
                np.add.at(more_stops, route.stops, 1)
                more_room[k] = len(route.stops) - self.most[k]
                used.append((k, route.stops))
        return int(stop_prices.sum()) + use.worth, more_stops, more_room, used

    def _step(
        self, stride: float, bound: int, more_stops: NDArray[np.int64], more_room: NDArray[np.int64]
    ) -> bool:
        """Raise prices of what is asked for too often, lower the others; False at the best."""
        stops = np.where((self.of_stops <= 0) & (more_stops < 0), 0, more_stops)
        room = np.where((self.of_room <= 0) & (more_room < 0), 0, more_room)
        length = float((stops**2).sum() + (room**2).sum())
        if not length:
            return False
        stretch = stride * (bound - self.best + AIM * abs(self.best) + 1) / length
        self.of_stops = np.clip(self.of_stops + stretch * stops, 0, self.dearest)
        self.of_room = np.clip(self.of_room + stretch * room, 0, self.dearest)
        return True


def _lengths(instance: Instance, k: int) -> NDArray[np.int64]:
    """Return how long each stop of shift k with the way to each other stop takes."""
    able = np.flatnonzero(instance.may[k])
    taken = instance.service[able][:, None] + instance.ways[k].taken[np.ix_(able, able)]
    found: NDArray[np.int64] = taken[~np.eye(len(able), dtype=bool)]
    # A single stop has no way to another one; its route needs no step at all.
    return found if len(found) else np.full(len(able), max(1, instance.m), dtype=np.int64)


def _best_use(instance: Instance, worths: list[int | None]) -> _Use:
    """Return the shifts whose use is worth most, with what days with a visit are worth."""
    weights, days = instance.problem.objective, instance.days.tolist()
    worth, used, idle = 0, [], []
    served = set()
    for day in sorted(set(days)):
        todays = [(w, k) for k, w in enumerate(worths) if days[k] == day and w is not None]
        paying = [(w, k) for w, k in todays if w > 0]
        if paying:
            served.add(day)
            worth += sum(w for w, _ in paying)
            used += [k for _, k in paying]
        elif todays:
            idle.append(max(todays))
    lacking = weights.min_days - len(served)
    for w, k in sorted(idle, reverse=True):
        if lacking > 0 and w + weights.short_day_penalty > 0:
            lacking -= 1
            worth += w
            used.append(k)
    return _Use(worth - weights.short_day_penalty * max(0, lacking), used)

"""The best route of one shift under prices, found fast by letting routes forget and hurry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from routing.instance import Instance

LONGEST_BLOCK = 60
"""Steps worked out at once, where no way is shorter; more only fill the processor's cache."""

MOST_ARCS = 60_000
"""Arcs between states of one shift; more are not made. 150 stops without memory have 22,350."""

MOST_REMEMBERED = 40
"""Stops of a shift that can be remembered: their bits and a stop number share 64 bits."""

MOST_CELLS = 4_000_000
"""States times steps of one shift; a problem with more is left to the linear relaxation."""


class BestRoute(NamedTuple):
    """A route that no true route outdoes: its worth and its stops in order."""

    worth: int
    stops: list[int]


@dataclass(frozen=True, slots=True, eq=False)
class _Arcs:
    """Ways between states, sorted by the state they lead to.

    `first` is the first arc into each state of `into`; `stop_to` the local stop led to.
    """

    source: NDArray[np.int64]
    steps: NDArray[np.int64]
    cost: NDArray[np.int64]
    stop_to: NDArray[np.int64]
    into: NDArray[np.int64]
    first: NDArray[np.int64]


class LooseRoutes:
    """Routes of shift `k` in time steps; every true route is among them, and worth no less.

    All times are rounded so that true routes stay possible: ways and services down, windows
    outward. A route may serve a stop again, except one that each stop since has been told to
    remember (ng-routes of Baldacci, Mingozzi and Roberti, 2011, with memories that grow where
    routes come back). How many stops a shift may have is left to the prices.

    A state is a stop with the remembered stops behind it; `best` runs through the states step by
    step, all states at once.

    Parameters
    ----------
    step_s
        Length of a time step, at least 1 and at most the shortest service with the way after it.
    """

    def __init__(self, instance: Instance, k: int, step_s: int) -> None:
        shift, ways = instance.problem.shifts[k], instance.ways[k]
        weight = instance.problem.objective.travel_weight
        start, end = instance.start_node(k), instance.end_node(k)
        self.steps = (shift.end_s - shift.start_s) // step_s + 1
        able = np.flatnonzero(instance.may[k])
        out = ways.taken[start, able] // step_s
        home = (instance.service[able] + ways.taken[able, end]) // step_s
        opened = _opened(instance, k, able, step_s, self.steps)
        clock = np.arange(self.steps)
        opened &= (clock >= out[:, None]) & (clock < self.steps - home[:, None])
        kept = opened.any(axis=1)
        self.stops = stops = able[kept]
        self.open, self.out = opened[kept], out[kept]
        self.out_cost = weight * ways.travel[start, stops]
        self.home_cost = weight * ways.travel[stops, end]
        pairs = np.ix_(stops, stops)
        self.lasts = (instance.service[stops][:, None] + ways.taken[pairs]) // step_s
        self.cost = weight * ways.travel[pairs]
        self.follows = self._who_can_follow()
        self.bit = np.zeros(len(stops), dtype=np.int64)
        self.memory = np.zeros(len(stops), dtype=np.int64)
        self._lay_out()

    @property
    def cells(self) -> int:
        """How much memory and time a run takes: states times steps."""
        return len(self.at) * self.steps

    def _who_can_follow(self) -> NDArray[np.bool_]:
        if not len(self.stops):
            return np.zeros((0, 0), dtype=bool)
        first = self.open.argmax(axis=1)
        last = self.steps - 1 - self.open[:, ::-1].argmax(axis=1)
        follows: NDArray[np.bool_] = first[:, None] + self.lasts <= last[None, :]
        np.fill_diagonal(follows, False)  # noqa: FBT003
        return follows

    def _lay_out(self) -> None:
        """Number the states that can be reached, and the ways between them."""
        n = len(self.stops)
        seen = fresh = np.arange(n, dtype=np.int64)
        sources, targets = [fresh[:0]], [fresh[:0]]
        while len(fresh):
            here, known = fresh % n, fresh // n
            free = (known[:, None] & self.bit[None, :]) == 0
            row, there = np.nonzero(self.follows[here] & free)
            key = ((known | self.bit[here])[row] & self.memory[there]) * n + there
            sources.append(fresh[row])
            targets.append(key)
            fresh = np.setdiff1d(key, seen)
            seen = np.union1d(seen, fresh)
        source = np.searchsorted(seen, np.concatenate(sources))
        target = np.searchsorted(seen, np.concatenate(targets))
        order = np.argsort(target, kind="stable")
        source, target = source[order], target[order]
        self.at = seen % n if n else seen
        ends = self.at[source], self.at[target]
        into, first = np.unique(target, return_index=True)
        self.arcs = _Arcs(source, self.lasts[ends], self.cost[ends], ends[1], into, first)

    def best(self, gain: NDArray[np.int64], room: int) -> BestRoute | None:
        """Return the best route where serving stop i of the problem is worth `gain[i]`.

        None where the shift can serve no stop.

        Parameters
        ----------
        room
            More than the absolute worth of any route; small ones are worked out in 32 bits.
        """
        if not len(self.stops):
            return None
        kind: type[np.signedinteger] = np.int32 if room < 1 << 28 else np.int64
        never = -(1 << 30) if room < 1 << 28 else -(1 << 60)
        run = _Run(self, gain[self.stops].astype(kind), never)
        return run.best()

    def remember(self, route: list[int]) -> bool:
        """Keep routes from coming back as `route` does; False where nothing is new or possible."""
        number = {int(i): place for place, i in enumerate(self.stops)}
        before = self.bit.copy(), self.memory.copy()
        last: dict[int, int] = {}
        for place, stop in enumerate(route):
            i = number[stop]
            if stop in last and self._has_bit(i):
                between = [number[other] for other in route[last[stop] + 1 : place]]
                self.memory[between] |= self.bit[i]
            last[stop] = place
        if (self.memory == before[1]).all():
            return False
        self._lay_out()
        if len(self.arcs.source) > MOST_ARCS:
            self.bit, self.memory = before
            self._lay_out()
            return False
        return True

    def _has_bit(self, i: int) -> bool:
        if not self.bit[i]:
            used = int(np.count_nonzero(self.bit))
            if used == MOST_REMEMBERED:
                return False
            self.bit[i] = 1 << used
        return True


class _Run:
    """One run through the steps of a shift.

    `reached[s, t]` is the most that a route is worth that is ready for the stop of state s at
    step t, having waited or not; `begun` is the same where the door is open then, and never
    otherwise, with room before the first step for the longest way.
    """

    def __init__(self, routes: LooseRoutes, gain: NDArray[np.signedinteger], never: int) -> None:
        self.routes, self.gain, self.never = routes, gain, never
        arcs, kind = routes.arcs, gain.dtype
        self.worth = (gain[arcs.stop_to] - arcs.cost).astype(kind)
        self.block = int(min(LONGEST_BLOCK, arcs.steps.min(initial=LONGEST_BLOCK)))
        self.before = int(arcs.steps.max(initial=0))
        width = routes.steps + self.block
        self.begun = np.full((len(routes.at), self.before + width), never, dtype=kind)
        self.reached = np.full((len(routes.at), width), never, dtype=kind)
        self.open = np.zeros((len(routes.at), width), dtype=bool)
        self.open[:, : routes.steps] = routes.open[routes.at]
        # The states without memory come first, in the order of the stops.
        alone = np.arange(len(routes.stops))
        self.reached[alone, routes.out] = gain - routes.out_cost

    def best(self) -> BestRoute:
        routes = self.routes
        self._run()
        ends = self.begun.max(axis=1) - routes.home_cost[routes.at]
        state = int(ends.argmax())
        return BestRoute(int(ends[state]), self._trace(state, int(self.begun[state].max())))

    def _run(self) -> None:
        arcs, block = self.routes.arcs, self.block
        windows = np.lib.stride_tricks.sliding_window_view(self.begun, block, axis=1)
        column = self.before - arcs.steps
        waited = np.full(len(self.reached), self.never, dtype=self.reached.dtype)
        for step in range(0, self.routes.steps, block):
            now = self.reached[:, step : step + block]
            if len(arcs.source):
                # No way is shorter than a block, so all it needs is worked out already.
                offers = windows[arcs.source, column + step]
                offers += self.worth[:, None]
                best = np.maximum.reduceat(offers, arcs.first, axis=0)
                now[arcs.into] = np.maximum(now[arcs.into], best)
            now[:, 0] = np.maximum(now[:, 0], waited)
            np.maximum.accumulate(now, axis=1, out=now)
            waited = now[:, -1].copy()
            at = self.before + step
            is_open = self.open[:, step : step + block]
            self.begun[:, at : at + block] = np.where(is_open, now, self.never)

    def _trace(self, state: int, worth: int) -> list[int]:
        """Return the stops of a route that reaches `state` with exactly `worth`."""
        routes, arcs = self.routes, self.routes.arcs
        found: list[int] = []
        while True:
            i = int(routes.at[state])
            found.append(int(routes.stops[i]))
            step = int(np.searchsorted(self.reached[state, : routes.steps], worth))
            first_stop = state == i and step == routes.out[i]
            if first_stop and worth == int(self.gain[i]) - int(routes.out_cost[i]):
                return found[::-1]
            place = int(np.searchsorted(arcs.into, state))
            ways = np.arange(*np.append(arcs.first, len(arcs.source))[place : place + 2])
            offers = self.begun[arcs.source[ways], self.before - arcs.steps[ways] + step]
            way = int(ways[np.flatnonzero(offers + self.worth[ways] == worth)[0]])
            worth -= int(self.worth[way])
            state = int(arcs.source[way])


def _opened(
    instance: Instance, k: int, stops: NDArray[np.intp], step_s: int, steps: int
) -> NDArray[np.bool_]:
    """Return in which steps of shift k the service of each stop may start."""
    begin_s = instance.problem.shifts[k].start_s
    opened = np.zeros((len(stops), steps), dtype=bool)
    for row, i in enumerate(stops.tolist()):
        for low, high in instance.windows[k][i]:
            opened[row, (low - begin_s) // step_s : (high - begin_s) // step_s + 1] = True
    return opened

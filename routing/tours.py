"""Routes under construction: the problem as arrays and where each stop would fit best."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from routing.problem import MAX_SECONDS
from routing.schedule import is_allowed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from routing.problem import Problem, Shift, Stop

NEVER = 1 << 60
"""Later than any clock; small enough that adding a few times to it stays inside 64 bits."""


MOST_KNOWN = 8000
"""Orders remembered with their best insertions; 150 stops take 3.6 kB each, so 30 MB."""


class Instance:
    """A problem as arrays, made once and read by every tour.

    Stop i is node i; the start and the end of shift k are nodes n + 2k and n + 2k + 1. `opens`
    and `closes` are (shifts, windows, stops): the windows of a stop inside a shift, sorted,
    padded with windows that never open. `may` is (shifts, stops): allowed, and open at some time.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.n, self.m = len(problem.stops), len(problem.shifts)
        places = [stop.location for stop in problem.stops]
        for shift in problem.shifts:
            places += [shift.start_location, shift.end_location]
        self.travel = problem.travel_s[np.ix_(places, places)].copy()
        for k in range(self.m):
            # An unused shift costs nothing, wherever it would end.
            self.travel[self.start_node(k), self.end_node(k)] = 0
        self.travel_from = np.ascontiguousarray(self.travel[:, : self.n])
        self.travel_to = np.ascontiguousarray(self.travel[: self.n, :].T)
        self.service = np.array([stop.service_s for stop in problem.stops], dtype=np.int64)
        penalty = problem.objective.missed_required_penalty
        self.value = np.array(
            [stop.prize + penalty * stop.required for stop in problem.stops], dtype=np.int64
        )
        self.windows = [
            [_joined_windows(stop, shift) for stop in problem.stops] for shift in problem.shifts
        ]
        self.opens, self.closes = _padded(self.windows, self.n)
        self.all = np.arange(self.n)
        self.no_gain = np.full(self.n, -NEVER, dtype=np.int64)
        self.no_place = np.zeros(self.n, dtype=np.int64)
        room = np.array([shift.max_stops > 0 for shift in problem.shifts], dtype=bool)
        self.may = (self.closes >= 0).any(axis=1) & room[:, None]

    def start_node(self, k: int) -> int:
        """Return the node at which shift k starts."""
        return self.n + 2 * k

    def end_node(self, k: int) -> int:
        """Return the node at which shift k ends."""
        return self.n + 2 * k + 1


def _joined_windows(stop: Stop, shift: Shift) -> list[tuple[int, int]]:
    """Return when `stop` may start inside `shift`: sorted, with gaps between."""
    if not is_allowed(stop, shift):
        return []
    inside = sorted(
        (max(low, shift.start_s), min(high, shift.end_s))
        for low, high in stop.windows
        if low <= shift.end_s and high >= shift.start_s
    )
    joined = inside[:1]
    for low, high in inside[1:]:
        if low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined


def _padded(
    windows: list[list[list[tuple[int, int]]]], n: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    most = max((len(each) for row in windows for each in row), default=0)
    opens = np.full((len(windows), max(1, most), n), NEVER, dtype=np.int64)
    closes = np.full((len(windows), max(1, most), n), -1, dtype=np.int64)
    for k, row in enumerate(windows):
        for i, each in enumerate(row):
            for w, (low, high) in enumerate(each):
                opens[k, w, i], closes[k, w, i] = low, high
    return opens, closes


class Tours:
    """Orders of stops, one per shift, with the best place of every stop in every shift.

    `gain[k, i]` is what inserting stop i into shift k at position `place[k, i]` adds to the
    objective, without the worth of a further day; -NEVER where it cannot be inserted.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.orders: list[list[int]] = [[] for _ in range(instance.m)]
        self.worth = [0] * instance.m
        self.absent = np.ones(instance.n, dtype=bool)
        self.gain = np.empty((instance.m, instance.n), dtype=np.int64)
        self.place = np.zeros((instance.m, instance.n), dtype=np.int64)
        self.stretch = np.zeros((instance.m, instance.n), dtype=np.int64)
        self._known: dict[tuple[int, ...], _Row | None] = {}
        self._days = [shift.day for shift in instance.problem.shifts]
        for k in range(instance.m):
            self.refresh(k)

    def copy_orders(self) -> list[list[int]]:
        """Return the orders as lists of their own."""
        return [order.copy() for order in self.orders]

    def load(self, orders: Sequence[Sequence[int]]) -> None:
        """Take over `orders`, feasible, and work out again what differs."""
        for k, order in enumerate(orders):
            if self.orders[k] != order:
                self.orders[k] = list(order)
                self.refresh(k)
        self.absent[:] = True
        for order in self.orders:
            self.absent[order] = False

    def try_replace(self, k: int, order: list[int]) -> bool:
        """Make `order` the order of shift k, or return False where it cannot be kept.

        Even an order with a stop less can be late: the triangle inequality is not promised.
        """
        before = self.orders[k]
        self.orders[k] = order
        if not self.refresh(k):
            self.orders[k] = before
            self.refresh(k)
            return False
        self.absent[before] = True
        self.absent[order] = False
        return True

    def insert(self, k: int, stop: int) -> None:
        """Insert `stop` at its best place in shift k."""
        self.orders[k].insert(int(self.place[k, stop]), stop)
        self.absent[stop] = False
        self.refresh(k)

    def objective(self) -> int:
        """Return the objective, with every missed required stop counted as 0 instead of less."""
        weights = self.instance.problem.objective
        return sum(self.worth) - weights.short_day_penalty * self.short_days()

    def short_days(self) -> int:
        """Return how many days with a visit are lacking."""
        least = self.instance.problem.objective.min_days
        if least <= 0:
            return 0
        days = {day for day, order in zip(self._days, self.orders, strict=True) if order}
        return max(0, least - len(days))

    def day_bonus(self) -> NDArray[np.int64]:
        """Return per shift what its first stop adds by making its day one with a visit."""
        weights, shifts = self.instance.problem.objective, self.instance.problem.shifts
        bonus = np.zeros((self.instance.m, 1), dtype=np.int64)
        if self.short_days():
            days = {shifts[k].day for k, order in enumerate(self.orders) if order}
            for k, shift in enumerate(shifts):
                bonus[k] = 0 if shift.day in days else weights.short_day_penalty
        return bonus

    def refresh(self, k: int) -> bool:
        """Work out again the worth of shift k and the best place of every stop in it.

        Returns False, with nothing promised about shift k, where its order cannot be kept.
        """
        key = (k, *self.orders[k])
        if key in self._known:
            row = self._known[key]
        else:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            row = self._known[key] = self._work_out(k, self.orders[k])
        if row is None:
            return False
        self.worth[k] = row.worth
        self.gain[k], self.place[k], self.stretch[k] = row.gain, row.place, row.stretch
        return True

    def _work_out(self, k: int, order: list[int]) -> _Row | None:
        instance = self.instance
        weight = instance.problem.objective.travel_weight
        nodes = [instance.start_node(k), *order, instance.end_node(k)]
        legs = instance.travel[nodes[:-1], nodes[1:]]
        leave = self._leaving(k, order, legs.tolist())
        if leave is None:
            return None
        worth = int(instance.value[order].sum()) - weight * int(legs.sum())
        if len(order) >= instance.problem.shifts[k].max_stops:
            return _Row(worth, instance.no_gain, instance.no_place, instance.no_place)
        reach = instance.travel_from[nodes[:-1]]
        onward = instance.travel_to[nodes[1:]]
        start = _first_starts(reach + leave[:, None], instance.opens[k], instance.closes[k])
        added = reach + onward
        added -= legs[:, None]
        start += onward
        start += instance.service
        added[start > self._latest(k, order, legs.tolist())[:, None]] = NEVER
        # Least travel, not most gain: without a weight on travel all places would gain the same.
        place = added.argmin(axis=0)
        stretch = added[place, instance.all]
        gain = instance.value - weight * np.minimum(stretch, MAX_SECONDS * 4)
        gain[stretch == NEVER] = -NEVER
        return _Row(worth, gain, place, stretch)

    def _leaving(self, k: int, order: list[int], legs: list[int]) -> NDArray[np.int64] | None:
        """Return when each node of shift k but the last is left at the earliest, None if late."""
        shift, stops = self.instance.problem.shifts[k], self.instance.problem.stops
        windows = self.instance.windows[k]
        clock = shift.start_s
        leave = [clock]
        for position, i in enumerate(order):
            clock += legs[position]
            for low, high in windows[i]:
                if clock <= high:
                    clock = max(clock, low)
                    break
            else:
                return None
            clock += stops[i].service_s
            leave.append(clock)
        return None if clock + legs[-1] > shift.end_s else np.array(leave)

    def _latest(self, k: int, order: list[int], legs: list[int]) -> NDArray[np.int64]:
        """Return when each node of shift k but the first must be started at the latest.

        The order must be one that can be kept.
        """
        stops, windows = self.instance.problem.stops, self.instance.windows[k]
        clock = self.instance.problem.shifts[k].end_s
        latest = [clock]
        for position in range(len(order) - 1, -1, -1):
            i = order[position]
            clock -= legs[position + 1] + stops[i].service_s
            for low, high in reversed(windows[i]):
                if low <= clock:
                    clock = min(clock, high)
                    break
            latest.append(clock)
        return np.array(latest[::-1])


class _Row(NamedTuple):
    """What `Tours` knows of one order of one shift."""

    worth: int
    gain: NDArray[np.int64]
    place: NDArray[np.int64]
    stretch: NDArray[np.int64]


def _first_starts(
    arrive: NDArray[np.int64], opens: NDArray[np.int64], closes: NDArray[np.int64]
) -> NDArray[np.int64]:
    start = np.full_like(arrive, NEVER)
    for low, high in zip(opens[::-1], closes[::-1], strict=True):
        start = np.where(arrive <= high, np.maximum(arrive, low), start)
    return start

"""Routes under construction: where each stop would fit best."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from routing.instance import FORCE, NEVER
from routing.problem import MAX_SECONDS
from routing.terms import NO_TERMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from routing.instance import Instance

MOST_KNOWN = 8000
"""Orders remembered with their best insertions; 150 stops take 3.6 kB each, so 30 MB."""


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
        return max(0, least - len(self._days_served()))

    def _days_served(self) -> set[int]:
        served = set(self.instance.terms.days_served)
        return served | {d for d, order in zip(self._days, self.orders, strict=True) if order}

    def too_near(self) -> NDArray[np.bool_] | None:
        """Return which shifts lie too near another visit to the firm of each stop.

        None where no firm keeps a gap.
        """
        kin, days = self.instance.kin, self.instance.days
        if not kin:
            return None
        near = np.zeros((self.instance.m, self.instance.n), dtype=bool)
        for day, order in zip(self._days, self.orders, strict=True):
            for i in order:
                for j, gap in kin.get(i, ()):
                    near[np.abs(days - day) < gap, j] = True
        return near

    def take(self, orders: Sequence[Sequence[int]]) -> None:
        """Take over what can be kept of `orders`, which may be late or too near each other."""
        for k, order in enumerate(orders):
            whole = not self.instance.kin and bool(self.absent[list(order)].all())
            if not (whole and self.try_replace(k, list(order))):
                self._take_order(k, list(order))

    def take_into(self, orders: Sequence[Sequence[int]]) -> None:
        """Take over what can be kept of `orders` in shifts that are empty; others stay."""
        for k, order in enumerate(orders):
            if order and not self.orders[k]:
                self._take_order(k, list(order))

    def _take_order(self, k: int, order: list[int]) -> None:
        near = self.too_near()
        kept: list[int] = []
        for i in order:
            fits = self.absent[i] and (near is None or not near[k, i])
            if fits and self.try_replace(k, [*kept, i]):
                kept.append(i)
                near = self.too_near()

    def day_bonus(self) -> NDArray[np.int64]:
        """Return per shift what its first stop adds by making its day one with a visit."""
        weights, days = self.instance.problem.objective, self._days_served()
        bonus = np.zeros((self.instance.m, 1), dtype=np.int64)
        if self.short_days():
            for k, day in enumerate(self._days):
                bonus[k] = 0 if day in days else weights.short_day_penalty
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
        most = instance.problem.shifts[k].max_stops
        if len(order) > most:
            return None
        nodes = [instance.start_node(k), *order, instance.end_node(k)]
        ways = instance.ways[k]
        legs, taken = ways.travel[nodes[:-1], nodes[1:]], ways.taken[nodes[:-1], nodes[1:]].tolist()
        leave = self._leaving(k, order, taken)
        if leave is None:
            return None
        worth = int(instance.value[order].sum()) - weight * int(legs.sum())
        if instance.terms is not NO_TERMS:
            worth += self._worth_of_staying(k, order)
        if len(order) == most:
            return _Row(worth, instance.no_gain, instance.no_place, instance.no_place)
        start = _first_starts(
            ways.taken_from[nodes[:-1]] + leave[:, None], instance.opens[k], instance.closes[k]
        )
        added = ways.travel_from[nodes[:-1]] + ways.travel_to[nodes[1:]]
        added -= legs[:, None]
        start += ways.taken_to[nodes[1:]]
        start += instance.service
        added[start > self._latest(k, order, taken)[:, None]] = NEVER
        self._keep_positions(order, added)
        # Least travel, not most gain: without a weight on travel all places would gain the same.
        place = added.argmin(axis=0)
        stretch = added[place, instance.all]
        gain = instance.value + instance.stay[k] - weight * np.minimum(stretch, MAX_SECONDS * 4)
        gain[stretch == NEVER] = -NEVER
        return _Row(worth, gain, place, stretch)

    def _worth_of_staying(self, k: int, order: list[int]) -> int:
        """Return what the order is worth for keeping published shifts, orders and positions."""
        instance = self.instance
        worth = int(instance.stay[k, order].sum())
        ranks = [instance.rank[k][i] for i in order if i in instance.rank[k]]
        worth -= instance.terms.stay_in_order * (len(ranks) - len(longest_rise(ranks)))
        for i, place in instance.pinned.items():
            if i in order and order.index(i) != place:
                worth -= FORCE // 2
        return worth

    def _keep_positions(self, order: list[int], added: NDArray[np.int64]) -> None:
        """Forbid insertions that move a stop past the place it must have."""
        for i, place in self.instance.pinned.items():
            added[place + 1 :, i] = NEVER
            if i in order and order.index(i) >= place:
                added[: order.index(i) + 1] = NEVER

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


def longest_rise(ranks: Sequence[int]) -> set[int]:
    """Return the places of one longest rising subsequence."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for place, rank in enumerate(ranks):
        at = bisect_left(ends, rank)
        before.append(last[at - 1] if at else None)
        ends[at : at + 1], last[at : at + 1] = [rank], [place]
    found: set[int] = set()
    place_or_none = last[-1] if last else None
    while place_or_none is not None:
        found.add(place_or_none)
        place_or_none = before[place_or_none]
    return found


def _first_starts(
    arrive: NDArray[np.int64], opens: NDArray[np.int64], closes: NDArray[np.int64]
) -> NDArray[np.int64]:
    start = np.full_like(arrive, NEVER)
    for low, high in zip(opens[::-1], closes[::-1], strict=True):
        start = np.where(arrive <= high, np.maximum(arrive, low), start)
    return start

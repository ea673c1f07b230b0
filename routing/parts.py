"""Better orders by asking VROOM about a few shifts at a time."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import numpy as np

from routing.seed import add_what_pays
from routing.tours import Tours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routing.instance import Instance
    from routing.seed import Orders
    from routing.vroom_seed import VroomSeed

STOPS_OF_PART = 20
"""Stops served in the shifts asked about; measured. A call then takes about ten milliseconds."""

NEAR_SHARE = 0.7
"""How often the shifts around a random stop are asked about, and not any shifts."""

LEAST_FILLED, MOST_FILLED = 1.1, 1.6
"""How full, in times of the shifts asked about, the stops fill that VROOM may choose from."""

BY_TIME = (0.0, 0.5, 1.0, 1.0)
"""Powers of the duration by which the net value of a stop is divided, one drawn a call."""

NOISE = 0.15
"""Stops are ranked up to this share too high or too low, so that other stops get their chance."""

SERVED_FIRST = 1.1
"""How much higher than others stops are ranked that are served already."""


def improve_parts(vroom: VroomSeed, orders: Orders, *, seed: int, time_limit_s: float) -> Orders:
    """Return orders at least as good as `orders`, which must be feasible.

    Each call of VROOM plans two or more shifts again, from their stops and from those that no
    shift serves; its answer counts by the true objective and is kept where that is not lower.
    """
    search = _Parts(vroom, orders, seed)
    started = time.perf_counter()
    while (left_s := time_limit_s - (time.perf_counter() - started)) > 0:
        search.step(left_s)
    return search.orders


class _Parts:
    def __init__(self, vroom: VroomSeed, orders: Orders, seed: int) -> None:
        self.vroom, self.instance = vroom, vroom.instance
        self.random = random.Random(seed)  # noqa: S311  (a search, no secret)
        self.tours = Tours(self.instance)
        self.tours.load(orders)
        self.orders, self.worth = self.tours.copy_orders(), self.tours.objective()
        self.taken = self.instance.service + vroom.way
        self.near = _near(self.instance)

    def step(self, left_s: float) -> None:
        """Ask once about some shifts, and keep the answer if it is not worse."""
        shifts = self._choose_shifts()
        stops = self._choose_stops(shifts)
        if not stops:
            return
        found = self.vroom.ask_about(shifts, stops, 1, left_s)
        self.tours.load([[] if k in shifts else order for k, order in enumerate(self.orders)])
        self.tours.take_into(found)
        add_what_pays(self.tours)
        worth = self.tours.objective()
        if worth >= self.worth:
            self.worth, self.orders = worth, self.tours.copy_orders()

    def _choose_shifts(self) -> list[int]:
        served = sum(len(order) for order in self.orders)
        used = max(1, sum(1 for order in self.orders if order))
        usual = STOPS_OF_PART * used / max(1, served)
        most = max(2, round(usual))
        count = min(len(self.vroom.shifts), self.random.randint(2, most))
        around = self._around() if self.random.random() < NEAR_SHARE else iter(())
        chosen = dict.fromkeys(k for k, _ in zip(around, range(count - 1), strict=False))
        for k in self.random.sample(self.vroom.shifts, len(self.vroom.shifts)):
            if len(chosen) >= count:
                break
            chosen[k] = None
        return list(chosen)

    def _around(self) -> Iterator[int]:
        """Yield the shifts that serve the stops around a random one, the nearest first."""
        shift_of = {i: k for k, order in enumerate(self.orders) for i in order}
        seen = set()
        for i in self.near[self.random.randrange(self.instance.n)]:
            k = shift_of.get(i)
            if k is not None and k not in seen:
                seen.add(k)
                yield k

    def _choose_stops(self, shifts: list[int]) -> list[int]:
        all_shifts, draw = self.instance.problem.shifts, self.random
        elsewhere = {i for k, order in enumerate(self.orders) if k not in shifts for i in order}
        here = {i for k in shifts for i in self.orders[k]}
        pool = [i for i in self.vroom.live if i not in elsewhere]
        by_time, filled = draw.choice(BY_TIME), draw.uniform(LEAST_FILLED, MOST_FILLED)
        rank = {
            i: draw.uniform(1 - NOISE, 1 + NOISE)
            * (SERVED_FIRST if i in here else 1.0)
            * float(self.vroom.net[i])
            / float(self.taken[i] + 1) ** by_time
            for i in pool
        }
        room_s = filled * sum(all_shifts[k].end_s - all_shifts[k].start_s for k in shifts)
        room = filled * sum(all_shifts[k].max_stops for k in shifts)
        return self.vroom.take_first(pool, rank, room_s, room)


def _near(instance: Instance) -> list[list[int]]:
    both_ways = instance.travel[: instance.n, : instance.n]
    near: list[list[int]] = np.argsort(both_ways + both_ways.T, axis=1, kind="stable").tolist()
    return near

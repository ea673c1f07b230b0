"""A good plan in milliseconds: insertion by gain, then ruin-and-recreate."""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from routing.instance import NEVER
from routing.tours import Tours

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from routing.instance import Instance

NEARLY_ALL = 0.9
"""Share of stops served from which a plan is a matter of ways more than of choice; measured."""

LONG_WAY_S = 20_000.0
"""A detour that no day holds: five hours and a half. Longer ones count as this."""

ROUNDS_PER_STOP = 100
"""Rounds after which small problems were found to improve no more: 20 stops need 2000."""

Orders = list[list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedParams:
    """How ruin-and-recreate searches.

    After Christiaens and Vanden Berghe, Slack induction by string removals (2020).

    Parameters
    ----------
    stops_removed
        Mean number of stops a ruin takes out.
    longest_string
        Longest run of neighbouring stops taken out of one route.
    warmest, coldest
        First and last temperature of the acceptance, as shares of a mean prize plus the worth of
        a mean way.
    stop_noise
        In each round the gains of a stop are judged up to this share too high or too low, 0..1.
    shift_noise
        The same for each stop in each shift; without it no route is ever given up for another.
    """

    stops_removed: float = 10.0
    longest_string: float = 10.0
    warmest: float = 0.18
    coldest: float = 0.001
    stop_noise: float = 0.15
    shift_noise: float = 0.01


def construct(instance: Instance) -> Orders:
    """Return the best of three greedy insertions: by gain, by gain per time, by regret."""
    best: Orders = [[] for _ in range(instance.m)]
    best_objective = Tours(instance).objective()
    still = np.ones(instance.n)
    for rank in _RANKINGS:
        tours = Tours(instance)
        _fill(tours, rank, still)
        if tours.objective() > best_objective:
            best, best_objective = tours.copy_orders(), tours.objective()
    return best


def improve(
    instance: Instance,
    orders: Orders,
    *,
    seed: int,
    rounds: int | None = None,
    time_limit_s: float = math.inf,
    params: SeedParams | None = None,
) -> Orders:
    """Return the best orders met in `rounds` rounds, at least 1, or until the time is over.

    One of the two limits must be given. Same seed, same orders where there is no time limit.
    """
    if instance.n == 0 or instance.m == 0:
        return orders
    search = _Search(instance, orders, seed=seed, params=params or SeedParams())
    started, done = time.perf_counter(), 0
    while True:
        # Whichever limit is nearer cools the search; a clock that is not asked for is not read.
        passed = done / rounds if rounds else 0.0
        if time_limit_s < math.inf:
            passed = max(passed, (time.perf_counter() - started) / max(time_limit_s, 1e-9))
        if passed >= 1:
            break
        search.step(passed)
        done += 1
    return search.best


def add_what_pays(tours: Tours) -> None:
    """Insert absent stops by gain until none gains anything."""
    _fill(tours, _by_gain, np.ones(tours.instance.n))


class _Search:
    """The walk: what is current, what was best, and the moves between."""

    def __init__(
        self, instance: Instance, orders: Orders, *, seed: int, params: SeedParams
    ) -> None:
        self.params = params
        # Two generators: numpy's fills vectors fast, the standard library's draws single numbers.
        self.random = random.Random(seed)  # noqa: S311  (a search, no secret)
        self.noise = np.random.default_rng(seed)
        self.tours = Tours(instance)
        self.tours.load(orders)
        self.current = self.tours.copy_orders()
        self.objective = self.best_objective = self.tours.objective()
        self.best = self.tours.copy_orders()
        problem = instance.problem
        self.scale = float(np.mean([stop.prize for stop in problem.stops]))
        self.scale += problem.objective.travel_weight * float(instance.travel.mean())
        self.forced = [instance.number[name] for name in instance.terms.forced]
        both_ways = instance.travel[: instance.n, : instance.n]
        self.near: list[list[int]] = np.argsort(
            both_ways + both_ways.T, axis=1, kind="stable"
        ).tolist()

    def step(self, passed: float) -> None:
        """Ruin and recreate once; `passed` in 0..1 is how far the search is."""
        params = self.params
        self._ruin()
        _fill(self.tours, self._rank(), self._spread())
        objective = self.tours.objective()
        temperature = self.scale * params.warmest * (params.coldest / params.warmest) ** passed
        slack = temperature * math.log(1.0 - self.random.random())
        if objective <= self.objective + slack:
            self.tours.load(self.current)
            return
        self.objective, self.current = objective, self.tours.copy_orders()
        if objective > self.best_objective:
            self.best_objective, self.best = objective, self.tours.copy_orders()

    def _rank(self) -> Ranking:
        # Measured: gain per time helps to construct, but to recreate only where travel is free;
        # elsewhere regret helps every second time. Where nearly all stops are served, prizes no
        # longer tell which to insert first.
        if self.random.random() < 0.5:  # noqa: PLR2004
            return _by_gain
        if not self.tours.instance.problem.objective.travel_weight:
            return _by_gain_per_time
        served = sum(len(order) for order in self.current)
        return _by_way_regret if served >= NEARLY_ALL * self.tours.instance.n else _by_regret

    def _spread(self) -> NDArray[np.float64]:
        """Return a factor near 1 per shift and stop, by which gains are misjudged."""
        instance = self.tours.instance
        by_stop = 2 * self.noise.random(instance.n) - 1
        by_shift = 2 * self.noise.random((instance.m, instance.n)) - 1
        spread: NDArray[np.float64] = (
            1 + self.params.stop_noise * by_stop + self.params.shift_noise * by_shift
        )
        return spread

    def _ruin(self) -> None:
        """Take strings of stops out of the routes around a random stop."""
        shift_of = {i: k for k, order in enumerate(self.current) for i in order}
        used = sum(1 for order in self.current if order)
        if not used:
            return
        longest = min(self.params.longest_string, max(1.0, len(shift_of) / used))
        most_routes = max(1.0, 4 * self.params.stops_removed / (1 + longest) - 1)
        routes = int(self.random.random() * most_routes + 1)
        centre = self._centre()
        touched: set[int] = set()
        for i in self.near[centre]:
            if len(touched) >= routes:
                break
            k = shift_of.get(i)
            if k is not None and k not in touched:
                touched.add(k)
                order = self.current[k]
                length = int(self.random.random() * min(len(order), longest) + 1)
                self.tours.try_replace(k, self._without_string(order, order.index(i), length))

    def _centre(self) -> int:
        """Return a random stop; half the time one that is forced and still without a place."""
        lacking = [i for i in self.forced if self.tours.absent[i]]
        if lacking and self.random.random() < 0.5:  # noqa: PLR2004
            return self.random.choice(lacking)
        return self.random.randrange(self.tours.instance.n)

    def _without_string(self, order: list[int], at: int, length: int) -> list[int]:
        """Return `order` without a run of `length` that holds `at`, half the time keeping some."""
        kept = 0
        if 1 < length < len(order) and self.random.random() < 0.5:  # noqa: PLR2004
            kept = self.random.randrange(1, len(order) - length + 1)
        span = length + kept
        first = self.random.randint(max(0, at - span + 1), min(at, len(order) - span))
        skip = first + (self.random.randint(0, length) if kept else 0)
        return order[:first] + order[skip : skip + kept] + order[first + span :]


def _fill(tours: Tours, rank: Ranking, spread: NDArray[np.float64]) -> None:
    """Insert absent stops, best ranked first, while any gains."""
    n = tours.instance.n
    while tours.gain.size:
        gain = np.where(tours.absent, tours.gain, -NEVER)
        near = tours.too_near()
        if near is not None:
            gain[near] = -NEVER
        if tours.short_days():
            gain = gain + tours.day_bonus()
        k, stop = divmod(int(rank(tours, gain, spread).argmax()), n)
        if gain[k, stop] <= 0:
            return
        tours.insert(k, stop)


def _by_gain(
    _tours: Tours, gain: NDArray[np.int64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    ranked: NDArray[np.float64] = gain * spread
    return ranked


def _by_gain_per_time(
    tours: Tours, gain: NDArray[np.int64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    # The ten minutes keep short stops next door from looking infinitely good.
    taken = tours.instance.service + np.maximum(tours.stretch, 0) + 600.0
    return np.where(gain > 0, gain * spread / taken, gain)


def _by_regret(
    tours: Tours, gain: NDArray[np.int64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Rank by gain plus what would be lost if the best shift were no longer open."""
    ranked = gain * spread
    if tours.instance.m > 1:
        second = np.partition(np.maximum(ranked, 0), tours.instance.m - 2, axis=0)[-2]
        ranked = np.where(ranked > 0, 2 * ranked - second, ranked)
    return ranked


def _by_way_regret(
    tours: Tours, gain: NDArray[np.int64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Rank as by regret, by the way saved instead of the gain."""
    saved = np.where(gain > 0, LONG_WAY_S - np.minimum(tours.stretch * spread, LONG_WAY_S), 0.0)
    second = np.zeros(1)
    if tours.instance.m > 1:
        second = np.partition(saved, tours.instance.m - 2, axis=0)[-2]
    return np.where(gain > 0, 2 * saved - second + 2 * LONG_WAY_S, gain)


if TYPE_CHECKING:
    Ranking = Callable[[Tours, NDArray[np.int64], NDArray[np.float64]], NDArray[np.float64]]

_RANKINGS = (_by_gain, _by_gain_per_time, _by_regret)

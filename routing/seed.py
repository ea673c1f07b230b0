"""A good plan in milliseconds: insertion by gain, then ruin-and-recreate."""

from __future__ import annotations

import math
import time
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from routing.instance import Instance
from routing.problem import Objective, Problem, Shift, Stop
from routing.tours import Tours, no_orders

if TYPE_CHECKING:
    from routing.walk import Walk

ROUNDS_PER_STOP = 400
"""Rounds after which small problems were found to improve no more: 20 stops need 2000."""

ROUNDS_A_LOOK = 64
"""Rounds between two looks at the clock; 2 to 10 ms."""

Orders = list[list[int]]


class SeedParams(NamedTuple):
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


@cache
def load_search() -> None:
    """Load the compiled search, or compile it, so that neither is counted as search.

    Loading takes 0.2 s; compiling takes half a minute, once after the code has changed.
    """
    stop = Stop(id="a", location=1, service_s=1, prize=1, required=False, windows=((0, 9),))
    shift = Shift(id="a", day=0, start_s=0, end_s=9, start_location=0, end_location=0, max_stops=1)
    nowhere = np.zeros((2, 2), dtype=np.int64)
    goal = Objective(travel_weight=1, missed_required_penalty=1, min_days=0, short_day_penalty=0)
    problem = Problem(name="a", travel_s=nowhere, shifts=(shift,), stops=(stop,), objective=goal)
    instance = Instance(problem)
    _walk(instance, construct(instance), SeedParams(), 0, 1, math.inf)


def construct(instance: Instance) -> Orders:
    """Return the best of three greedy insertions: by gain, by gain per time, by regret."""
    from routing.kernel import BY_GAIN, BY_GAIN_PER_TIME, BY_REGRET

    best = Tours(instance)
    for ranking in (BY_GAIN, BY_GAIN_PER_TIME, BY_REGRET):
        tours = Tours(instance)
        tours.fill(ranking)
        if tours.objective() > best.objective():
            best = tours
    return best.copy_orders()


def add_what_pays(tours: Tours) -> None:
    """Insert absent stops by gain until none gains anything."""
    tours.fill(0)


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
    load_search()
    return _walk(instance, orders, params or SeedParams(), seed, rounds, time_limit_s)


def _walk(
    instance: Instance,
    orders: Orders,
    params: SeedParams,
    seed: int,
    rounds: int | None,
    time_limit_s: float,
) -> Orders:
    from routing.walk import take_rounds

    started = time.perf_counter()
    walk = _start_walk(instance, orders)
    random = np.random.default_rng(seed)
    # Whichever limit is nearer cools the search; a clock that is not asked for is not read.
    done, passed = 0, 0.0
    while passed < 1:
        count = ROUNDS_A_LOOK if rounds is None else min(ROUNDS_A_LOOK, rounds - done)
        after = (done + count) / rounds if rounds else 0.0
        if time_limit_s < math.inf:
            now = (time.perf_counter() - started) / max(time_limit_s, 1e-9)
            if now >= 1:
                break
            after = max(after, passed, min(1.0, now))
        take_rounds(walk, params, random, count, (passed, after))
        done, passed = done + count, after
    rows = zip(walk.best.tolist(), walk.best_length.tolist(), strict=True)
    return [row[:length] for row, length in rows]


def _start_walk(instance: Instance, orders: Orders) -> Walk:
    from routing.walk import Walk, copy_shift

    tours = Tours(instance)
    tours.load(orders)
    here = no_orders(instance)
    for k in range(instance.m):
        copy_shift(tours.state, here, k)
    here.shift_of[:] = tours.state.shift_of
    return Walk(
        data=instance.data,
        at=tours.state,
        here=here,
        best=here.orders.copy(),
        best_length=here.length.copy(),
        objectives=np.array([tours.objective()] * 2, dtype=np.int64),
        scale=_scale(instance),
    )


def _scale(instance: Instance) -> float:
    """Return a mean prize plus the worth of a mean way."""
    problem = instance.problem
    mean_prize = float(np.mean([stop.prize for stop in problem.stops]))
    return mean_prize + problem.objective.travel_weight * float(instance.travel.mean())

"""Ruin-and-recreate, compiled: strings of stops are taken out and put back elsewhere.

After Christiaens and Vanden Berghe, Slack induction by string removals (2020).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from routing.compiled import compiled
from routing.kernel import (
    BY_GAIN,
    BY_GAIN_PER_TIME,
    BY_REGRET,
    BY_WAY_REGRET,
    Data,
    State,
    Whole,
    fill,
    objective_of,
    refresh,
)

if TYPE_CHECKING:
    from numpy.random import Generator

    from routing.kernel import Real
    from routing.seed import SeedParams

NEARLY_ALL = 0.9
"""Share of stops served from which a plan is a matter of ways more than of choice; measured."""


class Walk(NamedTuple):
    """A search under way.

    `at` is what is tried, `here` what holds, `best` and `best_length` what was best, and
    `objectives` are those of the last two. `scale` turns temperatures into units of the objective.
    """

    data: Data
    at: State
    here: State
    best: Whole
    best_length: Whole
    objectives: Whole
    scale: float


@compiled
def copy_shift(source: State, target: State, k: int) -> None:
    """Copy shift k; `shift_of` is left to the caller."""
    target.orders[k] = source.orders[k]
    target.length[k] = source.length[k]
    target.worth[k] = source.worth[k]
    target.gain[k] = source.gain[k]
    target.place[k] = source.place[k]
    target.stretch[k] = source.stretch[k]


@compiled
def take_rounds(
    walk: Walk, params: SeedParams, random: Generator, rounds: int, passed: tuple[float, float]
) -> None:
    """Ruin and recreate `rounds` times; `passed` in 0..1 is how far the search is before, after."""
    data, at = walk.data, walk.at
    first, last = passed
    for number in range(rounds):
        share = first + (last - first) * number / rounds
        _ruin(walk, params, random)
        fill(data, at, _ranking(walk, random), _spread(data, at, params, random))
        objective = objective_of(data, at)
        temperature = walk.scale * params.warmest * (params.coldest / params.warmest) ** share
        slack = temperature * math.log(1.0 - random.random())
        _decide(walk, objective, objective > walk.objectives[0] + slack)


@compiled
def _decide(walk: Walk, objective: int, accepted: bool) -> None:  # noqa: FBT001
    """Keep what was tried or go back to what held."""
    at, here = walk.at, walk.here
    source, target = (at, here) if accepted else (here, at)
    for k in range(at.length.size):
        count = at.length[k]
        if count == here.length[k] and (at.orders[k, :count] == here.orders[k, :count]).all():
            continue
        copy_shift(source, target, k)
    target.shift_of[:] = source.shift_of
    if not accepted:
        return
    walk.objectives[0] = objective
    if objective > walk.objectives[1]:
        walk.objectives[1] = objective
        walk.best[:] = at.orders
        walk.best_length[:] = at.length


@compiled
def _ranking(walk: Walk, random: Generator) -> int:
    # Measured: gain per time helps to construct, but to recreate only where travel is free;
    # elsewhere regret helps every second time. Where nearly all stops are served, prizes no
    # longer tell which to insert first.
    if random.random() < 0.5:  # noqa: PLR2004
        return BY_GAIN
    if walk.data.weights[0] == 0:
        return BY_GAIN_PER_TIME
    many = walk.here.length.sum() >= NEARLY_ALL * walk.data.service.size
    return BY_WAY_REGRET if many else BY_REGRET


@compiled
def _spread(data: Data, at: State, params: SeedParams, random: Generator) -> Real:
    """Return a factor near 1 per shift and absent stop, by which gains are misjudged."""
    m, n = data.may.shape
    spread = np.zeros((m, n), dtype=np.float64)
    for i in np.flatnonzero(at.shift_of < 0):
        by_stop = 1.0 + params.stop_noise * (2.0 * random.random() - 1.0)
        for k in range(m):
            spread[k, i] = by_stop + params.shift_noise * (2.0 * random.random() - 1.0)
    return spread


@compiled
def _ruin(walk: Walk, params: SeedParams, random: Generator) -> None:
    """Take strings of stops out of the routes around a random stop."""
    here = walk.here
    used, served = 0, 0
    for k in range(here.length.size):
        used += here.length[k] > 0
        served += here.length[k]
    if used == 0:
        return
    longest = min(params.longest_string, max(1.0, served / used))
    most_routes = max(1.0, 4 * params.stops_removed / (1 + longest) - 1)
    routes = int(random.random() * most_routes + 1)
    touched = np.zeros(here.length.size, dtype=np.bool_)
    for i in walk.data.near[_centre(walk, random)]:
        if routes == 0:
            break
        k = here.shift_of[i]
        if k < 0 or touched[k]:
            continue
        touched[k] = True
        routes -= 1
        length = int(random.random() * min(float(here.length[k]), longest) + 1)
        _take_string(walk, random, k, i, length)


@compiled
def _centre(walk: Walk, random: Generator) -> int:
    """Return a random stop; half the time one that is forced and still without a place."""
    forced = walk.data.forced
    if forced.size and random.random() < 0.5:  # noqa: PLR2004
        first = int(random.random() * forced.size)
        for step in range(forced.size):
            i = forced[(first + step) % forced.size]
            if walk.here.shift_of[i] < 0:
                return int(i)
    return int(random.random() * walk.data.service.size)


@compiled
def _take_string(walk: Walk, random: Generator, k: int, i: int, length: int) -> None:
    """Take a run of `length` that holds stop i out of shift k, half the time keeping some."""
    here, at = walk.here, walk.at
    order, count = here.orders[k], here.length[k]
    kept = 0
    if 1 < length < count and random.random() < 0.5:  # noqa: PLR2004
        kept = 1 + int(random.random() * (count - length))
    place = 0
    while order[place] != i:
        place += 1
    span = length + kept
    lowest, highest = max(0, place - span + 1), min(place, count - span)
    first = lowest + int(random.random() * (highest - lowest + 1))
    skip = first + (int(random.random() * (length + 1)) if kept else 0)
    left = 0
    for position in range(count):
        inside = first <= position < first + span
        if not inside or skip <= position < skip + kept:
            at.orders[k, left] = order[position]
            left += 1
    at.length[k] = left
    # Even an order with a stop less can be late: the triangle inequality is not promised.
    if not refresh(walk.data, at, k):
        copy_shift(here, at, k)
        return
    for position in range(first, first + span):
        if not skip <= position < skip + kept:
            at.shift_of[order[position]] = -1

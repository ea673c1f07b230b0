"""Small problems with a story, and random ones."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from routing import Objective, Problem, Shift, Stop

HOUR = 3600
MORNING = (9 * HOUR, 12 * HOUR)


def make_shift(shift_id="mon", **changes):
    """Nine to five on day 0, from and to the office at location 0, at most nine stops."""
    shift = Shift(
        id=shift_id,
        day=0,
        start_s=9 * HOUR,
        end_s=17 * HOUR,
        start_location=0,
        end_location=0,
        max_stops=9,
    )
    return replace(shift, **changes)


def make_stop(stop_id="shop", **changes):
    """Half an hour at location 1, open all of day 0, worth 5000."""
    stop = Stop(
        id=stop_id,
        location=1,
        service_s=1800,
        prize=5000,
        required=False,
        windows=((9 * HOUR, 17 * HOUR),),
        shifts=None,
    )
    return replace(stop, **changes)


def make_objective(**changes):
    objective = Objective(
        travel_weight=1, missed_required_penalty=20_000, min_days=0, short_day_penalty=3600
    )
    return replace(objective, **changes)


def travel_between(*metres_along_a_street):
    """Travel along one street at a metre a second."""
    places = np.array(metres_along_a_street, dtype=np.int64)
    return np.abs(places[:, None] - places[None, :])


def make_problem(shifts=None, stops=None, travel_s=None, objective=None, name="street"):
    """The office at 0 and places at 600, 1200, 1800, 2400, 3000 metres along one street."""
    return Problem(
        name=name,
        travel_s=travel_between(0, 600, 1200, 1800, 2400, 3000) if travel_s is None else travel_s,
        shifts=(make_shift(),) if shifts is None else tuple(shifts),
        stops=(make_stop(),) if stops is None else tuple(stops),
        objective=objective or make_objective(),
    )


def four_shops_and_a_closed_door():
    """Four shops along the street; the fifth never opens while anybody works."""
    shops = [make_stop(f"shop{i}", location=i, prize=3000 + i) for i in range(1, 5)]
    closed = make_stop("closed", location=5, windows=((20 * HOUR, 22 * HOUR),))
    return make_problem(stops=[*shops, closed])


def random_week(seed, n, days=3, halves=True):
    """A worker's days in half-day shifts among n firms in a square of a few kilometres."""
    draw = np.random.default_rng(seed)
    points = draw.uniform(0, 4000, (n + 1, 2))
    metres = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
    travel_s = (metres / 3).astype(np.int64) + 60
    np.fill_diagonal(travel_s, 0)
    shifts, halves_of_day = [], ((9, 12), (14, 17)) if halves else ((9, 17),)
    for day, (first, last) in itertools.product(range(days), halves_of_day):
        begin = (24 * day + first) * HOUR
        end = (24 * day + last) * HOUR
        name = f"d{day}h{first}"
        shifts.append(make_shift(name, day=day, start_s=begin, end_s=end, max_stops=5))
    stops = []
    for i in range(1, n + 1):
        open_days = draw.choice(days, size=draw.integers(1, days + 1), replace=False)
        stops.append(
            make_stop(
                f"v{i}",
                location=i,
                prize=int(draw.integers(500, 9000)),
                required=bool(draw.random() < 0.1),
                service_s=int(draw.integers(1, 6)) * 600,
                windows=tuple(
                    ((24 * int(d) + 9) * HOUR, (24 * int(d) + 16) * HOUR) for d in sorted(open_days)
                ),
            )
        )
    objective = make_objective(min_days=2)
    return make_problem(shifts, stops, travel_s, objective, name=f"week{seed}")


@st.composite
def problems(draw, most_stops=6, most_shifts=3):
    """Any small valid problem: no triangle inequality, overlapping windows, useless shifts."""
    locations = draw(st.integers(1, 5))
    travel_s = np.array(
        [
            [0 if i == j else draw(st.integers(0, 60)) for j in range(locations)]
            for i in range(locations)
        ],
        dtype=np.int64,
    )
    place = st.integers(0, locations - 1)
    shifts = []
    for k in range(draw(st.integers(1, most_shifts))):
        start_s = draw(st.integers(0, 200))
        shifts.append(
            Shift(
                id=f"s{k}",
                day=draw(st.integers(0, 2)),
                start_s=start_s,
                end_s=start_s + draw(st.integers(0, 200)),
                start_location=draw(place),
                end_location=draw(place),
                max_stops=draw(st.integers(0, 4)),
            )
        )
    window = st.tuples(st.integers(0, 400), st.integers(0, 80)).map(lambda w: (w[0], w[0] + w[1]))
    allowed = st.lists(st.sampled_from([shift.id for shift in shifts]), unique=True).map(tuple)
    stops = [
        Stop(
            id=f"v{i}",
            location=draw(place),
            service_s=draw(st.integers(0, 40)),
            prize=draw(st.integers(0, 200)),
            required=draw(st.booleans()),
            windows=tuple(draw(st.lists(window, max_size=3))),
            shifts=draw(st.none() | allowed),
        )
        for i in range(draw(st.integers(0, most_stops)))
    ]
    objective = Objective(
        travel_weight=draw(st.integers(0, 3)),
        missed_required_penalty=draw(st.integers(0, 300)),
        min_days=draw(st.integers(0, 3)),
        short_day_penalty=draw(st.integers(0, 200)),
    )
    return Problem(
        name="any", travel_s=travel_s, shifts=tuple(shifts), stops=tuple(stops), objective=objective
    )


def best_objective(problem):
    """The best objective there is, by trying every choice and order; for up to six stops."""
    weights = problem.objective
    value = [s.prize + weights.missed_required_penalty * s.required for s in problem.stops]
    missed = sum(weights.missed_required_penalty for s in problem.stops if s.required)
    per_shift = [_best_by_set(problem, shift, value) for shift in problem.shifts]
    # From (stops used, days used) to the best worth, one shift after the other.
    table = {(frozenset(), frozenset()): 0}
    for shift, options in zip(problem.shifts, per_shift, strict=True):
        grown = dict(table)
        for (used, days), worth in table.items():
            for chosen, more in options.items():
                if not (chosen & used):
                    key = (used | chosen, days | {shift.day})
                    grown[key] = max(grown.get(key, -(10**18)), worth + more)
        table = grown
    return max(
        worth - missed - weights.short_day_penalty * max(0, weights.min_days - len(days))
        for (_, days), worth in table.items()
    )


def _best_by_set(problem, shift, value):
    """Worth of the best order of every set of stops that the shift can serve."""
    best = {}
    able = [
        i for i, stop in enumerate(problem.stops) if stop.shifts is None or shift.id in stop.shifts
    ]
    open_ends = [((), shift.start_s, shift.start_location, 0)]
    while open_ends:
        order, clock, here, travel_s = open_ends.pop()
        if order:
            home = int(problem.travel_s[here, shift.end_location])
            if clock + home <= shift.end_s:
                worth = sum(value[i] for i in order)
                worth -= problem.objective.travel_weight * (travel_s + home)
                key = frozenset(order)
                best[key] = max(best.get(key, worth), worth)
        if len(order) == shift.max_stops:
            continue
        for i in able:
            if i in order:
                continue
            stop = problem.stops[i]
            leg = int(problem.travel_s[here, stop.location])
            starts = [max(clock + leg, low) for low, high in stop.windows if clock + leg <= high]
            if starts:
                end = min(starts) + stop.service_s
                open_ends.append(((*order, i), end, stop.location, travel_s + leg))
    return best

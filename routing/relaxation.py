"""A linear relaxation of the problem: a quick upper bound, and prices for a finer one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from routing.instance import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from routing.instance import Instance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prices:
    """What the relaxation proves and asks.

    `bound` is at least the objective of any plan and the penalties of all required stops together.
    `of_stops` and `of_room` are what serving each stop once, and room for a stop in each shift,
    are worth: a start for finer bounds.
    """

    bound: int
    of_stops: NDArray[np.float64]
    of_room: NDArray[np.float64]


def relax(instance: Instance) -> Prices | None:
    """Return bound and prices of the linear relaxation, None when no shift can serve any stop.

    The relaxation forgets the order of visits. A stop served in a shift takes its service and half
    of the shortest ways that could lead to it and on from it, in travel and in time; a shift used
    takes the other halves of its first and last way. Under these, stops may be served in parts:
    each at most once, each shift within its length, its openings and its most stops, days with a
    visit at most as many as have a shift in use.

    The bound is taken from the dual side, where any prices not below 0 give a valid one: it holds
    even if the solver of the relaxation stopped early or inexactly.
    """
    relaxation = _relax(instance)
    if relaxation is None:
        return None
    prices = _prices(relaxation)
    of_stops, of_room = np.zeros(instance.n), np.zeros(instance.m)
    of_stops[list(relaxation.stop_rows)] = prices[list(relaxation.stop_rows.values())]
    of_room[list(relaxation.room_rows)] = prices[list(relaxation.room_rows.values())]
    return Prices(bound=_from_prices(relaxation, prices), of_stops=of_stops, of_room=of_room)


@dataclass(frozen=True, slots=True)
class _Relaxation:
    """Maximise `worth` x + `constant` under `rows` x <= `limits`, 0 <= x <= 1."""

    worth: NDArray[np.float64]
    rows: _Rows
    limits: NDArray[np.float64]
    constant: float
    stop_rows: dict[int, int]
    room_rows: dict[int, int]


def _prices(relaxation: _Relaxation) -> NDArray[np.float64]:
    """Return a price per row, none below 0."""
    # Loaded here and not above: only a bound should pay for it. OR-Tools' linear solver and not
    # scipy's, which takes 50 MB and half a second more in every process that plans.
    from ortools.linear_solver import pywraplp

    rows = relaxation.rows
    solver = pywraplp.Solver.CreateSolver("GLOP")
    columns = [solver.NumVar(0.0, 1.0, "") for _ in relaxation.worth]
    goal = solver.Objective()
    goal.SetMaximization()
    for column, worth in zip(columns, relaxation.worth.tolist(), strict=True):
        goal.SetCoefficient(column, worth)
    limits = []
    for (first, last), limit in zip(pairwise(rows.start), rows.limits, strict=True):
        row = solver.Constraint(-solver.infinity(), float(limit))
        for at in range(first, last):
            row.SetCoefficient(columns[rows.column[at]], float(rows.value[at]))
        limits.append(row)
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return np.zeros(len(rows.limits))
    return np.maximum(0.0, np.array([row.dual_value() for row in limits], dtype=np.float64))


def _from_prices(relaxation: _Relaxation, prices: NDArray[np.float64]) -> int:
    """Return the bound that the prices of the rows prove."""
    left = relaxation.worth - relaxation.rows.priced(prices, len(relaxation.worth))
    terms = np.concatenate([np.maximum(0.0, left), relaxation.limits * prices])
    # fsum rounds once; the products before it are exact to one part in 2^52 each.
    rounding = 1e-12 * math.fsum(np.abs(terms)) + 1e-6
    return math.floor(math.fsum(terms) + relaxation.constant + rounding)


class _Rows:
    """Rows of a sparse matrix with their limits, collected one by one."""

    def __init__(self) -> None:
        self.start: list[int] = [0]
        self.column: list[int] = []
        self.value: list[float] = []
        self.limits: list[float] = []

    def add(self, columns: list[int], values: list[float], limit: float) -> None:
        self.column += columns
        self.value += values
        self.start.append(len(self.column))
        self.limits.append(limit)

    def priced(self, prices: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
        """Return per column the sum of its values, each times its row's price."""
        by_value = np.repeat(prices, np.diff(self.start))
        priced = np.bincount(self.column, weights=by_value * self.value, minlength=columns)
        return np.asarray(priced, dtype=np.float64)


def _relax(instance: Instance) -> _Relaxation | None:
    """Return the relaxation, None when no shift can serve any stop.

    Its columns: a stop in a shift, each that may be; then each shift in use; then each day with a
    visit.
    """
    problem = instance.problem
    able = [np.flatnonzero(instance.may[k]) for k in range(instance.m)]
    if not any(len(stops) for stops in able):
        return None
    first = np.cumsum([0, *(len(stops) for stops in able)]).tolist()
    used = first[-1]
    days = sorted({shift.day for shift in problem.shifts})
    worth = np.zeros(used + instance.m + len(days))
    rows = _Rows()
    room_rows = {}
    for k, stops in enumerate(able):
        if len(stops):
            columns = list(range(first[k], first[k + 1]))
            ways = _Ways(instance, k, stops)
            weight = problem.objective.travel_weight
            worth[columns] = instance.value[stops] - weight * ways.of_stops
            worth[used + k] = -weight * ways.of_shift
            _add_shift(rows, instance, k, stops, ways, columns=columns, used=used + k)
            room_rows[k] = len(rows.limits) - len(columns) - 1
        else:
            rows.add([used + k], [1.0], 0.0)
    stop_rows = _add_stops(rows, able, first)
    constant = _add_days(rows, worth, instance, days, used=used)
    limits = np.array(rows.limits)
    return _Relaxation(worth, rows, limits, constant, stop_rows, room_rows)


class _Ways:
    """Half of the shortest ways to and from each stop of a shift, and of its first and last way."""

    def __init__(self, instance: Instance, k: int, stops: NDArray[np.intp]) -> None:
        start, end = instance.start_node(k), instance.end_node(k)
        travel = instance.ways[k].travel
        between = travel[np.ix_(stops, stops)].astype(np.float64)
        np.fill_diagonal(between, math.inf)
        out = travel[start, stops].astype(np.float64)
        home = travel[stops, end].astype(np.float64)
        self.of_stops = (
            np.minimum(between.min(axis=0), out) + np.minimum(between.min(axis=1), home)
        ) / 2
        self.of_shift = float(out.min() + home.min()) / 2


def _add_shift(
    rows: _Rows,
    instance: Instance,
    k: int,
    stops: NDArray[np.intp],
    ways: _Ways,
    *,
    columns: list[int],
    used: int,
) -> None:
    """Add the rows that keep one shift within its length, its openings and its most stops."""
    shift = instance.problem.shifts[k]
    service = instance.service[stops].astype(np.float64)
    length = float(shift.end_s - shift.start_s)
    rows.add([*columns, used], [*(service + ways.of_stops), ways.of_shift - length], 0.0)
    rows.add([*columns, used], [*service, -_open_seconds(instance, k, stops)], 0.0)
    rows.add([*columns, used], [*([1.0] * len(columns)), -float(shift.max_stops)], 0.0)
    for column in columns:
        rows.add([column, used], [1.0, -1.0], 0.0)


def _open_seconds(instance: Instance, k: int, stops: NDArray[np.intp]) -> float:
    """Return the length of the time in shift k when any service can be under way."""
    spans = sorted(
        (low, high + int(instance.service[i]))
        for i in stops
        for low, high in instance.windows[k][i]
    )
    total, reached = 0, -NEVER
    for low, high in spans:
        total += max(0, high - max(low, reached))
        reached = max(reached, high)
    return float(total)


def _add_stops(rows: _Rows, able: list[NDArray[np.intp]], first: list[int]) -> dict[int, int]:
    """Add a row per stop, served at most once; return the rows by stop."""
    columns_of: dict[int, list[int]] = {}
    for k, stops in enumerate(able):
        for position, i in enumerate(stops.tolist()):
            columns_of.setdefault(i, []).append(first[k] + position)
    added = {}
    for i, columns in columns_of.items():
        if len(columns) > 1:
            added[i] = len(rows.limits)
            rows.add(columns, [1.0] * len(columns), 1.0)
    return added


def _add_days(
    rows: _Rows, worth: NDArray[np.float64], instance: Instance, days: list[int], *, used: int
) -> float:
    """Add the worth of days with a visit up to `min_days`; return the worth with none."""
    weights = instance.problem.objective
    shifts = instance.problem.shifts
    columns = list(range(used + instance.m, used + instance.m + len(days)))
    for column, day in zip(columns, days, strict=True):
        in_use = [used + k for k, shift in enumerate(shifts) if shift.day == day]
        rows.add([column, *in_use], [1.0, *([-1.0] * len(in_use))], 0.0)
        worth[column] = weights.short_day_penalty
    rows.add(columns, [1.0] * len(columns), float(weights.min_days))
    return -float(weights.short_day_penalty * weights.min_days)

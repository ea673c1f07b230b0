"""A problem as arrays, made once and read by every search."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from routing.schedule import is_allowed
from routing.terms import NO_TERMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from routing.kernel import Data
    from routing.problem import Problem, Shift, Stop
    from routing.terms import Terms

NEVER = 1 << 60
"""Later than any clock; small enough that adding a few times to it stays inside 64 bits."""

FORCE = 1 << 52
"""What a forced stop is worth: more than all prizes of a sensible problem together."""


class Instance:
    """A problem as arrays, made once and read by every tour.

    Stop i is node i; the start and the end of shift k are nodes n + 2k and n + 2k + 1. `ways[k]`
    is the network of shift k, shared by shifts of one mode. `opens` and `closes` are (shifts,
    windows, stops): the windows of a stop inside a shift, sorted, padded with windows that never
    open. `may` is (shifts, stops): allowed, and open at some time. `stay` is (shifts, stops): what
    it is worth that a stop is in the shift in which it was published, `rank` its place there or -1.
    """

    def __init__(self, problem: Problem, terms: Terms = NO_TERMS) -> None:
        self.problem, self.terms = problem, terms
        self.n, self.m = len(problem.stops), len(problem.shifts)
        self.number = {stop.id: i for i, stop in enumerate(problem.stops)}
        by_mode = {shift.mode: shift for shift in problem.shifts}
        networks = {mode: Network(problem, shift) for mode, shift in by_mode.items()}
        self.ways = [networks[shift.mode] for shift in problem.shifts]
        self.service = np.array([stop.service_s for stop in problem.stops], dtype=np.int64)
        penalty = problem.objective.missed_required_penalty
        self.value = np.array(
            [
                stop.prize + penalty * stop.required + FORCE * (stop.id in terms.forced)
                for stop in problem.stops
            ],
            dtype=np.int64,
        )
        self.windows = [
            [_joined_windows(stop, shift) for stop in problem.stops] for shift in problem.shifts
        ]
        self.opens, self.closes = _padded(self.windows, self.n)
        room = np.array([shift.max_stops > 0 for shift in problem.shifts], dtype=bool)
        self.may = (self.closes >= 0).any(axis=1) & room[:, None]
        self.days = np.array([shift.day for shift in problem.shifts], dtype=np.int64)
        self.kin = _kin(problem.stops)
        self.pinned = {
            self.number[name]: place
            for name, place in terms.positions.items()
            if name in self.number
        }
        self._lay_out_published()

    @cached_property
    def data(self) -> Data:
        """The problem as the compiled search reads it."""
        # Loaded here and not above: it takes a third of a second, which only a search should pay.
        from routing.kernel import Data

        problem, terms, goal = self.problem, self.terms, self.problem.objective
        modes = list(dict.fromkeys(id(way) for way in self.ways))
        ways = [next(way for way in self.ways if id(way) == mode) for mode in modes]
        shape = (len(ways), self.n + 2 * self.m, self.n + 2 * self.m)
        travel = _whole(way.travel for way in ways).reshape(shape)
        taken = _whole(way.taken for way in ways).reshape(shape)
        numbers = {int(day): place for place, day in enumerate(dict.fromkeys(self.days.tolist()))}
        served = np.array([day in terms.days_served for day in numbers], dtype=bool)
        kin = [self.kin.get(i, []) for i in range(self.n)]
        to_and_fro = (travel + travel.transpose(0, 2, 1))[:1, : self.n, : self.n].sum(axis=0)
        return Data(
            travel=travel,
            travel_to=np.ascontiguousarray(travel.transpose(0, 2, 1)),
            taken=taken,
            taken_to=np.ascontiguousarray(taken.transpose(0, 2, 1)),
            mode=_whole(modes.index(id(way)) for way in self.ways),
            service=self.service,
            value=self.value,
            opens=self.opens,
            closes=self.closes,
            may=self.may,
            stay=self.stay,
            rank=self.rank,
            pinned=_whole(self.pinned.get(i, -1) for i in range(self.n)),
            kin_from=_whole(np.cumsum([0, *map(len, kin)])),
            kin=_whole(j for row in kin for j, _ in row),
            kin_days=_whole(gap for row in kin for _, gap in row),
            day=self.days,
            day_number=_whole(numbers[day] for day in self.days.tolist()),
            served_before=served,
            start_s=_whole(shift.start_s for shift in problem.shifts),
            end_s=_whole(shift.end_s for shift in problem.shifts),
            most=_whole(min(shift.max_stops, self.n) for shift in problem.shifts),
            weights=_whole(
                [
                    goal.travel_weight,
                    terms.stay_in_order,
                    goal.min_days,
                    goal.short_day_penalty,
                    len(terms.days_served) - int(served.sum()),
                    bool(self.pinned),
                    bool(self.pinned or terms.published),
                ]
            ),
            near=np.argsort(to_and_fro, axis=1, kind="stable"),
            forced=_whole(sorted(self.number[name] for name in terms.forced)),
        )

    def _lay_out_published(self) -> None:
        self.rank = np.full((self.m, self.n), -1, dtype=np.int64)
        self.stay = np.zeros((self.m, self.n), dtype=np.int64)
        place_of = {shift.id: k for k, shift in enumerate(self.problem.shifts)}
        for name, (shift_id, rank) in self.terms.published.items():
            if name in self.number and shift_id in place_of:
                k, i = place_of[shift_id], self.number[name]
                self.rank[k, i] = rank
                self.stay[k, i] = self.terms.stay_in_shift

    @property
    def travel(self) -> NDArray[np.int64]:
        """Travel between all nodes in the mode of the first shift; there must be a shift."""
        return self.ways[0].travel

    def start_node(self, k: int) -> int:
        """Return the node at which shift k starts."""
        return self.n + 2 * k

    def end_node(self, k: int) -> int:
        """Return the node at which shift k ends."""
        return self.n + 2 * k + 1

    def opening(self, i: int, able: Sequence[int]) -> list[tuple[int, int]]:
        """Return the windows of stop i inside the shifts `able`, sorted, joined where near."""
        return _joined(window for k in able for window in self.windows[k][i])


class Network:
    """Travel and time between the nodes of an instance in one mode.

    `travel` is what costs, `taken` what passes before a service may start: travel and set-up.
    """

    def __init__(self, problem: Problem, shift: Shift) -> None:
        n = len(problem.stops)
        places = [stop.location for stop in problem.stops]
        buildings = [stop.building for stop in problem.stops]
        for each in problem.shifts:
            places += [each.start_location, each.end_location]
            buildings += [each.start_building, None]
        self.travel = problem.travel_of(shift)[np.ix_(places, places)].copy()
        for node in range(n, len(places), 2):
            # An unused shift costs nothing, wherever it would end.
            self.travel[node, node + 1] = 0
        self.taken = self.travel + _setups(problem.stops, buildings)


def _setups(stops: Sequence[Stop], buildings: Sequence[str | None]) -> NDArray[np.int64]:
    """Return the set-up seconds of every node for every node before it."""
    setups = np.zeros((len(buildings), len(buildings)), dtype=np.int64)
    for i, stop in enumerate(stops):
        if stop.setup_s:
            setups[:, i] = stop.setup_s
            if stop.building is not None:
                here = [node for node, name in enumerate(buildings) if name == stop.building]
                setups[here, i] = 0
    return setups


def _whole(numbers: Iterable[object]) -> NDArray[np.int64]:
    return np.array(list(numbers), dtype=np.int64)


def _kin(stops: Sequence[Stop]) -> dict[int, list[tuple[int, int]]]:
    """Return, for stops of a firm with gaps, the firm's other stops and the days between."""
    by_firm: dict[str, list[int]] = {}
    for i, stop in enumerate(stops):
        if stop.firm is not None:
            by_firm.setdefault(stop.firm, []).append(i)
    kin: dict[int, list[tuple[int, int]]] = {}
    for members in by_firm.values():
        for i in members:
            for j in members:
                gap = max(stops[i].min_gap_days, stops[j].min_gap_days)
                if i != j and gap:
                    kin.setdefault(i, []).append((j, gap))
    return kin


def _joined_windows(stop: Stop, shift: Shift) -> list[tuple[int, int]]:
    """Return when `stop` may start inside `shift`: sorted, with gaps between."""
    if not is_allowed(stop, shift):
        return []
    return _joined(
        (max(low, shift.start_s), min(high, shift.end_s))
        for low, high in stop.windows
        if low <= shift.end_s and high >= shift.start_s
    )


def _joined(windows: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for low, high in sorted(windows):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined


def _padded(
    windows: list[list[list[tuple[int, int]]]], n: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    most = max((len(each) for row in windows for each in row), default=0)
    opens = np.full((len(windows), max(2, most), n), NEVER, dtype=np.int64)
    closes = np.full((len(windows), max(2, most), n), -1, dtype=np.int64)
    for k, row in enumerate(windows):
        for i, each in enumerate(row):
            for w, (low, high) in enumerate(each):
                opens[k, w, i], closes[k, w, i] = low, high
    return opens, closes

"""Plans of VROOM as starts of the search; the only module that imports vroom.

VROOM serves the highest sum of priorities and then drives least. It knows no prize against travel,
no minimum of days and no gap between visits, so it is asked several times, each time with another
choice of stops that may be worth a visit, and the best answer is judged by the true objective.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from routing.instance import Instance

MOST_S = 4_000_000_000
"""Largest time that VROOM's 32-bit matrices hold."""

TOP_PRIORITY = 100
"""VROOM's highest priority; stops that must be served have it alone."""

NEIGHBOURS = 3
"""The way to a stop is guessed as the mean of its ways to as many nearest stops."""


class Choice(NamedTuple):
    """Which stops VROOM is shown.

    Stops are ranked by net value / duration ** `by_time`; the first are taken until their durations
    fill `filled` times the shifts, None takes all.
    """

    by_time: float
    filled: float | None


CHOICES = (
    Choice(0.0, 1.15),
    Choice(1.0, 1.15),
    Choice(0.0, 1.15),
    Choice(1.0, 1.15),
    Choice(0.5, 1.2),
    Choice(0.5, 1.3),
    Choice(1.0, 1.3),
    Choice(1.0, 1.6),
    Choice(0.5, 1.1),
    Choice(0.0, None),
    Choice(0.5, 1.6),
    Choice(0.0, 1.3),
    Choice(0.75, 1.2),
    Choice(0.25, 1.2),
)
"""Measured: the first two together are a good start everywhere; they come again for deeper calls,
and the others add variety."""


def load_vroom() -> None:
    """Import VROOM now, so that its half second is not counted as search."""
    import vroom  # noqa: F401


class VroomSeed:
    """Asks VROOM about one problem; everything but the choice of stops is made once."""

    def __init__(self, instance: Instance) -> None:
        # Loaded here and not above: it brings pandas, which only a solve should pay for.
        import vroom

        self.vroom, self.instance = vroom, instance
        problem, n = instance.problem, instance.n
        self.live = [i for i in range(n) if instance.may[:, i].any()]
        between = instance.travel[:n, :n] + np.eye(n, dtype=np.int64) * MOST_S
        near = np.sort(between, axis=1)[:, : min(NEIGHBOURS, max(1, n - 1))].mean(axis=1)
        self.way: NDArray[np.float64] = np.minimum(near, 10 * 3600.0)
        worth = np.array([stop.prize for stop in problem.stops], dtype=np.float64)
        self.net = np.maximum(worth - problem.objective.travel_weight * self.way, 1.0)
        self.must = {
            i
            for i, stop in enumerate(problem.stops)
            if stop.required or stop.id in instance.terms.forced
        }
        self.shifts = [k for k in range(instance.m) if instance.may[k].any()]
        self.vehicles = {k: self._vehicle(k) for k in self.shifts}
        self.matrices = {
            _profile(shift.mode): (way.taken.astype(np.uint32), way.travel.astype(np.uint32))
            for shift, way in zip(problem.shifts, instance.ways, strict=True)
        }

    @staticmethod
    def can_say(instance: Instance) -> bool:
        """Tell whether VROOM's model and number range hold the problem."""
        times = max((int(network.taken.max()) for network in instance.ways), default=0)
        costly = any(len(skills) != instance.m for skills in _shifts_of(instance).values())
        return bool(
            instance.may.any()
            and times < MOST_S // 2
            and not instance.pinned
            # A skill per stop bound to shifts is cheap only where few are.
            and (not costly or instance.n * instance.m <= 20_000)  # noqa: PLR2004
        )

    def ask(self, choice: Choice, exploration: int, timeout_s: float | None) -> list[list[int]]:
        """Return VROOM's orders for a choice of stops; they may break rules it does not know.

        Parameters
        ----------
        exploration
            VROOM's effort, 0..5.
        timeout_s
            Without it VROOM takes the time it needs. Of orders of equal worth it may give others
            the next time.
        """
        return self.ask_about(self.shifts, self._choose(choice), exploration, timeout_s)

    def ask_about(
        self, shifts: Sequence[int], stops: Sequence[int], exploration: int, timeout_s: float | None
    ) -> list[list[int]]:
        """Return VROOM's orders of some stops in some shifts; all other shifts are empty."""
        asked = self.vroom.Input()
        profiles = dict.fromkeys(_profile(self.instance.problem.shifts[k].mode) for k in shifts)
        for profile in profiles:
            taken, travel = self.matrices[profile]
            asked.set_durations_matrix(profile, taken)
            asked.set_costs_matrix(profile, travel)
        for k in shifts:
            asked.add_vehicle(self.vehicles[k])
        top = float(np.quantile(self.net[list(stops)], 0.95))
        for i in stops:
            able = [k for k in shifts if self.instance.may[k, i]]
            if able:
                asked.add_job(self._job(i, top, able))
        timeout = None if timeout_s is None else timedelta(seconds=max(0.001, timeout_s))
        return self._orders(asked.solve(exploration, 1, timeout))

    def _orders(self, solution: Any) -> list[list[int]]:  # noqa: ANN401
        orders: list[list[int]] = [[] for _ in range(self.instance.m)]
        # The public frame of the same rows takes longer to build than a small problem to solve.
        rows = np.asarray(solution._routes_numpy())  # noqa: SLF001
        rows = rows[rows["type"].astype("U9") == "job"]
        for vehicle, job in zip(rows["vehicle_id"].tolist(), rows["id"].tolist(), strict=True):
            orders[int(vehicle) - 1].append(int(job) - 1)
        return orders

    def _choose(self, choice: Choice) -> list[int]:
        instance = self.instance
        if choice.filled is None:
            return self.live
        taken = instance.service + self.way
        rank = dict(enumerate(self.net / (taken + 1.0) ** choice.by_time))
        shifts = instance.problem.shifts
        room_s = choice.filled * sum(shift.end_s - shift.start_s for shift in shifts)
        room = choice.filled * sum(shift.max_stops for shift in shifts)
        return self.take_first(self.live, rank, room_s, room)

    def take_first(
        self, stops: Sequence[int], rank: Mapping[int, float], room_s: float, room: float
    ) -> list[int]:
        """Return all stops that must be served, then the best ranked until the room is filled."""
        chosen: list[int] = []
        filled_s = 0.0
        for i in sorted(stops, key=lambda i: (i not in self.must, -rank[i])):
            if i not in self.must and (filled_s > room_s or len(chosen) > room):
                break
            chosen.append(i)
            filled_s += float(self.instance.service[i] + self.way[i])
        return chosen

    def _job(self, i: int, top: float, able: list[int]) -> Any:  # noqa: ANN401
        priority = TOP_PRIORITY
        if i not in self.must:
            share = round((TOP_PRIORITY - 1) * float(self.net[i]) / top)
            priority = max(1, min(TOP_PRIORITY - 1, share))
        bound = self.instance.problem.stops[i].shifts is not None
        return self.vroom.Job(
            i + 1,
            location=i,
            default_service=int(self.instance.service[i]),
            priority=priority,
            time_windows=[
                self.vroom.TimeWindow(low, high) for low, high in self.instance.opening(i, able)
            ],
            skills={i + 1} if bound else None,
        )

    def _vehicle(self, k: int) -> Any:  # noqa: ANN401
        shift = self.instance.problem.shifts[k]
        return self.vroom.Vehicle(
            k + 1,
            start=self.instance.start_node(k),
            end=self.instance.end_node(k),
            profile=_profile(shift.mode),
            time_window=self.vroom.TimeWindow(shift.start_s, shift.end_s),
            max_tasks=shift.max_stops,
            # A skill per stop that is bound to shifts says which shifts may serve it.
            skills={i + 1 for i, bound in _shifts_of(self.instance).items() if k in bound},
        )


def _profile(mode: str | None) -> str:
    return "any" if mode is None else f"mode {mode}"


def _shifts_of(instance: Instance) -> dict[int, set[int]]:
    """Return the shifts of every stop that is bound to some."""
    return {
        i: set(np.flatnonzero(instance.may[:, i]).tolist())
        for i, stop in enumerate(instance.problem.stops)
        if stop.shifts is not None
    }

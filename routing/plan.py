"""A plan: timed routes, what was left out with its reason, and what the plan is worth."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routing.problem import Problem


class LeftOutReason(StrEnum):
    """Why a stop is in no route; each is established by checking the final plan."""

    NO_SHIFT = "no_shift"
    """No shift with room for a stop is allowed for it, or all lie too near to its firm's visit."""
    NEVER_OPEN = "never_open"
    """No window meets any shift allowed for it."""
    OUT_OF_REACH = "out_of_reach"
    """Even alone in a shift it cannot be reached, served and left in time."""
    NOT_WORTH_THE_WAY = "not_worth_the_way"
    """It would fit, but is worth no more than the travel it adds."""
    NO_TIME_LEFT = "no_time_left"
    """Alone it would fit; beside the stops planned it does not."""
    ROOM_LEFT = "room_left"
    """It would fit and be worth it: the plan can be improved by adding it."""

    @property
    def label(self) -> str:
        """What the planner reads."""
        return _LABELS[self]


_LABELS = {
    LeftOutReason.NO_SHIFT: "没有能去的班次",
    LeftOutReason.NEVER_OPEN: "上班时间里都不开门",
    LeftOutReason.OUT_OF_REACH: "单独去也来不及往返",
    LeftOutReason.NOT_WORTH_THE_WAY: "为它绕路不值得",
    LeftOutReason.NO_TIME_LEFT: "已排满，排不下",
    LeftOutReason.ROOM_LEFT: "还可以加入",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStop:
    """When a stop is reached, when its service starts (after any wait) and ends."""

    id: str
    arrive_s: int
    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The stops of one shift in order; `travel_s` includes the ways out and back."""

    shift: str
    stops: tuple[PlannedStop, ...]
    travel_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A stop in no route.

    `shift` and `added_travel_s` tell the cheapest place where it would fit into the plan; both
    are None when there is none.
    """

    id: str
    reason: LeftOutReason
    shift: str | None = None
    added_travel_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverNote:
    """How a plan was found: by `time_limit_s` or by `iterations`, the other is None."""

    engine: str
    seed: int
    time_limit_s: float | None = None
    iterations: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Routes for the problem of name `problem`.

    Routes have at least one stop and stand in the order of the problem's shifts. `bound` is at
    least the objective of the best plan there is; None when it was not computed.
    """

    problem: str
    objective: int
    routes: tuple[Route, ...]
    left_out: tuple[LeftOut, ...]
    bound: int | None = None
    solver: SolverNote | None = None

    @property
    def gap(self) -> float | None:
        """Share of the objective that could still be gained at most; None without a bound."""
        if self.bound is None or self.objective <= 0:
            return None
        return (self.bound - self.objective) / self.objective


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The objective of a set of routes and its parts."""

    prize: int
    travel_s: int
    missed_required: tuple[str, ...]
    short_days: int
    objective: int


def score(problem: Problem, routes: tuple[Route, ...]) -> Score:
    """Return what `routes` are worth; they are taken as feasible."""
    stops = {stop.id: stop for stop in problem.stops}
    days = {shift.id: shift.day for shift in problem.shifts}
    planned = {stop.id for route in routes for stop in route.stops}
    prize = sum(stops[stop_id].prize for stop_id in planned)
    travel_s = sum(route.travel_s for route in routes)
    missed = tuple(stop.id for stop in problem.stops if stop.required and stop.id not in planned)
    weights = problem.objective
    visited_days = {days[route.shift] for route in routes if route.stops}
    short_days = max(0, weights.min_days - len(visited_days))
    objective = (
        prize
        - weights.travel_weight * travel_s
        - weights.missed_required_penalty * len(missed)
        - weights.short_day_penalty * short_days
    )
    return Score(
        prize=prize,
        travel_s=travel_s,
        missed_required=missed,
        short_days=short_days,
        objective=objective,
    )

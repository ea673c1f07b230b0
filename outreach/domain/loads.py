"""How much work a grid has in a week beside the time of its grid worker."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.domain.plans import VisitPurpose, service_minutes
from outreach.domain.positions import distance_m
from outreach.domain.wording import Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import time

    from outreach.domain.plans import Candidate, PlanRule

Point = tuple[float, float]

MOST_STRETCHED = 3.0
"""Intervals grow to three times their length at most: a file older than a quarter is no file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLoad:
    """Minutes that a grid's due visits need, with an estimate of the ways, and minutes there are.

    `refresh_days` is the interval after which this grid's files are refreshed in the week.
    """

    due_minutes: int
    available_minutes: int
    refresh_days: int

    @property
    def grid_workers(self) -> float:
        """How many grid workers the due visits would need, in tenths; 0 without any time."""
        if not self.available_minutes:
            return 0.0
        return round(self.due_minutes / self.available_minutes, 1)

    @property
    def is_over(self) -> bool:
        """Whether it needs more than one grid worker, in the tenths that pages show."""
        return self.grid_workers > 1.0

    @property
    def sentence(self) -> Sentence | None:
        """What the planner reads, or `None` while one grid worker is enough."""
        if not self.is_over:
            return None
        return Sentence(
            template="这个网格需要 {workers} 个网格员", values={"workers": self.grid_workers}
        )


def estimate_travel_minutes(
    office: Point, points: Sequence[Point], *, outings: int, speed_kmh: float, detour_factor: float
) -> float:
    """Estimate the minutes on the way to `points`, each (lon, lat).

    From each point to its nearest neighbour, as a good tour goes, and once out and back an outing
    to the middle distance from the office; along straight lines stretched by the detour factor.
    """
    if not points:
        return 0.0
    far = sorted(distance_m(office, point) for point in points)
    ways = 2.0 * outings * far[len(far) // 2]
    for place, point in enumerate(points):
        others = (distance_m(point, o) for i, o in enumerate(points) if i != place)
        ways += min(others, default=0.0)
    return ways * detour_factor / (speed_kmh * 1000 / 60)


def weigh_grid(
    candidates: Sequence[Candidate], office: Point, *, days: int, rule: PlanRule
) -> GridLoad:
    """Weigh the due visits of a grid against the week of one grid worker.

    Over her time the refresh interval is stretched in proportion, so that all firms wait alike.
    """
    available = days * _worked_minutes(rule)
    outings = min(days, max(1, math.ceil(len(candidates) / rule.most_stops_a_day)))
    travel = estimate_travel_minutes(
        office,
        [(one.lon, one.lat) for one in candidates],
        outings=outings,
        speed_kmh=rule.travel_mode.speed_kmh,
        detour_factor=rule.detour_factor,
    )
    due = round(sum(service_minutes(one) for one in candidates) + travel)
    return GridLoad(
        due_minutes=due,
        available_minutes=available,
        refresh_days=stretch_interval(rule.refresh_days, due=due, available=available),
    )


def free_week(*, days: int, rule: PlanRule) -> GridLoad:
    """The load of a grid without anything due."""
    return GridLoad(
        due_minutes=0,
        available_minutes=days * _worked_minutes(rule),
        refresh_days=rule.refresh_days,
    )


def stretch_interval(days: int, *, due: int, available: int) -> int:
    """An interval of `days` stretched by how far `due` minutes exceed the `available` ones."""
    if available <= 0 or due <= available:
        return days
    return math.ceil(days * min(MOST_STRETCHED, due / available))


def waits_longer(candidate: Candidate, load: GridLoad) -> bool:
    """Whether a refresh that is due by the rule waits, because the grid's interval is stretched.

    What was never visited does not wait, nor does any other purpose, nor what was agreed on.
    """
    if candidate.appointment is not None:
        return False
    since = candidate.days_since_visit
    is_refresh = candidate.purpose is VisitPurpose.REFRESH
    return is_refresh and since is not None and since < load.refresh_days


def _worked_minutes(rule: PlanRule) -> int:
    lunch = _minutes(rule.lunch.opens, rule.lunch.closes)
    return _minutes(rule.shift_start, rule.shift_end) - lunch


def _minutes(begin: time, end: time) -> int:
    return 60 * (end.hour - begin.hour) + end.minute - begin.minute

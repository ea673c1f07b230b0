"""Two ways to plan a week side by side: what each reaches, takes and leaves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Indicator(StrEnum):
    """One number by which weeks are compared; each says what is better."""

    TARGETS = "targets"
    EMPLOYEES = "employees"
    OVERDUE_LEFT = "overdue_left"
    STOPS = "stops"
    OUTINGS = "outings"
    TRAVEL = "travel"
    LONGEST_WEEK = "longest_week"
    WORST_GRID = "worst_grid"
    UNEVEN = "uneven"
    CHANGED = "changed"
    GAP = "gap"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _LABELS[self][0]

    @property
    def unit(self) -> str:
        """What it counts in, in Chinese."""
        return _LABELS[self][1]

    @property
    def more_is_better(self) -> bool:
        """Whether the larger number is the better one."""
        return self in {
            Indicator.TARGETS,
            Indicator.EMPLOYEES,
            Indicator.STOPS,
            Indicator.WORST_GRID,
        }


_LABELS = {
    Indicator.TARGETS: ("排进的重点对象", "家"),
    Indicator.EMPLOYEES: ("它们的职工", "人"),
    Indicator.OVERDUE_LEFT: ("超期还没排进", "家"),
    Indicator.STOPS: ("一共走访", "家"),
    Indicator.OUTINGS: ("出去", "次"),
    Indicator.TRAVEL: ("路上", "小时"),
    Indicator.LONGEST_WEEK: ("最长的一周", "小时"),
    Indicator.WORST_GRID: ("去得最少的网格", "%"),
    Indicator.UNEVEN: ("最长的一周是平均的", "倍"),
    Indicator.CHANGED: ("和已发布的比,变动", "家"),
    Indicator.GAP: ("离理论上最好的最多差", "%"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GridEffort:
    """What a plan does in one grid: minutes of visits and ways, and firms due and planned."""

    grid_id: int
    minutes: int
    planned: int
    left_out: int

    @property
    def share(self) -> float:
        """Planned of due, 0 to 1; 1 where nothing was due."""
        due = self.planned + self.left_out
        return self.planned / due if due else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """The grids at the ends; `None` where no grid has anything to do.

    `uneven` is the longest week beside the mean of the grids that have visits.
    """

    longest: GridEffort | None
    worst: GridEffort | None
    uneven: float


def weigh_fairness(efforts: Sequence[GridEffort]) -> Fairness:
    """Find the longest week and the grid that gets the smallest share of what is due in it.

    Of equal shares the one that leaves more firms waiting is worse.
    """
    busy = [one for one in efforts if one.minutes]
    due = [one for one in efforts if one.planned + one.left_out]
    longest = max(busy, key=lambda one: (one.minutes, -one.grid_id), default=None)
    worst = min(due, key=lambda one: (one.share, -one.left_out, one.grid_id), default=None)
    mean = sum(one.minutes for one in busy) / len(busy) if busy else 0.0
    return Fairness(
        longest=longest, worst=worst, uneven=longest.minutes / mean if longest and mean else 0.0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """How far a plan may be from the best: over the grids whose bound is known.

    `grids` of `of` grids are in it; a grid that people changed since has no bound.
    """

    percent: float
    grids: int
    of: int


def add_bounds(bounds: Mapping[str, Sequence[int]], *, of: int) -> Bound | None:
    """Add grids up: all that could still be gained, of all that is reached; `None` without any.

    `bounds` holds the worth that was reached and the one that nothing exceeds, by grid.
    """
    worth = sum(reached for reached, _ in bounds.values())
    most = sum(bound for _, bound in bounds.values())
    if not bounds or worth <= 0:
        return None
    return Bound(percent=100 * max(0, most - worth) / worth, grids=len(bounds), of=of)

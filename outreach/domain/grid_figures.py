"""What is counted of a grid, and the measures that a map shows of it: each with its denominator."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.domain.targets import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

FRESH_DAYS = 30
"""A firm counts as covered for so long after a visit: the monthly refresh."""

DUE = (Standing.TARGET, Standing.WITH_UNION, Standing.NEAR_MISS)
"""Firms that are due for visits at all; the others wait until a figure of theirs changes."""

SETTLED_AFTER = timedelta(days=7)
"""A visit may be corrected for seven days, and phones send late; then a month's figures stand."""

FEW = 5
"""A rate of fewer than this says little, so it is hatched."""

HUNDRED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts of the firms of one standing in one grid, or of all firms that are not due.

    `should_have` tells those that should have a union from small firms that have one. `visits` are
    all of the window, whoever was met; `planned` and `done` are stops of published plans on its
    days so far, and those of them that a settled visit answered.
    """

    standing: Standing | None
    should_have: bool = False
    firms: int = 0
    covered: int = 0
    overdue: int = 0
    employees: int = 0
    visits: int = 0
    planned: int = 0
    done: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFigures:
    """Counts of one grid, or of the district as the sum of its grids.

    The first line is about the standing that was asked for, `targets` and so on always about all;
    `with_union` are firms that should have a union and have one.
    """

    firms: int = 0
    covered: int = 0
    overdue: int = 0
    visits: int = 0
    planned: int = 0
    done: int = 0
    targets: int = 0
    with_union: int = 0
    target_employees: int = 0

    def __add__(self, other: GridFigures) -> GridFigures:
        sums = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        return GridFigures(**sums)

    @property
    def never(self) -> int:
        """Due firms that nobody ever visited."""
        return self.firms - self.covered - self.overdue


def fold_tallies(tallies: Iterable[Tally], standing: Standing | None) -> GridFigures:
    """Sum the tallies of one grid; `standing` None means all that are due.

    Stops are planned for firms that are no longer due as well: without a standing they count.
    """
    found = GridFigures()
    for one in tallies:
        if one.standing is Standing.TARGET:
            found += GridFigures(targets=one.firms, target_employees=one.employees)
        if one.standing is Standing.WITH_UNION and one.should_have:
            found += GridFigures(with_union=one.firms)
        if standing in {None, one.standing}:
            found += GridFigures(planned=one.planned, done=one.done)
            if one.standing is not None:
                found += GridFigures(
                    firms=one.firms, covered=one.covered, overdue=one.overdue, visits=one.visits
                )
    return found


def percent(part: int, whole: int) -> int:
    """A share in per cent, half a per cent up; 0 and 100 are said only of none and of all.

    Rounded shares of one whole need not add up to 100. `whole` is not 0.
    """
    rounded = (2 * HUNDRED * part + whole) // (2 * whole)
    least, most = int(part > 0), HUNDRED if part >= whole else HUNDRED - 1
    return max(least, min(most, rounded)) if part <= whole else rounded


class MapLayer(StrEnum):
    """What a map shows: what is left to do (need), what was done (effort), and the gap between."""

    COVERAGE = "coverage"
    OVERDUE = "overdue"
    LEFT = "left"
    LEFT_EMPLOYEES = "left_employees"
    NEED = "need"
    EFFORT = "effort"
    GAP = "gap"
    PLAN = "plan"
    FIRMS = "firms"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _LAYER_LABELS[self]

    @property
    def limits(self) -> tuple[float, ...]:
        """Lower limits of the classes above the lowest, fixed so that months can be compared."""
        return _LIMITS[self]

    @property
    def is_share(self) -> bool:
        """Whether the measure is a part of a whole."""
        return self.limits == _SHARES

    @property
    def is_diverging(self) -> bool:
        """Whether the middle class is the one to aim at."""
        return self is MapLayer.GAP

    @property
    def follows_standing(self) -> bool:
        """Whether a choice of standing changes the figures."""
        return self in {MapLayer.COVERAGE, MapLayer.OVERDUE, MapLayer.EFFORT, MapLayer.PLAN}

    @property
    def usual_standing(self) -> Standing | None:
        """Which firms a layer is about unless somebody chooses others; `None` is all that are due.

        Coverage counts what the dashboard counts. Effort counts the visits that the gap sets
        against the need.
        """
        return Standing.TARGET if self is MapLayer.EFFORT else None

    @property
    def fixed_standing(self) -> Standing | None:
        """Which firms, and visits of theirs, a layer counts whatever is chosen."""
        return Standing.TARGET if self is MapLayer.GAP else None

    @property
    def has_points(self) -> bool:
        """Whether the measure counts single places, so that their density can be drawn."""
        return self not in {MapLayer.GAP, MapLayer.PLAN, MapLayer.FIRMS}


_LAYER_LABELS = {
    MapLayer.COVERAGE: "走访覆盖率",
    MapLayer.OVERDUE: "超期比例",
    MapLayer.LEFT: "未建会重点对象(家)",
    MapLayer.LEFT_EMPLOYEES: "未建会重点对象(人数)",
    MapLayer.NEED: "需要:未建会比例",
    MapLayer.EFFORT: "投入:每百家走访次数",
    MapLayer.GAP: "差距:投入和需要相比",
    MapLayer.PLAN: "计划完成率",
    MapLayer.FIRMS: "企业分布",
}

_SHARES = (0.2, 0.4, 0.6, 0.8)

_LIMITS: dict[MapLayer, tuple[float, ...]] = {
    MapLayer.COVERAGE: _SHARES,
    MapLayer.OVERDUE: _SHARES,
    MapLayer.LEFT: (1, 5, 10, 20),
    MapLayer.LEFT_EMPLOYEES: (1, 100, 300, 1000),
    MapLayer.NEED: _SHARES,
    MapLayer.EFFORT: (10, 25, 50, 100),
    # Symmetric as factors: half, four fifths, five quarters, twice the district's rate.
    MapLayer.GAP: (0.5, 0.8, 1.25, 2),
    MapLayer.PLAN: _SHARES,
    MapLayer.FIRMS: (1, 20, 50, 100),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of a grid on a layer: `part` of `whole`, and what is coloured.

    `value` is `None` where there is nothing to measure; `few` marks a rate of a small whole.
    """

    part: int
    whole: int
    value: float | None
    few: bool

    def level(self, limits: tuple[float, ...]) -> int:
        """The class from 1 to 5, 0 where there is nothing to measure; a limit is in the upper."""
        # A share such as 3/5 is not exactly 0.6; half a billionth decides for the upper class.
        return 0 if self.value is None else bisect_right(limits, self.value + 5e-10) + 1


def measure(
    layer: MapLayer, grid: GridFigures, district: GridFigures, *, is_of_places: bool = False
) -> Measure:
    """Measure a grid on a layer; `district` is the sum over all of it.

    `is_of_places` is for the ways to draw that show single places: of coverage these are the
    firms that were not visited.
    """
    should = grid.targets + grid.with_union
    if layer in {MapLayer.LEFT, MapLayer.LEFT_EMPLOYEES, MapLayer.FIRMS}:
        part, whole = {
            MapLayer.LEFT: (grid.targets, should),
            MapLayer.LEFT_EMPLOYEES: (grid.target_employees, grid.targets),
            MapLayer.FIRMS: (grid.firms, grid.firms),
        }[layer]
        value = float(part) if whole else None
        return Measure(part=part, whole=whole, value=value, few=False)
    part, whole = {
        MapLayer.COVERAGE: (
            grid.firms - grid.covered if is_of_places else grid.covered,
            grid.firms,
        ),
        MapLayer.OVERDUE: (grid.overdue, grid.firms),
        MapLayer.NEED: (grid.targets, should),
        MapLayer.EFFORT: (grid.visits, grid.firms),
        MapLayer.GAP: (grid.visits, grid.targets),
        MapLayer.PLAN: (grid.done, grid.planned),
    }[layer]
    if not whole or (layer is MapLayer.GAP and not district.visits * district.targets):
        return Measure(part=part, whole=whole, value=None, few=False)
    value = part / whole
    if layer is MapLayer.EFFORT:
        value *= HUNDRED
    if layer is MapLayer.GAP:
        # Both factors are those of the other two layers: visits to targets, and targets.
        value /= district.visits / district.targets
    return Measure(part=part, whole=whole, value=value, few=whole < FEW)


def month_end(month: date) -> date:
    """The last day of the month that begins on `month`."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def months_between(first: date, last: date) -> list[date]:
    """The first days of all months from one day's to another's, ascending."""
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = month_end(month) + timedelta(days=1)
    return found


def is_settled(month: date, counted_on: date) -> bool:
    """Whether a month's figures, counted on a day, stand for good."""
    return counted_on > month_end(month) + SETTLED_AFTER

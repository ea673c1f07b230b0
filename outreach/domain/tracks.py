"""The patrol track (巡查轨迹): what is kept, for how long, and how coarse others see it.

The grid worker's own aid, never a duty: off unless she consents, recorded only between her own
"start" and "end".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

KEEP = timedelta(days=90)
"""How long a point is kept (privacy rules, tracks); then it is deleted, not thinned."""

LONGEST_SEGMENT = timedelta(hours=12)
"""A stretch whose end was forgotten takes no points after it."""

CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far a phone's clock may be ahead."""

WORST_ACCURACY_M = 200.0
"""A point known less well says nothing about where somebody walked."""

CELL_M = 500.0
"""Side of the squares in which the district sees coverage: larger than a block of houses."""

FEWEST_CELLS = 5
"""Fewer touched squares of a grid in a month are not shown to anybody else."""

FEWEST_DAYS = 3
"""A grid whose month has fewer days with a track is not shown: it would be one walk."""

SHARE_STEP = 10
"""Per cent: the share is rounded down to such steps."""

_METRES_PER_DEGREE = 111_320.0
_EARTH_M = 6_371_008.8
_LAST_LON, _LAST_LAT = 180.0, 89.0

Cell = tuple[int, int]
"""Column and row of a square; the rows count from the equator, the columns along their row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFix:
    """One position of a phone: an aware moment, WGS-84 degrees, radius of 68 % in metres."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("at: a moment must carry a time zone")
        numbers = (self.lon, self.lat, self.accuracy_m)
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError(f"{numbers}: must be finite")
        if abs(self.lon) > _LAST_LON or abs(self.lat) > _LAST_LAT or self.accuracy_m < 0:
            raise ValueError(f"{numbers}: no place on earth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What is between "start" and "pause" or "end"; `ended_at` is `None` while it runs."""

    started_at: datetime
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.ended_at is not None and self.ended_at < self.started_at:
            raise ValueError("ended_at: lies before started_at")


def may_keep(fix: TrackFix, stretch: Stretch, *, consent_since: datetime, now: datetime) -> bool:
    """Whether a point lies in its stretch, in the standing consent, and is good enough.

    The moments of start, end and consent themselves count as inside.
    """
    last = stretch.started_at + LONGEST_SEGMENT
    if stretch.ended_at is not None:
        last = min(last, stretch.ended_at)
    inside = stretch.started_at <= fix.at <= last and consent_since <= fix.at
    timely = fix.at <= now + CLOCK_TOLERANCE and not is_forgotten(fix.at, now=now)
    return inside and timely and fix.accuracy_m <= WORST_ACCURACY_M


def is_forgotten(at: datetime, *, now: datetime) -> bool:
    """Whether a point is older than what is kept."""
    return at < now - KEEP


def cell_of(lon: float, lat: float) -> Cell:
    """The square that a WGS-84 point lies in, about 500 m wide and high at every latitude."""
    row = math.floor(lat * _METRES_PER_DEGREE / CELL_M)
    return math.floor(lon * _metres_per_degree(row) / CELL_M), row


def cell_corners(cell: Cell) -> tuple[float, float, float, float]:
    """West, south, east and north of a square in WGS-84 degrees."""
    column, row = cell
    width, height = CELL_M / _metres_per_degree(row), CELL_M / _METRES_PER_DEGREE
    return column * width, row * height, (column + 1) * width, (row + 1) * height


def _metres_per_degree(row: int) -> float:
    middle = (row + 0.5) * CELL_M / _METRES_PER_DEGREE
    return _METRES_PER_DEGREE * math.cos(math.radians(middle))


def cells_within(west: float, south: float, east: float, north: float) -> list[Cell]:
    """All squares that touch a box of WGS-84 degrees."""
    rows = range(cell_of(west, south)[1], cell_of(west, north)[1] + 1)
    found = []
    for row in rows:
        per_degree = _metres_per_degree(row)
        first = math.floor(west * per_degree / CELL_M)
        last = math.floor(east * per_degree / CELL_M)
        found += [(column, row) for column in range(first, last + 1)]
    return found


def coarse_share(touched: int, whole: int, *, days: int) -> int | None:
    """Per cent of a grid's squares that were touched, in steps of ten; `None` when too few.

    Too few and none at all look the same, so that nobody can tell who keeps no track.
    """
    if touched < FEWEST_CELLS or days < FEWEST_DAYS or whole <= 0:
        return None
    return min(100, 100 * touched // whole) // SHARE_STEP * SHARE_STEP


def length_m(fixes: list[TrackFix]) -> float:
    """Length of a stretch along its points, in metres."""
    return sum(_apart_m(one, other) for one, other in pairwise(fixes))


def _apart_m(one: TrackFix, other: TrackFix) -> float:
    first, second = math.radians(one.lat), math.radians(other.lat)
    north = math.sin((second - first) / 2) ** 2
    east = math.sin(math.radians(other.lon - one.lon) / 2) ** 2
    return 2 * _EARTH_M * math.asin(math.sqrt(north + math.cos(first) * math.cos(second) * east))

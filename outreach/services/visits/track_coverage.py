"""What the district may see of patrol tracks: a share of squares per grid and month, nothing else.

Never a line, a person, a time or an order; what is too little is as silent as what is not there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.domain.tracks import FEWEST_CELLS, KEEP, Cell, cell_corners, cell_of, cells_within
from outreach.domain.tracks import coarse_share as share_of
from outreach.errors import Refused
from outreach.storage.grids import Grid
from outreach.storage.tracks import TrackPoint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import Any

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

_LONGEST_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridShare:
    """A grid's month: the share in per cent, in steps of ten, or `None` where too little."""

    code: str
    name: str
    township: str
    share: int | None


def month_coverage(session: Session, principal: Principal, month: date) -> list[GridShare]:
    """The grids of the district, always by code, each with the share of its 500 m squares.

    Raises
    ------
    Refused
        When the account sees one grid only.
    """
    if not principal.role.sees_district:
        raise Refused("这一页给区总工会看全区")
    cells, days = _touched(session, principal.district_id, month.replace(day=1))
    query = select(Grid).where(Grid.district_id == principal.district_id).order_by(Grid.code)
    return [
        GridShare(
            code=grid.code,
            name=grid.name,
            township=grid.township,
            share=_share(grid.geometry, cells[grid.id], len(days[grid.id])),
        )
        for grid in session.scalars(query)
    ]


def kept_months(today: date) -> list[date]:
    """The months of which points may still exist, the newest first."""
    months, month, last = [], today.replace(day=1), (today - KEEP).replace(day=1)
    while month >= last:
        months.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return months


def _touched(
    session: Session, district_id: int, first: date
) -> tuple[dict[int, set[Cell]], dict[int, set[date]]]:
    following = (first + _LONGEST_MONTH).replace(day=1)
    query = select(TrackPoint.grid_id, TrackPoint.day, TrackPoint.lon, TrackPoint.lat).where(
        TrackPoint.district_id == district_id,
        TrackPoint.day >= first,
        TrackPoint.day < following,
    )
    cells: dict[int, set[Cell]] = defaultdict(set)
    days: dict[int, set[date]] = defaultdict(set)
    for grid_id, day, lon, lat in session.execute(query):
        cells[grid_id].add(cell_of(lon, lat))
        days[grid_id].add(day)
    return cells, days


def _share(geometry: Mapping[str, Any], touched: set[Cell], days: int) -> int | None:
    if len(touched) < FEWEST_CELLS:
        return None  # saves the geometry of grids that show nothing anyway
    own = _cells_of(geometry)
    return share_of(len(touched & own), len(own), days=days)


def _cells_of(geometry: Mapping[str, Any]) -> set[Cell]:
    """The squares that a grid's outline touches."""
    from shapely import box  # lazy: start-up time
    from shapely.geometry import shape
    from shapely.prepared import prep

    polygon = shape(dict(geometry))
    outline = prep(polygon)
    return {
        cell
        for cell in cells_within(*polygon.bounds)
        if outline.intersects(box(*cell_corners(cell)))
    }

"""Single firms for the map: weighted points, and the block of numbers that a browser draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, or_, select

from outreach.domain.grid_figures import DUE, FRESH_DAYS, MapLayer
from outreach.domain.targets import Standing
from outreach.services.desk.grid_figures import Window, made_visits, meant_enterprise
from outreach.services.desk.maps import require_district
from outreach.services.enterprises.enterprises import get_enterprise, in_scope, should_have
from outreach.storage.enterprises import Enterprise, EnterpriseAlias
from outreach.storage.grids import Grid
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.services.desk.maps import MapFilter

MOST_IN_A_FILE = 3000
"""Circles in a saved map; more are thinned by showing the largest firms first."""

_STANDINGS = (Standing.TARGET, Standing.NEAR_MISS, Standing.WITH_UNION)
"""The order in which a firm's kind counts them; see `maps.closer.Closer`."""

_SMALL_UNION = 3
"""Comes after them: firms with a union that are too small to need one."""


def pack_firms(session: Session, principal: Principal, wanted: MapFilter, *, today: date) -> bytes:
    """Pack the due firms of a map that have a place in a grid; no name is among them.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    """
    import numpy as np

    from maps.closer import packed_firms

    require_district(principal)
    visits = _visits_by_firm(session, principal.district_id, today)
    query = _due(principal, wanted).add_columns(
        Enterprise.id,
        Enterprise.employees,
        Enterprise.standing,
        Enterprise.last_visited_on,
        case((should_have(), 1), else_=0),
    )
    rows = session.execute(query).all()
    fresh = today - timedelta(days=FRESH_DAYS)
    kinds = [3 * _place(row[4], should=row[6]) + _visited(row[5], fresh) for row in rows]
    return packed_firms(
        lon=np.array([row[0] for row in rows], dtype=np.float64),
        lat=np.array([row[1] for row in rows], dtype=np.float64),
        key=np.array([row[2] for row in rows], dtype=np.int64),
        employees=np.array([row[3] or 0 for row in rows], dtype=np.int64),
        kind=np.array(kinds, dtype=np.int64),
        visits=np.array([visits.get(row[2], 0) for row in rows], dtype=np.int64),
    )


def _place(standing: str, *, should: int) -> int:
    if standing == Standing.WITH_UNION and not should:
        return _SMALL_UNION
    return _STANDINGS.index(Standing(standing))


def _visited(day: date | None, fresh: date) -> int:
    """0 lately, 1 before, 2 never."""
    if day is None:
        return 2
    return 0 if day >= fresh else 1


def _visits_by_firm(session: Session, district_id: int, today: date) -> dict[int, int]:
    """Visits of the last thirty days; apart, as a join would count them for each firm."""
    enterprise = meant_enterprise(Visit.enterprise_id)
    query = (
        made_visits(district_id, Window.lately(today))
        .with_only_columns(enterprise, func.count())
        .select_from(Visit)
        .outerjoin(EnterpriseAlias, EnterpriseAlias.former_id == Visit.enterprise_id)
        .group_by(enterprise)
    )
    return {key: count for key, count in session.execute(query)}  # noqa: C416 - rows are no pairs


def _due(principal: Principal, wanted: MapFilter) -> Select[*tuple[Any, ...]]:
    """Places of the due firms of a map: lon, lat."""
    standing = wanted.counted_standing
    query = select(Enterprise.lon, Enterprise.lat).where(
        Enterprise.district_id == principal.district_id,
        Enterprise.retired.is_(False),
        Enterprise.standing.in_([standing] if standing else DUE),
        Enterprise.grid_id.is_not(None),
        Enterprise.lon.is_not(None),
    )
    if wanted.township:
        query = query.join(Grid, Grid.id == Enterprise.grid_id).where(
            Grid.township == wanted.township
        )
    return query


def load_points(
    session: Session, principal: Principal, wanted: MapFilter, *, today: date, every: bool
) -> gpd.GeoDataFrame:
    """What a layer counts, as weighted points: a firm, its employees, or its visits.

    `every` keeps the due firms that count nothing: places where something could be.
    """
    visits = _visits_by_firm(session, principal.district_id, today)
    query = _due(principal, wanted).add_columns(
        Enterprise.standing, Enterprise.last_visited_on, Enterprise.employees, Enterprise.id
    )
    fresh = today - timedelta(days=FRESH_DAYS)
    found = [
        (lon, lat, _weight(wanted.layer, (*rest, visits.get(key, 0)), fresh))
        for lon, lat, *rest, key in session.execute(query)
    ]
    kept = found if every else [row for row in found if row[2] > 0]
    return point_frame({"weight": [row[2] for row in kept]}, kept)


def _weight(layer: MapLayer, row: Sequence[Any], fresh: date) -> float:
    standing, visited, employees, visits = row
    is_target = standing == Standing.TARGET
    match layer:
        case MapLayer.COVERAGE:
            return float(visited is None or visited < fresh)
        case MapLayer.OVERDUE:
            return float(visited is not None and visited < fresh)
        case MapLayer.LEFT_EMPLOYEES:
            return float((employees or 0) * is_target)
        case MapLayer.EFFORT:
            return float(visits)
        case _:
            return float(is_target)


def load_firms(session: Session, principal: Principal, wanted: MapFilter) -> gpd.GeoDataFrame:
    """The largest due firms with their names, for a map that is saved as one file."""
    query = _due(principal, wanted).add_columns(Enterprise.name, Enterprise.standing)
    query = query.order_by(Enterprise.employees.desc().nulls_last(), Enterprise.id)
    rows = session.execute(query.limit(MOST_IN_A_FILE)).all()
    status = {Standing.TARGET: "late", Standing.NEAR_MISS: "due", Standing.WITH_UNION: "ok"}
    columns = {
        "name": [row[2] for row in rows],
        "status": [status[Standing(row[3])] for row in rows],
    }
    return point_frame(columns, rows)


def point_frame(columns: dict[str, list[Any]], rows: Sequence[Any]) -> gpd.GeoDataFrame:
    """Make a frame of points whose first two values are degrees WGS-84."""
    import geopandas as gpd  # lazy: start-up time

    lon, lat = [row[0] for row in rows], [row[1] for row in rows]
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(lon, lat, crs="EPSG:4326"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmCard:
    """A firm that was touched on the map; no personal data."""

    id: int
    name: str
    grid_id: int | None
    standing: Standing | None
    employees: int | None
    last_visited_on: date | None
    lon: float | None
    lat: float | None


def get_firm(session: Session, principal: Principal, enterprise_id: int) -> FirmCard:
    """Return one firm that was touched on the map.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    NotFound
        When it does not exist there.
    """
    require_district(principal)
    return _card(get_enterprise(session, principal, enterprise_id))


def _card(row: Enterprise) -> FirmCard:
    return FirmCard(
        id=row.id,
        name=row.name,
        grid_id=row.grid_id,
        standing=Standing(row.standing) if row.standing else None,
        employees=row.employees,
        last_visited_on=row.last_visited_on,
        lon=row.lon,
        lat=row.lat,
    )


MOST_FOUND = 10


def find_firms(session: Session, principal: Principal, text: str) -> list[FirmCard]:
    """The largest firms whose name holds a text or whose credit code it is, at most ten.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    """
    require_district(principal)
    query = in_scope(select(Enterprise), principal).where(
        or_(Enterprise.name.contains(text, autoescape=True), Enterprise.uscc == text.upper())
    )
    order = (Enterprise.employees.desc().nulls_last(), Enterprise.id)
    return [_card(row) for row in session.scalars(query.order_by(*order).limit(MOST_FOUND))]

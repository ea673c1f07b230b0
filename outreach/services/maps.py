"""The district's maps: counts by grid and points, scoped to what the account may see."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from outreach.domain.targets import Standing
from outreach.errors import NotFound, Refused
from outreach.services.map_texts import coverage_texts, firm_texts, heat_texts
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid
from outreach.storage.records import Batch
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    import geopandas as gpd
    from sqlalchemy.orm import Session

    from maps.assets import Assets
    from outreach.domain.accounts import Principal
    from outreach.i18n import Language

FRESH_DAYS = 30
"""A firm counts as covered for so long after a visit: the monthly refresh."""

MOST_POINTS = 3000
"""Circles on one page; more are thinned by showing the largest firms first."""


class MapLayer(StrEnum):
    """What a map shows."""

    COVERAGE = "coverage"
    NEED = "need"
    EFFORT = "effort"
    FIRMS = "firms"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "coverage": "走访覆盖率",
            "need": "未建会重点对象",
            "effort": "走访次数",
            "firms": "企业分布",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFilter:
    """What a map is about; an empty township is the whole district."""

    layer: MapLayer = MapLayer.COVERAGE
    township: str = ""
    standing: Standing | None = Standing.TARGET
    bandwidth_m: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCount:
    """One grid with its counts: `covered` of `due` firms were visited in the last 30 days."""

    code: str
    name: str
    township: str
    covered: int
    due: int
    overdue: int


def list_townships(session: Session, principal: Principal) -> list[str]:
    """The townships of the account's district."""
    query = (
        select(Grid.township)
        .where(Grid.district_id == principal.district_id, Grid.township != "")
        .distinct()
        .order_by(Grid.township)
    )
    return list(session.scalars(query))


def data_date(session: Session, district_id: int, *, today: date) -> date:
    """The day for which the newest register or visit speaks."""
    newest = session.scalar(
        select(func.max(Batch.as_of)).where(
            Batch.district_id == district_id, Batch.undone_at.is_(None)
        )
    )
    return min(newest, today) if newest else today


def count_grids(
    session: Session, principal: Principal, wanted: MapFilter, *, today: date
) -> list[GridCount]:
    """Count due, covered and overdue firms by grid.

    Due are active targets, firms with a union and near misses, or only one standing of these.
    """
    _require_district(principal)
    standings = [wanted.standing] if wanted.standing else list(_DUE)
    fresh = today - timedelta(days=FRESH_DAYS)
    covered = func.count().filter(Enterprise.last_visited_on >= fresh)
    overdue = func.count().filter(Enterprise.last_visited_on < fresh)
    counted = (
        select(
            Enterprise.grid_id.label("grid_id"),
            func.count().label("due"),
            covered.label("covered"),
            overdue.label("overdue"),
        )
        .where(
            Enterprise.district_id == principal.district_id,
            Enterprise.retired.is_(False),
            Enterprise.standing.in_(standings),
        )
        .group_by(Enterprise.grid_id)
        .subquery()
    )
    query = (
        select(
            Grid.code, Grid.name, Grid.township, counted.c.covered, counted.c.due, counted.c.overdue
        )
        .outerjoin(counted, counted.c.grid_id == Grid.id)
        .where(Grid.district_id == principal.district_id)
        .order_by(Grid.code)
    )
    if wanted.township:
        query = query.where(Grid.township == wanted.township)
    return [
        GridCount(
            code=code,
            name=name,
            township=township,
            covered=seen or 0,
            due=due or 0,
            overdue=late or 0,
        )
        for code, name, township, seen, due, late in session.execute(query)
    ]


_DUE = (Standing.TARGET, Standing.WITH_UNION, Standing.NEAR_MISS)


def _require_district(principal: Principal) -> None:
    if not principal.role.sees_district:
        raise Refused("全区地图只给区总工会和规划人员看")


def draw_map(
    session: Session,
    principal: Principal,
    wanted: MapFilter,
    *,
    today: date,
    language: Language,
    assets: Assets,
) -> str:
    """Draw a map as one HTML page.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    NotFound
        When no grid was imported, or the township has none.
    """
    _require_district(principal)
    grids = _grid_frame(session, principal, wanted, today=today)
    as_of = data_date(session, principal.district_id, today=today)
    if wanted.layer is MapLayer.COVERAGE:
        from maps.coverage import coverage_map

        return coverage_map(grids, texts=coverage_texts(language), as_of=today, assets=assets)
    if wanted.layer is MapLayer.FIRMS:
        from maps.firms import firm_map

        firms = _firm_frame(session, principal, wanted)
        return firm_map(firms, grids, texts=firm_texts(language), as_of=as_of, assets=assets)
    from maps.heat import heat_map

    need = wanted.layer is MapLayer.NEED
    points = _points(
        session, principal, wanted, since=None if need else today - timedelta(days=FRESH_DAYS)
    )
    return heat_map(
        points,
        grids,
        texts=heat_texts(language, need=need),
        as_of=as_of if need else today,
        bandwidth_m=wanted.bandwidth_m,
        assets=assets,
    )


def _grid_frame(
    session: Session, principal: Principal, wanted: MapFilter, *, today: date
) -> gpd.GeoDataFrame:
    import geopandas as gpd  # lazy: start-up time
    from shapely.geometry import shape

    counts = {count.code: count for count in count_grids(session, principal, wanted, today=today)}
    geometry: dict[str, Any] = dict(
        session.execute(
            select(Grid.code, Grid.geometry).where(
                Grid.district_id == principal.district_id, Grid.code.in_(counts)
            )
        ).all()
    )
    if not counts:
        raise NotFound("这里还没有网格,请先导入网格")
    return gpd.GeoDataFrame(
        {
            "code": list(counts),
            "name": [count.name for count in counts.values()],
            "township": [count.township for count in counts.values()],
            "covered": [count.covered for count in counts.values()],
            "due": [count.due for count in counts.values()],
            "overdue": [count.overdue for count in counts.values()],
        },
        geometry=[shape(geometry[code]) for code in counts],
        crs="EPSG:4326",
    )


def _points(
    session: Session, principal: Principal, wanted: MapFilter, *, since: date | None
) -> gpd.GeoDataFrame:
    """Targets without a union, or the places of visits since a day, each counting one."""
    query = select(Enterprise.lon, Enterprise.lat).join(Grid, Grid.id == Enterprise.grid_id)
    query = query.where(
        Enterprise.district_id == principal.district_id, Enterprise.retired.is_(False)
    )
    if since is None:
        query = query.where(Enterprise.standing == Standing.TARGET)
    else:
        query = query.join(Visit, Visit.enterprise_id == Enterprise.id).where(
            Visit.visited_on >= since
        )
    if wanted.township:
        query = query.where(Grid.township == wanted.township)
    return _point_frame({"weight": 1.0}, session.execute(query).all())


def _point_frame(columns: dict[str, Any], pairs: Any) -> gpd.GeoDataFrame:  # noqa: ANN401
    import geopandas as gpd  # lazy: start-up time

    lon, lat = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    geometry = gpd.points_from_xy(lon, lat, crs="EPSG:4326")
    filled = {
        name: value if isinstance(value, list) else [value] * len(lon)
        for name, value in columns.items()
    }
    return gpd.GeoDataFrame(filled, geometry=geometry)


def _firm_frame(session: Session, principal: Principal, wanted: MapFilter) -> gpd.GeoDataFrame:
    query = (
        select(Enterprise.name, Enterprise.standing, Enterprise.lon, Enterprise.lat)
        .join(Grid, Grid.id == Enterprise.grid_id)
        .where(Enterprise.district_id == principal.district_id, Enterprise.retired.is_(False))
        .order_by(Enterprise.employees.desc().nulls_last(), Enterprise.id)
        .limit(MOST_POINTS)
    )
    query = query.where(
        Enterprise.standing.in_([wanted.standing] if wanted.standing else list(_DUE))
    )
    if wanted.township:
        query = query.where(Grid.township == wanted.township)
    rows = session.execute(query).all()
    status = defaultdict(
        lambda: "idle",
        {Standing.TARGET: "late", Standing.NEAR_MISS: "due", Standing.WITH_UNION: "ok"},
    )
    columns = {
        "name": [row[0] for row in rows],
        "status": [status[Standing(row[1])] for row in rows],
    }
    return _point_frame(columns, [(row[2], row[3]) for row in rows])

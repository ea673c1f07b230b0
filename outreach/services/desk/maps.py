"""What the district's map is about: filters, and each grid's figures, scoped to the account."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.grid_figures import (
    GridFigures,
    MapLayer,
    Measure,
    fold_tallies,
    measure,
)
from outreach.domain.targets import Standing
from outreach.errors import NotFound, Refused
from outreach.services.desk.grid_figures import Window, count_nowhere, count_tallies
from outreach.services.desk.grid_months import CountedMonth, list_months, load_month
from outreach.services.enterprises.enterprise_lists import EnterpriseFilter, Freshness
from outreach.storage.grids import Grid
from outreach.storage.records import Batch

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal


class MapView(StrEnum):
    """How a layer is drawn."""

    AREAS = "areas"
    DENSITY = "density"
    HOT = "hot"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"areas": "按网格", "density": "密度(每平方公里)", "hot": "相对集中的地方"}[
            self.value
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFilter:
    """What a map is about; an empty township is the whole district, no month is now."""

    layer: MapLayer = MapLayer.COVERAGE
    view: MapView = MapView.AREAS
    month: date | None = None
    township: str = ""
    standing: Standing | None = None
    bandwidth_m: int = 1000

    @property
    def counted_standing(self) -> Standing | None:
        """The standing that the figures are about; some layers are about all that is due."""
        return self.standing if self.layer.follows_standing else self.layer.fixed_standing

    @property
    def shows_places(self) -> bool:
        """Whether single places are drawn instead of grids; months kept have none."""
        return self.view is not MapView.AREAS and self.layer.has_points and self.month is None


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLine:
    """One grid with its figures and the measure of the layer."""

    id: int
    code: str
    name: str
    township: str
    figures: GridFigures
    measure: Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFigures:
    """All that a map page says in numbers.

    `nowhere` are the firms that lie in no grid, and their measure; of a past month they are not
    kept, and nobody plans a stop for them. `total` sums over the grids that are shown and over
    them, as the dashboard does; `measure` is that of the total, `district` the same sum over the
    whole district. `unplaced` are the firms that the layer counts and that no map can show.
    `as_of` is the last day counted, `list_as_of` the day whose list of firms was used; `months`
    are those that were counted ahead.
    """

    grids: tuple[GridLine, ...]
    nowhere: Measure
    nowhere_figures: GridFigures
    total: GridFigures
    district: GridFigures
    measure: Measure
    unplaced: int
    as_of: date
    list_as_of: date
    months: tuple[CountedMonth, ...]


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


def require_district(principal: Principal) -> None:
    """Let pass who sees the whole district.

    Raises
    ------
    Refused
        For anybody else.
    """
    if not principal.role.sees_district:
        raise Refused("全区地图只给区总工会和规划人员看")


def measure_grids(
    session: Session, principal: Principal, wanted: MapFilter, *, today: date
) -> MapFigures:
    """Count and measure the grids: now, or at the end of a month that was counted ahead.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    NotFound
        When the month was never counted.
    """
    require_district(principal)
    district_id = principal.district_id
    months = list_months(session, district_id)
    if wanted.month is None:
        tallies = count_tallies(session, district_id, Window.lately(today))
        as_of, list_as_of = today, data_date(session, district_id, today=today)
    else:
        known = next((one for one in months if one.month == wanted.month), None)
        if known is None:
            raise NotFound("{month} 还没有统计过,请换一个月份", month=f"{wanted.month:%Y-%m}")
        tallies = load_month(session, district_id, wanted.month)
        as_of, list_as_of = known.as_of, known.list_as_of
    standing = wanted.counted_standing
    counted = {key: fold_tallies(of_grid, standing) for key, of_grid in tallies.items()}
    shown = [row for row in _grids(session, district_id) if _in(row.township, wanted.township)]
    district = sum(counted.values(), GridFigures())
    nowhere = counted.pop(None, GridFigures())
    if wanted.township and wanted.month is None:
        of_town = count_nowhere(session, district_id, Window.lately(today), wanted.township)
        nowhere = fold_tallies(of_town, standing)
    total = sum((counted.get(row.id, GridFigures()) for row in shown), nowhere)

    def measured(figures: GridFigures) -> Measure:
        return measure(wanted.layer, figures, district, is_of_places=wanted.shows_places)

    lines = []
    for row in shown:
        figures = counted.get(row.id, GridFigures())
        lines.append(
            GridLine(
                id=row.id,
                code=row.code,
                name=row.name,
                township=row.township,
                figures=figures,
                measure=measured(figures),
            )
        )
    return MapFigures(
        grids=tuple(lines),
        nowhere=measured(nowhere),
        nowhere_figures=nowhere,
        total=total,
        district=district,
        measure=measured(total),
        unplaced=_unplaced(wanted, measured(nowhere)),
        as_of=as_of,
        list_as_of=list_as_of,
        months=tuple(one for one in months if one.month < today.replace(day=1)),
    )


_PARTS_ARE_FIRMS = {MapLayer.COVERAGE, MapLayer.OVERDUE, MapLayer.LEFT, MapLayer.NEED}


def _unplaced(wanted: MapFilter, nowhere: Measure) -> int:
    """How many firms are missing on the map: of those that are drawn, or of the whole."""
    if wanted.layer is MapLayer.PLAN:
        return 0
    drawn = wanted.shows_places and wanted.layer in _PARTS_ARE_FIRMS
    return nowhere.part if drawn else nowhere.whole


def unplaced_firms(wanted: MapFilter) -> EnterpriseFilter:
    """The firms that a map counts but cannot show: their township is that of their address."""
    layer, standing = wanted.layer, wanted.counted_standing
    visited = None
    if wanted.shows_places:
        visited = {
            MapLayer.COVERAGE: Freshness.UNCOVERED,
            MapLayer.OVERDUE: Freshness.OVERDUE,
        }.get(layer)
    should = layer in {MapLayer.LEFT, MapLayer.NEED}
    if layer is MapLayer.LEFT_EMPLOYEES or (should and wanted.shows_places):
        standing, should = Standing.TARGET, False
    return EnterpriseFilter(
        standing=standing,
        township=wanted.township,
        unplaced=True,
        due=standing is None and not should,
        should_have=should,
        visited=visited,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _GridRow:
    id: int
    code: str
    name: str
    township: str


def _grids(session: Session, district_id: int) -> list[_GridRow]:
    query = (
        select(Grid.id, Grid.code, Grid.name, Grid.township)
        .where(Grid.district_id == district_id)
        .order_by(Grid.code)
    )
    return [
        _GridRow(id=key, code=code, name=name, township=township)
        for key, code, name, township in session.execute(query)
    ]


def _in(township: str, wanted: str) -> bool:
    return not wanted or township == wanted

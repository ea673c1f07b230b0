"""The lists behind the map's counts of visits and planned stops, by the same conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from outreach.domain.grid_figures import DUE
from outreach.domain.visits import VisitResult
from outreach.errors import NotFound
from outreach.services.desk.grid_figures import (
    Window,
    made_visits,
    meant_enterprise,
    planned_stops,
    settled_visits,
)
from outreach.services.desk.maps import require_district
from outreach.storage.enterprises import Enterprise, EnterpriseAlias
from outreach.storage.grids import Grid
from outreach.storage.plans import PlanRoute, PlanStop
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.targets import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Which count is asked for: where, the days, and the standing (none: all).

    Without a grid it is the township's, or the district's. `placed` keeps to the firms that some
    grid holds, `unplaced` to the others, whose township is that of their address.
    """

    window: Window
    standing: Standing | None
    grid_id: int = 0
    township: str = ""
    placed: bool = False
    unplaced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BehindLine:
    """One visit or one planned stop; `result` is that of the visit that answered, if any."""

    enterprise_id: int
    name: str
    day: date
    result: VisitResult | None


def place_name(session: Session, principal: Principal, wanted: Behind) -> str:
    """The name of the grid or township that a count is of, empty for the whole district.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    NotFound
        When there is no such grid.
    """
    require_district(principal)
    if not wanted.grid_id:
        return wanted.township
    mine = Grid.district_id == principal.district_id
    name = session.scalar(select(Grid.name).where(Grid.id == wanted.grid_id, mine))
    if name is None:
        raise NotFound("没有找到这个网格")
    return name


def list_visits(
    session: Session, principal: Principal, wanted: Behind, *, limit: int, offset: int
) -> tuple[list[BehindLine], int]:
    """One page of the visits that a map counted, the newest first, and how many there are."""
    require_district(principal)
    query = (
        made_visits(principal.district_id, wanted.window)
        .with_only_columns(Enterprise.id, Enterprise.name, Visit.visited_on, Visit.result)
        .select_from(Visit)
        .outerjoin(EnterpriseAlias, EnterpriseAlias.former_id == Visit.enterprise_id)
        .join(Enterprise, Enterprise.id == meant_enterprise(Visit.enterprise_id))
        .outerjoin(Grid, Grid.id == Enterprise.grid_id)
        .where(
            Enterprise.standing.in_([wanted.standing] if wanted.standing else DUE),
            *_of_firms(wanted),
        )
    )
    return _page(session, query, (Visit.visited_on.desc(), Visit.uuid), limit, offset)


def _of_firms(wanted: Behind) -> Iterable[ColumnElement[bool]]:
    if wanted.grid_id:
        yield Enterprise.grid_id == wanted.grid_id
    elif wanted.township:
        yield func.coalesce(Grid.township, Enterprise.township) == wanted.township
    if wanted.placed:
        yield Enterprise.grid_id.is_not(None)
    if wanted.unplaced:
        yield Enterprise.grid_id.is_(None)


def list_stops(
    session: Session,
    principal: Principal,
    wanted: Behind,
    *,
    only_done: bool,
    limit: int,
    offset: int,
) -> tuple[list[BehindLine], int]:
    """One page of the planned stops that a map counted, by day, and how many there are."""
    require_district(principal)
    district_id = principal.district_id
    answered = (
        settled_visits(district_id, wanted.window)
        .with_only_columns(Visit.plan_stop_id, func.max(Visit.result).label("result"))
        .where(Visit.plan_stop_id.is_not(None))
        .group_by(Visit.plan_stop_id)
        .subquery()
    )
    query = (
        planned_stops(district_id, wanted.window)
        .with_only_columns(Enterprise.id, Enterprise.name, PlanRoute.day, answered.c.result)
        .outerjoin(EnterpriseAlias, EnterpriseAlias.former_id == PlanStop.enterprise_id)
        .join(Enterprise, Enterprise.id == meant_enterprise(PlanStop.enterprise_id))
        .outerjoin(answered, answered.c.plan_stop_id == PlanStop.id)
    )
    if wanted.grid_id:
        query = query.where(PlanRoute.grid_id == wanted.grid_id)
    elif wanted.township:
        of_town = select(Grid.id).where(
            Grid.district_id == district_id, Grid.township == wanted.township
        )
        query = query.where(PlanRoute.grid_id.in_(of_town))
    if wanted.standing is not None:
        query = query.where(Enterprise.standing == wanted.standing)
    if only_done:
        query = query.where(answered.c.result.is_not(None))
    return _page(session, query, (PlanRoute.day, PlanStop.id), limit, offset)


def _page(
    session: Session,
    query: Select[*tuple[Any, ...]],
    order: tuple[Any, ...],
    limit: int,
    offset: int,
) -> tuple[list[BehindLine], int]:
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.execute(query.order_by(*order).limit(limit).offset(offset))
    lines = [
        BehindLine(
            enterprise_id=key, name=name, day=day, result=VisitResult(result) if result else None
        )
        for key, name, day, result in rows
    ]
    return lines, total

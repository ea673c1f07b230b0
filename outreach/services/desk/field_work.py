"""The visits behind the dashboard's months, by the same conditions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from outreach.domain.grid_figures import month_end
from outreach.domain.visits import VisitResult
from outreach.services.desk.grid_figures import MET, SETTLING, is_visit
from outreach.services.desk.indicators import require_desk
from outreach.storage.enterprises import Enterprise, EnterpriseAlias
from outreach.storage.grids import Grid
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from outreach.domain.accounts import Principal
    from outreach.services.desk.indicators import AreaFilter


class WorkKind(StrEnum):
    """Which number of a month is asked for; see `MonthCounts`."""

    VISITS = "visits"
    MET = "met"
    FIRMS = "firms"
    CONFIRMED = "confirmed"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "visits": "走访",
            "met": "见到人的走访",
            "firms": "走访过的企业",
            "confirmed": "一键确认没有变化",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFilter:
    """A number of a month: whose, of which month (its first day), and which one."""

    area: AreaFilter
    month: date
    kind: WorkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLine:
    """One visit, or one firm that was visited in a grid, with its last day of the month."""

    enterprise_id: int
    name: str
    grid_name: str
    day: date
    result: VisitResult | None


def list_work(
    session: Session, principal: Principal, wanted: WorkFilter, *, limit: int, offset: int
) -> tuple[list[WorkLine], int]:
    """One page of what a month counts, the newest first, and how many there are.

    Raises
    ------
    Refused
        For a grid worker.
    """
    require_desk(principal)
    if wanted.kind is WorkKind.FIRMS:
        # As it is counted: once in each grid that went there.
        columns = (func.max(Visit.visited_on), func.max(Visit.uuid))
        query = _work(principal, wanted, Visit.enterprise_id, Visit.grid_id, *columns)
        query = query.group_by(Visit.enterprise_id, Visit.grid_id)
    else:
        query = _work(
            principal, wanted, Visit.enterprise_id, Visit.grid_id, Visit.visited_on, Visit.uuid
        ).add_columns(Visit.result)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = query.subquery()
    day, key = page.c[2], page.c[3]
    named = (
        select(Enterprise.id, Enterprise.name, Grid.name, *page.c[2:])
        .select_from(page)
        .outerjoin(EnterpriseAlias, EnterpriseAlias.former_id == page.c.enterprise_id)
        .join(Enterprise, Enterprise.id == _meant(page.c.enterprise_id))
        .outerjoin(Grid, Grid.id == page.c.grid_id)
        .order_by(day.desc(), key)
        .limit(limit)
        .offset(offset)
    )
    return [_line(*row) for row in session.execute(named)], total


def _meant(former: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(EnterpriseAlias.enterprise_id, former)


def _line(
    enterprise_id: int,
    name: str,
    grid_name: str | None,
    day: date,
    _key: str,
    result: str | None = None,
) -> WorkLine:
    return WorkLine(
        enterprise_id=enterprise_id,
        name=name,
        grid_name=grid_name or "",
        day=day,
        result=VisitResult(result) if result else None,
    )


def _work(
    principal: Principal,
    wanted: WorkFilter,
    *columns: ColumnElement[Any] | InstrumentedAttribute[Any],
) -> Select[Any]:
    """What the account's district did in the month, in the grid that it was done in."""
    area = wanted.area
    query = select(*columns).where(
        Visit.district_id == principal.district_id,
        Visit.visited_on.between(wanted.month, month_end(wanted.month)),
        _of_kind(wanted.kind),
    )
    if area.grid_id is not None:
        return query.where(Visit.grid_id == area.grid_id)
    if area.township:
        of_town = select(Grid.id).where(
            Grid.district_id == principal.district_id, Grid.township == area.township
        )
        return query.where(Visit.grid_id.in_(of_town))
    return query


def _of_kind(kind: WorkKind) -> ColumnElement[bool]:
    return {
        WorkKind.VISITS: is_visit(),
        WorkKind.MET: Visit.result.in_(MET),
        WorkKind.FIRMS: Visit.result.in_(SETTLING),
        WorkKind.CONFIRMED: ~is_visit(),
    }[kind]

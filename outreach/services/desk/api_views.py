"""What the read-only interface gives: flat rows without personal data, page after page by key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from outreach.services.administration.audit import write_audit
from outreach.services.desk.indicators import require_desk
from outreach.services.enterprises.enterprise_lists import EnterpriseFilter, filtered
from outreach.services.enterprises.enterprises import get_enterprise, in_scope
from outreach.storage.desk import DeskFigure, DeskState
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

MOST_ROWS = 500
"""Rows of one answer."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """One page; `next` is the key to go on after, `None` at the end. `of` counts all of them."""

    rows: list[Row]
    next: int | str | None
    of: int


def read_enterprises(
    session: Session,
    principal: Principal,
    wanted: EnterpriseFilter,
    *,
    after: int,
    limit: int,
    today: date,
) -> Rows:
    """Firms in the order of their ids, from the one behind `after` on."""
    keys = filtered(select(Enterprise.id), principal, wanted, today=today)
    of = session.scalar(select(func.count()).select_from(keys.subquery())) or 0
    page = keys.where(Enterprise.id > after).order_by(Enterprise.id).limit(limit + 1)
    found = list(session.scalars(page))
    query = (
        select(Enterprise, Grid.code, Grid.township)
        .outerjoin(Grid, Grid.id == Enterprise.grid_id)
        .where(Enterprise.id.in_(found[:limit]))
        .order_by(Enterprise.id)
    )
    rows = [_firm(*row) for row in session.execute(query)]
    return Rows(rows=rows, next=found[limit - 1] if len(found) > limit else None, of=of)


def read_enterprise(session: Session, principal: Principal, enterprise_id: int) -> Row:
    """One firm with the dated figures of its headcount.

    Raises
    ------
    NotFound
        When it is out of the account's sight.
    """
    row = get_enterprise(session, principal, enterprise_id)
    grid = session.get(Grid, row.grid_id) if row.grid_id else None
    firm = _firm(row, grid.code if grid else None, grid.township if grid else None)
    return {**firm, "headcounts": row.headcounts}


def _firm(row: Enterprise, grid: str | None, township: str | None) -> Row:
    return {
        "id": row.id,
        "name": row.name,
        "uscc": row.uscc,
        "state": row.state,
        "industry": row.industry,
        "address": row.address,
        "township": township or row.township,
        "grid": grid,
        "standing": row.standing,
        "employees": row.employees,
        "employees_low": row.headcount_low,
        "employees_high": row.headcount_high,
        "headcount_class": row.headcount_class,
        "over_probability": row.over_probability,
        "union_status": row.union_status,
        "union_name": row.union_name,
        "last_visited_on": _day(row.last_visited_on),
        "lon": row.lon,
        "lat": row.lat,
        "position_error_m": row.position_error_m,
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def read_grids(session: Session, principal: Principal) -> Rows:
    """The grids that the account sees, with their polygons in WGS-84."""
    query = select(Grid).where(Grid.district_id == principal.district_id).order_by(Grid.code)
    if not principal.role.sees_district:
        query = query.where(Grid.id == principal.grid_id)
    rows = [
        {
            "code": grid.code,
            "name": grid.name,
            "township": grid.township,
            "geometry": grid.geometry,
        }
        for grid in session.scalars(query)
    ]
    return Rows(rows=rows, next=None, of=len(rows))


def read_visits(
    session: Session,
    principal: Principal,
    *,
    since: date,
    until: date,
    after: str,
    limit: int,
) -> Rows:
    """Visits between two days, both included, in the order of their ids; without who made them."""
    scope = in_scope(select(Visit), principal).join(
        Enterprise, Enterprise.id == Visit.enterprise_id
    )
    scope = scope.where(
        Visit.district_id == principal.district_id, Visit.visited_on.between(since, until)
    )
    of = session.scalar(select(func.count()).select_from(scope.subquery())) or 0
    page = scope.add_columns(Grid.code).outerjoin(Grid, Grid.id == Visit.grid_id)
    page = page.where(Visit.uuid > after).order_by(Visit.uuid).limit(limit + 1)
    found = session.execute(page).all()
    rows = [
        {
            "uuid": visit.uuid,
            "enterprise_id": visit.enterprise_id,
            "grid": code,
            "visited_on": visit.visited_on.isoformat(),
            "result": visit.result,
            "employees": visit.content.get("employees"),
            "union_finding": visit.content.get("union_finding"),
        }
        for visit, code in found[:limit]
    ]
    return Rows(rows=rows, next=rows[-1]["uuid"] if len(found) > limit else None, of=of)


def read_figures(session: Session, principal: Principal, *, level: str) -> tuple[Rows, str | None]:
    """The counts of the dashboard by area, and the moment when they were counted.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    """
    require_desk(principal)
    state = session.get(DeskState, principal.district_id)
    if state is None:
        return Rows(rows=[], next=None, of=0), None
    query = (
        select(DeskFigure.township, Grid.code, DeskFigure.counts)
        .outerjoin(Grid, Grid.id == DeskFigure.grid_id)
        .where(
            DeskFigure.district_id == principal.district_id,
            DeskFigure.span == "day",
            DeskFigure.day == state.day,
            DeskFigure.level == level,
        )
        .order_by(DeskFigure.township, Grid.code)
    )
    rows = [
        {"township": township, "grid": code, **counts}
        for township, code, counts in session.execute(query)
    ]
    return Rows(rows=rows, next=None, of=len(rows)), state.counted_at.isoformat()


def note_call(
    session: Session, principal: Principal, *, what: str, rows: int, now: datetime
) -> None:
    """Write down that rows were taken over the interface."""
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id,
        action="call_api",
        subject="district",
        subject_id=principal.district_id,
        now=now,
        detail={"what": what, "rows": rows},
    )

"""The figures of past months: counted ahead, kept by grid, month and standing, honest of their day.

A month is counted until visits of it can no longer be corrected; then its rows stand, unless they
were counted before firms with a union were told apart by size. What a firm's
standing was at that time is not kept, so a month that is counted late uses the list of that day,
and every row says which day that was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from outreach.domain.calendar import CHINA
from outreach.domain.grid_figures import Tally, is_settled, month_end, months_between
from outreach.domain.targets import Standing
from outreach.services.desk.grid_figures import Tallies, Window, count_tallies
from outreach.storage.districts import District
from outreach.storage.grid_months import GridMonth
from outreach.storage.plans import PlanRoute, VisitPlan
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

MOST_MONTHS = 36
"""How far back months are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedMonth:
    """A month that can be shown: its first day, the last day counted, and the list's day."""

    month: date
    as_of: date
    list_as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshReport:
    """Which months were counted anew, and how many stand already."""

    counted: tuple[date, ...]
    standing: int


def refresh_months(session: Session, *, district_id: int, now: datetime) -> RefreshReport:
    """Count the months whose figures can still change, from the first visit or plan on.

    The same data give the same rows; a month that stands is left alone.
    """
    today = now.astimezone(CHINA).date()
    first = _first_day(session, district_id)
    if first is None:
        return RefreshReport(counted=(), standing=0)
    known = {one.month: one for one in list_months(session, district_id)}
    undivided = _undivided(session, district_id)
    months = months_between(min(first, today), today)[-MOST_MONTHS:]
    open_ = [
        month
        for month in months
        if month not in known
        or month in undivided
        or not is_settled(month, known[month].list_as_of)
    ]
    for month in open_:
        _count_month(session, district_id, month, today=today, now=now)
    return RefreshReport(counted=tuple(open_), standing=len(months) - len(open_))


def refresh_all_months(session: Session, *, now: datetime) -> None:
    """Count the months of every district whose figures can still change."""
    for district_id in session.scalars(select(District.id).order_by(District.id)).all():
        refresh_months(session, district_id=district_id, now=now)


def _first_day(session: Session, district_id: int) -> date | None:
    visit = select(func.min(Visit.visited_on)).where(Visit.district_id == district_id)
    planned = (
        select(func.min(PlanRoute.day))
        .join(VisitPlan, VisitPlan.id == PlanRoute.plan_id)
        .where(VisitPlan.district_id == district_id, VisitPlan.status == "published")
    )
    days = [session.scalar(query) for query in (visit, planned)]
    return min((day for day in days if day is not None), default=None)


def _count_month(
    session: Session, district_id: int, month: date, *, today: date, now: datetime
) -> None:
    until = min(month_end(month), today)
    window = Window(since=month, until=until)
    tallies = count_tallies(session, district_id, window, is_past=True)
    session.execute(
        delete(GridMonth).where(GridMonth.district_id == district_id, GridMonth.month == month)
    )
    stamp = {
        "district_id": district_id,
        "month": month,
        "as_of": until,
        "list_as_of": today,
        "refreshed_at": now,
    }
    rows = [
        {**_counts(tally), **stamp, "grid_id": grid_id, "standing": _group(tally)}
        for grid_id, of_grid in tallies.items()
        if grid_id is not None
        for tally in of_grid
    ]
    if rows:
        session.execute(insert(GridMonth), rows)


_WITH_UNION = {"union_should": True, "union_small": False}
"""How rows are called of firms with a union: whether they are large enough to need one."""


def _group(tally: Tally) -> str:
    if tally.standing is not Standing.WITH_UNION:
        return tally.standing or ""
    return next(name for name, should in _WITH_UNION.items() if should == tally.should_have)


def _undivided(session: Session, district_id: int) -> set[date]:
    """Months whose rows do not tell small firms with a union from those that should have one."""
    query = select(GridMonth.month).where(
        GridMonth.district_id == district_id, GridMonth.standing == Standing.WITH_UNION
    )
    return set(session.scalars(query.distinct()))


def list_months(session: Session, district_id: int) -> list[CountedMonth]:
    """The months that were counted, ascending."""
    query = (
        select(GridMonth.month, func.min(GridMonth.as_of), func.min(GridMonth.list_as_of))
        .where(GridMonth.district_id == district_id)
        .group_by(GridMonth.month)
        .order_by(GridMonth.month)
    )
    return [
        CountedMonth(month=month, as_of=as_of, list_as_of=list_as_of)
        for month, as_of, list_as_of in session.execute(query)
    ]


def months_version(session: Session, district_id: int) -> datetime | None:
    """A value that changes when months are counted anew."""
    return session.scalar(
        select(func.max(GridMonth.refreshed_at)).where(GridMonth.district_id == district_id)
    )


def load_month(session: Session, district_id: int, month: date) -> Tallies:
    """The tallies of a month by grid; empty when it was never counted."""
    found: Tallies = {}
    query = select(GridMonth).where(GridMonth.district_id == district_id, GridMonth.month == month)
    for row in session.scalars(query):
        found.setdefault(row.grid_id, []).append(_tally(row))
    return found


def _counts(row: GridMonth | Tally) -> dict[str, Any]:
    names = ("firms", "covered", "overdue", "employees", "visits", "planned", "done")
    return {name: getattr(row, name) for name in names}


def _tally(row: GridMonth) -> Tally:
    if row.standing in _WITH_UNION:
        standing, should = Standing.WITH_UNION, _WITH_UNION[row.standing]
        return Tally(standing=standing, should_have=should, **_counts(row))
    known = Standing(row.standing) if row.standing else None
    return Tally(standing=known, should_have=known is Standing.TARGET, **_counts(row))

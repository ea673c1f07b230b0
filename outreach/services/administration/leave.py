"""Grid workers' leave and stand-ins: entered, checked, cancelled, and asked by plans and rights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.leave import LONGEST_LEAVE_DAYS, Absence, Cover
from outreach.domain.plans import PlanStatus
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.services.administration.audit import audit_as
from outreach.services.administration.principals import require_district
from outreach.storage.grids import Grid, GridWorker
from outreach.storage.leave import Leave
from outreach.storage.plans import PlanRoute, VisitPlan

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from sqlalchemy.sql import Select

    from outreach.domain.accounts import Principal

_audit = partial(audit_as, subject="leave")

BEFORE, AFTER = timedelta(days=7), timedelta(days=7)
"""A stand-in sees the grid a week earlier, to make herself familiar, and a week later, so that what
she recorded without a network still arrives."""


def load_cover(session: Session, district_id: int, *, first: date, last: date) -> Cover:
    """Who is away between two days, both included, and who stands in."""
    stand_in = GridWorker.__table__.alias("stand_in")
    query = (
        select(GridWorker.grid_id, Leave.first, Leave.last, stand_in.c.grid_id)
        .join(Leave, Leave.grid_worker_id == GridWorker.id)
        .outerjoin(stand_in, stand_in.c.id == Leave.stand_in_id)
        .where(
            Leave.district_id == district_id,
            Leave.cancelled_at.is_(None),
            Leave.first <= last,
            Leave.last >= first,
        )
        .order_by(Leave.id)
    )
    return Cover(
        absences=tuple(
            Absence(grid_id=grid_id, first=begin, last=end, stand_in_grid_id=other)
            for grid_id, begin, end, other in session.execute(query)
        )
    )


def load_week_cover(session: Session, district_id: int, week: date) -> Cover:
    """Who is away in the week that begins on a Monday, to its Sunday, and who stands in."""
    return load_cover(session, district_id, first=week, last=week + timedelta(days=6))


def grids_of_stand_in(session: Session, grid_worker_id: int, today: date) -> tuple[int, ...]:
    """The other grids that a grid worker sees today, because she stands in there."""
    query = (
        select(GridWorker.grid_id)
        .join(Leave, Leave.grid_worker_id == GridWorker.id)
        .where(
            Leave.stand_in_id == grid_worker_id,
            Leave.cancelled_at.is_(None),
            Leave.first <= today + BEFORE,
            Leave.last >= today - AFTER,
        )
        .order_by(GridWorker.grid_id)
    )
    return tuple(dict.fromkeys(session.scalars(query)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveLine:
    """One leave as the office sees it; `routes` of published plans lie within it."""

    id: int
    grid_id: int
    grid_name: str
    name: str
    first: date
    last: date
    stand_in: str
    stand_in_grid: str
    cancelled: bool
    routes: int

    @property
    def days(self) -> int:
        """How many days it has, those off among them."""
        return (self.last - self.first).days + 1


def list_leaves(
    session: Session, principal: Principal, *, today: date, past: bool, limit: int, offset: int = 0
) -> tuple[list[LeaveLine], int]:
    """One page of the leaves that last until today or longer, or of the past and cancelled ones.

    Raises
    ------
    Refused
        When the role does not see the district.
    """
    require_district(principal)
    stands = Leave.cancelled_at.is_(None) & (Leave.last >= today)
    query = _leaves().where(Leave.district_id == principal.district_id, ~stands if past else stands)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    order = (Leave.first.desc(), Leave.id.desc()) if past else (Leave.first, Leave.id)
    rows = session.execute(query.order_by(*order).limit(limit).offset(offset)).all()
    routes = _count_routes(session, principal.district_id, [row[0] for row in rows])
    return [
        LeaveLine(
            id=leave.id,
            grid_id=grid_id,
            grid_name=grid_name,
            name=name,
            first=leave.first,
            last=leave.last,
            stand_in=other or "",
            stand_in_grid=other_grid or "",
            cancelled=leave.cancelled_at is not None,
            routes=routes.get(leave.id, 0),
        )
        for leave, grid_id, grid_name, name, other, other_grid in rows
    ], total


def _leaves() -> Select[Leave, int, str, str, str, str]:
    other = GridWorker.__table__.alias("other")
    other_grid = Grid.__table__.alias("other_grid")
    return (
        select(Leave, Grid.id, Grid.name, GridWorker.name, other.c.name, other_grid.c.name)
        .join(GridWorker, GridWorker.id == Leave.grid_worker_id)
        .join(Grid, Grid.id == GridWorker.grid_id)
        .outerjoin(other, other.c.id == Leave.stand_in_id)
        .outerjoin(other_grid, other_grid.c.id == other.c.grid_id)
    )


def _count_routes(session: Session, district_id: int, leaves: list[Leave]) -> dict[int, int]:
    query = (
        select(Leave.id, func.count())
        .join(PlanRoute, PlanRoute.grid_worker_id == Leave.grid_worker_id)
        .join(VisitPlan, VisitPlan.id == PlanRoute.plan_id)
        .where(
            Leave.id.in_([one.id for one in leaves]),
            VisitPlan.district_id == district_id,
            VisitPlan.status == PlanStatus.PUBLISHED,
            PlanRoute.day.between(Leave.first, Leave.last),
        )
        .group_by(Leave.id)
    )
    return dict(session.execute(query).all())


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerName:
    """A grid worker to choose: by grid, since there is one in each."""

    grid_id: int
    grid_name: str
    township: str
    name: str


def list_workers(session: Session, principal: Principal) -> list[WorkerName]:
    """The district's grid workers, by township and grid.

    Raises
    ------
    Refused
        When the role does not see the district.
    """
    require_district(principal)
    query = (
        select(Grid.id, Grid.name, Grid.township, GridWorker.name)
        .join(GridWorker, GridWorker.grid_id == Grid.id)
        .where(Grid.district_id == principal.district_id)
        .order_by(Grid.township, Grid.code)
    )
    return [
        WorkerName(grid_id=key, grid_name=grid, township=township, name=name)
        for key, grid, township, name in session.execute(query)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLeave:
    """What the form says: the grid whose worker is away, and the grid whose worker stands in."""

    grid_id: int
    first: date
    last: date
    stand_in_grid_id: int | None = None


def add_leave(session: Session, principal: Principal, wanted: WantedLeave, *, now: datetime) -> int:
    """Enter a leave; returns its id.

    Raises
    ------
    Refused, NotFound
        When the role does not see the district, or a grid has no grid worker.
    InvalidInput
        When the days or the stand-in cannot be.
    Conflict
        When she is away in these days already, or the stand-in is.
    """
    require_district(principal)
    length = (wanted.last - wanted.first).days + 1
    if not 1 <= length <= LONGEST_LEAVE_DAYS:
        raise InvalidInput(
            "请假从 {first} 到 {last} 不对,请填 1 到 {most} 天;更久的请办交接",
            first=wanted.first.isoformat(),
            last=wanted.last.isoformat(),
            most=LONGEST_LEAVE_DAYS,
        )
    away = _worker(session, principal.district_id, wanted.grid_id)
    stand_in = None
    if wanted.stand_in_grid_id is not None:
        if wanted.stand_in_grid_id == wanted.grid_id:
            raise InvalidInput("自己不能给自己代班,请选别的网格员")
        stand_in = _worker(session, principal.district_id, wanted.stand_in_grid_id)
        _require_present(
            session, stand_in, wanted, "代班的{name} {first} 到 {last} 也请假,请另选一位"
        )
    _require_present(session, away, wanted, "{name} {first} 到 {last} 已经登记过请假,先撤掉再改")
    _require_not_standing_in(session, away, wanted)
    row = Leave(
        district_id=principal.district_id,
        grid_worker_id=away.id,
        first=wanted.first,
        last=wanted.last,
        stand_in_id=stand_in.id if stand_in else None,
        entered_at=now,
        entered_by=principal.account_id or None,
        cancelled_at=None,
        cancelled_by=None,
    )
    session.add(row)
    session.flush()
    detail = {
        "grid": wanted.grid_id,
        "first": wanted.first.isoformat(),
        "last": wanted.last.isoformat(),
        "stand_in_grid": wanted.stand_in_grid_id,
    }
    _audit(session, principal, "add_leave", row.id, now, detail)
    return row.id


def _worker(session: Session, district_id: int, grid_id: int) -> GridWorker:
    found = session.scalar(
        select(GridWorker).where(
            GridWorker.grid_id == grid_id, GridWorker.district_id == district_id
        )
    )
    if found is None:
        raise NotFound("这个网格没有网格员")
    return found


def _require_present(
    session: Session, worker: GridWorker, wanted: WantedLeave, template: str
) -> None:
    """Two leaves of one person never overlap, so that a day has one answer."""
    found = session.scalar(
        _overlapping(wanted).where(Leave.grid_worker_id == worker.id).order_by(Leave.first).limit(1)
    )
    if found is not None:
        raise Conflict(
            template,
            name=worker.name,
            first=found.first.isoformat(),
            last=found.last.isoformat(),
        )


def _require_not_standing_in(session: Session, worker: GridWorker, wanted: WantedLeave) -> None:
    found = session.scalar(
        _overlapping(wanted).where(Leave.stand_in_id == worker.id).order_by(Leave.first).limit(1)
    )
    if found is not None:
        other = session.get_one(GridWorker, found.grid_worker_id)
        raise Conflict(
            "{name} {first} 到 {last} 要给{other}代班,请先改那一条",
            name=worker.name,
            first=found.first.isoformat(),
            last=found.last.isoformat(),
            other=other.name,
        )


def _overlapping(wanted: WantedLeave) -> Select[Leave]:
    return select(Leave).where(
        Leave.cancelled_at.is_(None), Leave.first <= wanted.last, Leave.last >= wanted.first
    )


def cancel_leave(session: Session, principal: Principal, leave_id: int, *, now: datetime) -> None:
    """Take a leave back; it stays on record as cancelled.

    Raises
    ------
    Refused, NotFound
        When the role does not see the district, or it has no such leave that stands.
    """
    require_district(principal)
    row = session.get(Leave, leave_id)
    if row is None or row.district_id != principal.district_id or row.cancelled_at is not None:
        raise NotFound("没有找到这条请假")
    row.cancelled_at, row.cancelled_by = now, principal.account_id or None
    _audit(session, principal, "cancel_leave", row.id, now, {})

"""What a planner fixed in a draft, and how the search is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, select

from outreach.domain.boards import LockLevel
from outreach.services.planning.plan_rows import read_grid
from outreach.storage.plans import PlanLock, PlanStop

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    import routing
    from outreach.domain.boards import Orders
    from outreach.storage.plans import VisitPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLocks:
    """The locks of one grid's week: days whose routes are fixed, and a level for each stop."""

    days: frozenset[date] = frozenset()
    stops: Mapping[int, LockLevel] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.days) + len(self.stops)

    @property
    def must(self) -> frozenset[int]:
        """Firms that the grid worker visits whatever else changes."""
        return frozenset(self.stops)


def fix_stop(
    session: Session,
    plan: VisitPlan,
    grid_id: int,
    enterprise_id: int,
    level: LockLevel | None,
) -> bool:
    """Give a stop a lock, or none; whether that changed anything."""
    before = read_locks(session, plan.id, grid_id).stops.get(enterprise_id)
    session.execute(
        delete(PlanLock).where(PlanLock.plan_id == plan.id, PlanLock.enterprise_id == enterprise_id)
    )
    if level is not None:
        _add(session, plan, grid_id, level=level, enterprise_id=enterprise_id)
    return level is not before


def fix_route(session: Session, plan: VisitPlan, grid_id: int, day: date, *, locked: bool) -> bool:
    """Lock a day's whole route or loosen it; whether that changed anything."""
    was_locked = day in read_locks(session, plan.id, grid_id).days
    session.execute(
        delete(PlanLock).where(
            PlanLock.plan_id == plan.id, PlanLock.grid_id == grid_id, PlanLock.day == day
        )
    )
    if locked:
        _add(session, plan, grid_id, level=LockLevel.ROUTE, day=day)
    return locked is not was_locked


def _add(
    session: Session,
    plan: VisitPlan,
    grid_id: int,
    *,
    level: LockLevel,
    day: date | None = None,
    enterprise_id: int | None = None,
) -> None:
    session.add(
        PlanLock(
            district_id=plan.district_id,
            plan_id=plan.id,
            grid_id=grid_id,
            level=level,
            day=day,
            enterprise_id=enterprise_id,
        )
    )
    session.flush()


def read_locks(session: Session, plan_id: int, grid_id: int) -> GridLocks:
    """Read the locks of one grid's week; those of stops that left the plan lock nothing."""
    query = select(PlanLock).where(PlanLock.plan_id == plan_id, PlanLock.grid_id == grid_id)
    planned = read_grid(session, plan_id, grid_id).purposes
    days, stops = set(), {}
    for lock in session.scalars(query):
        if lock.day is not None:
            days.add(lock.day)
        elif lock.enterprise_id in planned:
            stops[lock.enterprise_id] = LockLevel(lock.level)
    return GridLocks(days=frozenset(days), stops=stops)


def count_locks(session: Session, plan_id: int) -> dict[int, int]:
    """How many locks each grid of a plan has, those of stops that left it apart."""
    planned = select(PlanStop.enterprise_id).where(PlanStop.plan_id == plan_id)
    query = (
        select(PlanLock.grid_id, func.count())
        .where(
            PlanLock.plan_id == plan_id,
            or_(PlanLock.day.is_not(None), PlanLock.enterprise_id.in_(planned)),
        )
        .group_by(PlanLock.grid_id)
    )
    return dict(session.execute(query).all())


def loosen_gone(session: Session, plan_id: int, grid_id: int) -> None:
    """Take the locks of stops away that the grid's week has no more."""
    planned = read_grid(session, plan_id, grid_id).purposes
    session.execute(
        delete(PlanLock).where(
            PlanLock.plan_id == plan_id,
            PlanLock.grid_id == grid_id,
            PlanLock.enterprise_id.is_not(None),
            PlanLock.enterprise_id.not_in(planned),
        )
    )


def restore_locks(
    session: Session,
    plan: VisitPlan,
    grid_id: int,
    *,
    stops: Mapping[int, LockLevel],
    days: Collection[date],
) -> None:
    """Give a grid's week exactly these locks; of stops that it does not have, none."""
    planned = read_grid(session, plan.id, grid_id).purposes
    session.execute(
        delete(PlanLock).where(PlanLock.plan_id == plan.id, PlanLock.grid_id == grid_id)
    )
    for day in sorted(days):
        _add(session, plan, grid_id, level=LockLevel.ROUTE, day=day)
    for key, level in stops.items():
        if key in planned:
            _add(session, plan, grid_id, level=level, enterprise_id=key)


def to_routing(locks: GridLocks, orders: Orders) -> routing.Locks:
    """The locks as the search takes them: each stop is fixed where `orders` has it.

    A stop of a fixed route needs no lock of its own. That a stop stays with its grid worker is
    no lock of the library: the problem requires it.
    """
    import routing

    shifts: dict[str, str] = {}
    days: dict[str, int] = {}
    positions: dict[str, int] = {}
    for day, order in orders.items():
        for place, key in enumerate(order, start=1):
            level = locks.stops.get(key)
            if day in locks.days or level is None:
                continue
            if level is not LockLevel.WORKER:
                shifts[str(key)] = day.isoformat()
                days[str(key)] = day.weekday()
            if level is LockLevel.POSITION:
                positions[str(key)] = place
    return routing.Locks(
        routes=frozenset(day.isoformat() for day in locks.days),
        shifts=shifts,
        days=days,
        positions=positions,
    )

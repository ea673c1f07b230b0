"""What a planner fixed in a draft, and how the search is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, select

from outreach.domain.boards import LockLevel
from outreach.errors import Conflict, InvalidInput
from outreach.services.planning.plan_rows import read_grid
from outreach.services.planning.solved_weeks import require_draft, require_seen
from outreach.storage.plans import PlanLock, PlanStop

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    import routing
    from outreach.domain.accounts import Principal
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


def lock_stop(
    session: Session,
    principal: Principal,
    plan_id: int,
    grid_id: int,
    *,
    enterprise_id: int,
    level: LockLevel | None,
    seen: int,
) -> None:
    """Fix a planned stop where it stands, or loosen it with `None`.

    `seen` is the number of the newest change on the planner's page.

    Raises
    ------
    Refused, NotFound, Conflict
        As `require_draft`; when somebody changed the week since, or it has no such stop.
    InvalidInput
        When the level is not one of a stop.
    """
    plan = require_draft(session, principal, plan_id)
    require_seen(session, plan, grid_id, seen)
    planned = read_grid(session, plan.id, grid_id)
    if enterprise_id not in planned.purposes:
        raise Conflict("这一周没有排这家企业,锁不住;请看看现在的样子")
    if level is LockLevel.ROUTE:
        raise InvalidInput("整条路线按天锁,不按企业锁")
    session.execute(
        delete(PlanLock).where(PlanLock.plan_id == plan.id, PlanLock.enterprise_id == enterprise_id)
    )
    if level is not None:
        _add(session, plan, grid_id, level=level, enterprise_id=enterprise_id)


def lock_route(
    session: Session,
    principal: Principal,
    plan_id: int,
    grid_id: int,
    *,
    day: date,
    locked: bool,
    seen: int,
) -> None:
    """Fix a day's whole route, an empty one too, or loosen it.

    Raises
    ------
    Refused, NotFound, Conflict
        As `require_draft`; also when somebody changed the week since.
    InvalidInput
        When the day is not in the plan's week.
    """
    plan = require_draft(session, principal, plan_id)
    if not 0 <= (day - plan.week).days < _WEEK_DAYS:
        raise InvalidInput("{day} 不在这一周", day=day.isoformat())
    require_seen(session, plan, grid_id, seen)
    session.execute(
        delete(PlanLock).where(
            PlanLock.plan_id == plan.id, PlanLock.grid_id == grid_id, PlanLock.day == day
        )
    )
    if locked:
        _add(session, plan, grid_id, level=LockLevel.ROUTE, day=day)


_WEEK_DAYS = 7


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
    session: Session, plan: VisitPlan, grid_id: int, locks: Mapping[int, LockLevel]
) -> None:
    """Bring the locks back that went with their stops; one set since stays as it is."""
    planned = read_grid(session, plan.id, grid_id).purposes
    known = read_locks(session, plan.id, grid_id).stops
    for key, level in locks.items():
        if key in planned and key not in known:
            _add(session, plan, grid_id, level=level, enterprise_id=key)
    loosen_gone(session, plan.id, grid_id)


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

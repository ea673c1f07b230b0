"""The plan board: a planner changes a draft by hand; nothing blocks, everything can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from outreach.domain.boards import (
    EditKind,
    LockLevel,
    WeekState,
    kind_of_edit,
    move_stop,
    orders_as_json,
)
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.services.planning.plan_edits import (
    find_undoable,
    keep_edit,
    mark_undone,
    rewrite_week,
    write_edit,
)
from outreach.services.planning.plan_locks import fix_route, fix_stop, read_locks, restore_locks
from outreach.services.planning.plan_rows import read_grid
from outreach.services.planning.solved_weeks import (
    SolvedWeek,
    put_up_week,
    require_draft,
    require_seen,
    time_by_hand,
)
from outreach.storage.enterprises import Enterprise
from outreach.storage.plans import PlanEdit, PlanLeftOut, VisitPlan

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

BEST = 0
"""As a place: wherever it costs least."""


def place_stop(
    session: Session,
    principal: Principal,
    plan_id: int,
    grid_id: int,
    *,
    enterprise_id: int,
    to: tuple[date, int] | None,
    seen: int,
    now: datetime,
) -> PlanEdit:
    """Put a firm at a place (from 1, or `BEST`) of a day, or out of the plan with `None`.

    It is done whatever it breaks. `seen` is the number of the newest change on the planner's page.

    Raises
    ------
    Refused, NotFound, Conflict
        As `require_draft`; when the grid's week has no such firm; when somebody changed it since.
    InvalidInput
        When the day is no working day of the week, or the firm has no position.
    """
    plan = require_draft(session, principal, plan_id)
    require_seen(session, plan, grid_id, seen)
    week = put_up_week(session, plan, grid_id, also={enterprise_id})
    _require_firm(session, week, enterprise_id)
    if to is None and not any(enterprise_id in order for order in week.orders.values()):
        raise NotFound("这一周没有排这家企业")
    day, place = to if to is not None else (None, BEST)
    if day is not None and day not in week.grid.days:
        raise InvalidInput("{day} 不是这一周的工作日", day=day.isoformat())
    kind = kind_of_edit(week.orders, enterprise_id, day)
    if day is not None and place == BEST:
        place = find_best_place(week, enterprise_id, day)
    orders = move_stop(week.orders, enterprise_id, to_day=day, place=place)
    return write_edit(
        session, principal, week, orders, kind=kind, enterprise_id=enterprise_id, now=now
    )


def _require_firm(session: Session, week: SolvedWeek, enterprise_id: int) -> None:
    if enterprise_id not in week.names:
        raise NotFound("这个网格这一周没有这家企业")
    lon = session.scalar(select(Enterprise.lon).where(Enterprise.id == enterprise_id))
    if lon is None:
        raise InvalidInput("“{name}”还没有位置,排不进路线", name=week.names[enterprise_id])


def find_best_place(week: SolvedWeek, enterprise_id: int, day: date) -> int:
    """The place (from 1) of a day where the firm breaks the fewest rules, then costs least."""
    others = [key for key in week.orders.get(day, ()) if key != enterprise_id]
    found = []
    for place in range(1, len(others) + 2):
        order = [*others[: place - 1], enterprise_id, *others[place - 1 :]]
        made = time_by_hand(week.problem, {day: order})
        broken = sum(finding.rule.makes_infeasible for finding in made.findings)
        found.append((broken, sum(route.travel_s for route in made.plan.routes), place))
    return min(found)[2]


def undo_edit(
    session: Session, principal: Principal, plan_id: int, grid_id: int, *, seen: int, now: datetime
) -> PlanEdit:
    """Take the newest change of a grid's week back.

    Raises
    ------
    Refused, NotFound, Conflict
        As `place_stop`; also when nothing is left to take back.
    """
    plan = require_draft(session, principal, plan_id)
    require_seen(session, plan, grid_id, seen)
    edit = find_undoable(session, plan.id, grid_id)
    if edit is None:
        raise Conflict("这个网格没有可以撤销的改动")
    before = WeekState.from_json(edit.before)
    if edit.kind != EditKind.LOCK:
        _take_back(session, plan, grid_id, before)
    restore_locks(session, plan, grid_id, stops=before.locks, days=before.locked_days)
    mark_undone(session, principal, edit, now=now)
    return edit


def _take_back(session: Session, plan: VisitPlan, grid_id: int, before: WeekState) -> None:
    """Give a grid's week the orders and the reasons that it had."""
    planned = {key for order in before.orders.values() for key in order}
    _require_here(session, plan, grid_id, planned)
    week = put_up_week(session, plan, grid_id, also=planned, orders=before.orders)
    rewrite_week(session, week)
    for key, reason in before.left_out.items():
        session.execute(
            update(PlanLeftOut)
            .where(
                PlanLeftOut.plan_id == plan.id,
                PlanLeftOut.grid_id == grid_id,
                PlanLeftOut.enterprise_id == key,
            )
            .values(reason=reason)
        )


def _require_here(session: Session, plan: VisitPlan, grid_id: int, planned: set[int]) -> None:
    """Refuse to bring firms back that were lent to another grid since."""
    lent = session.scalar(
        select(Enterprise.name)
        .join(PlanLeftOut, PlanLeftOut.enterprise_id == Enterprise.id)
        .where(
            PlanLeftOut.plan_id == plan.id,
            PlanLeftOut.grid_id != grid_id,
            PlanLeftOut.enterprise_id.in_(planned),
        )
        .limit(1)
    )
    if lent is not None:
        raise Conflict("“{name}”已经请别的网格去了,先把它要回来,再撤销", name=lent)


def lock_stop(
    session: Session,
    principal: Principal,
    plan_id: int,
    grid_id: int,
    *,
    enterprise_id: int,
    level: LockLevel | None,
    seen: int,
    now: datetime,
) -> PlanEdit | None:
    """Fix a planned stop where it stands, or loosen it with `None`; it can be undone.

    `seen` is the number of the newest change on the planner's page. Returns `None` where the stop
    is so already.

    Raises
    ------
    Refused, NotFound, Conflict
        As `require_draft`; when somebody changed the week since, or it has no such stop.
    InvalidInput
        When the level is not one of a stop.
    """
    plan = require_draft(session, principal, plan_id)
    require_seen(session, plan, grid_id, seen)
    if enterprise_id not in read_grid(session, plan.id, grid_id).purposes:
        raise Conflict("这一周没有排这家企业,锁不住;请看看现在的样子")
    if level is LockLevel.ROUTE:
        raise InvalidInput("整条路线按天锁,不按企业锁")
    edit = _lock_edit(session, plan, grid_id, enterprise_id)
    if not fix_stop(session, plan, grid_id, enterprise_id, level):
        return None
    keep_edit(session, principal, plan, grid_id, edit, now=now)
    return edit


def lock_route(
    session: Session,
    principal: Principal,
    plan_id: int,
    grid_id: int,
    *,
    day: date,
    locked: bool,
    seen: int,
    now: datetime,
) -> PlanEdit | None:
    """Fix a day's whole route, an empty one too, or loosen it; it can be undone.

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
    edit = _lock_edit(session, plan, grid_id, None)
    if not fix_route(session, plan, grid_id, day, locked=locked):
        return None
    keep_edit(session, principal, plan, grid_id, edit, now=now)
    return edit


_WEEK_DAYS = 7


def _lock_edit(
    session: Session, plan: VisitPlan, grid_id: int, enterprise_id: int | None
) -> PlanEdit:
    """A change of locks alone: the orders stay."""
    orders = read_grid(session, plan.id, grid_id).orders
    locks = read_locks(session, plan.id, grid_id)
    before = WeekState(orders=orders, locks=locks.stops, locked_days=locks.days)
    return PlanEdit(
        kind=EditKind.LOCK,
        enterprise_id=enterprise_id,
        before=before.as_json(),
        after=orders_as_json(orders),
    )

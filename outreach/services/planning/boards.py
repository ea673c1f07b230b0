"""The plan board: a planner changes a draft by hand; nothing blocks, everything can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from outreach.domain.boards import (
    EditKind,
    Orders,
    WeekState,
    kind_of_edit,
    move_stop,
    orders_as_json,
)
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.services.administration.audit import write_audit
from outreach.services.planning.plan_locks import loosen_gone, read_locks, restore_locks
from outreach.services.planning.plan_rows import refresh_figures, replace_grid
from outreach.services.planning.solved_weeks import (
    SolvedWeek,
    count_broken,
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
    planned = {key for order in before.orders.values() for key in order}
    _require_here(session, plan, grid_id, planned)
    week = put_up_week(session, plan, grid_id, also=planned, orders=before.orders)
    edit.undone = True
    _rewrite(session, week)
    restore_locks(session, plan, grid_id, before.locks)
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
    _audit(session, principal, edit, action="undo_plan_edit", now=now)
    return edit


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


def find_undoable(session: Session, plan_id: int, grid_id: int) -> PlanEdit | None:
    """The newest change of a grid's week that stands."""
    return session.scalar(
        select(PlanEdit)
        .where(PlanEdit.plan_id == plan_id, PlanEdit.grid_id == grid_id, PlanEdit.undone.is_(False))
        .order_by(PlanEdit.number.desc())
        .limit(1)
    )


def write_edit(
    session: Session,
    principal: Principal,
    week: SolvedWeek,
    orders: Orders,
    *,
    kind: EditKind,
    now: datetime,
    enterprise_id: int | None = None,
) -> PlanEdit:
    """Make `orders` the grid's week and keep what it was before."""
    plan = week.visit_plan
    made = session.scalar(
        select(func.count()).where(
            PlanEdit.plan_id == plan.id, PlanEdit.grid_id == week.grid.grid_id
        )
    )
    edit = PlanEdit(
        district_id=plan.district_id,
        plan_id=plan.id,
        grid_id=week.grid.grid_id,
        number=(made or 0) + 1,
        kind=kind,
        enterprise_id=enterprise_id,
        before=_state(session, week).as_json(),
        after=orders_as_json(orders),
        undone=False,
        made_at=now,
        made_by=principal.account_id or None,
    )
    session.add(edit)
    also = {key for order in orders.values() for key in order} | set(week.names)
    _rewrite(session, put_up_week(session, plan, week.grid.grid_id, also=also, orders=orders))
    loosen_gone(session, plan.id, week.grid.grid_id)
    _audit(session, principal, edit, action="edit_plan", now=now)
    return edit


def _state(session: Session, week: SolvedWeek) -> WeekState:
    plan_id, grid_id = week.visit_plan.id, week.grid.grid_id
    locks = read_locks(session, plan_id, grid_id)
    reasons = select(PlanLeftOut.enterprise_id, PlanLeftOut.reason).where(
        PlanLeftOut.plan_id == plan_id, PlanLeftOut.enterprise_id.in_(week.names)
    )
    return WeekState(
        orders=week.orders,
        left_out=dict(session.execute(reasons).all()),
        locks=locks.stops,
        locked_days=locks.days,
    )


def _rewrite(session: Session, week: SolvedWeek) -> None:
    plan = week.visit_plan
    replace_grid(session, plan, week.grid, week.plan, week.rule, reasons=week.nobody_goes)
    key = str(week.grid.grid_id)
    violations = {**plan.figures.get("violations", {}), key: count_broken(week)}
    # A bound was worked out for the firms that the search had before it.
    bounds = {one: bound for one, bound in plan.figures.get("bounds", {}).items() if one != key}
    plan.figures = {**plan.figures, "violations": violations, "bounds": bounds}
    refresh_figures(session, plan)


def _audit(
    session: Session, principal: Principal, edit: PlanEdit, *, action: str, now: datetime
) -> None:
    write_audit(
        session,
        district_id=edit.district_id,
        account_id=principal.account_id or None,
        action=action,
        subject="visit_plan",
        subject_id=edit.plan_id,
        now=now,
        detail={"grid_id": edit.grid_id, "kind": edit.kind, "number": edit.number},
    )
    session.flush()

"""Changes of a grid's week in a draft as they are kept: each knows what was before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.boards import EditKind, Orders, WeekState, orders_as_json
from outreach.services.administration.audit import write_audit
from outreach.services.planning.plan_locks import loosen_gone, read_locks
from outreach.services.planning.plan_rows import refresh_figures, replace_grid
from outreach.services.planning.solved_weeks import SolvedWeek, count_broken, put_up_week
from outreach.storage.plans import PlanEdit, PlanLeftOut

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.storage.plans import VisitPlan


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
    plan, grid_id = week.visit_plan, week.grid.grid_id
    edit = PlanEdit(
        kind=kind,
        enterprise_id=enterprise_id,
        before=_state(session, week).as_json(),
        after=orders_as_json(orders),
    )
    keep_edit(session, principal, plan, grid_id, edit, now=now)
    also = {key for order in orders.values() for key in order} | set(week.names)
    rewrite_week(session, put_up_week(session, plan, grid_id, also=also, orders=orders))
    loosen_gone(session, plan.id, grid_id)
    return edit


def keep_edit(
    session: Session,
    principal: Principal,
    plan: VisitPlan,
    grid_id: int,
    edit: PlanEdit,
    *,
    now: datetime,
) -> None:
    """Store a change as the newest of the grid's week, and in the log."""
    made = session.scalar(
        select(func.count()).where(PlanEdit.plan_id == plan.id, PlanEdit.grid_id == grid_id)
    )
    edit.district_id, edit.plan_id, edit.grid_id = plan.district_id, plan.id, grid_id
    edit.number, edit.undone = (made or 0) + 1, False
    edit.made_at, edit.made_by = now, principal.account_id or None
    session.add(edit)
    _audit(session, principal, edit, action="edit_plan", now=now)


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


def rewrite_week(session: Session, week: SolvedWeek) -> None:
    """Store a grid's week with what it breaks and what it adds up to."""
    plan = week.visit_plan
    replace_grid(session, plan, week.grid, week.plan, week.rule, reasons=week.nobody_goes)
    key = str(week.grid.grid_id)
    violations = {**plan.figures.get("violations", {}), key: count_broken(week)}
    # A bound was worked out for the firms that the search had before it.
    bounds = {one: bound for one, bound in plan.figures.get("bounds", {}).items() if one != key}
    plan.figures = {**plan.figures, "violations": violations, "bounds": bounds}
    refresh_figures(session, plan)


def mark_undone(session: Session, principal: Principal, edit: PlanEdit, *, now: datetime) -> None:
    """Say of a change that it was taken back, there and in the log."""
    edit.undone = True
    _audit(session, principal, edit, action="undo_plan_edit", now=now)


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

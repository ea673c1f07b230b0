"""A draft that nobody needs: deleted with all that belongs to it, and put on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from outreach.domain.runs import RunKind, RunState
from outreach.errors import Conflict
from outreach.services.administration.audit import write_audit
from outreach.services.planning.solved_weeks import require_draft
from outreach.storage.plans import PlanEdit, PlanLeftOut, PlanLock, PlanRoute, PlanStop, VisitPlan
from outreach.storage.runs import Run

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal


def delete_draft(session: Session, principal: Principal, plan_id: int, *, now: datetime) -> date:
    """Delete a draft; returns its week. Versions that were made from it stay.

    Raises
    ------
    Refused, NotFound, Conflict
        As `require_draft`; also when it is being planned again.
    """
    plan = require_draft(session, principal, plan_id)
    if plan.published_at is not None:
        raise Conflict("发布过的版本不能删")
    if _is_worked_on(session, plan):
        raise Conflict("正在照这份草稿重新排,请等它完成再删")
    session.execute(
        update(VisitPlan).where(VisitPlan.based_on == plan.id).values(based_on=None),
        execution_options={"synchronize_session": False},
    )
    # Stops name their routes, so they go first.
    for table in (PlanStop, PlanRoute, PlanLeftOut, PlanLock, PlanEdit):
        session.execute(delete(table).where(table.plan_id == plan.id))
    write_audit(
        session,
        district_id=plan.district_id,
        account_id=principal.account_id or None,
        action="delete_plan",
        subject="visit_plan",
        subject_id=plan.id,
        now=now,
        detail={"week": plan.week.isoformat(), "version": plan.version, "name": plan.name},
    )
    week = plan.week
    session.delete(plan)
    session.flush()
    return week


def _is_worked_on(session: Session, plan: VisitPlan) -> bool:
    waiting = session.scalars(
        select(Run).where(
            Run.district_id == plan.district_id,
            Run.kind == RunKind.PLAN,
            Run.state.in_([RunState.QUEUED, RunState.RUNNING]),
        )
    )
    return any(run.parameters.get("replan", {}).get("plan_id") == plan.id for run in waiting)

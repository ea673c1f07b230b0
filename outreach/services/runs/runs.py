"""Long work: asked for, watched, cancelled, found again when its process died."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import or_, select, update

from outreach.domain.runs import STALE_AFTER, RunKind, RunState
from outreach.errors import InvalidInput, NotFound, Refused
from outreach.services.planning.plans import rule_to_json
from outreach.services.planning.replans import require_replannable
from outreach.storage.runs import Run

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.boards import ReplanMode
    from outreach.domain.borders import BorderRule
    from outreach.domain.plans import PlanRule


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as pages show it."""

    id: str
    kind: RunKind
    state: RunState
    done: int
    total: int
    message: str
    week: date | None
    plan_id: int | None
    upload_id: str
    result: dict[str, Any]
    asked_at: datetime
    seconds: float | None


def ask_for_plan(
    session: Session,
    principal: Principal,
    *,
    week: date,
    rule: PlanRule,
    now: datetime,
    name: str = "",
) -> str:
    """Ask for a week's plan; returns the run's id. The caller commits, then wakes a worker.

    `name` is that of a scenario; scenarios of one week may be asked for side by side.

    Raises
    ------
    Refused
        When the account does not plan.
    InvalidInput
        When the week does not begin on a Monday, or is being planned already.
    """
    if not principal.role.plans:
        raise Refused("只有规划人员可以排计划")
    if week.weekday() != 0:
        raise InvalidInput("计划的周要从周一开始,{week} 不是周一", week=week.isoformat())
    parameters: dict[str, Any] = {"week": week.isoformat(), "rule": rule_to_json(rule)}
    if name:
        parameters["name"] = name
    _require_idle(session, principal, week, parameters)
    return queue_run(session, principal, RunKind.PLAN, parameters, now=now)


def ask_for_replan(
    session: Session,
    principal: Principal,
    plan_id: int,
    *,
    mode: ReplanMode,
    now: datetime,
    only: Collection[int] = (),
) -> str:
    """Ask that a version be planned again into a new draft; returns the run's id.

    `only` are the grids to plan again, the others staying as they are; none given are all.

    Raises
    ------
    Refused, NotFound, InvalidInput
        When the account does not plan, there is no such version, or its week is being planned.
    """
    plan = require_replannable(session, principal, plan_id)
    parameters = {
        "week": plan.week.isoformat(),
        "replan": {"plan_id": plan.id, "mode": mode.value, "only": sorted(only)},
    }
    _require_idle(session, principal, plan.week, parameters)
    return queue_run(session, principal, RunKind.PLAN, parameters, now=now)


def ask_for_borders(
    session: Session, principal: Principal, rule: BorderRule, *, now: datetime
) -> str:
    """Ask for a proposal of other borders; returns the run's id.

    Raises
    ------
    Refused, InvalidInput
        When the account does not plan, or one is being worked out already.
    """
    if not principal.role.plans:
        raise Refused("只有规划人员可以算边界建议")
    busy = session.scalar(
        select(Run.id).where(
            Run.district_id == principal.district_id,
            Run.kind == RunKind.BORDERS,
            Run.state.in_([RunState.QUEUED, RunState.RUNNING]),
        )
    )
    if busy is not None:
        raise InvalidInput("边界建议正在算,请等它完成")
    return queue_run(session, principal, RunKind.BORDERS, {"rule": asdict(rule)}, now=now)


def _require_idle(
    session: Session, principal: Principal, week: date, parameters: dict[str, Any]
) -> None:
    """Refuse what is being worked out already; named scenarios only when it is the same one."""
    busy = session.scalars(
        select(Run).where(
            Run.district_id == principal.district_id,
            Run.kind == RunKind.PLAN,
            Run.state.in_([RunState.QUEUED, RunState.RUNNING]),
        )
    ).all()
    name = parameters.get("name", "")
    same = [run for run in busy if run.parameters["week"] == week.isoformat()]
    if any(run.parameters.get("name", "") == name for run in same):
        raise InvalidInput("{week} 这一周正在排计划,请等它完成", week=week.isoformat())


def ask_for_link(session: Session, principal: Principal, *, now: datetime) -> str:
    """Ask that the district's records be linked; one that waits already is not asked for twice.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    """
    if not principal.role.sees_district:
        raise Refused("只有区总工会和规划人员可以归并")
    waiting = session.scalar(
        select(Run.id).where(
            Run.district_id == principal.district_id,
            Run.kind == RunKind.LINK,
            Run.state == RunState.QUEUED,
        )
    )
    return waiting or queue_run(session, principal, RunKind.LINK, {}, now=now)


def queue_run(
    session: Session,
    principal: Principal,
    kind: RunKind,
    parameters: dict[str, Any],
    *,
    now: datetime,
) -> str:
    """Write down that something is to be done; returns the run's id."""
    run = Run(
        id=str(uuid4()),
        district_id=principal.district_id,
        kind=kind,
        state=RunState.QUEUED,
        parameters=parameters,
        message="",
        result=None,
        asked_by=principal.account_id or None,
        asked_at=now,
        started_at=None,
        heartbeat_at=None,
        ended_at=None,
    )
    session.add(run)
    session.flush()
    return run.id


def get_run(session: Session, principal: Principal, run_id: str) -> RunView:
    """Return a run of the account's district.

    Raises
    ------
    NotFound
        When there is none, or it belongs to another district.
    """
    run = session.get(Run, run_id)
    if run is None or run.district_id != principal.district_id or not principal.role.sees_district:
        raise NotFound("没有找到这次运行")
    return _view(run)


def list_runs(session: Session, principal: Principal, *, limit: int = 10) -> list[RunView]:
    """The newest runs of the account's district that plan."""
    runs = session.scalars(
        select(Run)
        .where(Run.district_id == principal.district_id, Run.kind == RunKind.PLAN)
        .order_by(Run.asked_at.desc())
        .limit(limit)
    )
    return [_view(run) for run in runs]


def cancel_run(session: Session, principal: Principal, run_id: str, *, now: datetime) -> None:
    """Stop a run at its next sign of life; a finished one stays as it is."""
    if not principal.role.sees_district:
        raise Refused("只有规划人员可以取消")
    run = get_run(session, principal, run_id)
    if run.kind in {RunKind.PLAN, RunKind.BORDERS} and not principal.role.plans:
        raise Refused("只有规划人员可以取消")
    session.execute(
        update(Run)
        .where(Run.id == run_id, Run.state.in_([RunState.QUEUED, RunState.RUNNING]))
        .values(state=RunState.CANCELLED, ended_at=now)
    )


def _view(run: Run) -> RunView:
    week = run.parameters.get("week")
    seconds = None
    if run.started_at is not None and run.ended_at is not None:
        seconds = (run.ended_at - run.started_at).total_seconds()
    return RunView(
        id=run.id,
        kind=RunKind(run.kind),
        state=RunState(run.state),
        done=run.done,
        total=run.total,
        message=run.message,
        week=date.fromisoformat(week) if week else None,
        plan_id=(run.result or {}).get("plan_id"),
        upload_id=run.parameters.get("upload", ""),
        result=run.result or {},
        asked_at=run.asked_at,
        seconds=seconds,
    )


def stale_runs(session: Session, *, now: datetime) -> list[str]:
    """Runs that wait or whose process died: a worker takes them up (again)."""
    waiting = Run.state == RunState.QUEUED
    dead = (Run.state == RunState.RUNNING) & (Run.heartbeat_at < now - STALE_AFTER)
    return list(session.scalars(select(Run.id).where(or_(waiting, dead)).order_by(Run.asked_at)))

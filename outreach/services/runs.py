"""Long work: asked for, carried out, taken up again when its process died."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import or_, select, update

from outreach.domain.runs import HEARTBEAT_S, MOST_ATTEMPTS, STALE_AFTER, RunKind, RunState
from outreach.errors import InvalidInput, NotFound, OutreachError, Refused
from outreach.services.plans import plan_week, rule_from_json, rule_to_json
from outreach.storage.runs import Run

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.plans import PlanRule
    from outreach.storage.database import Database

logger = logging.getLogger(__name__)


class RunCancelled(OutreachError):
    """A person stopped the run."""

    code = "E499"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as pages show it."""

    id: str
    state: RunState
    done: int
    total: int
    message: str
    week: date | None
    plan_id: int | None
    asked_at: datetime
    seconds: float | None


def ask_for_plan(
    session: Session, principal: Principal, *, week: date, rule: PlanRule, now: datetime
) -> str:
    """Ask for a week's plan; returns the run's id. The caller commits, then wakes a worker.

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
    busy = session.scalars(
        select(Run).where(
            Run.district_id == principal.district_id,
            Run.kind == RunKind.PLAN,
            Run.state.in_([RunState.QUEUED, RunState.RUNNING]),
        )
    )
    if any(run.parameters["week"] == week.isoformat() for run in busy):
        raise InvalidInput("{week} 这一周正在排计划,请等它完成", week=week.isoformat())
    run = Run(
        id=str(uuid4()),
        district_id=principal.district_id,
        kind=RunKind.PLAN,
        state=RunState.QUEUED,
        parameters={"week": week.isoformat(), "rule": rule_to_json(rule)},
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
    """The newest runs of the account's district."""
    runs = session.scalars(
        select(Run)
        .where(Run.district_id == principal.district_id)
        .order_by(Run.asked_at.desc())
        .limit(limit)
    )
    return [_view(run) for run in runs]


def cancel_run(session: Session, principal: Principal, run_id: str, *, now: datetime) -> None:
    """Stop a run at its next sign of life; a finished one stays as it is."""
    if not principal.role.plans:
        raise Refused("只有规划人员可以取消")
    get_run(session, principal, run_id)
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
        state=RunState(run.state),
        done=run.done,
        total=run.total,
        message=run.message,
        week=date.fromisoformat(week) if week else None,
        plan_id=(run.result or {}).get("plan_id"),
        asked_at=run.asked_at,
        seconds=seconds,
    )


def stale_runs(session: Session, *, now: datetime) -> list[str]:
    """Runs that wait or whose process died: a worker takes them up (again)."""
    waiting = Run.state == RunState.QUEUED
    dead = (Run.state == RunState.RUNNING) & (Run.heartbeat_at < now - STALE_AFTER)
    return list(session.scalars(select(Run.id).where(or_(waiting, dead)).order_by(Run.asked_at)))


def _take(session: Session, run_id: str, *, now: datetime) -> Run | None:
    """Claim a run in one statement, so that two workers never do the same one."""
    taken = session.scalar(
        update(Run)
        .where(
            Run.id == run_id,
            or_(
                Run.state == RunState.QUEUED,
                (Run.state == RunState.RUNNING) & (Run.heartbeat_at < now - STALE_AFTER),
            ),
        )
        .values(state=RunState.RUNNING, heartbeat_at=now, started_at=now, attempts=Run.attempts + 1)
        .returning(Run.id)
    )
    return session.get_one(Run, taken) if taken else None


def carry_out(
    database: Database, run_id: str, *, clock: Callable[[], datetime], processes: int
) -> None:
    """Do a run. Idempotent: a run that is done, cancelled or in other hands is left alone.

    The result is saved in the same transaction as the run's end, so that a killed worker leaves
    either a whole plan or none.
    """
    with database.transaction() as session:
        run = _take(session, run_id, now=clock())
        if run is None:
            return
        given_up = run.attempts > MOST_ATTEMPTS
        if given_up:
            run.state, run.ended_at = RunState.FAILED, clock()
            run.message = "试了几次都没有做完,请看日志"
        district_id, parameters, asked_by = run.district_id, dict(run.parameters), run.asked_by
    if given_up:
        return
    try:
        _make_plan(
            database, run_id, district_id, parameters, asked_by, clock=clock, processes=processes
        )
    except RunCancelled:
        logger.info("run %s was cancelled", run_id)
    except OutreachError as error:
        logger.warning("run %s failed: %s", run_id, error.code)
        _fail(database, run_id, error.template.format(**error.values), clock())
    except Exception:
        # The row is the truth: whatever went wrong must be seen on the page, then in the log.
        _fail(database, run_id, "出了意外的错,请看日志", clock())
        raise


def _make_plan(
    database: Database,
    run_id: str,
    district_id: int,
    parameters: dict[str, Any],
    asked_by: int | None,
    *,
    clock: Callable[[], datetime],
    processes: int,
) -> None:
    last = clock() - timedelta(seconds=HEARTBEAT_S)

    def on_progress(done: int, total: int) -> None:
        nonlocal last
        if done < total and (clock() - last).total_seconds() < HEARTBEAT_S:
            return
        last = clock()
        with database.transaction() as heartbeat:
            alive = heartbeat.scalar(
                update(Run)
                .where(Run.id == run_id, Run.state == RunState.RUNNING)
                .values(done=done, total=total, heartbeat_at=last)
                .returning(Run.id)
            )
        if alive is None:
            raise RunCancelled("已取消")

    with database.transaction() as session:
        report = plan_week(
            session,
            district_id=district_id,
            week=date.fromisoformat(parameters["week"]),
            rule=rule_from_json(parameters["rule"]),
            now=clock(),
            processes=processes,
            made_by=asked_by,
            on_progress=on_progress,
        )
        ended = session.scalar(
            update(Run)
            .where(Run.id == run_id, Run.state == RunState.RUNNING)
            .values(state=RunState.DONE, ended_at=clock(), result={"plan_id": report.plan_id})
            .returning(Run.id)
        )
        if ended is None:
            # Cancelled at the last moment: raising takes the plan back with the transaction.
            raise RunCancelled("已取消")


def _fail(database: Database, run_id: str, message: str, now: datetime) -> None:
    with database.transaction() as session:
        session.execute(
            update(Run)
            .where(Run.id == run_id, Run.state == RunState.RUNNING)
            .values(state=RunState.FAILED, message=message[:500], ended_at=now)
        )

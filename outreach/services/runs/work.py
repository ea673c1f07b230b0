"""Long work carried out: claimed once, with signs of life, its result and its end saved as one."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, update

from outreach.domain.boards import ReplanMode, WantedReplan
from outreach.domain.borders import BorderRule
from outreach.domain.calendar import CHINA
from outreach.domain.runs import HEARTBEAT_S, MOST_ATTEMPTS, STALE_AFTER, RunKind, RunState
from outreach.errors import OutreachError
from outreach.services.administration.district_settings import settings_on
from outreach.services.planning.plans import name_plan, plan_week, rule_from_json
from outreach.settings import Settings
from outreach.storage.runs import Run

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.storage.database import Database


logger = logging.getLogger(__name__)


class RunCancelled(OutreachError):
    """A person stopped the run."""

    code = "E499"


@dataclass(kw_only=True)
class Job:
    """A run in a worker's hands: what was asked, by whom, with what."""

    database: Database
    run_id: str
    kind: RunKind
    district_id: int
    parameters: dict[str, Any]
    asked_by: int | None
    clock: Callable[[], datetime]
    processes: int
    settings: Settings
    saving: Session | None = None
    last_beat: datetime | None = None

    def on_progress(self, done: int, total: int) -> None:
        """Give a sign of life.

        SQLite lets one connection write at a time: once the result is being written there are no
        more signs; the one worker that an embedded database has takes nothing up meanwhile.

        Raises
        ------
        RunCancelled
            When a person stopped the run.
        """
        now = self.clock()
        waited = self.last_beat is None or (now - self.last_beat).total_seconds() >= HEARTBEAT_S
        if (done < total and not waited) or self._holds_the_file():
            return
        self.last_beat = now
        with self.database.transaction() as heartbeat:
            alive = heartbeat.scalar(
                update(Run)
                .where(Run.id == self.run_id, Run.state == RunState.RUNNING)
                .values(done=done, total=total, heartbeat_at=now)
                .returning(Run.id)
            )
        if alive is None:
            raise RunCancelled("已取消")

    def _holds_the_file(self) -> bool:
        if self.saving is None or self.database.engine.dialect.name != "sqlite":
            return False
        return bool(self.saving.connection().connection.driver_connection.in_transaction)  # type: ignore[union-attr]


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
    database: Database,
    run_id: str,
    *,
    clock: Callable[[], datetime],
    processes: int,
    settings: Settings | None = None,
) -> None:
    """Do a run. Idempotent: a run that is done, cancelled or in other hands is left alone.

    The result is saved in the same transaction as the run's end, so that a killed worker leaves
    either a whole result or none.
    """
    job = _claim(database, run_id, clock=clock, processes=processes, settings=settings)
    if job is None:
        return
    try:
        _save(job, _prepare(job))
    except RunCancelled:
        logger.info("run %s was cancelled", run_id)
    except OutreachError as error:
        logger.warning("run %s failed: %s", run_id, error.code)
        _fail(database, run_id, error.template.format(**error.values), clock())
    except Exception:
        # The row is the truth: whatever went wrong must be seen on the page, then in the log.
        _fail(database, run_id, "出了意外的错,请看日志", clock())
        raise
    finally:
        if job.kind is RunKind.IMPORT:
            from outreach.services.registers.upload_files import remove_files

            remove_files(database, job.settings.instance)


def _claim(
    database: Database,
    run_id: str,
    *,
    clock: Callable[[], datetime],
    processes: int,
    settings: Settings | None,
) -> Job | None:
    with database.transaction() as session:
        run = _take(session, run_id, now=clock())
        if run is None:
            return None
        if run.attempts > MOST_ATTEMPTS:
            run.state, run.ended_at = RunState.FAILED, clock()
            run.message = "试了几次都没有做完,请看日志"
            return None
        return Job(
            database=database,
            run_id=run_id,
            kind=RunKind(run.kind),
            district_id=run.district_id,
            parameters=dict(run.parameters),
            asked_by=run.asked_by,
            clock=clock,
            processes=processes,
            settings=settings or Settings(),
        )


def _prepare(job: Job) -> Callable[[Session], dict[str, Any]]:
    """Do what needs no transaction; returns what is left to do in one."""
    if job.kind is RunKind.PLAN:
        return lambda session: _make_plan(session, job)
    if job.kind is RunKind.BORDERS:
        return lambda session: _propose_borders(session, job)
    if job.kind is RunKind.LINK:
        return lambda session: _link(session, job)
    if job.kind is RunKind.EXPORT:
        from outreach.services.desk.export_runs import prepare_export  # lazy: start-up time

        return prepare_export(job)
    from outreach.services.registers import upload_runs  # lazy: planning reads no workbooks

    read = job.kind is RunKind.READ
    return upload_runs.prepare_report(job) if read else upload_runs.prepare_import(job)


def _save(job: Job, save: Callable[[Session], dict[str, Any]]) -> None:
    with job.database.transaction() as session:
        job.saving = session
        result = save(session)
        ended = session.scalar(
            update(Run)
            .where(Run.id == job.run_id, Run.state == RunState.RUNNING)
            .values(state=RunState.DONE, ended_at=job.clock(), result=result)
            .returning(Run.id)
        )
        if ended is None:
            # Cancelled at the last moment: raising takes the result back with the transaction.
            raise RunCancelled("已取消")


def _make_plan(session: Session, job: Job) -> dict[str, Any]:
    if "replan" in job.parameters:
        return _replan(session, job)
    report = plan_week(
        session,
        district_id=job.district_id,
        week=date.fromisoformat(job.parameters["week"]),
        rule=rule_from_json(job.parameters["rule"]),
        now=job.clock(),
        processes=job.processes,
        made_by=job.asked_by,
        on_progress=job.on_progress,
    )
    if name := job.parameters.get("name"):
        name_plan(session, job.district_id, report.plan_id, name)
    return {"plan_id": report.plan_id}


def _replan(session: Session, job: Job) -> dict[str, Any]:
    from outreach.services.planning.replans import replan_week

    asked = job.parameters["replan"]
    draft = replan_week(
        session,
        district_id=job.district_id,
        plan_id=asked["plan_id"],
        wanted=WantedReplan(mode=ReplanMode(asked["mode"]), only=tuple(asked.get("only", ()))),
        now=job.clock(),
        processes=job.processes,
        made_by=job.asked_by,
        on_progress=job.on_progress,
    )
    return {"plan_id": draft.id}


def _propose_borders(session: Session, job: Job) -> dict[str, Any]:
    from outreach.services.grids.borders import propose_borders  # lazy: only this needs CP-SAT

    now = job.clock()
    proposal = propose_borders(
        session,
        district_id=job.district_id,
        rule=BorderRule(**job.parameters["rule"]),
        now=now,
        today=now.astimezone(CHINA).date(),
        made_by=job.asked_by,
        on_progress=job.on_progress,
    )
    return {"proposal_id": proposal.id}


def _link(session: Session, job: Job) -> dict[str, Any]:
    from outreach.services.linking.linking import link_district  # lazy: planning needs no linkage

    now = job.clock()
    today = now.astimezone(CHINA).date()
    settings = settings_on(session, job.district_id, job.settings, today)
    report = link_district(
        session,
        district_id=job.district_id,
        rule=settings.target,
        now=now,
        today=now.astimezone(CHINA).date(),
        settings=job.settings.linkage,
        on_progress=job.on_progress,
    )
    return {
        "enterprises": report.enterprises,
        "rows": report.rows_linked,
        "read": report.rows_read,
        "new": report.new,
        "targets_before": report.targets_before,
        "targets": report.targets,
    }


def _fail(database: Database, run_id: str, message: str, now: datetime) -> None:
    with database.transaction() as session:
        session.execute(
            update(Run)
            .where(Run.id == run_id, Run.state == RunState.RUNNING)
            .values(state=RunState.FAILED, message=message[:500], ended_at=now)
        )

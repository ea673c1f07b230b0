"""Long lists written by a worker: asked for, watched, given to who asked, forgotten after a day."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from outreach.domain.formations import Stage
from outreach.domain.headcounts import HeadcountClass
from outreach.domain.runs import RunKind, RunState
from outreach.domain.targets import Standing
from outreach.errors import Conflict, NotFound
from outreach.i18n import Language
from outreach.services.administration.accounts import principal_of
from outreach.services.desk.exports import ExportKind, ExportOrder, write_export
from outreach.services.enterprises.enterprise_lists import EnterpriseFilter, Freshness
from outreach.services.runs.runs import queue_run
from outreach.storage.accounts import Account
from outreach.storage.runs import Run

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from enum import StrEnum
    from pathlib import Path

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.services.runs.work import Job

KEPT = timedelta(hours=24)
MOST_WAITING = 3
"""Exports of one account that may wait or run at once."""

_KINDS: dict[str, type[StrEnum]] = {
    "standing": Standing,
    "headcount_class": HeadcountClass,
    "visited": Freshness,
    "stage": Stage,
    "reached": Stage,
}


def ask_for_export(
    session: Session, principal: Principal, order: ExportOrder, *, now: datetime
) -> str:
    """Ask for a file; returns the run's id. The caller commits, then wakes a worker.

    Raises
    ------
    Conflict
        When the account has several being written already.
    """
    waiting = session.scalar(
        select(func.count()).where(
            Run.asked_by == principal.account_id,
            Run.kind == RunKind.EXPORT,
            Run.state.in_([RunState.QUEUED, RunState.RUNNING]),
        )
    )
    if (waiting or 0) >= MOST_WAITING:
        raise Conflict("已经有 {count} 份文件在导出,请等它们做完", count=waiting or 0)
    parameters = {
        "filter": asdict(order.wanted),
        "kind": order.kind.value,
        "language": order.language.value,
        "today": order.today.isoformat(),
    }
    return queue_run(session, principal, RunKind.EXPORT, parameters, now=now)


def prepare_export(job: Job) -> Callable[[Session], dict[str, Any]]:
    """Write the file, with the rights that the account has now; its audit entry comes with it."""

    def save(session: Session) -> dict[str, Any]:
        account = session.get(Account, job.asked_by) if job.asked_by else None
        if account is None or account.disabled:
            raise NotFound("导出文件的账号已经停用")
        order = _order_of(job.parameters)
        file = write_export(
            session,
            principal_of(session, account),
            order,
            now=job.clock(),
            on_progress=job.on_progress,
        )
        folder = _folder(job.settings.instance)
        forget_files(folder, now=job.clock())
        (folder / job.run_id).write_bytes(file.content)
        return {"name": file.name, "rows": file.rows, "of": file.of, "kind": order.kind.value}

    return save


def _order_of(parameters: dict[str, Any]) -> ExportOrder:
    said: dict[str, Any] = {
        name: _KINDS[name](value) if name in _KINDS and value else value
        for name, value in parameters["filter"].items()
    }
    return ExportOrder(
        wanted=EnterpriseFilter(**said),
        kind=ExportKind(parameters["kind"]),
        language=Language(parameters["language"]),
        today=date.fromisoformat(parameters["today"]),
    )


def _folder(instance: Path) -> Path:
    folder = instance / "exports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def forget_files(folder: Path, *, now: datetime) -> None:
    """Delete files that are older than a day."""
    for path in folder.iterdir():
        if path.stat().st_mtime < (now - KEPT).timestamp():
            path.unlink(missing_ok=True)


def read_export(
    session: Session, principal: Principal, run_id: str, *, instance: Path
) -> tuple[str, ExportKind, bytes]:
    """The file that a run wrote: its name, its kind and its bytes.

    Raises
    ------
    NotFound
        When the account did not ask for it, it is not written yet, or was forgotten.
    """
    run = session.get(Run, run_id)
    own = run is not None and run.asked_by == principal.account_id
    if run is None or not own or run.kind != RunKind.EXPORT or run.state != RunState.DONE:
        raise NotFound("没有找到这份导出的文件")
    path = _folder(instance) / run_id
    if not path.is_file():
        raise NotFound("这份文件已经过了一天,删掉了,请再导出一次")
    result = run.result or {}
    return result["name"], ExportKind(result["kind"]), path.read_bytes()

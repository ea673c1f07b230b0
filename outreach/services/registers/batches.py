"""Delivered files as people see them: listed, taken back as a whole, and put in force again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from outreach.domain.sources import Source
from outreach.errors import NotFound
from outreach.services.administration.audit import write_audit
from outreach.services.administration.principals import require_importer
from outreach.storage.accounts import Account, AuditEntry
from outreach.storage.records import Batch, Issue

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLine:
    """One delivered file; `needs_link` tells that the last linking was before its last change."""

    id: int
    file_name: str
    source: Source
    as_of: date | None
    rows_read: int
    rows_held: int
    complete: bool
    received_at: datetime
    received_by: str
    undone_at: datetime | None
    undone_by: str
    issues: int = 0
    needs_link: bool = False


def list_batches(
    session: Session, principal: Principal, *, limit: int = 50, offset: int = 0
) -> tuple[list[BatchLine], int]:
    """One page of the delivered files, newest first, and how many there are; visits are no files.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    """
    require_importer(principal)
    files = (Batch.district_id == principal.district_id, Batch.source != Source.VISIT)
    total = session.scalar(select(func.count()).select_from(Batch).where(*files)) or 0
    found = session.scalars(
        select(Batch).where(*files).order_by(Batch.id.desc()).limit(limit).offset(offset)
    ).all()
    return _lines(session, principal.district_id, list(found)), total


def get_batch(session: Session, principal: Principal, batch_id: int) -> BatchLine:
    """One delivered file of the account's district.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    NotFound
        When there is none.
    """
    return _lines(session, principal.district_id, [_find(session, principal, batch_id)])[0]


def _find(session: Session, principal: Principal, batch_id: int) -> Batch:
    require_importer(principal)
    batch = session.get(Batch, batch_id)
    mine = batch is not None and batch.district_id == principal.district_id
    if batch is None or not mine or batch.source == Source.VISIT:
        raise NotFound("没有找到这份导入的文件")
    return batch


def _lines(session: Session, district_id: int, batches: list[Batch]) -> list[BatchLine]:
    ids = [batch.id for batch in batches]
    issues = dict(
        session.execute(
            select(Issue.batch_id, func.count())
            .where(Issue.batch_id.in_(ids))
            .group_by(Issue.batch_id)
        ).all()
    )
    who = _importers(session, ids)
    names = dict(
        session.execute(
            select(Account.id, Account.display_name).where(Account.district_id == district_id)
        ).all()
    )
    changed = _last_change(session, district_id, ids)
    linked = _last_linking(session, district_id)
    return [
        BatchLine(
            id=batch.id,
            file_name=batch.file_name,
            source=Source(batch.source),
            as_of=batch.as_of,
            rows_read=batch.rows_read,
            rows_held=batch.rows_held,
            complete=batch.complete,
            received_at=batch.received_at,
            received_by=names.get(who.get(batch.id, 0), ""),
            undone_at=batch.undone_at,
            undone_by=names.get(batch.undone_by or 0, ""),
            issues=issues.get(batch.id, 0),
            needs_link=not linked or changed.get(batch.id, 0) > linked,
        )
        for batch in batches
    ]


def _last_change(session: Session, district_id: int, batch_ids: list[int]) -> dict[int, int]:
    """Batch -> the number of the audit entry about its import, its undoing or its redoing."""
    query = (
        select(AuditEntry.subject_id, func.max(AuditEntry.id))
        .where(
            AuditEntry.district_id == district_id,
            AuditEntry.subject == "batch",
            AuditEntry.action.in_(["import", "undo_import", "redo_import"]),
            AuditEntry.subject_id.in_([str(batch_id) for batch_id in batch_ids]),
        )
        .group_by(AuditEntry.subject_id)
    )
    return {int(batch): entry for batch, entry in session.execute(query)}


def _last_linking(session: Session, district_id: int) -> int:
    """The number of the audit entry about the last linking, 0 before the first."""
    query = select(func.max(AuditEntry.id)).where(
        AuditEntry.district_id == district_id, AuditEntry.action == "link"
    )
    return session.scalar(query) or 0


def _importers(session: Session, batch_ids: list[int]) -> dict[int, int]:
    query = select(AuditEntry.subject_id, AuditEntry.account_id).where(
        AuditEntry.action == "import",
        AuditEntry.subject == "batch",
        AuditEntry.subject_id.in_([str(batch_id) for batch_id in batch_ids]),
        AuditEntry.account_id.is_not(None),
    )
    return {int(batch): account for batch, account in session.execute(query) if account}


def undo_import(session: Session, principal: Principal, batch_id: int, *, now: datetime) -> bool:
    """Take a delivered file back: it stays as received, but nothing in it counts any more.

    Returns whether that changed anything. The enterprise file follows with the next linking.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    NotFound
        When there is no such file.
    """
    batch = _find(session, principal, batch_id)
    undone = session.scalar(
        update(Batch)
        .where(Batch.id == batch.id, Batch.undone_at.is_(None))
        .values(undone_at=now, undone_by=principal.account_id or None)
        .returning(Batch.id)
    )
    return _changed(session, principal, batch, "undo_import", undone, now)


def redo_import(session: Session, principal: Principal, batch_id: int, *, now: datetime) -> bool:
    """Put a file that was taken back in force again; returns whether that changed anything.

    Raises
    ------
    Refused, NotFound
        As `undo_import`.
    """
    batch = _find(session, principal, batch_id)
    again = session.scalar(
        update(Batch)
        .where(Batch.id == batch.id, Batch.undone_at.is_not(None))
        .values(undone_at=None, undone_by=None)
        .returning(Batch.id)
    )
    return _changed(session, principal, batch, "redo_import", again, now)


def _changed(
    session: Session,
    principal: Principal,
    batch: Batch,
    action: str,
    found: int | None,
    now: datetime,
) -> bool:
    session.refresh(batch)
    if found is None:
        return False
    write_audit(
        session,
        district_id=batch.district_id,
        account_id=principal.account_id or None,
        action=action,
        subject="batch",
        subject_id=batch.id,
        now=now,
        detail={"sha256": batch.sha256},
    )
    return True

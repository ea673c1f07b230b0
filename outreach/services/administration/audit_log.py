"""The log as the auditor reads it: filtered, paged, exported, and itself on record."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from outreach.domain.accounts import Role
from outreach.domain.audit import ACTIONS, SUBJECTS
from outreach.domain.calendar import CHINA
from outreach.errors import Refused
from outreach.services.administration.audit import write_audit
from outreach.services.registers.workbooks import safe_text
from outreach.storage.accounts import Account, AuditEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session
    from sqlalchemy.sql import Select

    from outreach.domain.accounts import Principal

MOST_EXPORTED = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries; empty values do not filter, both days are included."""

    login: str = ""
    action: str = ""
    subject: str = ""
    subject_id: str = ""
    first: date | None = None
    last: date | None = None

    def as_detail(self) -> dict[str, object]:
        """What the log keeps of a look at it."""
        days = {"first": self.first, "last": self.last}
        texts = {
            "login": self.login,
            "action": self.action,
            "subject": self.subject,
            "subject_id": self.subject_id,
        }
        found: dict[str, object] = {key: value for key, value in texts.items() if value}
        return found | {key: day.isoformat() for key, day in days.items() if day}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One entry; an empty login is the command line or the worker process."""

    id: int
    at: datetime
    login: str
    name: str
    role: Role | None
    action: str
    subject: str
    subject_id: str
    detail: Mapping[str, Any]


def list_entries(
    session: Session,
    principal: Principal,
    wanted: AuditFilter,
    *,
    now: datetime,
    limit: int,
    offset: int = 0,
) -> tuple[list[AuditLine], int]:
    """One page of the district's log, the newest first; the look itself is put on record.

    Raises
    ------
    Refused
        When the role is not the auditor's.
    """
    _require_auditor(principal)
    query = _entries(principal.district_id, wanted)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    lines = [_line(*row) for row in session.execute(query.limit(limit).offset(offset))]
    _audit(session, principal, "read_audit", wanted, now, {"of": total})
    return lines, total


def list_words(session: Session, principal: Principal) -> tuple[list[str], list[str]]:
    """The actions and the subjects that the district's log knows.

    Raises
    ------
    Refused
        When the role is not the auditor's.
    """
    _require_auditor(principal)
    own = AuditEntry.district_id == principal.district_id
    actions = session.scalars(select(AuditEntry.action).where(own).distinct())
    subjects = session.scalars(select(AuditEntry.subject).where(own).distinct())
    return sorted(actions), sorted(subjects)


def _entries(district_id: int, wanted: AuditFilter) -> Select[AuditEntry, str, str, str]:
    query = (
        select(AuditEntry, Account.login, Account.display_name, Account.role)
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .where(AuditEntry.district_id == district_id)
        .order_by(AuditEntry.id.desc())
    )
    if wanted.login:
        query = query.where(Account.login == wanted.login)
    for column, value in (
        (AuditEntry.action, wanted.action),
        (AuditEntry.subject, wanted.subject),
        (AuditEntry.subject_id, wanted.subject_id),
    ):
        if value:
            query = query.where(column == value)
    if wanted.first:
        query = query.where(AuditEntry.at >= _midnight(wanted.first))
    if wanted.last:
        query = query.where(AuditEntry.at < _midnight(wanted.last + timedelta(days=1)))
    return query


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _line(entry: AuditEntry, login: str | None, name: str | None, role: str | None) -> AuditLine:
    return AuditLine(
        id=entry.id,
        at=entry.at,
        login=login or "",
        name=name or "",
        role=Role(role) if role else None,
        action=entry.action,
        subject=entry.subject,
        subject_id=entry.subject_id,
        detail=entry.detail,
    )


def export_entries(
    session: Session,
    principal: Principal,
    wanted: AuditFilter,
    *,
    now: datetime,
    say: Callable[[str], str],
) -> bytes:
    """The filtered log as CSV with a byte order mark; no cell is read as a formula.

    At most `MOST_EXPORTED` entries, the newest; the export is put on record with both numbers.

    Raises
    ------
    Refused
        When the role is not the auditor's.
    """
    _require_auditor(principal)
    query = _entries(principal.district_id, wanted)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = [_line(*row) for row in session.execute(query.limit(MOST_EXPORTED))]
    _audit(session, principal, "export_audit", wanted, now, {"of": total, "lines": len(rows)})
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [say(title) for title in ("时间", "用户名", "姓名", "做了什么", "对象", "编号", "细节")]
    )
    for one in rows:
        cells = (
            one.at.astimezone(CHINA).isoformat(sep=" ", timespec="seconds"),
            one.login,
            one.name,
            say(ACTIONS.get(one.action, one.action)),
            say(SUBJECTS.get(one.subject, one.subject)),
            one.subject_id,
            json.dumps(dict(one.detail), ensure_ascii=False),
        )
        writer.writerow([safe_text(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def _require_auditor(principal: Principal) -> None:
    if not principal.role.reads_audit:
        raise Refused("操作记录只给审计员看")


def _audit(
    session: Session,
    principal: Principal,
    action: str,
    wanted: AuditFilter,
    now: datetime,
    detail: dict[str, object],
) -> None:
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id,
        action=action,
        subject="audit",
        subject_id=principal.district_id,
        now=now,
        detail={**wanted.as_detail(), **detail},
    )

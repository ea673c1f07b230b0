"""The audit log: who changed what, who was shown whose personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.storage.accounts import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal


def write_audit(
    session: Session,
    *,
    district_id: int,
    account_id: int | None,
    action: str,
    subject: str,
    subject_id: object,
    now: datetime,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Append one entry in the caller's transaction: change and entry stand or fall together.

    `account_id` is `None` for the command line. `detail` never holds personal data.
    """
    session.add(
        AuditEntry(
            district_id=district_id,
            account_id=account_id,
            action=action,
            subject=subject,
            subject_id=str(subject_id),
            at=now,
            detail=dict(detail or {}),
        )
    )


def audit_as(
    session: Session,
    principal: Principal,
    action: str,
    subject_id: object,
    now: datetime,
    detail: Mapping[str, object] | None = None,
    *,
    subject: str,
) -> None:
    """Append one entry for who acts, as `write_audit`; the command line has no account."""
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action=action,
        subject=subject,
        subject_id=subject_id,
        now=now,
        detail=detail,
    )

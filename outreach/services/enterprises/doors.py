"""How to find a firm's door: written by the grid worker, kept with the firm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.doors import LONGEST_DOOR_NOTE
from outreach.errors import InvalidInput, NotFound, Refused
from outreach.services.administration.audit import write_audit
from outreach.services.enterprises.enterprises import get_enterprise
from outreach.storage.days import DoorNote
from outreach.storage.enterprises import Member

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal


def load_door_notes(session: Session, enterprise_ids: Sequence[int]) -> dict[int, str]:
    """The newest note of each enterprise, over all of its records; none where it was emptied."""
    query = (
        select(Member.enterprise_id, DoorNote.text)
        .join(DoorNote, DoorNote.record_id == Member.record_id)
        .where(Member.enterprise_id.in_(enterprise_ids))
        .order_by(DoorNote.written_at, DoorNote.id)
    )
    return {key: text for key, text in dict(session.execute(query).all()).items() if text}


def write_door_note(
    session: Session, principal: Principal, enterprise_id: int, text: str, *, now: datetime
) -> str:
    """Write how a firm's door is found; an empty text takes the note away. Former ones are kept.

    Raises
    ------
    Refused, NotFound
        When the account is no grid worker's, or the firm is not in her grid.
    InvalidInput
        When the text is too long.
    """
    if not principal.role.records_visits:
        raise Refused("只有网格员可以写找门说明")
    enterprise = get_enterprise(session, principal, enterprise_id)
    text = " ".join(text.split())
    if len(text) > LONGEST_DOOR_NOTE:
        raise InvalidInput(
            "“{field}”有 {length} 个字,最多 {most} 个",
            field="找门说明",
            length=len(text),
            most=LONGEST_DOOR_NOTE,
        )
    if load_door_notes(session, [enterprise.id]).get(enterprise.id, "") == text:
        return text
    record_id = enterprise.home_record_id or session.scalar(
        select(func.min(Member.record_id)).where(Member.enterprise_id == enterprise.id)
    )
    if record_id is None:
        raise NotFound("没有找到这家企业的登记行,请先归并")
    session.add(
        DoorNote(
            district_id=principal.district_id,
            record_id=record_id,
            text=text,
            account_id=principal.account_id,
            written_at=now,
        )
    )
    session.flush()
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id,
        action="write_door_note",
        subject="enterprise",
        subject_id=enterprise.id,
        now=now,
    )
    return text

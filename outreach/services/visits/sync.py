"""What phones send later: taken as a visit, or kept whole for a person; never lost, never doubled.

A phone deletes a record only after a receipt with the digest of what was stored here. Whatever is
wrong with a record, it is kept (`HeldVisit`) and acknowledged, so that it never blocks the rest.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from outreach.domain.visits import CLOCK_TRUSTED_WITHIN, HoldReason
from outreach.errors import Conflict, InvalidInput, NotFound, OutreachError, Refused
from outreach.services.administration.audit import write_audit
from outreach.services.visits.attachments import is_kept
from outreach.services.visits.named_firms import OtherFirm, firm_meant
from outreach.services.visits.visit_content import digest_of, parse_visit, read_uuid
from outreach.services.visits.visits import Sent, record_visit, revise_visit
from outreach.storage import visits as table
from outreach.storage.days import DayChange

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.targets import TargetRule
    from outreach.domain.visits import Visit

logger = logging.getLogger(__name__)

MOST_KNOWN = 2000
"""Records that a phone may ask about at once: thirty days of more than sixty visits."""


class Stored(StrEnum):
    """What became of a record."""

    VISIT = "visit"
    HELD = "held"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReceipt:
    """The answer to one record; `reason` says why it waits for a person, if it does."""

    uuid: str
    sha256: str
    stored: Stored
    is_new: bool
    reason: HoldReason | None = None
    problem: OutreachError | None = None


def receive_visit(
    session: Session,
    principal: Principal,
    uuid_text: str,
    body: bytes,
    *,
    phone_now: datetime | None,
    rule: TargetRule,
    now: datetime,
) -> SyncReceipt:
    """Take one record of a phone's queue.

    `phone_now` is the phone's clock at the moment of sending. A clock that is wrong is corrected,
    never a reason to refuse.

    Raises
    ------
    InvalidInput
        When `uuid_text` is no uuid: nothing can be acknowledged then.
    Refused
        When the account records no visits.
    """
    if not principal.role.records_visits:
        raise Refused("只有网格员可以记录走访")
    uuid = read_uuid(uuid_text)
    try:
        content = _read(body, uuid)
    except InvalidInput as error:
        digest = hashlib.sha256(body).hexdigest()
        return _hold(session, principal, uuid, body, digest, HoldReason.UNREADABLE, error, now)
    digest = digest_of(content)
    if held := _find_held(session, uuid, digest):
        reason = HoldReason(held.reason)
        return _held_receipt(held, reason, is_new=False)
    try:
        return _take_once(
            session, principal, content, digest, phone_now=phone_now, rule=rule, now=now
        )
    except (InvalidInput, NotFound, Refused, Conflict) as error:
        return _hold(session, principal, uuid, body, digest, _reason(error), error, now)


def _read(body: bytes, uuid: UUID) -> dict[str, Any]:
    try:
        content = json.loads(body.decode())
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InvalidInput("这条记录读不出来") from error
    if not isinstance(content, dict):
        raise InvalidInput("这条记录读不出来")
    if str(content.get("uuid", "")).lower() != str(uuid):
        raise InvalidInput("记录里的编号和发送的编号不一样")
    return content


def _take_once(
    session: Session,
    principal: Principal,
    content: dict[str, Any],
    digest: str,
    *,
    phone_now: datetime | None,
    rule: TargetRule,
    now: datetime,
) -> SyncReceipt:
    """Store it; when another tab does the same at this moment, its result is the answer."""
    moment, skew_s = settle_moment(content, phone_now, now)
    visit = parse_visit({**content, "visited_at": moment.isoformat()}, now=now)
    sent = Sent(content=content, sha256=digest, skew_s=skew_s)
    corrects = str(content.get("corrects") or "")
    if not corrects:
        visit = replace(visit, enterprise_id=_firm_of(session, principal, visit, content))
    for attempt in (1, 2):
        try:
            with session.begin_nested():
                receipt = (
                    revise_visit(
                        session,
                        principal,
                        visit,
                        corrects=corrects,
                        based_on=str(content.get("based_on") or ""),
                        sent=sent,
                        rule=rule,
                        now=now,
                    )
                    if corrects
                    else record_visit(session, principal, visit, rule=rule, now=now, sent=sent)
                )
                session.flush()
            break
        except IntegrityError:
            if attempt == 2:  # noqa: PLR2004 the second time it is no race
                raise
            logger.info("visit %s came in twice at one moment", visit.uuid)
    return SyncReceipt(
        uuid=receipt.uuid, sha256=receipt.sha256, stored=Stored.VISIT, is_new=receipt.is_new
    )


def _firm_of(
    session: Session, principal: Principal, visit: Visit, content: Mapping[str, Any]
) -> int:
    return firm_meant(session, principal, visit.enterprise_id, str(content.get("firm_name") or ""))


def settle_moment(
    content: Mapping[str, Any], phone_now: datetime | None, now: datetime
) -> tuple[datetime, int]:
    """When the visit was, by the server's clock, and by how many seconds the phone's was ahead.

    A phone that knew the server's clock when it saved says by how much its own was off
    (`clock_ahead_s`); otherwise its clock at the moment of sending tells. A moment that still
    cannot be (in the future, or no moment at all) becomes the moment of receipt.
    """
    skew = timedelta(0)
    ahead = content.get("clock_ahead_s")
    if isinstance(ahead, int) and abs(ahead) < _LONGEST_SKEW_S:
        skew = timedelta(seconds=ahead)
    elif phone_now is not None:
        skew = phone_now - now
    if abs(skew) <= CLOCK_TRUSTED_WITHIN:
        skew = timedelta(0)
    try:
        said = datetime.fromisoformat(str(content.get("visited_at") or ""))
        moment = (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC) - skew
    except (ValueError, OverflowError):
        return now, 0
    if not now - _LONGEST_WAIT <= moment <= now + CLOCK_TRUSTED_WITHIN:
        return now, int(skew.total_seconds() or (said.astimezone(UTC) - now).total_seconds())
    return min(moment, now), int(skew.total_seconds())


_LONGEST_SKEW_S = 2**31 - 1
_LONGEST_WAIT = timedelta(days=365)
"""A visit that waited longer on a phone is dated by its receipt."""


def _reason(error: OutreachError) -> HoldReason:
    if isinstance(error, NotFound):
        return HoldReason.NOT_IN_GRID
    if isinstance(error, OtherFirm):
        return HoldReason.OTHER_FIRM
    if isinstance(error, Conflict):
        return HoldReason.CONFLICT
    return HoldReason.TOO_LATE if isinstance(error, Refused) else HoldReason.INVALID


def _find_held(session: Session, uuid: UUID, digest: str) -> table.HeldVisit | None:
    return session.scalar(
        select(table.HeldVisit).where(
            table.HeldVisit.uuid == str(uuid), table.HeldVisit.sha256 == digest
        )
    )


def _hold(
    session: Session,
    principal: Principal,
    uuid: UUID,
    body: bytes,
    digest: str,
    reason: HoldReason,
    problem: OutreachError,
    now: datetime,
) -> SyncReceipt:
    """Keep the record whole for a person; the same one a second time adds nothing."""
    held = table.HeldVisit(
        district_id=principal.district_id,
        uuid=str(uuid),
        account_id=principal.account_id,
        reason=reason,
        message=problem.template.format(**problem.values)[:500],
        # Bytes that are no UTF-8, and NUL, fit into no database text: they are spelled out.
        body=body.decode("utf-8", "backslashreplace").replace("\x00", "\\x00"),
        sha256=digest,
        received_at=now,
        settled_at=None,
        settled_by=None,
    )
    try:
        with session.begin_nested():
            session.add(held)
            write_audit(
                session,
                district_id=principal.district_id,
                account_id=principal.account_id,
                action="hold_visit",
                subject="held_visit",
                subject_id=uuid,
                now=now,
                detail={"reason": reason.value},
            )
    except IntegrityError:
        known = _find_held(session, uuid, digest)
        if known is None:
            raise
        return replace(_held_receipt(known, reason, is_new=False), problem=problem)
    return replace(_held_receipt(held, reason, is_new=True), problem=problem)


def _held_receipt(held: table.HeldVisit, reason: HoldReason, *, is_new: bool) -> SyncReceipt:
    return SyncReceipt(
        uuid=held.uuid,
        sha256=held.sha256,
        stored=Stored.CONFLICT if reason is HoldReason.CONFLICT else Stored.HELD,
        is_new=is_new,
        reason=reason,
    )


def find_unknown(
    session: Session, principal: Principal, folder: Path, records: Mapping[str, str]
) -> list[str]:
    """Those of a phone's sent records (uuid -> digest) that this server does not have.

    Visits, their versions, held records, attachments (with their files, which lie in the instance's
    `folder`) and changes of days.

    After a restored backup a phone sends them again.

    Raises
    ------
    InvalidInput
        When there are too many at once.
    """
    if len(records) > MOST_KNOWN:
        raise InvalidInput(
            "一次最多核对 {most} 条,现在是 {count} 条", most=MOST_KNOWN, count=len(records)
        )
    wanted = {uuid.lower(): digest for uuid, digest in records.items()}
    known: set[tuple[str, str]] = set()
    for kind in (table.Visit, table.VisitRevision, table.HeldVisit):
        query = select(kind.uuid, kind.sha256).where(
            kind.uuid.in_(wanted), kind.account_id == principal.account_id
        )
        known |= {(uuid, digest) for uuid, digest in session.execute(query)}
    attached = select(table.Attachment).where(
        table.Attachment.uuid.in_(wanted), table.Attachment.account_id == principal.account_id
    )
    known |= {
        (row.uuid, row.sha256)
        for row in session.scalars(attached)
        if is_kept(folder, row.stored_sha256)
    }
    changes = select(DayChange.uuid, DayChange.content).where(
        DayChange.uuid.in_(wanted), DayChange.account_id == principal.account_id
    )
    known |= {(uuid, digest_of(content)) for uuid, content in session.execute(changes)}
    return sorted(uuid for uuid, digest in wanted.items() if (uuid, digest) not in known)

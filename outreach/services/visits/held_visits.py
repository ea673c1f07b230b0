"""What phones sent and nobody could take yet, and the files that they save in need."""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from sqlalchemy import func, select

from outreach.domain.visits import HoldReason, Settlement, VisitResult
from outreach.errors import Conflict, InvalidInput, NotFound, OutreachError, Refused
from outreach.services.administration.accounts import principal_of
from outreach.services.administration.audit import write_audit
from outreach.services.visits.attachments import AttachmentKind, receive_attachment
from outreach.services.visits.named_firms import firm_meant
from outreach.services.visits.sync import Stored, receive_visit, settle_moment
from outreach.services.visits.visit_content import digest_of, parse_visit
from outreach.services.visits.visits import Sent, record_visit, revise_visit
from outreach.storage.accounts import Account
from outreach.storage.enterprises import Enterprise
from outreach.storage.visits import HeldVisit, Visit, VisitRevision

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.targets import TargetRule

FORMAT = "visit-queue/1"
LARGEST_QUEUE_FILE = 64 * 1024 * 1024
"""Bytes: thirty days of a phone with two photos a visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine:
    """One held record; `readable` says whether it can be accepted at all."""

    id: int
    worker: str
    enterprise: str
    result: VisitResult | None
    reason: HoldReason
    message: str
    received_at: datetime
    readable: bool


def list_held(
    session: Session, principal: Principal, *, limit: int, offset: int
) -> tuple[list[HeldLine], int]:
    """The open held records of the district, the oldest first, and how many there are."""
    _require_district(principal)
    mine = (HeldVisit.district_id == principal.district_id, HeldVisit.settled_at.is_(None))
    total = session.scalar(select(func.count()).select_from(HeldVisit).where(*mine)) or 0
    rows = session.execute(
        select(HeldVisit, Account.display_name)
        .join(Account, Account.id == HeldVisit.account_id)
        .where(*mine)
        .order_by(HeldVisit.received_at, HeldVisit.id)
        .limit(limit)
        .offset(offset)
    ).all()
    return [_line(session, principal, held, worker) for held, worker in rows], total


def _line(session: Session, principal: Principal, held: HeldVisit, worker: str) -> HeldLine:
    content = _content(held)
    key = content.get("enterprise_id") if content else None
    if content and (corrected := session.get(Visit, str(content.get("corrects") or ""))):
        key = corrected.enterprise_id
    firm = session.get(Enterprise, key) if isinstance(key, int) and 0 < key < _KEYS else None
    known = content.get("result") if content else None
    return HeldLine(
        id=held.id,
        worker=worker,
        enterprise=firm.name if firm and firm.district_id == principal.district_id else "",
        result=VisitResult(known) if known in set(VisitResult) else None,
        reason=HoldReason(held.reason),
        message=held.message,
        received_at=held.received_at,
        readable=content is not None,
    )


_KEYS = 2**31


def _content(held: HeldVisit) -> dict[str, Any] | None:
    try:
        content = json.loads(held.body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def accept_held(
    session: Session, principal: Principal, held_id: int, *, rule: TargetRule, now: datetime
) -> str:
    """Take a held record as a visit of its author after all; returns the visit's uuid.

    A correction corrects its visit, however late it came and whatever stands there now. Whether the
    firm is in the author's grid no longer matters; the content must still be right.

    Raises
    ------
    InvalidInput, NotFound
        When the content cannot be a visit, or names no firm of the district.
    OtherFirm
        When its number is another firm's, and no one firm of the district has its firm's name.
    """
    held = _open_one(session, principal, held_id)
    content = _content(held)
    if content is None:
        raise InvalidInput("这条记录读不出来")
    author = principal_of(session, session.get_one(Account, held.account_id))
    moment, skew = settle_moment(content, None, held.received_at)
    uuid = UUID(held.uuid)
    if any(session.get(kind, held.uuid) is not None for kind in (Visit, VisitRevision)):
        uuid = uuid5(uuid, held.sha256)
    visit = parse_visit(
        {**content, "uuid": str(uuid), "visited_at": moment.isoformat()}, now=held.received_at
    )
    sent = Sent(content=content, sha256=digest_of(content), skew_s=skew)
    if corrects := str(content.get("corrects") or ""):
        revise_visit(
            session,
            author,
            visit,
            corrects=corrects,
            based_on=None,
            sent=sent,
            rule=rule,
            now=now,
        )
        _settle(session, principal, held, Settlement.ACCEPTED, now)
        return corrects
    named = str(content.get("firm_name") or "")
    meant = firm_meant(session, principal, visit.enterprise_id, named)
    visit = replace(visit, enterprise_id=meant)
    firm = session.get(Enterprise, meant)
    if firm is None or firm.district_id != principal.district_id:
        raise NotFound("没有找到这家企业")
    for_this_firm = replace(author, grid_id=firm.grid_id)
    record_visit(session, for_this_firm, visit, rule=rule, now=now, sent=sent)
    _settle(session, principal, held, Settlement.ACCEPTED, now)
    return str(uuid)


def set_aside(session: Session, principal: Principal, held_id: int, *, now: datetime) -> None:
    """Leave a held record as it is: nothing is deleted, it only no longer waits."""
    _settle(session, principal, _open_one(session, principal, held_id), Settlement.SET_ASIDE, now)


def _open_one(session: Session, principal: Principal, held_id: int) -> HeldVisit:
    _require_district(principal)
    held = session.get(HeldVisit, held_id)
    if held is None or held.district_id != principal.district_id:
        raise NotFound("没有找到这条记录")
    if held.settled_at is not None:
        raise Conflict("这条记录已经处理过了")
    return held


def _settle(
    session: Session, principal: Principal, held: HeldVisit, how: Settlement, now: datetime
) -> None:
    held.settled_at, held.settled_by = now, principal.account_id or None
    held.settlement = how
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action="settle_held_visit",
        subject="held_visit",
        subject_id=held.id,
        now=now,
        detail={"settlement": how.value},
    )


def _require_district(principal: Principal) -> None:
    if not principal.role.sees_district:
        raise Refused("只有区总工会可以处理这些记录")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFileReport:
    """What became of a phone's file: `records` = taken + known + waiting + refused."""

    records: int
    taken: int
    known: int
    waiting: int
    refused: tuple[OutreachError, ...]
    attachments: int


def read_queue_file(
    session: Session,
    principal: Principal,
    folder: Path,
    data: bytes,
    *,
    rule: TargetRule,
    now: datetime,
) -> QueueFileReport:
    """Take the visits of a file that a phone saved, each under its author's own account.

    An account that was closed meanwhile still counts as the author: what she recorded is not lost.

    Raises
    ------
    InvalidInput
        When the file is no phone's file; nothing is taken then.
    """
    _require_district(principal)
    file = _parse_file(data)
    counts: Counter[str] = Counter()
    refused: list[OutreachError] = []
    authors: dict[str, Principal] = {}
    for record in file["records"]:
        try:
            author = _author(session, principal, record, authors)
            receipt = receive_visit(
                session,
                author,
                str(record.get("uuid", "")),
                str(record.get("body", "")).encode("utf-8", "surrogatepass"),
                phone_now=None,
                rule=rule,
                now=now,
            )
        except OutreachError as error:
            refused.append(error)
            continue
        held = receipt.stored is not Stored.VISIT
        counts["waiting" if held else "taken" if receipt.is_new else "known"] += 1
    for attached in file["attachments"]:
        try:
            author = _author(session, principal, attached, authors)
            counts["attachments"] += _take_attachment(session, author, folder, attached, now)
        except OutreachError as error:
            refused.append(error)
    return QueueFileReport(
        records=len(file["records"]),
        taken=counts["taken"],
        known=counts["known"],
        waiting=counts["waiting"],
        refused=tuple(refused),
        attachments=counts["attachments"],
    )


def _parse_file(data: bytes) -> dict[str, list[dict[str, Any]]]:
    try:
        file = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("这不是手机存的走访文件,请选手机上“存成文件”得到的那个文件") from error
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise InvalidInput("这不是手机存的走访文件,请选手机上“存成文件”得到的那个文件")
    parts = {}
    for name in ("records", "attachments"):
        rows = file.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise InvalidInput("这不是手机存的走访文件,请选手机上“存成文件”得到的那个文件")
        # Changes of a day that has passed are of no use any more: only visits are taken.
        parts[name] = [row for row in rows if name == "attachments" or row.get("kind") == "visit"]
    return parts


def _author(
    session: Session, principal: Principal, row: dict[str, Any], authors: dict[str, Principal]
) -> Principal:
    key = str(row.get("account", ""))
    if key not in authors:
        account = session.get(Account, int(key)) if key.isdigit() and int(key) < _KEYS else None
        if account is None or account.district_id != principal.district_id:
            raise NotFound("文件里的账号“{account}”不在本区", account=key[:20])
        authors[key] = principal_of(session, account)
    return authors[key]


def _take_attachment(
    session: Session, author: Principal, folder: Path, row: dict[str, Any], now: datetime
) -> int:
    kind = row.get("kind")
    if kind not in set(AttachmentKind):
        raise InvalidInput("“{field}”不能是“{value}”", field="kind", value=str(kind)[:20])
    try:
        data = base64.b64decode(str(row.get("base64", "")), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("照片打不开,请重新拍一张") from error
    receipt = receive_attachment(
        session,
        author,
        folder,
        str(row.get("uuid", "")),
        visit_uuid=str(row.get("visit", "")),
        kind=AttachmentKind(kind),
        data=data,
        now=now,
    )
    return int(receipt.is_new)

"""Remarks of the district on visits (审阅意见): written, shown to the author, answered; audited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from outreach.domain.remarks import LONGEST_REMARK, RemarkState, RemarkVerdict
from outreach.domain.visits import VisitResult
from outreach.errors import InvalidInput, NotFound, Refused
from outreach.services.administration.audit import write_audit
from outreach.storage.accounts import Account
from outreach.storage.enterprises import Enterprise
from outreach.storage.visits import Visit, VisitRemark, VisitRevision

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

_WAITING = tuple(verdict for verdict in RemarkVerdict if verdict.waits_for_author)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkLine:
    """One remark on a visit, and what became of it."""

    verdict: RemarkVerdict
    text: str
    by: str
    made_at: datetime
    state: RemarkState


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRemark:
    """A remark that waits for the author of the visit."""

    visit_uuid: str
    enterprise: str
    visited_at: datetime
    result: VisitResult
    verdict: RemarkVerdict
    text: str


def write_remark(
    session: Session,
    principal: Principal,
    visit_uuid: str,
    verdict: RemarkVerdict,
    text: str,
    *,
    now: datetime,
) -> None:
    """Say something about a visit of one's district; its author finds it on her phone.

    Raises
    ------
    Refused, NotFound
        When the role does not see the district, or the district has no such visit.
    InvalidInput
        When the text is lacking or too long.
    """
    if not principal.role.sees_district:
        raise Refused("审阅意见由区总工会和规划人员写")
    visit = session.get(Visit, visit_uuid)
    if visit is None or visit.district_id != principal.district_id:
        raise NotFound("没有找到这次走访")
    text = text.strip()
    if verdict.needs_text and not text:
        raise InvalidInput("选“{verdict}”要写明请网格员做什么", verdict=verdict.label)
    if len(text) > LONGEST_REMARK or "\x00" in text:
        raise InvalidInput(
            "“{field}”有 {length} 个字,最多 {most} 个",
            field="意见",
            length=len(text),
            most=LONGEST_REMARK,
        )
    session.add(
        VisitRemark(
            district_id=principal.district_id,
            visit_uuid=visit.uuid,
            account_id=principal.account_id,
            verdict=verdict,
            text=text,
            made_at=now,
            seen_at=None,
        )
    )
    session.flush()
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id,
        action="remark_visit",
        subject="visit",
        subject_id=visit.uuid,
        now=now,
        detail={"verdict": verdict.value},
    )


def mark_seen(session: Session, principal: Principal, visit_uuid: str, *, now: datetime) -> None:
    """Say that the author has read the remarks on her visit; a second time changes nothing.

    Raises
    ------
    NotFound
        When the account recorded no such visit.
    """
    visit = session.get(Visit, visit_uuid)
    if visit is None or visit.account_id != principal.account_id:
        raise NotFound("没有找到这次走访")
    if not answer_remarks(session, visit.uuid, now=now):
        return
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id,
        action="see_remarks",
        subject="visit",
        subject_id=visit.uuid,
        now=now,
    )


def answer_remarks(session: Session, visit_uuid: str, *, now: datetime) -> int:
    """Take the open remarks on a visit off its author's list; returns how many there were."""
    open_ones = (VisitRemark.visit_uuid == visit_uuid, VisitRemark.seen_at.is_(None))
    count = session.scalar(select(func.count()).select_from(VisitRemark).where(*open_ones)) or 0
    if count:
        session.execute(update(VisitRemark).where(*open_ones).values(seen_at=now))
    return count


def list_open_remarks(session: Session, principal: Principal) -> list[OpenRemark]:
    """What waits for the signed-in author, the oldest first; nobody else sees it here."""
    if not principal.role.records_visits:
        return []
    query = (
        select(VisitRemark, Visit.visited_at, Visit.result, Enterprise.name)
        .join(Visit, Visit.uuid == VisitRemark.visit_uuid)
        .join(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(
            Visit.account_id == principal.account_id,
            VisitRemark.seen_at.is_(None),
            VisitRemark.verdict.in_(_WAITING),
        )
        .order_by(VisitRemark.id)
    )
    return [
        OpenRemark(
            visit_uuid=remark.visit_uuid,
            enterprise=name,
            visited_at=visited_at,
            result=VisitResult(result),
            verdict=RemarkVerdict(remark.verdict),
            text=remark.text,
        )
        for remark, visited_at, result, name in session.execute(query)
    ]


def load_remarks(session: Session, visit_uuids: Sequence[str]) -> dict[str, list[RemarkLine]]:
    """All remarks on visits, the newest first. Whoever calls decides who may read them."""
    if not visit_uuids:
        return {}
    query = (
        select(VisitRemark, Account.display_name)
        .outerjoin(Account, Account.id == VisitRemark.account_id)
        .where(VisitRemark.visit_uuid.in_(visit_uuids))
        .order_by(VisitRemark.id.desc())
    )
    corrected = _corrected_at(session, visit_uuids)
    found: dict[str, list[RemarkLine]] = {}
    for remark, by in session.execute(query):
        found.setdefault(remark.visit_uuid, []).append(
            RemarkLine(
                verdict=RemarkVerdict(remark.verdict),
                text=remark.text,
                by=by or "",
                made_at=remark.made_at,
                state=_state(remark, corrected.get(remark.visit_uuid)),
            )
        )
    return found


def _corrected_at(session: Session, visit_uuids: Sequence[str]) -> dict[str, datetime]:
    """When visits were last corrected; an uncorrected visit has no revisions."""
    query = (
        select(VisitRevision.visit_uuid, func.max(VisitRevision.received_at))
        .where(VisitRevision.visit_uuid.in_(visit_uuids), VisitRevision.based_on != "")
        .group_by(VisitRevision.visit_uuid)
    )
    return dict(session.execute(query).all())


def _state(remark: VisitRemark, corrected_at: datetime | None) -> RemarkState:
    if corrected_at is not None and corrected_at >= remark.made_at:
        return RemarkState.CORRECTED
    return RemarkState.OPEN if remark.seen_at is None else RemarkState.SEEN

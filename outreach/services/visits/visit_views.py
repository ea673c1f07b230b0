"""Recorded visits to be read again: in a dossier, on their author's list, with all versions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from outreach.domain.calendar import CHINA
from outreach.domain.visits import CORRECTED_WITHIN, VisitResult, may_correct
from outreach.errors import NotFound, Refused
from outreach.services.administration.audit import write_audit
from outreach.services.enterprises.enterprises import all_ids, current_id, get_enterprise
from outreach.services.visits.attachments import list_attachments
from outreach.services.visits.remarks import load_remarks
from outreach.services.visits.visit_forms import form_of
from outreach.services.visits.visits import TOO_LATE
from outreach.storage.enterprises import Enterprise
from outreach.storage.visits import Visit, VisitRevision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.services.visits.attachments import AttachmentLine
    from outreach.services.visits.remarks import RemarkLine
    from outreach.services.visits.visit_forms import VisitForm


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitVersion:
    """One version of a visit; the first has the number 1."""

    number: int
    received_at: datetime
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLine:
    """One visit in a list.

    `remarks` are empty for whom they do not concern; `attachments` are named where it is opened.
    `former` are the versions before the one that stands, the newest first.
    """

    uuid: str
    enterprise_id: int
    enterprise: str
    visited_at: datetime
    received_at: datetime
    result: VisitResult
    content: Mapping[str, Any]
    is_own: bool
    former: tuple[VisitVersion, ...] = ()
    remarks: tuple[RemarkLine, ...] = ()
    attachments: tuple[AttachmentLine, ...] = ()

    @property
    def corrects_until(self) -> datetime:
        """The last moment at which its author may correct it."""
        return self.received_at + CORRECTED_WITHIN

    def may_correct(self, now: datetime) -> bool:
        """Whether the reader may still correct it."""
        return self.is_own and may_correct(self.received_at, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The form of a visit that is corrected: filled with the version that stands.

    `based_on` names that version, `content` is what it says.
    """

    visit_uuid: str
    based_on: str
    visited_at: datetime
    corrects_until: datetime
    content: Mapping[str, Any]
    form: VisitForm


def list_visits(
    session: Session, principal: Principal, enterprise_id: int, *, limit: int = 20
) -> list[VisitLine]:
    """The newest visits to a firm that the account may see.

    Former versions are for all who see the firm, remarks for the district and the visit's author.
    """
    enterprise = get_enterprise(session, principal, enterprise_id)
    found = session.scalars(
        select(Visit)
        .where(Visit.enterprise_id.in_(all_ids(session, enterprise.id)))
        .order_by(Visit.visited_at.desc())
        .limit(limit)
    )
    return _lines(session, principal, [(visit, enterprise.name) for visit in found])


def list_own_visits(
    session: Session,
    principal: Principal,
    *,
    limit: int,
    offset: int = 0,
    enterprise_id: int | None = None,
) -> tuple[list[VisitLine], int]:
    """One page of the visits that the account recorded, the newest first, and how many in all.

    With `enterprise_id` only those to that firm.

    Raises
    ------
    Refused
        When the account records no visits.
    """
    if not principal.role.records_visits:
        raise Refused("只有网格员有自己的走访记录")
    own = Visit.account_id == principal.account_id
    if enterprise_id is not None:
        own &= Visit.enterprise_id.in_(all_ids(session, enterprise_id))
    total = session.scalar(select(func.count()).select_from(Visit).where(own)) or 0
    query = (
        select(Visit, Enterprise.name)
        .join(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(own)
        .order_by(Visit.visited_at.desc(), Visit.uuid)
        .limit(limit)
        .offset(offset)
    )
    rows = [(visit, name) for visit, name in session.execute(query)]
    return _lines(session, principal, rows), total


def open_visit(
    session: Session, principal: Principal, visit_uuid: str, *, now: datetime
) -> VisitLine:
    """One visit with all its versions and remarks: for its author, and for the district.

    The district's opening is audited.

    Raises
    ------
    NotFound
        When it is neither the account's own nor, for the desk, one of its district.
    """
    visit, name = _get(session, principal, visit_uuid)
    if visit.account_id != principal.account_id:
        write_audit(
            session,
            district_id=principal.district_id,
            account_id=principal.account_id,
            action="open_visit",
            subject="visit",
            subject_id=visit.uuid,
            now=now,
        )
    line = _lines(session, principal, [(visit, name)])[0]
    return replace(line, attachments=list_attachments(session, visit.uuid))


def open_correction(
    session: Session, principal: Principal, visit_uuid: str, *, now: datetime
) -> Correction:
    """The form by which the author corrects her visit.

    Raises
    ------
    NotFound
        When the account recorded no such visit.
    Refused
        When the seven days are over.
    """
    visit, _ = _get(session, principal, visit_uuid)
    if visit.account_id != principal.account_id:
        raise NotFound("没有找到要更正的走访")
    if not may_correct(visit.received_at, now=now):
        raise Refused(TOO_LATE)
    firm = session.get_one(Enterprise, current_id(session, visit.enterprise_id))
    return Correction(
        visit_uuid=visit.uuid,
        based_on=visit.revision_uuid or visit.uuid,
        visited_at=visit.visited_at,
        corrects_until=visit.received_at + CORRECTED_WITHIN,
        content=visit.content,
        form=replace(form_of(firm, {}), prefill={}),
    )


def _get(session: Session, principal: Principal, visit_uuid: str) -> tuple[Visit, str]:
    row = session.execute(
        select(Visit, Enterprise.name)
        .join(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(Visit.uuid == visit_uuid, Visit.district_id == principal.district_id)
    ).first()
    is_seen = row is not None and (
        row[0].account_id == principal.account_id or principal.role.sees_district
    )
    if row is None or not is_seen:
        raise NotFound("没有找到这次走访")
    return row[0], row[1]


def _lines(
    session: Session, principal: Principal, rows: Sequence[tuple[Visit, str]]
) -> list[VisitLine]:
    corrected = [visit.uuid for visit, _ in rows if visit.revision_uuid]
    versions = _versions(session, corrected)
    told = [
        visit.uuid
        for visit, _ in rows
        if principal.role.sees_district or visit.account_id == principal.account_id
    ]
    remarks = load_remarks(session, told)
    return [
        VisitLine(
            uuid=visit.uuid,
            enterprise_id=visit.enterprise_id,
            enterprise=name,
            visited_at=visit.visited_at.astimezone(CHINA),
            received_at=visit.received_at,
            result=VisitResult(visit.result),
            content=visit.content,
            is_own=visit.account_id == principal.account_id,
            former=tuple(reversed(versions.get(visit.uuid, [])[:-1])),
            remarks=tuple(remarks.get(visit.uuid, [])),
        )
        for visit, name in rows
    ]


def _versions(session: Session, visit_uuids: Sequence[str]) -> dict[str, list[VisitVersion]]:
    """All versions of corrected visits, the first one first."""
    if not visit_uuids:
        return {}
    query = (
        select(VisitRevision)
        .where(VisitRevision.visit_uuid.in_(visit_uuids))
        .order_by(VisitRevision.received_at, VisitRevision.based_on != "")
    )
    found: dict[str, list[VisitVersion]] = {}
    for revision in session.scalars(query):
        known = found.setdefault(revision.visit_uuid, [])
        known.append(
            VisitVersion(
                number=len(known) + 1,
                received_at=revision.received_at,
                content=revision.content,
            )
        )
    return found

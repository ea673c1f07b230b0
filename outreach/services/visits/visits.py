"""Recorded visits: stored once, turned into statements, felt by the next plan."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from outreach.domain.calendar import CHINA
from outreach.domain.sources import Source
from outreach.domain.visits import Visit, VisitResult, may_correct, statements_of
from outreach.errors import Conflict, NotFound, Refused
from outreach.fusion.linkage import LinkRule
from outreach.services.administration.audit import write_audit
from outreach.services.enterprises.enterprises import all_ids, get_enterprise
from outreach.services.grids.grids import load_locator
from outreach.services.linking.folding import refold
from outreach.services.visits.case_steps import open_cases
from outreach.services.visits.remarks import answer_remarks
from outreach.services.visits.visit_content import content_of, digest_of
from outreach.storage import visits as table
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.plans import PlanStop
from outreach.storage.records import Batch, Record, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.targets import TargetRule

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the phone is told: the digest of what was stored, and whether it was stored now."""

    uuid: str
    sha256: str
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came in: the content to keep, its digest, by how much the phone's clock is ahead."""

    content: Mapping[str, Any]
    sha256: str
    skew_s: int = 0

    @classmethod
    def of(cls, visit: Visit) -> Sent:
        """What is kept of a visit that came from a plain form."""
        content = content_of(visit)
        return cls(content=content, sha256=digest_of(content))


def record_visit(
    session: Session,
    principal: Principal,
    visit: Visit,
    *,
    rule: TargetRule,
    now: datetime,
    sent: Sent | None = None,
) -> Receipt:
    """Store a visit once; its findings become statements and the enterprise is folded anew.

    The same visit sent again is acknowledged and changes nothing.

    Raises
    ------
    Refused
        When the account records no visits.
    NotFound
        When the enterprise is not in the account's grid.
    Conflict
        When another content was stored under the same uuid.
    """
    if not principal.role.records_visits:
        raise Refused("只有网格员可以记录走访")
    sent = sent or Sent.of(visit)
    stored = session.get(table.Visit, str(visit.uuid))
    if stored is not None and stored.account_id == principal.account_id:
        return _again(stored, sent.sha256)
    enterprise = get_enterprise(session, principal, visit.enterprise_id)
    if stored is not None:
        raise Conflict(_TAKEN, uuid=stored.uuid)
    visited_on = visit.visited_at.astimezone(CHINA).date()
    record_id = save_record(session, principal.district_id, dict(sent.content), visited_on, now)
    session.add(
        table.Visit(
            uuid=str(visit.uuid),
            district_id=principal.district_id,
            enterprise_id=enterprise.id,
            grid_id=enterprise.grid_id or principal.grid_id,
            account_id=principal.account_id,
            record_id=record_id,
            plan_stop_id=_planned_stop(session, enterprise.id, visited_on),
            visited_at=visit.visited_at,
            visited_on=visited_on,
            received_at=now,
            result=visit.result,
            content=dict(sent.content),
            sha256=sent.sha256,
            clock_skew_s=sent.skew_s,
            appointed_on=visit.appointed_on,
            appointed_part=visit.appointed_part or "",
        )
    )
    session.flush()
    _take_findings(session, enterprise, visit, record_id, visited_on=visited_on, rule=rule)
    _open_cases(session, principal, visit, visit.uuid, now)
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id,
        action="record_visit",
        subject="visit",
        subject_id=visit.uuid,
        now=now,
        detail={"enterprise_id": enterprise.id, "result": visit.result.value},
    )
    return Receipt(uuid=str(visit.uuid), sha256=sent.sha256, is_new=True)


def _open_cases(
    session: Session, principal: Principal, said: Visit, uuid: UUID, now: datetime
) -> None:
    """Open what the visit asks for; a corrected one opens only what it asks for in addition."""
    wanted = dict.fromkeys(said.requests, said.request_note)
    if wanted:
        open_cases(session, principal, replace(said, uuid=uuid), wanted, now)


def _again(stored: table.Visit, digest: str) -> Receipt:
    if stored.sha256 != digest:
        raise Conflict(_TAKEN, uuid=stored.uuid)
    return Receipt(uuid=stored.uuid, sha256=digest, is_new=False)


TOO_LATE = "走访收到已超过七天,不能再更正,请联系区总工会"
_TAKEN = "编号 {uuid} 已经存了另一次走访,请重新打开表单再记"


def _take_findings(
    session: Session,
    enterprise: Enterprise,
    visit: Visit,
    record_id: int,
    *,
    visited_on: date,
    rule: TargetRule,
) -> None:
    """Let the enterprise feel what the visit found."""
    _save_statements(session, enterprise, record_id, visit, visited_on)
    session.add(
        Member(
            district_id=enterprise.district_id,
            record_id=record_id,
            enterprise_id=enterprise.id,
            rule=LinkRule.VISITED,
            evidence=str(visit.uuid),
        )
    )
    session.flush()
    enterprise.last_visited_on = _last_settled(session, enterprise.id)
    refold(session, enterprise, rule=rule, today=visited_on)


def _last_settled(session: Session, enterprise_id: int) -> date | None:
    """The day of the last visit after which the firm counts as visited."""
    settling = [result for result in VisitResult if result.settles_visit]
    return session.scalar(
        select(func.max(table.Visit.visited_on)).where(
            table.Visit.enterprise_id.in_(all_ids(session, enterprise_id)),
            table.Visit.result.in_(settling),
        )
    )


def revise_visit(
    session: Session,
    principal: Principal,
    revision: Visit,
    *,
    corrects: str,
    based_on: str | None,
    sent: Sent,
    rule: TargetRule,
    now: datetime,
) -> Receipt:
    """Correct a visit: the new version stands, all former ones are kept.

    `revision.uuid` is the version's own; `based_on` the version that the author saw, or `None`
    where the district decided that this one stands. Firm and day stay those of the visit.

    Raises
    ------
    NotFound
        When the account recorded no such visit.
    Refused
        When the time for corrections is over.
    Conflict
        When another version came in meanwhile.
    """
    visit = session.get(table.Visit, corrects, with_for_update=True)
    if visit is None or visit.account_id != principal.account_id:
        raise NotFound("没有找到要更正的走访")
    known = session.get(table.VisitRevision, str(revision.uuid))
    if known is not None and known.sha256 == sent.sha256:
        return Receipt(uuid=known.uuid, sha256=known.sha256, is_new=False)
    standing = visit.revision_uuid or visit.uuid
    if based_on is not None and not may_correct(visit.received_at, now=now):
        raise Refused(TOO_LATE)
    if known is not None or based_on not in {None, standing}:
        raise Conflict("这次走访已经在别处更正过,请打开最新的内容再改")
    if not visit.revision_uuid:
        session.add(_version(visit, visit.uuid, "", visit.content, visit.sha256, visit.received_at))
    record_id = save_record(session, visit.district_id, dict(sent.content), visit.visited_on, now)
    session.get_one(Record, visit.record_id).superseded_by = record_id
    visit.record_id, visit.revision_uuid = record_id, str(revision.uuid)
    visit.content, visit.sha256, visit.result = dict(sent.content), sent.sha256, revision.result
    visit.appointed_on, visit.appointed_part = revision.appointed_on, revision.appointed_part or ""
    session.add(_version(visit, str(revision.uuid), standing, visit.content, visit.sha256, now))
    session.flush()
    enterprise = session.get_one(Enterprise, visit.enterprise_id)
    _take_findings(session, enterprise, revision, record_id, visited_on=visit.visited_on, rule=rule)
    _open_cases(session, principal, revision, UUID(visit.uuid), now)
    answer_remarks(session, visit.uuid, now=now)
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id,
        action="correct_visit",
        subject="visit",
        subject_id=visit.uuid,
        now=now,
        detail={"revision": str(revision.uuid)},
    )
    return Receipt(uuid=str(revision.uuid), sha256=sent.sha256, is_new=True)


def _version(
    visit: table.Visit,
    uuid: str,
    based_on: str,
    content: dict[str, Any],
    sha256: str,
    received_at: datetime,
) -> table.VisitRevision:
    return table.VisitRevision(
        uuid=uuid,
        district_id=visit.district_id,
        visit_uuid=visit.uuid,
        based_on=based_on,
        account_id=visit.account_id,
        record_id=visit.record_id,
        received_at=received_at,
        content=content,
        sha256=sha256,
    )


def save_record(
    session: Session, district_id: int, content: dict[str, Any], visited_on: date, now: datetime
) -> int:
    """A visit is a row of the day's batch, like a row of any other source."""
    batch = _day_batch(session, district_id, visited_on, now)
    row = (session.scalar(select(func.max(Record.row)).where(Record.batch_id == batch.id)) or 0) + 1
    batch.rows_read = row
    record = Record(
        district_id=district_id,
        batch_id=batch.id,
        source=Source.VISIT,
        row=row,
        raw=content,
        held=False,
    )
    session.add(record)
    session.flush()
    return record.id


def _day_batch(session: Session, district_id: int, visited_on: date, now: datetime) -> Batch:
    """The batch of a day's visits, locked; of two that make it at once the first one's stands."""
    key = f"visit:{visited_on.isoformat()}"
    wanted = (
        select(Batch).where(Batch.district_id == district_id, Batch.sha256 == key).with_for_update()
    )
    if (found := session.scalar(wanted)) is not None:
        return found
    try:
        with session.begin_nested():
            session.add(_empty_batch(district_id, key, visited_on, now))
    except IntegrityError:
        logger.info("the batch %s was made by another phone's visit", key)
    return session.scalars(wanted).one()


def _empty_batch(district_id: int, key: str, visited_on: date, now: datetime) -> Batch:
    return Batch(
        district_id=district_id,
        source=Source.VISIT,
        file_name=key,
        sha256=key,
        size_bytes=0,
        encoding="",
        header_row=0,
        as_of=visited_on,
        rows_read=0,
        rows_held=0,
        received_at=now,
    )


def _save_statements(
    session: Session, enterprise: Enterprise, record_id: int, visit: Visit, visited_on: date
) -> None:
    leaves_grid = _leaves_grid(session, enterprise, visit)
    said = statements_of(visit, visited_on=visited_on, leaves_grid=leaves_grid)
    if said:
        session.execute(
            insert(Statement),
            [
                {
                    "district_id": enterprise.district_id,
                    "record_id": record_id,
                    "source": s.source,
                    "prop": s.prop,
                    "value": s.value,
                    "raw": s.raw,
                    "as_of": s.as_of,
                }
                for s in said
            ],
        )


def _leaves_grid(session: Session, enterprise: Enterprise, visit: Visit) -> bool:
    """Whether the visit's point lies outside of the grid in which the firm is known to be."""
    from maps.datum import Datum, to_wgs84  # lazy: start-up time

    at = visit.position
    if at is None or enterprise.grid_id is None:
        return False
    lon, lat = to_wgs84([at.lon], [at.lat], Datum(at.datum))
    locator = load_locator(session, enterprise.district_id)
    return locator.locate([(float(lon[0]), float(lat[0]))]) != [enterprise.grid_id]


def _planned_stop(session: Session, enterprise_id: int, visited_on: date) -> int | None:
    """The stop of the published plan that this visit serves, if the day was planned."""
    from outreach.storage.plans import PlanRoute, VisitPlan

    return session.scalar(
        select(PlanStop.id)
        .join(PlanRoute, PlanRoute.id == PlanStop.route_id)
        .join(VisitPlan, VisitPlan.id == PlanStop.plan_id)
        .where(
            PlanStop.enterprise_id == enterprise_id,
            PlanRoute.day == visited_on,
            VisitPlan.status == "published",
        )
    )

"""Recorded visits: stored once, turned into statements, felt by the next plan."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select

from outreach.domain.enterprises import OperatingState
from outreach.domain.headcounts import LARGEST_HEADCOUNT
from outreach.domain.sources import Source
from outreach.domain.visits import (
    LONGEST_NOTE,
    HeadcountEvidence,
    Premises,
    UnionFinding,
    Visit,
    VisitResult,
    statements_of,
)
from outreach.errors import Conflict, InvalidInput, Refused
from outreach.fusion.linkage import LinkRule
from outreach.fusion.survivorship import fold_enterprise
from outreach.services.audit import write_audit
from outreach.services.enterprises import (
    assessment_values,
    folded_values,
    get_enterprise,
)
from outreach.services.linking import (
    find_parent_coded,
    load_statements,
    without_parent_codes,
)
from outreach.storage import visits as table
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.plans import PlanStop
from outreach.storage.records import Batch, Record, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.targets import TargetRule

CHINA = ZoneInfo("Asia/Shanghai")

LONGEST_AGO, FASTEST_CLOCK = timedelta(days=366), timedelta(days=1)
"""A phone may send late and its clock may be wrong; further off, its date is a mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the phone is told: the digest of what was stored, and whether it was stored now."""

    uuid: str
    sha256: str
    is_new: bool


def parse_visit(form: Mapping[str, str], *, now: datetime) -> Visit:
    """Read the fields of the visit form.

    Raises
    ------
    InvalidInput
        Naming the field and the value, when one cannot be used.
    """
    result = _choice(VisitResult, form, "result", "结果")
    if result is None:
        raise InvalidInput("请先选走访结果")
    found = result.opens_form
    return Visit(
        uuid=_uuid(form.get("uuid", "")),
        enterprise_id=_enterprise_id(form.get("enterprise_id", "")),
        visited_at=_moment(form.get("visited_at", ""), now),
        result=result,
        operating_state=_choice(OperatingState, form, "operating_state", "经营状态")
        if found
        else None,
        employees=_employees(form.get("employees", "")) if found else None,
        evidence=_choice(HeadcountEvidence, form, "evidence", "人数依据") if found else None,
        premises=_choice(Premises, form, "premises", "场所") if found else None,
        concerns=_note(form, "concerns", "企业顾虑") if found else "",
        hardships=_note(form, "hardships", "急难愁盼") if found else "",
        resources=_note(form, "resources", "可利用资源") if found else "",
        union_finding=_choice(UnionFinding, form, "union_finding", "工会") if found else None,
        note=_note(form, "note", "备注"),
    )


def _choice(kind: Any, form: Mapping[str, str], name: str, label: str) -> Any:  # noqa: ANN401
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        return kind(text)
    except ValueError as error:
        raise InvalidInput("“{field}”不能是“{value}”", field=label, value=text) from error


def _enterprise_id(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise InvalidInput("没有说明走访的是哪家企业,请从路线页重新打开表单")
    return int(text)


def _note(form: Mapping[str, str], name: str, label: str) -> str:
    text = form.get(name, "").strip()
    if len(text) > LONGEST_NOTE:
        raise InvalidInput(
            "“{field}”有 {length} 个字,最多 {most} 个",
            field=label,
            length=len(text),
            most=LONGEST_NOTE,
        )
    return text


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("走访编号“{value}”不是 UUID", value=text) from error


def _moment(text: str, now: datetime) -> datetime:
    if not text:
        return now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("走访时间“{value}”应像 2026-11-23T09:30", value=text) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
    if not now - LONGEST_AGO <= moment <= now + FASTEST_CLOCK:
        raise InvalidInput("走访时间“{value}”离今天太远,请核对手机上的日期", value=text)
    return moment


def _employees(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise InvalidInput("人数应是整数,不能是“{value}”", value=text)
    if int(text) > LARGEST_HEADCOUNT:
        raise InvalidInput("人数最多 {most},不能是“{value}”", most=LARGEST_HEADCOUNT, value=text)
    return int(text)


def record_visit(
    session: Session, principal: Principal, visit: Visit, *, rule: TargetRule, now: datetime
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
    enterprise = get_enterprise(session, principal, visit.enterprise_id)
    content = _content(visit, enterprise.id)
    digest = hashlib.sha256(
        json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()
    stored = session.get(table.Visit, str(visit.uuid))
    if stored is not None:
        return _again(stored, principal, digest)
    visited_on = visit.visited_at.astimezone(CHINA).date()
    record_id = _save_record(session, principal.district_id, content, visited_on, now)
    session.add(
        table.Visit(
            uuid=str(visit.uuid),
            district_id=principal.district_id,
            enterprise_id=enterprise.id,
            grid_id=principal.grid_id,
            account_id=principal.account_id,
            record_id=record_id,
            plan_stop_id=_planned_stop(session, enterprise.id, visited_on),
            visited_at=visit.visited_at,
            visited_on=visited_on,
            received_at=now,
            result=visit.result,
            content=content,
            sha256=digest,
        )
    )
    _save_statements(session, principal.district_id, record_id, visit, visited_on)
    session.add(
        Member(
            district_id=principal.district_id,
            record_id=record_id,
            enterprise_id=enterprise.id,
            rule=LinkRule.VISITED,
            evidence=str(visit.uuid),
        )
    )
    if visit.result.settles_visit:
        enterprise.last_visited_on = max(visited_on, enterprise.last_visited_on or date.min)
    session.flush()
    refold(session, enterprise, rule=rule, today=visited_on)
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
    return Receipt(uuid=str(visit.uuid), sha256=digest, is_new=True)


def _again(stored: table.Visit, principal: Principal, digest: str) -> Receipt:
    if stored.sha256 != digest or stored.account_id != principal.account_id:
        raise Conflict("编号 {uuid} 已经存了另一次走访,请重新打开表单再记", uuid=stored.uuid)
    return Receipt(uuid=stored.uuid, sha256=digest, is_new=False)


def _content(visit: Visit, enterprise_id: int) -> dict[str, Any]:
    content = asdict(visit)
    content["uuid"] = str(visit.uuid)
    content["enterprise_id"] = enterprise_id
    content["visited_at"] = visit.visited_at.isoformat()
    return {key: value for key, value in content.items() if value not in {None, ""}}


def _save_record(
    session: Session, district_id: int, content: dict[str, Any], visited_on: date, now: datetime
) -> int:
    """A visit is a row of the day's batch, like a row of any other source."""
    key = f"visit:{visited_on.isoformat()}"
    batch = session.scalar(
        select(Batch).where(Batch.district_id == district_id, Batch.sha256 == key).with_for_update()
    )
    if batch is None:
        batch = Batch(
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
        session.add(batch)
        session.flush()
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


def _save_statements(
    session: Session, district_id: int, record_id: int, visit: Visit, visited_on: date
) -> None:
    said = statements_of(visit, visited_on=visited_on)
    if said:
        session.execute(
            insert(Statement),
            [
                {
                    "district_id": district_id,
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


def refold(session: Session, enterprise: Enterprise, *, rule: TargetRule, today: date) -> None:
    """Fold one enterprise anew from all that was said about it; a visit does not move it."""
    members = list(
        session.scalars(select(Member.record_id).where(Member.enterprise_id == enterprise.id))
    )
    said = without_parent_codes(
        load_statements(session, enterprise.district_id, members),
        find_parent_coded(session, members),
    )
    folded = fold_enterprise(
        (s for statements in said.values() for s in statements),
        lambda _address: enterprise.township,
        today=today,
    )
    values = {**folded_values(folded), **assessment_values(folded, rule)}
    for name, value in values.items():
        setattr(enterprise, name, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLine:
    """One visit in a dossier."""

    visited_at: datetime
    result: VisitResult
    content: Mapping[str, Any]


def list_visits(
    session: Session, principal: Principal, enterprise_id: int, *, limit: int = 20
) -> list[VisitLine]:
    """The newest visits to a firm that the account may see."""
    enterprise = get_enterprise(session, principal, enterprise_id)
    found = session.scalars(
        select(table.Visit)
        .where(table.Visit.enterprise_id == enterprise.id)
        .order_by(table.Visit.visited_at.desc())
        .limit(limit)
    )
    return [
        VisitLine(
            visited_at=visit.visited_at.astimezone(CHINA),
            result=VisitResult(visit.result),
            content=visit.content,
        )
        for visit in found
    ]

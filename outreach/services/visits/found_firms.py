"""A firm that a grid worker found on the spot: a record of the visit source, in the file now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from outreach.domain.days import LONGEST_ADDRESS, LONGEST_NAME
from outreach.domain.enterprises import Industry, OperatingState
from outreach.domain.headcounts import LARGEST_HEADCOUNT
from outreach.domain.issues import IssueKind
from outreach.domain.positions import WIDEST_GPS_M
from outreach.domain.sources import Source
from outreach.domain.statements import Prop
from outreach.errors import InvalidInput
from outreach.fusion.links import Link, LinkRule
from outreach.services.enterprises.enterprises import in_scope
from outreach.services.linking.folding import save_values
from outreach.services.linking.memberships import give_ids, save_members
from outreach.services.registers.gazetteer import load_gazetteer
from outreach.services.registers.statements import load_statements
from outreach.services.visits.visits import save_record
from outreach.storage.enterprises import Enterprise
from outreach.storage.records import Issue, Record, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.targets import TargetRule

_AT_LEAST_M = 20.0
"""A phone that says less about its error is not believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFirm:
    """What the worker says of it; the point is in degrees of `datum`, `None` where unknown."""

    name: str
    address: str
    industry: Industry | None
    employees: int | None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float = WIDEST_GPS_M
    datum: str = "wgs84"


def read_found(content: Mapping[str, Any], beside: Enterprise | None) -> FoundFirm:
    """Read what was sent; without a usable point the firm is placed at the stop `beside` it.

    Raises
    ------
    InvalidInput
        Naming the field, when one is missing or cannot be used.
    """
    name, address = _text(content, "name"), _text(content, "address")
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInput("请写企业名称,最多 {most} 个字", most=LONGEST_NAME)
    if len(address) > LONGEST_ADDRESS:
        raise InvalidInput("地址最多 {most} 个字", most=LONGEST_ADDRESS)
    industry = _text(content, "industry")
    if industry and industry not in set(Industry):
        raise InvalidInput("“{field}”不能是“{value}”", field="行业", value=industry[:20])
    point = _point(content.get("position")) or _point_of(beside)
    return FoundFirm(
        name=name,
        address=address,
        industry=Industry(industry) if industry else None,
        employees=_employees(_text(content, "employees")),
        **point,
    )


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    return "" if value is None else str(value).strip()


def _employees(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 8) or int(text) > LARGEST_HEADCOUNT:  # noqa: PLR2004
        raise InvalidInput("人数应是整数,不能是“{value}”", value=text[:20])
    return int(text)


def _point(said: object) -> dict[str, Any]:
    """A tapped point; one that is less exact than a firm's grid is wide says nothing."""
    if not isinstance(said, dict):
        return {}
    try:
        lon, lat, accuracy = (float(said[key]) for key in ("lon", "lat", "accuracy_m"))
    except (KeyError, TypeError, ValueError):
        return {}
    datum = str(said.get("datum", "wgs84"))
    fits = abs(lon) <= 180 and abs(lat) <= 90 and 0 <= accuracy <= WIDEST_GPS_M  # noqa: PLR2004
    if not fits or datum not in {"wgs84", "gcj02", "bd09"}:
        return {}
    return {"lon": lon, "lat": lat, "accuracy_m": max(_AT_LEAST_M, accuracy), "datum": datum}


def _point_of(beside: Enterprise | None) -> dict[str, Any]:
    if beside is None or beside.lon is None or beside.lat is None:
        return {}
    error = min(WIDEST_GPS_M, max(_AT_LEAST_M, beside.position_error_m or WIDEST_GPS_M))
    return {"lon": beside.lon, "lat": beside.lat, "accuracy_m": error}


def find_in_sight(session: Session, principal: Principal, name: str) -> Enterprise | None:
    """The firm of this very name that the account sees already."""
    query = in_scope(select(Enterprise).where(Enterprise.name == name), principal)
    return session.scalar(query.order_by(Enterprise.id).limit(1))


def add_found_firm(
    session: Session,
    principal: Principal,
    firm: FoundFirm,
    *,
    day: date,
    rule: TargetRule,
    now: datetime,
) -> Enterprise:
    """Put a found firm into the file, flagged for the district to check."""
    content: dict[str, Any] = {
        "found": firm.name,
        "address": firm.address,
        "employees": firm.employees,
        "account": principal.account_id,
    }
    record_id = save_record(session, principal.district_id, content, day, now)
    session.execute(
        insert(Statement),
        [
            {
                "district_id": principal.district_id,
                "record_id": record_id,
                "source": Source.VISIT,
                "prop": prop,
                "value": value,
                "raw": raw,
                "as_of": day,
            }
            for prop, value, raw in _said(firm)
        ],
    )
    enterprise = _make_enterprise(session, principal.district_id, record_id, day, rule, now)
    _flag(session, principal.district_id, record_id, firm.name)
    return enterprise


def _said(firm: FoundFirm) -> list[tuple[Prop, str, str]]:
    state = OperatingState.ACTIVE
    said = [(Prop.NAME, firm.name, firm.name), (Prop.STATUS, state.value, state.label)]
    if firm.address:
        said.append((Prop.BIZ_ADDRESS, firm.address, firm.address))
    if firm.industry is not None:
        said.append((Prop.INDUSTRY, firm.industry.label, firm.industry.label))
    if firm.employees is not None:
        said.append((Prop.HEADCOUNT, str(firm.employees), str(firm.employees)))
    if firm.lon is not None and firm.lat is not None:
        value = f"{firm.lon:.6f},{firm.lat:.6f},{firm.datum}"
        said.append((Prop.POSITION, value, f"{value},{firm.accuracy_m:.0f}"))
    return said


def _make_enterprise(
    session: Session,
    district_id: int,
    record_id: int,
    day: date,
    rule: TargetRule,
    now: datetime,
) -> Enterprise:
    clusters = [(record_id,)]
    given = give_ids(session, clusters, previous={}, homes={}, district_id=district_id, now=now)
    alone = {record_id: Link(record_id=record_id, rule=LinkRule.ALONE, evidence="")}
    save_members(session, clusters, given.ids, alone, district_id=district_id)
    save_values(
        session,
        clusters,
        given.ids,
        load_statements(session, district_id, [record_id]),
        load_gazetteer(session, district_id),
        district_id=district_id,
        rule=rule,
        today=day,
    )
    enterprise = session.get_one(Enterprise, given.ids[0])
    session.refresh(enterprise)
    return enterprise


def _flag(session: Session, district_id: int, record_id: int, name: str) -> None:
    record = session.get_one(Record, record_id)
    session.add(
        Issue(
            district_id=district_id,
            batch_id=record.batch_id,
            record_id=record_id,
            kind=IssueKind.FOUND_ON_THE_SPOT,
            row=record.row,
            column="",
            value=name,
        )
    )
    session.flush()

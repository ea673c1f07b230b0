"""Firms without a place: the queue, a person's mark on the map, and taking it back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.calendar import CHINA
from outreach.domain.positions import MARK_ERROR_M, PositionSource, UnplacedReason
from outreach.errors import InvalidInput, NotFound, Refused
from outreach.services.administration.audit import write_audit
from outreach.services.enterprises.enterprises import get_enterprise, in_scope, place_rows
from outreach.services.enterprises.firm_grids import note_moves
from outreach.services.grids.grids import load_locator, parse_datum
from outreach.services.grids.outlines import Outlines, draw_outlines
from outreach.services.registers.gazetteer import load_gazetteer
from outreach.services.registers.statements import load_statements
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.grids import Grid
from outreach.storage.positions import MarkedPosition
from outreach.storage.records import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.statements import Statement as Said

_PAIR = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*[,，;\s]\s*(-?\d+(?:\.\d+)?)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class TownshipQueue:
    """A township: `unplaced` of its `enterprises` have no place. An empty name: none is known."""

    township: str
    unplaced: int
    enterprises: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnplacedLine:
    """A firm without a place: its address, and the reason with its remedy."""

    enterprise_id: int
    name: str
    address: str
    employees: int | None
    reason: UnplacedReason


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmPlace:
    """One firm with its place, if it has one, and whether a person set it."""

    enterprise_id: int
    name: str
    addresses: tuple[str, ...]
    township: str
    grid_name: str
    grid_township: str
    lon: float | None
    lat: float | None
    source: PositionSource | None
    error_m: float | None
    as_of: date | None
    place_name: str
    reason: UnplacedReason | None
    marked_at: datetime | None
    outlines: Outlines

    @property
    def is_elsewhere(self) -> bool:
        """Whether a person set the place in another township than the address names."""
        known = bool(self.marked_at and self.township and self.grid_township)
        return known and self.township != self.grid_township


def list_queues(session: Session, principal: Principal) -> list[TownshipQueue]:
    """The townships with firms without a place, the most first, each with all its firms.

    A firm in a grid belongs to the grid's township, as in the list of firms; else its address says.
    """
    _require_district(principal)
    township = func.coalesce(Grid.township, Enterprise.township)
    query = (
        in_scope(
            select(township, func.count(Enterprise.unplaced_reason), func.count()).select_from(
                Enterprise
            ),
            principal,
        )
        .outerjoin(Grid, Grid.id == Enterprise.grid_id)
        .group_by(township)
        .order_by(func.count(Enterprise.unplaced_reason).desc(), township)
    )
    return [
        TownshipQueue(township=name, unplaced=unplaced, enterprises=count)
        for name, unplaced, count in session.execute(query)
        if unplaced
    ]


def list_unplaced(
    session: Session,
    principal: Principal,
    *,
    township: str | None,
    reason: UnplacedReason | None,
    limit: int,
    offset: int = 0,
) -> tuple[list[UnplacedLine], int]:
    """One page of the firms without a place, the largest first; `None` does not filter."""
    _require_district(principal)
    query = in_scope(select(Enterprise), principal).where(Enterprise.unplaced_reason.is_not(None))
    if township is not None:
        query = query.outerjoin(Grid, Grid.id == Enterprise.grid_id).where(
            func.coalesce(Grid.township, Enterprise.township) == township
        )
    if reason is not None:
        query = query.where(Enterprise.unplaced_reason == reason)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = query.order_by(Enterprise.employees.desc().nulls_last(), Enterprise.id)
    return [
        UnplacedLine(
            enterprise_id=row.id,
            name=row.name,
            address=row.address,
            employees=row.employees,
            reason=UnplacedReason(row.unplaced_reason),
        )
        for row in session.scalars(page.limit(limit).offset(offset))
        if row.unplaced_reason is not None
    ], total


def open_place(session: Session, principal: Principal, enterprise_id: int) -> FirmPlace:
    """A firm and what helps to find it on a map.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    NotFound
        When the firm is out of the account's sight.
    """
    _require_district(principal)
    row = get_enterprise(session, principal, enterprise_id)
    grid = session.get(Grid, row.grid_id) if row.grid_id is not None else None
    mark = _standing_mark(session, row.id)
    return FirmPlace(
        enterprise_id=row.id,
        name=row.name,
        addresses=tuple(_addresses(session, row)),
        township=row.township,
        grid_name=grid.name if grid else "",
        grid_township=grid.township if grid else "",
        lon=row.lon,
        lat=row.lat,
        source=PositionSource(row.position_source) if row.position_source else None,
        error_m=row.position_error_m,
        as_of=row.position_as_of,
        place_name=row.place_name,
        reason=UnplacedReason(row.unplaced_reason) if row.unplaced_reason else None,
        marked_at=mark.marked_at if mark else None,
        outlines=draw_outlines(session, principal.district_id, row.township),
    )


def _addresses(session: Session, row: Enterprise) -> list[str]:
    """All addresses that were said of a firm, the agreed one first."""
    query = (
        select(Statement.value)
        .join(Member, Member.record_id == Statement.record_id)
        .where(Member.enterprise_id == row.id, Statement.prop.in_(["address", "biz_address"]))
        .order_by(Statement.as_of.desc().nulls_last(), Statement.id)
    )
    return [one for one in dict.fromkeys([row.address, *session.scalars(query)]) if one]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point that a person gives: degrees and what they refer to."""

    lon: float
    lat: float
    datum: str


def parse_point(form: Mapping[str, str]) -> Point:
    """Read a point from a form: one text `lon,lat` (as Amap copies it), or two fields.

    Raises
    ------
    InvalidInput
        When it is no pair of degrees; the message tells the order.
    """
    text = form.get("pair", "").strip() or f"{form.get('lon', '')},{form.get('lat', '')}"
    match = _PAIR.match(text)
    if match is None:
        raise InvalidInput(
            "“{value}”不是坐标,应是经度在前、纬度在后,例如 115.004321,25.861234", value=text[:60]
        )
    lon, lat = float(match[1]), float(match[2])
    if not (_LON[0] <= lon <= _LON[1] and _LAT[0] <= lat <= _LAT[1]):
        swapped = _LON[0] <= lat <= _LON[1] and _LAT[0] <= lon <= _LAT[1]
        if swapped:
            raise InvalidInput("经度和纬度写反了:经度 {lon} 应在前", lon=match[2])
        raise InvalidInput("坐标 {value} 不在中国境内,请核对", value=text[:60])
    return Point(lon=lon, lat=lat, datum=parse_datum(form.get("datum", "")).value)


_LON, _LAT = (73.0, 136.0), (3.0, 54.0)
"""Degrees of China, islands included."""


def mark_place(
    session: Session, principal: Principal, enterprise_id: int, point: Point, *, now: datetime
) -> str:
    """Set a firm's place; it stands at once and survives every linking. Returns its grid's name.

    The mark is kept by the row that told the firm's address, so that it goes where that row goes
    when firms are joined or parted.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    InvalidInput
        When the point lies in no grid of the district.
    """
    from maps.datum import Datum, to_wgs84  # lazy: start-up time

    _require_district(principal)
    row = get_enterprise(session, principal, enterprise_id)
    x, y = to_wgs84([point.lon], [point.lat], Datum(point.datum))
    lon, lat = float(x[0]), float(y[0])
    locator = load_locator(session, principal.district_id)
    if locator.index is not None and locator.locate([(lon, lat)]) == [None]:
        raise InvalidInput(
            "{lon},{lat} 不在本区的任何网格里,请核对坐标系和经纬度",
            lon=f"{point.lon:.6f}",
            lat=f"{point.lat:.6f}",
        )
    mark = MarkedPosition(
        district_id=principal.district_id,
        record_id=_record_to_mark(session, row),
        lon=lon,
        lat=lat,
        received_lon=point.lon,
        received_lat=point.lat,
        datum=point.datum,
        error_m=MARK_ERROR_M,
        account_id=principal.account_id or None,
        marked_at=now,
    )
    session.add(mark)
    session.flush()
    _audit(session, principal, "mark_place", row, mark, now)
    place_again(session, row.district_id, [row], today=now.astimezone(CHINA).date())
    grid = session.get(Grid, row.grid_id) if row.grid_id is not None else None
    return grid.name if grid else ""


def unmark_place(
    session: Session, principal: Principal, enterprise_id: int, *, now: datetime
) -> None:
    """Take a firm's newest mark back; what stood before stands again. The mark itself is kept.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    NotFound
        When nobody marked the firm.
    """
    _require_district(principal)
    row = get_enterprise(session, principal, enterprise_id)
    mark = _standing_mark(session, row.id)
    if mark is None:
        raise NotFound("这家企业没有人工标注的位置")
    mark.revoked_at = now
    session.flush()
    _audit(session, principal, "unmark_place", row, mark, now)
    place_again(session, row.district_id, [row], today=now.astimezone(CHINA).date())


def place_again(
    session: Session,
    district_id: int,
    enterprises: Sequence[Enterprise],
    *,
    today: date,
) -> None:
    """Place enterprises of a district anew from all that is known of them."""
    if not enterprises:
        return
    homes = dict(
        session.execute(
            select(Member.record_id, Member.enterprise_id).where(
                Member.enterprise_id.in_([row.id for row in enterprises])
            )
        ).all()
    )
    said: dict[int, list[Said]] = {row.id: [] for row in enterprises}
    for record_id, statements in load_statements(session, district_id, list(homes)).items():
        said[homes[record_id]] += statements
    values = place_rows(
        said, load_gazetteer(session, district_id), load_locator(session, district_id)
    )
    grids = {row.id: values[row.id]["grid_id"] for row in enterprises}
    note_moves(session, district_id, grids, today=today)
    for row in enterprises:
        for name, value in values[row.id].items():
            setattr(row, name, value)
    session.flush()


def _standing_mark(session: Session, enterprise_id: int) -> MarkedPosition | None:
    return session.scalar(
        select(MarkedPosition)
        .join(Member, Member.record_id == MarkedPosition.record_id)
        .where(Member.enterprise_id == enterprise_id, MarkedPosition.revoked_at.is_(None))
        .order_by(MarkedPosition.marked_at.desc(), MarkedPosition.id.desc())
        .limit(1)
    )


def _record_to_mark(session: Session, row: Enterprise) -> int:
    """The oldest row that told the agreed address, else the oldest row that says anything."""
    query = (
        select(func.min(Statement.record_id))
        .join(Member, Member.record_id == Statement.record_id)
        .where(Member.enterprise_id == row.id)
    )
    told = session.scalar(query.where(Statement.value == row.address)) if row.address else None
    record_id = told or session.scalar(query)
    if record_id is None:
        raise NotFound("没有找到这家企业的登记行,请先归并")
    return record_id


def _audit(
    session: Session,
    principal: Principal,
    action: str,
    row: Enterprise,
    mark: MarkedPosition,
    now: datetime,
) -> None:
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action=action,
        subject="enterprise",
        subject_id=row.id,
        now=now,
        detail={"mark": mark.id, "lon": mark.lon, "lat": mark.lat, "datum": mark.datum},
    )


def _require_district(principal: Principal) -> None:
    if not principal.role.sees_district:
        raise Refused("未定位的企业只给区总工会和规划人员处理")

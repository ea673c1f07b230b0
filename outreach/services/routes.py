"""The route page: whom to see today, in which order, why, and how to get there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import select

from outreach.domain.days import clock_of
from outreach.domain.plans import PlanStatus, VisitPurpose
from outreach.domain.visits import VisitResult
from outreach.domain.wording import Sentence
from outreach.errors import NotFound, Refused
from outreach.services.audit import write_audit
from outreach.services.enterprises import get_enterprise
from outreach.storage import visits as visits_table
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker
from outreach.storage.plans import PlanRoute, PlanStop, VisitPlan

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationLinks:
    """Links that hand a stop to a navigation app; each has its own datum and axis order."""

    amap: str
    baidu: str
    tencent: str
    apple: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStop:
    """One stop as the grid worker sees it. `lon`, `lat` are WGS-84; no phone number, no person."""

    sequence: int
    enterprise_id: int
    name: str
    address: str
    lon: float
    lat: float
    error_m: float
    purpose: VisitPurpose
    start: str
    end: str
    reasons: tuple[Sentence, ...]
    has_phone: bool
    navigation: NavigationLinks
    result: VisitResult | None

    @property
    def is_done(self) -> bool:
        """Whether a visit was recorded on the day."""
        return self.result is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRoute:
    """One day of one grid worker. `travel_minutes` is an estimate along straight lines."""

    day: date
    grid_name: str
    office: tuple[float, float]
    stops: tuple[RouteStop, ...]
    travel_minutes: int
    plan_version: int | None

    @property
    def done(self) -> int:
        """How many stops have a recorded visit."""
        return sum(stop.is_done for stop in self.stops)

    @property
    def next_stop(self) -> RouteStop | None:
        """The first stop without a recorded visit."""
        return next((stop for stop in self.stops if not stop.is_done), None)


def navigation_links(name: str, lon: float, lat: float) -> NavigationLinks:
    """Make the links for a WGS-84 point.

    All apps take GCJ-02; Amap writes longitude first, the others latitude first.
    """
    from maps.datum import Datum, from_wgs84  # lazy: start-up time

    x, y = from_wgs84([lon], [lat], Datum.GCJ02)
    lon_gcj, lat_gcj = f"{float(x[0]):.6f}", f"{float(y[0]):.6f}"
    title = quote(name, safe="")
    return NavigationLinks(
        amap=f"https://uri.amap.com/navigation?to={lon_gcj},{lat_gcj},{title}&mode=ride&src=outreach&callnative=1",
        baidu=(
            f"https://api.map.baidu.com/direction?destination=latlng:{lat_gcj},{lon_gcj}%7Cname:{title}"
            "&mode=riding&coord_type=gcj02&output=html&src=outreach"
        ),
        tencent=f"https://apis.map.qq.com/uri/v1/routeplan?type=drive&to={title}&tocoord={lat_gcj},{lon_gcj}&referer=outreach",
        apple=f"https://maps.apple.com/?daddr={lat_gcj},{lon_gcj}&dirflg=d",
    )


def day_route(session: Session, principal: Principal, day: date) -> DayRoute:
    """The signed-in grid worker's published route of a day; empty when nothing is planned.

    Raises
    ------
    Refused
        When the account is no grid worker's.
    """
    if principal.grid_worker_id is None or principal.grid_id is None:
        raise Refused("只有网格员有自己的路线")
    worker = session.get_one(GridWorker, principal.grid_worker_id)
    grid = session.get_one(Grid, principal.grid_id)
    route = _published_route(session, principal.district_id, grid_id=grid.id, day=day)
    return DayRoute(
        day=day,
        grid_name=grid.name,
        office=(worker.office_lon, worker.office_lat),
        stops=_stops(session, route[0].id, day) if route else (),
        travel_minutes=round(route[0].travel_s / 60) if route else 0,
        plan_version=route[1] if route else None,
    )


def planned_days(
    session: Session, principal: Principal, *, first: date, last: date
) -> dict[date, int]:
    """The days of the worker's published plan with their number of stops."""
    from sqlalchemy import func

    query = (
        select(PlanRoute.day, func.count(PlanStop.id))
        .join(PlanStop, PlanStop.route_id == PlanRoute.id)
        .join(VisitPlan, VisitPlan.id == PlanRoute.plan_id)
        .where(
            VisitPlan.district_id == principal.district_id,
            VisitPlan.status == PlanStatus.PUBLISHED,
            PlanRoute.grid_id == principal.grid_id,
            PlanRoute.day.between(first, last),
        )
        .group_by(PlanRoute.day)
        .order_by(PlanRoute.day)
    )
    return dict(session.execute(query).all())


def _published_route(
    session: Session, district_id: int, *, grid_id: int, day: date
) -> tuple[PlanRoute, int] | None:
    query = (
        select(PlanRoute, VisitPlan.version)
        .join(VisitPlan, VisitPlan.id == PlanRoute.plan_id)
        .where(
            VisitPlan.district_id == district_id,
            VisitPlan.status == PlanStatus.PUBLISHED,
            PlanRoute.grid_id == grid_id,
            PlanRoute.day == day,
        )
    )
    row = session.execute(query).first()
    return (row[0], row[1]) if row else None


def _stops(session: Session, route_id: int, day: date) -> tuple[RouteStop, ...]:
    query = (
        select(PlanStop, Enterprise)
        .join(Enterprise, Enterprise.id == PlanStop.enterprise_id)
        .where(PlanStop.route_id == route_id)
        .order_by(PlanStop.sequence)
    )
    rows = session.execute(query).all()
    results = _results(session, [enterprise.id for _, enterprise in rows], day)
    return tuple(
        RouteStop(
            sequence=stop.sequence,
            enterprise_id=enterprise.id,
            name=enterprise.name,
            address=enterprise.address,
            lon=enterprise.lon or 0.0,
            lat=enterprise.lat or 0.0,
            error_m=enterprise.position_error_m or 0.0,
            purpose=VisitPurpose(stop.purpose),
            start=clock_of(stop.start_s),
            end=clock_of(stop.end_s),
            reasons=tuple(Sentence.from_json(reason) for reason in stop.reasons),
            has_phone=bool(enterprise.phone),
            navigation=navigation_links(
                enterprise.name, enterprise.lon or 0.0, enterprise.lat or 0.0
            ),
            result=results.get(enterprise.id),
        )
        for stop, enterprise in rows
    )


def _results(session: Session, enterprise_ids: list[int], day: date) -> dict[int, VisitResult]:
    query = (
        select(visits_table.Visit.enterprise_id, visits_table.Visit.result)
        .where(
            visits_table.Visit.enterprise_id.in_(enterprise_ids),
            visits_table.Visit.visited_on == day,
        )
        .order_by(visits_table.Visit.received_at)
    )
    return {key: VisitResult(result) for key, result in session.execute(query)}


def reveal_phone(
    session: Session, principal: Principal, enterprise_id: int, *, now: datetime
) -> str:
    """Return a firm's phone number to an account that may see the firm; each showing is audited.

    Raises
    ------
    NotFound
        When the firm is out of the account's sight or has no number.
    """
    enterprise = get_enterprise(session, principal, enterprise_id)
    if not enterprise.phone:
        raise NotFound("这家企业没有登记电话")
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id,
        action="show_phone",
        subject="enterprise",
        subject_id=enterprise.id,
        now=now,
    )
    return enterprise.phone

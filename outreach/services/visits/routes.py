"""The route page: whom to see today, in which order, why, and how to get there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.domain.days import (
    Call,
    SkipReason,
    clock_of,
    compare_days,
    list_violations,
    seconds_of,
)
from outreach.domain.doors import DoorPlace, group_doors, split_address
from outreach.domain.enterprises import Industry
from outreach.domain.plans import (
    PlanRule,
    VisitPurpose,
    travels_like,
    welcome_windows,
    with_last_visit,
)
from outreach.domain.travel import TravelBasis, TravelNote, join_bases
from outreach.errors import NotFound, Refused
from outreach.services.administration.audit import write_audit
from outreach.services.enterprises.doors import load_door_notes
from outreach.services.enterprises.enterprises import get_enterprise
from outreach.services.planning.appointments import find_appointments
from outreach.services.planning.travel import travel_of
from outreach.services.visits.navigation import NavigationLinks, navigation_links
from outreach.services.visits.standing_days import count_stops, find_results, standing_day
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.appointments import Appointment
    from outreach.domain.days import DayStop
    from outreach.domain.visits import VisitResult
    from outreach.domain.wording import Sentence
    from outreach.services.planning.travel import DrawnLeg
    from outreach.services.visits.standing_days import StandingDay


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStop:
    """One stop as the grid worker sees it. `lon`, `lat` are WGS-84; no phone number, no person.

    Stops with one `door` are one arrival; `floor` is empty where no address tells it.
    """

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
    door: int = 0
    floor: int | None = None
    door_note: str = ""
    is_added: bool = False
    is_moved: bool = False

    @property
    def is_done(self) -> bool:
        """Whether a visit was recorded on the day, or this week before it."""
        return self.result is not None

    @property
    def needs_refresh_only(self) -> bool:
        """Whether one tap on "no change" would do."""
        return self.purpose is VisitPurpose.REFRESH and not self.is_done


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedStop:
    """A stop that the worker left out; she may take it back."""

    enterprise_id: int
    name: str
    reason: SkipReason


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedFirm:
    """A firm that agreed to the day after it was planned: it is not on the route yet."""

    enterprise_id: int
    name: str
    reason: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRoute:
    """One day of one grid worker, with her changes on top of the published plan.

    `travel` says what `travel_minutes` and `travel_km` are made from; `legs` lead from the office
    from stop to stop and back. `changes` counts the changes that stand, `violations` say what her
    order breaks.
    """

    day: date
    grid_name: str
    office: tuple[float, float]
    stops: tuple[RouteStop, ...]
    travel_minutes: int
    plan_version: int | None
    travel_km: float = 0.0
    travel: TravelNote = field(default_factory=TravelNote)
    legs: tuple[DrawnLeg, ...] = ()
    changes: int = 0
    violations: tuple[Sentence, ...] = ()
    skipped: tuple[SkippedStop, ...] = ()
    agreed: tuple[AgreedFirm, ...] = ()

    @property
    def done(self) -> int:
        """How many stops have a recorded visit."""
        return sum(stop.is_done for stop in self.stops)

    @property
    def next_stop(self) -> RouteStop | None:
        """The first stop without a recorded visit."""
        return next((stop for stop in self.stops if not stop.is_done), None)

    @property
    def doors(self) -> list[list[RouteStop]]:
        """The stops by door: one arrival, several visits."""
        found: dict[int, list[RouteStop]] = {}
        for stop in self.stops:
            found.setdefault(stop.door, []).append(stop)
        return list(found.values())

    def behind_door_of(self, stop: RouteStop) -> list[RouteStop]:
        """All stops behind the door of a stop, itself among them."""
        return [one for one in self.stops if one.door == stop.door]


def day_route(
    session: Session, principal: Principal, day: date, *, rule: PlanRule | None = None
) -> DayRoute:
    """The signed-in grid worker's route of a day as it stands; empty when nothing is planned.

    Raises
    ------
    Refused
        When the account is no grid worker's.
    """
    if principal.grid_worker_id is None or principal.grid_id is None:
        raise Refused("只有网格员有自己的路线")
    worker = session.get_one(GridWorker, principal.grid_worker_id)
    grid = session.get_one(Grid, principal.grid_id)
    office = (worker.office_lon, worker.office_lat)
    standing = standing_day(session, principal.district_id, grid_id=grid.id, day=day)
    agreed = find_appointments(session, principal.district_id, first=day, last=day)
    firms = _firms(session, standing, agreed)
    stops = _stops(session, standing, firms)
    rule = travels_like(rule or PlanRule(), standing.rule)
    travel = travel_of(session, standing.travel)
    stations = [office, *((stop.lon, stop.lat) for stop in stops), office] if stops else []
    legs = travel.legs(stations, rule)
    changed = bool(standing.changes)

    def home(point: tuple[float, float]) -> int:
        return sum(leg.seconds for leg in travel.legs([point, office], rule))

    return DayRoute(
        day=day,
        grid_name=grid.name,
        office=office,
        stops=stops,
        travel_minutes=round(standing.travel_s / 60),
        plan_version=standing.plan_version,
        travel_km=round(sum(leg.metres for leg in legs) / 1000, 1),
        travel=_note(standing, legs),
        legs=legs,
        changes=len(standing.changes),
        violations=_violations(standing, stops, firms, agreed, rule, home) if changed else (),
        skipped=tuple(
            SkippedStop(enterprise_id=key, name=firms[key].name, reason=SkipReason(reason))
            for key, reason in standing.skipped.items()
            if key in firms
        ),
        agreed=_not_planned(standing, firms, agreed, grid.id),
    )


def _not_planned(
    standing: StandingDay,
    firms: Mapping[int, Enterprise],
    agreed: Mapping[int, Appointment],
    grid_id: int,
) -> tuple[AgreedFirm, ...]:
    """Firms of the grid that agreed to the day and are neither on the route nor skipped."""
    known = {*(stop.enterprise_id for stop in standing.stops), *standing.skipped}
    return tuple(
        AgreedFirm(enterprise_id=key, name=firms[key].name, reason=one.sentence)
        for key, one in agreed.items()
        if key not in known and firms[key].grid_id == grid_id and not firms[key].retired
    )


def planned_days(
    session: Session, principal: Principal, *, first: date, last: date
) -> dict[date, int]:
    """The days on which the worker has stops, with their number."""
    return count_stops(
        session, principal.district_id, grid_id=principal.grid_id or 0, first=first, last=last
    )


def _firms(
    session: Session, standing: StandingDay, agreed: Mapping[int, Appointment]
) -> dict[int, Enterprise]:
    wanted = [*(stop.enterprise_id for stop in standing.stops), *standing.skipped, *agreed]
    rows = session.scalars(select(Enterprise).where(Enterprise.id.in_(wanted)))
    return {row.id: row for row in rows}


def _stops(
    session: Session, standing: StandingDay, firms: dict[int, Enterprise]
) -> tuple[RouteStop, ...]:
    """The stops in order."""
    planned = [stop for stop in standing.stops if stop.enterprise_id in firms]
    wanted = [stop.enterprise_id for stop in planned]
    results = find_results(session, wanted, standing.day)
    notes = load_door_notes(session, wanted)
    doors = group_doors([_place(firms[key]) for key in wanted])
    moved = set(compare_days(standing.published, wanted).moved) if standing.changes else set()
    return tuple(
        _route_stop(
            replace(stop, is_moved=stop.enterprise_id in moved),
            firms[stop.enterprise_id],
            sequence=place + 1,
            door=doors[place],
            note=notes.get(stop.enterprise_id, ""),
            result=results.get(stop.enterprise_id),
            day=standing.day,
        )
        for place, stop in enumerate(planned)
    )


def _place(row: Enterprise) -> DoorPlace:
    return DoorPlace(
        lon=row.lon or 0.0,
        lat=row.lat or 0.0,
        error_m=row.position_error_m or 0.0,
        address=row.address,
    )


def _route_stop(
    stop: DayStop,
    row: Enterprise,
    *,
    sequence: int,
    door: int,
    note: str,
    result: VisitResult | None,
    day: date,
) -> RouteStop:
    return RouteStop(
        sequence=sequence,
        enterprise_id=row.id,
        name=row.name,
        address=row.address,
        lon=row.lon or 0.0,
        lat=row.lat or 0.0,
        error_m=row.position_error_m or 0.0,
        purpose=stop.purpose,
        start=clock_of(stop.start_s),
        end=clock_of(stop.end_s),
        reasons=with_last_visit(stop.reasons, row.last_visited_on, day),
        has_phone=bool(row.phone),
        navigation=navigation_links(row.name, row.lon or 0.0, row.lat or 0.0),
        result=result,
        door=door,
        floor=split_address(row.address)[1],
        door_note=note,
        is_added=stop.is_added,
        is_moved=stop.is_moved,
    )


def _note(standing: StandingDay, legs: tuple[DrawnLeg, ...]) -> TravelNote:
    """What the minutes are made from: as the plan stored it, after a change as the ways now are."""
    if not standing.changes:
        return replace(standing.travel, basis=TravelBasis(standing.travel_kind))
    return replace(standing.travel, basis=join_bases([leg.basis for leg in legs]))


def _violations(
    standing: StandingDay,
    stops: tuple[RouteStop, ...],
    firms: Mapping[int, Enterprise],
    agreed: Mapping[int, Appointment],
    rule: PlanRule,
    home: Callable[[tuple[float, float]], int],
) -> tuple[Sentence, ...]:
    """What is still to come and breaks the hours of a firm or of the shift, or what was agreed."""
    done = {stop.enterprise_id for stop in stops if stop.is_done}
    left = [
        stop
        for stop in standing.stops
        if stop.enterprise_id in firms and stop.enterprise_id not in done
    ]
    if not left:
        return ()
    last = firms[left[-1].enterprise_id]
    back_s = left[-1].end_s + home((last.lon or 0.0, last.lat or 0.0))
    calls = [
        _call(stop, firms[stop.enterprise_id], agreed.get(stop.enterprise_id), rule)
        for stop in left
    ]
    return list_violations(calls, back_s=back_s, shift_end_s=seconds_of(rule.shift_end))


def _call(stop: DayStop, firm: Enterprise, agreed: Appointment | None, rule: PlanRule) -> Call:
    windows = welcome_windows(Industry(firm.industry))
    if agreed is not None:
        windows = agreed.windows(
            shift_start=rule.shift_start, lunch=rule.lunch, shift_end=rule.shift_end
        )
    return Call(
        name=firm.name,
        start_s=stop.start_s,
        end_s=stop.end_s,
        windows=windows,
        agreed=agreed.part.label if agreed and agreed.part else "",
    )


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

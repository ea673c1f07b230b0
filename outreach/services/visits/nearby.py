"""附近还有: firms that are due within a walk of a stop, or of where the worker stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from outreach.domain.days import NEAR_M
from outreach.domain.plans import VisitPurpose, why_this_firm
from outreach.domain.positions import distance_m
from outreach.errors import Refused
from outreach.services.enterprises.enterprises import get_enterprise
from outreach.services.planning.planning import list_due
from outreach.services.visits.standing_days import find_results, standing_day

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.plans import Candidate, PlanRule
    from outreach.domain.wording import Sentence

MOST_NEARBY = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyFirm:
    """A due firm close by; `distance_m` is along the straight line.

    `planned_on` is the later day of the week on which she would go there anyway.
    """

    enterprise_id: int
    name: str
    purpose: VisitPurpose
    distance_m: int
    reasons: tuple[Sentence, ...]
    planned_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """The middle of the search: a stop's name, or empty for her own position; (lon, lat)."""

    name: str
    lon: float
    lat: float


def stop_as_here(session: Session, principal: Principal, enterprise_id: int) -> Here | None:
    """A firm as the middle of the search, `None` while it has no place.

    Raises
    ------
    NotFound
        When the firm is out of the account's sight.
    """
    row = get_enterprise(session, principal, enterprise_id)
    if row.lon is None or row.lat is None:
        return None
    return Here(name=row.name, lon=row.lon, lat=row.lat)


def position_as_here(lon: float, lat: float, datum: str) -> Here:
    """A phone's position as the middle of the search; it is used once and never kept."""
    from maps.datum import Datum, to_wgs84  # lazy: start-up time

    x, y = to_wgs84([lon], [lat], Datum(datum))
    return Here(name="", lon=float(x[0]), lat=float(y[0]))


def list_nearby(
    session: Session, principal: Principal, here: Here | None, *, day: date, rule: PlanRule
) -> list[NearbyFirm]:
    """Due firms of the worker's grid within 300 m that are not in her day, the nearest first.

    Without a middle there are none.

    Raises
    ------
    Refused
        When the account is no grid worker's.
    """
    if not principal.role.records_visits or principal.grid_id is None:
        raise Refused("只有网格员有自己的路线")
    if here is None:
        return []
    standing = standing_day(session, principal.district_id, grid_id=principal.grid_id, day=day)
    present = {stop.enterprise_id for stop in standing.stops}
    due = list_due(session, principal.district_id, day, rule, grid_id=principal.grid_id, days=1)
    near = [
        one.candidate
        for one in due
        if one.left_out is None
        and one.candidate.enterprise_id not in present
        and _metres(here, one.candidate) <= NEAR_M
    ]
    visited = find_results(session, [one.enterprise_id for one in near], day)
    near = [one for one in near if one.enterprise_id not in visited]
    planned = _planned_later(session, principal.district_id, principal.grid_id, day) if near else {}
    near.sort(key=lambda one: (_metres(here, one), one.enterprise_id))
    return [
        NearbyFirm(
            enterprise_id=one.enterprise_id,
            name=one.name,
            purpose=one.purpose,
            distance_m=round(_metres(here, one)),
            reasons=why_this_firm(one, rule),
            planned_on=planned.get(one.enterprise_id),
        )
        for one in near[:MOST_NEARBY]
    ]


def _planned_later(session: Session, district_id: int, grid_id: int, day: date) -> dict[int, date]:
    """The firms of the later days of the week, each with its day."""
    found: dict[int, date] = {}
    for later in (day + timedelta(days=n) for n in range(1, 7 - day.weekday())):
        for stop in standing_day(session, district_id, grid_id=grid_id, day=later).stops:
            found.setdefault(stop.enterprise_id, later)
    return found


def _metres(here: Here, candidate: Candidate) -> float:
    return distance_m((here.lon, here.lat), (candidate.lon, candidate.lat))

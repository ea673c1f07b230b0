"""Which agreed visits (约了下次) stand, for plans and for a grid worker's day."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.appointments import Appointment, DayPart
from outreach.domain.visits import VisitResult, standing_appointment
from outreach.storage.enterprises import EnterpriseAlias
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session
    from sqlalchemy.sql import ColumnElement, Select


def find_appointments(
    session: Session,
    district_id: int,
    *,
    first: date,
    last: date,
    received_before: datetime | None = None,
) -> dict[int, Appointment]:
    """The appointments that stand for a day between `first` and `last`, by the firm's present id.

    Both ends are included; with `received_before` as they stood then.
    """
    agreed = _visits(district_id, received_before).where(Visit.appointed_on.between(first, last))
    rows = session.execute(agreed).all()
    if not rows:
        return {}
    since = min(visit.visited_at for _, visit in rows)
    later = _visits(district_id, received_before).where(
        _present_id().in_({firm for firm, _ in rows}), Visit.visited_at >= since
    )
    by_firm: defaultdict[int, list[Visit]] = defaultdict(list)
    for firm, visit in session.execute(later.order_by(Visit.visited_at)):
        by_firm[firm].append(visit)
    found = {firm: _standing(visits) for firm, visits in by_firm.items()}
    return {firm: one for firm, one in found.items() if one and first <= one.day <= last}


def _visits(district_id: int, received_before: datetime | None) -> Select[int, Visit]:
    query = (
        select(_present_id(), Visit)
        .select_from(Visit)
        .outerjoin(EnterpriseAlias, EnterpriseAlias.former_id == Visit.enterprise_id)
        .where(Visit.district_id == district_id)
    )
    return query if received_before is None else query.where(Visit.received_at < received_before)


def _present_id() -> ColumnElement[int]:
    return func.coalesce(EnterpriseAlias.enterprise_id, Visit.enterprise_id)


def _standing(visits: list[Visit]) -> Appointment | None:
    return standing_appointment(
        (visit.visited_on, VisitResult(visit.result), _appointment(visit)) for visit in visits
    )


def _appointment(visit: Visit) -> Appointment | None:
    if visit.appointed_on is None:
        return None
    part = DayPart(visit.appointed_part) if visit.appointed_part else None
    return Appointment(day=visit.appointed_on, part=part)

"""Counting the firms, visits and planned stops of each grid over a window of days."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from outreach.domain.grid_figures import DUE, FRESH_DAYS, Tally
from outreach.domain.targets import Standing
from outreach.domain.visits import VisitResult
from outreach.services.enterprises.enterprises import should_have
from outreach.storage.enterprises import Enterprise, EnterpriseAlias
from outreach.storage.plans import PlanRoute, PlanStop, VisitPlan
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select, Subquery
    from sqlalchemy.orm import InstrumentedAttribute, Session

SETTLING = [result for result in VisitResult if result.settles_visit]
"""Results after which a firm counts as visited."""

MET = (VisitResult.MET_HEAD, VisitResult.MET_CLERK)
"""Results that say that somebody was met."""


def is_visit() -> ColumnElement[bool]:
    """A visit, whoever was met; a tap that nothing changed is none."""
    return Visit.result != VisitResult.UNCHANGED


Tallies = dict[int | None, list[Tally]]
"""By grid, at most one tally for each standing, those with a union in two; `None` holds the firms
that lie in no grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Days whose visits and stops are counted, both included; coverage speaks for the last one."""

    since: date
    until: date

    @classmethod
    def lately(cls, today: date) -> Window:
        """The last thirty days."""
        return cls(since=today - timedelta(days=FRESH_DAYS), until=today)


def count_tallies(
    session: Session,
    district_id: int,
    window: Window,
    *,
    is_past: bool = False,
    only: Sequence[ColumnElement[bool]] = (),
) -> Tallies:
    """Count every grid of a district.

    `is_past` looks up when each firm had been visited last at the window's end, instead of taking
    the last visit of all. `only` are conditions on the firms.
    """
    counted: dict[tuple[int | None, Standing | None, bool], Tally] = {}

    def add(query: Select[*tuple[Any, ...]], *names: str) -> None:
        for grid_id, said, should, *counts in session.execute(query.where(*only)):
            standing = Standing(said) if said in DUE else None
            key = (grid_id, standing, bool(should))
            known = counted.get(key) or Tally(standing=standing, should_have=bool(should))
            sums = {
                name: getattr(known, name) + (count or 0)
                for name, count in zip(names, counts, strict=True)
            }
            counted[key] = replace(known, **sums)

    past = window.until if is_past else None
    add(_firms(district_id, window.until, past), "firms", "covered", "overdue", "employees")
    add(_visits(district_id, window), "visits")
    add(_stops(district_id, window), "planned", "done")
    found: Tallies = defaultdict(list)
    for (grid_id, *_), tally in counted.items():
        found[grid_id].append(tally)
    return found


def count_nowhere(session: Session, district_id: int, window: Window, township: str) -> list[Tally]:
    """Count the firms that lie in no grid and whose address names a township."""
    only = (Enterprise.grid_id.is_(None), Enterprise.township == township)
    return count_tallies(session, district_id, window, only=only).get(None, [])


def meant_enterprise(former: InstrumentedAttribute[int]) -> ColumnElement[int]:
    """The enterprise that a stored id means now; join `EnterpriseAlias` on `former_id` first."""
    return func.coalesce(EnterpriseAlias.enterprise_id, former)


def _firms(district_id: int, day: date, past: date | None) -> Select[*tuple[Any, ...]]:
    fresh = day - timedelta(days=FRESH_DAYS)
    last: Any = Enterprise.last_visited_on
    should = _should()
    query = select(Enterprise.grid_id, Enterprise.standing, should)
    if past is not None:
        visits = _last_visits(district_id, past)
        last = visits.c.last
        query = query.outerjoin(visits, visits.c.enterprise_id == Enterprise.id)
    return (
        query.add_columns(
            func.count(),
            func.count().filter(last >= fresh),
            func.count().filter(last < fresh),
            func.sum(Enterprise.employees),
        )
        .where(
            Enterprise.district_id == district_id,
            Enterprise.retired.is_(False),
            Enterprise.standing.in_(DUE),
        )
        .group_by(Enterprise.grid_id, Enterprise.standing, should)
    )


def _should() -> ColumnElement[int]:
    return case((should_have(), 1), else_=0)


def _last_visits(district_id: int, until: date) -> Subquery:
    enterprise = meant_enterprise(Visit.enterprise_id)
    return (
        select(enterprise.label("enterprise_id"), func.max(Visit.visited_on).label("last"))
        .select_from(Visit)
        .outerjoin(EnterpriseAlias, EnterpriseAlias.former_id == Visit.enterprise_id)
        .where(
            Visit.district_id == district_id,
            Visit.visited_on <= until,
            Visit.result.in_(SETTLING),
        )
        .group_by(enterprise)
        .subquery()
    )


def made_visits(district_id: int, window: Window) -> Select[*tuple[Any, ...]]:
    """All visits of a window, as the dashboard counts them; nothing selected yet but the UUID."""
    return select(Visit.uuid).where(
        Visit.district_id == district_id,
        Visit.visited_on.between(window.since, window.until),
        is_visit(),
    )


def settled_visits(district_id: int, window: Window) -> Select[*tuple[Any, ...]]:
    """The settled visits of a window; nothing selected yet but `Visit.uuid`."""
    return select(Visit.uuid).where(
        Visit.district_id == district_id,
        Visit.visited_on.between(window.since, window.until),
        Visit.result.in_(SETTLING),
    )


def _visits(district_id: int, window: Window) -> Select[*tuple[Any, ...]]:
    """Visits by the grid in which the firm lies now."""
    should = _should()
    return (
        made_visits(district_id, window)
        .with_only_columns(Enterprise.grid_id, Enterprise.standing, should, func.count())
        .select_from(Visit)
        .outerjoin(EnterpriseAlias, EnterpriseAlias.former_id == Visit.enterprise_id)
        .join(Enterprise, Enterprise.id == meant_enterprise(Visit.enterprise_id))
        .group_by(Enterprise.grid_id, Enterprise.standing, should)
    )


def planned_stops(district_id: int, window: Window) -> Select[*tuple[Any, ...]]:
    """Stops of published plans on the days of a window; nothing selected yet but `PlanStop.id`."""
    return (
        select(PlanStop.id)
        .join(PlanRoute, PlanRoute.id == PlanStop.route_id)
        .join(VisitPlan, VisitPlan.id == PlanStop.plan_id)
        .where(
            VisitPlan.district_id == district_id,
            VisitPlan.status == "published",
            PlanRoute.day.between(window.since, window.until),
        )
    )


def _stops(district_id: int, window: Window) -> Select[*tuple[Any, ...]]:
    """Planned stops by the grid whose worker they were planned for, and how many were answered."""
    should = _should()
    answered = (
        settled_visits(district_id, window)
        .with_only_columns(Visit.plan_stop_id.label("stop_id"))
        .where(Visit.plan_stop_id.is_not(None))
        .distinct()
        .subquery()
    )
    return (
        planned_stops(district_id, window)
        .with_only_columns(
            PlanRoute.grid_id,
            Enterprise.standing,
            should,
            func.count(),
            func.count(answered.c.stop_id),
        )
        .outerjoin(EnterpriseAlias, EnterpriseAlias.former_id == PlanStop.enterprise_id)
        .join(Enterprise, Enterprise.id == meant_enterprise(PlanStop.enterprise_id))
        .outerjoin(answered, answered.c.stop_id == PlanStop.id)
        .group_by(PlanRoute.grid_id, Enterprise.standing, should)
    )

"""Visits of a version that stand on days on which nobody goes out: a leave or a day off came after.

Such a version is to be planned again for the grids concerned, and published.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.plans import PlanStatus
from outreach.services.administration.calendar_days import load_calendar
from outreach.services.administration.leave import load_week_cover
from outreach.services.planning.solved_weeks import require_plan
from outreach.storage.grids import Grid
from outreach.storage.plans import PlanRoute, PlanStop, VisitPlan

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

_TO_SUNDAY = timedelta(days=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayGrid:
    """A grid with visits on days on which its worker does not go out."""

    grid_id: int
    grid_name: str
    visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayVisits:
    """What of a version nobody will do, from a day on, by grid."""

    plan_id: int
    week: date
    version: int
    grids: tuple[AwayGrid, ...]

    @property
    def visits(self) -> int:
        """How many visits they are together."""
        return sum(grid.visits for grid in self.grids)


def count_away(session: Session, plan: VisitPlan, *, since: date | None = None) -> dict[int, int]:
    """How many visits of each grid stand on days on which its worker does not go out.

    Days before `since` are not counted: what happened on them can no longer be planned.
    """
    cover = load_week_cover(session, plan.district_id, plan.week)
    days = set(load_calendar(session, plan.district_id).working_days(plan.week))
    query = (
        select(PlanRoute.grid_id, PlanRoute.day, func.count())
        .join(PlanStop, PlanStop.route_id == PlanRoute.id)
        .where(PlanRoute.plan_id == plan.id)
        .group_by(PlanRoute.grid_id, PlanRoute.day)
    )
    if since is not None:
        query = query.where(PlanRoute.day >= since)
    found: defaultdict[int, int] = defaultdict(int)
    for grid_id, day, count in session.execute(query):
        if day not in days or cover.is_away(grid_id, day):
            found[grid_id] += count
    return dict(found)


def find_away(
    session: Session, principal: Principal, plan_id: int, *, today: date
) -> AwayVisits | None:
    """What of a version nobody will do from tomorrow on; `None` when there is nothing.

    Raises
    ------
    Refused, NotFound
        When the account reads no plans, or its district has no such plan.
    """
    plan = require_plan(session, principal, plan_id)
    return None if plan.status == PlanStatus.SUPERSEDED else _away_of(session, plan, today)


def list_away(session: Session, principal: Principal, *, today: date) -> list[AwayVisits]:
    """The published versions, this week's and later, of which nobody will do a part.

    Empty for an account that reads no plans.
    """
    if not principal.role.sees_district:
        return []
    plans = session.scalars(
        select(VisitPlan)
        .where(
            VisitPlan.district_id == principal.district_id,
            VisitPlan.status == PlanStatus.PUBLISHED,
            VisitPlan.week >= today - _TO_SUNDAY,
        )
        .order_by(VisitPlan.week)
    )
    found = (_away_of(session, plan, today) for plan in plans)
    return [one for one in found if one is not None]


def _away_of(session: Session, plan: VisitPlan, today: date) -> AwayVisits | None:
    counts = count_away(session, plan, since=today + timedelta(days=1))
    if not counts:
        return None
    grids = session.execute(
        select(Grid.id, Grid.name).where(Grid.id.in_(counts)).order_by(Grid.township, Grid.code)
    )
    return AwayVisits(
        plan_id=plan.id,
        week=plan.week,
        version=plan.version,
        grids=tuple(
            AwayGrid(grid_id=grid_id, grid_name=name, visits=counts[grid_id])
            for grid_id, name in grids
        ),
    )

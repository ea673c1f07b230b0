"""The work of every grid in a version's week, also of those that have nothing due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.domain.loads import GridLoad, free_week
from outreach.services.administration.calendar_days import load_calendar
from outreach.services.administration.leave import load_week_cover
from outreach.services.planning.plans import rule_from_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from outreach.storage.plans import VisitPlan


def read_loads(session: Session, plan: VisitPlan, grid_ids: Iterable[int]) -> dict[int, GridLoad]:
    """The loads that a version was made with; empty for one that keeps none.

    A grid without anything due has all days free on which its grid worker is there.
    """
    stored = plan.figures.get("loads", {})
    if not stored:
        return {}
    days = load_calendar(session, plan.district_id).working_days(plan.week)
    cover = load_week_cover(session, plan.district_id, plan.week)
    rule = rule_from_json(plan.rule)
    return {
        grid_id: GridLoad(**stored[str(grid_id)])
        if str(grid_id) in stored
        else free_week(days=len(cover.days_present(grid_id, days)), rule=rule)
        for grid_id in grid_ids
    }

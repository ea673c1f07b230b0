"""Publishing a draft: what it would do, said before; done only while that still holds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.errors import Conflict
from outreach.services.grids.grid_changes import changed_since
from outreach.services.planning.board_views import count_conflicts
from outreach.services.planning.plan_differences import PlanDifference, compare_versions
from outreach.services.planning.plans import find_published_plan, get_plan, publish_plan
from outreach.services.planning.solved_weeks import require_plan
from outreach.services.visits.standing_days import standing_changes
from outreach.storage.days import DayChange
from outreach.storage.grids import Grid
from outreach.storage.plans import PlanEdit, VisitPlan

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal


class SeenOther(Conflict):
    """What would be published, or replaced, is not what the planner saw (web status 409)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridConflicts:
    """A grid of the draft whose week breaks rules, and how many times."""

    grid_id: int
    grid_name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """What publishing a version would do to what the grid workers hold.

    `replaces` is the version that they hold now. `own_days` counts the days from today on that
    grid workers changed on their phones: those changes belong to the old version and go with it.
    `seen` goes back with the order to publish; `conflicts` has the worst grids first. `redrawn_at`
    is when borders changed after the draft was made: its grids are those of before.
    """

    replaces: int | None
    difference: PlanDifference
    own_days: int
    seen: str
    conflicts: tuple[GridConflicts, ...]
    redrawn_at: datetime | None = None

    @property
    def conflict_count(self) -> int:
        """How many conflicts there are in all."""
        return sum(one.count for one in self.conflicts)


def view_publishing(
    session: Session, principal: Principal, plan_id: int, *, today: date
) -> Publishing:
    """Say what publishing a draft would change for the grid workers.

    Raises
    ------
    Refused, NotFound
        When the account reads no plans, or its district has no such plan.
    """
    plan = require_plan(session, principal, plan_id)
    standing = find_published_plan(session, principal.district_id, plan.week)
    return Publishing(
        replaces=standing.version if standing else None,
        difference=compare_versions(session, principal, standing.id if standing else None, plan_id),
        own_days=_own_days(session, standing.id, today) if standing else 0,
        seen=_state(session, plan),
        conflicts=_conflicts(session, plan),
        redrawn_at=changed_since(session, principal.district_id, plan.made_at),
    )


def publish_as_seen(
    session: Session, principal: Principal, plan_id: int, *, seen: str, now: datetime
) -> VisitPlan:
    """Publish a draft, if it is and replaces what the planner saw; `seen` is of `Publishing`.

    Raises
    ------
    Refused, NotFound, Conflict
        As `publish_plan`.
    SeenOther
        When the draft was changed since, or another version is published now.
    """
    plan = get_plan(session, principal.district_id, plan_id)
    # Whoever changes or publishes a version of this week waits: what is compared is what goes out.
    week = select(VisitPlan).where(
        VisitPlan.district_id == plan.district_id, VisitPlan.week == plan.week
    )
    session.scalars(
        week.order_by(VisitPlan.id).with_for_update(), execution_options={"populate_existing": True}
    ).all()
    now_seen = _state(session, plan)
    if principal.role.plans and plan.published_at is None and seen != now_seen:
        if seen.partition("-")[2] != now_seen.partition("-")[2]:
            raise SeenOther("没有发布:打开这一页以后,这一周发布过别的版本。现在的变化在下面")
        raise SeenOther("没有发布:打开这一页以后,这份草稿又改过。现在的变化在下面")
    return publish_plan(session, principal, plan_id, district_id=plan.district_id, now=now)


def _state(session: Session, plan: VisitPlan) -> str:
    """Changes made and taken back in all grids of the draft, and the version that stands."""
    states = session.scalars(select(PlanEdit.undone).where(PlanEdit.plan_id == plan.id)).all()
    standing = find_published_plan(session, plan.district_id, plan.week)
    return f"{len(states) + sum(states)}-{standing.id if standing else 0}"


def _conflicts(session: Session, plan: VisitPlan) -> tuple[GridConflicts, ...]:
    counts = {key: count for key, count in count_conflicts(session, plan).items() if count}
    names = select(Grid.id, Grid.name).where(Grid.id.in_(counts))
    found = [
        GridConflicts(grid_id=grid_id, grid_name=name, count=counts[grid_id])
        for grid_id, name in session.execute(names)
    ]
    return tuple(sorted(found, key=lambda one: (-one.count, one.grid_id)))


def _own_days(session: Session, plan_id: int, today: date) -> int:
    made: defaultdict[tuple[int, date], list[DayChange]] = defaultdict(list)
    query = (
        select(DayChange)
        .where(DayChange.plan_id == plan_id, DayChange.day >= today)
        .order_by(DayChange.grid_id, DayChange.day, DayChange.number)
    )
    for change in session.scalars(query):
        made[change.grid_id, change.day].append(change)
    return sum(bool(standing_changes(changes, plan_id)) for changes in made.values())

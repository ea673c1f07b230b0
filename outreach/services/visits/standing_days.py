"""A grid's day as it stands: the published route with the newest change on top."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.days import DayChangeKind, DayStop
from outreach.domain.plans import PlanStatus, VisitPurpose
from outreach.domain.travel import TravelNote
from outreach.domain.visits import VisitResult
from outreach.domain.wording import Sentence
from outreach.services.planning.plans import rule_from_json
from outreach.storage.days import DayChange
from outreach.storage.plans import PlanRoute, PlanStop, VisitPlan
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from outreach.domain.plans import PlanRule


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDay:
    """One day of a grid.

    `published` are the enterprises of the published route in order, `changes` the changes that
    stand, oldest first, `number` the newest change's of all, undone ones among them. `travel` says
    how the plan of the week travels and `rule` is the one that it was made with, both also where
    the day itself has no route.
    """

    day: date
    plan_id: int | None
    plan_version: int | None
    stops: tuple[DayStop, ...]
    published: tuple[int, ...]
    travel_s: int
    travel_kind: str
    travel: TravelNote
    rule: PlanRule | None
    changes: tuple[DayChange, ...]
    number: int

    @property
    def is_own_order(self) -> bool:
        """Whether the worker put the day into her own order."""
        return any(DayChangeKind(change.kind).is_own_order for change in self.changes)

    @property
    def skipped(self) -> dict[int, str]:
        """The stops that she skipped and that are not back, with the code of the reason."""
        present = {stop.enterprise_id for stop in self.stops}
        return {
            change.content["enterprise_id"]: change.content["reason"]
            for change in self.changes
            if change.kind == DayChangeKind.SKIP and change.content["enterprise_id"] not in present
        }


def standing_day(session: Session, district_id: int, *, grid_id: int, day: date) -> StandingDay:
    """Read a grid's day; without a plan it is empty, but may have been filled by the worker."""
    route, plan = _published_route(session, district_id, grid_id=grid_id, day=day)
    made = _changes(session, grid_id, first=day, last=day).get(day, [])
    of_week = plan or _plan_of_week(session, district_id, day)
    plan_id = of_week.id if of_week else None
    standing = standing_changes(made, plan_id)
    published = _planned_stops(session, route.id) if route else ()
    newest = standing[-1] if standing else None
    stops = published
    if newest is not None:
        stops = tuple(DayStop.from_json(stored) for stored in newest.stops)
    return StandingDay(
        day=day,
        plan_id=plan_id,
        plan_version=plan.version if plan else None,
        stops=stops,
        published=tuple(stop.enterprise_id for stop in published),
        travel_s=newest.travel_s if newest else route.travel_s if route else 0,
        travel_kind=route.travel_kind if route else "straight_line",
        travel=TravelNote.from_figures(of_week.figures) if of_week else TravelNote(),
        rule=rule_from_json(of_week.rule) if of_week else None,
        changes=standing,
        number=made[-1].number if made else 0,
    )


def without_last_change(session: Session, day: StandingDay) -> tuple[tuple[DayStop, ...], int]:
    """The stops and the travel of a day as they were before its newest change that stands."""
    if len(day.changes) > 1:
        before = day.changes[-2]
        return tuple(DayStop.from_json(stored) for stored in before.stops), before.travel_s
    route = session.scalar(
        select(PlanRoute)
        .join(PlanStop, PlanStop.route_id == PlanRoute.id)
        .where(
            PlanRoute.plan_id == day.plan_id,
            PlanRoute.day == day.day,
            PlanRoute.grid_id == day.changes[-1].grid_id,
        )
        .limit(1)
    )
    return (_planned_stops(session, route.id), route.travel_s) if route else ((), 0)


def standing_changes(made: Sequence[DayChange], plan_id: int | None) -> tuple[DayChange, ...]:
    """The changes of a day that stand, oldest first: made on this plan, and not undone."""
    stack: list[DayChange] = []
    for change in made:
        if change.plan_id != plan_id:
            continue
        if change.kind != DayChangeKind.UNDO:
            stack.append(change)
        elif stack:
            stack.pop()
    return tuple(stack)


def find_results(
    session: Session, enterprise_ids: Sequence[int], day: date
) -> dict[int, VisitResult]:
    """What came of the firms of a day, in the order of the visits.

    A firm that was visited on an earlier day of the same week needs no second visit.
    """
    query = (
        select(Visit.enterprise_id, Visit.result, Visit.visited_on)
        .where(
            Visit.enterprise_id.in_(enterprise_ids),
            Visit.visited_on.between(day - timedelta(days=day.weekday()), day),
        )
        .order_by(Visit.visited_at)
    )
    found: dict[int, VisitResult] = {}
    for key, result, visited_on in session.execute(query):
        if visited_on == day or VisitResult(result).settles_visit:
            found[key] = VisitResult(result)
    return found


def count_stops(
    session: Session, district_id: int, *, grid_id: int, first: date, last: date
) -> dict[date, int]:
    """The days of a span on which the grid has stops, with their number, in order."""
    query = (
        select(PlanRoute.day, VisitPlan.id, func.count(PlanStop.id))
        .join(PlanStop, PlanStop.route_id == PlanRoute.id)
        .join(VisitPlan, VisitPlan.id == PlanRoute.plan_id)
        .where(
            VisitPlan.district_id == district_id,
            VisitPlan.status == PlanStatus.PUBLISHED,
            PlanRoute.grid_id == grid_id,
            PlanRoute.day.between(first, last),
        )
        .group_by(PlanRoute.day, VisitPlan.id)
    )
    counted: dict[date, int] = {}
    plans: dict[date, int | None] = {}
    for day, plan_id, count in session.execute(query):
        counted[day], plans[day] = count, plan_id
    for day, made in _changes(session, grid_id, first=first, last=last).items():
        plan = plans[day] if day in plans else _id_of(_plan_of_week(session, district_id, day))
        if standing := standing_changes(made, plan):
            counted[day] = len(standing[-1].stops)
    return {day: counted[day] for day in sorted(counted) if counted[day]}


def _published_route(
    session: Session, district_id: int, *, grid_id: int, day: date
) -> tuple[PlanRoute | None, VisitPlan | None]:
    query = (
        select(PlanRoute, VisitPlan)
        .join(VisitPlan, VisitPlan.id == PlanRoute.plan_id)
        .where(
            VisitPlan.district_id == district_id,
            VisitPlan.status == PlanStatus.PUBLISHED,
            PlanRoute.grid_id == grid_id,
            PlanRoute.day == day,
        )
    )
    row = session.execute(query).first()
    return (row[0], row[1]) if row else (None, None)


def _id_of(plan: VisitPlan | None) -> int | None:
    return plan.id if plan else None


def _plan_of_week(session: Session, district_id: int, day: date) -> VisitPlan | None:
    """The published plan of the week, also where the grid has no route on the day."""
    return session.scalar(
        select(VisitPlan).where(
            VisitPlan.district_id == district_id,
            VisitPlan.week == day - timedelta(days=day.weekday()),
            VisitPlan.status == PlanStatus.PUBLISHED,
        )
    )


def _changes(
    session: Session, grid_id: int, *, first: date, last: date
) -> Mapping[date, list[DayChange]]:
    query = (
        select(DayChange)
        .where(DayChange.grid_id == grid_id, DayChange.day.between(first, last))
        .order_by(DayChange.day, DayChange.number)
    )
    found: defaultdict[date, list[DayChange]] = defaultdict(list)
    for change in session.scalars(query):
        found[change.day].append(change)
    return found


def _planned_stops(session: Session, route_id: int) -> tuple[DayStop, ...]:
    query = select(PlanStop).where(PlanStop.route_id == route_id).order_by(PlanStop.sequence)
    return tuple(
        DayStop(
            enterprise_id=stop.enterprise_id,
            purpose=VisitPurpose(stop.purpose),
            arrive_s=stop.arrive_s,
            start_s=stop.start_s,
            end_s=stop.end_s,
            reasons=tuple(Sentence.from_json(reason) for reason in stop.reasons),
        )
        for stop in session.scalars(query)
    )

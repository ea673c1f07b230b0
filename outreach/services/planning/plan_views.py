"""Plans as the planner's page shows them: versions, routes, what was left out and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from outreach.domain.days import clock_of
from outreach.domain.loads import GridLoad
from outreach.domain.plans import LeftOutReason, PlanRule, PlanStatus, VisitPurpose
from outreach.domain.travel import TravelBasis, TravelNote, join_bases
from outreach.domain.wording import Sentence
from outreach.errors import Refused
from outreach.services.planning.plans import get_plan, rule_from_json
from outreach.services.planning.travel import travel_of
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker
from outreach.storage.plans import PlanLeftOut, PlanRoute, PlanStop, VisitPlan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.services.planning.travel import DrawnLeg


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One version in the list of plans."""

    id: int
    week: date
    version: int
    status: PlanStatus
    made_at: datetime
    published_at: datetime | None
    figures: Mapping[str, Any]
    name: str = ""
    based_on: int | None = None
    based_on_version: int | None = None

    @property
    def travel(self) -> TravelNote:
        """What its travel times are made from."""
        return TravelNote.from_figures(self.figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLine:
    """One grid in a plan."""

    grid_id: int
    grid_name: str
    township: str
    outings: int
    stops: int
    targets: int
    left_out: int
    travel_minutes: int
    load: GridLoad | None = None

    @property
    def grid_workers(self) -> float:
        """How many grid workers the grid's due visits would need; 0 where nothing was due."""
        return self.load.grid_workers if self.load else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StopLine:
    """One planned visit; its moments are seconds after midnight on the clock of the day."""

    sequence: int
    enterprise_id: int
    name: str
    purpose: VisitPurpose
    start_s: int
    end_s: int
    reasons: tuple[Sentence, ...]
    lon: float
    lat: float

    @property
    def start(self) -> str:
        """When the visit begins."""
        return clock_of(self.start_s)

    @property
    def end(self) -> str:
        """When the visit ends."""
        return clock_of(self.end_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """One day of a grid worker's week."""

    day: date
    travel_minutes: int
    stops: tuple[StopLine, ...]
    travel: TravelNote
    legs: tuple[DrawnLeg, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutLine:
    """A firm that was due and is not in the plan."""

    enterprise_id: int
    name: str
    grid_name: str
    employees: int | None
    purpose: VisitPurpose
    reason: LeftOutReason


@dataclass(frozen=True, slots=True, kw_only=True)
class GridWeekView:
    """One grid's week in a plan."""

    grid_id: int
    grid_name: str
    grid_worker: str
    office: tuple[float, float]
    days: tuple[DayLine, ...]
    left_out: tuple[LeftOutLine, ...]
    load: GridLoad | None = None

    @property
    def travel(self) -> TravelNote:
        """What the travel times of all its days are made from."""
        bases = [day.travel.basis for day in self.days]
        note = self.days[0].travel if self.days else TravelNote()
        return replace(note, basis=join_bases(bases))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """One plan with its grids; `left_out_apart` counts what is left out and in no grid."""

    line: PlanLine
    rule: PlanRule
    grids: tuple[GridLine, ...]
    left_out_apart: int = 0

    @property
    def left_out(self) -> int:
        """How many firms the grids leave out."""
        return sum(grid.left_out for grid in self.grids)


def _require_desk(principal: Principal) -> None:
    if not principal.role.sees_district:
        raise Refused("计划只给区总工会和规划人员看")


def list_plans(
    session: Session, principal: Principal, *, limit: int = 20, offset: int = 0
) -> list[PlanLine]:
    """The newest plans of the account's district."""
    _require_desk(principal)
    plans = session.scalars(
        select(VisitPlan)
        .where(VisitPlan.district_id == principal.district_id)
        .order_by(VisitPlan.week.desc(), VisitPlan.version.desc())
        .limit(limit)
        .offset(offset)
    ).all()
    return _lines(session, plans)


def _lines(session: Session, plans: Sequence[VisitPlan]) -> list[PlanLine]:
    origins = {plan.based_on for plan in plans if plan.based_on is not None}
    query = select(VisitPlan.id, VisitPlan.version).where(VisitPlan.id.in_(origins))
    versions = dict(session.execute(query).all()) if origins else {}
    return [_line(plan, versions.get(plan.based_on or 0)) for plan in plans]


def _line(plan: VisitPlan, based_on_version: int | None) -> PlanLine:
    return PlanLine(
        id=plan.id,
        week=plan.week,
        version=plan.version,
        status=PlanStatus(plan.status),
        made_at=plan.made_at,
        published_at=plan.published_at,
        figures=plan.figures,
        name=plan.name,
        based_on=plan.based_on,
        based_on_version=based_on_version,
    )


def view_line(session: Session, principal: Principal, plan_id: int) -> PlanLine:
    """Return one version without its grids.

    Raises
    ------
    Refused, NotFound
        When the account reads no plans, or its district has no such plan.
    """
    _require_desk(principal)
    return _lines(session, [get_plan(session, principal.district_id, plan_id)])[0]


def view_plan(session: Session, principal: Principal, plan_id: int) -> PlanView:
    """Return a plan with one line per grid, in a few queries."""
    _require_desk(principal)
    plan = get_plan(session, principal.district_id, plan_id)
    stops = _counts(session, plan.id)
    travel = _travel(session, plan.id)
    missed = dict(
        session.execute(
            select(PlanLeftOut.grid_id, func.count())
            .where(PlanLeftOut.plan_id == plan.id)
            .group_by(PlanLeftOut.grid_id)
        ).all()
    )
    grids = session.scalars(
        select(Grid).where(Grid.district_id == principal.district_id).order_by(Grid.code)
    )
    lines = tuple(
        GridLine(
            grid_id=grid.id,
            grid_name=grid.name,
            township=grid.township,
            outings=travel.get(grid.id, (0, 0))[0],
            stops=sum(stops[grid.id].values()),
            targets=stops[grid.id].get(VisitPurpose.ORGANISE, 0),
            left_out=missed.get(grid.id, 0),
            travel_minutes=round(travel.get(grid.id, (0, 0))[1] / 60),
            load=_load(plan, grid.id),
        )
        for grid in grids
    )
    return PlanView(
        line=_lines(session, [plan])[0],
        rule=rule_from_json(plan.rule),
        grids=lines,
        left_out_apart=missed.get(None, 0),
    )


def _load(plan: VisitPlan, grid_id: int) -> GridLoad | None:
    """What the plan wrote down of a grid's load; older plans did not."""
    stored = plan.figures.get("loads", {}).get(str(grid_id))
    return GridLoad(**stored) if stored else None


def _counts(session: Session, plan_id: int) -> defaultdict[int, dict[str, int]]:
    query = (
        select(PlanRoute.grid_id, PlanStop.purpose, func.count())
        .join(PlanStop, PlanStop.route_id == PlanRoute.id)
        .where(PlanRoute.plan_id == plan_id)
        .group_by(PlanRoute.grid_id, PlanStop.purpose)
    )
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for grid_id, purpose, count in session.execute(query):
        found[grid_id][purpose] = count
    return found


def _travel(session: Session, plan_id: int) -> dict[int, tuple[int, int]]:
    query = (
        select(PlanRoute.grid_id, func.count(), func.sum(PlanRoute.travel_s))
        .where(PlanRoute.plan_id == plan_id)
        .group_by(PlanRoute.grid_id)
    )
    return {grid_id: (outings, int(s)) for grid_id, outings, s in session.execute(query)}


def view_grid_week(
    session: Session, principal: Principal, plan_id: int, grid_id: int
) -> GridWeekView:
    """Return one grid's week in a plan.

    Raises
    ------
    NotFound
        When the plan or the grid is not the district's.
    """
    from outreach.errors import NotFound

    _require_desk(principal)
    plan = get_plan(session, principal.district_id, plan_id)
    found = session.execute(
        select(Grid, GridWorker)
        .join(GridWorker, GridWorker.grid_id == Grid.id)
        .where(Grid.district_id == principal.district_id, Grid.id == grid_id)
    ).first()
    if found is None:
        raise NotFound("没有找到这个网格")
    grid, worker = found
    return GridWeekView(
        grid_id=grid.id,
        grid_name=grid.name,
        grid_worker=worker.name,
        office=(worker.office_lon, worker.office_lat),
        days=_days(session, plan, grid.id, (worker.office_lon, worker.office_lat)),
        left_out=tuple(list_left_out(session, principal, plan.id, grid_id=grid.id)[0]),
        load=_load(plan, grid.id),
    )


def _days(
    session: Session, plan: VisitPlan, grid_id: int, office: tuple[float, float]
) -> tuple[DayLine, ...]:
    query = (
        select(PlanRoute, PlanStop, Enterprise)
        .join(PlanStop, PlanStop.route_id == PlanRoute.id)
        .join(Enterprise, Enterprise.id == PlanStop.enterprise_id)
        .where(PlanRoute.plan_id == plan.id, PlanRoute.grid_id == grid_id)
        .order_by(PlanRoute.day, PlanStop.sequence)
    )
    by_day: dict[date, tuple[PlanRoute, list[StopLine]]] = {}
    for route, stop, enterprise in session.execute(query):
        _, stops = by_day.setdefault(route.day, (route, []))
        stops.append(
            StopLine(
                sequence=stop.sequence,
                enterprise_id=enterprise.id,
                name=enterprise.name,
                purpose=VisitPurpose(stop.purpose),
                start_s=stop.start_s,
                end_s=stop.end_s,
                reasons=tuple(Sentence.from_json(reason) for reason in stop.reasons),
                lon=enterprise.lon or 0.0,
                lat=enterprise.lat or 0.0,
            )
        )
    note, rule = TravelNote.from_figures(plan.figures), rule_from_json(plan.rule)
    travel = travel_of(session, note)
    return tuple(
        DayLine(
            day=day,
            travel_minutes=round(route.travel_s / 60),
            stops=tuple(stops),
            travel=replace(note, basis=TravelBasis(route.travel_kind)),
            legs=travel.legs([office, *((one.lon, one.lat) for one in stops), office], rule),
        )
        for day, (route, stops) in by_day.items()
    )


def list_left_out(
    session: Session,
    principal: Principal,
    plan_id: int,
    *,
    grid_id: int | None = None,
    reason: LeftOutReason | None = None,
    limit: int = 200,
    offset: int = 0,
) -> tuple[list[LeftOutLine], int]:
    """One page of what a plan leaves out, largest firms first, and how many there are in all."""
    _require_desk(principal)
    plan = get_plan(session, principal.district_id, plan_id)
    query = (
        select(PlanLeftOut, Enterprise, Grid.name)
        .join(Enterprise, Enterprise.id == PlanLeftOut.enterprise_id)
        .outerjoin(Grid, Grid.id == PlanLeftOut.grid_id)
        .where(PlanLeftOut.plan_id == plan.id)
    )
    if grid_id is not None:
        query = query.where(PlanLeftOut.grid_id == grid_id)
    if reason is not None:
        query = query.where(PlanLeftOut.reason == reason)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = (
        query.order_by(PlanLeftOut.purpose, Enterprise.employees.desc().nulls_last(), Enterprise.id)
        .limit(limit)
        .offset(offset)
    )
    lines = [
        LeftOutLine(
            enterprise_id=enterprise.id,
            name=enterprise.name,
            grid_name=grid_name or "",
            employees=enterprise.employees,
            purpose=VisitPurpose(missed.purpose),
            reason=LeftOutReason(missed.reason),
        )
        for missed, enterprise, grid_name in session.execute(page)
    ]
    return lines, total

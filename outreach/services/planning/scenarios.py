"""The laboratory: versions of one week beside each other, in numbers, on maps, firm by firm."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, cast, func, select

from outreach.domain.boards import compare_plans
from outreach.domain.plans import VisitPurpose
from outreach.domain.scenarios import (
    Bound,
    Fairness,
    GridEffort,
    Indicator,
    add_bounds,
    weigh_fairness,
)
from outreach.errors import InvalidInput
from outreach.services.planning.plan_differences import PlanDifference, compare_versions
from outreach.services.planning.plan_rows import read_places
from outreach.services.planning.plan_views import PlanLine, list_plans, view_line
from outreach.services.planning.plans import find_published_plan, rule_from_json
from outreach.services.planning.solved_weeks import require_plan
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid
from outreach.storage.plans import PlanLeftOut, PlanRoute, PlanStop, VisitPlan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.boards import PlannedPlace
    from outreach.domain.plans import PlanRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One version with the numbers by which it is compared; names are by grid id."""

    line: PlanLine
    rule: PlanRule
    numbers: Mapping[Indicator, float | None]
    targets: int
    fairness: Fairness
    bound: Bound | None
    grid_names: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two versions of one week; `parameters` are the names of those that differ, with values."""

    left: Scenario
    right: Scenario
    parameters: tuple[tuple[str, object, object], ...]
    difference: PlanDifference

    def judges(self, indicator: Indicator) -> bool:
        """Whether the numbers of both may be called better and worse.

        The distance to the best is measured by each version's own rule: with other rules it is the
        distance to something else.
        """
        effort = {"seconds_per_grid", "iterations_per_grid", "seed"}
        measured_alike = all(name in effort for name, _, _ in self.parameters)
        return indicator is not Indicator.GAP or measured_alike


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPoint:
    """A firm on both maps: (lon, lat) in WGS-84, and the day on which each version goes there."""

    enterprise_id: int
    lon: float
    lat: float
    left: date | None
    right: date | None


def list_versions(
    session: Session, principal: Principal, week: date, *, limit: int = 30
) -> list[PlanLine]:
    """The versions of a week, newest first.

    Raises
    ------
    Refused
        When the account reads no plans.
    """
    return [line for line in list_plans(session, principal, limit=200) if line.week == week][:limit]


def compare_scenarios(
    session: Session, principal: Principal, left_id: int, right_id: int
) -> Comparison:
    """Put two versions of one week beside each other.

    Raises
    ------
    Refused, NotFound
        When the account reads no plans, or its district has no such plan.
    InvalidInput
        When they are of different weeks: what was due is not the same.
    """
    left = view_scenario(session, principal, left_id)
    right = view_scenario(session, principal, right_id)
    if left.line.week != right.line.week:
        raise InvalidInput(
            "两个版本不是同一周:{left} 和 {right},不能比",
            left=left.line.week.isoformat(),
            right=right.line.week.isoformat(),
        )
    return Comparison(
        left=left,
        right=right,
        parameters=tuple(_differing(left.rule, right.rule)),
        difference=compare_versions(session, principal, left_id, right_id),
    )


def _differing(left: PlanRule, right: PlanRule) -> Iterator[tuple[str, object, object]]:
    one, other = asdict(left), asdict(right)
    weights = (one.pop("weights"), other.pop("weights"))
    for name in one:
        if one[name] != other[name]:
            yield name, one[name], other[name]
    for name in weights[0]:
        if weights[0][name] != weights[1][name]:
            yield name, weights[0][name], weights[1][name]


def view_scenario(session: Session, principal: Principal, plan_id: int) -> Scenario:
    """Return one version with its numbers.

    Raises
    ------
    Refused, NotFound
        When the account reads no plans, or its district has no such plan.
    """
    plan = require_plan(session, principal, plan_id)
    rule = rule_from_json(plan.rule)
    efforts = _efforts(session, plan)
    fairness = weigh_fairness(efforts)
    bound = add_bounds(plan.figures.get("bounds", {}), of=sum(1 for one in efforts if one.planned))
    figures = plan.figures
    numbers: dict[Indicator, float | None] = {
        Indicator.TARGETS: figures["targets_planned"],
        Indicator.EMPLOYEES: _employees(session, plan),
        Indicator.OVERDUE_LEFT: _overdue_left(session, plan, rule),
        Indicator.STOPS: figures["stops"],
        Indicator.OUTINGS: figures["routes"],
        Indicator.TRAVEL: round(figures["travel_s"] / 3600, 1),
        Indicator.LONGEST_WEEK: _hours(fairness.longest),
        Indicator.WORST_GRID: int(100 * fairness.worst.share) if fairness.worst else None,
        Indicator.UNEVEN: round(fairness.uneven, 2) if fairness.longest else None,
        Indicator.CHANGED: _changed(session, principal, plan),
        Indicator.GAP: round(bound.percent, 1) if bound else None,
    }
    grids = select(Grid.id, Grid.name).where(Grid.district_id == principal.district_id)
    return Scenario(
        line=view_line(session, principal, plan_id),
        rule=rule,
        numbers=numbers,
        targets=figures["targets"],
        fairness=fairness,
        bound=bound,
        grid_names=dict(session.execute(grids).all()),
    )


def _hours(effort: GridEffort | None) -> float | None:
    return round(effort.minutes / 60, 1) if effort else None


def _efforts(session: Session, plan: VisitPlan) -> list[GridEffort]:
    service: defaultdict[int, int] = defaultdict(int)
    planned: defaultdict[int, int] = defaultdict(int)
    query = (
        select(
            PlanRoute.grid_id,
            func.count(),
            func.sum(cast(PlanStop.end_s - PlanStop.start_s, Integer)),
        )
        .join(PlanStop, PlanStop.route_id == PlanRoute.id)
        .where(PlanRoute.plan_id == plan.id)
        .group_by(PlanRoute.grid_id)
    )
    for grid_id, count, seconds in session.execute(query):
        planned[grid_id], service[grid_id] = count, int(seconds)
    ways = select(PlanRoute.grid_id, func.sum(PlanRoute.travel_s)).where(
        PlanRoute.plan_id == plan.id
    )
    for grid_id, seconds in session.execute(ways.group_by(PlanRoute.grid_id)):
        service[grid_id] += int(seconds)
    left_out = (
        select(PlanLeftOut.grid_id, func.count())
        .where(PlanLeftOut.plan_id == plan.id)
        .group_by(PlanLeftOut.grid_id)
    )
    missed = {grid_id: count for grid_id, count in session.execute(left_out) if grid_id}
    return [
        GridEffort(
            grid_id=grid_id,
            minutes=round(service[grid_id] / 60),
            planned=planned[grid_id],
            left_out=missed.get(grid_id, 0),
        )
        for grid_id in sorted({*planned, *missed})
    ]


def _employees(session: Session, plan: VisitPlan) -> int:
    found = session.scalar(
        select(func.sum(Enterprise.employees))
        .join(PlanStop, PlanStop.enterprise_id == Enterprise.id)
        .where(PlanStop.plan_id == plan.id, PlanStop.purpose == VisitPurpose.ORGANISE)
    )
    return int(found or 0)


def _overdue_left(session: Session, plan: VisitPlan, rule: PlanRule) -> int:
    return session.scalar(select(func.count()).select_from(_overdue(plan, rule).subquery())) or 0


def _overdue(plan: VisitPlan, rule: PlanRule) -> Select[int, str, str, date | None]:
    """Firms left out whose last visit is older than the interval; one never visited is none."""
    before = plan.week - timedelta(days=rule.refresh_days)
    return (
        select(Enterprise.id, Enterprise.name, Grid.name, Enterprise.last_visited_on)
        .join(PlanLeftOut, PlanLeftOut.enterprise_id == Enterprise.id)
        .outerjoin(Grid, Grid.id == PlanLeftOut.grid_id)
        .where(PlanLeftOut.plan_id == plan.id, Enterprise.last_visited_on < before)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueFirm:
    """A firm whose visit is overdue and that a version leaves out all the same."""

    enterprise_id: int
    name: str
    grid_name: str
    last_visited_on: date


def list_overdue(
    session: Session, principal: Principal, plan_id: int, *, limit: int = 200, offset: int = 0
) -> tuple[list[OverdueFirm], int]:
    """One page of the firms that the indicator counts, longest ago first, and how many in all.

    Raises
    ------
    Refused, NotFound
        When the account reads no plans, or its district has no such plan.
    """
    plan = require_plan(session, principal, plan_id)
    rule = rule_from_json(plan.rule)
    query = _overdue(plan, rule).order_by(Enterprise.last_visited_on, Enterprise.id)
    found = [
        OverdueFirm(enterprise_id=key, name=name, grid_name=grid or "", last_visited_on=day)
        for key, name, grid, day in session.execute(query.limit(limit).offset(offset))
        if day is not None
    ]
    return found, _overdue_left(session, plan, rule)


def _changed(session: Session, principal: Principal, plan: VisitPlan) -> int | None:
    """How many firms stand elsewhere than in the published version of the week."""
    standing = find_published_plan(session, principal.district_id, plan.week)
    if standing is None:
        return None
    return len(compare_plans(read_places(session, standing.id), read_places(session, plan.id)))


def map_points(
    session: Session, principal: Principal, left_id: int, right_id: int
) -> list[MapPoint]:
    """Every firm that at least one of two versions visits.

    Raises
    ------
    Refused, NotFound
        When the account reads no plans, or its district has no such plan.
    """
    left = read_places(session, require_plan(session, principal, left_id).id)
    right = read_places(session, require_plan(session, principal, right_id).id)
    query = (
        select(Enterprise.id, Enterprise.lon, Enterprise.lat)
        .join(PlanStop, PlanStop.enterprise_id == Enterprise.id)
        .where(PlanStop.plan_id.in_([left_id, right_id]))
        .distinct()
        .order_by(Enterprise.id)
    )
    return [
        MapPoint(
            enterprise_id=key,
            lon=lon,
            lat=lat,
            left=_day(left.get(key)),
            right=_day(right.get(key)),
        )
        for key, lon, lat in session.execute(query)
        if lon is not None and lat is not None
    ]


def _day(place: PlannedPlace | None) -> date | None:
    return place.day if place else None


def outlines(session: Session, principal: Principal) -> list[list[list[list[float]]]]:
    """The outer rings of all grids, [lat, lon] rounded to ten metres, for a small map."""
    geometries = session.scalars(
        select(Grid.geometry).where(Grid.district_id == principal.district_id).order_by(Grid.code)
    )
    return [_rings(geometry) for geometry in geometries]


def _rings(geometry: dict[str, Any]) -> list[list[list[float]]]:
    parts = geometry["coordinates"]
    outer = [parts[0]] if geometry["type"] == "Polygon" else [part[0] for part in parts]
    return [[[round(lat, 4), round(lon, 4)] for lon, lat in ring] for ring in outer]

"""The rows of a plan version: routes, stops and what was left out, written and read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from outreach.domain.boards import Orders, PlannedPlace
from outreach.domain.plans import LeftOutReason, VisitPurpose, why_this_firm
from outreach.services.planning.planning import day_of
from outreach.storage.plans import PlanLeftOut, PlanRoute, PlanStop, VisitPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    import routing
    from outreach.domain.plans import Candidate, PlanRule
    from outreach.domain.travel import TravelBasis
    from outreach.services.planning.planning import Due, GridWeek

REASON_OF = {
    "never_open": LeftOutReason.NEVER_OPEN,
    "out_of_reach": LeftOutReason.OUT_OF_REACH,
    "not_worth_the_way": LeftOutReason.NOT_WORTH_THE_WAY,
    "no_time_left": LeftOutReason.NO_TIME_LEFT,
    "no_shift": LeftOutReason.NO_WORKING_DAY,
    # Only a plan made by hand leaves room unused; the search never does.
    "room_left": LeftOutReason.ROOM_LEFT,
}
"""The library's reasons in the words of the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedGrid:
    """What a plan holds of one grid: orders by day, and the purpose of each firm."""

    orders: Orders
    purposes: dict[int, VisitPurpose]


def save_routes(
    session: Session, plan: VisitPlan, grid: GridWeek, answer: routing.Plan, rule: PlanRule
) -> list[dict[str, Any]]:
    """Write the routes of one grid; returns the stops as they were written."""
    candidates = {str(c.enterprise_id): c for c in grid.candidates}
    stops: list[dict[str, Any]] = []
    for route in answer.routes:
        if not route.stops:
            continue
        stored = PlanRoute(
            district_id=plan.district_id,
            plan_id=plan.id,
            grid_id=grid.grid_id,
            grid_worker_id=grid.grid_worker_id,
            day=date.fromisoformat(route.shift),
            travel_s=route.travel_s,
            travel_kind=basis_of_route(grid, route, rule),
        )
        session.add(stored)
        session.flush()
        for sequence, stop in enumerate(route.stops, start=1):
            candidate = candidates[stop.id]
            stops.append(
                {
                    "district_id": plan.district_id,
                    "plan_id": plan.id,
                    "route_id": stored.id,
                    "sequence": sequence,
                    "enterprise_id": candidate.enterprise_id,
                    "purpose": candidate.purpose.value,
                    "arrive_s": day_of(stop.arrive_s, plan.week)[1],
                    "start_s": day_of(stop.start_s, plan.week)[1],
                    "end_s": day_of(stop.end_s, plan.week)[1],
                    "reasons": [reason.as_json() for reason in why_this_firm(candidate, rule)],
                }
            )
    if stops:
        session.execute(insert(PlanStop), stops)
    return stops


def basis_of_route(grid: GridWeek, route: routing.Route, rule: PlanRule) -> TravelBasis:
    """What the travel times of a route are made from."""
    places = {str(c.enterprise_id): i for i, c in enumerate(grid.candidates, start=1)}
    return grid.travel.basis(grid.points, rule, [0, *(places[stop.id] for stop in route.stops)])


def save_left_out(session: Session, plan: VisitPlan, left_out: Iterable[Due]) -> None:
    """Write what is due and not planned, each with its reason."""
    rows = [
        {
            "district_id": plan.district_id,
            "plan_id": plan.id,
            "grid_id": due.grid_id,
            "enterprise_id": due.candidate.enterprise_id,
            "purpose": due.candidate.purpose.value,
            "reason": (due.left_out or LeftOutReason.NO_TIME_LEFT).value,
        }
        for due in left_out
    ]
    if rows:
        session.execute(insert(PlanLeftOut), rows)


def read_grid(session: Session, plan_id: int, grid_id: int) -> PlannedGrid:
    """Read what a plan holds of one grid."""
    query = (
        select(PlanRoute.day, PlanStop.enterprise_id, PlanStop.purpose)
        .join(PlanStop, PlanStop.route_id == PlanRoute.id)
        .where(PlanRoute.plan_id == plan_id, PlanRoute.grid_id == grid_id)
        .order_by(PlanRoute.day, PlanStop.sequence)
    )
    orders: dict[date, list[int]] = {}
    purposes: dict[int, VisitPurpose] = {}
    for day, key, purpose in session.execute(query):
        orders.setdefault(day, []).append(key)
        purposes[key] = VisitPurpose(purpose)
    return PlannedGrid(orders={d: tuple(o) for d, o in orders.items()}, purposes=purposes)


def read_places(session: Session, plan_id: int) -> dict[int, PlannedPlace]:
    """Where every planned firm of a version stands, by enterprise id."""
    query = (
        select(PlanStop.enterprise_id, PlanRoute.grid_id, PlanRoute.day, PlanStop.sequence)
        .join(PlanRoute, PlanRoute.id == PlanStop.route_id)
        .where(PlanStop.plan_id == plan_id)
    )
    return {
        key: PlannedPlace(grid_id=grid_id, day=day, sequence=sequence)
        for key, grid_id, day, sequence in session.execute(query)
    }


def replace_grid(
    session: Session,
    plan: VisitPlan,
    grid: GridWeek,
    answer: routing.Plan,
    rule: PlanRule,
    *,
    reasons: Mapping[int, LeftOutReason],
) -> None:
    """Write a grid's week anew: routes, stops, and the reasons of what the problem leaves out.

    Firms that were left out before the problem was stated keep their reason; `reasons` stand above
    what the library found.
    """
    routes = select(PlanRoute.id).where(
        PlanRoute.plan_id == plan.id, PlanRoute.grid_id == grid.grid_id
    )
    session.execute(delete(PlanStop).where(PlanStop.route_id.in_(routes)))
    session.execute(
        delete(PlanRoute).where(PlanRoute.plan_id == plan.id, PlanRoute.grid_id == grid.grid_id)
    )
    firms: Mapping[str, Candidate] = {str(c.enterprise_id): c for c in grid.candidates}
    session.execute(
        delete(PlanLeftOut).where(
            PlanLeftOut.plan_id == plan.id,
            PlanLeftOut.enterprise_id.in_([c.enterprise_id for c in grid.candidates]),
        )
    )
    save_routes(session, plan, grid, answer, rule)
    rows = [
        {
            "district_id": plan.district_id,
            "plan_id": plan.id,
            "grid_id": grid.grid_id,
            "enterprise_id": int(left.id),
            "purpose": firms[left.id].purpose.value,
            "reason": (reasons.get(int(left.id)) or REASON_OF[left.reason.value]).value,
        }
        for left in answer.left_out
    ]
    if rows:
        session.execute(insert(PlanLeftOut), rows)


def refresh_figures(session: Session, plan: VisitPlan) -> None:
    """Count a plan's figures again from its rows; what is not counted from rows stays."""
    planned = dict(
        session.execute(
            select(PlanStop.purpose, func.count())
            .where(PlanStop.plan_id == plan.id)
            .group_by(PlanStop.purpose)
        ).all()
    )
    reasons = Counter(
        dict(
            session.execute(
                select(PlanLeftOut.reason, func.count())
                .where(PlanLeftOut.plan_id == plan.id, PlanLeftOut.purpose == VisitPurpose.ORGANISE)
                .group_by(PlanLeftOut.reason)
            ).all()
        )
    )
    routes, travel_s = session.execute(
        select(func.count(), func.coalesce(func.sum(PlanRoute.travel_s), 0)).where(
            PlanRoute.plan_id == plan.id
        )
    ).one()
    targets = planned.get(VisitPurpose.ORGANISE, 0)
    plan.figures = {
        **plan.figures,
        "routes": routes,
        "stops": sum(planned.values()),
        "targets": targets + reasons.total(),
        "targets_planned": targets,
        "targets_left_out": reasons.total(),
        "verify_planned": planned.get(VisitPurpose.VERIFY, 0),
        "serve_planned": planned.get(VisitPurpose.SERVE, 0),
        "refresh_planned": planned.get(VisitPurpose.REFRESH, 0),
        "left_out": dict(sorted(reasons.items())),
        "travel_s": int(travel_s),
    }
    session.flush()

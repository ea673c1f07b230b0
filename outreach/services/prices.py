"""What a left-out firm would cost, and how far a grid's week may be from the best: by solving."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.calendar import WorkCalendar
from outreach.domain.plans import LeftOutReason, VisitPurpose
from outreach.domain.visits import VisitResult
from outreach.domain.wording import Sentence
from outreach.errors import Conflict, NotFound, Refused
from outreach.services.planning import GridWeek, make_candidate, make_problem
from outreach.services.plans import get_plan, rule_from_json
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker
from outreach.storage.plans import PlanLeftOut, PlanRoute, PlanStop, VisitPlan
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    import routing
    from outreach.domain.accounts import Principal
    from outreach.domain.plans import PlanRule

BOUND_S = 1.5
"""Wall seconds for the bound of one grid's week, while the planner waits."""

_IN_PROBLEM = (
    LeftOutReason.NEVER_OPEN,
    LeftOutReason.OUT_OF_REACH,
    LeftOutReason.NOT_WORTH_THE_WAY,
    LeftOutReason.NO_TIME_LEFT,
)
"""What stood beside the planned stops when the grid was solved."""

_CANNOT = {
    "never_open": LeftOutReason.NEVER_OPEN,
    "out_of_reach": LeftOutReason.OUT_OF_REACH,
    "no_shift": LeftOutReason.NO_WORKING_DAY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvedWeek:
    """A grid's week as it was planned, put up again from the plan: problem and routes."""

    problem: routing.Problem
    plan: routing.Plan
    names: Mapping[int, str]


def price_left_out(
    session: Session, principal: Principal, plan_id: int, enterprise_id: int
) -> Sentence:
    """Say what putting a left-out firm into its grid's week costs, by solving with it forced in.

    Raises
    ------
    Refused, NotFound
        When the account does not read plans, or the plan did not leave the firm out.
    Conflict
        When the week can no longer be put up as it was planned.
    """
    import routing

    plan = _plan(session, principal, plan_id)
    missed = session.scalar(
        select(PlanLeftOut).where(
            PlanLeftOut.plan_id == plan.id, PlanLeftOut.enterprise_id == enterprise_id
        )
    )
    if missed is None:
        raise NotFound("这个计划里没有排掉这家企业")
    if missed.grid_id is None:
        return LeftOutReason.NO_POSITION.sentence
    week = _put_up(session, plan, missed.grid_id, also=enterprise_id)
    try:
        found = routing.price(week.problem, week.plan, str(enterprise_id))
    except routing.RoutingError as error:
        raise Conflict("排好计划以后资料变了,算不出来,请重新排一版再看") from error
    if found.reason is not None:
        return _CANNOT.get(found.reason.value, LeftOutReason.NO_TIME_LEFT).sentence
    return _say_price(found, week.names)


def _say_price(found: routing.Price, names: Mapping[int, str]) -> Sentence:
    pushed = ", ".join(names[int(key)] for key in found.pushed_out)
    values: dict[str, str | int] = {"minutes": abs(found.added_minutes), "names": pushed}
    less = found.added_minutes < 0
    if not pushed:
        text = "加进去,路上少 {minutes} 分钟" if less else "加进去,路上多 {minutes} 分钟"
        return Sentence(template=text, values={"minutes": values["minutes"]})
    text = (
        "加进去,路上少 {minutes} 分钟,要换下 {names}"
        if less
        else "加进去,路上多 {minutes} 分钟,要换下 {names}"
    )
    return Sentence(template=text, values=values)


def bound_week(
    session: Session, principal: Principal, plan_id: int, grid_id: int
) -> Sentence | None:
    """Say within how many per cent of the best possible a grid's week is; `None` without a plan.

    Raises
    ------
    Refused, NotFound, Conflict
        As `price_left_out`.
    """
    import routing

    week = _put_up(session, _plan(session, principal, plan_id), grid_id)
    worth = week.plan.objective
    if worth <= 0:
        return None
    bound = routing.upper_bound(week.problem, time_limit_s=BOUND_S)
    percent = max(0, -(-100 * (bound - worth) // worth))
    return Sentence(template="离理论上最好的最多差 {percent}%", values={"percent": percent})


def _plan(session: Session, principal: Principal, plan_id: int) -> VisitPlan:
    if not principal.role.sees_district:
        raise Refused("计划只给区总工会和规划人员看")
    return get_plan(session, principal.district_id, plan_id)


def _put_up(
    session: Session, plan: VisitPlan, grid_id: int, *, also: int | None = None
) -> SolvedWeek:
    """Put the grid's problem up again from what the plan holds, and its routes in their order."""
    import routing

    rule = rule_from_json(plan.rule)
    worker = session.execute(
        select(GridWorker, Grid.code)
        .join(Grid, Grid.id == GridWorker.grid_id)
        .where(Grid.id == grid_id, Grid.district_id == plan.district_id)
    ).first()
    if worker is None:
        raise NotFound("没有找到这个网格")
    orders, purposes = _planned(session, plan, grid_id)
    purposes |= _beside(session, plan, grid_id, also)
    problem, names = _problem(session, plan, rule, purposes, grid=(grid_id, *worker))
    shifts = {shift.id for shift in problem.shifts}
    if not shifts.issuperset(orders):
        raise Conflict("排好计划以后资料变了,算不出来,请重新排一版再看")
    by_hand = routing.plan_by_hand(problem, orders)
    return SolvedWeek(problem=problem, plan=by_hand.plan, names=names)


def _planned(
    session: Session, plan: VisitPlan, grid_id: int
) -> tuple[dict[str, list[str]], dict[int, VisitPurpose]]:
    query = (
        select(PlanRoute.day, PlanStop.enterprise_id, PlanStop.purpose)
        .join(PlanStop, PlanStop.route_id == PlanRoute.id)
        .where(PlanRoute.plan_id == plan.id, PlanRoute.grid_id == grid_id)
        .order_by(PlanRoute.day, PlanStop.sequence)
    )
    orders: dict[str, list[str]] = {}
    purposes: dict[int, VisitPurpose] = {}
    for day, key, purpose in session.execute(query):
        orders.setdefault(day.isoformat(), []).append(str(key))
        purposes[key] = VisitPurpose(purpose)
    return orders, purposes


def _beside(
    session: Session, plan: VisitPlan, grid_id: int, also: int | None
) -> dict[int, VisitPurpose]:
    query = select(PlanLeftOut).where(
        PlanLeftOut.plan_id == plan.id, PlanLeftOut.grid_id == grid_id
    )
    return {
        left.enterprise_id: VisitPurpose(left.purpose)
        for left in session.scalars(query)
        if left.reason in _IN_PROBLEM or left.enterprise_id == also
    }


def _problem(
    session: Session,
    plan: VisitPlan,
    rule: PlanRule,
    purposes: Mapping[int, VisitPurpose],
    *,
    grid: tuple[int, GridWorker, str],
) -> tuple[routing.Problem, dict[int, str]]:
    grid_id, worker, code = grid
    rows = session.scalars(
        select(Enterprise).where(Enterprise.id.in_(purposes)).order_by(Enterprise.id)
    ).all()
    visited = _visited_before(session, plan, list(purposes))
    candidates = tuple(
        replace(
            make_candidate(row, plan.week, purpose=purposes[row.id]),
            days_since_visit=(plan.week - visited[row.id]).days if row.id in visited else None,
        )
        for row in rows
    )
    week = GridWeek(
        grid_id=grid_id,
        grid_code=code,
        grid_worker_id=worker.id,
        office=(worker.office_lon, worker.office_lat),
        days=WorkCalendar().working_days(plan.week),
        candidates=candidates,
    )
    return make_problem(week, rule), {row.id: row.name for row in rows}


def _visited_before(session: Session, plan: VisitPlan, firms: list[int]) -> dict[int, date]:
    """When each firm had been visited as the plan was made: later visits are not to change it."""
    settled = [result for result in VisitResult if result.settles_visit]
    query = (
        select(Visit.enterprise_id, func.max(Visit.visited_on))
        .where(
            Visit.enterprise_id.in_(firms),
            Visit.result.in_(settled),
            Visit.received_at <= plan.made_at,
            Visit.visited_on <= plan.week + timedelta(days=6),
        )
        .group_by(Visit.enterprise_id)
    )
    return dict(session.execute(query).all())

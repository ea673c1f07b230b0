"""A grid's week as it was planned, put up again from the plan: problem, routes, what they break."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.plans import LeftOutReason, PlanStatus, VisitPurpose
from outreach.domain.travel import TravelNote
from outreach.domain.visits import VisitResult
from outreach.errors import Conflict, NotFound, Refused
from outreach.services.administration.calendar_days import load_calendar
from outreach.services.administration.leave import load_week_cover
from outreach.services.planning.appointments import find_appointments
from outreach.services.planning.plan_rows import REASON_OF, read_grid
from outreach.services.planning.planning import GridWeek, make_candidate, make_problem
from outreach.services.planning.plans import get_plan, rule_from_json
from outreach.services.planning.travel import travel_of
from outreach.services.visits.cases import earliest_deadlines
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker
from outreach.storage.plans import PlanEdit, PlanLeftOut, VisitPlan
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    import routing
    from outreach.domain.accounts import Principal
    from outreach.domain.boards import Orders
    from outreach.domain.leave import Cover
    from outreach.domain.plans import Candidate, PlanRule

_DAY_S = 86_400

IN_PROBLEM = (
    LeftOutReason.NEVER_OPEN,
    LeftOutReason.OUT_OF_REACH,
    LeftOutReason.NOT_WORTH_THE_WAY,
    LeftOutReason.NO_TIME_LEFT,
    LeftOutReason.ROOM_LEFT,
)
"""What stood beside the planned stops when the grid was solved."""

WAIT_FOR_HER = (
    LeftOutReason.ON_LEAVE,
    LeftOutReason.STAND_IN_MUST_ONLY,
    LeftOutReason.ASK_STAND_IN,
)
"""What enters the problem when the grid worker is there after all, as far as there is room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvedWeek:
    """A grid's week of a plan: its problem, the routes in their order, and what they break.

    `nobody_goes` says of a firm why the calendar or a leave keeps it out, which the problem cannot
    know; `on_leave` are the days that the grid worker is away from her work.
    """

    visit_plan: VisitPlan
    rule: PlanRule
    grid: GridWeek
    orders: Orders
    problem: routing.Problem
    plan: routing.Plan
    findings: tuple[routing.Finding, ...]
    names: Mapping[int, str]
    nobody_goes: Mapping[int, LeftOutReason]
    on_leave: frozenset[date]

    def reason_of(self, left: routing.LeftOut) -> LeftOutReason:
        """Why a firm is left out, in the words of the plan."""
        return self.nobody_goes.get(int(left.id)) or REASON_OF[left.reason.value]


def at_work(week: SolvedWeek, *, held: Collection[date] = ()) -> SolvedWeek:
    """The week as a search may plan it: without the days on which nobody goes out.

    Days that are `held` stay, planned as they are: they are over, or a person wants them so.
    """
    gone = week.grid.away.difference(held)
    shifts = {day.isoformat() for day in gone}
    return replace(
        week,
        orders={day: order for day, order in week.orders.items() if day not in gone},
        problem=replace(
            week.problem,
            shifts=tuple(shift for shift in week.problem.shifts if shift.id not in shifts),
        ),
        plan=replace(
            week.plan,
            routes=tuple(route for route in week.plan.routes if route.shift not in shifts),
        ),
    )


def orders_of_plan(plan: routing.Plan) -> Orders:
    """The firms of a plan's routes in their order, by day."""
    return {
        date.fromisoformat(route.shift): tuple(int(stop.id) for stop in route.stops)
        for route in plan.routes
        if route.stops
    }


def count_broken(week: SolvedWeek) -> int:
    """How many rules the routes break; not that nobody goes out on a day, which may change."""
    away = {str(key) for day in week.grid.away for key in week.orders.get(day, ())}
    return sum(
        finding.rule.makes_infeasible and finding.id not in away for finding in week.findings
    )


def require_plan(session: Session, principal: Principal, plan_id: int) -> VisitPlan:
    """Return a plan that the account may read.

    Raises
    ------
    Refused, NotFound
        When the account reads no plans, or its district has no such plan.
    """
    if not principal.role.sees_district:
        raise Refused("计划只给区总工会和规划人员看")
    return get_plan(session, principal.district_id, plan_id)


def require_draft(session: Session, principal: Principal, plan_id: int) -> VisitPlan:
    """Return a draft that the account may change.

    Raises
    ------
    Refused, NotFound, Conflict
        When the account does not plan, its district has no such plan, or it is no draft.
    """
    if not principal.role.plans:
        raise Refused("只有规划人员可以改计划")
    plan = get_plan(session, principal.district_id, plan_id)
    session.refresh(plan, with_for_update=True)  # nobody publishes it while it changes
    if plan.status != PlanStatus.DRAFT:
        raise Conflict(
            "这个版本是“{status}”,不能改;请先照它做一份草稿", status=PlanStatus(plan.status).label
        )
    return plan


def newest_number(session: Session, plan_id: int, grid_id: int) -> int:
    """What tells whether a page is still up to date: changes made, and changes taken back."""
    states = session.scalars(
        select(PlanEdit.undone).where(PlanEdit.plan_id == plan_id, PlanEdit.grid_id == grid_id)
    ).all()
    return len(states) + sum(states)


def require_seen(session: Session, plan: VisitPlan, grid_id: int, seen: int) -> None:
    """Refuse a change to a week that looks different from what the planner saw.

    Raises
    ------
    Conflict
        When somebody changed it since.
    """
    if newest_number(session, plan.id, grid_id) != seen:
        raise Conflict("这个网格的这一周刚被改过,请看看现在的样子再改")


def put_up_week(
    session: Session,
    plan: VisitPlan,
    grid_id: int,
    *,
    also: Collection[int] = (),
    orders: Orders | None = None,
) -> SolvedWeek:
    """Put a grid's problem up again from what the plan holds, and its routes in their order.

    `also` are left-out firms that had not entered the problem; `orders` are other orders to serve
    than the plan's.

    Raises
    ------
    NotFound
        When the district has no such grid with a grid worker.
    Conflict
        When the week can no longer be put up as it was planned.
    """
    import routing

    rule = rule_from_json(plan.rule)
    planned = read_grid(session, plan.id, grid_id)
    wanted = planned.orders if orders is None else orders
    room = rule.most_candidates - len(planned.purposes)
    purposes = planned.purposes | _beside(session, plan, grid_id, also, room=room)
    days = load_calendar(session, plan.district_id).working_days(plan.week)
    cover = load_week_cover(session, plan.district_id, plan.week)
    grid, names = _grid_week(session, plan, grid_id, purposes)
    # A person may still plan a week by hand whose worker is away.
    present = cover.days_present(grid_id, days)
    shown = tuple(sorted({*(present or days), *planned.orders, *wanted}))
    grid = replace(grid, days=shown, away=frozenset(shown) - frozenset(present))
    problem = make_problem(grid, rule)
    try:
        by_hand = time_by_hand(problem, wanted)
    except routing.UnknownStop as error:
        raise Conflict("排好计划以后资料变了,算不出来,请重新排一版再看") from error
    return SolvedWeek(
        visit_plan=plan,
        rule=rule,
        grid=grid,
        orders=wanted,
        problem=problem,
        plan=by_hand.plan,
        findings=by_hand.findings,
        names=names,
        nobody_goes={
            one.enterprise_id: reason
            for one in grid.candidates
            if (reason := _why_nobody_goes(one, grid_id, days, cover)) is not None
        },
        on_leave=frozenset(day for day in grid.away if cover.is_away(grid_id, day)),
    )


def _why_nobody_goes(
    candidate: Candidate, grid_id: int, days: tuple[date, ...], cover: Cover
) -> LeftOutReason | None:
    """Why a new plan would not send the grid's worker to a firm, whatever time she has."""
    if not days:
        return LeftOutReason.NO_WORKING_DAY
    if candidate.appointment is not None and candidate.appointment.day not in days:
        return LeftOutReason.APPOINTED_DAY_OFF
    place = cover.place(candidate, grid_id, days)
    if isinstance(place, LeftOutReason):
        return place
    return None if place == grid_id else LeftOutReason.ASK_STAND_IN


def time_by_hand(
    problem: routing.Problem, orders: Mapping[date, Sequence[int]]
) -> routing.HandMadePlan:
    """Time orders by day as they are, kept or not, with what they break.

    A stop is held to the hours of its own day: nobody waits at a door for the next morning.
    """
    import routing

    days = {str(key): day.weekday() * _DAY_S for day, order in orders.items() for key in order}
    stops = tuple(
        replace(stop, windows=_of_day(stop.windows, days[stop.id])) if stop.id in days else stop
        for stop in problem.stops
    )
    by_shift = {day.isoformat(): [str(key) for key in order] for day, order in orders.items()}
    return routing.plan_by_hand(replace(problem, stops=stops), by_shift)


def _of_day(windows: tuple[tuple[int, int], ...], midnight: int) -> tuple[tuple[int, int], ...]:
    """The windows that begin on a day; on a day without any, one that nobody can meet."""
    found = tuple(w for w in windows if midnight <= w[0] < midnight + _DAY_S)
    return found or ((midnight, midnight),)


def _beside(
    session: Session, plan: VisitPlan, grid_id: int, also: Collection[int], *, room: int
) -> dict[int, VisitPurpose]:
    query = (
        select(PlanLeftOut)
        .where(PlanLeftOut.plan_id == plan.id, PlanLeftOut.grid_id == grid_id)
        .order_by(PlanLeftOut.enterprise_id)
    )
    lines = session.scalars(query).all()
    found = [left for left in lines if left.reason in IN_PROBLEM or left.enterprise_id in also]
    waiting = [left for left in lines if left.reason in WAIT_FOR_HER and left not in found]
    found += waiting[: max(0, room - len(found))]
    return {left.enterprise_id: VisitPurpose(left.purpose) for left in found}


def _grid_week(
    session: Session,
    plan: VisitPlan,
    grid_id: int,
    purposes: Mapping[int, VisitPurpose],
) -> tuple[GridWeek, dict[int, str]]:
    """The grid with its candidates; on which days somebody goes is not in it yet."""
    found = session.execute(
        select(GridWorker, Grid.code)
        .join(Grid, Grid.id == GridWorker.grid_id)
        .where(Grid.id == grid_id, Grid.district_id == plan.district_id)
    ).first()
    if found is None:
        raise NotFound("没有找到这个网格")
    worker, code = found
    rows = session.scalars(
        select(Enterprise).where(Enterprise.id.in_(purposes)).order_by(Enterprise.id)
    ).all()
    visited = _visited_before(session, plan, list(purposes))
    deadlines = earliest_deadlines(session, plan.district_id)
    agreed = find_appointments(
        session,
        plan.district_id,
        first=plan.week,
        last=plan.week + timedelta(days=6),
        received_before=plan.made_at,
    )
    candidates = tuple(
        replace(
            make_candidate(
                row,
                plan.week,
                purpose=purposes[row.id],
                case_due_days=(deadlines[row.id] - plan.week).days if row.id in deadlines else None,
                appointment=agreed.get(row.id),
            ),
            days_since_visit=(plan.week - visited[row.id]).days if row.id in visited else None,
        )
        for row in rows
    )
    week = GridWeek(
        grid_id=grid_id,
        grid_code=code,
        grid_worker_id=worker.id,
        office=(worker.office_lon, worker.office_lat),
        days=(),
        candidates=candidates,
        travel=travel_of(session, TravelNote.from_figures(plan.figures)),
    )
    return week, {row.id: row.name for row in rows}


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

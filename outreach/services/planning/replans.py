"""A grid's week, or a whole draft, planned again as far as the planner lets it change."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from outreach.domain.boards import EditKind, ReplanMode, WantedReplan
from outreach.domain.calendar import CHINA
from outreach.domain.plans import PlanStatus
from outreach.errors import Conflict, InvalidInput, Refused
from outreach.services.administration.audit import write_audit
from outreach.services.planning.plan_edits import write_edit
from outreach.services.planning.plan_locks import GridLocks, read_locks, to_routing
from outreach.services.planning.plan_rows import refresh_figures, replace_grid
from outreach.services.planning.plans import get_plan, new_version
from outreach.services.planning.rule_files import LONGEST_NAME
from outreach.services.planning.solved_weeks import (
    SolvedWeek,
    at_work,
    count_broken,
    orders_of_plan,
    put_up_week,
    require_draft,
    require_seen,
    time_by_hand,
)
from outreach.services.progress import OnProgress, silent
from outreach.storage.plans import PlanLeftOut, PlanLock, PlanRoute, PlanStop, VisitPlan

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    import routing
    from outreach.domain.accounts import Principal
    from outreach.storage.base import Base
    from outreach.storage.plans import PlanEdit


SECONDS_ON_THE_BOARD = 1.5
"""A planner waits for one grid; more seconds change little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One grid's problem as it may change, with what is kept of the week as it stands."""

    week: SolvedWeek
    problem: routing.Problem
    kept: routing.Kept


def replan_grid(
    session: Session,
    principal: Principal,
    plan_id: int,
    grid_id: int,
    *,
    mode: ReplanMode,
    seen: int,
    now: datetime,
) -> PlanEdit | None:
    """Plan one grid's week of a draft again; it can be undone like a change by hand.

    Returns `None` when nothing better was found: then nothing changes, and nothing is to be undone.

    Raises
    ------
    Refused, NotFound, Conflict
        As for a change by hand; also when the locks contradict each other.
    """
    import routing

    plan = require_draft(session, principal, plan_id)
    require_seen(session, plan, grid_id, seen)
    week = put_up_week(session, plan, grid_id)
    locks = _held(read_locks(session, plan.id, grid_id), week, now)
    if mode is ReplanMode.FILL:
        found = _fill(week, locks)
    else:
        task = make_task(week, locks, mode)
        rule = week.rule
        try:
            found = routing.solve(
                task.problem,
                time_limit_s=min(rule.seconds_per_grid, SECONDS_ON_THE_BOARD),
                seed=rule.seed,
                locks=task.kept.locks,
                published=task.kept.published,
            )
        except routing.InvalidLocks as error:
            raise Conflict("锁和锁之间有矛盾,请先松开一个再排") from error
    orders = orders_of_plan(found)
    if orders == week.orders:
        return None
    return write_edit(session, principal, week, orders, kind=EditKind.REPLAN, now=now)


def _held(locks: GridLocks, week: SolvedWeek, now: datetime) -> GridLocks:
    """Also fix the days that are over or under way: nobody can be sent there any more.

    A lock holds nothing on a day to come on which nobody goes out.
    """
    today = now.astimezone(CHINA).date()
    over = {day for day in week.grid.days if day <= today}
    return replace(locks, days=(locks.days - week.grid.away) | over)


def _fill(week: SolvedWeek, locks: GridLocks) -> routing.Plan:
    import routing

    open_week = at_work(week, held=locks.days)
    fixed = to_routing(locks, open_week.orders)
    return routing.fill_gaps(open_week.problem, open_week.plan, locks=fixed)


def make_task(week: SolvedWeek, locks: GridLocks, mode: ReplanMode) -> Task:
    """State what may change: everything but the locks, or only days and order.

    Stops that must stay are required: no other prize makes up for a missed one.
    """
    import routing

    open_week = at_work(week, held=locks.days)
    planned = {key for order in week.orders.values() for key in order}
    must = planned if mode is ReplanMode.REORDER else locks.must
    stops = tuple(
        replace(stop, required=True) if int(stop.id) in must else stop
        for stop in open_week.problem.stops
        if mode is ReplanMode.ANYTHING or int(stop.id) in planned
    )
    problem = replace(open_week.problem, stops=stops)
    kept = routing.Kept(published=open_week.plan, locks=to_routing(locks, open_week.orders))
    return Task(week=week, problem=problem, kept=kept)


def copy_plan(session: Session, principal: Principal, plan_id: int, *, now: datetime) -> VisitPlan:
    """Make a draft that is the same as a version, locks and all, to be changed.

    Raises
    ------
    Refused, NotFound
        When the account does not plan, or its district has no such plan.
    """
    if not principal.role.plans:
        raise Refused("只有规划人员可以改计划")
    source = get_plan(session, principal.district_id, plan_id)
    copy = make_copy(session, source, made_by=principal.account_id or None, now=now)
    write_audit(
        session,
        district_id=source.district_id,
        account_id=copy.made_by,
        action="copy_plan",
        subject="visit_plan",
        subject_id=copy.id,
        now=now,
        detail={"from": source.id, "week": copy.week.isoformat(), "version": copy.version},
    )
    return copy


def make_copy(
    session: Session, source: VisitPlan, *, made_by: int | None, now: datetime
) -> VisitPlan:
    """Write a version's rows once more, as a draft."""
    copy = new_version(
        session,
        source.district_id,
        source.week,
        dict(source.rule),
        now=now,
        made_by=made_by,
        based_on=source.id,
    )
    copy.figures = dict(source.figures)
    copy.name = _name_of_copy(source.name)
    routes = {}
    for route in session.scalars(select(PlanRoute).where(PlanRoute.plan_id == source.id)).all():
        twin = PlanRoute(**_columns(route), plan_id=copy.id)
        session.add(twin)
        session.flush()
        routes[route.id] = twin.id
    stops = session.scalars(select(PlanStop).where(PlanStop.plan_id == source.id)).all()
    _insert(
        session,
        PlanStop,
        [
            {**_columns(stop), "plan_id": copy.id, "route_id": routes[stop.route_id]}
            for stop in stops
        ],
    )
    tables: tuple[type[PlanLeftOut | PlanLock], ...] = (PlanLeftOut, PlanLock)
    for table in tables:
        rows = session.scalars(select(table).where(table.plan_id == source.id)).all()
        _insert(session, table, [{**_columns(row), "plan_id": copy.id} for row in rows])
    return copy


_COPY = "{name}的副本"


def _name_of_copy(name: str) -> str:
    """A scenario's name goes along and says that this is a copy; a copy's copy says so once."""
    suffix = _COPY.format(name="")
    if not name or name.endswith(suffix):
        return name
    return _COPY.format(name=name[: LONGEST_NAME - len(suffix)])


def _columns(row: Base) -> dict[str, object]:
    names = [column.key for column in row.__table__.columns]
    return {name: getattr(row, name) for name in names if name not in {"id", "plan_id"}}


def _insert(session: Session, table: type, rows: list[dict[str, object]]) -> None:
    if rows:
        session.execute(insert(table), rows)


def replan_week(
    session: Session,
    *,
    district_id: int,
    plan_id: int,
    wanted: WantedReplan,
    now: datetime,
    processes: int = 0,
    made_by: int | None = None,
    on_progress: OnProgress = silent,
) -> VisitPlan:
    """Plan the grids of a version again and save the result as a new draft based on it.

    A grid that is not wanted, or whose search fails, stays as it was.

    Raises
    ------
    NotFound
        When the district has no such plan.
    """
    source = get_plan(session, district_id, plan_id)
    grids = session.scalars(
        select(PlanRoute.grid_id)
        .where(PlanRoute.plan_id == source.id)
        .union(
            select(PlanLeftOut.grid_id).where(
                PlanLeftOut.plan_id == source.id, PlanLeftOut.grid_id.is_not(None)
            )
        )
    ).all()
    weeks = []
    for grid_id in sorted(set(grids).intersection(wanted.only or grids)):
        week = put_up_week(session, source, grid_id)
        weeks.append((week, _held(read_locks(session, source.id, grid_id), week, now)))
    # Nothing is written before all is found: a writer keeps everybody else from an embedded file.
    if wanted.mode is ReplanMode.FILL:
        found = []
        for done, (week, locks) in enumerate(weeks, start=1):
            found.append((week, _fill(week, locks)))
            on_progress(done, len(weeks))
    else:
        found = _solve(weeks, wanted.mode, processes=processes, on_progress=on_progress)
    draft = make_copy(session, source, made_by=made_by, now=now)
    for week, plan in found:
        _store(session, draft, week, plan)
    refresh_figures(session, draft)
    write_audit(
        session,
        district_id=district_id,
        account_id=made_by,
        action="replan_week",
        subject="visit_plan",
        subject_id=draft.id,
        now=now,
        detail={"from": source.id, "mode": wanted.mode.value, "grids": len(weeks)},
    )
    session.flush()
    return draft


def _solve(
    weeks: list[tuple[SolvedWeek, GridLocks]],
    mode: ReplanMode,
    *,
    processes: int,
    on_progress: OnProgress,
) -> list[tuple[SolvedWeek, routing.Plan]]:
    """Search for every grid's new week; a grid whose search fails is missing from the answer."""
    import routing

    tasks = {week.grid.grid_code: make_task(week, locks, mode) for week, locks in weeks}
    rule = weeks[0][0].rule if weeks else None
    if rule is None:
        return []
    results = routing.solve_many(
        [task.problem for task in tasks.values()],
        time_limit_s=rule.seconds_per_grid,
        seed=rule.seed,
        processes=processes or os.cpu_count() or 1,
        on_done=lambda done, total, _name: on_progress(done, total),
        iteration_limit=rule.iterations_per_grid or None,
        kept={name: task.kept for name, task in tasks.items()},
    )
    return [(tasks[result.name].week, result.plan) for result in results if result.plan is not None]


def _store(session: Session, draft: VisitPlan, week: SolvedWeek, found: routing.Plan) -> None:
    """Write a grid's new week; timed and explained beside all that was left out before."""
    by_hand = time_by_hand(week.problem, orders_of_plan(found))
    replace_grid(session, draft, week.grid, by_hand.plan, week.rule, reasons=week.nobody_goes)
    key = str(week.grid.grid_id)
    made = replace(week, orders=orders_of_plan(found), plan=by_hand.plan, findings=by_hand.findings)
    bounds = {one: bound for one, bound in draft.figures.get("bounds", {}).items() if one != key}
    draft.figures = {
        **draft.figures,
        "violations": {**draft.figures.get("violations", {}), key: count_broken(made)},
        "bounds": bounds,
    }


def require_replannable(session: Session, principal: Principal, plan_id: int) -> VisitPlan:
    """Return a version that may be planned again, published or not.

    Raises
    ------
    Refused, NotFound
        When the account does not plan, or its district has no such plan.
    InvalidInput
        When it was superseded: its firms are no longer those that are due.
    """
    if not principal.role.plans:
        raise Refused("只有规划人员可以排计划")
    plan = get_plan(session, principal.district_id, plan_id)
    if plan.status == PlanStatus.SUPERSEDED:
        raise InvalidInput("这个版本已被替换,请从现在的版本重新排")
    return plan

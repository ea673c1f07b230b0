"""Plan versions: make, check, save, publish, read."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from outreach.domain.plans import (
    LeftOutReason,
    PlanRule,
    PlanStatus,
    TravelMode,
    VisitPurpose,
    require_monday,
)
from outreach.domain.visit_windows import TimeWindow
from outreach.domain.weights import PlanWeights
from outreach.errors import Conflict, InvalidInput, NotFound, Refused
from outreach.services.administration.audit import write_audit
from outreach.services.administration.calendar_days import load_calendar
from outreach.services.planning.plan_rows import (
    REASON_OF,
    basis_of_route,
    read_places,
    save_left_out,
    save_routes,
)
from outreach.services.planning.planning import (
    DistrictWeek,
    Due,
    GridWeek,
    gather_week,
    make_problem,
)
from outreach.services.progress import OnProgress, silent
from outreach.storage.plans import VisitPlan

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    import routing
    from outreach.domain.accounts import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """The numbers of a plan; `targets = targets_planned + targets_left_out`.

    `travel` is a stored `TravelNote`.
    """

    plan_id: int
    week: date
    version: int
    grids: int
    routes: int
    stops: int
    targets: int
    targets_planned: int
    targets_left_out: int
    verify_planned: int
    serve_planned: int
    refresh_planned: int
    left_out: dict[str, int]
    travel_s: int
    failed_grids: tuple[str, ...]
    travel: dict[str, str]


def plan_week(
    session: Session,
    *,
    district_id: int,
    week: date,
    rule: PlanRule,
    now: datetime,
    processes: int = 0,
    made_by: int | None = None,
    on_progress: OnProgress = silent,
) -> PlanReport:
    """Plan every grid's week and save it as a draft version.

    Each route passed the independent checker; a grid that failed is named and its firms are left
    out with that reason, the others stand.

    Raises
    ------
    InvalidInput
        When `week` is no Monday, or nothing is due at all.
    """
    try:
        require_monday(week)
    except ValueError as error:
        raise InvalidInput("计划的周要从周一开始,{week} 不是周一", week=week.isoformat()) from error
    calendar = load_calendar(session, district_id)
    district_week = gather_week(
        session, district_id=district_id, week=week, rule=rule, calendar=calendar
    )
    if not district_week.due:
        raise InvalidInput("这一周没有要走访的企业,请先运行 outreach link 和 outreach targets")
    answers, left_out, failed = _solve(
        district_week.grids,
        rule,
        former=_published_days(session, district_id, week),
        processes=processes or os.cpu_count() or 1,
        on_progress=on_progress,
    )
    left_out = [*district_week.left_out, *left_out]
    plan = new_version(session, district_id, week, rule_to_json(rule), now=now, made_by=made_by)
    stops = [
        stop for grid, answer in answers for stop in save_routes(session, plan, grid, answer, rule)
    ]
    save_left_out(session, plan, left_out)
    travel = _travel_note(district_week, answers, rule)
    report = _report(plan, answers, stops, left_out, failed, travel)
    plan.figures = _figures(report, district_week, answers)
    write_audit(
        session,
        district_id=district_id,
        account_id=made_by,
        action="make_plan",
        subject="visit_plan",
        subject_id=plan.id,
        now=now,
        detail={"week": week.isoformat(), "version": plan.version, "stops": report.stops},
    )
    session.flush()
    return report


def _figures(
    report: PlanReport, week: DistrictWeek, answers: list[tuple[GridWeek, routing.Plan]]
) -> dict[str, Any]:
    """What a plan keeps of its numbers: of the whole, and of each grid."""
    apart = {"plan_id", "week", "version"}
    return {
        **{key: value for key, value in asdict(report).items() if key not in apart},
        "loads": {str(grid.grid_id): asdict(grid.load) for grid in week.grids if grid.load},
        "bounds": {
            str(grid.grid_id): [answer.objective, answer.bound]
            for grid, answer in answers
            if answer.bound is not None
        },
    }


def _travel_note(
    week: DistrictWeek, answers: list[tuple[GridWeek, routing.Plan]], rule: PlanRule
) -> dict[str, str]:
    """What the plan says of its travel times, and with what it is planned again."""
    bases = [
        basis_of_route(grid, route, rule)
        for grid, answer in answers
        for route in answer.routes
        if route.stops
    ]
    return week.travel.note_of(bases).as_json()


def _published_days(session: Session, district_id: int, week: date) -> dict[str, str]:
    """The shift in which grid workers hold each firm of the week already, by names of problems."""
    held = find_published_plan(session, district_id, week)
    places = read_places(session, held.id) if held is not None else {}
    return {str(key): place.day.isoformat() for key, place in places.items()}


def _solve(
    grids: tuple[GridWeek, ...],
    rule: PlanRule,
    *,
    former: dict[str, str],
    processes: int,
    on_progress: OnProgress,
) -> tuple[list[tuple[GridWeek, routing.Plan]], list[Due], list[str]]:
    """Solve all grids; returns answers, what was left out, and the codes of failed grids."""
    import routing

    by_code = {grid.grid_code: grid for grid in grids}
    problems = {code: make_problem(grid, rule) for code, grid in by_code.items()}
    answers: list[tuple[GridWeek, routing.Plan]] = []
    left_out: list[Due] = []
    failed: list[str] = []
    results = routing.solve_many(
        problems.values(),
        time_limit_s=rule.seconds_per_grid,
        seed=rule.seed,
        processes=processes,
        on_done=lambda done, total, _name: on_progress(done, total),
        iteration_limit=rule.iterations_per_grid or None,
    )
    for result in results:
        grid = by_code[result.name]
        if result.plan is None or routing.check(problems[result.name], result.plan):
            failed.append(result.name)
            left_out += [
                Due(candidate=c, grid_id=grid.grid_id, left_out=LeftOutReason.GRID_FAILED)
                for c in grid.candidates
            ]
            continue
        chosen = routing.choose_days(problems[result.name], result.plan, former)
        answers.append((grid, chosen))
        candidates = {str(c.enterprise_id): c for c in grid.candidates}
        left_out += [
            Due(
                candidate=candidates[missed.id],
                grid_id=grid.grid_id,
                left_out=REASON_OF[missed.reason.value],
            )
            for missed in chosen.left_out
        ]
    answers.sort(key=lambda answer: answer[0].grid_code)
    return answers, left_out, sorted(failed)


def new_version(
    session: Session,
    district_id: int,
    week: date,
    rule: dict[str, Any],
    *,
    now: datetime,
    made_by: int | None,
    based_on: int | None = None,
) -> VisitPlan:
    """Open the next draft of a week, without rows; `rule` is as `rule_to_json` gives it."""
    newest = session.scalar(
        select(func.max(VisitPlan.version)).where(
            VisitPlan.district_id == district_id, VisitPlan.week == week
        )
    )
    plan = VisitPlan(
        district_id=district_id,
        week=week,
        version=(newest or 0) + 1,
        status=PlanStatus.DRAFT,
        rule=rule,
        figures={},
        made_at=now,
        made_by=made_by,
        based_on=based_on,
    )
    session.add(plan)
    session.flush()
    return plan


def name_plan(session: Session, district_id: int, plan_id: int, name: str) -> None:
    """Call a draft a scenario of the laboratory.

    Raises
    ------
    NotFound
        When the district has no such plan.
    """
    get_plan(session, district_id, plan_id).name = name
    session.flush()


def rule_to_json(rule: PlanRule) -> dict[str, Any]:
    """The rule as it is kept with a plan or a run."""
    stored = asdict(rule)
    stored["shift_start"] = rule.shift_start.isoformat()
    stored["shift_end"] = rule.shift_end.isoformat()
    stored["lunch"] = [rule.lunch.opens.isoformat(), rule.lunch.closes.isoformat()]
    return stored


def rule_from_json(stored: dict[str, Any]) -> PlanRule:
    """Read back what `rule_to_json` gave."""
    opens, closes = (time.fromisoformat(text) for text in stored["lunch"])
    return PlanRule(
        **{
            **stored,
            "shift_start": time.fromisoformat(stored["shift_start"]),
            "shift_end": time.fromisoformat(stored["shift_end"]),
            "lunch": TimeWindow(opens=opens, closes=closes),
            "travel_mode": TravelMode(stored["travel_mode"]),
            # Plans made before there were weights have none.
            "weights": PlanWeights(**stored.get("weights", {})),
        }
    )


def _report(
    plan: VisitPlan,
    answers: list[tuple[GridWeek, routing.Plan]],
    stops: list[dict[str, Any]],
    left_out: list[Due],
    failed: list[str],
    travel: dict[str, str],
) -> PlanReport:
    planned = Counter(stop["purpose"] for stop in stops)
    missed = [due for due in left_out if due.candidate.purpose is VisitPurpose.ORGANISE]
    reasons = Counter(due.left_out.value for due in missed if due.left_out)
    return PlanReport(
        plan_id=plan.id,
        week=plan.week,
        version=plan.version,
        grids=len(answers),
        routes=sum(bool(route.stops) for _, answer in answers for route in answer.routes),
        stops=len(stops),
        targets=planned[VisitPurpose.ORGANISE] + len(missed),
        targets_planned=planned[VisitPurpose.ORGANISE],
        targets_left_out=len(missed),
        verify_planned=planned[VisitPurpose.VERIFY],
        serve_planned=planned[VisitPurpose.SERVE],
        refresh_planned=planned[VisitPurpose.REFRESH],
        left_out=dict(sorted(reasons.items())),
        travel_s=sum(route.travel_s for _, answer in answers for route in answer.routes),
        failed_grids=tuple(failed),
        travel=travel,
    )


def publish_plan(
    session: Session, principal: Principal | None, plan_id: int, *, district_id: int, now: datetime
) -> VisitPlan:
    """Make a draft the plan that grid workers follow; the one before is superseded.

    Raises
    ------
    Refused
        When the account does not plan.
    NotFound, Conflict
        When the district has no such plan, or it is no draft.
    """
    if principal is not None and not principal.role.plans:
        raise Refused("只有规划人员可以发布计划")
    plan = get_plan(session, district_id, plan_id)
    if plan.status != PlanStatus.DRAFT:
        raise Conflict(
            "这个版本是“{status}”,只有草稿可以发布", status=PlanStatus(plan.status).label
        )
    session.execute(
        update(VisitPlan)
        .where(
            VisitPlan.district_id == district_id,
            VisitPlan.week == plan.week,
            VisitPlan.status == PlanStatus.PUBLISHED,
        )
        .values(status=PlanStatus.SUPERSEDED)
    )
    plan.status = PlanStatus.PUBLISHED
    plan.published_at = now
    plan.published_by = principal.account_id if principal else None
    write_audit(
        session,
        district_id=district_id,
        account_id=plan.published_by,
        action="publish_plan",
        subject="visit_plan",
        subject_id=plan.id,
        now=now,
        detail={"week": plan.week.isoformat(), "version": plan.version},
    )
    session.flush()
    return plan


def get_plan(session: Session, district_id: int, plan_id: int) -> VisitPlan:
    """Return a plan of the district.

    Raises
    ------
    NotFound
        When the district has no such plan.
    """
    plan = session.scalar(
        select(VisitPlan).where(VisitPlan.district_id == district_id, VisitPlan.id == plan_id)
    )
    if plan is None:
        raise NotFound("没有找到这个计划")
    return plan


def find_published_plan(session: Session, district_id: int, week: date) -> VisitPlan | None:
    """Return the plan that grid workers follow in a week, or `None`."""
    return session.scalar(
        select(VisitPlan).where(
            VisitPlan.district_id == district_id,
            VisitPlan.week == week,
            VisitPlan.status == PlanStatus.PUBLISHED,
        )
    )

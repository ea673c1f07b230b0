"""A district's week into visit problems for the planning library, and its answers back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from outreach.domain.days import seconds_of
from outreach.domain.doors import split_address
from outreach.domain.enterprises import Industry
from outreach.domain.headcounts import HeadcountClass
from outreach.domain.loads import GridLoad, waits_longer, weigh_grid
from outreach.domain.plans import (
    Candidate,
    LeftOutReason,
    PlanRule,
    VisitPurpose,
    choose_purpose,
    service_minutes,
    visit_prize,
    welcome_windows,
)
from outreach.domain.targets import Standing
from outreach.domain.visits import VisitResult
from outreach.services.administration.leave import load_week_cover
from outreach.services.enterprises.enterprises import to_domain
from outreach.services.planning.appointments import find_appointments
from outreach.services.planning.travel import STRAIGHT, Travel, travel_now
from outreach.services.visits.cases import earliest_deadlines
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    import routing
    from outreach.domain.appointments import Appointment
    from outreach.domain.calendar import WorkCalendar

_DAY_S = 86_400
MISSED_REQUIRED = 100_000
SETUP_S = 180
"""From the gate of a building to the first firm's door; spared at the next firm in it."""

SHORT_DAY = 3_600
"""An outing short of the weekly number costs an hour of travel: enough to spread the week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A firm that is due this week; `left_out` is set when it cannot enter a problem at all."""

    candidate: Candidate
    grid_id: int | None
    left_out: LeftOutReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GridWeek:
    """One grid's problem: who goes, from where, on which days, to whom, and how.

    `away` are those of the days on which nobody goes out: somebody may have planned them before a
    leave was known. They are timed, and nothing can be kept on them.
    """

    grid_id: int
    grid_code: str
    grid_worker_id: int
    office: tuple[float, float]
    days: tuple[date, ...]
    candidates: tuple[Candidate, ...]
    load: GridLoad | None = None
    travel: Travel = STRAIGHT
    away: frozenset[date] = frozenset()

    @property
    def present(self) -> tuple[date, ...]:
        """The days on which the grid worker goes out."""
        return tuple(day for day in self.days if day not in self.away)

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """The community office, then the candidates: the locations of the problem."""
        return (self.office, *((one.lon, one.lat) for one in self.candidates))


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictWeek:
    """All that is due in a week: the grids' problems, and what could not enter one."""

    week: date
    grids: tuple[GridWeek, ...]
    left_out: tuple[Due, ...]
    travel: Travel = STRAIGHT

    @property
    def due(self) -> int:
        """How many firms are due in all."""
        return len(self.left_out) + sum(len(grid.candidates) for grid in self.grids)


def gather_week(
    session: Session, *, district_id: int, week: date, rule: PlanRule, calendar: WorkCalendar
) -> DistrictWeek:
    """Find what is due in the week that begins on `week` and sort it by grid."""
    days = calendar.working_days(week)
    workers = _workers(session, district_id)
    travel = travel_now(session, district_id)
    cover = load_week_cover(session, district_id, week)
    by_grid: dict[int, list[Candidate]] = {}
    left_out: list[Due] = []
    for due in list_due(session, district_id, week, rule):
        if due.left_out is None and not days:
            left_out.append(_left(due, LeftOutReason.NO_WORKING_DAY))
        elif due.left_out is None and due.grid_id not in workers:
            left_out.append(_left(due, LeftOutReason.NO_GRID_WORKER))
        elif due.left_out is not None or due.grid_id is None:
            left_out.append(due)
        elif due.candidate.appointment and due.candidate.appointment.day not in days:
            left_out.append(_left(due, LeftOutReason.APPOINTED_DAY_OFF))
        elif isinstance(place := cover.place(due.candidate, due.grid_id, days), LeftOutReason):
            left_out.append(_left(due, place))
        else:
            by_grid.setdefault(place, []).append(due.candidate)
    grids = []
    for grid_id, candidates in sorted(by_grid.items()):
        present = cover.days_present(grid_id, days)
        code, worker = workers[grid_id]
        grid = GridWeek(
            grid_id=grid_id,
            grid_code=code,
            grid_worker_id=worker.id,
            office=(worker.office_lon, worker.office_lat),
            days=present,
            candidates=tuple(candidates),
            travel=travel,
        )
        chosen, waiting = _weighed(grid, rule)
        grids.append(chosen)
        left_out += waiting
    return DistrictWeek(week=week, grids=tuple(grids), left_out=tuple(left_out), travel=travel)


def _weighed(grid: GridWeek, rule: PlanRule) -> tuple[GridWeek, list[Due]]:
    """Weigh a grid's week; who waits longer or comes after more urgent firms is left out."""
    load = weigh_grid(grid.candidates, grid.office, days=len(grid.days), rule=rule)
    now = [one for one in grid.candidates if not waits_longer(one, load)]
    stretched = [one for one in grid.candidates if waits_longer(one, load)]
    chosen, later = _first_candidates(now, rule)
    left_out = [
        Due(candidate=one, grid_id=grid.grid_id, left_out=reason)
        for some, reason in (
            (later, LeftOutReason.MORE_URGENT_FIRST),
            (stretched, LeftOutReason.INTERVAL_STRETCHED),
        )
        for one in some
    ]
    return replace(grid, candidates=chosen, load=load), left_out


def _left(due: Due, reason: LeftOutReason) -> Due:
    return Due(candidate=due.candidate, grid_id=due.grid_id, left_out=reason)


def _workers(session: Session, district_id: int) -> dict[int, tuple[str, GridWorker]]:
    query = (
        select(Grid.code, GridWorker)
        .join(GridWorker, GridWorker.grid_id == Grid.id)
        .where(Grid.district_id == district_id)
    )
    return {worker.grid_id: (code, worker) for code, worker in session.execute(query)}


def list_due(
    session: Session,
    district_id: int,
    today: date,
    rule: PlanRule,
    *,
    grid_id: int | None = None,
    days: int = 7,
) -> list[Due]:
    """All that is due on a day, in one grid or in the district.

    Every target appears, also one visited lately or without a position, with its reason. What was
    agreed on for one of so many `days` from then on is due, too.
    """
    standings = (Standing.TARGET, Standing.WITH_UNION, Standing.NEAR_MISS)
    deadlines = earliest_deadlines(session, district_id)
    last = today + timedelta(days=days - 1)
    agreed = find_appointments(session, district_id, first=today, last=last)
    query = select(Enterprise).where(
        Enterprise.district_id == district_id,
        Enterprise.retired.is_(False),
        or_(Enterprise.standing.in_(standings), Enterprise.id.in_({*deadlines, *agreed})),
    )
    if grid_id is not None:
        query = query.where(Enterprise.grid_id == grid_id)
    confirmed = _confirmed_on(session, district_id)
    found = []
    for row in session.scalars(query.order_by(Enterprise.id)):
        deadline = deadlines.get(row.id)
        case_due_days = (deadline - today).days if deadline else None
        candidate = make_candidate(
            row, today, case_due_days=case_due_days, appointment=agreed.get(row.id)
        )
        found += _judge(
            candidate, row, rule, is_fresh=_is_fresh(confirmed.get(row.id), today, rule)
        )
    return found


def _is_fresh(confirmed_on: date | None, today: date, rule: PlanRule) -> bool:
    """Whether somebody said lately that nothing changed."""
    return confirmed_on is not None and (today - confirmed_on).days < rule.refresh_days


def _judge(candidate: Candidate, row: Enterprise, rule: PlanRule, *, is_fresh: bool) -> list[Due]:
    """Why a firm is due, if it is; a target that is not says so."""
    standing = Standing(row.standing) if row.standing else Standing.NEAR_MISS
    purpose = choose_purpose(
        to_domain(row),
        standing,
        candidate.days_since_visit,
        rule,
        headcount_class=HeadcountClass(row.headcount_class) if row.headcount_class else None,
        has_case=candidate.case_due_days is not None,
    )
    if purpose is VisitPurpose.REFRESH and is_fresh:
        purpose = None
    reason = LeftOutReason.NO_POSITION if row.grid_id is None else None
    is_target = standing is Standing.TARGET
    if purpose is None and candidate.appointment is not None:
        purpose = VisitPurpose.ORGANISE if is_target else VisitPurpose.REFRESH
    if purpose is None:
        if not is_target:
            return []
        purpose, reason = VisitPurpose.ORGANISE, LeftOutReason.VISITED_LATELY
    candidate = replace(candidate, purpose=purpose)
    return [Due(candidate=candidate, grid_id=row.grid_id, left_out=reason)]


def make_candidate(
    row: Enterprise,
    today: date,
    *,
    purpose: VisitPurpose = VisitPurpose.REFRESH,
    case_due_days: int | None = None,
    appointment: Appointment | None = None,
) -> Candidate:
    """A stored enterprise as the rules of planning read it."""
    return Candidate(
        enterprise_id=row.id,
        name=row.name,
        purpose=purpose,
        lon=row.lon or 0.0,
        lat=row.lat or 0.0,
        industry=Industry(row.industry),
        employees=row.employees or 0,
        days_since_visit=(today - row.last_visited_on).days if row.last_visited_on else None,
        headcount=to_domain(row).headcount,
        case_due_days=case_due_days,
        address=row.address,
        appointment=appointment,
    )


def _confirmed_on(session: Session, district_id: int) -> dict[int, date]:
    """When a one-tap confirmation last said of a firm that nothing changed."""
    query = (
        select(Visit.enterprise_id, func.max(Visit.visited_on))
        .where(Visit.district_id == district_id, Visit.result == VisitResult.UNCHANGED)
        .group_by(Visit.enterprise_id)
    )
    return dict(session.execute(query).all())


def _first_candidates(
    candidates: list[Candidate], rule: PlanRule
) -> tuple[tuple[Candidate, ...], list[Candidate]]:
    """What was agreed on and the most valuable enter the problem, more than a week can hold."""
    most = max(rule.most_candidates, rule.most_stops_a_day * 7)
    ordered = sorted(
        candidates,
        key=lambda c: (c.appointment is None, -visit_prize(c, rule), c.enterprise_id),
    )
    return tuple(ordered[:most]), ordered[most:]


def make_problem(grid: GridWeek, rule: PlanRule) -> routing.Problem:
    """State one grid's week as a problem of the planning library.

    Location 0 is the community office; second 0 is midnight of the week's Monday.

    Raises
    ------
    Conflict
        When a road server is to be asked and fails.
    """
    import routing

    travel = grid.travel.between(grid.points, rule)
    return routing.Problem(
        name=grid.grid_code,
        travel_s=travel.seconds,
        shifts=tuple(_shift(day, rule) for day in grid.days),
        stops=tuple(
            routing.Stop(
                id=str(candidate.enterprise_id),
                location=place,
                service_s=60 * service_minutes(candidate),
                prize=visit_prize(candidate, rule),
                required=candidate.appointment is not None,
                windows=start_windows(candidate, grid.present, rule),
                setup_s=SETUP_S if split_address(candidate.address)[0] else 0,
                building=split_address(candidate.address)[0] or None,
            )
            for place, candidate in enumerate(grid.candidates, start=1)
        ),
        objective=routing.Objective(
            travel_weight=1,
            missed_required_penalty=MISSED_REQUIRED,
            min_days=min(rule.outings_a_week, len(grid.present)),
            short_day_penalty=SHORT_DAY,
        ),
    )


def _shift(day: date, rule: PlanRule) -> routing.Shift:
    import routing

    midnight = day.weekday() * _DAY_S
    return routing.Shift(
        id=day.isoformat(),
        day=day.weekday(),
        start_s=midnight + seconds_of(rule.shift_start),
        end_s=midnight + seconds_of(rule.shift_end),
        start_location=0,
        end_location=0,
        max_stops=rule.most_stops_a_day,
    )


def start_windows(
    candidate: Candidate, days: tuple[date, ...], rule: PlanRule
) -> tuple[tuple[int, int], ...]:
    """When the visit may begin, in seconds since the week's first midnight.

    It begins and ends within the firm's hours and the shift and never reaches into lunch. What was
    agreed on begins in those hours of that day.
    """
    service_s = 60 * service_minutes(candidate)
    windows = welcome_windows(candidate.industry)
    if candidate.appointment is not None:
        days = tuple(day for day in days if day == candidate.appointment.day)
        windows = candidate.appointment.windows(
            shift_start=rule.shift_start, lunch=rule.lunch, shift_end=rule.shift_end
        )
    halves = (
        (seconds_of(rule.shift_start), seconds_of(rule.lunch.opens)),
        (seconds_of(rule.lunch.closes), seconds_of(rule.shift_end)),
    )
    daily = [
        (max(begin, seconds_of(window.opens)), min(end, seconds_of(window.closes)) - service_s)
        for window in windows
        for begin, end in halves
    ]
    return tuple(
        (day.weekday() * _DAY_S + first, day.weekday() * _DAY_S + last)
        for day in days
        for first, last in daily
        if first <= last
    )


def day_of(second: int, week: date) -> tuple[date, int]:
    """Split a second of the week into its day and the second of that day."""
    return week + timedelta(days=second // _DAY_S), second % _DAY_S

"""The plan board as its pages show it: the district's timeline, one grid's week with its tray."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.boards import EditKind, LockLevel, WeekState
from outreach.domain.days import clock_of, seconds_of
from outreach.domain.plans import LeftOutReason, PlanStatus
from outreach.services.planning.away_visits import count_away
from outreach.services.planning.board_words import say_edit, say_finding
from outreach.services.planning.loans import LentFirm, home_grids, list_lent
from outreach.services.planning.plan_edits import find_undoable
from outreach.services.planning.plan_locks import count_locks, read_locks
from outreach.services.planning.plan_views import GridWeekView, PlanLine, StopLine, view_grid_week
from outreach.services.planning.plans import rule_from_json
from outreach.services.planning.solved_weeks import (
    SolvedWeek,
    newest_number,
    put_up_week,
    require_plan,
)
from outreach.storage.grids import Grid
from outreach.storage.plans import PlanLeftOut, PlanRoute, PlanStop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.wording import Sentence
    from outreach.services.planning.plan_locks import GridLocks
    from outreach.services.planning.plan_views import LeftOutLine
    from outreach.storage.plans import PlanEdit, VisitPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineDay:
    """One grid worker's day: when each visit begins and ends, seconds after midnight."""

    day: date
    visits: tuple[tuple[int, int], ...]

    @property
    def first(self) -> str:
        """When the first visit begins."""
        return clock_of(self.visits[0][0])

    @property
    def last(self) -> str:
        """When the last visit ends."""
        return clock_of(self.visits[-1][1])


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """One grid's week; `days` has an entry for each day of the timeline, `None` without visits."""

    grid_id: int
    grid_name: str
    township: str
    days: tuple[TimelineDay | None, ...]
    stops: int
    left_out: int
    locks: int
    violations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All grids of a plan; `opens_s` and `closes_s` are the ends of its axis."""

    days: tuple[date, ...]
    opens_s: int
    closes_s: int
    rows: tuple[TimelineRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardStop:
    """A planned visit on the board: with its lock and what is wrong with it.

    `lent_by` names the grid that a firm of another grid is lent by.
    """

    line: StopLine
    lock: LockLevel | None
    problems: tuple[Sentence, ...]
    lent_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardDay:
    """A working day of the board, also an empty one."""

    day: date
    is_locked: bool
    travel_minutes: int
    back: str
    problems: tuple[Sentence, ...]
    stops: tuple[BoardStop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayFirm:
    """A firm that is left out: why, and where it would fit best, measured beside the routes.

    `fits_on` and `added_minutes` are `None` where it fits nowhere; `can_enter` is false where
    nobody could go, because it has no position.
    """

    line: LeftOutLine
    reason: LeftOutReason
    fits_on: date | None
    added_minutes: int | None
    can_enter: bool
    lent_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One grid's week of a draft, ready to be changed.

    `seen` goes back with every change; `undo` names the change that would be taken back. `notes`
    say what the change did that was made just now.
    """

    week: GridWeekView
    days: tuple[BoardDay, ...]
    tray: tuple[TrayFirm, ...]
    locks: int
    violations: int
    seen: int
    undo: EditKind | None
    undo_name: str
    notes: tuple[Sentence, ...] = ()
    lent: tuple[LentFirm, ...] = ()

    @property
    def longest_day(self) -> int:
        """How many places the fullest day offers one firm more."""
        return max((len(day.stops) for day in self.days), default=0) + 1


def view_timeline(session: Session, principal: Principal, plan_id: int) -> Timeline:
    """Return the timeline of a plan, in a number of queries that does not grow with its grids.

    Raises
    ------
    Refused, NotFound
        When the account reads no plans, or its district has no such plan.
    """
    plan = require_plan(session, principal, plan_id)
    visits = _visits(session, plan.id)
    missed = dict(
        session.execute(
            select(PlanLeftOut.grid_id, func.count())
            .where(PlanLeftOut.plan_id == plan.id)
            .group_by(PlanLeftOut.grid_id)
        ).all()
    )
    locks = count_locks(session, plan.id)
    violations = count_conflicts(session, plan)
    days = tuple(sorted({day for _, day in visits})) or (plan.week,)
    grids = session.execute(
        select(Grid.id, Grid.name, Grid.township)
        .where(Grid.district_id == principal.district_id)
        .order_by(Grid.township, Grid.code)
    )
    rows = tuple(
        TimelineRow(
            grid_id=grid_id,
            grid_name=name,
            township=township,
            days=tuple(_timeline_day(visits, grid_id, day) for day in days),
            stops=sum(len(visits.get((grid_id, day), ())) for day in days),
            left_out=missed.get(grid_id, 0),
            locks=locks.get(grid_id, 0),
            violations=violations.get(grid_id, 0),
        )
        for grid_id, name, township in grids
    )
    rule = rule_from_json(plan.rule)
    shift = (seconds_of(rule.shift_start), seconds_of(rule.shift_end))
    every = [*shift, *(moment for one in visits.values() for visit in one for moment in visit)]
    return Timeline(
        days=days,
        opens_s=min(every) // 3600 * 3600,
        closes_s=-(-max(every) // 3600) * 3600,
        rows=rows,
    )


def count_conflicts(session: Session, plan: VisitPlan) -> dict[int, int]:
    """How many conflicts each grid of a version has, without putting its weeks up."""
    stored = {int(key): count for key, count in plan.figures.get("violations", {}).items()}
    found = Counter(stored) + Counter(count_away(session, plan))
    return dict(found)


def _timeline_day(
    visits: dict[tuple[int, date], list[tuple[int, int]]], grid_id: int, day: date
) -> TimelineDay | None:
    found = visits.get((grid_id, day))
    return TimelineDay(day=day, visits=tuple(found)) if found else None


def _visits(session: Session, plan_id: int) -> dict[tuple[int, date], list[tuple[int, int]]]:
    query = (
        select(PlanRoute.grid_id, PlanRoute.day, PlanStop.start_s, PlanStop.end_s)
        .join(PlanStop, PlanStop.route_id == PlanRoute.id)
        .where(PlanRoute.plan_id == plan_id)
        .order_by(PlanRoute.grid_id, PlanRoute.day, PlanStop.sequence)
    )
    found: defaultdict[tuple[int, date], list[tuple[int, int]]] = defaultdict(list)
    for grid_id, day, start_s, end_s in session.execute(query):
        found[grid_id, day].append((start_s, end_s))
    return found


def view_board(
    session: Session, principal: Principal, plan_id: int, grid_id: int, *, done: int = 0
) -> Board:
    """Return one grid's week as a board, with reasons and violations measured now.

    `done` is the number of the change that was made just now, if one was.

    Raises
    ------
    Refused, NotFound, Conflict
        When the account reads no plans, there is no such plan or grid, or its firms changed.
    """
    plan = require_plan(session, principal, plan_id)
    shown = view_grid_week(session, principal, plan_id, grid_id)
    week = put_up_week(session, plan, grid_id)
    locks = read_locks(session, plan.id, grid_id)
    edit = find_undoable(session, plan.id, grid_id)
    keys = [*week.names, *(line.enterprise_id for line in shown.left_out)]
    lent = home_grids(session, grid_id, sorted(set(keys)))
    return Board(
        week=shown,
        days=_board_days(week, shown, locks, lent),
        tray=_tray(week, shown, lent),
        locks=locks.count,
        violations=sum(finding.rule.makes_infeasible for finding in week.findings),
        seen=newest_number(session, plan.id, grid_id),
        undo=EditKind(edit.kind) if edit else None,
        undo_name=_name_of(week, shown, edit.enterprise_id) if edit else "",
        lent=tuple(list_lent(session, plan.id, grid_id)),
        notes=_notes(week, shown, edit) if edit and edit.number == done else (),
    )


def _name_of(week: SolvedWeek, shown: GridWeekView, key: int | None) -> str:
    names = {line.enterprise_id: line.name for line in shown.left_out}
    return (week.names.get(key) or names.get(key, "")) if key else ""


def _notes(week: SolvedWeek, shown: GridWeekView, edit: PlanEdit) -> tuple[Sentence, ...]:
    before, after = WeekState.from_json(edit.before), WeekState.from_json(edit.after).orders
    names = {key: _name_of(week, shown, key) for key in before.locks}
    kind = EditKind(edit.kind)
    return say_edit(kind, before, after, moved=edit.enterprise_id, names=names)


def _board_days(
    week: SolvedWeek, shown: GridWeekView, locks: GridLocks, lent: Mapping[int, str]
) -> tuple[BoardDay, ...]:
    lines = {day.day: day for day in shown.days}
    said: dict[str, list[Sentence]] = defaultdict(list)
    for finding in week.findings:
        if finding.rule.makes_infeasible:
            said[finding.id].append(say_finding(finding, week))
    days = []
    for day in week.grid.days:
        line = lines.get(day)
        stops = tuple(
            BoardStop(
                line=stop,
                lock=locks.stops.get(stop.enterprise_id),
                problems=tuple(said[str(stop.enterprise_id)]),
                lent_by=lent.get(stop.enterprise_id, ""),
            )
            for stop in (line.stops if line else ())
        )
        days.append(
            BoardDay(
                day=day,
                is_locked=day in locks.days,
                travel_minutes=line.travel_minutes if line else 0,
                back=clock_of(_back_s(week, line.stops[-1])) if line else "",
                problems=tuple(said[day.isoformat()]),
                stops=stops,
            )
        )
    return tuple(days)


def _back_s(week: SolvedWeek, last: StopLine) -> int:
    """When the grid worker is back at the office after the stop as it is shown, on its day.

    The week is timed again without the hours of a day off, so its own times are not those shown.
    """
    key = str(last.enterprise_id)
    location = next(stop.location for stop in week.problem.stops if stop.id == key)
    return last.end_s + int(week.problem.travel_s[location, 0])


def _tray(week: SolvedWeek, shown: GridWeekView, lent: Mapping[int, str]) -> tuple[TrayFirm, ...]:
    measured = {int(left.id): left for left in week.plan.left_out}
    firms = []
    for line in shown.left_out:
        left = measured.get(line.enterprise_id)
        fits = left is not None and left.shift is not None
        firms.append(
            TrayFirm(
                line=line,
                reason=week.reason_of(left) if left else line.reason,
                fits_on=date.fromisoformat(left.shift) if left and left.shift else None,
                added_minutes=-(-(left.added_travel_s or 0) // 60) if left and fits else None,
                can_enter=line.reason is not LeftOutReason.NO_POSITION,
                lent_by=lent.get(line.enterprise_id, ""),
            )
        )
    return tuple(sorted(firms, key=lambda firm: firm.reason is not LeftOutReason.ROOM_LEFT))


def is_changeable(principal: Principal, line: PlanLine) -> bool:
    """Whether the account may change the version: a planner, a draft."""
    return principal.role.plans and line.status is PlanStatus.DRAFT

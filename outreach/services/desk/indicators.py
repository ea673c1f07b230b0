"""The dashboard of an area: indicators, funnel, smaller areas, overdue firms, state of the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVarTuple

from sqlalchemy import func, select

from outreach.domain.cases import CaseState, Urgency, urgency
from outreach.domain.formations import FunnelStep, make_funnel
from outreach.domain.grid_figures import DUE, FRESH_DAYS
from outreach.domain.indicators import (
    TREND_WEEKS,
    Counts,
    Goals,
    Indicator,
    IndicatorKind,
    MonthCounts,
    funnel_notes,
    make_indicators,
)
from outreach.domain.sources import Source
from outreach.errors import NotFound, Refused
from outreach.services.enterprises.enterprises import in_scope
from outreach.storage.cases import Case
from outreach.storage.desk import DeskFigure, DeskState
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid
from outreach.storage.judgements import DoubtfulPair
from outreach.storage.records import Batch
from outreach.storage.visits import HeldVisit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from sqlalchemy.sql import Select

    from outreach.domain.accounts import Principal
    from outreach.domain.wording import Sentence

Columns = TypeVarTuple("Columns")

MOST_OVERDUE = 10
"""Firms on the dashboard itself; the list behind the number holds all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFilter:
    """What a dashboard is about: the district, one of its townships, or one grid."""

    township: str = ""
    grid_id: int | None = None

    @property
    def level(self) -> str:
        """As it is stored with the figures."""
        return "grid" if self.grid_id is not None else "township" if self.township else "district"


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLine:
    """One township or grid below the area; `grid_id` None and a township: the firms in no grid."""

    name: str
    township: str
    grid_id: int | None
    is_grid: bool
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueLine:
    """One firm whose last visit is older than the interval."""

    id: int
    name: str
    employees: int | None
    grid_name: str
    last_visited_on: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCases:
    """The requests that somebody still works on, and how many of them are over their deadline."""

    total: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DataState:
    """What waits for people, and of which day each register is; numbers of the whole district."""

    doubtful_pairs: int
    held_visits: int
    cases: OpenCases
    as_of: tuple[tuple[Source, date], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """What the dashboard shows of an area; `counted_at` is when the figures were counted."""

    area: AreaFilter
    name: str
    counted_at: datetime
    day: date
    counts: Counts
    indicators: tuple[Indicator, ...]
    funnel: tuple[FunnelStep, ...]
    months: tuple[tuple[date, MonthCounts], ...]
    areas: tuple[AreaLine, ...]
    overdue: tuple[OverdueLine, ...]
    data: DataState

    @property
    def funnel_notes(self) -> tuple[Sentence, ...]:
        """What must be known to read the funnel."""
        return funnel_notes(self.counts)


def require_desk(principal: Principal) -> None:
    """Raise unless the account sees the whole district.

    Raises
    ------
    Refused
        For a grid worker.
    """
    if not principal.role.sees_district:
        raise Refused("全区的数字只给区总工会和规划人员看")


def open_dashboard(
    session: Session,
    principal: Principal,
    area: AreaFilter,
    *,
    goals: Goals,
    outings_a_week: int,
    today: date,
) -> Dashboard | None:
    """Read the figures of an area as they were counted last, `None` before the first counting.

    Raises
    ------
    Refused
        For a grid worker.
    NotFound
        When the district has no such township or grid.
    """
    require_desk(principal)
    name, area = _named(session, principal, area)
    state = session.get(DeskState, principal.district_id)
    if state is None:
        return None
    history = _history(session, principal.district_id, area, state.day)
    counts = history[-1][1] if history else Counts()
    outings = _outings(session, principal, area, goals, outings_a_week, today)
    return Dashboard(
        area=area,
        name=name,
        counted_at=state.counted_at,
        day=state.day,
        counts=counts,
        indicators=make_indicators(counts, history, goals, outings=outings),
        funnel=make_funnel(counts.stages),
        months=_months(session, principal.district_id, area),
        areas=_areas(session, principal.district_id, area, state.day),
        overdue=_overdue(session, principal, area, today),
        data=read_data_state(session, principal, today=today),
    )


def name_area(session: Session, principal: Principal, area: AreaFilter) -> str:
    """The name of an area, empty for the district.

    Raises
    ------
    NotFound
        When the district has no such township or grid.
    """
    return _named(session, principal, area)[0]


def _named(session: Session, principal: Principal, area: AreaFilter) -> tuple[str, AreaFilter]:
    """The area's name, and the area with the township of its grid."""
    mine = Grid.district_id == principal.district_id
    if area.grid_id is not None:
        found = session.execute(
            select(Grid.name, Grid.township).where(mine, Grid.id == area.grid_id)
        ).first()
        if found is None:
            raise NotFound("没有找到这个网格")
        return found[0], AreaFilter(township=found[1], grid_id=area.grid_id)
    if area.township:
        known = select(DeskFigure.id).where(
            DeskFigure.district_id == principal.district_id,
            DeskFigure.level == "township",
            DeskFigure.township == area.township,
        )
        if session.scalar(known.limit(1)) is None:
            raise NotFound("没有找到镇街“{township}”", township=area.township)
    return area.township, area


def _of_area(
    query: Select[*Columns], district_id: int, span: str, area: AreaFilter
) -> Select[*Columns]:
    query = query.where(
        DeskFigure.district_id == district_id,
        DeskFigure.span == span,
        DeskFigure.level == area.level,
    )
    if area.grid_id is not None:
        return query.where(DeskFigure.grid_id == area.grid_id)
    return query.where(DeskFigure.township == area.township) if area.township else query


def _history(
    session: Session, district_id: int, area: AreaFilter, day: date
) -> list[tuple[date, Counts]]:
    query = _of_area(select(DeskFigure.day, DeskFigure.counts), district_id, "day", area)
    since = day - timedelta(weeks=TREND_WEEKS + 1)
    query = query.where(DeskFigure.day.between(since, day)).order_by(DeskFigure.day)
    return [(when, Counts.from_json(counts)) for when, counts in session.execute(query)]


def _months(
    session: Session, district_id: int, area: AreaFilter
) -> tuple[tuple[date, MonthCounts], ...]:
    query = _of_area(select(DeskFigure.day, DeskFigure.counts), district_id, "month", area)
    found = session.execute(query.order_by(DeskFigure.day)).all()
    return tuple((when, MonthCounts.from_json(counts)) for when, counts in found)


def _areas(session: Session, district_id: int, area: AreaFilter, day: date) -> tuple[AreaLine, ...]:
    """Townships of the district, or grids of a township; the smallest share of its own due first.

    Areas without any due firm, and firms that no area holds, come last; nothing is below a grid.
    """
    if area.grid_id is not None:
        return ()
    is_grid = bool(area.township)
    query = (
        select(DeskFigure.township, DeskFigure.grid_id, Grid.name, DeskFigure.counts)
        .outerjoin(Grid, Grid.id == DeskFigure.grid_id)
        .where(
            DeskFigure.district_id == district_id,
            DeskFigure.span == "day",
            DeskFigure.day == day,
            DeskFigure.level == ("grid" if is_grid else "township"),
        )
    )
    if is_grid:
        query = query.where(DeskFigure.township == area.township)
    lines = [
        AreaLine(
            name=(grid_name or "") if is_grid else township,
            township=township,
            grid_id=grid_id,
            is_grid=is_grid,
            counts=Counts.from_json(counts),
        )
        for township, grid_id, grid_name, counts in session.execute(query)
    ]
    return tuple(sorted(lines, key=_by_share))


def _by_share(line: AreaLine) -> tuple[bool, float, int, str]:
    due = line.counts.due
    return (not due or not line.name, line.counts.covered / due if due else 0.0, -due, line.name)


def in_area(query: Select[*Columns], area: AreaFilter) -> Select[*Columns]:
    """Keep to the firms of an area; `Grid` must be joined when a township is asked for."""
    if area.grid_id is not None:
        return query.where(Enterprise.grid_id == area.grid_id)
    if area.township:
        return query.where(func.coalesce(Grid.township, Enterprise.township) == area.township)
    return query


def _overdue(
    session: Session, principal: Principal, area: AreaFilter, today: date
) -> tuple[OverdueLine, ...]:
    """The due firms that wait longest since their last visit, the longest first."""
    fresh = today - timedelta(days=FRESH_DAYS)
    keys = in_scope(select(Enterprise.id), principal).outerjoin(Grid, Grid.id == Enterprise.grid_id)
    keys = in_area(keys, area).where(
        Enterprise.last_visited_on < fresh, Enterprise.standing.in_(DUE)
    )
    keys = keys.order_by(Enterprise.last_visited_on, Enterprise.id).limit(MOST_OVERDUE)
    query = (
        select(
            Enterprise.id,
            Enterprise.name,
            Enterprise.employees,
            Grid.name,
            Enterprise.last_visited_on,
        )
        .outerjoin(Grid, Grid.id == Enterprise.grid_id)
        .where(Enterprise.id.in_(keys))
        .order_by(Enterprise.last_visited_on, Enterprise.id)
    )
    return tuple(
        OverdueLine(
            id=key,
            name=name,
            employees=employees,
            grid_name=grid or "",
            last_visited_on=last,
            days=(today - last).days,
        )
        for key, name, employees, grid, last in session.execute(query)
        if last is not None
    )


def _outings(
    session: Session,
    principal: Principal,
    area: AreaFilter,
    goals: Goals,
    outings_a_week: int,
    today: date,
) -> Indicator | None:
    """The outings of the week so far against the quota; not for a single grid, which is a person's.

    An outing is a day of a grid with at least one visit.
    """
    if area.grid_id is not None:
        return None
    grids = select(func.count(Grid.id)).where(Grid.district_id == principal.district_id)
    weeks = select(DeskFigure.counts).where(
        DeskFigure.district_id == principal.district_id,
        DeskFigure.span == "week",
        DeskFigure.day == today - timedelta(days=today.weekday()),
        DeskFigure.level == "grid",
    )
    if area.township:
        grids = grids.where(Grid.township == area.township)
        weeks = weeks.where(DeskFigure.township == area.township)
    made = [MonthCounts.from_json(counts).outings for counts in session.scalars(weeks)]
    done = sum(min(days, outings_a_week) for days in made)
    count = session.scalar(grids) or 0
    return Indicator(
        kind=IndicatorKind.OUTINGS, part=done, whole=outings_a_week * count, goal=goals.outings
    )


def count_open_cases(session: Session, district_id: int, *, today: date) -> OpenCases:
    """Count the open requests of a district by the one rule of urgency."""
    states = [state for state in CaseState if state.is_open]
    query = (
        select(Case.state, Case.due_on, func.count())
        .where(Case.district_id == district_id, Case.state.in_(states))
        .group_by(Case.state, Case.due_on)
    )
    total = overdue = 0
    for state, due_on, count in session.execute(query):
        total += count
        is_late = urgency(CaseState(state), due_on, today=today) is Urgency.OVERDUE
        overdue += count if is_late else 0
    return OpenCases(total=total, overdue=overdue)


def read_data_state(session: Session, principal: Principal, *, today: date) -> DataState:
    """What waits for people, and the newest day that each register speaks for."""
    mine = principal.district_id
    pairs = select(func.count()).where(
        DoubtfulPair.district_id == mine, DoubtfulPair.state.in_(["open", "later"])
    )
    held = select(func.count()).where(HeldVisit.district_id == mine, HeldVisit.settled_at.is_(None))
    newest = (
        select(Batch.source, func.max(Batch.as_of))
        .where(
            Batch.district_id == mine,
            Batch.undone_at.is_(None),
            Batch.as_of.is_not(None),
            Batch.source != Source.VISIT,
        )
        .group_by(Batch.source)
        .order_by(Batch.source)
    )
    return DataState(
        doubtful_pairs=session.scalar(pairs) or 0,
        held_visits=session.scalar(held) or 0,
        cases=count_open_cases(session, mine, today=today),
        as_of=tuple((Source(source), day) for source, day in session.execute(newest) if day),
    )

"""Counting what the desk shows, and keeping it: by area and day, and by area and month."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, String, case, cast, delete, func, insert, or_, select

from outreach.domain.calendar import CHINA
from outreach.domain.formations import Stage
from outreach.domain.grid_figures import DUE, FRESH_DAYS, months_between
from outreach.domain.headcounts import HeadcountClass
from outreach.domain.indicators import Counts, MonthCounts, kept_days
from outreach.domain.targets import Standing
from outreach.services.desk.grid_figures import MET, SETTLING, is_visit
from outreach.services.enterprises.enterprises import should_have
from outreach.services.enterprises.formations import save_formations
from outreach.storage.desk import DeskFigure, DeskState, Formation
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from outreach.services.desk.desk_changes import DeskChanges

MONTHS_KEPT = 13
"""A year and the present month, so that each month has the same one a year before."""


@dataclass(frozen=True, slots=True)
class Area:
    """A grid, or the firms of a township that lie in none (`grid_id` None)."""

    township: str
    grid_id: int | None


def count_all(session: Session, district_id: int, *, audit_id: int, now: datetime) -> None:
    """Count the whole district anew and keep it as today's figures."""
    today = now.astimezone(CHINA).date()
    townships = _townships(session, district_id)
    save_formations(session, district_id)
    days = _count_days(session, district_id, today, townships, None)
    _replace(session, district_id, "day", today, days, townships)
    months = months_between(_first_month(today), today)
    by_month = _count_months(session, district_id, _first_month(today), today, None)
    for month in months:
        _replace(session, district_id, "month", month, by_month.get(month, {}), townships)
    _count_week(session, district_id, today, townships, None)
    _thin(session, district_id, today)
    _save_state(session, district_id, audit_id, now)
    # More than visits changed: names and addresses are looked at again, too.
    session.get_one(DeskState, district_id).searched_at = None
    session.flush()


def count_changed(
    session: Session, district_id: int, changes: DeskChanges, *, now: datetime
) -> None:
    """Count the grids anew that visits were recorded in; all other figures stay."""
    today = now.astimezone(CHINA).date()
    townships = _townships(session, district_id)
    save_formations(session, district_id, changes.firms)
    days = _count_days(session, district_id, today, townships, changes.grids)
    _merge(session, district_id, ("day", today), days, changes.grids, townships)
    for month in sorted({m for m in changes.months if m >= _first_month(today)}):
        end = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        found = _count_months(session, district_id, month, min(end, today), changes.visit_grids)
        by_area = found.get(month, {})
        _merge(session, district_id, ("month", month), by_area, changes.visit_grids, townships)
    _count_week(session, district_id, today, townships, changes.visit_grids)
    _save_state(session, district_id, changes.audit_id, now)


def _first_month(today: date) -> date:
    month = today.replace(day=1)
    for _ in range(MONTHS_KEPT - 1):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


def _townships(session: Session, district_id: int) -> dict[int, str]:
    query = select(Grid.id, Grid.township).where(Grid.district_id == district_id)
    return dict(session.execute(query).all())


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(cast(condition, Integer))


def _columns(today: date) -> dict[str, ColumnElement[Any]]:
    """How each count is counted, by its name in `Counts`."""
    fresh = today - timedelta(days=FRESH_DAYS)
    due = Enterprise.standing.in_(DUE)
    is_target = Enterprise.standing == Standing.TARGET
    near = Enterprise.standing == Standing.NEAR_MISS
    never = Enterprise.last_visited_on.is_(None)
    stages = {stage.value: _sum(should_have() & (Formation.stage == stage)) for stage in Stage}
    has_union = Formation.stage.in_([Stage.FOUNDED, Stage.JOINED])
    return {
        "firms": func.count(),
        "placed": func.count(Enterprise.grid_id),
        "due": _sum(due),
        "covered": _sum(due & (Enterprise.last_visited_on >= fresh)),
        "overdue": _sum(due & (Enterprise.last_visited_on < fresh)),
        "targets": _sum(is_target),
        "targets_visited": _sum(is_target & ~never),
        "target_employees": func.sum(case((is_target, Enterprise.employees), else_=0)),
        "should_have": _sum(should_have()),
        **stages,
        "founded_unvisited": _sum(should_have() & has_union & never),
        "members": func.sum(case((should_have(), Formation.members), else_=0)),
        "doubtful": _sum(near & (Enterprise.headcount_class == HeadcountClass.DOUBTFUL)),
        "no_headcount": _sum(Enterprise.standing == Standing.NO_HEADCOUNT),
        "missing": _sum(cast(Enterprise.missing_from, String) != "[]"),
    }


def _count_days(
    session: Session,
    district_id: int,
    today: date,
    townships: Mapping[int, str],
    grids: Collection[int | None] | None,
) -> dict[Area, Counts]:
    """Count firms by area; `grids` None counts all of them."""
    columns = _columns(today)
    # Firms in a grid belong to its township, whatever township their address names.
    said = case((Enterprise.grid_id.is_(None), Enterprise.township), else_="")
    query = (
        select(Enterprise.grid_id, said, *columns.values())
        .select_from(Enterprise)
        .outerjoin(Formation, Formation.enterprise_id == Enterprise.id)
        .where(Enterprise.district_id == district_id, Enterprise.retired.is_(False))
        .group_by(Enterprise.grid_id, said)
    )
    if grids is not None:
        query = query.where(_among(Enterprise.grid_id, grids))
    found = {}
    for grid_id, township, *counts in session.execute(query):
        area = Area(townships.get(grid_id, township), grid_id)
        values = dict(zip(columns, counts, strict=True))
        found[area] = Counts(**{name: value or 0 for name, value in values.items()})
    for grid_id in townships if grids is None else grids:
        if grid_id is not None:
            found.setdefault(Area(townships.get(grid_id, ""), grid_id), Counts())
    return found


def _among(column: Any, grids: Collection[int | None]) -> ColumnElement[bool]:  # noqa: ANN401
    known = [grid_id for grid_id in grids if grid_id is not None]
    return or_(column.in_(known), column.is_(None)) if None in grids else column.in_(known)


def _count_months(
    session: Session,
    district_id: int,
    since: date,
    until: date,
    grids: Collection[int | None] | None,
) -> dict[date, dict[Area, MonthCounts]]:
    """Count visits by the grid that they were made in, month by month."""
    was_there = is_visit()
    met = Visit.result.in_(MET)
    settled = case((Visit.result.in_(SETTLING), Visit.enterprise_id))
    year, month = func.extract("year", Visit.visited_on), func.extract("month", Visit.visited_on)
    outing = case((was_there, Visit.visited_on))
    query = (
        select(
            year,
            month,
            Visit.grid_id,
            _sum(was_there),
            _sum(met),
            func.count(settled.distinct()),
            func.count(outing.distinct()),
            _sum(~was_there),
        )
        .where(Visit.district_id == district_id, Visit.visited_on.between(since, until))
        .group_by(year, month, Visit.grid_id)
    )
    if grids is not None:
        query = query.where(_among(Visit.grid_id, grids))
    found: dict[date, dict[Area, MonthCounts]] = defaultdict(dict)
    for in_year, in_month, grid_id, visits, seen, firms, outings, confirmed in session.execute(
        query
    ):
        found[date(int(in_year), int(in_month), 1)][Area("", grid_id)] = MonthCounts(
            visits=visits or 0,
            met=seen or 0,
            firms=firms,
            outings=outings if grid_id is not None else 0,
            confirmed=confirmed or 0,
        )
    return found


def _count_week(
    session: Session,
    district_id: int,
    today: date,
    townships: Mapping[int, str],
    grids: Collection[int | None] | None,
) -> None:
    """Count the outings of the week that runs, which are a day of a grid with a visit each."""
    monday = today - timedelta(days=today.weekday())
    query = (
        select(Visit.grid_id, func.count(Visit.visited_on.distinct()))
        .where(
            Visit.district_id == district_id,
            Visit.visited_on.between(monday, today),
            is_visit(),
            Visit.grid_id.is_not(None),
        )
        .group_by(Visit.grid_id)
    )
    if grids is not None:
        query = query.where(_among(Visit.grid_id, grids))
    found = {
        Area("", grid_id): MonthCounts(outings=days) for grid_id, days in session.execute(query)
    }
    if grids is None:
        _replace(session, district_id, "week", monday, found, townships)
    else:
        _merge(session, district_id, ("week", monday), found, grids, townships)


def _replace(
    session: Session,
    district_id: int,
    span: str,
    day: date,
    found: Mapping[Area, Counts] | Mapping[Area, MonthCounts],
    townships: Mapping[int, str],
) -> None:
    """Keep the figures of all areas, and of townships and the district as their sums."""
    session.execute(
        delete(DeskFigure).where(
            DeskFigure.district_id == district_id, DeskFigure.span == span, DeskFigure.day == day
        )
    )
    placed = {
        replace(area, township=townships.get(area.grid_id or 0, area.township)): counts
        for area, counts in found.items()
    }
    known = {"district_id": district_id, "span": span, "day": day}
    rows = [
        {
            **known,
            "level": "grid",
            "township": area.township,
            "grid_id": area.grid_id,
            "counts": counts.as_json(),
        }
        for area, counts in placed.items()
    ]
    kind = Counts if span == "day" else MonthCounts
    sums: dict[str, Any] = defaultdict(kind)
    whole: Any = kind()
    for area, counts in placed.items():
        sums[area.township] += counts
        whole += counts
    level = {**known, "grid_id": None}
    rows += [
        {**level, "level": "township", "township": name, "counts": counts.as_json()}
        for name, counts in sums.items()
    ]
    rows.append({**level, "level": "district", "township": "", "counts": whole.as_json()})
    session.execute(insert(DeskFigure), rows)


def _merge(
    session: Session,
    district_id: int,
    when: tuple[str, date],
    found: Mapping[Area, Counts] | Mapping[Area, MonthCounts],
    counted: Collection[int | None],
    townships: Mapping[int, str],
) -> None:
    """Put new figures of the counted grids among those that are kept of a day or month."""
    span, day = when
    query = select(DeskFigure.township, DeskFigure.grid_id, DeskFigure.counts).where(
        DeskFigure.district_id == district_id,
        DeskFigure.span == span,
        DeskFigure.day == day,
        DeskFigure.level == "grid",
    )
    kind = Counts if span == "day" else MonthCounts
    kept: dict[Area, Any] = {
        Area(township, grid_id): kind.from_json(counts)
        for township, grid_id, counts in session.execute(query)
        if grid_id not in counted
    }
    _replace(session, district_id, span, day, {**kept, **found}, townships)


def _thin(session: Session, district_id: int, today: date) -> None:
    """Forget the smaller areas' figures of days that no trend shows any more, and old weeks."""
    session.execute(
        delete(DeskFigure).where(
            DeskFigure.district_id == district_id,
            DeskFigure.span == "week",
            DeskFigure.day < today - timedelta(weeks=4),
        )
    )
    mine = (DeskFigure.district_id == district_id, DeskFigure.span == "day")
    small = DeskFigure.level != "district"
    days = set(session.scalars(select(DeskFigure.day).where(*mine, small).distinct()))
    if gone := days - kept_days(days, today=today):
        session.execute(delete(DeskFigure).where(*mine, small, DeskFigure.day.in_(gone)))


def _save_state(session: Session, district_id: int, audit_id: int, now: datetime) -> None:
    firms = session.scalar(
        select(DeskFigure.counts)
        .where(
            DeskFigure.district_id == district_id,
            DeskFigure.span == "day",
            DeskFigure.level == "district",
        )
        .order_by(DeskFigure.day.desc())
        .limit(1)
    )
    state = session.get(DeskState, district_id)
    if state is None:
        state = DeskState(district_id=district_id, searched_at=None)
        session.add(state)
    state.audit_id, state.counted_at = audit_id, now
    state.day = now.astimezone(CHINA).date()
    state.firms = (firms or {}).get("firms", 0)
    session.flush()


def forget_figures(session: Session, district_ids: Iterable[int]) -> None:
    """Forget all that was counted: it is counted anew when next looked at."""
    for district_id in district_ids:
        for table in (DeskFigure, Formation):
            session.execute(delete(table).where(table.district_id == district_id))
        session.execute(delete(DeskState).where(DeskState.district_id == district_id))

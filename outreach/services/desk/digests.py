"""The month in words: facts gathered, sentences written by the domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.calendar import CHINA
from outreach.domain.changes import ChangeKind
from outreach.domain.digests import DigestFacts, Paragraph, write_digest
from outreach.domain.grid_figures import month_end
from outreach.domain.indicators import Counts, MonthCounts
from outreach.errors import InvalidInput
from outreach.services.desk.indicators import count_open_cases, read_data_state, require_desk
from outreach.storage.cases import Case
from outreach.storage.changes import Change
from outreach.storage.desk import DeskFigure, DeskState
from outreach.storage.districts import District
from outreach.storage.records import Batch
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.indicators import Goals
    from outreach.domain.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A month as the page shows it; `months` are those that can be told, the newest first.

    A district is told from the month on of its first file or its first visit. `counted_on` is the
    day whose firms are told, if those of any day of the month were counted.
    """

    district: str
    month: date
    until: date
    counted_on: date | None
    counted_at: datetime | None
    paragraphs: tuple[Paragraph, ...]
    as_of: tuple[tuple[Source, date], ...]
    months: tuple[date, ...]


def write_month(
    session: Session, principal: Principal, month: date, *, goals: Goals, today: date
) -> Digest:
    """Write a month of the account's district, which begins on `month`.

    Raises
    ------
    Refused
        For a grid worker.
    InvalidInput
        When the month has not begun, or lies before all that is known.
    """
    require_desk(principal)
    if month > today:
        raise InvalidInput("{month} 还没有到", month=f"{month:%Y-%m}")
    district_id = principal.district_id
    first = _first_month(session, district_id, today)
    if month < first:
        raise InvalidInput("{month} 还没有数据", month=f"{month:%Y-%m}")
    facts = _facts(session, principal, month, today)
    state = session.get(DeskState, district_id)
    months = session.scalars(
        select(DeskFigure.day)
        .where(
            DeskFigure.district_id == district_id,
            DeskFigure.span == "month",
            DeskFigure.level == "district",
            DeskFigure.day >= first,
        )
        .order_by(DeskFigure.day.desc())
    )
    return Digest(
        district=session.get_one(District, district_id).name,
        month=month,
        until=facts.until,
        counted_on=facts.counted_on,
        counted_at=state.counted_at if state else None,
        paragraphs=write_digest(facts, goals),
        as_of=read_data_state(session, principal, today=today).as_of,
        months=tuple(months),
    )


def _first_month(session: Session, district_id: int, today: date) -> date:
    """The month of the first file or the first visit; this month where there is neither."""
    received = session.scalar(
        select(func.min(Batch.received_at)).where(Batch.district_id == district_id)
    )
    visited = session.scalar(
        select(func.min(Visit.visited_on)).where(Visit.district_id == district_id)
    )
    days = [visited, received.astimezone(CHINA).date() if received else None]
    return min((day for day in days if day is not None), default=today).replace(day=1)


def _facts(session: Session, principal: Principal, month: date, today: date) -> DigestFacts:
    district_id = principal.district_id
    until = min(month_end(month), today)
    before = (month - timedelta(days=1)).replace(day=1)
    counted_on, counts = _counts(session, district_id, month, until)
    opened, ended = _cases(session, district_id, month, until)
    is_now = until == today
    waiting = count_open_cases(session, district_id, today=today) if is_now else None
    return DigestFacts(
        month=month,
        until=until,
        work=_work(session, district_id, month) or MonthCounts(),
        work_before=_work(session, district_id, before),
        counted_on=counted_on,
        counts=counts,
        before=_counts(session, district_id, before, month_end(before))[1],
        changes=_changes(session, district_id, month, until),
        cases_opened=opened,
        cases_ended=ended,
        cases_open=waiting.total if waiting else None,
        cases_overdue=waiting.overdue if waiting else 0,
        areas=_areas(session, district_id, counted_on) if counted_on else (),
    )


def _work(session: Session, district_id: int, month: date) -> MonthCounts | None:
    counts = session.scalar(
        select(DeskFigure.counts).where(
            DeskFigure.district_id == district_id,
            DeskFigure.span == "month",
            DeskFigure.level == "district",
            DeskFigure.day == month,
        )
    )
    return None if counts is None else MonthCounts.from_json(counts)


def _counts(
    session: Session, district_id: int, first: date, last: date
) -> tuple[date | None, Counts | None]:
    """The district's counts of the last counted day of a span."""
    found = session.execute(
        select(DeskFigure.day, DeskFigure.counts)
        .where(
            DeskFigure.district_id == district_id,
            DeskFigure.span == "day",
            DeskFigure.level == "district",
            DeskFigure.day.between(first, last),
        )
        .order_by(DeskFigure.day.desc())
        .limit(1)
    ).first()
    return (None, None) if found is None else (found[0], Counts.from_json(found[1]))


def _areas(session: Session, district_id: int, day: date) -> tuple[tuple[str, Counts], ...]:
    query = select(DeskFigure.township, DeskFigure.counts).where(
        DeskFigure.district_id == district_id,
        DeskFigure.span == "day",
        DeskFigure.level == "township",
        DeskFigure.day == day,
    )
    return tuple((name, Counts.from_json(counts)) for name, counts in session.execute(query))


def _changes(session: Session, district_id: int, first: date, last: date) -> dict[ChangeKind, int]:
    query = (
        select(Change.kind, func.count())
        .where(Change.district_id == district_id, Change.found_on.between(first, last))
        .group_by(Change.kind)
    )
    return {ChangeKind(kind): count for kind, count in session.execute(query)}


def _cases(session: Session, district_id: int, first: date, last: date) -> tuple[int, int]:
    """How many cases came in and how many ended between two days of China, both included."""
    since = datetime.combine(first, time(), CHINA)
    until = datetime.combine(last + timedelta(days=1), time(), CHINA)

    mine = select(func.count()).where(Case.district_id == district_id)
    opened = mine.where(Case.opened_at >= since, Case.opened_at < until)
    ended = mine.where(Case.closed_at >= since, Case.closed_at < until)
    return session.scalar(opened) or 0, session.scalar(ended) or 0

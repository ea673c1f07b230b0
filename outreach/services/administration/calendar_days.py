"""The district's calendar of working days: official notices, own days, and what they change."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from outreach.domain.calendar import DayKind, WorkCalendar, YearOff
from outreach.domain.notices import LONGEST_NOTICE, Notice, read_notice
from outreach.domain.plans import PlanStatus
from outreach.errors import FileRefused, InvalidInput, NotFound
from outreach.services.administration.audit import audit_as
from outreach.services.administration.principals import require_district
from outreach.storage.accounts import Account
from outreach.storage.calendar_days import CalendarDay, CalendarNotice
from outreach.storage.plans import PlanRoute, VisitPlan

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

_audit = partial(audit_as, subject="calendar")

FIRST_YEAR, LAST_YEAR = 2025, 2035
MOST_OWN_DAYS = 31
"""Days that one form may set; a longer span is a mistake."""

LONGEST_NAME = 60


def load_calendar(session: Session, district_id: int) -> WorkCalendar:
    """The calendar by which everything of a district is planned and every deadline counted."""
    own = select(CalendarDay.day, CalendarDay.works).where(CalendarDay.district_id == district_id)
    notices = (
        select(CalendarNotice.year, CalendarNotice.content)
        .where(CalendarNotice.district_id == district_id)
        .order_by(CalendarNotice.id)
    )
    return WorkCalendar(
        overrides=dict(session.execute(own).all()),
        notices={year: YearOff.from_json(kept) for year, kept in session.execute(notices)},
    )


def is_verified_week(session: Session, principal: Principal, week: date) -> bool:
    """Whether notices cover all days of the week that begins on `week`."""
    days, known = (week, week + timedelta(days=6)), WorkCalendar()
    if not all(known.is_verified(day) for day in days):
        known = load_calendar(session, principal.district_id)
    return all(known.is_verified(day) for day in days)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCell:
    """One day of a year; `name` is the holiday's or what the district calls its own day."""

    day: date
    kind: DayKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenNotice:
    """A notice that somebody took; the newest of a year stands."""

    title: str
    taken_at: datetime
    taken_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YearView:
    """A year by month and week (Monday first, `None` outside of the month)."""

    year: int
    is_verified: bool
    months: tuple[tuple[tuple[DayCell | None, ...], ...], ...]
    notices: tuple[TakenNotice, ...]

    @property
    def cells(self) -> list[DayCell]:
        """All days in order."""
        return [cell for month in self.months for week in month for cell in week if cell]

    def of_kind(self, *kinds: DayKind) -> list[DayCell]:
        """The days of some kinds, in order."""
        return [cell for cell in self.cells if cell.kind in kinds]

    @property
    def feasts(self) -> list[tuple[str, list[DayCell]]]:
        """The holidays with their days, in order."""
        found: dict[str, list[DayCell]] = {}
        for cell in self.of_kind(DayKind.HOLIDAY):
            found.setdefault(cell.name, []).append(cell)
        return list(found.items())

    @property
    def worked(self) -> int:
        """How many days of the year are worked."""
        return sum(cell.kind.is_worked for cell in self.cells)


def require_year(year: int) -> int:
    """Give the year back if the calendar has it.

    Raises
    ------
    InvalidInput
        When it lies outside of what the pages show.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidInput(
            "日历只到 {first} 至 {last} 年,没有 {year} 年",
            first=FIRST_YEAR,
            last=LAST_YEAR,
            year=year,
        )
    return year


def view_year(session: Session, principal: Principal, year: int) -> YearView:
    """Read one year of the district's calendar.

    Raises
    ------
    Refused, InvalidInput
        When the role does not see the district, or the year is out of range.
    """
    require_district(principal)
    require_year(year)
    calendar = load_calendar(session, principal.district_id)
    own = _own_names(session, principal.district_id, year)

    def cell(day: date) -> DayCell:
        name = own.get(day) or calendar.holiday_name(day)
        return DayCell(day=day, kind=calendar.kind_of(day), name=name)

    months = tuple(
        tuple(
            tuple(cell(day) if day.month == month else None for day in week)
            for week in Calendar().monthdatescalendar(year, month)
        )
        for month in range(1, 13)
    )
    return YearView(
        year=year,
        is_verified=calendar.is_verified(date(year, 7, 1)),
        months=months,
        notices=_taken(session, principal.district_id, year),
    )


def _own_names(session: Session, district_id: int, year: int) -> dict[date, str]:
    query = select(CalendarDay.day, CalendarDay.name).where(
        CalendarDay.district_id == district_id,
        CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31)),
    )
    return dict(session.execute(query).all())


def _taken(session: Session, district_id: int, year: int) -> tuple[TakenNotice, ...]:
    query = (
        select(CalendarNotice, Account.display_name)
        .outerjoin(Account, Account.id == CalendarNotice.taken_by)
        .where(CalendarNotice.district_id == district_id, CalendarNotice.year == year)
        .order_by(CalendarNotice.id.desc())
    )
    return tuple(
        TakenNotice(title=row.title, taken_at=row.taken_at, taken_by=name or "—")
        for row, name in session.execute(query)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDays:
    """Days that the district sets for itself, both ends included."""

    first: date
    last: date
    works: bool
    name: str


def set_own_days(session: Session, principal: Principal, wanted: OwnDays, *, now: datetime) -> int:
    """Set the district's own days; a day that was set before is replaced. Returns how many.

    Raises
    ------
    Refused
        When the role does not see the district.
    InvalidInput
        When the span is empty or too long, or the name is missing.
    """
    require_district(principal)
    require_year(wanted.first.year)
    require_year(wanted.last.year)
    count = (wanted.last - wanted.first).days + 1
    if not 1 <= count <= MOST_OWN_DAYS:
        raise InvalidInput(
            "从 {first} 到 {last} 不能一次设,请设 1 到 {most} 天",
            first=wanted.first.isoformat(),
            last=wanted.last.isoformat(),
            most=MOST_OWN_DAYS,
        )
    name = wanted.name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInput("请写明是什么日子,不超过 {most} 个字", most=LONGEST_NAME)
    days = [wanted.first + timedelta(days=n) for n in range(count)]
    former = _drop(session, principal.district_id, days)
    session.add_all(
        CalendarDay(
            district_id=principal.district_id,
            day=day,
            works=wanted.works,
            name=name,
            set_at=now,
            set_by=principal.account_id or None,
        )
        for day in days
    )
    session.flush()
    detail = {"first": days[0].isoformat(), "last": days[-1].isoformat(), "works": wanted.works}
    _audit(session, principal, "set_own_days", days[0].isoformat(), now, {**detail, "was": former})
    return count


def remove_own_day(session: Session, principal: Principal, day: date, *, now: datetime) -> None:
    """Take back a day that the district had set; the notice or the weekday decides again.

    Raises
    ------
    Refused, NotFound
        When the role does not see the district, or the day was not set.
    """
    require_district(principal)
    former = _drop(session, principal.district_id, [day])
    if not former:
        raise NotFound("{day} 没有设过,不用撤", day=day.isoformat())
    _audit(session, principal, "remove_own_day", day.isoformat(), now, {"was": former})


def _drop(session: Session, district_id: int, days: list[date]) -> dict[str, bool]:
    """Remove own days; returns what they had said."""
    dropped = session.execute(
        delete(CalendarDay)
        .where(CalendarDay.district_id == district_id, CalendarDay.day.in_(days))
        .returning(CalendarDay.day, CalendarDay.works)
    )
    return {day.isoformat(): works for day, works in dropped}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayDifference:
    """A day that a notice would change."""

    day: date
    before: DayKind
    after: DayKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReport:
    """What taking a notice would do; `routes` of published plans lie on days that become off."""

    notice: Notice
    differences: tuple[DayDifference, ...]
    routes: int

    @property
    def may_be_taken(self) -> bool:
        """Whether nothing keeps it from being taken."""
        return not self.notice.problems


def decode_notice(content: bytes, file_name: str) -> str:
    """Read a text or CSV file as people save it: UTF-8, UTF-16 with its mark, or GB18030.

    Raises
    ------
    FileRefused
        When it is no text.
    """
    encodings = ("utf-16",) if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise FileRefused("“{file}”不是文字文件,请把通知的文字复制到框里", file=file_name)


def review_notice(session: Session, principal: Principal, text: str, *, year: int) -> NoticeReport:
    """Read a notice and say what would change; nothing is stored.

    Raises
    ------
    Refused, InvalidInput
        When the role does not see the district, the year is out of range or the text too long.
    """
    require_district(principal)
    require_year(year)
    if len(text) > LONGEST_NOTICE:
        raise InvalidInput("文字太长,通知不会超过 {most} 个字", most=LONGEST_NOTICE)
    notice = read_notice(text, year=year)
    now = load_calendar(session, principal.district_id)
    then = WorkCalendar(
        overrides=now.overrides,
        notices={**now.notices, year: YearOff.from_json(notice.as_json())},
    )
    first = date(year - 1, 12, 1)
    span = (first + timedelta(days=n) for n in range((date(year, 12, 31) - first).days + 1))
    differences = tuple(
        DayDifference(day=day, before=now.kind_of(day), after=then.kind_of(day))
        for day in span
        if now.kind_of(day) is not then.kind_of(day)
    )
    ends = [one.day for one in differences if one.before.is_worked and not one.after.is_worked]
    return NoticeReport(
        notice=notice,
        differences=differences,
        routes=count_routes(session, principal.district_id, ends),
    )


def count_routes(session: Session, district_id: int, days: list[date]) -> int:
    """How many routes of published plans lie on some days."""
    query = (
        select(func.count())
        .select_from(PlanRoute)
        .join(VisitPlan, VisitPlan.id == PlanRoute.plan_id)
        .where(
            VisitPlan.district_id == district_id,
            VisitPlan.status == PlanStatus.PUBLISHED,
            PlanRoute.day.in_(days),
        )
    )
    return session.scalar(query) or 0


def take_notice(
    session: Session, principal: Principal, text: str, *, year: int, title: str, now: datetime
) -> NoticeReport:
    """Store a notice: from now on it stands for its year.

    Raises
    ------
    Refused, InvalidInput
        When the role does not see the district, or the notice has a problem.
    """
    report = review_notice(session, principal, text, year=year)
    if not report.may_be_taken:
        raise InvalidInput(
            "通知里还有 {count} 处要核对,没有采用", count=len(report.notice.problems)
        )
    row = CalendarNotice(
        district_id=principal.district_id,
        year=year,
        title=title.strip()[:120],
        content=report.notice.as_json(),
        received=text,
        taken_at=now,
        taken_by=principal.account_id or None,
    )
    session.add(row)
    session.flush()
    detail = {"year": year, "off": report.notice.count_off, "changed": len(report.differences)}
    _audit(session, principal, "take_notice", row.id, now, detail)
    return report

"""Working days of the Chinese calendar with its make-up days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CHINA = ZoneInfo("Asia/Shanghai")
"""One zone for the whole country; pages, plans and days are in it, storage is in UTC."""

_SATURDAY = 5
_DECEMBER = 12


def _span(first: str, last: str) -> tuple[date, ...]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return tuple(start + timedelta(days=offset) for offset in range((end - start).days + 1))


DAYS_OFF: Mapping[int, tuple[tuple[str, tuple[date, ...]], ...]] = {
    2025: (
        ("元旦", _span("2025-01-01", "2025-01-01")),
        ("春节", _span("2025-01-28", "2025-02-04")),
        ("清明节", _span("2025-04-04", "2025-04-06")),
        ("劳动节", _span("2025-05-01", "2025-05-05")),
        ("端午节", _span("2025-05-31", "2025-06-02")),
        ("国庆节、中秋节", _span("2025-10-01", "2025-10-08")),
    ),
    2026: (
        ("元旦", _span("2026-01-01", "2026-01-03")),
        ("春节", _span("2026-02-15", "2026-02-23")),
        ("清明节", _span("2026-04-04", "2026-04-06")),
        ("劳动节", _span("2026-05-01", "2026-05-05")),
        ("端午节", _span("2026-06-19", "2026-06-21")),
        ("中秋节", _span("2026-09-25", "2026-09-27")),
        ("国庆节", _span("2026-10-01", "2026-10-07")),
    ),
}
"""Days off of the State Council's yearly notices (2026: notice of 2025-11-04)."""

MAKE_UP_DAYS: Mapping[int, tuple[date, ...]] = {
    2025: tuple(
        date.fromisoformat(day)
        for day in ("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11")
    ),
    2026: tuple(
        date.fromisoformat(day)
        for day in (
            "2026-01-04",
            "2026-02-14",
            "2026-02-28",
            "2026-05-09",
            "2026-09-20",
            "2026-10-10",
        )
    ),
}
"""Rest days on which work is made up (调休上班日), from the same notices."""

PROVISIONAL_DAYS: Mapping[int, tuple[tuple[str, tuple[date, ...]], ...]] = {
    2027: (
        ("元旦", _span("2027-01-01", "2027-01-01")),
        ("春节", _span("2027-02-05", "2027-02-08")),
        ("清明节", _span("2027-04-05", "2027-04-05")),
        ("劳动节", _span("2027-05-01", "2027-05-02")),
        ("端午节", _span("2027-06-09", "2027-06-09")),
        ("中秋节", _span("2027-09-15", "2027-09-15")),
        ("国庆节", _span("2027-10-01", "2027-10-03")),
    ),
}
"""The 13 statutory days (全国年节及纪念日放假办法, art. 2) of a year whose notice is not known.

Days that are moved to or from a weekend stand in the notice alone, so such a year is unverified.
"""


class DayKind(StrEnum):
    """What a day is in the calendar of a district."""

    WORK = "work"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    OWN_OFF = "own_off"
    OWN_WORK = "own_work"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "work": "工作日",
            "weekend": "周末",
            "holiday": "节假日",
            "make_up": "调休上班",
            "own_off": "本区休息",
            "own_work": "本区上班",
        }[self.value]

    @property
    def is_worked(self) -> bool:
        """Whether grid workers go out on such a day."""
        return self in {DayKind.WORK, DayKind.MAKE_UP, DayKind.OWN_WORK}


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOff:
    """What a year's notice says: days off by holiday, and the rest days that are worked."""

    days_off: tuple[tuple[str, tuple[date, ...]], ...]
    make_up_days: tuple[date, ...]

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> YearOff:
        """Read back the stored content of a notice."""
        return cls(
            days_off=tuple(
                (name, tuple(date.fromisoformat(day) for day in days))
                for name, days in stored["off"]
            ),
            make_up_days=tuple(date.fromisoformat(day) for day in stored["work"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """The days on which a grid worker goes out.

    `overrides` holds a district's own days: True works, False is off; it stands above the notices.
    `notices` holds the years whose notice the district took; each stands instead of the year's
    days known here.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)
    notices: Mapping[int, YearOff] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is worked."""
        return self.kind_of(day).is_worked

    def kind_of(self, day: date) -> DayKind:
        """What `day` is: the district's own word first, then the notice, then the weekday."""
        if day in self.overrides:
            return DayKind.OWN_WORK if self.overrides[day] else DayKind.OWN_OFF
        if any(day in year.make_up_days for year in self._years(day)):
            return DayKind.MAKE_UP
        if self.holiday_name(day):
            return DayKind.HOLIDAY
        return DayKind.WORK if day.weekday() < _SATURDAY else DayKind.WEEKEND

    def holiday_name(self, day: date) -> str:
        """The name of the holiday on `day`, or an empty text."""
        for year in self._years(day):
            for name, days in year.days_off:
                if day in days:
                    return name
        return ""

    def is_verified(self, day: date) -> bool:
        """Whether a published notice covers the year of `day`."""
        return day.year in self.notices or day.year in DAYS_OFF

    def _years(self, day: date) -> Iterator[YearOff]:
        """What is known of the day's year; a notice of the next year may reach into December."""
        yield self._known(day.year)
        if day.month == _DECEMBER:
            yield self._known(day.year + 1)

    def _known(self, year: int) -> YearOff:
        if year in self.notices:
            return self.notices[year]
        return YearOff(
            days_off=DAYS_OFF.get(year) or PROVISIONAL_DAYS.get(year, ()),
            make_up_days=MAKE_UP_DAYS.get(year, ()),
        )

    def working_days(self, week: date) -> tuple[date, ...]:
        """The working days of the week (Monday to Sunday) that begins on `week`."""
        days = (week + timedelta(days=offset) for offset in range(7))
        return tuple(day for day in days if self.is_working_day(day))

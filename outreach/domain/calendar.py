"""Working days of the Chinese calendar with its make-up days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SATURDAY = 5


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """The days on which a grid worker goes out.

    `overrides` holds a district's own days: True works, False is off; it stands above the notices.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is worked."""
        if day in self.overrides:
            return self.overrides[day]
        if day in MAKE_UP_DAYS.get(day.year, ()):
            return True
        if self.holiday_name(day):
            return False
        return day.weekday() < _SATURDAY

    def holiday_name(self, day: date) -> str:
        """The name of the holiday on `day`, or an empty text."""
        for name, days in DAYS_OFF.get(day.year, ()):
            if day in days:
                return name
        return ""

    def is_verified(self, day: date) -> bool:
        """Whether a published notice covers the year of `day`."""
        return day.year in DAYS_OFF

    def working_days(self, week: date) -> tuple[date, ...]:
        """The working days of the week (Monday to Sunday) that begins on `week`."""
        days = (week + timedelta(days=offset) for offset in range(7))
        return tuple(day for day in days if self.is_working_day(day))

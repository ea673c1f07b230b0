"""A next visit that a firm agreed to (约了下次): the plan keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.domain.visit_windows import TimeWindow
from outreach.domain.wording import Sentence

if TYPE_CHECKING:
    from datetime import time

APPOINTED_WITHIN = timedelta(days=180)
"""A day further off is a slip of the finger."""


class DayPart(StrEnum):
    """The half of a day that was agreed on."""

    MORNING = "morning"
    AFTERNOON = "afternoon"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"morning": "上午", "afternoon": "下午"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A day that a firm agreed to, and which half of it; `None` is any time of the day."""

    day: date
    part: DayPart | None = None

    @property
    def sentence(self) -> Sentence:
        """The reason on the grid worker's card of that day."""
        if self.part is None:
            return Sentence(template="约好这天去")
        return Sentence(template="约好{part}去", values={"part": self.part.label})

    def windows(
        self, *, shift_start: time, lunch: TimeWindow, shift_end: time
    ) -> tuple[TimeWindow, ...]:
        """The hours of the shift that were agreed on; they stand above the firm's usual hours."""
        halves = {
            DayPart.MORNING: TimeWindow(opens=shift_start, closes=lunch.opens),
            DayPart.AFTERNOON: TimeWindow(opens=lunch.closes, closes=shift_end),
        }
        return (halves[self.part],) if self.part is not None else tuple(halves.values())


def may_appoint(day: date, *, visited_on: date) -> bool:
    """Whether a day can be agreed on at a visit: the day itself or later, within 180 days."""
    return timedelta(0) <= day - visited_on <= APPOINTED_WITHIN

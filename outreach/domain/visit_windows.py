"""When a visit is welcome, by kind of premises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from outreach.domain.enterprises import Industry


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """A span of the day in which a visit may begin and must have ended."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"time window {self.opens}-{self.closes}: must open before it closes")


def _window(text: str) -> TimeWindow:
    opens, closes = text.split("-")
    return TimeWindow(opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))


def _windows(text: str) -> tuple[TimeWindow, ...]:
    return tuple(_window(part) for part in text.split())


WELCOME_HOURS: dict[Industry, tuple[TimeWindow, ...]] = {
    Industry.OFFICE: _windows("09:00-11:30 14:30-17:00"),
    Industry.MANUFACTURE: _windows("09:00-11:30 14:30-17:00"),
    Industry.RESTAURANT: _windows("09:30-10:30 14:00-16:30"),
    Industry.RETAIL: _windows("10:00-11:30 14:00-17:00"),
    Industry.COURIER: _windows("10:30-12:00 14:30-16:30"),
    Industry.CONSTRUCTION: _windows("08:00-10:30"),
    Industry.SCHOOL: _windows("09:00-10:30 14:30-15:30"),
    Industry.CLINIC: _windows("14:30-16:30"),
    Industry.HOTEL: _windows("10:00-11:30 14:30-17:00"),
    Industry.FARM: _windows("08:00-10:00"),
}
"""Proposal of the domain, without a published source; a district may set its own hours."""

"""Who goes when a grid worker is away: her own days first, then the stand-in for what must be.

What must be is what somebody agreed on with the firm, and a request with its deadline within a
week; everything else waits until she is back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outreach.domain.plans import LeftOutReason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from outreach.domain.plans import Candidate

LONGEST_LEAVE_DAYS = 366
"""A longer absence is a change of the grid worker."""

CASE_CANNOT_WAIT_DAYS = 7
"""Days to a request's deadline, counted from the Monday of the week, that keep it from waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Days, both included, on which a grid's worker is away, and whose worker stands in."""

    grid_id: int
    first: date
    last: date
    stand_in_grid_id: int | None = None

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"absence from {self.first} to {self.last}: must end after it begins")

    def covers(self, day: date) -> bool:
        """Whether the worker is away on `day`."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """All absences that touch a week, asked day by day."""

    absences: tuple[Absence, ...] = field(default=())

    def is_away(self, grid_id: int, day: date) -> bool:
        """Whether the grid's own worker is away on `day`."""
        return any(one.grid_id == grid_id and one.covers(day) for one in self.absences)

    def days_present(self, grid_id: int, days: Sequence[date]) -> tuple[date, ...]:
        """The days on which the grid's own worker goes out."""
        return tuple(day for day in days if not self.is_away(grid_id, day))

    def stand_in(self, grid_id: int, day: date) -> int | None:
        """The grid whose worker stands in on `day`; one who is away herself does not."""
        for one in self.absences:
            if one.grid_id == grid_id and one.covers(day) and one.stand_in_grid_id is not None:
                away = self.is_away(one.stand_in_grid_id, day)
                return None if away else one.stand_in_grid_id
        return None

    def place(
        self, candidate: Candidate, grid_id: int, days: Sequence[date]
    ) -> int | LeftOutReason:
        """The grid whose worker goes to a firm that is due in a week, or why nobody does."""
        present = self.days_present(grid_id, days)
        if candidate.appointment is not None:
            day = candidate.appointment.day
            if day in present or day not in days:
                return grid_id
            return self.stand_in(grid_id, day) or LeftOutReason.ON_LEAVE
        if present:
            return grid_id
        stand_ins = [found for day in days if (found := self.stand_in(grid_id, day)) is not None]
        if not stand_ins:
            return LeftOutReason.ON_LEAVE
        case = candidate.case_due_days
        cannot_wait = case is not None and case <= CASE_CANNOT_WAIT_DAYS
        return stand_ins[0] if cannot_wait else LeftOutReason.STAND_IN_MUST_ONLY

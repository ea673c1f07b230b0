"""Balance between grids: hours lent to a neighbour, and borders drawn anew."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.domain.plans import Candidate, service_minutes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from outreach.domain.loads import GridLoad

WAY_MINUTES = 6
"""On the way to one more firm of a grid; measured on the demo district's plans: 4 to 9."""

LEAST_LOAN_MINUTES = 60
"""Less than an hour is not worth a neighbour's coming over."""


class ProposalStatus(StrEnum):
    """The life of a proposal."""

    PROPOSED = "proposed"
    ADOPTED = "adopted"
    DISCARDED = "discarded"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"proposed": "建议", "adopted": "已采用", "discarded": "没有采用"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderRule:
    """What a proposal is worked out by.

    tolerance_percent : how far over the mean a grid's work may be.
    seconds : of the search, 2 to 55: a proposal is there within a minute.
    """

    tolerance_percent: int = 50
    seconds: int = 40
    seed: int = 1

    def __post_init__(self) -> None:
        for name, low, high in (
            ("tolerance_percent", 0, 300),
            ("seconds", 2, 55),
            ("seed", 0, 2_147_483_647),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"borders.{name} = {value}: must lie between {low} and {high}")


def standing_minutes(candidate: Candidate) -> int:
    """The work that a firm makes in a grid whenever it is due: a visit and the way to it."""
    return service_minutes(candidate) + WAY_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """Hours that a grid worker could give to the neighbour's grid in a week."""

    from_grid: int
    to_grid: int
    minutes: int


def suggest_loans(
    loads: Mapping[int, GridLoad], neighbours: Iterable[tuple[int, int]]
) -> tuple[Loan, ...]:
    """Who could help whom: the most overloaded first, from the neighbour with the most free time.

    `neighbours` are pairs of grid ids. Nobody lends more than she has free or what is lacking.
    """
    beside: dict[int, set[int]] = {}
    for one, other in neighbours:
        beside.setdefault(one, set()).add(other)
        beside.setdefault(other, set()).add(one)
    free = {grid: load.available_minutes - load.due_minutes for grid, load in loads.items()}
    loans = []
    for needy in sorted(free, key=lambda grid: (free[grid], grid)):
        if free[needy] >= 0:
            break
        for helper in sorted(beside.get(needy, ()), key=lambda grid: (-free.get(grid, 0), grid)):
            minutes = min(-free[needy], free.get(helper, 0))
            if minutes >= LEAST_LOAN_MINUTES:
                loans.append(Loan(from_grid=helper, to_grid=needy, minutes=minutes))
                free[needy] += minutes
                free[helper] -= minutes
    return tuple(loans)

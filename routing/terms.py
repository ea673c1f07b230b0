"""What a search must or should keep beside the problem: forced stops, days served, an old plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Wishes laid over a problem for one search; none of them changes what a plan is worth.

    Parameters
    ----------
    forced
        Ids of stops that come before any prize.
    days_served
        Days that count for `min_days` whatever is planned: they have a visit already.
    positions
        Place in its route, from 0, that a stop must have, by id.
    published
        Shift and place in its route that a stop has in an older plan, by id.
    stay_in_shift
        What it is worth, in units of the objective, that a published stop stays in its shift.
    stay_in_order
        The same for keeping its place among the published stops of that shift.
    """

    forced: frozenset[str] = frozenset()
    days_served: frozenset[int] = frozenset()
    positions: Mapping[str, int] = field(default_factory=dict)
    published: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    stay_in_shift: int = 0
    stay_in_order: int = 0


NO_TERMS = Terms()
"""A search of the problem alone."""

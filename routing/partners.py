"""Visits that need two people: the second one's problem gets the visit as a fixed appointment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routing.plan import PlannedStop
    from routing.problem import Stop


def make_partner_stop(
    stop: Stop, planned: PlannedStop, *, location: int, shifts: tuple[str, ...] | None = None
) -> Stop:
    """Return `stop` as its second person must serve it: required, at the second it starts.

    A problem knows one person a shift and nothing that binds two shifts to one moment. So the first
    person is planned, then the second around this stop; the first plan does not look for a moment
    that suits both. Where the second cannot come, the stop is left out of the second plan with its
    reason, and the first is to be planned again with other windows.

    Parameters
    ----------
    planned
        The stop in the first person's plan.
    location, shifts
        Its place and the shifts allowed in the second person's problem.
    """
    return replace(
        stop,
        location=location,
        shifts=shifts,
        required=True,
        windows=((planned.start_s, planned.start_s),),
    )

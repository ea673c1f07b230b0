"""The timing of a given order of stops in a shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.plan import PlannedStop, Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.problem import Problem, Shift, Stop


def earliest_start(stop: Stop, arrive_s: int) -> int | None:
    """Return the first start of service at or after `arrive_s`, None when all windows are over."""
    starts = [max(arrive_s, low) for low, high in stop.windows if arrive_s <= high]
    return min(starts, default=None)


def latest_start(stop: Stop, before_s: int) -> int | None:
    """Return the last start of service at or before `before_s`, None when none has opened."""
    starts = [min(before_s, high) for low, high in stop.windows if low <= before_s]
    return max(starts, default=None)


def is_allowed(stop: Stop, shift: Shift) -> bool:
    """Tell whether `stop` may be served in `shift` at all, whatever the time."""
    return stop.shifts is None or shift.id in stop.shifts


def setup_after(stop: Stop, building: str | None) -> int:
    """Return the set-up seconds of `stop` for somebody who comes from `building`."""
    return 0 if stop.building is not None and stop.building == building else stop.setup_s


def find_route(problem: Problem, shift: Shift, stops: Sequence[Stop]) -> Route | None:
    """Return the route that serves `stops` in this order as early as possible, None if none can.

    Serving as early as possible is never worse: a later start cannot open a way that the earlier
    one, with waiting, does not have.
    """
    if len(stops) > shift.max_stops or not all(is_allowed(stop, shift) for stop in stops):
        return None
    travel, clock, here = problem.travel_of(shift), shift.start_s, shift.start_location
    building = shift.start_building
    for stop in stops:
        ready_s = clock + int(travel[here, stop.location]) + setup_after(stop, building)
        start_s = earliest_start(stop, ready_s)
        if start_s is None:
            return None
        clock, here, building = start_s + stop.service_s, stop.location, stop.building
    home_s = int(travel[here, shift.end_location]) if stops else 0
    return None if clock + home_s > shift.end_s else make_route(problem, shift, stops)


def make_route(problem: Problem, shift: Shift, stops: Sequence[Stop]) -> Route:
    """Return the times of `stops` in this order, kept or not.

    Where every window is over on arrival, service starts when its set-up is done.
    """
    planned: list[PlannedStop] = []
    clock, here, travel_s = shift.start_s, shift.start_location, 0
    travel, building = problem.travel_of(shift), shift.start_building
    for stop in stops:
        leg = int(travel[here, stop.location])
        arrive_s = clock + leg
        ready_s = arrive_s + setup_after(stop, building)
        start_s = earliest_start(stop, ready_s)
        if start_s is None:
            start_s = ready_s
        building = stop.building
        clock, here, travel_s = start_s + stop.service_s, stop.location, travel_s + leg
        planned.append(PlannedStop(id=stop.id, arrive_s=arrive_s, start_s=start_s, end_s=clock))
    if stops:
        travel_s += int(travel[here, shift.end_location])
    return Route(shift=shift.id, stops=tuple(planned), travel_s=travel_s)


def latest_starts(problem: Problem, shift: Shift, stops: Sequence[Stop]) -> list[int | None]:
    """Return how late each service may start so that the rest of the order still holds."""
    found: list[int | None] = []
    deadline: int | None = shift.end_s
    travel, there, onward = problem.travel_of(shift), shift.end_location, None
    for stop in reversed(stops):
        if deadline is not None:
            leg = int(travel[stop.location, there])
            leg += 0 if onward is None else setup_after(onward, stop.building)
            deadline = latest_start(stop, deadline - leg - stop.service_s)
        found.append(deadline)
        there, onward = stop.location, stop
    return found[::-1]

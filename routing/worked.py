"""Routes with what an insertion needs: when each place is left and must be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.errors import UnknownStop
from routing.schedule import earliest_start, find_route, is_allowed, latest_starts, setup_after

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from routing.plan import Route
    from routing.problem import Problem, Shift, Stop


class Worked:
    """A route that can be kept, worked out; without stops it is a shift in which nobody leaves.

    Raises
    ------
    UnknownStop
        When the order cannot be kept.
    """

    def __init__(self, problem: Problem, shift: Shift, stops: Sequence[Stop]) -> None:
        route = find_route(problem, shift, stops) if stops else None
        if stops and route is None:
            ids = ", ".join(stop.id for stop in stops)
            raise UnknownStop(f"shift {shift.id!r} cannot serve {ids} in this order in time")
        self.shift, self.stops, self.route = shift, list(stops), route
        self.travel = problem.travel_of(shift)
        latest = latest_starts(problem, shift, stops)
        self.places = [shift.start_location, *(s.location for s in stops), shift.end_location]
        self.buildings = [shift.start_building, *(stop.building for stop in stops)]
        self.leave = (
            [shift.start_s, *(stop.end_s for stop in route.stops)] if route else [shift.start_s]
        )
        self.latest = [*(0 if late is None else late for late in latest), shift.end_s]

    def insertions(self, stop: Stop) -> Iterator[tuple[int, int]]:
        """Yield each place, from 0, where `stop` fits, and the travel it adds there."""
        if len(self.stops) >= self.shift.max_stops or not is_allowed(stop, self.shift):
            return
        travel, at = self.travel, stop.location
        for place, leave_s in enumerate(self.leave):
            here, there = self.places[place], self.places[place + 1]
            ready_s = leave_s + int(travel[here, at]) + setup_after(stop, self.buildings[place])
            start_s = earliest_start(stop, ready_s)
            if start_s is None:
                continue
            onward = int(travel[at, there])
            setup_s = 0
            if place < len(self.stops):
                setup_s = setup_after(self.stops[place], stop.building)
            if start_s + stop.service_s + onward + setup_s <= self.latest[place]:
                # An unused shift costs no travel, wherever it would end.
                direct = int(travel[here, there]) if self.stops else 0
                yield place, int(travel[here, at]) + onward - direct

    def least_added(self, stop: Stop, *, but: int | None = None) -> int | None:
        """Return the least travel that `stop` adds at a place other than `but`, None if none."""
        return min((added for place, added in self.insertions(stop) if place != but), default=None)


def work_out(problem: Problem, routes: Sequence[Route]) -> list[Worked]:
    """Return the routes worked out, in their order.

    Raises
    ------
    UnknownStop
        When one names what the problem does not have, or cannot be kept.
    """
    shifts = {shift.id: shift for shift in problem.shifts}
    stops = {stop.id: stop for stop in problem.stops}
    worked: list[Worked] = []
    for route in routes:
        if route.shift not in shifts:
            raise UnknownStop(f"the plan names shift {route.shift!r}, unknown to {problem.name!r}")
        for planned in route.stops:
            if planned.id not in stops:
                raise UnknownStop(
                    f"the plan names stop {planned.id!r}, unknown to {problem.name!r}"
                )
        order = [stops[planned.id] for planned in route.stops]
        worked.append(Worked(problem, shifts[route.shift], order))
    return worked


def with_unused(problem: Problem, worked: Sequence[Worked]) -> list[Worked]:
    """Return `worked` and after it the shifts that have no route."""
    used = {each.shift.id for each in worked}
    unused = [Worked(problem, shift, []) for shift in problem.shifts if shift.id not in used]
    return [*worked, *unused]


def too_near(stop: Stop, day: int, worked: Sequence[Worked]) -> bool:
    """Tell whether a visit to the firm of `stop` on `day` lies too near another one planned."""
    return stop.firm is not None and any(
        other.firm == stop.firm
        and other.id != stop.id
        and abs(each.shift.day - day) < max(stop.min_gap_days, other.min_gap_days)
        for each in worked
        for other in each.stops
    )

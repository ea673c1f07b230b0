"""Why a stop is in a plan or out of it, by checking and not by guessing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing.errors import UnknownStop
from routing.plan import LeftOut, LeftOutReason, Plan, Route
from routing.schedule import earliest_start, find_route, is_allowed, latest_starts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routing.problem import Problem, Shift, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class StopTerms:
    """What a planned stop brings and costs.

    Parameters
    ----------
    added_travel_s
        Travel of its route with the stop less without it, the others in the same order.
    wait_s
        Seconds between arriving and the start of service.
    slack_s
        How much later its service could start with the rest of the route still in time.
    window
        The (earliest, latest) start of service that it was given.
    """

    id: str
    shift: str
    position: int
    prize: int
    required: bool
    added_travel_s: int
    wait_s: int
    slack_s: int
    window: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The terms of every planned stop, in the order of the plan, and the reasons for the rest."""

    planned: tuple[StopTerms, ...]
    left_out: tuple[LeftOut, ...]


def explain(problem: Problem, plan: Plan) -> Explanation:
    """Return why each stop is in or out.

    Raises
    ------
    UnknownStop
        When the plan names a stop or shift that the problem does not have, or an order of stops
        that cannot be kept: such a plan has no true reasons.
    """
    worked = _worked_routes(problem, plan.routes)
    return Explanation(
        planned=tuple(terms for each in worked for terms in _terms(problem, each)),
        left_out=explain_left_out(problem, plan.routes),
    )


def explain_left_out(problem: Problem, routes: tuple[Route, ...]) -> tuple[LeftOut, ...]:
    """Return the reason for every stop in no route, in the order of the problem.

    Raises
    ------
    UnknownStop
        As `explain`.
    """
    worked = _worked_routes(problem, routes)
    used = {each.shift.id for each in worked}
    worked += [_Worked(problem, shift, []) for shift in problem.shifts if shift.id not in used]
    planned = {stop.id for each in worked for stop in each.stops}
    bonus = _first_visit_bonus(problem, worked)
    return tuple(
        _left_out(problem, stop, worked, bonus) for stop in problem.stops if stop.id not in planned
    )


class _Worked:
    """A route with what an insertion needs: when each place is left and must be reached."""

    def __init__(self, problem: Problem, shift: Shift, stops: list[Stop]) -> None:
        route = find_route(problem, shift, stops) if stops else None
        if stops and route is None:
            ids = ", ".join(stop.id for stop in stops)
            raise UnknownStop(f"shift {shift.id!r} cannot serve {ids} in this order in time")
        self.shift, self.stops, self.route = shift, stops, route
        latest = latest_starts(problem, shift, stops)
        places = [stop.location for stop in stops]
        self.places = [shift.start_location, *places, shift.end_location]
        self.leave = (
            [shift.start_s, *(stop.end_s for stop in route.stops)] if route else [shift.start_s]
        )
        self.latest = [*(0 if late is None else late for late in latest), shift.end_s]

    def insertions(self, problem: Problem, stop: Stop) -> Iterator[int]:
        """Yield the travel added at each place where `stop` fits."""
        if len(self.stops) >= self.shift.max_stops or not is_allowed(stop, self.shift):
            return
        travel, at = problem.travel_s, stop.location
        for position, leave_s in enumerate(self.leave):
            here, there = self.places[position], self.places[position + 1]
            start_s = earliest_start(stop, leave_s + int(travel[here, at]))
            if start_s is None:
                continue
            onward = int(travel[at, there])
            if start_s + stop.service_s + onward <= self.latest[position]:
                # An unused shift costs no travel, wherever it would end.
                direct = int(travel[here, there]) if self.stops else 0
                yield int(travel[here, at]) + onward - direct


def _worked_routes(problem: Problem, routes: tuple[Route, ...]) -> list[_Worked]:
    shifts = {shift.id: shift for shift in problem.shifts}
    stops = {stop.id: stop for stop in problem.stops}
    worked: list[_Worked] = []
    for route in routes:
        if route.shift not in shifts:
            raise UnknownStop(f"the plan names shift {route.shift!r}, unknown to {problem.name!r}")
        for planned in route.stops:
            if planned.id not in stops:
                raise UnknownStop(
                    f"the plan names stop {planned.id!r}, unknown to {problem.name!r}"
                )
        order = [stops[planned.id] for planned in route.stops]
        worked.append(_Worked(problem, shifts[route.shift], order))
    return worked


def _first_visit_bonus(problem: Problem, worked: list[_Worked]) -> dict[int, int]:
    """Return per day without a visit what its first visit adds to the objective."""
    weights = problem.objective
    days = {each.shift.day for each in worked if each.stops}
    if len(days) >= weights.min_days:
        return {}
    return {shift.day: weights.short_day_penalty for shift in problem.shifts} | dict.fromkeys(
        days, 0
    )


def _left_out(
    problem: Problem, stop: Stop, worked: list[_Worked], bonus: dict[int, int]
) -> LeftOut:
    weights = problem.objective
    value = stop.prize + (weights.missed_required_penalty if stop.required else 0)
    gain, added_travel_s, shift = max(
        (
            (value + bonus.get(each.shift.day, 0) - weights.travel_weight * added, -added, shift.id)
            for each in worked
            for shift in [each.shift]
            for added in each.insertions(problem, stop)
        ),
        default=(None, 0, ""),
        key=lambda found: found[:2],
    )
    if gain is None:
        return LeftOut(id=stop.id, reason=_reason_alone(problem, stop))
    pays = gain > 0
    reason = LeftOutReason.ROOM_LEFT if pays else LeftOutReason.NOT_WORTH_THE_WAY
    return LeftOut(id=stop.id, reason=reason, shift=shift, added_travel_s=-added_travel_s)


def _reason_alone(problem: Problem, stop: Stop) -> LeftOutReason:
    """Return why a stop that fits nowhere into the plan does not."""
    able = [shift for shift in problem.shifts if is_allowed(stop, shift) and shift.max_stops > 0]
    if not able:
        return LeftOutReason.NO_SHIFT
    if not any(_meets(stop, shift) for shift in able):
        return LeftOutReason.NEVER_OPEN
    if not any(find_route(problem, shift, [stop]) for shift in able):
        return LeftOutReason.OUT_OF_REACH
    return LeftOutReason.NO_TIME_LEFT


def _meets(stop: Stop, shift: Shift) -> bool:
    return any(low <= shift.end_s and high >= shift.start_s for low, high in stop.windows)


def _terms(problem: Problem, worked: _Worked) -> Iterator[StopTerms]:
    if worked.route is None:
        return
    for position, (stop, timed) in enumerate(zip(worked.stops, worked.route.stops, strict=True)):
        before, at, after = worked.places[position : position + 3]
        travel = problem.travel_s
        direct = int(travel[before, after]) if len(worked.stops) > 1 else 0
        yield StopTerms(
            id=stop.id,
            shift=worked.shift.id,
            position=position + 1,
            prize=stop.prize,
            required=stop.required,
            added_travel_s=int(travel[before, at]) + int(travel[at, after]) - direct,
            wait_s=timed.start_s - timed.arrive_s,
            slack_s=worked.latest[position] - timed.start_s,
            window=next(w for w in sorted(stop.windows) if timed.start_s <= w[1]),
        )

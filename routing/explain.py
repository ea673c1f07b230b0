"""Why a stop is in a plan or out of it, by checking and not by guessing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing.plan import LeftOut, LeftOutReason, Plan, Route
from routing.schedule import find_route, is_allowed
from routing.worked import Worked, too_near, with_unused, work_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routing.problem import Problem, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDay:
    """The best other day for a stop: the shift, and how much more travel the plan would have.

    `more_travel_s` may be below 0: a plan need not be the best in travel alone.
    """

    shift: str
    more_travel_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopTerms:
    """What a planned stop brings and costs.

    Parameters
    ----------
    added_travel_s
        Travel of its route with the stop less without it, the others in the same order.
    wait_s
        Seconds between being ready at the door and the start of service.
    slack_s
        How much later its service could start with the rest of the route still in time.
    window
        The (earliest, latest) start of service that it was given.
    worth_travel_s
        How many seconds of travel its prize and penalty are worth; None where travel is free.
    net_worth
        What the plan is worth with it less without it: prize and penalty less added travel.
    other_place_s
        More travel at the next best place of its own route; None where no other place fits.
    other_day
        The next best day, the rest of the plan as it is; None where it fits on no other day.
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
    worth_travel_s: int | None
    net_worth: int
    other_place_s: int | None
    other_day: OtherDay | None


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
    worked = with_unused(problem, work_out(problem, plan.routes))
    return Explanation(
        planned=tuple(terms for each in worked for terms in _terms(problem, each, worked)),
        left_out=explain_left_out(problem, plan.routes),
    )


def explain_left_out(problem: Problem, routes: tuple[Route, ...]) -> tuple[LeftOut, ...]:
    """Return the reason for every stop in no route, in the order of the problem.

    Raises
    ------
    UnknownStop
        As `explain`.
    """
    worked = with_unused(problem, work_out(problem, routes))
    planned = {stop.id for each in worked for stop in each.stops}
    bonus = _first_visit_bonus(problem, worked)
    return tuple(
        _left_out(problem, stop, worked, bonus) for stop in problem.stops if stop.id not in planned
    )


def _first_visit_bonus(problem: Problem, worked: list[Worked]) -> dict[int, int]:
    """Return per day without a visit what its first visit adds to the objective."""
    weights = problem.objective
    days = {each.shift.day for each in worked if each.stops}
    if len(days) >= weights.min_days:
        return {}
    return {shift.day: weights.short_day_penalty for shift in problem.shifts} | dict.fromkeys(
        days, 0
    )


def value_of(problem: Problem, stop: Stop) -> int:
    """Return what serving a stop is worth without its travel."""
    return stop.prize + (problem.objective.missed_required_penalty if stop.required else 0)


def _left_out(problem: Problem, stop: Stop, worked: list[Worked], bonus: dict[int, int]) -> LeftOut:
    weight, value = problem.objective.travel_weight, value_of(problem, stop)
    gain, added_travel_s, shift = max(
        (
            (value + bonus.get(each.shift.day, 0) - weight * added, -added, each.shift.id)
            for each in worked
            if not too_near(stop, each.shift.day, worked)
            for _, added in each.insertions(stop)
        ),
        default=(None, 0, ""),
        key=lambda found: found[:2],
    )
    if gain is None:
        return LeftOut(id=stop.id, reason=_reason_beside(problem, stop, worked))
    pays = gain > 0
    reason = LeftOutReason.ROOM_LEFT if pays else LeftOutReason.NOT_WORTH_THE_WAY
    return LeftOut(id=stop.id, reason=reason, shift=shift, added_travel_s=-added_travel_s)


def _reason_beside(problem: Problem, stop: Stop, worked: list[Worked]) -> LeftOutReason:
    alone = find_reason_alone(problem, stop)
    if alone is not None:
        return alone
    near = all(too_near(stop, shift.day, worked) for shift in problem.shifts)
    return LeftOutReason.NO_SHIFT if near else LeftOutReason.NO_TIME_LEFT


def find_reason_alone(problem: Problem, stop: Stop) -> LeftOutReason | None:
    """Return why a stop could not even be served alone, None where it could."""
    able = [shift for shift in problem.shifts if is_allowed(stop, shift) and shift.max_stops > 0]
    if not able:
        return LeftOutReason.NO_SHIFT
    meets = any(
        low <= shift.end_s and high >= shift.start_s for shift in able for low, high in stop.windows
    )
    if not meets:
        return LeftOutReason.NEVER_OPEN
    if not any(find_route(problem, shift, [stop]) for shift in able):
        return LeftOutReason.OUT_OF_REACH
    return None


def _terms(problem: Problem, worked: Worked, plan: list[Worked]) -> Iterator[StopTerms]:
    if worked.route is None:
        return
    weight = problem.objective.travel_weight
    for position, (stop, timed) in enumerate(zip(worked.stops, worked.route.stops, strict=True)):
        before, at, after = worked.places[position : position + 3]
        travel = worked.travel
        direct = int(travel[before, after]) if len(worked.stops) > 1 else 0
        added = int(travel[before, at]) + int(travel[at, after]) - direct
        start_after_setup = timed.arrive_s + _setup_paid(worked, position)
        yield StopTerms(
            id=stop.id,
            shift=worked.shift.id,
            position=position + 1,
            prize=stop.prize,
            required=stop.required,
            added_travel_s=added,
            wait_s=timed.start_s - start_after_setup,
            slack_s=worked.latest[position] - timed.start_s,
            window=next(w for w in sorted(stop.windows) if timed.start_s <= w[1]),
            worth_travel_s=value_of(problem, stop) // weight if weight else None,
            net_worth=value_of(problem, stop) - weight * added,
            other_place_s=_other_place(problem, worked, position, added),
            other_day=_other_day(stop, worked.shift.day, plan, added),
        )


def _setup_paid(worked: Worked, position: int) -> int:
    stop, before = worked.stops[position], worked.buildings[position]
    return 0 if stop.building is not None and stop.building == before else stop.setup_s


def _other_place(problem: Problem, worked: Worked, position: int, added: int) -> int | None:
    rest = [stop for place, stop in enumerate(worked.stops) if place != position]
    if rest and find_route(problem, worked.shift, rest) is None:
        # Without the triangle inequality a route may be late with a stop less.
        return None
    without = Worked(problem, worked.shift, rest)
    least = without.least_added(worked.stops[position], but=position)
    return None if least is None else least - added


def _other_day(stop: Stop, day: int, plan: list[Worked], added: int) -> OtherDay | None:
    least = [
        (more, each.shift.id)
        for each in plan
        if each.shift.day != day and not too_near(stop, each.shift.day, plan)
        for more in [each.least_added(stop)]
        if more is not None
    ]
    if not least:
        return None
    more, shift = min(least)
    return OtherDay(shift=shift, more_travel_s=more - added)

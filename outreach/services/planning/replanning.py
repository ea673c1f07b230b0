"""A changed day planned again at once: what stands stays unless there is a reason.

A change never takes a stop away that the worker did not take away: where not all fit any more, her
order stays and the page says what it breaks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from outreach.domain.days import BUSY_S, DayStop
from outreach.domain.plans import why_this_firm
from outreach.services.planning.planning import GridWeek, make_problem
from outreach.services.planning.travel import STRAIGHT, Travel

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    import routing
    from outreach.domain.plans import Candidate, PlanRule

_DAY_S = 86_400
ROUNDS, TIME_LIMIT_S = 120, 0.1
"""Of the search: a day has a dozen stops, and she stands in the street and waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayState:
    """What a day is planned from.

    `done` were visited already, in order; `left` are to come, in the order that stands. `firms`
    holds every enterprise that may be in the day, `spare` those that may fill time that became
    free. `now_s` is the second of the day from which on she is free. `travel` is that of the plan
    which is changed.
    """

    day: date
    office: tuple[float, float]
    now_s: int
    done: tuple[DayStop, ...]
    left: tuple[DayStop, ...]
    firms: Mapping[int, Candidate]
    rule: PlanRule
    spare: tuple[int, ...] = ()
    travel: Travel = STRAIGHT

    @property
    def order(self) -> list[int]:
        """The enterprises that are to come."""
        return [stop.enterprise_id for stop in self.left]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDay:
    """The day after a change; `travel_s` is that of the whole day, out and back."""

    stops: tuple[DayStop, ...]
    travel_s: int


def keep_order(state: DayState, order: Sequence[int], *, added: Sequence[int] = ()) -> NewDay:
    """Serve what is left exactly in `order`: timed, never refused."""
    import routing

    problem = _problem(state, order)
    shift = problem.shifts[0]
    plan = routing.plan_by_hand(problem, {shift.id: [str(one) for one in order]}).plan
    return _new_day(state, plan, added)


def without_stop(state: DayState, gone: int, *, until_busy: bool, fill: bool) -> NewDay:
    """Plan on without a stop whose door is closed; `fill` lets other due firms have its time.

    `until_busy` brings it back an hour later, where that fits.
    """
    import routing

    order = [one for one in state.order if one != gone]
    spare = [one for one in state.spare if one != gone] if fill else []
    until_s = _midnight(state.day) + state.now_s + BUSY_S if until_busy else None
    event = routing.ClosedDoor(stop=str(gone), until_s=until_s)
    # One gone lets one in: who skips a stop does not want a longer day.
    problem = _problem(state, [*state.order, *spare], most=len(state.left))
    found = _replan(state, problem, event, keep=order) or _replan(
        state, _problem(state, state.order), event, keep=order
    )
    if found is None:
        return keep_order(state, order)
    return _new_day(state, found, _planned(found) & set(spare))


def with_stop(state: DayState, added: int) -> NewDay:
    """Plan on with one firm more; where it fits into no hour it comes at the cheapest place."""
    import routing

    whole = _problem(state, [*state.order, added], room=len(state.left) + 1)
    stop = next(one for one in whole.stops if one.id == str(added))
    problem = replace(whole, stops=tuple(one for one in whole.stops if one is not stop))
    event = routing.UrgentVisit(stop=stop)
    found = _replan(state, problem, event, keep=[*state.order, added])
    if found is None:
        return keep_order(state, _cheapest(state, whole, added), added=(added,))
    return _new_day(state, found, (added,))


def with_stop_in_own_order(state: DayState, added: int) -> NewDay:
    """Put one firm more where it costs the least way; the worker's own order stays."""
    problem = _problem(state, [*state.order, added], room=len(state.left) + 1)
    return keep_order(state, _cheapest(state, problem, added), added=(added,))


def _cheapest(state: DayState, problem: routing.Problem, added: int) -> list[int]:
    """The order with the firm at the least way: she may stand beside it.

    A firm that agreed to an hour comes where the day is least late, then soonest over.
    """
    import routing

    shift = problem.shifts[0]
    agreed = state.firms[added].appointment is not None

    def cost(order: list[int]) -> tuple[int, int, int]:
        plan = routing.plan_by_hand(problem, {shift.id: [str(one) for one in order]}).plan
        home_s = _home_s(problem, plan)
        late_s = _closed_s(problem, plan) + max(0, home_s - shift.end_s)
        way_s = plan.routes[0].travel_s
        return (late_s, home_s, way_s) if agreed else (way_s, late_s, home_s)

    orders = [
        [*state.order[:place], added, *state.order[place:]] for place in range(len(state.left) + 1)
    ]
    return min(orders, key=cost)


def _closed_s(problem: routing.Problem, plan: routing.Plan) -> int:
    """Seconds by which she comes too late to doors, added up."""
    windows = {stop.id: stop.windows for stop in problem.stops}
    return sum(
        max(0, timed.start_s - max(latest for _, latest in windows[timed.id]))
        for timed in plan.routes[0].stops
        if windows[timed.id]
    )


def _home_s(problem: routing.Problem, plan: routing.Plan) -> int:
    """When she is back, in seconds on the clock of the shift."""
    last = plan.routes[0].stops[-1]
    place = next(stop.location for stop in problem.stops if stop.id == last.id)
    return last.end_s + int(problem.travel_s[place, problem.shifts[0].end_location])


def _replan(
    state: DayState,
    problem: routing.Problem,
    event: routing.ClosedDoor | routing.UrgentVisit,
    *,
    keep: Sequence[int],
) -> routing.Plan | None:
    """What the library makes of it, or `None` where it cannot keep all of `keep`."""
    import routing

    shift = problem.shifts[0]
    order = {shift.id: [str(one) for one in state.order]}
    try:
        found = routing.replan(
            problem,
            routing.plan_by_hand(problem, order).plan,
            [event],
            now_s=max(0, shift.start_s - 1),
            seed=state.rule.seed,
            rounds=ROUNDS,
            time_limit_s=TIME_LIMIT_S,
        )
    except routing.RoutingError:
        return None
    return found.plan if _planned(found.plan) >= set(keep) else None


def _planned(plan: routing.Plan) -> set[int]:
    return {int(stop.id) for route in plan.routes for stop in route.stops}


def _problem(
    state: DayState, firms: Sequence[int], *, room: int | None = None, most: int | None = None
) -> routing.Problem:
    """What is left of the day: it begins now, where the last visit was.

    `room` is for so many stops at least, `most` for no more.
    """
    here = [stop.enterprise_id for stop in state.done[-1:]]
    wanted = [*here, *(one for one in firms if one not in here)]
    grid = GridWeek(
        grid_id=0,
        grid_code=state.day.isoformat(),
        grid_worker_id=0,
        office=state.office,
        days=(state.day,),
        candidates=tuple(state.firms[one] for one in wanted),
        travel=state.travel,
    )
    problem = make_problem(grid, state.rule)
    shift = problem.shifts[0]
    start_s = max(shift.start_s, _midnight(state.day) + state.now_s)
    if most is None:
        most = max(state.rule.most_stops_a_day - len(state.done), room or len(firms))
    shift = replace(
        shift,
        start_s=min(start_s, shift.end_s),
        start_location=1 if here else 0,
        start_building=problem.stops[0].building if here else None,
        max_stops=most,
    )
    stops = tuple(stop for stop in problem.stops if int(stop.id) not in here)
    return replace(problem, shifts=(shift,), stops=stops)


def _midnight(day: date) -> int:
    return day.weekday() * _DAY_S


def _new_day(state: DayState, plan: routing.Plan, added: Collection[int]) -> NewDay:
    known = {stop.enterprise_id: stop for stop in state.left}
    route = plan.routes[0] if plan.routes else None
    left = []
    for timed in route.stops if route else ():
        key = int(timed.id)
        firm = state.firms[key]
        left.append(
            DayStop(
                enterprise_id=key,
                purpose=known[key].purpose if key in known else firm.purpose,
                arrive_s=timed.arrive_s - _midnight(state.day),
                start_s=timed.start_s - _midnight(state.day),
                end_s=timed.end_s - _midnight(state.day),
                reasons=known[key].reasons if key in known else why_this_firm(firm, state.rule),
                is_added=known[key].is_added if key in known else key in added,
            )
        )
    stops = (*state.done, *left)
    return NewDay(stops=stops, travel_s=_travel(state, stops))


def _travel(state: DayState, stops: Sequence[DayStop]) -> int:
    """Seconds on the way of the whole day, found as the plan's."""
    firms = [state.firms[stop.enterprise_id] for stop in stops]
    points = [state.office, *((firm.lon, firm.lat) for firm in firms)]
    seconds = state.travel.between(points, state.rule).seconds
    stations = [0, *range(1, len(firms) + 1), 0]
    return sum(int(seconds[a, b]) for a, b in pairwise(stations))

"""Judges any plan; shares no code with seed, solver and schedule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routing.plan import Plan, Route
    from routing.problem import Problem, Shift, Stop


class Rule(StrEnum):
    """What a plan can break."""

    PROBLEM = "problem"
    UNKNOWN_SHIFT = "unknown_shift"
    SHIFT_USED_TWICE = "shift_used_twice"
    UNKNOWN_STOP = "unknown_stop"
    VISITED_TWICE = "visited_twice"
    SHIFT_NOT_ALLOWED = "shift_not_allowed"
    TOO_MANY_STOPS = "too_many_stops"
    WINDOW_MISSED = "window_missed"
    SHIFT_OVERRUN = "shift_overrun"
    GAP_TOO_SHORT = "gap_too_short"
    LOCK_BROKEN = "lock_broken"
    TIMES = "times"
    TRAVEL = "travel"
    LEFT_OUT = "left_out"
    OBJECTIVE = "objective"
    BOUND = "bound"

    @property
    def makes_infeasible(self) -> bool:
        """Whether the routes cannot be driven; otherwise the plan only says something untrue."""
        return self in _ABOUT_ROUTES


_ABOUT_ROUTES = {
    Rule.UNKNOWN_SHIFT,
    Rule.SHIFT_USED_TWICE,
    Rule.UNKNOWN_STOP,
    Rule.VISITED_TWICE,
    Rule.SHIFT_NOT_ALLOWED,
    Rule.TOO_MANY_STOPS,
    Rule.WINDOW_MISSED,
    Rule.SHIFT_OVERRUN,
    Rule.GAP_TOO_SHORT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One broken rule: the id of the stop, shift or plan, and the values in words."""

    rule: Rule
    id: str
    message: str


def check(problem: Problem, plan: Plan) -> tuple[Finding, ...]:
    """Return every rule that `plan` breaks for `problem`, empty when it is right."""
    judge = _Judge(problem)
    if plan.problem != problem.name:
        judge.find(
            Rule.PROBLEM, plan.problem, f"the plan is for another problem than {problem.name!r}"
        )
    for route in plan.routes:
        judge.judge_route(route)
    judge.judge_gaps()
    judge.judge_left_out(plan)
    if not judge.infeasible():
        worth = judge.objective()
        if plan.objective != worth:
            judge.find(Rule.OBJECTIVE, plan.problem, f"objective is {plan.objective}, not {worth}")
        if plan.bound is not None and plan.bound < worth:
            judge.find(Rule.BOUND, plan.problem, f"bound {plan.bound} is below objective {worth}")
    return tuple(judge.findings)


def is_feasible(problem: Problem, plan: Plan) -> bool:
    """Tell whether the routes can be driven as they are, whatever else the plan says."""
    return not any(finding.rule.makes_infeasible for finding in check(problem, plan))


def objective_of(problem: Problem, plan: Plan) -> int:
    """Return what the routes of `plan` are worth, worked out from the problem alone."""
    judge = _Judge(problem)
    for route in plan.routes:
        judge.judge_route(route)
    return judge.objective()


class _Judge:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.shifts = {shift.id: shift for shift in problem.shifts}
        self.stops = {stop.id: stop for stop in problem.stops}
        self.findings: list[Finding] = []
        self.visited: list[str] = []
        self.used: set[str] = set()
        self.travel_s = 0
        self.days_of_firm: dict[str, list[tuple[Stop, int]]] = {}

    def find(self, rule: Rule, subject: str, message: str) -> None:
        self.findings.append(Finding(rule=rule, id=subject, message=message))

    def infeasible(self) -> bool:
        return any(finding.rule.makes_infeasible for finding in self.findings)

    def judge_route(self, route: Route) -> None:
        if not route.stops:
            return
        shift = self.shifts.get(route.shift)
        if shift is None:
            self.find(Rule.UNKNOWN_SHIFT, route.shift, "the problem has no such shift")
            return
        if shift.id in self.used:
            self.find(Rule.SHIFT_USED_TWICE, shift.id, "the shift has two routes")
            return
        self.used.add(shift.id)
        if len(route.stops) > shift.max_stops:
            count = len(route.stops)
            self.find(Rule.TOO_MANY_STOPS, shift.id, f"{count} stops, at most {shift.max_stops}")
        self._drive(route, shift)

    def _drive(self, route: Route, shift: Shift) -> None:
        now, place, driven = shift.start_s, shift.start_location, 0
        travel = self.problem.travel_s
        if shift.mode is not None:
            travel = self.problem.travel_by_mode[shift.mode]
        inside = shift.start_building
        for planned in route.stops:
            stop = self.stops.get(planned.id)
            if stop is None:
                self.find(Rule.UNKNOWN_STOP, planned.id, "the problem has no such stop")
                continue
            self._judge_membership(stop, shift)
            way = int(travel[place][stop.location])
            arrived = now + way
            same_door = inside is not None and inside == stop.building
            begun = self._begin(stop, arrived if same_door else arrived + stop.setup_s)
            inside = stop.building
            self.days_of_firm.setdefault(stop.firm or "", []).append((stop, shift.day))
            now, place, driven = begun + stop.service_s, stop.location, driven + way
            said = (planned.arrive_s, planned.start_s, planned.end_s)
            if said != (arrived, begun, now):
                self.find(Rule.TIMES, stop.id, f"times are {said}, not {(arrived, begun, now)}")
        home = int(travel[place][shift.end_location])
        driven += home
        self.travel_s += driven
        if now + home > shift.end_s:
            self.find(Rule.SHIFT_OVERRUN, shift.id, f"ends at {now + home}, after {shift.end_s}")
        if route.travel_s != driven:
            self.find(Rule.TRAVEL, shift.id, f"travel_s is {route.travel_s}, not {driven}")

    def _judge_membership(self, stop: Stop, shift: Shift) -> None:
        if stop.id in self.visited:
            self.find(Rule.VISITED_TWICE, stop.id, "the stop is in two places of the plan")
        else:
            self.visited.append(stop.id)
        if stop.shifts is not None and shift.id not in stop.shifts:
            self.find(Rule.SHIFT_NOT_ALLOWED, stop.id, f"it may not be served in {shift.id!r}")

    def _begin(self, stop: Stop, arrived: int) -> int:
        for opening, closing in sorted(stop.windows):
            if arrived <= closing:
                return opening if opening > arrived else arrived
        self.find(Rule.WINDOW_MISSED, stop.id, f"reached at {arrived}, after its last window")
        return arrived

    def judge_gaps(self) -> None:
        """Stops of one firm stay as many days apart as the larger of their gaps says."""
        for firm, visits in self.days_of_firm.items():
            for later, (stop, day) in enumerate(visits if firm else []):
                for other, other_day in visits[:later]:
                    least = max(stop.min_gap_days, other.min_gap_days)
                    if abs(day - other_day) < least:
                        apart = abs(day - other_day)
                        self.find(
                            Rule.GAP_TOO_SHORT,
                            stop.id,
                            f"{apart} days from {other.id!r} of the same firm, at least {least}",
                        )

    def judge_left_out(self, plan: Plan) -> None:
        """Each stop is either in a route or left out, once."""
        left_out = [left.id for left in plan.left_out]
        for name in sorted(set(left_out) & set(self.visited)):
            self.find(Rule.LEFT_OUT, name, "it is planned and left out")
        for name in sorted({name for name in left_out if left_out.count(name) > 1}):
            self.find(Rule.LEFT_OUT, name, "it is left out twice")
        for name in sorted(set(left_out) - set(self.stops)):
            self.find(Rule.LEFT_OUT, name, "it is left out, but the problem has no such stop")
        for name in self.stops:
            if name not in self.visited and name not in left_out:
                self.find(Rule.LEFT_OUT, name, "it is neither planned nor left out with a reason")

    def objective(self) -> int:
        weights = self.problem.objective
        total = sum(self.stops[name].prize for name in self.visited)
        total -= weights.travel_weight * self.travel_s
        for stop in self.stops.values():
            if stop.required and stop.id not in self.visited:
                total -= weights.missed_required_penalty
        days = len({self.shifts[name].day for name in self.used})
        if days < weights.min_days:
            total -= weights.short_day_penalty * (weights.min_days - days)
        return total

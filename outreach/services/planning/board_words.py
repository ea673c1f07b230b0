"""What a planner's change breaks, in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from outreach.domain.days import clock_of
from outreach.domain.wording import Sentence
from outreach.services.planning.planning import day_of

if TYPE_CHECKING:
    import routing
    from outreach.services.planning.solved_weeks import SolvedWeek


def say_finding(finding: routing.Finding, week: SolvedWeek) -> Sentence:
    """Say what a route breaks, with the hour or the number that tells how far."""
    import routing

    if finding.rule is routing.Rule.WINDOW_MISSED:
        return _say_missed(finding.id, week)
    if finding.rule is routing.Rule.SHIFT_OVERRUN:
        return _say_late(finding.id, week)
    if finding.rule is routing.Rule.TOO_MANY_STOPS:
        count = len(next(r for r in week.plan.routes if r.shift == finding.id).stops)
        return Sentence(
            template="一天 {count} 家,定的是最多 {most} 家",
            values={"count": count, "most": week.rule.most_stops_a_day},
        )
    return Sentence(template="这一天不能去")


def _say_missed(stop_id: str, week: SolvedWeek) -> Sentence:
    for route in week.plan.routes:
        for timed in route.stops:
            if timed.id != stop_id:
                continue
            day, second = day_of(timed.start_s, week.visit_plan.week)
            windows = next(stop.windows for stop in week.problem.stops if stop.id == stop_id)
            latest = [day_of(last, week.visit_plan.week) for _, last in windows]
            today = [last for on, last in latest if on == day]
            if day in week.on_leave:
                return Sentence(template="网格员这一天请假")
            if day in week.grid.away:
                return Sentence(template="这一天不上班")
            if not today:
                return Sentence(template="这一天没有适合上门的时段")
            return Sentence(
                template="{time} 才到,最晚要 {latest} 到",
                values={"time": clock_of(second), "latest": clock_of(max(today))},
            )
    return Sentence(template="这一天不能去")


def _say_late(shift_id: str, week: SolvedWeek) -> Sentence:
    route = next(route for route in week.plan.routes if route.shift == shift_id)
    last = next(stop for stop in week.problem.stops if stop.id == route.stops[-1].id)
    back = route.stops[-1].end_s + int(week.problem.travel_s[last.location, 0])
    shift = next(shift for shift in week.problem.shifts if shift.id == shift_id)
    midnight = (date.fromisoformat(shift_id) - week.visit_plan.week).days * 86_400
    return Sentence(
        template="回到社区要 {back},比下班晚 {minutes} 分钟",
        values={"back": clock_of(back - midnight), "minutes": back // 60 - shift.end_s // 60},
    )

"""What a planner's change breaks, in words."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from outreach.domain.boards import (
    EditKind,
    LockLevel,
    StopChangeKind,
    compare_plans,
    find_lock_breaks,
    places_of,
)
from outreach.domain.days import clock_of
from outreach.domain.wording import Sentence
from outreach.services.planning.planning import day_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import routing
    from outreach.domain.boards import LockBreak, Orders, WeekState
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


def say_edit(
    kind: EditKind,
    before: WeekState,
    after: Orders,
    *,
    moved: int | None,
    names: Mapping[int, str],
) -> tuple[Sentence, ...]:
    """Say what a change did: how much planning again changed, and which locks it went over.

    `moved` is the firm that was put somewhere by hand.
    """
    said = [_say_replan(before.orders, after)] if kind in {EditKind.REPLAN, EditKind.SWAP} else []
    said += [
        _say_lock(found, names, is_moved=found.enterprise_id == moved)
        for found in find_lock_breaks(before, after)
    ]
    return tuple(said)


def _say_replan(before: Orders, after: Orders) -> Sentence:
    changes = compare_plans(places_of(before, 0), places_of(after, 0))
    counts = Counter(change.kind for change in changes)
    return Sentence(
        template="重新排过:{days} 家换了日子,{places} 家换了次序,加进 {added} 家,拿出 {out} 家",
        values={
            "days": counts[StopChangeKind.OTHER_DAY],
            "places": counts[StopChangeKind.OTHER_ORDER],
            "added": counts[StopChangeKind.ADDED],
            "out": counts[StopChangeKind.DROPPED],
        },
    )


def say_nothing_found(locks: int) -> Sentence:
    """What planning again says when it changes nothing; locks may be why."""
    if not locks:
        return Sentence(template="重新排过,没有变化:没有找到更好的排法")
    return Sentence(
        template="重新排过,没有变化:{locks} 把锁以外没有找到更好的排法,松开锁再排也许能找到",
        values={"locks": locks},
    )


def _say_lock(found: LockBreak, names: Mapping[int, str], *, is_moved: bool) -> Sentence:
    if found.day is not None:
        return Sentence(
            template="{day}锁住了整条路线,这次改了它。锁还在,锁的是改过的路线",
            values={"day": found.day},
        )
    if found.is_out:
        text = "“{name}”锁着,拿出计划以后锁也没有了;撤销时一起恢复"
    elif not is_moved:
        text = "“{name}”锁住了日子和次序,这次跟着变了。锁还在,锁的是新的位置"
    elif found.level is LockLevel.DAY:
        text = "这一家锁住了日子,这次换了一天。锁还在,锁的是新的日子:“{name}”"
    else:
        text = "这一家锁住了日子和次序,这次挪了地方。锁还在,锁的是新的位置:“{name}”"
    return Sentence(template=text, values={"name": names.get(found.enterprise_id or 0, "")})

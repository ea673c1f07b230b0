"""A changed day planned again, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from outreach.domain.appointments import Appointment, DayPart
from outreach.domain.days import DayStop
from outreach.domain.industries import Industry
from outreach.domain.plans import Candidate, PlanRule, VisitPurpose
from outreach.services.planning.replanning import DayState, with_stop, with_stop_in_own_order

WEDNESDAY = date(2026, 11, 25)
OFFICE = (115.0, 25.8)
HOUR = 3600


def firm(key: int, *, appointment: Appointment | None = None) -> Candidate:
    return Candidate(
        enterprise_id=key,
        name=str(key),
        purpose=VisitPurpose.ORGANISE,
        lon=OFFICE[0] + key / 200,
        lat=OFFICE[1],
        industry=Industry.OFFICE,
        employees=30,
        days_since_visit=None,
        appointment=appointment,
    )


def full_day(stops: int) -> DayState:
    """A day of visits of 40 minutes, and firm 99 on the way out that agreed to its afternoon."""
    agreed = Appointment(day=WEDNESDAY, part=DayPart.AFTERNOON)
    firms = {key: firm(key) for key in range(1, stops + 1)}
    firms[99] = replace(firm(1, appointment=agreed), enterprise_id=99, name="99", lon=115.0001)
    left = tuple(
        DayStop(
            enterprise_id=key,
            purpose=VisitPurpose.ORGANISE,
            arrive_s=9 * HOUR,
            start_s=9 * HOUR,
            end_s=9 * HOUR + 2400,
            reasons=(),
        )
        for key in range(1, stops + 1)
    )
    return DayState(
        day=WEDNESDAY, office=OFFICE, now_s=0, done=(), left=left, firms=firms, rule=PlanRule()
    )


def test_an_agreed_afternoon_leaves_the_morning_of_a_full_day_in_use():
    for plan in (with_stop, with_stop_in_own_order):
        day = plan(full_day(8), 99)
        order = [stop.enterprise_id for stop in day.stops]
        assert sorted(order) == [1, 2, 3, 4, 5, 6, 7, 8, 99]
        assert order[0] != 99, plan
        assert day.stops[0].start_s < 10 * HOUR, plan
        (agreed,) = [stop for stop in day.stops if stop.enterprise_id == 99]
        assert agreed.start_s >= 14 * HOUR, plan


def test_where_nothing_is_late_the_day_is_over_soonest():
    day = with_stop_in_own_order(full_day(2), 99)
    assert [stop.enterprise_id for stop in day.stops][-1] == 99
    free = full_day(2)
    free = replace(free, firms={**free.firms, 98: replace(firm(1), enterprise_id=98, name="98")})
    order = [stop.enterprise_id for stop in with_stop_in_own_order(free, 98).stops]
    assert order in ([1, 98, 2], [98, 1, 2])

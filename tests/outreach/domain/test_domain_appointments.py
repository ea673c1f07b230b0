from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.appointments import Appointment, DayPart, may_appoint
from outreach.domain.visit_windows import TimeWindow
from outreach.domain.visits import VisitResult, standing_appointment

MONDAY = date(2026, 11, 23)
THURSDAY = date(2026, 11, 26)
AGREED = Appointment(day=THURSDAY, part=DayPart.MORNING)
AGREE = (MONDAY, VisitResult.APPOINTMENT, AGREED)


@pytest.mark.parametrize(("ahead", "may"), [(-1, False), (0, True), (180, True), (181, False)])
def test_a_day_is_agreed_on_from_the_visit_on_and_for_half_a_year(ahead, may):
    assert may_appoint(MONDAY + timedelta(days=ahead), visited_on=MONDAY) is may


@pytest.mark.parametrize(
    ("later", "stands"),
    [
        ((THURSDAY - timedelta(days=1), VisitResult.NOBODY, None), True),
        ((THURSDAY, VisitResult.NOBODY, None), False),
        ((THURSDAY, VisitResult.UNCHANGED, None), True),
        ((MONDAY, VisitResult.MET_HEAD, None), False),
        ((MONDAY, VisitResult.REFUSED, None), False),
        ((MONDAY, VisitResult.MOVED, None), False),
        ((MONDAY, VisitResult.NOT_FOUND, None), False),
        ((MONDAY, VisitResult.APPOINTMENT, None), False),
    ],
)
def test_what_was_agreed_on_stands_until_a_visit_ends_it(later, stands):
    assert standing_appointment([AGREE]) == AGREED
    assert (standing_appointment([AGREE, later]) == AGREED) is stands


def test_a_newer_agreement_takes_the_place_of_the_former():
    newer = Appointment(day=THURSDAY + timedelta(days=30))
    assert standing_appointment([AGREE, (MONDAY, VisitResult.APPOINTMENT, newer)]) == newer


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(VisitResult), st.booleans())))
def test_only_something_that_was_agreed_on_can_stand(history):
    visits = [
        (MONDAY + timedelta(days=day), result, AGREED if agrees else None)
        for day, result, agrees in sorted(history, key=lambda one: one[0])
    ]
    found = standing_appointment(visits)
    assert found is None or any(agreed == found for _, _, agreed in visits)
    assert standing_appointment([*visits, AGREE]) == AGREED


def test_a_half_of_the_day_is_that_half_of_the_shift():
    shift = {
        "shift_start": time(8, 30),
        "lunch": TimeWindow(opens=time(12), closes=time(14)),
        "shift_end": time(17, 30),
    }
    morning = TimeWindow(opens=time(8, 30), closes=time(12))
    afternoon = TimeWindow(opens=time(14), closes=time(17, 30))
    assert AGREED.windows(**shift) == (morning,)
    assert Appointment(day=MONDAY, part=DayPart.AFTERNOON).windows(**shift) == (afternoon,)
    assert Appointment(day=MONDAY).windows(**shift) == (morning, afternoon)


def test_the_card_says_what_was_agreed_on():
    assert AGREED.sentence.in_chinese() == "约好上午去"
    assert Appointment(day=MONDAY).sentence.in_chinese() == "约好这天去"

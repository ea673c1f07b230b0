from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.appointments import Appointment
from outreach.domain.enterprises import Industry
from outreach.domain.leave import CASE_CANNOT_WAIT_DAYS, Absence, Cover
from outreach.domain.plans import Candidate, LeftOutReason, VisitPurpose

MONDAY = date(2026, 12, 7)
DAYS = tuple(MONDAY + timedelta(days=n) for n in range(5))
OWN, OTHER = 1, 2


def due(*, appointed=None, case=None):
    return Candidate(
        enterprise_id=1,
        name="甲",
        purpose=VisitPurpose.SERVE if case is not None else VisitPurpose.ORGANISE,
        lon=115.0,
        lat=25.0,
        industry=Industry.OFFICE,
        employees=40,
        days_since_visit=None,
        headcount=None,
        case_due_days=case,
        appointment=Appointment(day=appointed, part=None) if appointed else None,
    )


def away(first=0, last=4, *, grid=OWN, stand_in=OTHER):
    return Absence(
        grid_id=grid,
        first=MONDAY + timedelta(days=first),
        last=MONDAY + timedelta(days=last),
        stand_in_grid_id=stand_in,
    )


def test_without_leave_everybody_serves_her_own_grid():
    assert Cover().place(due(), OWN, DAYS) == OWN
    assert Cover().days_present(OWN, DAYS) == DAYS


def test_a_worker_on_leave_has_no_shift_on_these_days_and_on_no_others():
    cover = Cover(absences=(away(1, 2),))
    assert cover.days_present(OWN, DAYS) == (DAYS[0], DAYS[3], DAYS[4])
    assert cover.days_present(OTHER, DAYS) == DAYS


@pytest.mark.parametrize(
    ("day", "grid"), [(DAYS[0], OWN), (DAYS[1], OTHER), (DAYS[2], OTHER), (DAYS[3], OWN)]
)
def test_what_was_agreed_on_for_a_day_of_leave_is_the_stand_ins(day, grid):
    assert Cover(absences=(away(1, 2),)).place(due(appointed=day), OWN, DAYS) == grid


def test_a_week_of_leave_leaves_to_the_stand_in_only_what_cannot_wait():
    cover = Cover(absences=(away(),))
    assert cover.place(due(case=CASE_CANNOT_WAIT_DAYS), OWN, DAYS) == OTHER
    just_outside = cover.place(due(case=CASE_CANNOT_WAIT_DAYS + 1), OWN, DAYS)
    assert just_outside is LeftOutReason.STAND_IN_MUST_ONLY
    assert cover.place(due(), OWN, DAYS) is LeftOutReason.STAND_IN_MUST_ONLY


def test_without_a_stand_in_the_grid_is_told_so():
    cover = Cover(absences=(away(stand_in=None),))
    assert cover.place(due(), OWN, DAYS) is LeftOutReason.ON_LEAVE
    assert cover.place(due(appointed=DAYS[0]), OWN, DAYS) is LeftOutReason.ON_LEAVE
    assert cover.place(due(case=0), OWN, DAYS) is LeftOutReason.ON_LEAVE


def test_a_stand_in_who_is_away_herself_stands_in_for_nobody():
    cover = Cover(absences=(away(), away(0, 2, grid=OTHER, stand_in=None)))
    assert cover.place(due(appointed=DAYS[2]), OWN, DAYS) is LeftOutReason.ON_LEAVE
    assert cover.place(due(appointed=DAYS[3]), OWN, DAYS) == OTHER


def test_one_day_present_keeps_the_week_her_own():
    assert Cover(absences=(away(0, 3),)).place(due(), OWN, DAYS) == OWN
    assert Cover(absences=(away(0, 4),)).place(due(), OWN, DAYS) != OWN


def test_an_absence_ends_after_it_begins():
    with pytest.raises(ValueError, match="must end"):
        away(2, 1)


spans = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(sorted)


@given(
    st.lists(st.tuples(st.integers(1, 3), spans, st.sampled_from([None, 1, 2, 3])), max_size=4),
    st.sampled_from([None, *DAYS]),
    st.sampled_from([None, 0, 7, 8]),
)
def test_nobody_is_ever_sent_on_a_day_of_leave(found, appointed, case):
    absences = tuple(
        away(first, last, grid=grid, stand_in=None if other == grid else other)
        for grid, (first, last), other in found
    )
    cover = Cover(absences=absences)
    place = cover.place(due(appointed=appointed, case=case), OWN, DAYS)
    if not isinstance(place, LeftOutReason):
        assert cover.days_present(place, DAYS)
        if appointed:
            assert not cover.is_away(place, appointed)

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest

from outreach.domain.calendar import WorkCalendar
from outreach.domain.cases import (
    STEPS,
    CaseKind,
    CaseState,
    Urgency,
    after_working_days,
    count_urgencies,
    deadline,
    is_late,
    may_reopen,
    may_step,
    urgency,
)

MONDAY = date(2026, 11, 23)
LEGAL = {
    ("new", "triaged"),
    ("new", "declined"),
    ("new", "referred"),
    ("triaged", "in_progress"),
    ("triaged", "declined"),
    ("triaged", "referred"),
    ("in_progress", "done"),
    ("in_progress", "declined"),
    ("in_progress", "referred"),
    ("done", "closed"),
    ("done", "in_progress"),
}


@pytest.mark.parametrize(("state", "to"), list(product(CaseState, CaseState)))
def test_a_case_goes_only_where_the_table_lets_it(state, to):
    assert may_step(state, to) is ((state.value, to.value) in LEGAL)


def test_every_open_state_has_a_step_and_an_ended_one_has_none():
    assert all(bool(STEPS[state]) is state.is_open for state in CaseState)


@pytest.mark.parametrize(
    ("kind", "state", "due"),
    [
        (CaseKind.TRAINING, CaseState.NEW, date(2026, 11, 24)),
        (CaseKind.TRAINING, CaseState.TRIAGED, date(2026, 11, 25)),
        (CaseKind.TRAINING, CaseState.IN_PROGRESS, date(2026, 12, 7)),
        (CaseKind.LEGAL, CaseState.IN_PROGRESS, date(2026, 11, 26)),
        (CaseKind.LEGAL, CaseState.NEW, date(2026, 11, 24)),
    ],
)
def test_deadlines_are_working_days_by_state_and_a_legal_answer_is_fast(kind, state, due):
    assert deadline(kind, state, MONDAY, WorkCalendar()) == due


def test_a_weekend_and_a_holiday_do_not_count_and_a_make_up_day_does():
    assert after_working_days(date(2026, 11, 27), 1, WorkCalendar()) == date(2026, 11, 30)
    assert after_working_days(date(2026, 9, 30), 1, WorkCalendar()) == date(2026, 10, 8)
    assert after_working_days(date(2026, 10, 9), 1, WorkCalendar()) == date(2026, 10, 10)


@pytest.mark.parametrize(
    ("days", "found"),
    [(3, Urgency.OPEN), (2, Urgency.DUE), (0, Urgency.DUE), (-1, Urgency.OVERDUE)],
)
def test_urgency_follows_from_the_deadline_alone(days, found):
    due_on = MONDAY + timedelta(days=days)
    assert urgency(CaseState.NEW, due_on, today=MONDAY) is found
    assert urgency(CaseState.CLOSED, due_on, today=MONDAY) is Urgency.ENDED
    counted = count_urgencies([(CaseState.NEW, due_on)], today=MONDAY)
    assert counted == {one: int(one is found) for one in Urgency}


@pytest.mark.parametrize(("days", "may"), [(30, True), (31, False)])
def test_an_ended_case_may_be_reopened_for_thirty_days(days, may):
    ended = MONDAY - timedelta(days=days)
    assert may_reopen(CaseState.CLOSED, ended, today=MONDAY) is may
    assert not may_reopen(CaseState.NEW, None, today=MONDAY)


def test_every_step_but_taking_a_case_up_says_to_whom_what_how_or_why():
    assert {s for s in CaseState if not s.needs_note} == {CaseState.NEW, CaseState.IN_PROGRESS}
    labels = [s.note_label for s in CaseState if s.needs_note]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(("days", "late"), [(0, False), (1, True)])
def test_the_last_day_is_in_time(days, late):
    assert is_late(MONDAY, today=MONDAY + timedelta(days=days)) is late


def test_everything_of_a_case_has_a_name():
    assert all(member.label for kind in (CaseKind, CaseState, Urgency) for member in kind)

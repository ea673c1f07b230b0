from __future__ import annotations

from datetime import date, timedelta

import pytest
from notice_texts import NOTICE_2026

from outreach.domain.calendar import (
    DAYS_OFF,
    MAKE_UP_DAYS,
    PROVISIONAL_DAYS,
    DayKind,
    WorkCalendar,
    YearOff,
)
from outreach.domain.notices import read_notice

CALENDAR = WorkCalendar()
SPRING_FESTIVAL = date(2026, 2, 15)


@pytest.mark.parametrize(
    "day", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
)
def test_the_make_up_days_of_2026_are_worked_although_they_are_weekend(day):
    day = date.fromisoformat(day)
    assert day.weekday() >= 5
    assert CALENDAR.is_working_day(day)


def test_an_ordinary_weekend_is_off():
    assert not CALENDAR.is_working_day(date(2026, 11, 28))
    assert not CALENDAR.is_working_day(date(2026, 11, 29))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-13", True),
        ("2026-02-14", True),
        ("2026-02-15", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
    ],
)
def test_the_spring_festival_begins_and_ends_on_the_days_of_the_notice(day, works):
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is works


def test_every_day_off_has_its_name_and_ordinary_days_have_none():
    assert CALENDAR.holiday_name(SPRING_FESTIVAL) == "春节"
    assert CALENDAR.holiday_name(date(2026, 2, 24)) == ""
    assert CALENDAR.holiday_name(date(2024, 10, 1)) == ""


def test_2026_has_33_days_off_and_six_make_up_days():
    assert sum(len(days) for _, days in DAYS_OFF[2026]) == 33
    assert len(MAKE_UP_DAYS[2026]) == 6


@pytest.mark.parametrize("year", sorted(DAYS_OFF))
def test_no_day_is_both_off_and_made_up(year):
    off = {day for _, days in DAYS_OFF[year] for day in days}
    assert not off & set(MAKE_UP_DAYS[year])
    assert {day.year for day in off} == {year}


def test_the_week_of_the_spring_festival_has_no_working_day():
    assert CALENDAR.working_days(date(2026, 2, 16)) == ()


def test_a_week_with_a_make_up_saturday_has_six_working_days():
    days = CALENDAR.working_days(date(2026, 2, 9))
    assert len(days) == 6
    assert days[-1] == date(2026, 2, 14)


def test_an_ordinary_week_is_worked_from_monday_to_friday():
    monday = date(2026, 11, 23)
    assert CALENDAR.working_days(monday) == tuple(monday + timedelta(days=n) for n in range(5))


def test_the_districts_own_days_stand_above_the_notices():
    calendar = WorkCalendar(overrides={SPRING_FESTIVAL: True, date(2026, 11, 23): False})
    assert calendar.is_working_day(SPRING_FESTIVAL)
    assert not calendar.is_working_day(date(2026, 11, 23))


def test_a_year_without_a_notice_is_not_verified_and_knows_its_statutory_days_and_weekends():
    assert CALENDAR.is_verified(date(2026, 12, 31))
    assert not CALENDAR.is_verified(date(2027, 1, 1))
    assert not CALENDAR.is_working_day(date(2027, 1, 1))
    assert CALENDAR.is_working_day(date(2027, 2, 4))
    assert not CALENDAR.is_working_day(date(2027, 2, 5))
    assert CALENDAR.is_working_day(date(2028, 2, 2))
    assert not CALENDAR.is_working_day(date(2028, 2, 5))


def test_the_statutory_days_of_a_year_are_thirteen():
    assert sum(len(days) for _, days in PROVISIONAL_DAYS[2027]) == 13


def test_a_notice_that_a_district_took_stands_instead_of_what_is_known_of_its_year():
    notice = YearOff(
        days_off=(("元旦", (date(2026, 12, 31), date(2027, 1, 1))),),
        make_up_days=(date(2027, 1, 3),),
    )
    calendar = WorkCalendar(notices={2027: notice})
    assert calendar.kind_of(date(2027, 1, 3)) is DayKind.MAKE_UP
    assert calendar.kind_of(date(2026, 12, 31)) is DayKind.HOLIDAY
    assert calendar.kind_of(date(2026, 12, 30)) is DayKind.WORK
    assert calendar.is_working_day(date(2027, 2, 5))
    assert calendar.is_verified(date(2027, 7, 1))


def test_a_stored_notice_reads_back_as_it_was():
    notice = read_notice(NOTICE_2026, year=2026)
    assert YearOff.from_json(notice.as_json()).make_up_days == notice.make_up_days

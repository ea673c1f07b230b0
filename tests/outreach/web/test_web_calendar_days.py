from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from notice_texts import NOTICE_2026, NOTICE_2027
from sqlalchemy import func, select

from outreach.domain.calendar import DayKind
from outreach.domain.plans import PlanRule
from outreach.errors import InvalidInput
from outreach.services.administration.calendar_days import load_calendar
from outreach.services.planning.planning import gather_week
from outreach.services.planning.plans import plan_week
from outreach.storage.calendar_days import CalendarNotice

TRAINING = {"first": "2026-12-08", "last": "2026-12-09", "works": "0", "name": "全区培训"}


def calendar_of(site, district_id=1):
    with site.database.session() as session:
        return load_calendar(session, district_id)


def test_a_year_is_shown_with_its_holidays_and_made_up_days_and_says_that_it_is_verified(site):
    page = site.visitor("district").get("/work-days?year=2026").text
    assert "已按国务院办公厅公布的放假安排核对" in page
    assert page.count('class="holiday"') == 33
    assert page.count('class="make_up"') == 6


def test_a_year_without_a_notice_is_marked_as_unverified(site):
    page = site.visitor("district").get("/work-days?year=2027").text
    assert "2027 年还没有核对" in page
    assert page.count('class="holiday"') == 13


@pytest.mark.parametrize(("year", "status"), [(2024, 422), (2025, 200), (2035, 200), (2036, 422)])
def test_the_calendar_has_the_years_that_it_says(sqlite_site, year, status):
    assert sqlite_site.visitor("district").get(f"/work-days?year={year}").status_code == status


def test_own_days_stand_in_the_calendar_and_are_taken_back_with_an_audit_entry_each(site):
    visitor = site.visitor("district")
    assert visitor.post("/work-days/own", **TRAINING).status_code == 303
    calendar = calendar_of(site)
    assert calendar.kind_of(date(2026, 12, 8)) is DayKind.OWN_OFF
    assert calendar.kind_of(date(2026, 12, 10)) is DayKind.WORK
    assert "全区培训" in visitor.get("/work-days?year=2026").text
    assert visitor.post("/work-days/own/remove", day="2026-12-08").status_code == 303
    assert calendar_of(site).is_working_day(date(2026, 12, 8))
    assert len(site.audit("set_own_days")) == len(site.audit("remove_own_day")) == 1
    assert calendar_of(site, 2).is_working_day(date(2026, 12, 9))


def test_setting_a_day_again_replaces_it_and_the_log_keeps_what_it_was(site):
    visitor = site.visitor("district")
    visitor.post("/work-days/own", **TRAINING)
    visitor.post("/work-days/own", **{**TRAINING, "last": "2026-12-08", "works": "1"})
    assert calendar_of(site).kind_of(date(2026, 12, 8)) is DayKind.OWN_WORK
    assert site.audit("set_own_days")[-1].detail["was"] == {"2026-12-08": False}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 303),
        ({"first": ""}, 422),
        ({"name": " "}, 422),
        ({"last": "2026-12-07"}, 422),
        ({"last": "2027-01-07"}, 303),
        ({"last": "2027-01-08"}, 422),
        ({"first": "2024-12-31", "last": "2024-12-31"}, 422),
    ],
)
def test_a_span_of_own_days_has_at_most_31_days_and_a_name(sqlite_site, changed, status):
    answer = sqlite_site.visitor("district").post("/work-days/own", **{**TRAINING, **changed})
    assert answer.status_code == status
    if status == 422 and changed.get("name") != " ":
        assert "全区培训" in answer.text


def test_a_notice_is_reported_on_before_it_is_taken(site):
    visitor = site.visitor("district")
    page = visitor.post("/work-days/notice", text=NOTICE_2027, year="2027", title="试").text
    assert "采用后会变的日子" in page
    assert "采用这份通知" in page
    with site.database.session() as session:
        assert session.scalar(select(func.count()).select_from(CalendarNotice)) == 0
    taken = visitor.post("/work-days/notice/take", text=NOTICE_2027, year="2027", title="试")
    assert taken.status_code == 303
    assert "已按采用的通知核对" in visitor.get("/work-days?year=2027").text
    assert calendar_of(site).kind_of(date(2027, 1, 30)) is DayKind.MAKE_UP
    assert not calendar_of(site, 2).is_verified(date(2027, 6, 1))
    assert site.audit("take_notice")[0].detail["year"] == 2027


def test_a_notice_with_a_problem_is_shown_again_and_never_taken(site):
    visitor = site.visitor("district")
    answer = visitor.post("/work-days/notice", text=NOTICE_2026, year="2027")
    assert answer.status_code == 422
    assert "采用这份通知" not in answer.text
    assert "国务院办公厅关于2026年" in answer.text
    fields = {"text": NOTICE_2026, "year": "2027"}
    assert visitor.post("/work-days/notice/take", **fields).status_code == 422


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_notice_comes_as_a_file_in_the_encodings_that_people_save(sqlite_site, encoding):
    file = (BytesIO(NOTICE_2026.encode(encoding)), "通知.txt")
    answer = sqlite_site.visitor("district").post("/work-days/notice", file=file)
    assert answer.status_code == 200
    assert "没有变化" in answer.text


def test_a_file_that_is_no_text_is_refused(sqlite_site):
    file = (BytesIO(b"PK\x03\x04\x00\x00\xff"), "通知.docx")
    answer = sqlite_site.visitor("district").post("/work-days/notice", file=file)
    assert answer.status_code == 422
    assert "不是文字文件" in answer.text


def test_a_report_counts_the_published_routes_on_days_that_become_off(site):
    day = site.days[0]
    assert calendar_of(site).is_working_day(day)
    span = f"{day.month}月{day.day}日"
    text = NOTICE_2026.replace("一、元旦：", f"八、本地节：{span}放假1天。\n一、元旦：")
    page = site.visitor("district").post("/work-days/notice", text=text, year="2026").text
    assert "条路线在要改成休息的日子" in page


def test_a_plan_goes_by_the_districts_own_calendar(site):
    site.visitor("planner").post(
        "/work-days/own", first="2026-12-07", last="2026-12-13", works="0", name="停工"
    )
    with site.database.session() as session:
        week = gather_week(
            session,
            district_id=1,
            week=date(2026, 12, 7),
            rule=PlanRule(),
            calendar=load_calendar(session, 1),
        )
        assert week.grids == ()
        report = plan_week(
            session,
            district_id=1,
            week=date(2026, 12, 7),
            rule=PlanRule(seconds_per_grid=0.1),
            now=site.clock(),
            processes=1,
        )
        assert report.routes == 0
        assert set(report.left_out) <= {"no_working_day", "no_position", "visited_lately"}


def test_what_names_a_day_never_runs_as_code(sqlite_site):
    visitor = sqlite_site.visitor("district")
    visitor.post("/work-days/own", **{**TRAINING, "name": "<img src=x onerror=alert(1)>"})
    page = visitor.get("/work-days?year=2026").text
    assert "<img" not in page
    assert "&lt;img" in page


def test_a_notice_that_is_too_long_is_refused(sqlite_site):
    with sqlite_site.database.session() as session:
        from outreach.domain.accounts import Principal, Role
        from outreach.services.administration.calendar_days import review_notice

        who = Principal(account_id=0, district_id=1, role=Role.DISTRICT, login="", display_name="")
        with pytest.raises(InvalidInput, match="太长"):
            review_notice(session, who, "x" * 20_001, year=2027)


def test_a_plan_that_reaches_an_unverified_year_says_so(site):
    def page_of(week):
        with site.database.transaction() as session:
            report = plan_week(
                session,
                district_id=1,
                week=week,
                rule=PlanRule(seconds_per_grid=0.1),
                now=site.clock(),
                processes=1,
            )
        return site.visitor("planner").get(f"/plans/{report.plan_id}").text

    assert "还没有按官方通知核对" not in page_of(date(2026, 12, 21))
    assert "还没有按官方通知核对" in page_of(date(2026, 12, 28))
    fields = {"text": NOTICE_2027, "year": "2027", "title": "试"}
    site.visitor("district").post("/work-days/notice/take", **fields)
    assert "还没有按官方通知核对" not in page_of(date(2026, 12, 28))

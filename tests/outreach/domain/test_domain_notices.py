from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notice_texts import NOTICE_2026, NOTICE_2027

from outreach.domain.calendar import DAYS_OFF, MAKE_UP_DAYS
from outreach.domain.notices import find_year, read_notice

LINE = "一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。"


def test_the_notice_of_2026_reads_as_the_days_that_are_known_of_it():
    notice = read_notice(NOTICE_2026, year=2026)
    assert notice.problems == ()
    assert notice.remarks == ()
    assert notice.days_off == DAYS_OFF[2026]
    assert notice.make_up_days == MAKE_UP_DAYS[2026]
    assert notice.count_off == 33


def test_the_year_is_found_in_the_text():
    assert find_year(NOTICE_2026) == 2026
    assert find_year("2027-01-01,放假,元旦") == 2027
    assert find_year("没有年份") is None


def test_a_single_day_and_two_holidays_in_one_line_are_read():
    notice = read_notice(NOTICE_2027, year=2027)
    assert notice.problems == ()
    assert dict(notice.days_off)["端午节"] == (date(2027, 6, 9),)


def test_the_text_of_another_year_is_refused_by_its_weekdays():
    problems = read_notice(NOTICE_2026, year=2027).problems
    assert problems
    assert "周" in problems[0].in_chinese()


def test_a_count_that_does_not_fit_the_dates_is_a_problem():
    [problem, *_] = read_notice(LINE.replace("共3天", "共4天"), year=2026).problems
    assert "4 天" in problem.in_chinese()
    assert "3 天" in problem.in_chinese()


def test_a_missing_holiday_is_remarked_and_too_few_days_are_a_problem():
    notice = read_notice(NOTICE_2026.replace("三、清明节", "三、寒食"), year=2026)
    assert [one.in_chinese() for one in notice.remarks] == ["没有看到清明节,请核对"]
    assert read_notice(LINE, year=2026).problems


def test_new_year_may_begin_in_december_of_the_year_before():
    text = NOTICE_2026.replace(
        "1月1日（周四）至3日（周六）放假调休，共3天",
        "2025年12月31日（周三）至2026年1月3日（周六）放假调休，共4天",
    )
    notice = read_notice(text, year=2026)
    assert notice.problems == ()
    assert dict(notice.days_off)["元旦"][0] == date(2025, 12, 31)


@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_table_of_days_is_read_with_or_without_its_header(separator):
    rows = ["日期,类型,名称"]
    for name, days in DAYS_OFF[2026]:
        rows += [f"{day},放假,{name}" for day in days]
    rows += [f"{day:%Y/%m/%d},上班,补班" for day in MAKE_UP_DAYS[2026]]
    for table in (rows, rows[1:]):
        notice = read_notice("\n".join(table).replace(",", separator), year=2026)
        assert notice.problems == ()
        assert notice.count_off == 33
        assert notice.make_up_days == MAKE_UP_DAYS[2026]


def test_a_table_names_the_row_that_it_cannot_read():
    [problem, *_] = read_notice("2026-01-01,放假,元旦\n2026-13-01,放假,x", year=2026).problems
    assert "第 2 行" in problem.in_chinese()
    assert "2026-13-01" in problem.in_chinese()


def test_a_day_that_is_off_and_worked_or_worked_on_a_weekday_is_a_problem():
    def texts(table):
        return [one.in_chinese() for one in read_notice(table, year=2026).problems]

    assert "2026-01-03 又放假又上班,请核对" in texts("2026-01-03,放假,元旦\n2026-01-03,上班,x")
    assert "2026-01-05 本来就是工作日,不会是调休上班" in texts("2026-01-05,上班,x")
    assert "2025-11-30 不在 2026 年" in texts("2025-11-30,放假,x")


@pytest.mark.parametrize("text", ["", "  \n", "关于召开会议的通知"])
def test_what_holds_no_day_is_said(text):
    assert read_notice(text, year=2026).problems


@given(
    st.text(
        alphabet="一二三、:：。月日年至放假上班共天周()（）,-0123456789\n元旦春节", max_size=200
    )
)
def test_no_text_breaks_the_reader_and_what_has_no_problem_has_days(text):
    notice = read_notice(text, year=2026)
    assert notice.problems or notice.count_off >= 13

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.days import (
    Call,
    DayDiff,
    DayStop,
    SkipReason,
    compare_days,
    list_violations,
    moved,
    reordered,
)
from outreach.domain.plans import VisitPurpose
from outreach.domain.visit_windows import TimeWindow
from outreach.domain.wording import Sentence

HOURS = (
    TimeWindow(opens=time(9), closes=time(11, 30)),
    TimeWindow(opens=time(14, 30), closes=time(17)),
)
SHIFT_END_S = 17 * 3600 + 1800
days = st.lists(st.integers(1, 12), unique=True)


def said(begin, end, *, back="17:00", hours=HOURS):
    call = Call(name="甲厂", start_s=seconds(begin), end_s=seconds(end), windows=hours)
    found = list_violations([call], back_s=seconds(back), shift_end_s=SHIFT_END_S)
    return [sentence.in_chinese() for sentence in found]


def seconds(clock):
    hour, minute = clock.split(":")
    return int(hour) * 3600 + int(minute) * 60


def test_a_visit_within_the_hours_breaks_nothing():
    assert said("09:00", "11:30") == []
    assert said("16:35", "17:00") == []


@pytest.mark.parametrize(
    ("begin", "end", "words"),
    [
        ("17:40", "18:05", "到甲厂已经 17:40,对方 17:00 关门"),
        ("17:00", "17:25", "到甲厂已经 17:00,对方 17:00 关门"),
        ("16:36", "17:01", "到甲厂是 16:36,对方 17:00 前谈不完"),
        ("08:40", "09:05", "到甲厂才 08:40,对方还没开门"),
    ],
)
def test_a_visit_outside_of_the_hours_is_said_with_both_times(begin, end, words):
    assert said(begin, end) == [words]


@pytest.mark.parametrize(("back", "words"), [("17:30", []), ("17:31", ["晚 1 分钟"])])
def test_coming_back_after_the_shift_is_said(back, words):
    found = said("09:00", "09:25", back=back)
    assert len(found) == len(words)
    assert all(word in line for word, line in zip(words, found, strict=True))


def test_a_firm_without_hours_breaks_nothing():
    assert said("20:00", "20:15", hours=()) == []


def test_what_changed_is_counted_by_firm():
    diff = compare_days([1, 2, 3, 4], [4, 1, 3, 8, 9])
    assert diff == DayDiff(added=(8, 9), moved=(4,), dropped=(2,))
    assert [s.in_chinese() for s in diff.sentences] == ["2 家新增", "1 家挪动", "1 家取消"]
    assert [s.in_chinese() for s in compare_days([1], [1]).sentences] == ["路线没有变"]


@given(days, days)
def test_the_moved_stops_explain_the_new_order_and_no_others_are_named(before, after):
    diff = compare_days(before, after)
    assert set(after) - set(before) == set(diff.added)
    assert set(before) - set(after) == set(diff.dropped)
    stayed = [one for one in after if one in before and one not in diff.moved]
    assert stayed == [one for one in before if one in stayed]


@given(days, days)
def test_her_order_neither_loses_nor_adds_a_stop(present, wanted):
    order = reordered(present, wanted)
    assert sorted(order) == sorted(present)
    named = [one for one in wanted if one in present]
    assert order[: len(named)] == named


@pytest.mark.parametrize(
    ("one", "by", "order"),
    [
        (2, -1, [2, 1, 3]),
        (2, 1, [1, 3, 2]),
        (1, -1, [1, 2, 3]),
        (3, 1, [1, 2, 3]),
        (9, 1, [1, 2, 3]),
    ],
)
def test_a_stop_moves_by_one_place_and_stays_at_the_ends(one, by, order):
    assert moved([1, 2, 3], one, by) == order


def test_a_stop_survives_storage():
    stop = DayStop(
        enterprise_id=1,
        purpose=VisitPurpose.SERVE,
        arrive_s=1,
        start_s=2,
        end_s=3,
        reasons=(Sentence(template="{employees} 人", values={"employees": 30}),),
        is_added=True,
    )
    assert DayStop.from_json(stop.as_json()) == stop


def test_a_closed_door_frees_time_and_a_shorter_day_does_not():
    freed = {reason for reason in SkipReason if reason.frees_time}
    assert freed == {SkipReason.CLOSED, SkipReason.BUSY, SkipReason.ROAD}


@pytest.mark.parametrize(
    ("start_s", "is_kept"), [(12 * 3600 - 900, True), (12 * 3600 - 899, False)]
)
def test_what_was_agreed_on_is_kept_up_to_the_minute_or_said(start_s, is_kept):
    call = Call(
        name="甲厂",
        start_s=start_s,
        end_s=start_s + 900,
        windows=(TimeWindow(opens=time(8, 30), closes=time(12)),),
        agreed="上午",
    )
    said = [one.in_chinese() for one in list_violations([call], back_s=0, shift_end_s=61_200)]
    assert said == ([] if is_kept else ["甲厂约好上午去,现在排在 11:45"])

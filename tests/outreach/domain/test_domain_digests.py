from __future__ import annotations

from dataclasses import replace
from datetime import date

from outreach.domain.changes import ChangeKind
from outreach.domain.digests import DigestFacts, write_digest
from outreach.domain.indicators import Counts, Goals, MonthCounts

NOVEMBER = date(2026, 11, 1)
COUNTS = Counts(
    firms=100,
    placed=90,
    due=40,
    covered=10,
    overdue=5,
    should_have=20,
    founded=4,
    joined=1,
    targets=15,
    willing=3,
    members=60,
)
FACTS = DigestFacts(
    month=NOVEMBER,
    until=date(2026, 11, 30),
    work=MonthCounts(visits=30, met=20, firms=25, outings=12),
    work_before=MonthCounts(visits=20),
    counted_on=date(2026, 11, 30),
    counts=COUNTS,
    before=replace(COUNTS, covered=6),
    changes={ChangeKind.NEW: 7, ChangeKind.UNION_FOUNDED: 2},
    cases_opened=3,
    cases_ended=1,
    areas=(
        ("东镇", Counts(due=10, covered=5)),
        ("西镇", Counts(due=10, covered=1)),
        ("小镇", Counts(due=4, covered=0)),
        ("满镇", Counts(due=10, covered=10)),
        ("", Counts(due=10)),
    ),
)


def text(facts, goals=None):
    paragraphs = write_digest(facts, goals or Goals())
    return {
        one.title: "".join(sentence.in_chinese() for sentence in one.sentences)
        for one in paragraphs
    }


def test_every_share_stands_beside_its_whole():
    said = text(FACTS)
    assert "应走访 40 家,30 天内走访过 10 家,占 25%" in said["覆盖"]
    assert "应建会 20 家,已建会 5 家,占 25%" in said["建会"]
    assert "目标是 100%" in said["覆盖"]


def test_a_whole_month_is_compared_with_the_one_before():
    assert "比上月多 10 次" in text(FACTS)["走访"]
    assert "比上月末高 10 个百分点" in text(FACTS)["覆盖"]


def test_a_month_that_runs_is_not_compared_with_a_whole_one():
    running = text(replace(FACTS, until=date(2026, 11, 29)))
    assert "比上月" not in running["走访"]
    assert "上月全月走访 20 次" in running["走访"]


def test_areas_with_the_smallest_share_come_first_and_small_or_finished_ones_not_at_all():
    said = text(FACTS)["哪里最需要人手"]
    assert said.index("西镇") < said.index("东镇")
    assert "小镇" not in said
    assert "满镇" not in said


def test_a_district_that_was_never_counted_gets_the_field_work_only():
    bare = DigestFacts(month=NOVEMBER, until=NOVEMBER, work=MonthCounts(visits=1), work_before=None)
    assert list(text(bare)) == ["走访"]


def test_no_goal_is_said_where_none_is_set():
    assert "目标" not in text(FACTS, Goals(covered=None))["覆盖"]

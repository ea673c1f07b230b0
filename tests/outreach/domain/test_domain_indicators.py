from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.district_settings import BY_NAME
from outreach.domain.indicators import (
    Counts,
    Goals,
    Indicator,
    IndicatorKind,
    MonthCounts,
    kept_days,
    make_indicators,
    total,
    weekly,
)

TODAY = date(2026, 11, 24)


def indicator(part, whole, goal=80):
    return Indicator(kind=IndicatorKind.COVERED, part=part, whole=whole, goal=goal)


def test_a_share_is_rounded_down_so_that_all_means_all():
    assert indicator(999, 1000).percent == 99
    assert indicator(1000, 1000).percent == 100
    assert indicator(0, 0).percent is None


@pytest.mark.parametrize(
    ("part", "is_met", "lacks"), [(79, False, 1), (80, True, 0), (81, True, 0)]
)
def test_a_goal_is_reached_at_its_own_number(part, is_met, lacks):
    one = indicator(part, 100)
    assert (one.is_met, one.lacks) == (is_met, lacks)


def test_what_lacks_is_rounded_up_to_whole_firms():
    assert indicator(0, 3, goal=50).lacks == 2


def test_without_a_goal_or_a_firm_nothing_is_judged():
    assert indicator(1, 2, goal=None).is_met is None
    assert indicator(0, 0).is_met is None
    assert indicator(1, 2, goal=None).lacks == 0


def test_fewer_than_five_firms_are_marked():
    assert indicator(1, 4).is_small
    assert not indicator(1, 5).is_small


@pytest.mark.parametrize("goal", [0, 101, -1])
def test_a_goal_that_is_no_share_is_refused(goal):
    with pytest.raises(ValueError, match=r"goals\.covered"):
        Goals(covered=goal)


def test_goals_of_one_and_a_hundred_per_cent_are_taken():
    assert Goals(covered=1, with_union=100).with_union == 100


COUNTS = st.builds(Counts, **{f.name: st.integers(0, 1000) for f in fields(Counts)})


@given(st.lists(COUNTS, max_size=5))
def test_counts_of_parts_add_up_in_any_order_and_survive_storage(parts):
    assert total(parts) == total(reversed(parts))
    assert Counts.from_json(total(parts).as_json()) == total(parts)


def test_counts_that_an_older_version_stored_read_as_nothing_more():
    assert Counts.from_json({"firms": 3, "unheard_of": 9}) == Counts(firms=3)
    assert MonthCounts.from_json({}) == MonthCounts()


def test_a_trend_takes_one_day_a_week_and_fills_no_gap():
    days = [TODAY - timedelta(days=n) for n in (30, 22, 21, 3, 0)]
    chosen = weekly([(day, Counts()) for day in days])
    assert [day for day, _ in chosen] == [days[0], days[2], days[4]]


def test_a_trend_reaches_twelve_weeks_back_and_no_further():
    inside, outside = TODAY - timedelta(days=12 * 7 + 6), TODAY - timedelta(days=13 * 7)
    chosen = weekly([(day, Counts()) for day in (outside, inside, TODAY)])
    assert [day for day, _ in chosen] == [inside, TODAY]
    assert weekly([]) == []


def test_every_indicator_says_its_part_and_whole():
    counts = Counts(firms=10, placed=9, due=8, covered=4, should_have=6, founded=1, joined=2)
    made = {one.kind: one for one in make_indicators(counts, [(TODAY, counts)], Goals())}
    assert (made[IndicatorKind.COVERED].part, made[IndicatorKind.COVERED].whole) == (4, 8)
    assert (made[IndicatorKind.WITH_UNION].part, made[IndicatorKind.WITH_UNION].whole) == (3, 6)
    assert made[IndicatorKind.WITH_UNION].goal is None
    assert made[IndicatorKind.PLACED].trend[-1].share == 0.9


def test_figures_of_small_areas_stay_for_a_quarter_and_then_on_mondays():
    old_monday = TODAY - timedelta(days=99)
    assert old_monday.weekday() == 0 or (TODAY - timedelta(days=98)).weekday() == 1
    recent = TODAY - timedelta(days=92)
    days = {TODAY - timedelta(days=n) for n in range(120)}
    kept = kept_days(days, today=TODAY)
    assert recent in kept
    assert {day for day in kept if day < recent} == {
        day for day in days if day < recent and day.weekday() == 0
    }


@pytest.mark.parametrize("kind", list(IndicatorKind))
def test_every_indicator_has_a_goal_among_the_settings_by_its_own_name(kind):
    assert BY_NAME[f"goals.{kind}"].label == f"“{kind.label}”的目标"


def test_two_indicators_never_bear_one_name():
    labels = [kind.label for kind in IndicatorKind]
    assert len(set(labels)) == len(labels)
    # Once ever and within thirty days are told apart by the word.
    assert "曾" in IndicatorKind.TARGETS_VISITED.label
    assert "30 天内" in IndicatorKind.COVERED.label

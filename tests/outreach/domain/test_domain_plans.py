from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from outreach.domain.enterprises import Enterprise, Industry, OperatingState
from outreach.domain.headcounts import HeadcountClass, HeadcountEstimate
from outreach.domain.plans import (
    Candidate,
    LeftOutReason,
    PlanRule,
    PlanStatus,
    TravelMode,
    VisitPurpose,
    choose_purpose,
    require_monday,
    service_minutes,
    visit_prize,
    welcome_windows,
    why_this_firm,
    with_last_visit,
)
from outreach.domain.targets import Standing
from outreach.domain.visit_windows import TimeWindow

RULE = PlanRule()
ACTIVE = Enterprise(name="东风有限公司", state=OperatingState.ACTIVE)


def candidate(employees=30, *, purpose=VisitPurpose.ORGANISE, since=None):
    return Candidate(
        enterprise_id=1,
        name="东风有限公司",
        purpose=purpose,
        lon=115.0,
        lat=25.0,
        industry=Industry.OFFICE,
        employees=employees,
        days_since_visit=since,
    )


def words(asked):
    return [reason.in_chinese() for reason in why_this_firm(asked, RULE)]


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("most_stops_a_day", 1, 30),
        ("outings_a_week", 0, 7),
        ("refresh_days", 1, 365),
        ("least_days_between_visits", 0, 90),
        ("most_candidates", 1, 500),
        ("detour_factor", 1.0, 3.0),
        ("seconds_per_grid", 0.05, 600.0),
    ],
)
def test_each_parameter_has_its_range(name, low, high):
    step = 0.01 if isinstance(low, float) else 1
    assert PlanRule(**{name: low}) != PlanRule(**{name: high})
    for wrong in (low - step, high + step):
        with pytest.raises(ValueError, match=rf"plan\.{name} = "):
            PlanRule(**{name: wrong})


@pytest.mark.parametrize("changes", [{"shift_start": time(12)}, {"shift_end": time(14)}])
def test_lunch_lies_inside_the_shift(changes):
    with pytest.raises(ValueError, match="shift_start < lunch < shift_end"):
        PlanRule(**changes)


def test_a_shift_may_end_just_after_lunch():
    assert PlanRule(shift_start=time(11, 59), shift_end=time(14, 1)).lunch == TimeWindow(
        opens=time(12), closes=time(14)
    )


@pytest.mark.parametrize(
    ("employees", "since", "minutes"),
    [
        (9, None, 15),
        (10, None, 25),
        (24, None, 25),
        (25, None, 40),
        (26, None, 40),
        (26, 0, 25),
        (9, 3, 15),
    ],
)
def test_the_first_visit_of_a_firm_with_25_or_more_takes_40_minutes(employees, since, minutes):
    assert service_minutes(candidate(employees, since=since)) == minutes


@pytest.mark.parametrize(("since", "due"), [(None, True), (0, False), (6, False), (7, True)])
def test_a_target_is_due_unless_it_was_visited_in_the_last_week(since, due):
    purpose = choose_purpose(ACTIVE, Standing.TARGET, since, RULE)
    assert purpose is (VisitPurpose.ORGANISE if due else None)


@pytest.mark.parametrize("standing", [Standing.WITH_UNION, Standing.NEAR_MISS])
@pytest.mark.parametrize(("since", "due"), [(None, True), (29, False), (30, True)])
def test_a_firm_with_a_union_or_near_the_line_is_refreshed_after_30_days(standing, since, due):
    purpose = choose_purpose(ACTIVE, standing, since, RULE)
    assert purpose is (VisitPurpose.REFRESH if due else None)


@pytest.mark.parametrize("standing", [Standing.UNDER, Standing.NOT_ACTIVE, Standing.NO_HEADCOUNT])
def test_other_firms_are_not_due(standing):
    assert choose_purpose(ACTIVE, standing, None, RULE) is None


@pytest.mark.parametrize(("since", "due"), [(None, True), (29, False), (30, True)])
def test_a_doubtful_headcount_is_verified_after_30_days(since, due):
    purpose = choose_purpose(
        ACTIVE, Standing.NEAR_MISS, since, RULE, headcount_class=HeadcountClass.DOUBTFUL
    )
    assert purpose is (VisitPurpose.VERIFY if due else None)


@pytest.mark.parametrize(
    ("standing", "held"),
    [
        (Standing.WITH_UNION, HeadcountClass.DOUBTFUL),
        (Standing.NEAR_MISS, HeadcountClass.UNDER),
    ],
)
def test_only_a_doubt_about_a_firm_without_union_is_verified(standing, held):
    purpose = choose_purpose(ACTIVE, standing, None, RULE, headcount_class=held)
    assert purpose is VisitPurpose.REFRESH


def test_a_doubtful_firm_that_rests_is_not_verified():
    resting = Enterprise(name="东风有限公司", state=OperatingState.SUSPENDED)
    held = HeadcountClass.DOUBTFUL
    assert choose_purpose(resting, Standing.NEAR_MISS, None, RULE, headcount_class=held) is None


def doubtful(probability, since=None):
    estimate = HeadcountEstimate(
        employees=24, low=22, high=31, over_probability=probability, as_of=None
    )
    asked = candidate(24, purpose=VisitPurpose.VERIFY, since=since)
    return replace(asked, headcount=estimate)


def test_the_likelier_it_is_over_the_line_the_more_a_doubt_is_worth():
    assert visit_prize(doubtful(0.4), RULE) > visit_prize(doubtful(0.1), RULE)


def test_a_doubt_is_always_worth_less_than_a_target():
    target = visit_prize(candidate(26, since=7), RULE)
    assert visit_prize(doubtful(0.999, since=365), RULE) < target


def test_a_doubtful_firm_is_to_be_verified_in_words():
    assert words(doubtful(0.4))[0] == "估计 22-31 人,请核实"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, ["40 人,没有工会", "还没有走访过"]),
        (1, ["40 人,没有工会", "1 天前走访过"]),
        (7, ["40 人,没有工会", "7 天前走访过"]),
        (8, ["40 人,没有工会", "还没有走访过"]),
    ],
)
def test_a_stop_says_that_its_firm_was_visited_since_the_plan_was_made(days, said):
    planned = why_this_firm(candidate(40), RULE)
    day = date(2026, 11, 23)
    found = with_last_visit(planned, day - timedelta(days=days), day)
    assert [reason.in_chinese() for reason in found] == said
    assert with_last_visit(planned, None, day) == planned


def test_a_near_miss_that_rests_is_not_refreshed():
    resting = Enterprise(name="东风有限公司", state=OperatingState.SUSPENDED)
    assert choose_purpose(resting, Standing.NEAR_MISS, None, RULE) is None


def test_any_target_is_worth_more_than_any_refresh():
    target = visit_prize(candidate(26, since=7), RULE)
    refresh = visit_prize(candidate(100_000, purpose=VisitPurpose.REFRESH), RULE)
    assert target == 7200 > refresh == 3600


def test_a_larger_target_is_worth_more_up_to_an_hour():
    assert (
        visit_prize(candidate(175, since=0), RULE)
        < visit_prize(candidate(176, since=0), RULE)
        == 10800
    )
    assert visit_prize(candidate(5000, since=0), RULE) == 10800


@pytest.mark.parametrize(
    ("since", "prize"), [(30, 7200), (45, 9000), (60, 10800), (600, 10800), (None, 10800)]
)
def test_what_is_overdue_gains_up_to_half(since, prize):
    assert visit_prize(candidate(26, since=since), RULE) == prize


def test_the_card_says_why_this_firm_today():
    assert words(candidate(30)) == ["30 人,没有工会", "还没有走访过"]
    assert words(candidate(30, since=30)) == ["30 人,没有工会", "30 天没去过"]
    assert words(candidate(30, since=31, purpose=VisitPurpose.REFRESH)) == [
        "每月更新一次",
        "超期 1 天",
    ]


def test_a_week_begins_on_a_monday():
    assert require_monday(date(2026, 11, 23)) == date(2026, 11, 23)


@pytest.mark.parametrize("day", [22, 24, 29])
def test_another_day_is_refused_with_the_monday_that_was_meant(day):
    with pytest.raises(ValueError, match="perhaps 2026-11-(16|23)"):
        require_monday(date(2026, 11, day))


@pytest.mark.parametrize("industry", list(Industry))
def test_every_industry_can_be_visited_in_the_shift_outside_lunch(industry):
    pieces = [(RULE.shift_start, RULE.lunch.opens), (RULE.lunch.closes, RULE.shift_end)]
    assert any(
        max(window.opens, start) < min(window.closes, end)
        for window in welcome_windows(industry)
        for start, end in pieces
    )


def test_every_word_of_a_plan_can_be_shown():
    assert all(reason.sentence.in_chinese() for reason in LeftOutReason)
    assert all(word.label for kind in (PlanStatus, VisitPurpose, TravelMode) for word in kind)
    assert TravelMode.WALK.speed_kmh < TravelMode.E_BIKE.speed_kmh < TravelMode.CAR.speed_kmh

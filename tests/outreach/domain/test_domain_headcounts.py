from __future__ import annotations

import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.headcounts import (
    Calibration,
    Headcount,
    HeadcountClass,
    HeadcountKind,
    SourceWorth,
    calibrated_number,
    classify_headcount,
    estimate_headcount,
    newest_figures,
)
from outreach.domain.sources import Source

TODAY = date(2026, 11, 23)
EXACT = SourceWorth(log_ratio=0.0, spread=0.1)
FOUR_IN_FIVE = SourceWorth(log_ratio=math.log(0.8), spread=0.1)
ROUGH = SourceWorth(log_ratio=0.0, spread=0.6)
KNOWN = Calibration(
    sources={
        Source.TAX: EXACT,
        Source.SOCIAL_SECURITY: FOUR_IN_FIVE,
        Source.MARKET: ROUGH,
        Source.VISIT: EXACT,
    },
    other=ROUGH,
    yearly_spread=0.2,
    tail=1.0,
)


def figure(employees, source=Source.TAX, days_ago=0):
    as_of = None if days_ago is None else TODAY - timedelta(days=days_ago)
    return Headcount(employees=employees, source=source, as_of=as_of)


def estimate(*evidence, over=25, calibration=KNOWN):
    return estimate_headcount(evidence, calibration, employees_over=over, today=TODAY)


def width(found):
    return math.log(found.high / found.low)


def test_without_evidence_there_is_no_estimate():
    assert estimate() is None


@pytest.mark.parametrize(("days", "is_count"), [(0, True), (90, True), (91, False)])
def test_a_visits_count_stands_above_every_register_for_90_days(days, is_count):
    found = estimate(figure(18, Source.VISIT, days), figure(40, Source.TAX))
    assert found.is_count is is_count
    assert (found.employees == 18) is is_count


@pytest.mark.parametrize(("counted", "probability"), [(25, 0.0), (26, 1.0)])
def test_a_count_leaves_no_doubt(counted, probability):
    found = estimate(figure(counted, Source.VISIT), figure(25, Source.TAX))
    assert (found.low, found.employees, found.high) == (counted, counted, counted)
    assert found.over_probability == probability


def test_an_old_count_of_a_visit_is_one_figure_among_others():
    alone = estimate(figure(18, Source.VISIT, 400))
    assert not alone.is_count
    assert 15 <= alone.employees <= 18
    assert alone.employees < estimate(figure(18, Source.VISIT, 400), figure(40)).employees < 40


def test_a_visit_without_a_day_does_not_stand_above_a_register():
    assert not estimate(figure(18, Source.VISIT, None), figure(40)).is_count


def test_a_figure_is_divided_by_what_its_source_counts_of_a_hundred():
    assert calibrated_number(figure(40, Source.SOCIAL_SECURITY), KNOWN) == pytest.approx(50)
    assert 48 <= estimate(figure(40, Source.SOCIAL_SECURITY)).employees <= 50


def test_figures_that_agree_after_calibration_narrow_the_interval():
    one = estimate(figure(50))
    both = estimate(figure(50), figure(40, Source.SOCIAL_SECURITY))
    assert width(both) < width(one)
    assert both.low <= 50 <= both.high


def test_the_narrower_source_weighs_more():
    assert estimate(figure(20), figure(200, Source.MARKET)).employees < 30


def test_figures_that_contradict_each_other_widen_the_interval():
    assert width(estimate(figure(20), figure(80, Source.SOCIAL_SECURITY))) > 2 * width(
        estimate(figure(40), figure(32, Source.SOCIAL_SECURITY))
    )


def test_an_older_figure_is_wider():
    ages = [0, 30, 365, None, 3650]
    widths = [width(estimate(figure(1000, days_ago=days))) for days in ages]
    assert widths == sorted(widths)
    assert widths[2] == pytest.approx(widths[3], abs=0.01)


def test_the_older_of_two_figures_weighs_less():
    early = estimate(figure(100, Source.TAX, 0), figure(160, Source.SOCIAL_SECURITY, 700))
    late = estimate(figure(100, Source.TAX, 700), figure(160, Source.SOCIAL_SECURITY, 0))
    assert early.employees < late.employees


def test_large_firms_are_rare_so_a_rough_figure_speaks_for_fewer():
    assert estimate(figure(40, Source.MARKET)).employees < estimate(figure(40)).employees


@pytest.mark.parametrize("source", [Source.TAX, Source.MARKET, Source.SOCIAL_SECURITY])
def test_an_estimate_over_the_line_is_a_probability_of_one_half(source):
    for employees in range(1, 80):
        found = estimate(figure(employees, source))
        assert (found.employees > 25) == (found.over_probability >= 0.5), employees


def test_a_zero_beside_another_sources_people_says_nothing():
    assert estimate(figure(0, Source.SOCIAL_SECURITY), figure(40)) == estimate(figure(40))


def test_zeros_alone_are_zero():
    found = estimate(figure(0), figure(0, Source.SOCIAL_SECURITY))
    assert (found.employees, found.low) == (0, 0)
    assert found.high <= 3
    assert found.over_probability < 0.001


def test_a_visit_that_counted_nobody_stands():
    assert estimate(figure(0, Source.VISIT), figure(40)).employees == 0


def test_a_source_that_nobody_calibrated_has_the_widest_spread():
    other = estimate(figure(40, Source.CIVIL_AFFAIRS))
    assert width(other) == width(estimate(figure(40, Source.MARKET)))


def test_within_a_source_the_newest_figure_counts_and_among_equal_days_the_larger():
    old, new = figure(60, days_ago=400), figure(20, days_ago=30)
    assert newest_figures([old, new]) == newest_figures([new, old]) == {Source.TAX: new}
    assert newest_figures([figure(20), figure(25)])[Source.TAX].employees == 25
    undated = figure(60, days_ago=None)
    assert newest_figures([undated, figure(20, days_ago=4000)])[Source.TAX].employees == 20


def test_the_day_of_an_estimate_is_that_of_its_newest_figure():
    found = estimate(figure(30, days_ago=10), figure(30, Source.MARKET, 400))
    assert found.as_of == TODAY - timedelta(days=10)
    assert estimate(figure(30, days_ago=None)).as_of is None


FIGURES = st.lists(
    st.builds(
        figure,
        st.integers(0, 5000),
        st.sampled_from([Source.TAX, Source.SOCIAL_SECURITY, Source.MARKET, Source.MEMBERS]),
        st.one_of(st.none(), st.integers(-30, 5000)),
    ),
    min_size=1,
    max_size=6,
)


@given(FIGURES)
def test_every_estimate_lies_in_its_interval_and_its_probability_between_0_and_1(figures):
    found = estimate(*figures)
    assert 0 <= found.low <= found.employees <= found.high
    assert 0 <= found.over_probability <= 1
    assert found == estimate(*reversed(figures))


@given(st.integers(1, 2000), st.integers(1, 200))
def test_more_people_in_a_figure_are_never_a_smaller_estimate(employees, more):
    fewer, larger = estimate(figure(employees)), estimate(figure(employees + more))
    assert fewer.employees <= larger.employees
    assert fewer.over_probability <= larger.over_probability


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (0.0, HeadcountClass.UNDER),
        (0.099, HeadcountClass.UNDER),
        (0.1, HeadcountClass.DOUBTFUL),
        (0.499, HeadcountClass.DOUBTFUL),
        (0.5, HeadcountClass.PROBABLY_OVER),
        (0.899, HeadcountClass.PROBABLY_OVER),
        (0.9, HeadcountClass.SURELY_OVER),
        (1.0, HeadcountClass.SURELY_OVER),
    ],
)
def test_four_words_for_how_sure_it_is(probability, expected):
    found = classify_headcount(probability, surely_over=0.9, probably_over=0.5, doubtful_from=0.1)
    assert found is expected


def test_a_spread_is_above_nought():
    with pytest.raises(ValueError, match=r"spread = 0"):
        SourceWorth(log_ratio=0.0, spread=0)


def test_each_source_says_what_it_counts():
    kinds = {source: figure(1, source).kind for source in Source if source.facts.counts}
    assert kinds[Source.VISIT] is HeadcountKind.ATTENDING
    assert kinds[Source.MARKET] is kinds[Source.CIVIL_AFFAIRS] is HeadcountKind.REPORTED
    assert all(kind.label for kind in kinds.values())

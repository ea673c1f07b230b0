from __future__ import annotations

from datetime import date, timedelta

import pytest

from outreach.domain.headcounts import Headcount, HeadcountKind, settle_headcount
from outreach.domain.sources import Source

TODAY = date(2026, 11, 23)


def figure(employees, source, days_ago=10):
    as_of = None if days_ago is None else TODAY - timedelta(days=days_ago)
    return Headcount(employees=employees, source=source, as_of=as_of)


def settled(*evidence):
    found = settle_headcount(list(evidence), today=TODAY)
    return found and found.employees


def test_without_evidence_there_is_no_figure():
    assert settled() is None


@pytest.mark.parametrize(("days", "employees"), [(0, 18), (90, 18), (91, 40)])
def test_a_visits_count_stands_above_every_register_for_90_days(days, employees):
    assert settled(figure(18, Source.VISIT, days), figure(40, Source.SOCIAL_SECURITY)) == employees


def test_an_old_count_of_a_visit_is_better_than_nothing():
    assert settled(figure(18, Source.VISIT, 400)) == 18
    assert settled(figure(18, Source.VISIT, 400), figure(9, Source.MEMBERS)) == 9


def test_a_visit_without_a_day_does_not_stand_above_a_register():
    assert settled(figure(18, Source.VISIT, None), figure(40, Source.TAX)) == 40


@pytest.mark.parametrize(
    ("insured", "taxed", "expected"), [(30, 26, 30), (26, 30, 30), (0, 30, 30)]
)
def test_of_insurance_and_income_tax_the_larger_counts(insured, taxed, expected):
    assert (
        settled(
            figure(insured, Source.SOCIAL_SECURITY),
            figure(taxed, Source.TAX),
            figure(99, Source.MARKET),
        )
        == expected
    )


def test_the_annual_report_stands_only_when_nothing_is_declared():
    assert settled(figure(99, Source.MARKET), figure(50, Source.CIVIL_AFFAIRS)) == 99
    assert settled(figure(50, Source.CIVIL_AFFAIRS), figure(9, Source.MEMBERS)) == 50


def test_within_a_source_the_newest_figure_counts_and_among_equal_days_the_larger():
    old, new = figure(60, Source.TAX, 400), figure(20, Source.TAX, 30)
    assert settled(old, new) == settled(new, old) == 20
    assert settled(figure(20, Source.TAX), figure(25, Source.TAX)) == 25
    assert settled(figure(60, Source.TAX, None), figure(20, Source.TAX, 4000)) == 20


def test_each_source_says_what_it_counts():
    kinds = {source: figure(1, source).kind for source in Source}
    assert kinds[Source.VISIT] is HeadcountKind.ATTENDING
    assert kinds[Source.MARKET] is kinds[Source.CIVIL_AFFAIRS] is HeadcountKind.REPORTED
    assert all(kind.label for kind in kinds.values())

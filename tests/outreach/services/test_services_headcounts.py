from __future__ import annotations

import math
from datetime import timedelta

import factories as f
import pytest
from sqlalchemy import select

from outreach.domain.calendar import WorkCalendar
from outreach.domain.headcounts import Headcount, HeadcountClass
from outreach.domain.plans import PlanRule, VisitPurpose
from outreach.domain.sources import Source
from outreach.domain.targets import Standing, TargetRule
from outreach.fusion.calibration import prior_calibration
from outreach.services.administration.principals import command_line
from outreach.services.enterprises.dossiers import open_dossier
from outreach.services.enterprises.enterprise_lists import EnterpriseFilter, list_enterprises
from outreach.services.enterprises.targets import assess_district
from outreach.services.linking.headcounts import list_figures, load_calibration
from outreach.services.planning.planning import gather_week
from outreach.storage.enterprises import Enterprise
from outreach.storage.headcounts import SourceCalibration

RULE = TargetRule()
WORDS = ("青松", "白鹤", "赤水", "金山", "红岭", "黑土", "兰亭", "紫云")


def insured(number, employees, *, name=None, month="2026-10"):
    return (
        f"80{number:02d}",
        "",
        name or f"{WORDS[number]}贸易有限公司",
        "东风镇幸福路1号",
        "正常参保",
        str(employees),
        month,
    )


def traders(*pairs):
    """Firms that report one number and insure another."""
    market = [
        f.firm(n, name=f"{WORDS[n]}贸易有限公司", employees=str(reported))
        for n, (reported, _) in enumerate(pairs)
    ]
    return {"market": market, "hr": [insured(n, number) for n, (_, number) in enumerate(pairs)]}


def firms(session):
    query = select(Enterprise).where(Enterprise.retired.is_(False)).order_by(Enterprise.name)
    return list(session.scalars(query))


def test_a_linking_learns_and_keeps_what_each_source_is_worth(session, tmp_path):
    district = f.make_district(session, tmp_path, **traders(*[(40, 20 + n) for n in range(6)]))
    kept = {row.source: row for row in session.scalars(select(SourceCalibration))}
    assert set(kept) == {"market", "social_security"}
    assert {row.pairs for row in kept.values()} == {6}
    assert kept["market"].log_ratio > kept["social_security"].log_ratio
    found = load_calibration(session, district.id)
    assert found.worth_of(Source.MARKET).log_ratio == pytest.approx(kept["market"].log_ratio)
    f.link(session, district)
    assert len(list(session.scalars(select(SourceCalibration)))) == 2


def test_another_district_learns_for_itself(session, tmp_path):
    f.make_district(session, tmp_path / "1", **traders(*[(40, 20 + n) for n in range(6)]))
    other = f.make_district(session, tmp_path / "2", code="900002", **traders((40, 20)))
    assert load_calibration(session, other.id) == prior_calibration()


def test_accounts_of_one_employer_are_one_figure(session, tmp_path):
    main = ("8001", f.CODES[0], "甲有限公司", "东风镇幸福路1号", "正常参保", "20", "2026-10")
    project = (
        "8002",
        f.CODES[0],
        "甲有限公司(工伤)",
        "东风镇幸福路1号",
        "正常参保",
        "9",
        "2026-10",
    )
    f.make_district(
        session,
        tmp_path,
        market=[f.firm(1, code=f.CODES[0], name="甲有限公司")],
        hr=[main, project],
    )
    (firm,) = firms(session)
    assert [(h["employees"], h["accounts"]) for h in firm.headcounts] == [(29, 2)]
    assert firm.headcount_low <= firm.employees <= firm.headcount_high
    assert firm.headcount_source is None


def test_a_list_is_filtered_by_how_sure_it_is(session, tmp_path):
    pairs = [(60, 50), (25, 21), (5, 4)]
    district = f.make_district(session, tmp_path, **traders(*pairs))
    for held, name in [
        (HeadcountClass.SURELY_OVER, "青松"),
        (HeadcountClass.DOUBTFUL, "白鹤"),
        (HeadcountClass.UNDER, "赤水"),
    ]:
        lines, _ = list_enterprises(
            session, command_line(district.id), EnterpriseFilter(headcount_class=held)
        )
        assert [line.name[:2] for line in lines] == [name]
        assert lines[0].headcount_class is held


@pytest.fixture
def doubtful(session, tmp_path):
    """A firm of which the insurance knows 21 people."""
    f.make_district(session, tmp_path, hr=[insured(0, 21)])
    (firm,) = firms(session)
    assert firm.headcount_class == "doubtful"
    assert firm.standing == Standing.NEAR_MISS
    return firm


def due(session, firm, today=f.MONDAY):
    week = gather_week(
        session,
        district_id=firm.district_id,
        week=today,
        rule=PlanRule(),
        calendar=WorkCalendar(),
    )
    found = [c for grid in week.grids for c in grid.candidates]
    return {candidate.purpose for candidate in found}


def count_on_site(session, firm, employees, day):
    """What a visit's count leaves behind, told to the next assessment."""
    figures = [
        *firm.headcounts,
        {"employees": employees, "source": "visit", "as_of": day.isoformat(), "accounts": 1},
    ]
    firm.headcounts = figures
    session.flush()
    assess_district(session, district_id=firm.district_id, rule=RULE, now=f.NOW)
    session.refresh(firm)


def test_a_doubtful_firm_is_planned_to_be_verified(session, doubtful):
    assert due(session, doubtful) == {VisitPurpose.VERIFY}


@pytest.mark.parametrize(
    ("employees", "standing", "held", "purposes"),
    [
        (19, "under", "under", set()),
        (25, "near_miss", "under", {VisitPurpose.REFRESH}),
        (26, "target", "surely_over", {VisitPurpose.ORGANISE}),
    ],
)
def test_after_a_visits_count_the_firm_leaves_the_doubt(
    session, doubtful, employees, standing, held, purposes
):
    count_on_site(session, doubtful, employees, f.TODAY)
    assert (doubtful.employees, doubtful.headcount_source) == (employees, "visit")
    assert (doubtful.standing, doubtful.headcount_class) == (standing, held)
    assert due(session, doubtful) == purposes


@pytest.mark.parametrize(("days", "source"), [(90, "visit"), (91, None)])
def test_after_90_days_the_count_is_one_figure_among_others(session, doubtful, days, source):
    count_on_site(session, doubtful, 19, f.TODAY - timedelta(days=days))
    assert doubtful.headcount_source == source
    assert (doubtful.headcount_low == doubtful.headcount_high) is (source == "visit")


def test_another_line_is_another_probability(session, doubtful):
    before = doubtful.over_probability
    assess_district(
        session,
        district_id=doubtful.district_id,
        rule=TargetRule(employees_over=20),
        now=f.NOW,
    )
    session.refresh(doubtful)
    assert doubtful.over_probability > before
    assert doubtful.standing == Standing.TARGET


def test_a_dossier_shows_every_figure_with_what_it_speaks_for(session, tmp_path):
    district = f.make_district(session, tmp_path, **traders((40, 34)))
    (firm,) = firms(session)
    dossier = open_dossier(session, command_line(district.id), firm.id, now=f.NOW)
    shown = {line.figure.source.value: line for line in dossier.figures}
    assert set(shown) == {"market", "social_security"}
    assert shown["social_security"].speaks_for == pytest.approx(40.0)
    assert (shown["social_security"].percent, shown["social_security"].pairs) == (85, 0)
    assert dossier.headcount_class is HeadcountClass(firm.headcount_class)
    assert dossier.enterprise.headcount.low == firm.headcount_low


def test_the_newest_figure_of_each_source_is_marked_and_comes_first():
    old, new = (
        Headcount(employees=n, source=Source.TAX, as_of=f.TODAY - timedelta(days=days))
        for n, days in ((30, 90), (33, 1))
    )
    undated = Headcount(employees=9, source=Source.MARKET, as_of=None)
    lines = list_figures([undated, old, new], prior_calibration())
    assert [line.figure for line in lines] == [new, old, undated]
    assert [line.is_newest for line in lines] == [True, False, True]
    assert math.isclose(lines[0].speaks_for, 33.0)

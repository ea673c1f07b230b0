from __future__ import annotations

import math
import random
from datetime import date, timedelta

import pytest

from outreach.domain.headcounts import Headcount
from outreach.domain.sources import Source
from outreach.domain.statements import Prop, Statement
from outreach.fusion.calibration import (
    LEAST_FIGURE,
    learn_calibration,
    make_calibration,
    prior_calibration,
    prior_of,
)
from outreach.fusion.survivorship import list_headcounts

DAY = date(2026, 11, 1)
WORTH = {
    Source.TAX: (1.0, 0.1),
    Source.SOCIAL_SECURITY: (0.6, 0.2),
    Source.MARKET: (0.7, 0.5),
}


def firms(count, worth=WORTH, *, seed=1, visited=0, level=1.0):
    """Firms of many sizes, each in every source, by sources of a known worth."""
    dice = random.Random(seed)
    for number in range(count):
        true = 12 / (1 - dice.random()) ** (1 / 1.06)
        found = [
            Headcount(
                employees=max(0, round(true * level * ratio * dice.lognormvariate(0, spread))),
                source=source,
                as_of=DAY,
            )
            for source, (ratio, spread) in worth.items()
        ]
        if number < visited:
            found.append(Headcount(employees=round(true), source=Source.VISIT, as_of=DAY))
        yield found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ratios_and_spreads_are_learned_from_firms_that_several_sources_know(seed):
    found = learn_calibration(firms(3000, seed=seed))
    for source, (ratio, spread) in WORTH.items():
        assert found.worth_of(source).ratio == pytest.approx(ratio, rel=0.07), source
        assert found.worth_of(source).spread == pytest.approx(spread, abs=0.06), source
        assert found.worth_of(source).pairs == 3000


def test_without_firms_in_common_the_written_priors_stand():
    alone = [[Headcount(employees=30, source=Source.TAX, as_of=DAY)]] * 100
    assert learn_calibration(alone) == learn_calibration([]) == prior_calibration()


@pytest.mark.parametrize(("count", "is_learned"), [(4, False), (5, True)])
def test_from_five_firms_on_something_is_learned(count, is_learned):
    found = learn_calibration(firms(count))
    assert (found.worth_of(Source.TAX).pairs > 0) is is_learned


def test_few_firms_change_a_prior_less_than_many():
    prior = prior_of(Source.SOCIAL_SECURITY)
    few, many = (learn_calibration(firms(n)).worth_of(Source.SOCIAL_SECURITY) for n in (6, 2000))
    assert abs(few.spread - prior.spread) < 0.1
    assert many.ratio < few.ratio < prior.ratio


def test_counts_of_grid_workers_fix_the_level_that_registers_alone_cannot_tell():
    understated = 0.8
    blind = learn_calibration(firms(2000, level=understated))
    seen = learn_calibration(firms(2000, level=understated, visited=300))
    assert blind.worth_of(Source.TAX).ratio == pytest.approx(1.0, abs=0.05)
    assert seen.worth_of(Source.TAX).ratio == pytest.approx(understated, abs=0.05)
    assert seen.worth_of(Source.VISIT).ratio == pytest.approx(1.0, abs=0.03)


def test_one_firm_in_ten_that_is_far_out_changes_little():
    clean = list(firms(1000))
    spoilt = [
        [Headcount(employees=9 * f.employees, source=f.source, as_of=f.as_of), *rest]
        if number % 10 == 0
        else [f, *rest]
        for number, (f, *rest) in enumerate(clean)
    ]
    one, other = (learn_calibration(f).worth_of(Source.TAX) for f in (clean, spoilt))
    assert other.ratio == pytest.approx(one.ratio, rel=0.05)
    assert other.spread < 2 * one.spread


@pytest.mark.parametrize(("employees", "is_learned"), [(LEAST_FIGURE, True), (9, False)])
def test_only_firms_of_some_size_teach(employees, is_learned):
    figures = [
        Headcount(employees=employees, source=Source.TAX, as_of=DAY),
        Headcount(employees=8, source=Source.SOCIAL_SECURITY, as_of=DAY),
    ]
    found = learn_calibration([figures] * 50)
    assert (found.worth_of(Source.TAX).pairs > 0) is is_learned


def test_what_is_learned_of_one_source_leaves_the_others_as_written():
    learned = learn_calibration(firms(500))
    again = make_calibration({Source.TAX: learned.worth_of(Source.TAX)})
    assert again.worth_of(Source.TAX) == learned.worth_of(Source.TAX)
    assert again.worth_of(Source.MEMBERS) == prior_calibration().worth_of(Source.MEMBERS)


def test_every_source_has_a_prior_with_its_reason():
    for source in Source:
        prior = prior_of(source)
        assert prior.because
        assert 0.3 < prior.ratio <= 1.2
        assert math.isclose(prior_calibration().worth_of(source).log_ratio, math.log(prior.ratio))


def insured(employees, record, *, day=DAY, delivery=1):
    return Statement(
        prop=Prop.HEADCOUNT,
        value=str(employees),
        raw=str(employees),
        source=Source.SOCIAL_SECURITY,
        as_of=day,
        record_id=record,
        delivery=delivery,
    )


def account(number, record, *, prop=Prop.SI_UNIT_NO, delivery=1):
    return Statement(
        prop=prop,
        value=number,
        raw=number,
        source=Source.SOCIAL_SECURITY,
        as_of=DAY,
        record_id=record,
        delivery=delivery,
    )


def sums(*statements):
    return [(f.employees, f.accounts) for f in list_headcounts(statements)]


def test_accounts_of_one_employer_are_summed():
    main, project = insured(20, 1), insured(8, 2)
    assert sums(main, project, account("A", 1), account("B", 2)) == [(28, 2)]
    assert sums(
        main,
        project,
        account("甲公司", 1, prop=Prop.NAME),
        account("甲公司(工伤)", 2, prop=Prop.NAME),
    ) == [(28, 2)]


def test_one_account_in_two_rows_counts_once():
    assert sums(insured(20, 1), insured(20, 2), account("A", 1), account("A", 2)) == [(20, 1)]


def test_of_several_kinds_of_insurance_the_widest_counts():
    assert sums(insured(20, 1), insured(23, 1), account("A", 1)) == [(23, 1)]


@pytest.mark.parametrize(("days", "expected"), [(92, (28, 2)), (93, (20, 1))])
def test_an_account_that_was_silent_for_a_quarter_is_closed(days, expected):
    early = DAY - timedelta(days=days)
    found = sums(insured(20, 1), insured(8, 2, day=early), account("A", 1), account("B", 2))
    assert found == [(8, 1), expected]


def test_accounts_of_two_deliveries_are_not_summed():
    early = DAY - timedelta(days=31)
    found = sums(
        insured(20, 1, day=early, delivery=1),
        account("A", 1, delivery=1),
        insured(22, 2, delivery=2),
        account("A", 2, delivery=2),
    )
    assert found == [(20, 1), (22, 1)]


def test_figures_without_a_day_are_summed_too():
    assert sums(insured(20, 1, day=None), insured(8, 2, day=None)) == [(28, 2)]

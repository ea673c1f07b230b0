from __future__ import annotations

import pytest

from outreach.domain.enterprises import Industry
from outreach.domain.plans import Candidate, PlanRule, VisitPurpose, visit_prize
from outreach.domain.weights import LEAST_TRAVEL, MOST, SLIDERS, PlanWeights, Preset


def firm(purpose=VisitPurpose.ORGANISE, *, employees=30, since=None, case=None):
    return Candidate(
        enterprise_id=1,
        name="甲",
        purpose=purpose,
        lon=115.0,
        lat=25.0,
        industry=Industry.OFFICE,
        employees=employees,
        days_since_visit=since,
        case_due_days=case,
    )


def worth(candidate, **weights):
    return visit_prize(candidate, PlanRule(weights=PlanWeights(**weights)))


LARGE, WAITING = {"employees": 150}, {"since": 60}


@pytest.mark.parametrize(
    ("name", "candidate"),
    [
        ("organise", firm()),
        ("size", firm(**LARGE)),
        ("overdue", firm(**WAITING)),
        ("cases", firm(VisitPurpose.SERVE, since=5, case=-1)),
        ("refresh", firm(VisitPurpose.REFRESH)),
    ],
)
def test_a_weight_turned_up_makes_its_visits_worth_more_and_turned_down_less(name, candidate):
    usual = worth(candidate)
    assert worth(candidate, **{name: 101}) > usual > worth(candidate, **{name: 99})


def test_a_weight_on_ways_makes_every_visit_worth_fewer_of_them():
    assert worth(firm(), travel=200) == round(worth(firm()) / 2)
    assert worth(firm(), travel=50) == 2 * worth(firm())


def test_a_weight_changes_no_visit_that_it_is_not_about():
    assert worth(firm(), refresh=0, cases=0, verify=0) == worth(firm())
    assert worth(firm(VisitPurpose.REFRESH), organise=0, size=0) == worth(
        firm(VisitPurpose.REFRESH)
    )


@pytest.mark.parametrize("value", [-1, MOST + 1, 99.5, True])
def test_a_weight_out_of_range_is_refused_by_name(value):
    with pytest.raises(ValueError, match=r"plan\.weights\.size"):
        PlanWeights(size=value)


def test_ways_never_cost_nothing():
    assert PlanWeights(travel=LEAST_TRAVEL).travel == LEAST_TRAVEL
    with pytest.raises(ValueError, match="travel"):
        PlanWeights(travel=LEAST_TRAVEL - 1)


def test_every_weight_has_a_slider_with_a_sentence_and_every_preset_is_what_it_says():
    assert {slider.name for slider in SLIDERS} == set(PlanWeights.__slots__)
    assert all(slider.help.endswith("。") for slider in SLIDERS)
    assert Preset.BALANCED.weights == PlanWeights()
    big, small = firm(employees=150), firm(employees=30)
    rule = PlanRule(weights=Preset.LARGE_FIRST.weights)
    assert visit_prize(big, rule) > 2 * visit_prize(small, rule)
    assert visit_prize(big, PlanRule()) < 2 * visit_prize(small, PlanRule())
    overdue = PlanRule(weights=Preset.OVERDUE_FIRST.weights)
    fresh = firm(VisitPurpose.REFRESH, since=30)
    late = firm(VisitPurpose.REFRESH, since=60)
    assert visit_prize(late, overdue) == 2.5 * visit_prize(fresh, overdue)

from __future__ import annotations

from datetime import date

import pytest

from outreach.domain.enterprises import Enterprise, OperatingState, UnionStatus
from outreach.domain.headcounts import Headcount, HeadcountClass, HeadcountEstimate
from outreach.domain.sources import Source
from outreach.domain.targets import Standing, TargetRule, assess_target

DAY = date(2026, 10, 31)
RULE = TargetRule()


def insured(employees):
    return Headcount(employees=employees, source=Source.SOCIAL_SECURITY, as_of=DAY)


def reported(employees):
    return Headcount(employees=employees, source=Source.MARKET, as_of=DAY)


def counted(employees, *, line=25):
    return HeadcountEstimate(
        employees=employees,
        low=employees,
        high=employees,
        over_probability=1.0 if employees > line else 0.0,
        as_of=DAY,
        is_count=True,
    )


def estimated(employees, probability):
    return HeadcountEstimate(
        employees=employees,
        low=employees - 5 if employees > 5 else 0,
        high=employees + 6,
        over_probability=probability,
        as_of=DAY,
    )


def firm(
    headcount=estimated(26, 0.6),  # noqa: B008  (frozen)
    *,
    state=OperatingState.ACTIVE,
    union=UnionStatus.NONE,
    figures=(),
):
    """A firm in trade without a union, estimated at 26 people, unless said otherwise."""
    return Enterprise(
        name="东风有限公司",
        state=state,
        union_status=union,
        headcount=headcount,
        headcounts=figures,
    )


def standing(enterprise, rule=RULE):
    return assess_target(enterprise, rule).standing


def words(enterprise, rule=RULE):
    return [reason.in_chinese() for reason in assess_target(enterprise, rule).reasons]


@pytest.mark.parametrize(
    ("employees", "expected"),
    [
        (0, Standing.UNDER),
        (19, Standing.UNDER),
        (20, Standing.NEAR_MISS),
        (25, Standing.NEAR_MISS),
        (26, Standing.TARGET),
        (4999, Standing.TARGET),
    ],
)
def test_a_target_has_strictly_more_than_25_employees(employees, expected):
    assert standing(firm(counted(employees))) is expected


@pytest.mark.parametrize(
    ("probability", "expected", "held"),
    [
        (0.09, Standing.UNDER, HeadcountClass.UNDER),
        (0.1, Standing.NEAR_MISS, HeadcountClass.DOUBTFUL),
        (0.49, Standing.NEAR_MISS, HeadcountClass.DOUBTFUL),
        (0.5, Standing.TARGET, HeadcountClass.PROBABLY_OVER),
        (0.89, Standing.TARGET, HeadcountClass.PROBABLY_OVER),
        (0.9, Standing.TARGET, HeadcountClass.SURELY_OVER),
    ],
)
def test_an_estimate_that_is_as_likely_over_the_line_as_not_makes_a_target(
    probability, expected, held
):
    found = assess_target(firm(estimated(15, probability)), RULE)
    assert (found.standing, found.headcount_class) == (expected, held)


def test_the_line_is_a_setting():
    rule = TargetRule(employees_over=9, near_miss_from=9)
    assert standing(firm(counted(10, line=9)), rule) is Standing.TARGET
    assert standing(firm(counted(9, line=9)), rule) is Standing.NEAR_MISS


def test_the_probabilities_are_settings():
    rule = TargetRule(probably_over=0.3)
    assert standing(firm(estimated(22, 0.3)), rule) is Standing.TARGET
    assert standing(firm(estimated(22, 0.29)), rule) is Standing.NEAR_MISS


@pytest.mark.parametrize(
    "wrong",
    [
        {"doubtful_from": 0.0},
        {"doubtful_from": 0.5},
        {"probably_over": 0.9},
        {"probably_over": 0.1},
        {"surely_over": 1.0},
    ],
)
def test_the_probabilities_rise_between_nought_and_one(wrong):
    with pytest.raises(ValueError, match="must rise between 0 and 1"):
        TargetRule(**wrong)


def test_the_law_of_25_members_is_another_setting():
    rule = TargetRule(employees_over=40)
    assert (rule.employees_over, rule.must_set_up_members) == (40, 25)


@pytest.mark.parametrize("near", [-1, 26])
def test_near_misses_begin_between_nought_and_the_line(near):
    with pytest.raises(ValueError, match="near_miss_from"):
        TargetRule(near_miss_from=near)


@pytest.mark.parametrize("union", [UnionStatus.OWN, UnionStatus.JOINT])
def test_an_own_or_a_joint_union_makes_no_target(union):
    assert standing(firm(union=union)) is Standing.WITH_UNION


def test_a_firm_with_a_union_counts_as_such_even_without_any_headcount():
    assert standing(firm(None, union=UnionStatus.OWN)) is Standing.WITH_UNION


def test_a_firm_without_union_and_headcount_says_that_the_number_is_missing():
    assert standing(firm(None)) is Standing.NO_HEADCOUNT
    assert words(firm(None))[0] == "没有任何来源给出人数"


@pytest.mark.parametrize("state", list(OperatingState))
def test_only_a_firm_in_trade_is_a_target_and_a_doubtful_state_is_a_near_miss(state):
    expected = {
        OperatingState.ACTIVE: Standing.TARGET,
        OperatingState.MOVING_OUT: Standing.TARGET,
        OperatingState.SUSPENDED: Standing.NEAR_MISS,
        OperatingState.CANCELLING: Standing.NEAR_MISS,
        OperatingState.UNKNOWN: Standing.NEAR_MISS,
    }
    assert standing(firm(state=state)) is expected.get(state, Standing.NOT_ACTIVE)


@pytest.mark.parametrize("state", [OperatingState.SUSPENDED, OperatingState.CANCELLED])
def test_a_small_firm_that_rests_is_simply_not_active(state):
    assert standing(firm(counted(25), state=state)) is Standing.NOT_ACTIVE
    assert standing(firm(None, state=state)) is Standing.NOT_ACTIVE


def test_a_resting_firm_with_a_union_is_no_near_miss():
    assert (
        standing(firm(state=OperatingState.SUSPENDED, union=UnionStatus.OWN)) is Standing.NOT_ACTIVE
    )


@pytest.mark.parametrize(("other", "expected"), [(19, Standing.UNDER), (20, Standing.NEAR_MISS)])
def test_one_source_that_comes_near_the_line_makes_a_near_miss(other, expected):
    enterprise = firm(estimated(3, 0.01), figures=(insured(3), reported(other)))
    assert standing(enterprise) is expected


@pytest.mark.parametrize(("count", "expected"), [(19, Standing.UNDER), (20, Standing.NEAR_MISS)])
def test_after_a_visits_count_no_register_makes_a_doubt(count, expected):
    enterprise = firm(counted(count), figures=(insured(24), reported(60)))
    found = assess_target(enterprise, RULE)
    assert (found.standing, found.headcount_class) == (expected, HeadcountClass.UNDER)


def test_a_target_says_the_number_the_figures_behind_it_and_why():
    enterprise = firm(
        estimated(27, 0.62),
        figures=(insured(24), Headcount(employees=30, source=Source.TAX, as_of=DAY)),
    )
    assert words(enterprise) == [
        "估计 27 人(22-33),62% 可能超过 25 人",
        "参保 24",
        "个税 30",
        "没有工会",
        "经营状态:存续",
    ]


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0.97, "估计 30 人(25-36),确定超过 25 人"),
        (0.31, "估计 30 人(25-36),存疑:31% 可能超过 25 人"),
        (0.02, "估计 30 人(25-36),没有超过 25 人"),
    ],
)
def test_each_class_has_its_own_words(probability, text):
    assert words(firm(estimated(30, probability)))[0] == text


@pytest.mark.parametrize(("count", "text"), [(26, "超过 25 人"), (25, "没有超过 25 人")])
def test_a_visits_count_says_its_day_and_no_register(count, text):
    enterprise = firm(counted(count), figures=(insured(60),))
    assert words(enterprise)[0] == f"现场 {count} 人(2026-10-31),{text}"
    assert words(enterprise)[1] == "没有工会"


@pytest.mark.parametrize("source", [s for s in Source if s.facts.counts])
def test_every_kind_of_figure_has_its_words(source):
    figure = Headcount(employees=31, source=source, as_of=DAY)
    assert words(firm(figures=(figure,)))[1].endswith(" 31")


def test_an_unknown_state_says_so():
    assert words(firm(state=OperatingState.UNKNOWN))[-1] == "经营状态不明"


@pytest.mark.parametrize(
    ("union", "text"), [(UnionStatus.OWN, "已有工会:—"), (UnionStatus.JOINT, "由联合工会覆盖:—")]
)
def test_the_union_that_stands_in_the_way_is_named(union, text):
    assert text in words(firm(union=union))


def test_every_standing_has_a_label():
    assert len({s.label for s in Standing}) == len(Standing)

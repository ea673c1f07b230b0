from __future__ import annotations

from datetime import date

import pytest

from outreach.domain.enterprises import Enterprise, OperatingState, UnionStatus
from outreach.domain.headcounts import Headcount
from outreach.domain.sources import Source
from outreach.domain.targets import Standing, TargetRule, assess_target

DAY = date(2026, 10, 31)
RULE = TargetRule()


def insured(employees):
    return Headcount(employees=employees, source=Source.SOCIAL_SECURITY, as_of=DAY)


def reported(employees):
    return Headcount(employees=employees, source=Source.MARKET, as_of=DAY)


def firm(employees=26, *, state=OperatingState.ACTIVE, union=UnionStatus.NONE, others=()):
    """A firm in trade without a union, whose insurance counts 26, unless said otherwise."""
    headcount = None if employees is None else insured(employees)
    figures = (*((headcount,) if headcount else ()), *others)
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
    assert standing(firm(employees)) is expected


def test_the_line_is_a_setting():
    rule = TargetRule(employees_over=9, near_miss_from=9)
    assert standing(firm(10), rule) is Standing.TARGET
    assert standing(firm(9), rule) is Standing.NEAR_MISS


def test_the_law_of_25_members_is_another_setting():
    rule = TargetRule(employees_over=40)
    assert (rule.employees_over, rule.must_set_up_members) == (40, 25)


@pytest.mark.parametrize("near", [-1, 26])
def test_near_misses_begin_between_nought_and_the_line(near):
    with pytest.raises(ValueError, match="near_miss_from"):
        TargetRule(near_miss_from=near)


@pytest.mark.parametrize("union", [UnionStatus.OWN, UnionStatus.JOINT])
def test_an_own_or_a_joint_union_makes_no_target(union):
    assert standing(firm(26, union=union)) is Standing.WITH_UNION


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
    assert standing(firm(26, state=state)) is expected.get(state, Standing.NOT_ACTIVE)


@pytest.mark.parametrize("state", [OperatingState.SUSPENDED, OperatingState.CANCELLED])
def test_a_small_firm_that_rests_is_simply_not_active(state):
    assert standing(firm(25, state=state)) is Standing.NOT_ACTIVE
    assert standing(firm(None, state=state)) is Standing.NOT_ACTIVE


def test_a_resting_firm_with_a_union_is_no_near_miss():
    assert (
        standing(firm(26, state=OperatingState.SUSPENDED, union=UnionStatus.OWN))
        is Standing.NOT_ACTIVE
    )


def test_a_near_miss_names_the_other_source_that_counts_enough():
    enterprise = firm(3, others=(reported(31),))
    assert standing(enterprise) is Standing.NEAR_MISS
    assert words(enterprise) == [
        "3 人,没有超过 25 人(人社,2026-10-31)",
        "31 人,超过 25 人(市场监管,2026-10-31)",
        "没有工会",
        "经营状态:存续",
    ]


@pytest.mark.parametrize(("other", "expected"), [(19, Standing.UNDER), (20, Standing.NEAR_MISS)])
def test_another_sources_figure_counts_from_the_near_miss_line_on(other, expected):
    assert standing(firm(3, others=(reported(other),))) is expected


def test_a_target_says_why_in_words():
    assert words(firm(26)) == ["26 人,超过 25 人(人社,2026-10-31)", "没有工会", "经营状态:存续"]


def test_a_near_miss_says_how_near():
    assert words(firm(25))[0] == "25 人,接近但没有超过 25 人(人社,2026-10-31)"


def test_a_figure_without_a_day_says_so():
    enterprise = Enterprise(
        name="东风",
        state=OperatingState.UNKNOWN,
        headcount=Headcount(employees=30, source=Source.TAX, as_of=None),
    )
    assert words(enterprise) == ["30 人,超过 25 人(税务,—)", "没有工会", "经营状态不明"]


@pytest.mark.parametrize(
    ("union", "text"), [(UnionStatus.OWN, "已有工会:—"), (UnionStatus.JOINT, "由联合工会覆盖:—")]
)
def test_the_union_that_stands_in_the_way_is_named(union, text):
    assert text in words(firm(26, union=union))


def test_every_standing_has_a_label():
    assert len({s.label for s in Standing}) == len(Standing)

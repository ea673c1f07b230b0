from __future__ import annotations

from datetime import date, timedelta

import pytest

from outreach.domain.enterprises import Industry, OperatingState, UnionStatus
from outreach.domain.sources import Source
from outreach.domain.statements import Prop, Statement
from outreach.fusion.survivorship import addresses_by_belief, fold_enterprise

TODAY = date(2026, 11, 23)
MARKET, TAX, HR, MEMBERS, VISIT = (
    Source.MARKET,
    Source.TAX,
    Source.SOCIAL_SECURITY,
    Source.MEMBERS,
    Source.VISIT,
)


def say(source, prop, value, days_ago=10, *, record=1):
    as_of = None if days_ago is None else TODAY - timedelta(days=days_ago)
    return Statement(
        prop=prop, value=value, raw=value, source=source, as_of=as_of, record_id=record
    )


def fold(*statements):
    return fold_enterprise(statements, lambda address: address[:3], today=TODAY)


def test_nothing_said_is_an_enterprise_of_which_nothing_is_known():
    enterprise = fold()
    assert (enterprise.name, enterprise.state, enterprise.union_status) == (
        "",
        OperatingState.UNKNOWN,
        UnionStatus.NONE,
    )
    assert enterprise.headcount is None


def test_the_registering_office_is_believed_about_the_name_even_when_it_wrote_earlier():
    assert fold(say(TAX, Prop.NAME, "税名", 1), say(MARKET, Prop.NAME, "照名", 500)).name == "照名"


def test_within_an_office_the_newest_value_counts_and_equal_days_do_not_depend_on_order():
    assert (
        fold(say(MARKET, Prop.NAME, "旧名", 500), say(MARKET, Prop.NAME, "新名", 1)).name == "新名"
    )
    pair = say(MARKET, Prop.NAME, "甲"), say(MARKET, Prop.NAME, "乙")
    assert fold(*pair) == fold(*reversed(pair))


def test_a_union_row_alone_shows_the_employers_name():
    assert fold(say(MEMBERS, Prop.NAME, "青松纺织有限公司工会委员会")).name == "青松纺织有限公司"
    assert fold(say(MARKET, Prop.NAME, "青松村村民委员会")).name == "青松村村民委员会"


def test_without_a_name_the_code_is_shown():
    assert fold(say(TAX, Prop.USCC, "91360704000000019B")).name == "91360704000000019B"


def test_the_place_of_business_is_the_likeliest_place_of_work():
    said = [
        say(TAX, Prop.ADDRESS, "税务地址"),
        say(MARKET, Prop.ADDRESS, "住所地址"),
        say(TAX, Prop.BIZ_ADDRESS, "经营地址"),
        say(HR, Prop.ADDRESS, "住所地址"),
    ]
    assert addresses_by_belief(said) == ["经营地址", "住所地址", "税务地址"]
    assert fold(*said).address == "经营地址"


def test_the_township_comes_from_the_address_and_only_then_from_its_own_column():
    assert (
        fold(say(MARKET, Prop.ADDRESS, "白塔镇1号"), say(MARKET, Prop.TOWNSHIP, "红桥镇")).township
        == "白塔镇"
    )
    assert fold(say(MARKET, Prop.TOWNSHIP, "红桥镇")).township == "红桥镇"


def test_the_industry_comes_from_the_code_and_only_then_from_the_name():
    assert (
        fold(say(MARKET, Prop.NAME, "东风幼儿园"), say(TAX, Prop.INDUSTRY, "C")).industry
        is Industry.MANUFACTURE
    )
    assert fold(say(MARKET, Prop.NAME, "东风幼儿园")).industry is Industry.SCHOOL


# The state.


def test_the_registry_decides_whether_a_firm_exists():
    enterprise = fold(say(HR, Prop.STATUS, "active", 1), say(MARKET, Prop.STATUS, "cancelled", 300))
    assert enterprise.state is OperatingState.CANCELLED


def test_a_word_that_nobody_knows_says_less_than_the_next_offices_plain_one():
    assert (
        fold(say(MARKET, Prop.STATUS, "unknown"), say(TAX, Prop.STATUS, "active")).state
        is OperatingState.ACTIVE
    )
    assert fold(say(MARKET, Prop.STATUS, "unknown")).state is OperatingState.UNKNOWN


def test_two_words_of_one_day_do_not_depend_on_order():
    pair = say(MARKET, Prop.STATUS, "active"), say(MARKET, Prop.STATUS, "cancelled")
    assert fold(*pair).state is fold(*reversed(pair)).state


@pytest.mark.parametrize(
    ("days", "state"),
    [(0, OperatingState.SUSPENDED), (180, OperatingState.SUSPENDED), (181, OperatingState.ACTIVE)],
)
def test_what_a_visit_saw_stands_above_an_older_register_for_half_a_year(days, state):
    assert (
        fold(
            say(MARKET, Prop.STATUS, "active", 400), say(VISIT, Prop.STATUS, "suspended", days)
        ).state
        is state
    )


@pytest.mark.parametrize(
    ("registered", "state"), [(20, OperatingState.SUSPENDED), (19, OperatingState.ACTIVE)]
)
def test_a_register_newer_than_the_visit_stands_above_it(registered, state):
    assert (
        fold(
            say(MARKET, Prop.STATUS, "active", registered), say(VISIT, Prop.STATUS, "suspended", 20)
        ).state
        is state
    )


def test_an_old_visit_is_better_than_no_word_at_all():
    enterprise = fold(say(VISIT, Prop.STATUS, "suspended", 500))
    assert (enterprise.state, enterprise.state_as_of) == (
        OperatingState.SUSPENDED,
        TODAY - timedelta(days=500),
    )


# The union.


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("own", UnionStatus.OWN),
        ("joint", UnionStatus.JOINT),
        ("none", UnionStatus.NONE),
        ("unknown", UnionStatus.NONE),
    ],
)
def test_a_union_stands_when_the_member_database_says_so(value, status):
    assert fold(say(MEMBERS, Prop.UNION_STATUS, value)).union_status is status


def test_an_own_union_stands_above_a_joint_one_and_gives_its_own_name():
    enterprise = fold(
        say(MEMBERS, Prop.UNION_STATUS, "joint", 1, record=1),
        say(MEMBERS, Prop.UNION_NAME, "商圈联合工会", record=1),
        say(MEMBERS, Prop.UNION_STATUS, "own", 90, record=2),
        say(MEMBERS, Prop.UNION_NAME, "东风工会", record=2),
    )
    assert (enterprise.union_status, enterprise.union_name) == (UnionStatus.OWN, "东风工会")


def test_a_union_that_ended_does_not_stand_for_ever():
    def row(value, days_ago, record):
        return [
            say(MEMBERS, Prop.UNION_STATUS, value, days_ago, record=record),
            say(MEMBERS, Prop.UNION_USCC, "81X", days_ago, record=record),
        ]

    assert fold(*row("own", 400, 1), *row("none", 10, 2)).union_status is UnionStatus.NONE
    assert fold(*row("none", 400, 1), *row("own", 10, 2)).union_status is UnionStatus.OWN


def test_the_end_of_one_union_does_not_end_another():
    enterprise = fold(
        say(MEMBERS, Prop.UNION_STATUS, "joint", 400, record=1),
        say(MEMBERS, Prop.UNION_USCC, "81A", record=1),
        say(MEMBERS, Prop.UNION_STATUS, "none", 10, record=2),
        say(MEMBERS, Prop.UNION_USCC, "81B", record=2),
    )
    assert enterprise.union_status is UnionStatus.JOINT


def test_a_visit_or_the_tax_office_may_know_a_union_that_the_member_database_lacks():
    assert fold(say(VISIT, Prop.UNION_STATUS, "own")).union_status is UnionStatus.OWN
    assert (
        fold(say(TAX, Prop.UNION_STATUS, "own"), say(VISIT, Prop.UNION_STATUS, "none")).union_status
        is UnionStatus.OWN
    )


def test_a_visit_that_heard_of_no_union_does_not_delete_a_registered_one():
    assert (
        fold(
            say(MEMBERS, Prop.UNION_STATUS, "own", 400), say(VISIT, Prop.UNION_STATUS, "none", 1)
        ).union_status
        is UnionStatus.OWN
    )


@pytest.mark.parametrize(("days_ago", "status"), [(0, UnionStatus.OWN), (-1, UnionStatus.NONE)])
def test_a_union_of_tomorrow_is_no_union_today(days_ago, status):
    assert fold(say(MEMBERS, Prop.UNION_STATUS, "own", days_ago)).union_status is status


def test_a_union_without_a_name_of_its_own_has_the_name_of_its_row():
    assert (
        fold(say(MEMBERS, Prop.UNION_STATUS, "own"), say(MEMBERS, Prop.NAME, "东风工会")).union_name
        == "东风工会"
    )


# Headcounts.


def test_all_headcounts_are_kept_and_an_estimate_stands():
    enterprise = fold(
        say(MARKET, Prop.HEADCOUNT, "20"),
        say(HR, Prop.HEADCOUNT, "31"),
        say(HR, Prop.HEADCOUNT, "31"),
    )
    assert [figure.employees for figure in enterprise.headcounts] == [20, 31]
    assert 31 < enterprise.headcount.employees < 31 / 0.85
    assert not enterprise.headcount.is_count


def test_a_visits_count_stands_as_it_is():
    enterprise = fold(say(HR, Prop.HEADCOUNT, "31"), say(VISIT, Prop.HEADCOUNT, "19"))
    assert enterprise.headcount.is_count
    assert (enterprise.headcount.employees, enterprise.headcount.over_probability) == (19, 0.0)


def test_the_probability_is_that_of_more_than_the_districts_line():
    said = [say(HR, Prop.HEADCOUNT, "31")]
    low, high = (
        fold_enterprise(said, lambda _: "", today=TODAY, employees_over=line).headcount
        for line in (10, 100)
    )
    assert low.over_probability > 0.99
    assert high.over_probability < 0.01

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.sources import Source
from outreach.fusion.clustering import Clusters, ComparedPair, join_best_first
from outreach.fusion.comparisons import Decision
from outreach.fusion.links import Finding
from outreach.fusion.profiles import Profile

DAIRY, FORGE = "91360704000000019B", "91360704MA00000152"
DECISION = Decision(threshold=0.0, margin=2.0, doubt=-4.0)
MARKET, TAX, HR = Source.MARKET, Source.TAX, Source.SOCIAL_SECURITY


def made(*profiles):
    return Clusters(profiles, {profile.record_id: profile.uscc for profile in profiles})


def row(number, source=TAX, uscc="", batch=None):
    return Profile(record_id=number, source=source, uscc=uscc, batch=batch)


def pair(left, right, weight, *, same_name=True):
    return ComparedPair(left=left, right=right, weight=weight, same_name=same_name)


def groups(clusters):
    return list(clusters.groups())


def test_two_codes_are_not_joined_however_much_speaks_for_it():
    clusters = made(row(1, uscc=DAIRY), row(2, uscc=FORGE))
    assert join_best_first(clusters, [pair(1, 2, 90.0)], DECISION).joined == ()
    assert groups(clusters) == [(1,), (2,)]


def test_two_codes_are_not_joined_through_a_row_without_a_code():
    clusters = made(row(1, uscc=DAIRY), row(2), row(3), row(4, uscc=FORGE))
    pairs = [pair(1, 2, 30.0), pair(2, 3, 20.0), pair(3, 4, 10.0)]
    join_best_first(clusters, pairs, DECISION)
    assert groups(clusters) == [(1, 2, 3), (4,)]


@pytest.mark.parametrize(("second", "joined"), [(8.0, True), (8.1, False)])
def test_the_best_enterprise_must_lead_the_second_best_by_the_margin(second, joined):
    clusters = made(row(1, uscc=DAIRY), row(2, uscc=FORGE), row(3))
    verdicts = join_best_first(clusters, [pair(1, 3, 10.0), pair(2, 3, second)], DECISION)
    assert ((1, 3) in groups(clusters)) is joined
    assert bool(verdicts.doubtful) is not joined


def test_rows_that_fit_different_enterprises_better_do_not_join_each_other():
    clusters = made(row(1, uscc=DAIRY), row(2, uscc=FORGE), row(3), row(4, HR))
    pairs = [pair(3, 4, 30.0), pair(1, 3, 10.0), pair(2, 4, 9.0)]
    join_best_first(clusters, pairs, DECISION)
    assert groups(clusters) == [(1, 3), (2, 4)]


def test_a_margin_holds_for_rows_that_joined_each_other_first():
    clusters = made(row(1, uscc=DAIRY), row(2, uscc=FORGE), row(3), row(4, HR))
    pairs = [pair(3, 4, 30.0), pair(1, 3, 20.0), pair(2, 3, 10.0), pair(1, 4, 12.0)]
    join_best_first(clusters, pairs, DECISION)
    assert groups(clusters) == [(1, 3, 4), (2,)]


def test_a_register_row_without_a_code_is_a_rival_like_any_enterprise():
    clusters = made(row(1, MARKET, uscc=DAIRY, batch=1), row(2, MARKET, batch=1), row(3))
    join_best_first(clusters, [pair(1, 3, 20.0), pair(2, 3, 19.0)], DECISION)
    assert groups(clusters) == [(1,), (2,), (3,)]


def sisters(source, *, rival_phone, rival):
    """A row that shares its phone (8 of its weight 20) with one of two sister firms."""
    clusters = made(row(1, uscc=DAIRY), row(2, uscc=FORGE), row(3, source, batch=3))
    pairs = [
        ComparedPair(left=1, right=3, weight=20.0, shared=8.0),
        ComparedPair(left=2, right=3, weight=rival, shared=rival_phone),
    ]
    join_best_first(clusters, pairs, DECISION)
    return (1, 3) in groups(clusters)


@pytest.mark.parametrize(("rival", "joined"), [(10.0, True), (10.1, False)])
def test_a_union_joins_only_when_it_leads_on_what_the_rival_tells(rival, joined):
    assert sisters(Source.MEMBERS, rival_phone=None, rival=rival) is joined


def test_a_rival_with_another_phone_is_led_by_the_phone_too():
    assert sisters(Source.MEMBERS, rival_phone=0.0, rival=17.9)


def test_what_is_no_union_may_lead_by_a_phone_that_the_rival_does_not_tell():
    assert sisters(TAX, rival_phone=None, rival=17.9)


def test_a_union_never_joins_a_sister_when_the_enterprise_that_fits_better_is_in_doubt():
    clusters = made(
        row(1, MARKET, uscc=DAIRY, batch=1),
        row(2, MARKET, batch=1),
        row(3, Source.MEMBERS, batch=3),
    )
    pairs = [pair(1, 2, 40.0), pair(1, 3, 19.0), pair(2, 3, 19.0)]
    join_best_first(clusters, pairs, DECISION)
    assert groups(clusters) == [(1,), (2,), (3,)]


@pytest.mark.parametrize(("weight", "joined"), [(0.0, True), (-0.1, False)])
def test_a_pair_joins_from_the_threshold_on(weight, joined):
    clusters = made(row(1, uscc=DAIRY), row(2))
    verdicts = join_best_first(clusters, [pair(1, 2, weight)], DECISION)
    assert (len(verdicts.joined), len(verdicts.doubtful)) == (joined, not joined)


def test_a_pair_far_below_the_threshold_is_not_even_a_doubt():
    verdicts = join_best_first(made(row(1, uscc=DAIRY), row(2)), [pair(1, 2, -4.1)], DECISION)
    assert verdicts.doubtful == ()


@pytest.mark.parametrize("source", [MARKET, TAX, Source.CIVIL_AFFAIRS])
def test_two_rows_of_one_delivery_of_a_list_without_repeats_are_left_to_people(source):
    clusters = made(row(1, source, uscc=DAIRY, batch=7), row(2, source, batch=7))
    assert join_best_first(clusters, [pair(1, 2, 40.0)], DECISION).doubtful
    assert groups(clusters) == [(1,), (2,)]


@pytest.mark.parametrize(("same_name", "joined"), [(True, True), (False, False)])
def test_two_insurance_accounts_are_one_employer_only_under_one_name(same_name, joined):
    clusters = made(row(1, HR, uscc=DAIRY, batch=7), row(2, HR, batch=7))
    join_best_first(clusters, [pair(1, 2, 40.0, same_name=same_name)], DECISION)
    assert ((1, 2) in groups(clusters)) is joined


def test_evidence_names_what_speaks_for_a_pair_the_strongest_first():
    found = ComparedPair(
        left=1,
        right=2,
        weight=9.0,
        findings=(
            Finding(label="同镇街", weight=2.0),
            Finding(label="电话不同", weight=0.0),
            Finding(label="名称核心相同", weight=12.0),
            Finding(label="法定代表人不同", weight=-4.0),
        ),
    )
    assert found.evidence == "名称核心相同、同镇街"


ROWS = st.lists(
    st.builds(
        dict,
        source=st.sampled_from([MARKET, TAX, HR]),
        uscc=st.sampled_from(["", "", DAIRY, FORGE]),
        batch=st.sampled_from([None, 1, 2]),
    ),
    min_size=2,
    max_size=9,
)
WEIGHTS = st.lists(
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(-6, 30)), max_size=20
)


@given(ROWS, WEIGHTS, st.randoms())
def test_joining_keeps_the_veto_and_does_not_depend_on_the_order_of_pairs(rows, weights, random):
    profiles = [row(number, **values) for number, values in enumerate(rows, 1)]
    pairs = [
        pair(min(one, two), max(one, two), float(weight))
        for one, two, weight in weights
        if one != two and max(one, two) <= len(profiles)
    ]
    first, second = made(*profiles), made(*random.sample(profiles, len(profiles)))
    join_best_first(first, pairs, DECISION)
    join_best_first(second, random.sample(pairs, len(pairs)), DECISION)
    assert groups(first) == groups(second)
    code = {profile.record_id: profile.uscc for profile in profiles}
    assert all(len({code[number] for number in g} - {""}) <= 1 for g in groups(first))

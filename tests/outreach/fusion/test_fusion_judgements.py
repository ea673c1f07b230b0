from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.judgements import DoubtReason, JudgedPair, Verdict, agree
from outreach.domain.sources import Source
from outreach.fusion import linkage
from outreach.fusion.clustering import ComparedPair, join_best_first
from outreach.fusion.comparisons import Decision
from outreach.fusion.crosswalk import link_by_identifiers
from outreach.fusion.doubts import list_doubtful
from outreach.fusion.linkage import LinkRule, Profile, link_records
from outreach.fusion.links import RecordLink
from outreach.fusion.names import Regions, split_name
from outreach.fusion.rejoining import JoinedRecord, link_towards, rejoin

REGIONS = Regions.of("云岭省", "清江市", "东风区")
DAIRY, FORGE, MILL = "91360704000000019B", "91360704MA00000152", "9136070400000006XE"
MARKET, TAX, HR, MEMBERS = Source.MARKET, Source.TAX, Source.SOCIAL_SECURITY, Source.MEMBERS


def record(number, name="", source=TAX, **codes):
    names = (split_name(name, REGIONS),) if name else ()
    return Profile(record_id=number, source=source, names=names, **codes)


def same(left, right):
    return JudgedPair(left=left, right=right, verdict=Verdict.SAME)


def different(left, right):
    return JudgedPair(left=left, right=right, verdict=Verdict.DIFFERENT)


def clusters(profiles, *judgements):
    return set(link_records(list(profiles), judgements=judgements).clusters)


def reasons(profiles, *judgements):
    pairs = link_records(list(profiles), judgements=judgements).pairs
    return {(pair.left, pair.right): pair.reason for pair in pairs}


TWO_CODES = record(1, "金禾食品有限公司", uscc=DAIRY), record(2, "银杏机械厂", uscc=FORGE)


def test_a_person_may_bring_two_credit_codes_together_and_nobody_else():
    assert clusters(TWO_CODES) == {(1,), (2,)}
    assert clusters(TWO_CODES, same(1, 2)) == {(1, 2)}


def test_rows_of_either_code_follow_what_a_person_brought_together():
    more = record(3, uscc=DAIRY), record(4, uscc=FORGE)
    assert clusters([*TWO_CODES, *more], same(1, 2)) == {(1, 2, 3, 4)}


def test_a_persons_same_does_not_open_the_door_for_a_third_code():
    third = record(3, "金禾食品有限公司", uscc=MILL, reg_no="1")
    bridge = record(4, "金禾食品有限公司", reg_no="1")
    result = clusters([*TWO_CODES, third, bridge], same(1, 2), same(1, 4))
    assert (3,) in result


def test_different_holds_against_a_shared_credit_code():
    pair = record(1, uscc=DAIRY), record(2, uscc=DAIRY)
    assert clusters(pair) == {(1, 2)}
    assert clusters(pair, different(2, 1)) == {(1,), (2,)}


def test_different_holds_through_a_third_row_and_the_rest_stays_together():
    rows = [record(n, uscc=DAIRY) for n in (1, 2, 3)]
    assert clusters(rows, different(1, 2)) == {(1, 3), (2,)}


def test_rows_that_share_a_code_with_both_sides_stay_together_when_the_first_is_cut_off():
    rows = [record(n, uscc=DAIRY) for n in (1, 2, 3)]
    assert clusters(rows, different(1, 2), different(1, 3)) == {(1,), (2, 3)}


def test_where_judgements_contradict_each_other_different_holds():
    rows = [record(n) for n in (1, 2, 3)]
    result = clusters(rows, same(1, 2), same(2, 3), different(1, 3))
    assert not any({1, 3} <= set(cluster) for cluster in result)
    assert not agree([same(1, 2), same(2, 3), different(1, 3)])
    assert agree([same(1, 2), different(1, 3)])


def test_later_changes_nothing():
    later = JudgedPair(left=1, right=2, verdict=Verdict.LATER)
    assert clusters(TWO_CODES, later) == {(1,), (2,)}


def test_judgements_about_rows_that_are_gone_change_nothing():
    assert clusters(TWO_CODES, same(1, 99), different(98, 2)) == {(1,), (2,)}


def test_a_rival_that_people_ruled_out_leaves_the_way_to_the_other():
    rows = (
        record(1, "金禾食品有限公司", MARKET, uscc=DAIRY, township="白塔镇"),
        record(2, "金禾食品有限公司", MARKET, uscc=FORGE, township="白塔镇"),
        record(3, "金禾食品有限公司", township="白塔镇"),
    )
    assert reasons(rows) == {(1, 3): DoubtReason.RIVALS, (2, 3): DoubtReason.RIVALS}
    assert clusters(rows, different(2, 3)) == {(1, 3), (2,)}
    assert reasons(rows, different(2, 3)) == {}


def test_a_judged_pair_is_not_asked_again():
    rows = (
        record(1, "金禾食品有限公司", MARKET, township="白塔镇", batch=7),
        record(2, "金禾食品有限公司", MARKET, uscc=DAIRY, township="白塔镇", batch=7),
    )
    assert reasons(rows) == {(1, 2): DoubtReason.LISTED_TWICE}
    assert reasons(rows, different(1, 2)) == {}
    assert reasons(rows, same(1, 2)) == {}


def test_a_branch_under_its_parents_code_is_asked_against_its_registration():
    rows = (
        record(1, "蓝天物流有限公司", MARKET, uscc=DAIRY),
        record(2, "蓝天物流有限公司第一分公司", MARKET, uscc=FORGE),
        record(3, "蓝天物流有限公司第一分公司", HR, uscc=DAIRY),
    )
    assert reasons(rows) == {(2, 3): DoubtReason.PARENT_CODE}
    result = clusters(rows, same(2, 3))
    assert result == {(1,), (2, 3)}


def test_two_codes_that_share_an_older_number_are_asked():
    rows = record(1, uscc=DAIRY, reg_no="1"), record(2, uscc=FORGE, reg_no="1")
    assert reasons(rows) == {(1, 2): DoubtReason.CODES}


def test_a_join_that_was_only_just_made_is_shown_for_confirmation():
    rows = (
        record(1, "金禾食品有限公司", uscc=DAIRY, person="王一", phone="13800000001", tail="a1号"),
        record(2, "金贵商贸有限公司", HR, person="王一", phone="13800000001", tail="a1号"),
    )
    assert clusters(rows) == {(1, 2)}
    assert reasons(rows) == {(1, 2): DoubtReason.WEAK}
    assert clusters(rows, different(1, 2)) == {(1,), (2,)}


# A row that is delivered again.


def delivered(number, batch, **said):
    return record(number, "金禾食品有限公司", HR, batch=batch, township="白塔镇", **said)


def test_a_judgement_holds_for_the_next_delivery_of_the_same_row():
    june, july = delivered(2, 7, uscc=DAIRY), delivered(3, 8, uscc=DAIRY)
    firm = record(1, "金禾食品有限公司", MARKET, uscc=DAIRY)
    assert clusters([firm, june, july]) == {(1, 2, 3)}
    assert clusters([firm, june, july], different(1, 2)) == {(1,), (2, 3)}


def test_the_offices_own_number_knows_a_row_again_though_its_address_changed():
    june = delivered(2, 7, office_no="8001", uscc=DAIRY, tail="a1号")
    july = delivered(3, 8, office_no="8001", uscc=DAIRY, tail="b2号")
    firm = record(1, "金禾食品有限公司", MARKET, uscc=DAIRY)
    assert clusters([firm, june, july], different(1, 2)) == {(1,), (2, 3)}


@pytest.mark.parametrize("batch", [7, 8])
def test_a_row_that_one_file_has_twice_is_not_known_again(batch):
    rows = [delivered(1, 7), delivered(2, batch), delivered(3, 8)]
    links = link_records(rows).joined
    assert LinkRule.REDELIVERED not in {link.rule for link in links}


# Links.


def test_the_enterprises_are_the_components_of_the_links():
    rows = [
        record(1, "金禾食品有限公司", MARKET, uscc=DAIRY, township="白塔镇"),
        record(2, "金禾食品有限公司", HR, township="白塔镇"),
        record(3, uscc=DAIRY),
    ]
    found = link_records(rows)
    assert found.clusters == ((1, 2, 3),)
    assert [(link.left, link.right, link.rule) for link in found.joined] == [
        (1, 3, LinkRule.USCC),
        (1, 2, LinkRule.NAME_TOWNSHIP),
    ]
    compared = found.joined[1]
    assert compared.weight is not None
    assert {f.label for f in compared.findings} >= {"名称核心相同"}
    assert found.joined[0].weight is None


def test_the_way_home_is_the_link_along_which_a_row_joined():
    links = [
        RecordLink(left=1, right=2, rule=LinkRule.USCC),
        RecordLink(left=2, right=3, rule=LinkRule.COMPARED),
    ]
    members = {1, 2, 3}
    assert link_towards(links, members, 3) == links[1]
    assert link_towards(links, members, 2) == links[0]
    assert link_towards(links, members, 1) is None
    assert link_towards(links, members, 1, home=3) == links[0]


# Properties.

ROWS = st.lists(
    st.builds(
        dict,
        source=st.sampled_from([MARKET, TAX, HR, MEMBERS]),
        uscc=st.sampled_from(["", "", DAIRY, FORGE, MILL]),
        org_code=st.sampled_from(["", "", DAIRY[8:17], FORGE[8:17]]),
        reg_no=st.sampled_from(["", "", "360721551603806"]),
        batch=st.sampled_from([1, 2, 3]),
        name=st.sampled_from(["", "金禾食品有限公司", "金禾食品有限公司第一分公司", "银杏机械厂"]),
    ),
    min_size=2,
    max_size=7,
)
JUDGED = st.lists(
    st.builds(
        lambda left, right, verdict: JudgedPair(left=left, right=right, verdict=verdict),
        st.integers(1, 7),
        st.integers(1, 7),
        st.sampled_from([Verdict.SAME, Verdict.DIFFERENT]),
    ).filter(lambda one: one.left != one.right),
    max_size=6,
)


def profiles_of(rows):
    return [
        record(number, values["name"], **{k: v for k, v in values.items() if k != "name"})
        for number, values in enumerate(rows, 1)
    ]


PAIRS = st.lists(
    st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(-6, 30)).filter(
        lambda pair: pair[0] < pair[1]
    ),
    max_size=12,
)
DECISION = Decision(threshold=0.0, margin=2.0, doubt=-4.0)


def linked(profiles, judged, drawn):
    """What linking does, with drawn weights in place of the comparison."""
    there = {p.record_id for p in profiles}
    pairs = [
        ComparedPair(left=left, right=right, weight=float(weight), same_name=True)
        for left, right, weight in drawn
        if {left, right} <= there
    ]
    found = link_by_identifiers(profiles, judged)
    verdicts = join_best_first(found.clusters, pairs, DECISION)
    linkage._note_verdicts(found, verdicts)
    return found.result(list_doubtful(found, verdicts, DECISION))


def connected(edges):
    """Groups of whatever the edges connect."""
    groups = []
    for edge in edges:
        touching = [g for g in groups if g & set(edge)]
        groups = [g for g in groups if not g & set(edge)] + [set(edge).union(*touching)]
    return groups


@given(ROWS, JUDGED, PAIRS)
def test_different_always_holds_and_only_people_bring_codes_together(rows, judged, pairs):
    profiles = profiles_of(rows)
    result = linked(profiles, judged, pairs)
    home = {r: cluster for cluster in result.clusters for r in cluster}
    for one in judged:
        if one.verdict is Verdict.DIFFERENT and {one.left, one.right} <= home.keys():
            assert home[one.left] is not home[one.right]
    if agree(judged):
        for one in judged:
            if one.verdict is Verdict.SAME and {one.left, one.right} <= home.keys():
                assert home[one.left] is home[one.right]
    people = connected((j.left, j.right) for j in judged if j.verdict is Verdict.SAME)
    for cluster in result.clusters:
        codes = {p.uscc for p in profiles if p.record_id in cluster and p.uscc}
        codes -= {p.uscc for p in profiles if p.record_id in result.parent_coded} - {
            p.uscc
            for p in profiles
            if p.record_id in cluster and p.record_id not in result.parent_coded
        }
        by_people = [
            {p.uscc for p in profiles if p.record_id in group and p.uscc} for group in people
        ]
        groups = connected([g for g in by_people if g] + [{code} for code in codes])
        assert any(codes <= group for group in groups) or not codes


@given(ROWS, JUDGED, PAIRS, st.randoms())
def test_the_order_of_rows_and_judgements_does_not_matter(rows, judged, pairs, random):
    profiles = profiles_of(rows)
    mixed = linked(
        random.sample(profiles, len(profiles)), random.sample(judged, len(judged)), pairs
    )
    plain = linked(profiles, judged, pairs)
    assert mixed.clusters == plain.clusters
    assert mixed.links == plain.links


@given(ROWS, JUDGED, PAIRS)
def test_joining_again_along_the_links_gives_what_the_linking_gave(rows, judged, pairs):
    profiles = profiles_of(rows)
    full = linked(profiles, judged, pairs)
    again = rejoin(
        [
            JoinedRecord(
                record_id=p.record_id,
                source=p.source,
                uscc=p.uscc,
                is_parents=p.record_id in full.parent_coded,
            )
            for p in profiles
        ],
        full.joined,
        judged,
    )
    assert again.clusters == full.clusters
    assert again.links == full.links

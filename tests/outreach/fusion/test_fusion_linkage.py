from __future__ import annotations

import csv
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.demo.district import write_district
from outreach.domain.issues import IssueKind
from outreach.domain.sources import Source
from outreach.fusion.comparisons import load_model
from outreach.fusion.linkage import LinkRule, Profile, link_records
from outreach.fusion.names import Regions, split_name
from outreach.services.linking.linkfiles import link_files
from outreach.sources.workbooks import Limits

REGIONS = Regions.of("云岭省", "清江市", "东风区")
DAIRY, FORGE, MILL = "91360704000000019B", "91360704MA00000152", "9136070400000006XE"
UNION = "81360704MC0000012X"
MARKET, TAX, HR, MEMBERS = Source.MARKET, Source.TAX, Source.SOCIAL_SECURITY, Source.MEMBERS


def record(number, name="", source=TAX, **codes):
    names = (name,) if isinstance(name, str) else name
    return Profile(
        record_id=number,
        source=source,
        names=tuple(split_name(n, REGIONS) for n in names if n),
        **codes,
    )


def clusters(*profiles):
    return {frozenset(cluster) for cluster in link_records(list(profiles)).clusters}


def together(*profiles):
    return len(clusters(*profiles)) == 1


def rules(*profiles):
    return {n: link.rule for n, link in link_records(list(profiles)).links.items()}


def doubts(*profiles):
    return {(doubt.record_id, doubt.kind) for doubt in link_records(list(profiles)).doubts}


# Identifiers.


def test_without_records_there_is_no_enterprise():
    assert link_records([]).clusters == ()


def test_records_of_one_credit_code_are_one_enterprise_whatever_their_names():
    pair = record(1, "金禾食品有限公司", uscc=DAIRY), record(2, "旧名食品厂", uscc=DAIRY)
    assert together(*pair)
    assert rules(*pair) == {1: LinkRule.USCC, 2: LinkRule.USCC}


def test_two_credit_codes_never_meet_although_everything_else_agrees():
    pair = (
        record(
            1,
            "金禾食品有限公司",
            uscc=DAIRY,
            org_code="742183213",
            reg_no="360721551603806",
            township="白塔镇",
        ),
        record(
            2,
            "金禾食品有限公司",
            uscc=FORGE,
            org_code="742183213",
            reg_no="360721551603806",
            township="白塔镇",
        ),
    )
    assert not together(*pair)


def test_two_credit_codes_never_meet_through_a_third_record():
    three = (
        record(1, uscc=DAIRY, reg_no="1"),
        record(2, reg_no="1", tax_id="2"),
        record(3, uscc=FORGE, tax_id="2"),
    )
    result = clusters(*three)
    assert not any({1, 3} <= cluster for cluster in result)


@pytest.mark.parametrize(
    ("older", "rule"),
    [
        ({"org_code": DAIRY[8:17]}, LinkRule.ORG_CODE),
        ({"tax_id": DAIRY[2:17]}, LinkRule.ORG_CODE),
    ],
)
def test_an_older_code_finds_the_credit_code_that_contains_it(older, rule):
    pair = record(1, uscc=DAIRY), record(2, **older)
    assert together(*pair)
    assert rules(*pair)[2] is rule


def test_a_registration_number_joins_records():
    pair = record(1, reg_no="360721551603806"), record(2, reg_no="360721551603806")
    assert rules(*pair) == {1: LinkRule.REG_NO, 2: LinkRule.REG_NO}


def test_an_older_code_that_two_credit_codes_share_joins_nobody_else():
    three = (
        record(1, uscc=DAIRY, reg_no="1"),
        record(2, uscc=FORGE, reg_no="1"),
        record(3, reg_no="1"),
    )
    assert len(clusters(*three)) == 3
    assert doubts(*three) == {(3, IssueKind.CONFLICTING_CODES)}


# Unions.


def test_a_joint_union_covers_many_firms_and_merges_none():
    firms = [
        record(n, f"{name}有限公司", MEMBERS, union_uscc=UNION, township="白塔镇")
        for n, name in enumerate(["金禾食品", "银杏机械", "青松纺织"], start=1)
    ]
    assert len(clusters(*firms)) == 3


def test_rows_of_one_union_and_one_employer_are_one_enterprise():
    pair = (
        record(1, "金禾食品有限公司工会", MEMBERS, union_uscc=UNION, township="白塔镇"),
        record(2, "金禾食品有限公司", MEMBERS, union_uscc=UNION, township="红桥镇"),
    )
    assert rules(*pair) == {1: LinkRule.UNION_USCC, 2: LinkRule.UNION_USCC}


def test_a_unions_code_in_another_office_joins_nothing():
    """The firm that hosts a joint union's office is not each firm that pays through it."""
    assert not together(record(1, "甲厂", union_uscc=UNION), record(2, "乙厂", union_uscc=UNION))


# Branches.


def test_a_branch_insured_under_its_parents_code_is_not_the_parent():
    head = record(1, "蓝天物流有限公司", MARKET, uscc=DAIRY)
    branch = record(2, "蓝天物流有限公司第一分公司", HR, uscc=DAIRY)
    assert not together(head, branch)
    assert doubts(head, branch) == {(2, IssueKind.PARENT_CODE)}


def test_a_branch_with_its_parents_code_never_joins_another_code():
    """Two codes in one enterprise would be the worst error, even where one is only the parent's."""
    head = record(1, "蓝天物流有限公司", MARKET, uscc=DAIRY)
    own = record(2, "蓝天物流有限公司第一分公司", MARKET, uscc=FORGE, township="白塔镇")
    insured = record(3, "蓝天物流有限公司第一分公司", HR, uscc=DAIRY, township="白塔镇")
    assert len(clusters(head, own, insured)) == 3


def test_a_registered_branch_keeps_its_own_code():
    pair = (
        record(1, "蓝天物流有限公司第一分公司", MARKET, uscc=DAIRY),
        record(2, "蓝天物流有限公司第一分公司", HR, uscc=DAIRY),
    )
    assert together(*pair)
    assert doubts(*pair) == set()


# Names.


def test_a_name_in_its_township_finds_the_only_firm():
    pair = (
        record(1, "清江市金禾食品有限公司", uscc=DAIRY, township="白塔镇"),
        record(2, "金禾食品", township="白塔镇"),
    )
    assert rules(*pair)[2] is LinkRule.NAME_TOWNSHIP


def test_many_records_of_one_name_without_a_code_are_one_enterprise_and_no_rivals():
    rows = [
        record(n, "金禾小吃店", source, township="白塔镇")
        for n, source in enumerate([MARKET, TAX, HR, MEMBERS], 1)
    ]
    assert together(*rows)


def test_two_firms_of_one_name_leave_a_third_record_in_doubt():
    three = (
        record(1, "金禾食品有限公司", uscc=DAIRY, township="白塔镇"),
        record(2, "金禾食品有限公司", uscc=FORGE, township="白塔镇"),
        record(3, "金禾食品有限公司", township="白塔镇"),
    )
    assert len(clusters(*three)) == 3
    assert doubts(*three) == {(3, IssueKind.AMBIGUOUS_MATCH)}


def test_the_township_decides_between_two_firms_of_one_name():
    three = (
        record(1, "金禾食品有限公司", uscc=DAIRY, township="白塔镇"),
        record(2, "金禾食品有限公司", uscc=FORGE, township="红桥镇"),
        record(3, "金禾食品有限公司", township="红桥镇"),
    )
    assert frozenset({2, 3}) in clusters(*three)


def test_a_record_without_township_finds_the_only_firm_of_its_name():
    pair = record(1, "金禾小吃店", uscc=DAIRY, township="白塔镇"), record(2, "金禾小吃店")
    assert rules(*pair)[2] is LinkRule.COMPARED


def test_small_shops_of_one_name_in_two_townships_are_two_shops():
    assert not together(
        record(1, "金禾小吃店", uscc=DAIRY, township="白塔镇"),
        record(2, "金禾小吃店", township="红桥镇"),
    )
    assert not together(
        record(1, "金禾小吃店", township="白塔镇"), record(2, "金禾小吃店", township="红桥镇")
    )


def test_a_company_of_that_name_in_another_township_has_moved():
    pair = (
        record(1, "金禾食品有限公司", uscc=DAIRY, township="白塔镇"),
        record(2, "金禾食品", township="红桥镇"),
    )
    assert rules(*pair)[2] is LinkRule.COMPARED


def test_a_former_name_finds_the_firm():
    pair = (
        record(1, ("金禾食品有限公司", "旧禾食品有限公司"), MARKET, uscc=DAIRY),
        record(2, "旧禾食品有限公司"),
    )
    assert together(*pair)


def test_a_branch_is_never_joined_to_its_parent_by_name():
    assert not together(
        record(1, "蓝天物流有限公司", uscc=DAIRY), record(2, "蓝天物流有限公司第一分公司")
    )


@pytest.mark.parametrize("name", ["", "***"])
def test_records_without_a_usable_name_are_never_joined_by_it(name):
    assert not together(record(1, name, uscc=DAIRY), record(2, name))


def test_a_dead_firm_and_its_successor_in_one_delivery_are_left_to_a_person():
    dead = record(1, "金禾食品有限公司", MARKET, township="白塔镇", batch=7)
    successor = record(2, "金禾食品有限公司", MARKET, uscc=DAIRY, township="白塔镇", batch=7)
    assert not together(dead, successor)
    assert doubts(dead, successor) == {(1, IssueKind.AMBIGUOUS_MATCH)}


def test_the_same_firm_in_two_deliveries_of_a_register_is_one_firm():
    june = record(1, "金禾食品有限公司", MARKET, township="白塔镇", batch=7)
    july = record(2, "金禾食品有限公司", MARKET, uscc=DAIRY, township="白塔镇", batch=8)
    assert together(june, july)


# Visits.


def test_a_visit_stays_with_the_firm_that_was_visited():
    firm = record(1, "金禾食品有限公司", uscc=DAIRY)
    visit = Profile(record_id=2, source=Source.VISIT, visited_record=1)
    assert rules(firm, visit) == {1: LinkRule.ALONE, 2: LinkRule.VISITED}


def test_a_visit_whose_firm_is_gone_stands_alone():
    assert rules(Profile(record_id=2, source=Source.VISIT, visited_record=99)) == {
        2: LinkRule.ALONE
    }


# Properties.

PROFILES = st.lists(
    st.builds(
        dict,
        source=st.sampled_from([MARKET, TAX, HR, MEMBERS]),
        uscc=st.sampled_from(["", "", DAIRY, FORGE, MILL]),
        org_code=st.sampled_from(["", "", "", DAIRY[8:17], FORGE[8:17]]),
        tax_id=st.sampled_from(["", "", "", FORGE[2:17], MILL[2:17]]),
        reg_no=st.sampled_from(["", "", "360721551603806"]),
        union_uscc=st.sampled_from(["", UNION]),
        name=st.sampled_from(
            ["", "金禾食品有限公司", "金禾食品", "金禾食品有限公司第一分公司", "银杏机械厂"]
        ),
        township=st.sampled_from(["", "白塔镇", "红桥镇"]),
        batch=st.sampled_from([None, 1, 2]),
    ),
    max_size=9,
).map(lambda rows: [record(n, row.pop("name"), **row) for n, row in enumerate(rows, 1)])


@settings(deadline=None, max_examples=15)
@given(PROFILES, st.randoms())
def test_linking_does_not_depend_on_the_order_of_the_records(profiles, random):
    shuffled = random.sample(profiles, len(profiles))
    first, second = link_records(profiles), link_records(shuffled)
    assert first == second


@settings(deadline=None, max_examples=15)
@given(PROFILES)
def test_no_enterprise_ever_holds_two_credit_codes(profiles):
    carried = {profile.record_id: profile.uscc for profile in profiles}
    for cluster in link_records(profiles).clusters:
        assert len({carried[number] for number in cluster} - {""}) <= 1


@settings(deadline=None, max_examples=15)
@given(PROFILES)
def test_every_record_is_in_exactly_one_enterprise_and_has_one_reason(profiles):
    linkage = link_records(profiles)
    counted = Counter(number for cluster in linkage.clusters for number in cluster)
    numbers = {profile.record_id for profile in profiles}
    assert counted == Counter(numbers)
    assert set(linkage.links) == numbers
    assert {doubt.record_id for doubt in linkage.doubts} <= numbers


def test_every_rule_has_its_label():
    assert len({rule.label for rule in LinkRule}) == len(LinkRule)


# Comparison.


def rows_of_two(**second):
    """A registered firm, and a tax row of the same name in another township without a code."""
    first = record(
        1, "金禾食品", MARKET, uscc=DAIRY, township="白塔镇", person="王一", phone="13800000001"
    )
    return first, record(2, "金禾食品", township="红桥镇", **second)


def weight(*profiles):
    return link_records(list(profiles)).links[2].weight


def test_absent_values_and_another_phone_are_no_evidence():
    firm = record(1, "金禾食品", MARKET, uscc=DAIRY, person="王一", phone="13800000001")
    absent = weight(firm, record(2, "金禾食品"))
    assert absent is not None
    assert weight(firm, record(2, "金禾食品", phone="13800000002")) == absent
    assert weight(firm, record(2, "金禾食品", MEMBERS, chair="李二")) == absent
    assert weight(firm, record(2, "金禾食品", phone="13800000001")) > absent
    assert weight(firm, record(2, "金禾食品", MEMBERS, chair="王一")) > absent


def test_a_shop_elsewhere_is_the_same_one_when_owner_and_phone_agree():
    assert not together(*rows_of_two())
    assert together(*rows_of_two(person="王一", phone="13800000001"))


def test_a_compared_link_keeps_its_weight_and_its_reasons_in_words():
    link = link_records(list(rows_of_two(person="王一", phone="13800000001"))).links[2]
    assert link.rule is LinkRule.COMPARED
    assert link.weight > 0
    assert {"名称核心相同", "法定代表人相同", "电话相同"} <= set(link.evidence.split("、"))


def test_a_misspelt_name_finds_its_firm_when_the_owner_agrees():
    firm = record(1, "金禾食品有限公司", MARKET, uscc=DAIRY, person="王一")
    assert together(firm, record(2, "金和食品有限公司", person="王一"))


def test_a_branch_stays_apart_from_its_parent_although_owner_and_phone_agree():
    values = {"person": "王一", "phone": "13800000001", "township": "白塔镇"}
    head = record(1, "蓝天物流有限公司", MARKET, uscc=DAIRY, **values)
    assert not together(head, record(2, "蓝天物流有限公司红桥分公司", **values))


def test_covered_firms_of_a_joint_union_join_their_own_firms_only():
    shared = {"union_uscc": "", "township": "白塔镇", "joint": True}
    firms = [
        record(n, f"{name}有限公司", MARKET, township="白塔镇", uscc=code)
        for n, (name, code) in enumerate([("金禾食品", DAIRY), ("银杏机械", FORGE)], 1)
    ]
    covered = [
        record(n, f"{name}有限公司", MEMBERS, **shared)
        for n, name in enumerate(["金禾食品", "银杏机械"], 3)
    ]
    assert clusters(*firms, *covered) == {frozenset({1, 3}), frozenset({2, 4})}


def test_the_reviewed_model_names_every_finding_and_has_a_version():
    model = load_model()
    labels = [level.label for c in model.comparisons for level in c.levels]
    assert len(labels) == len(set(labels))
    assert model.version >= 1
    for comparison in model.comparisons:
        told = [level for level in comparison.levels if level.kind != "null"]
        assert [comparison.label(n) for n in range(len(told))] == [x.label for x in told[::-1]]
        assert comparison.label(-1) == ""


# A district.


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    folder = tmp_path_factory.mktemp("district")
    write_district(folder, seed=5, entities=1500)
    return folder


def pairs_of(counts):
    return sum(n * (n - 1) // 2 for n in counts.values())


def test_a_small_district_is_linked_well_and_twice_alike(district):
    files = [district / n for n in ("market.xlsx", "hr.xlsx", "union.xlsx", "tax.csv", "civil.csv")]
    links = link_files(files, limits=Limits())
    assert links == link_files(files, limits=Limits())
    with (district / "truth.csv").open(encoding="utf-8") as file:
        truth = {(row["file"], int(row["row"])): row["entity"] for row in csv.DictReader(file)}
    assert {(link.file, link.row) for link in links} == set(truth)
    both = Counter((truth[link.file, link.row], link.enterprise_id) for link in links)
    hit = pairs_of(both)
    assert hit / pairs_of(Counter(link.enterprise_id for link in links)) >= 0.99
    assert hit / pairs_of(Counter(truth.values())) >= 0.97

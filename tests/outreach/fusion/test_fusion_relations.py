from __future__ import annotations

from outreach.domain.judgements import RelationKind
from outreach.domain.sources import Source
from outreach.domain.statements import Prop, Statement
from outreach.fusion.linkage import Profile
from outreach.fusion.links import Linkage
from outreach.fusion.names import Regions, split_name
from outreach.fusion.relations import find_relations

REGIONS = Regions.of("云岭省", "清江市", "东风区")
DAIRY, FORGE = "91360704000000019B", "91360704MA00000152"
MARKET, HR, MEMBERS = Source.MARKET, Source.SOCIAL_SECURITY, Source.MEMBERS


def row(number, name, source=MARKET, said=None, **known):
    profile = Profile(record_id=number, source=source, names=(split_name(name, REGIONS),), **known)
    words = {Prop.NAME: name, Prop.USCC: known.get("uscc", ""), **(said or {})}
    return profile, [
        Statement(prop=prop, value=value, raw=value, source=source, as_of=None, record_id=number)
        for prop, value in words.items()
        if value
    ]


def relations(*rows, parents=()):
    linkage = Linkage(
        clusters=tuple((profile.record_id,) for profile, _ in rows),
        links={},
        doubts=(),
        parent_coded=frozenset(parents),
    )
    said = {profile.record_id: words for profile, words in rows}
    return {
        (one.kind, one.cluster, one.other if one.other is not None else one.union_key)
        for one in find_relations(linkage, [profile for profile, _ in rows], said)
    }


BRANCH, SUCCESSOR = RelationKind.BRANCH_OF, RelationKind.SUCCESSOR_OF
HEAD = row(1, "蓝天物流有限公司", uscc=DAIRY)


def test_a_branch_says_its_parent_by_its_name():
    branch = row(2, "蓝天物流有限公司第一分公司", uscc=FORGE)
    assert relations(HEAD, branch) == {(BRANCH, 1, 0)}


def test_a_branch_says_its_parent_by_the_parents_code_though_two_bear_the_name():
    namesake = row(2, "蓝天物流有限公司", uscc=FORGE)
    branch = row(3, "蓝天物流有限公司第一分公司", HR, said={Prop.USCC: DAIRY})
    assert relations(HEAD, namesake, branch, parents=[3]) == {(BRANCH, 2, 0)}


def test_a_branch_of_a_name_that_two_firms_bear_has_no_known_parent():
    namesake = row(2, "蓝天物流有限公司", uscc=FORGE)
    branch = row(3, "蓝天物流有限公司第一分公司")
    assert relations(HEAD, namesake, branch) == set()


def firm(number, founded, *, ended=False, person="王一"):
    return row(
        number,
        "金禾食品有限公司",
        said={Prop.FOUNDED_ON: founded},
        person=person,
        status="cancelled" if ended else "active",
    )


def test_a_firm_of_the_same_owner_and_name_founded_after_the_other_ended_succeeds_it():
    rows = firm(1, "2015-01-01", ended=True), firm(2, "2020-01-01")
    assert relations(*rows) == {(SUCCESSOR, 1, 0)}


def test_a_firm_that_still_lives_or_belongs_to_somebody_else_has_no_successor():
    assert relations(firm(1, "2015-01-01"), firm(2, "2020-01-01")) == set()
    other = firm(2, "2020-01-01", person="李二")
    assert relations(firm(1, "2015-01-01", ended=True), other) == set()


def test_two_firms_founded_on_one_day_do_not_succeed_each_other():
    assert relations(firm(1, "2015-01-01", ended=True), firm(2, "2015-01-01")) == set()


def test_a_joint_union_covers_each_of_its_firms_and_is_known_by_its_code_or_name():
    code = {Prop.UNION_USCC: "81360704MC0000012X", Prop.UNION_NAME: "白塔镇联合工会"}
    rows = [
        row(n, f"{name}有限公司", MEMBERS, said=words, joint=True)
        for n, (name, words) in enumerate(
            [("金禾", code), ("银杏", code), ("青松", {Prop.UNION_NAME: "红桥联合工会"})], 1
        )
    ]
    assert relations(*rows) == {
        (RelationKind.UNION_COVERS, 0, "81360704MC0000012X"),
        (RelationKind.UNION_COVERS, 1, "81360704MC0000012X"),
        (RelationKind.UNION_COVERS, 2, "红桥联合工会"),
    }

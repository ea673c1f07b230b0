from __future__ import annotations

import pytest

from outreach.domain.sources import Source
from outreach.domain.statements import Prop, Statement
from outreach.fusion.profiles import ProfileMaker, learn_townships, tidy_person, tidy_phone

ADDRESSES = [
    f"云岭省清江市东风区{town}幸福路{n}号" for town in ("白塔镇", "红桥乡") for n in range(9)
]
MAKER = ProfileMaker.of(ADDRESSES)


def made(source=Source.TAX, **values):
    statements = [
        Statement(prop=Prop[prop], value=value, raw=value, source=source, as_of=None)
        for prop, value in values.items()
    ]
    return MAKER.make(1, statements, source=source)


def test_townships_are_learned_from_the_districts_own_addresses():
    assert learn_townships([*ADDRESSES, "东风区误写镇1号"]) == ["白塔镇", "红桥乡"]


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("云岭省清江市东风区白塔镇幸福路3号", ("白塔镇", "幸福路3")),
        ("清江市东风区幸福路3号(集群注册)", ("", "幸福路3")),
        ("白塔镇锦绣里5幢2-9室", ("白塔镇", "锦绣里5栋29")),
        ("东风区白塔镇", ("白塔镇", "")),
        ("东风区城区", ("", "")),
        ("", ("", "")),
    ],
)
def test_an_address_is_its_township_and_what_stands_behind_it(address, parts):
    assert MAKER.split_address(address) == parts


def test_present_names_come_before_former_ones_and_each_once():
    profile = made(FORMER_NAME="旧禾食品有限公司", NAME="金禾食品有限公司")
    assert [name.core for name in profile.names] == ["金禾食品", "旧禾食品"]


def test_the_township_before_a_small_shops_name_is_no_part_of_it():
    assert made(NAME="东风区白塔镇金禾小吃店").names[0].core == "金禾小吃店"
    assert made(NAME="白塔镇商会").names[0].core == "白塔镇商会"


def test_a_joint_unions_code_chair_and_phone_are_nobodys_own():
    values = {"UNION_USCC": "81360704MC0000012X", "UNION_CHAIR": "张三", "PHONE": "13800000001"}
    own = made(Source.MEMBERS, **values)
    joint = made(Source.MEMBERS, **values, UNION_STATUS="joint")
    assert (own.union_uscc, own.chair, own.phone) == tuple(values.values())
    assert (joint.union_uscc, joint.chair, joint.phone, joint.joint) == ("", "", "", True)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("138 0000 0001", "13800000001"),
        ("+86-13800000001", "13800000001"),
        ("0797-4441234/13800000001", "07974441234"),
        ("00000000", ""),
        ("12345", ""),
        ("无", ""),
    ],
)
def test_a_phone_is_its_digits_or_nothing(text, phone):
    assert tidy_phone(text) == phone


@pytest.mark.parametrize(("text", "person"), [("张 三", "张三"), ("张*", ""), ("张", "")])
def test_a_masked_name_is_no_person(text, person):
    assert tidy_person(text) == person

from __future__ import annotations

import pytest

from outreach.fusion.names import Regions, simplified, split_name, tidy_name

REGIONS = Regions.of("云岭省", "清江市", "东风区")


@pytest.mark.parametrize(
    ("traditional", "simple"),
    [
        ("匯豐嶽麓", "汇丰岳麓"),
        ("華潤鐘錶眼鏡", "华润钟表眼镜"),
        ("衆鑫臺灣餐飲", "众鑫台湾餐饮"),
        ("鹽埕蠔豉", "盐埕蚝豉"),
        ("龍鳳呈祥", "龙凤呈祥"),
    ],
)
def test_traditional_characters_are_folded(traditional, simple):
    assert tidy_name(traditional) == tidy_name(simple) == simple


def test_no_folded_character_is_folded_again():
    table = simplified()
    assert len(table) > 3000
    assert not {ord(new) for new in table.values()} & table.keys()


@pytest.mark.parametrize(
    "form",
    [
        "有限公司司",
        "有限公饲",
        "有限供司",
        "有限司公",
        "有限司",
        "有限公",
        "□限公司",
        "友限公司",
        "限有公司",
        "有现公司",
    ],
)
def test_a_form_with_one_wrong_character_is_still_the_form(form):
    parts = split_name(f"清江市金禾食品{form}", REGIONS)
    assert (parts.core, parts.form) == ("金禾食品", "有限公司")


@pytest.mark.parametrize("name", ["国有公司", "拥有公司", "金有为公司", "金穗司法", "公有资产管理"])
def test_a_name_that_only_resembles_the_form_keeps_its_characters(name):
    assert split_name(name, REGIONS).core == name.removesuffix("公司")


def test_a_branch_is_known_behind_a_mistyped_form():
    parts = split_name("清江市金禾食品有限供司白塔分公司", REGIONS)
    assert (parts.core, parts.branch) == ("金禾食品", "白塔分公司")

from __future__ import annotations

import pytest

from outreach.domain.enterprises import Industry
from outreach.domain.industries import classify_industry
from outreach.domain.industry_sections import section_of


@pytest.mark.parametrize(
    ("code", "industry"),
    [
        ("A", Industry.FARM),
        ("05", Industry.FARM),
        ("06", Industry.MANUFACTURE),
        ("C", Industry.MANUFACTURE),
        ("43", Industry.MANUFACTURE),
        ("46", Industry.MANUFACTURE),
        ("47", Industry.CONSTRUCTION),
        ("5225", Industry.RETAIL),
        ("53", Industry.COURIER),
        ("60", Industry.COURIER),
        ("61", Industry.HOTEL),
        ("62", Industry.RESTAURANT),
        ("H62", Industry.RESTAURANT),
        ("63", Industry.OFFICE),
        ("7011", Industry.OFFICE),
        ("83", Industry.SCHOOL),
        ("84", Industry.CLINIC),
        ("85", Industry.CLINIC),
        ("86", Industry.OFFICE),
        ("97", Industry.OFFICE),
        ("c", Industry.MANUFACTURE),
        ("Ｐ", Industry.SCHOOL),
        ("I6510", Industry.OFFICE),
    ],
)
def test_a_code_of_the_national_list_decides(code, industry):
    assert classify_industry(code=code, name="") is industry


@pytest.mark.parametrize("code", ["", "0000", "Z", "H", "未分类"])
def test_where_the_code_says_nothing_the_name_decides(code):
    assert classify_industry(code=code, name="东风幼儿园") is Industry.SCHOOL


@pytest.mark.parametrize(
    ("word", "industry"),
    [
        ("其他机械设备及电子产品批发", Industry.RETAIL),
        ("批发和零售业", Industry.RETAIL),
        ("农、林、牧、渔业", Industry.FARM),
        ("制造业", Industry.MANUFACTURE),
        ("采矿业", Industry.MANUFACTURE),
        ("建筑业", Industry.CONSTRUCTION),
        ("交通运输、仓储和邮政业", Industry.COURIER),
        ("教育", Industry.SCHOOL),
        ("卫生和社会工作", Industry.CLINIC),
    ],
)
def test_a_class_written_out_decides_like_its_code(word, industry):
    assert classify_industry(code=word, name="") is industry


@pytest.mark.parametrize(
    ("name", "industry"),
    [
        ("东风大酒店", Industry.HOTEL),
        ("东风小吃店", Industry.RESTAURANT),
        ("东风快递有限公司", Industry.COURIER),
        ("东风服装厂", Industry.MANUFACTURE),
        ("东风便利店", Industry.RETAIL),
        ("东风养老院", Industry.CLINIC),
        ("东风装饰工程有限公司", Industry.CONSTRUCTION),
        ("东风农民专业合作社", Industry.FARM),
        ("东风有限公司", Industry.OFFICE),
    ],
)
def test_a_name_tells_its_line_of_business(name, industry):
    assert classify_industry(code="", name=name) is industry


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("L", "租赁和商务服务业"),
        ("C2710", "制造业"),
        ("2710", ""),
        ("", ""),
        ("LTD", ""),
        ("Z", ""),
    ],
)
def test_a_letter_of_a_section_has_its_name(code, name):
    assert section_of(code) == name

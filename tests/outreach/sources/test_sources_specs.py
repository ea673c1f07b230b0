from __future__ import annotations

import pytest

from outreach.domain.enterprises import OperatingState
from outreach.domain.sources import Source
from outreach.sources.specs import all_specs, header_key, load_spec

SPEC = """
source = "market"
version = 1
telling = ["登记状态"]
required = ["name"]
[columns]
name = ["企业名称"]
status = ["登记状态"]
[status]
active = ["存续"]
"""


def test_each_register_has_one_spec():
    assert [spec.source for spec in all_specs()] == [
        Source.CIVIL_AFFAIRS,
        Source("housing_fund"),
        Source.MARKET,
        Source.MEMBERS,
        Source.SOCIAL_SECURITY,
        Source.TAX,
    ]


@pytest.mark.parametrize("spec", all_specs(), ids=lambda spec: spec.source)
def test_a_spec_refers_only_to_columns_that_it_has(spec):
    columns = set(spec.columns.values())
    assert set(spec.required) | set(spec.expect) | set(spec.lookups) <= columns
    assert spec.telling <= set(spec.columns)
    assert set(spec.lookups.get("status", {}).values()) <= set(OperatingState)


@pytest.mark.parametrize(
    ("source", "word", "state"),
    [
        (Source.MARKET, "K", "active"),
        (Source.MARKET, "Q", "moving_out"),
        (Source.MARKET, "X", "cancelling"),
        (Source.MARKET, "Z", "suspended"),
        (Source.MARKET, "D", "revoked"),
        (Source.MARKET, "DA", "revoked"),
        (Source.MARKET, "C", "dissolved"),
        (Source.MARKET, "存续（在营、开业、在册）", "active"),
        (Source.TAX, "03", "active"),
        (Source.TAX, "非正常户", "suspended"),
        (Source.CIVIL_AFFAIRS, "撤销", "dissolved"),
        (Source.SOCIAL_SECURITY, "暂停参保", "suspended"),
    ],
)
def test_the_words_of_each_office_have_their_meaning(source, word, state):
    spec = next(spec for spec in all_specs() if spec.source is source)
    assert spec.lookups["status"][header_key(word)] == state


def test_a_header_is_compared_without_blanks_width_case_and_required_marks():
    assert header_key("*企业 名称：") == header_key("企业名称")
    assert header_key("uni_ social_crd_ cd") == "uni_social_crd_cd"
    assert header_key("住所（登记）") == header_key("住所(登记)")
    assert header_key("\ufeffＺＣＨ") == "zch"


def test_a_spec_is_read_from_its_text():
    spec = load_spec(SPEC)
    assert spec.columns == {
        "name": "name",
        "企业名称": "name",
        "status": "status",
        "登记状态": "status",
    }
    assert spec.lookups == {"status": {"active": "active", "存续": "active"}}
    assert spec.usual_header("name") == "企业名称"
    assert spec.usual_header("phone") == "phone"


def test_one_header_claimed_by_two_columns_is_refused():
    with pytest.raises(ValueError, match="claimed by name and status"):
        load_spec(SPEC.replace('["登记状态"]\n[status]', '["登记状态", "企业名称"]\n[status]'))


def test_a_spec_without_its_tables_is_refused():
    with pytest.raises(KeyError, match="columns"):
        load_spec('source = "market"')

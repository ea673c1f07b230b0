"""The dirt in the five registers, in rough bounds."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from outreach.demo import write_district
from outreach.demo.identifiers import is_uscc, organisation_check, registration_check
from tests.outreach.demo.conftest import District

if TYPE_CHECKING:
    from pathlib import Path

CODES = {
    "market.xlsx": "统一社会信用代码",
    "hr.xlsx": "统一社会信用代码",
    "union.xlsx": "单位统一社会信用代码",
    "tax.csv": "社会信用代码",
    "civil.csv": "统一社会信用代码",
}
NAMES = {
    "market.xlsx": "企业名称",
    "hr.xlsx": "参保单位名称",
    "union.xlsx": "单位/工会名称",
    "tax.csv": "纳税人名称",
    "civil.csv": "社会组织名称",
}


def share(rows: list[dict[str, Any]], test: Any) -> float:
    return sum(bool(test(row)) for row in rows) / len(rows)


def entities_of(district: District) -> dict[tuple[str, int], str]:
    with district.files.truth.open(encoding="utf-8", newline="") as file:
        return {(row["file"], int(row["row"])): row["entity"] for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("market.xlsx", 0.005, 0.03),
        ("hr.xlsx", 0.18, 0.28),
        ("union.xlsx", 0.4, 0.56),
        ("tax.csv", 0.16, 0.24),
        ("civil.csv", 0.04, 0.2),
    ],
)
def test_codes_are_missing_as_often_as_in_each_office(
    town: District, name: str, low: float, high: float
):
    assert low < share(town.records(name), lambda row: not row[CODES[name]]) < high


@pytest.mark.parametrize("name", ["market.xlsx", "hr.xlsx", "tax.csv"])
def test_few_codes_are_spoilt_and_the_others_are_right(town: District, name: str):
    codes = [row[CODES[name]] for row in town.records(name) if row[CODES[name]]]
    spoilt = [code for code in codes if not is_uscc(code)]
    assert 0 < len(spoilt) < 0.02 * len(codes)
    repaired = [
        code for code in spoilt if is_uscc(unicodedata.normalize("NFKC", code).replace("-", ""))
    ]
    assert len(repaired) < len(spoilt)


def test_two_bodies_share_a_valid_code_only_as_branch_and_parent(town: District):
    entities = entities_of(town)
    owners: dict[str, dict[str, list[str]]] = {}
    for name, column in CODES.items():
        first = 3 if name.endswith(".xlsx") else 2
        for line, row in enumerate(town.records(name), start=first):
            code = row[column]
            if code and is_uscc(code):
                who = owners.setdefault(code, {})
                who.setdefault(entities[name, line], []).append(f"{name}:{row[NAMES[name]]}")
    shared = {code: who for code, who in owners.items() if len(who) > 1}
    assert shared
    for who in shared.values():
        branches = [names for names in who.values() if all("hr.xlsx" in name for name in names)]
        assert len(branches) >= len(who) - 1
    written = [name for who in shared.values() for names in who.values() for name in names]
    tails = sum(bool(re.search("司.*(分公司|店|部)", name)) for name in written)
    assert tails >= 0.9 * len(shared)


def test_the_unions_own_code_stands_in_the_employers_column(town: District):
    rows = town.records("union.xlsx")
    own = share(rows, lambda row: (row["单位统一社会信用代码"] or "").startswith("81"))
    assert 0.08 < own < 0.22
    assert all(
        code[:2] == "81" for row in rows if is_uscc(code := row["工会统一社会信用代码"] or "")
    )


def test_a_joint_union_has_one_row_for_each_small_firm_that_it_covers(town: District):
    rows = [row for row in town.records("union.xlsx") if row["工会类型"] == "联合基层工会"]
    sizes = Counter(row["工会名称"] for row in rows)
    assert len(sizes) == town.files.counts["joint_unions"] > 5
    assert all(3 <= size <= 9 for size in sizes.values())
    chairs = {(row["工会名称"], row["工会主席"], row["联系电话"]) for row in rows}
    assert len(chairs) == len(sizes)


def test_about_one_firm_in_eight_has_a_union(town: District):
    with town.files.entities.open(encoding="utf-8", newline="") as file:
        entities = list(csv.DictReader(file))
    assert 0.09 < share(entities, lambda row: row["has_union"] == "1") < 0.15
    assert 0.06 < share(entities, lambda row: int(row["employees"]) > 25) < 0.11
    assert share(entities, lambda row: int(row["employees"]) <= 10) > 0.7
    assert max(int(row["employees"]) for row in entities) > 1000
    assert 0.8 < share(entities, lambda row: row["status"] == "存续") < 0.88


def test_union_names_end_in_the_usual_words(town: District):
    rows = [row for row in town.records("union.xlsx") if row["工会类型"] == "独立基层工会"]
    ends = Counter(
        match.group()
        for row in rows
        if (match := re.search("(基层|联合)?工会(委员会|联合会)?$", row["单位/工会名称"] or ""))
    )
    assert set(ends) >= {"工会", "工会委员会", "基层工会委员会", "工会联合会"}
    assert 0.55 < ends.total() / len(rows) < 0.75


def test_some_rows_are_unreadable_and_some_bodies_stand_twice(town: District):
    unreadable = [
        row
        for name in NAMES
        for row in town.records(name)
        if not row[NAMES[name]] and not row[CODES[name]]
    ]
    assert 4 <= len(unreadable) <= 12
    entities = entities_of(town)
    twice = Counter(Counter((file, entity) for (file, _), entity in entities.items()).values())
    assert twice[2] > 100
    assert max(twice) == 2


def test_old_tax_numbers_come_in_both_kinds(town: District):
    numbers = [row["原税号"] for row in town.records("tax.csv") if row["原税号"]]
    short = [number for number in numbers if len(number) == 15]
    personal = [number for number in numbers if len(number) == 20]
    assert len(short) + len(personal) == len(numbers)
    assert short
    assert personal
    assert all(organisation_check(number[6:14]) == number[14] for number in short)
    assert all(number.startswith("999999") for number in personal)


def test_registration_numbers_are_right_and_some_are_numeric_cells(town: District):
    numbers = [row["注册号"] for row in town.records("market.xlsx") if row["注册号"]]
    assert any(isinstance(number, int) for number in numbers)
    assert all(registration_check(str(number)[:14]) == str(number)[14] for number in numbers)


def test_insurance_rows_without_a_credit_code_may_carry_the_organisation_code(town: District):
    codes = [row["组织机构代码"] for row in town.records("hr.xlsx") if row["组织机构代码"]]
    plain = [code.replace("-", "") for code in codes]
    assert all(organisation_check(code[:8]) == code[8] for code in plain)
    assert 0 < sum("-" in code for code in codes) < len(codes)


def test_one_address_in_twenty_names_no_place_of_the_gazetteer(town: District):
    names = {place["地名"] for place in town.records("gazetteer.csv")}
    names -= {place["所属镇街"] for place in town.records("gazetteer.csv")}
    unplaced = share(
        town.records("market.xlsx"), lambda row: not any(name in row["住所"] for name in names)
    )
    assert 0.025 < unplaced < 0.07


def test_agency_phones_stand_for_many_firms_and_no_phone_is_of_a_real_range(town: District):
    phones = Counter(row["联系电话"] for row in town.records("market.xlsx") if row["联系电话"])
    assert phones.most_common(1)[0][1] > 3
    assert all(re.fullmatch(r"1(54|64|68|69|79)\d{8}", phone) for phone in phones)


def test_names_differ_most_in_the_union_register(town: District):
    known = {row["企业名称"] for row in town.records("market.xlsx")}
    same = {
        name: share(town.records(name), lambda row, name=name: row[NAMES[name]] in known)
        for name in ("hr.xlsx", "tax.csv", "union.xlsx")
    }
    assert same["tax.csv"] > same["hr.xlsx"] > same["union.xlsx"]
    assert 0.15 < same["union.xlsx"] < 0.45
    assert 0.8 < same["tax.csv"] < 0.92


def test_founding_dates_are_written_in_three_ways(town: District):
    forms = Counter(
        re.sub(r"\d+", "9", row["成立日期"]) + ("" if len(row["成立日期"]) >= 10 else " short")
        for row in town.records("market.xlsx")
    )
    assert {"9-9-9", "9-9-9 short", "9-9-9 9:9:9"} <= set(forms)


def test_dates_lie_before_the_demo_week(town: District):
    assert max(row["数据日期"] for row in town.records("market.xlsx")) == "2026-10-31"
    months = {row["费款所属期"] for row in town.records("hr.xlsx")}
    assert max(months) in {"202609", "202610"}


def test_more_dirt_spoils_more_and_none_spoils_nothing(tmp_path: Path, town: District):
    def spoilt(folder: Path, dirt: float) -> tuple[int, int]:
        own = District(write_district(folder, entities=1500, dirt=dirt))
        codes = [row["统一社会信用代码"] for row in own.records("hr.xlsx")]
        names = [row["参保单位名称"] for row in own.records("hr.xlsx")]
        spaces = sum(name is None or name != re.sub(r"\s", "", name) for name in names)
        return sum(bool(code) and not is_uscc(code) for code in codes), spaces

    clean, usual, hard = (spoilt(tmp_path / str(dirt), dirt) for dirt in (0.0, 1.0, 3.0))
    assert clean == (0, 0)
    assert usual[1] < hard[1]
    assert usual[0] <= hard[0]

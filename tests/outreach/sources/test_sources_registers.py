from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path

import made_up_files as made
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.domain.issues import IssueKind
from outreach.domain.sources import Source
from outreach.domain.statements import Prop
from outreach.errors import FileRefused
from outreach.sources.registers import read_register

PERSON = "110101199003074514"
CODE = made.DAIRY[0]


@pytest.fixture
def receive(tmp_path):
    """Write a register and read it: rows of texts as csv, bytes as they are."""

    def put(*rows, **choices):
        path = tmp_path / "received.csv"
        text = made.csv_text(*rows) if isinstance(rows[0], list) else rows[0]
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_register(path, **choices)

    return put


def market(*rows):
    return [made.MARKET_HEADER, *rows]


def dairy(**cells):
    """The dairy's row of the market register with some cells replaced, by header."""
    return [
        cells.get(header, text) for header, text in zip(made.MARKET_HEADER, made.DAIRY, strict=True)
    ]


def said(record):
    found = {}
    for statement in record.statements:
        found.setdefault(statement.prop, []).append(statement.value)
    return found


def troubles(record):
    return [(issue.kind, issue.row, issue.column, issue.value) for issue in record.issues]


def file_troubles(register):
    return [(issue.kind, issue.row, issue.column, issue.value) for issue in register.issues]


# What a clean file gives.


def test_a_register_is_recognised_and_every_row_becomes_statements_with_their_day(receive):
    register = receive(*market(made.DAIRY, made.FORGE))
    assert (register.source, register.header_row, register.as_of) == (
        Source.MARKET,
        1,
        date(2026, 6, 30),
    )
    assert [record.row for record in register.records] == [2, 3]
    assert said(register.records[0]) == {
        Prop.USCC: [CODE],
        Prop.NAME: ["东风乳品有限公司"],
        Prop.LEGAL_REP: ["王小明"],
        Prop.PHONE: ["100"],
        Prop.ADDRESS: ["东风镇幸福路1号"],
        Prop.STATUS: ["active"],
        Prop.HEADCOUNT: ["35"],
    }
    assert {s.as_of for s in register.records[0].statements} == {date(2026, 5, 31)}
    assert {s.source for s in register.records[0].statements} == {Source.MARKET}


def test_the_raw_row_is_kept_as_received(receive):
    (record,) = receive(*market(dairy(企业名称="  东风乳品 ", 从业人数="约35人"))).records
    assert record.raw["企业名称"] == "  东风乳品 "
    assert record.raw["从业人数"] == "约35人"


def test_a_file_is_known_by_the_digest_and_size_of_its_bytes(receive):
    content = made.csv_text(*market(made.DAIRY)).encode("gb18030")
    register = receive(content)
    assert register.sha256 == hashlib.sha256(content).hexdigest()
    assert (register.size_bytes, register.encoding) == (len(content), "gb18030")


def test_the_same_register_says_the_same_as_csv_xlsx_and_xls(receive):
    rows = market(made.DAIRY, made.FORGE)
    first, *others = (
        [(record.row, record.statements, record.issues) for record in receive(*sent).records]
        for sent in (rows, [made.xlsx_bytes(("一", rows))], [made.xls_bytes(rows)])
    )
    assert others == [first, first]


# Finding the header.


def test_the_header_is_found_under_title_rows_and_rows_count_as_a_person_counts(receive):
    register = receive(["市场主体登记表"], ["单位:区局"], [], *market(made.DAIRY, [], made.FORGE))
    assert register.header_row == 4
    assert [record.row for record in register.records] == [5, 7]


@pytest.mark.parametrize(("titles", "found"), [(29, True), (30, False)])
def test_the_header_stands_among_the_first_30_lines(receive, titles, found):
    rows = [["说明"]] * titles + market(made.DAIRY)
    if found:
        assert receive(*rows).header_row == titles + 1
    else:
        with pytest.raises(FileRefused, match="前 30 行里没有认得的表头"):
            receive(*rows)


def test_headers_are_known_through_blanks_width_case_and_required_marks(receive):
    register = receive(
        ["*企 业 名 称：", "住所（登记、个体户经营场所）", "ＺＣＨ", "opt_ stat"],
        ["东风乳品", "东风镇", "", "K"],
    )
    assert said(register.records[0]) == {
        Prop.NAME: ["东风乳品"],
        Prop.ADDRESS: ["东风镇"],
        Prop.STATUS: ["active"],
    }


def test_a_row_without_its_own_day_has_the_day_of_the_title(receive):
    header, row = made.MARKET_HEADER[:-1], made.DAIRY[:-1]
    assert receive(["数据截止2026年5月"], header, row).as_of == date(2026, 5, 31)
    assert receive(["2026年5月31日导出,期间2026-1-1"], header, row).as_of is None
    assert receive(["2026年13月"], header, row).as_of is None


@pytest.mark.parametrize(
    ("source", "headers"),
    [
        (Source.MARKET, ["企业名称", "登记状态", "住所"]),
        (Source.SOCIAL_SECURITY, ["单位编号", "单位名称", "参保人数"]),
        (Source.TAX, ["纳税人识别号", "纳税人名称", "纳税人状态"]),
        (Source.CIVIL_AFFAIRS, ["社会组织名称", "业务主管单位", "住所"]),
        (Source.MEMBERS, ["工会名称", "所在单位", "工会主席"]),
        (Source.MEMBERS, ["工会名称", "建会时间", "工会主席"]),
    ],
)
def test_each_office_is_recognised_by_headers_that_no_other_uses(receive, source, headers):
    assert receive(headers, ["甲公司"] * 3).source is source


@pytest.mark.parametrize(
    "headers",
    [["姓名", "年龄", "爱好"], ["企业名称", "登记状态", "爱好"], ["名称", "联系电话", "住所"]],
)
def test_a_table_whose_headers_no_spec_knows_is_refused(receive, headers):
    with pytest.raises(FileRefused, match="不像任何一种登记表"):
        receive(headers, ["甲", "乙", "丙"])


def test_a_file_that_two_specs_fit_is_refused_until_the_sender_is_named(receive):
    rows = [["单位名称", "登记状态", "参保人数", "联系电话"], ["东风乳品", "存续", "35", "100"]]
    with pytest.raises(FileRefused, match="分不清是.*请说明来源"):
        receive(*rows)
    assert receive(*rows, source=Source.SOCIAL_SECURITY).source is Source.SOCIAL_SECURITY
    assert receive(*rows, source=Source.MARKET).source is Source.MARKET


def test_a_named_source_needs_no_telling_header_but_still_three_known_ones(receive):
    rows = [["名称", "联系电话", "住所"], ["东风乳品", "100", "东风镇"]]
    assert receive(*rows, source=Source.MARKET).source is Source.MARKET
    with pytest.raises(FileRefused, match="不像任何一种登记表"):
        receive(["名称", "联系电话"], ["东风乳品", "100"], source=Source.MARKET)


@pytest.mark.parametrize("rows", [[], [[]], [["", "", ""]]])
def test_a_register_without_a_single_row_is_refused(receive, rows):
    with pytest.raises(FileRefused, match="只有表头"):
        receive(made.MARKET_HEADER, *rows)


# Columns.


def test_an_unread_column_is_an_issue_only_when_something_stands_in_it(receive):
    header = [*made.MARKET_HEADER, "备注", "空列", ""]
    register = receive(
        ["说明"], header, [*made.DAIRY, "老客户", "", "甲"], [*made.FORGE, "", "", ""]
    )
    assert file_troubles(register) == [
        (IssueKind.UNREAD_COLUMN, 2, "备注", ""),
        (IssueKind.UNREAD_COLUMN, 2, "(第12列)", ""),
    ]
    assert register.records[0].raw["备注"] == "老客户"
    assert register.records[0].raw["(第12列)"] == "甲"


def test_a_repeated_header_loses_no_cell(receive):
    header = [*made.MARKET_HEADER, "联系电话", "联系电话", "联系电话#2"]
    (record,) = receive(header, [*made.DAIRY, "101", "102", "103"]).records
    kept = [text for name, text in record.raw.items() if name.startswith("联系电话")]
    assert kept == ["100", "101", "102", "103"]


def test_a_slipped_row_says_which_cell_stands_beyond_the_header(receive):
    """Nobody quoted the comma in the address, so every later cell stands one column too far."""
    record = receive(*market([*made.DAIRY, "多出的"])).records[0]
    assert troubles(record) == [(IssueKind.UNREAD_COLUMN, 2, "(第10列)", "多出的")]
    assert record.raw["(第10列)"] == "多出的"


def test_an_expected_column_that_is_missing_is_named_as_a_person_knows_it(receive):
    register = receive(made.MARKET_HEADER[1:], made.FORGE[1:])
    assert (IssueKind.MISSING_COLUMN, 1, "统一社会信用代码", "") in file_troubles(register)


@pytest.mark.parametrize(("empty", "weak"), [(1, False), (2, True)])
def test_a_column_filled_less_than_half_is_weak(receive, empty, weak):
    rows = [made.DAIRY, *[dairy(统一社会信用代码="无")] * empty]
    found = (IssueKind.WEAK_FILL, 1, "统一社会信用代码", "33%") in file_troubles(
        receive(*market(*rows))
    )
    assert found is weak


def test_only_one_sheet_is_read_and_the_others_are_named(receive):
    register = receive(
        made.xlsx_bytes(("说明", [["请勿外传"]]), ("数据", market(made.DAIRY)), ("空", []))
    )
    assert len(register.records) == 1
    assert (IssueKind.UNREAD_SHEET, 0, "", "说明") in file_troubles(register)
    assert all(issue.value != "空" for issue in register.issues)


# Nothing vanishes.

CELLS = st.sampled_from(
    [
        "",
        " ",
        "无",
        "NULL",
        "东风",
        CODE,
        "9.1E+17",
        PERSON,
        "约35人",
        "-1",
        "201811",
        "9999-9-9",
        "\ufffd",
        '"',
        "81360704MC0000012X",
        "'x",
    ]
) | st.text(max_size=8).filter(lambda text: "\x00" not in text)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(st.lists(st.lists(CELLS, min_size=9, max_size=11), min_size=1, max_size=6))
def test_every_row_with_anything_in_it_becomes_one_record(tmp_path, rows):
    import csv

    path = tmp_path / "any.csv"
    with path.open("w", encoding="utf-8-sig", newline="", errors="ignore") as file:
        csv.writer(file).writerows([made.MARKET_HEADER, made.DAIRY, *rows])
    with path.open(encoding="utf-8-sig", newline="") as file:
        received = list(csv.reader(file))[1:]
    register = read_register(path)
    assert len(register.records) == sum(any(cell.strip() for cell in row) for row in received)
    assert all(record.statements or record.held for record in register.records)
    assert all(issue.row == record.row for record in register.records for issue in record.issues)
    assert PERSON not in repr(register)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "source", "rows"),
    [
        ("market.xlsx", Source.MARKET, 19481),
        ("hr.xlsx", Source.SOCIAL_SECURITY, 10080),
        ("union.xlsx", Source.MEMBERS, 2527),
        ("tax.csv", Source.TAX, 13636),
        ("civil.csv", Source.CIVIL_AFFAIRS, 309),
    ],
)
def test_the_development_files_are_read_whole(name, source, rows):
    folder = Path(os.environ.get("OUTREACH_REFERENCE", Path(__file__).parents[4] / "shared"))
    path = folder / "linkage" / "dev" / name
    if not path.is_file():
        pytest.skip("The reference material is not on this machine; set OUTREACH_REFERENCE")
    register = read_register(path)
    assert (register.source, len(register.records), register.rows_held) == (source, rows, 0)
    assert not [issue for issue in register.issues if issue.kind is IssueKind.UNREAD_COLUMN]

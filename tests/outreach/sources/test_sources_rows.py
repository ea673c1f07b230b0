"""One row into statements and issues: what is kept, what is refused, what is hidden."""

from __future__ import annotations

from datetime import date

import made_up_files as made
import pytest

from outreach.domain.issues import IssueKind
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


# Rows.


def test_a_row_without_name_and_code_is_held_and_never_vanishes(receive):
    register = receive(*market(made.DAIRY, dairy(统一社会信用代码="9.1E+17", 企业名称="暂无")))
    held = register.records[1]
    assert (register.rows_held, held.held, held.statements) == (1, True, ())
    assert troubles(held)[-1] == (IssueKind.NO_NAME_NO_CODE, 3, "统一社会信用代码", "9.1E+17")
    assert held.raw["联系电话"] == "100"


def test_an_almost_empty_row_is_held_with_the_column_that_should_be_filled(receive):
    (held,) = receive(*market(["", "", "", "", "100", "", "", "", ""])).records
    assert troubles(held) == [(IssueKind.NO_NAME_NO_CODE, 2, "统一社会信用代码", "")]


@pytest.mark.parametrize("cells", [{"企业名称": ""}, {"统一社会信用代码": ""}])
def test_a_name_or_a_code_alone_is_enough(receive, cells):
    assert receive(*market(dairy(**cells))).rows_held == 0


@pytest.mark.parametrize("word", ["合计", "企业名称"])
def test_a_sum_and_a_header_printed_again_are_held_and_are_no_enterprise(receive, word):
    row = [""] * 2 + [word] + [""] * 4 + ["38", ""]
    held = receive(*market(made.DAIRY, row)).records[1]
    assert held.held
    assert troubles(held)[-1] == (IssueKind.NO_NAME_NO_CODE, 3, "企业名称", word)


@pytest.mark.parametrize(
    ("header", "text", "kind"),
    [
        ("统一社会信用代码", "91360704000000010B", IssueKind.BAD_CREDIT_CODE),
        ("统一社会信用代码", "9.13607E+17", IssueKind.SCIENTIFIC_NUMBER),
        ("统一社会信用代码", "9136O704000000019B", IssueKind.MENDED_CODE),
        ("统一社会信用代码", "81360704MC0000012X", IssueKind.UNION_CODE_AS_EMPLOYER),
        ("统一社会信用代码", "330183******052356", IssueKind.BAD_CREDIT_CODE),
        ("注册号", "360721551603807", IssueKind.BAD_REG_NO),
        ("登记状态", "天晓得", IssueKind.UNKNOWN_CODE),
        ("从业人数", "三十五", IssueKind.BAD_NUMBER),
        ("数据日期", "去年", IssueKind.BAD_DATE),
        ("企业名称", "东风\ufffd品", IssueKind.BAD_BYTES),
        ("住所", "路" * 501, IssueKind.TOO_LONG),
    ],
)
def test_what_cannot_be_used_is_an_issue_with_row_column_and_value(receive, header, text, kind):
    record = receive(["说明"], *market(made.FORGE, dairy(**{header: text}))).records[1]
    assert troubles(record) == [(kind, 4, header, text[:200])]
    assert not record.held
    assert record.raw[header] == text


def test_a_value_of_500_characters_is_kept(receive):
    (record,) = receive(*market(dairy(住所="路" * 500))).records
    assert said(record)[Prop.ADDRESS] == ["路" * 500]


def test_an_unknown_status_is_stated_as_unknown(receive):
    (record,) = receive(*market(dairy(登记状态="天晓得"))).records
    assert said(record)[Prop.STATUS] == ["unknown"]


def test_a_numeric_cell_that_lost_its_digits_is_no_code(receive):
    rows = market(
        [913607040000000190.0, 360721551603806.0, *made.DAIRY[2:7], 35.0, date(2026, 5, 31)]
    )
    (record,) = receive(made.xlsx_bytes(("一", rows))).records
    assert troubles(record) == [
        (IssueKind.SCIENTIFIC_NUMBER, 2, "统一社会信用代码", "9.1360704000E+17")
    ]
    assert said(record)[Prop.REG_NO] == ["360721551603806"]
    assert said(record)[Prop.HEADCOUNT] == ["35"]


def test_a_second_credit_code_in_one_row_is_not_used(receive):
    header = ["单位编号", "单位名称", "统一社会信用代码", "税务登记号"]
    (record,) = receive(header, ["8001", "东风乳品", CODE, "91360704MA00000152"]).records
    assert said(record)[Prop.USCC] == [CODE]
    assert troubles(record) == [(IssueKind.BAD_CREDIT_CODE, 2, "税务登记号", "91360704MA00000152")]
    (same,) = receive(header, ["8001", "东风乳品", CODE, CODE.lower()]).records
    assert troubles(same) == []


# Persons.


@pytest.mark.parametrize("header", [*made.MARKET_HEADER, "备注", "身份证号"])
@pytest.mark.parametrize(
    "text", [PERSON, f"王小明({PERSON})", PERSON + "01", "110101 19900307 4514"]
)
def test_a_citizens_number_is_kept_nowhere_whatever_its_column(receive, header, text):
    row = dict(zip(made.MARKET_HEADER, made.DAIRY, strict=True)) | {header: text}
    register = receive(list(row), list(row.values()))
    (record,) = register.records
    everything = repr((record.raw, record.statements, record.issues, register.issues))
    assert "19900307" not in everything
    assert IssueKind.PERSONAL_ID in {issue.kind for issue in record.issues}
    assert len(register.records) == 1


def test_a_column_of_identity_documents_is_hidden_whatever_stands_in_it(receive):
    (record,) = receive([*made.MARKET_HEADER, "证件号码"], [*made.DAIRY, "E12345678"]).records
    assert record.raw["证件号码"] == "****"
    assert troubles(record) == [(IssueKind.PERSONAL_ID, 2, "证件号码", "****")]


# Coordinates.

PLACED = [*made.MARKET_HEADER, "经度", "纬度"]


def test_coordinates_without_a_named_datum_are_refused(receive):
    with pytest.raises(FileRefused, match="请说明坐标系"):
        receive(PLACED, [*made.DAIRY, "115.01", "25.8"])


def test_coordinates_are_kept_as_received_with_their_datum(receive):
    (record,) = receive(PLACED, [*made.DAIRY, "１１５.01", "25.8"], datum="gcj02").records
    assert said(record)[Prop.POSITION] == ["115.01,25.8,gcj02"]


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        (("25.8", "115.01"), "25.8,115.01"),
        (("东经", "25.8"), "东经,25.8"),
        (("180.1", "25"), "180.1,25"),
        (("nan1", "25"), "nan1,25"),
        (("115.01", ""), "115.01"),
        (("", "25.8"), "25.8"),
        (("115,01", "25"), "115,01,25"),
    ],
)
def test_what_is_no_pair_of_coordinates_is_an_issue(receive, pair, value):
    quoted = [f'"{text}"' for text in pair]
    (record,) = receive(PLACED, [*made.DAIRY, *quoted], datum="gcj02").records
    ((kind, row, column, found),) = troubles(record)
    assert (kind, row, found) == (IssueKind.BAD_COORDINATES, 2, value)
    assert column in {"经度", "纬度"}
    assert Prop.POSITION not in said(record)


@pytest.mark.parametrize("pair", [("180", "90"), ("-180", "-90")])
def test_coordinates_at_the_edge_of_the_world_are_coordinates(receive, pair):
    (record,) = receive(PLACED, [*made.DAIRY, *pair], datum="wgs84").records
    assert said(record)[Prop.POSITION] == [f"{pair[0]},{pair[1]},wgs84"]


# Unions.

UNION = [
    "单位统一社会信用代码",
    "工会统一社会信用代码",
    "工会名称",
    "所在单位",
    "工会主席",
    "工会类型",
    "工会状态",
    "会员人数",
    "职工人数",
]


def union(kind="", life="", *, name="东风乳品有限公司"):
    return [CODE, "81360704MC0000012X", "东风乳品工会委员会", name, "陈花", kind, life, "30", "35"]


@pytest.mark.parametrize(
    ("kind", "life", "status"),
    [
        ("", "", "own"),
        ("单独", "正常", "own"),
        ("1", "1", "own"),
        ("独立基层工会", "锁住", "own"),
        ("联合", "", "joint"),
        ("2", "正常", "joint"),
        ("行业", "3", "joint"),
        ("单独", "筹备期", "none"),
        ("联合", "4", "none"),
        ("单独", "注销", "none"),
        ("", "0", "none"),
    ],
)
def test_a_row_of_the_member_database_says_whether_the_employer_has_a_union(
    receive, kind, life, status
):
    (record,) = receive(UNION, union(kind, life)).records
    assert said(record)[Prop.UNION_STATUS] == [status]
    assert Prop.UNION_KIND not in said(record)
    assert troubles(record) == []


def test_an_unknown_kind_or_state_of_a_union_is_an_issue_and_the_union_stands(receive):
    (record,) = receive(UNION, union("奇怪", "天晓得")).records
    assert said(record)[Prop.UNION_STATUS] == ["own"]
    assert {(issue.kind, issue.column) for issue in record.issues} == {
        (IssueKind.UNKNOWN_CODE, "工会类型"),
        (IssueKind.UNKNOWN_CODE, "工会状态"),
    }


def test_the_unions_own_code_and_chair_are_not_the_employers(receive):
    found = said(receive(UNION, union()).records[0])
    assert (found[Prop.USCC], found[Prop.UNION_USCC]) == ([CODE], ["81360704MC0000012X"])
    assert found[Prop.UNION_CHAIR] == ["陈花"]
    assert Prop.LEGAL_REP not in found
    assert (found[Prop.MEMBER_COUNT], found[Prop.HEADCOUNT]) == (["30"], ["35"])


def test_without_an_employers_name_the_unions_name_stands_for_it(receive):
    (record,) = receive(UNION, union(name="")).records
    assert said(record)[Prop.NAME] == said(record)[Prop.UNION_NAME] == ["东风乳品工会委员会"]


@pytest.mark.parametrize(
    ("flag", "found"),
    [("是", ["own"]), ("Y", ["own"]), ("否", ["none"]), ("", None), ("不详", None)],
)
def test_the_tax_offices_union_flag_is_a_second_word_on_the_union(receive, flag, found):
    header = ["纳税人识别号", "纳税人名称", "纳税人状态", "成立工会标志"]
    (record,) = receive(header, [CODE, "东风乳品", "正常", flag]).records
    assert said(record).get(Prop.UNION_STATUS) == found
    assert [issue.kind for issue in record.issues] == (
        [IssueKind.UNKNOWN_CODE] if flag == "不详" else []
    )


def test_each_kind_of_insurance_gives_its_own_count(receive):
    header = ["单位编号", "单位名称", "养老保险人数", "工伤保险人数", "所属期"]
    (record,) = receive(header, ["8001", "东风乳品", "31", "35", "202610"]).records
    assert said(record)[Prop.HEADCOUNT] == ["31", "35"]
    assert {s.as_of for s in record.statements} == {date(2026, 10, 31)}


def test_amounts_are_never_stated(receive):
    header = ["纳税人识别号", "纳税人名称", "纳税人状态", "欠税余额"]
    register = receive(header, [CODE, "东风乳品", "正常", "5,000000"])
    assert all("5,000000" not in s.value for s in register.records[0].statements)
    assert (IssueKind.UNREAD_COLUMN, 1, "欠税余额", "") in file_troubles(register)

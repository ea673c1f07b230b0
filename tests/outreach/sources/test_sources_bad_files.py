"""What offices really send: each has a clear message, and nothing of it is lost."""

from __future__ import annotations

import made_up_files as made
import pytest

from outreach.domain.issues import IssueKind
from outreach.domain.statements import Prop
from outreach.errors import FileRefused
from outreach.sources.registers import FileChoices, read_register
from outreach.sources.workbooks import Limits, read_sheets

PERSON = "110101199003074514"
NAME, CODE = made.MARKET_HEADER.index("企业名称"), made.MARKET_HEADER.index("统一社会信用代码")


def dairy(**cells):
    return [
        cells.get(header, text) for header, text in zip(made.MARKET_HEADER, made.DAIRY, strict=True)
    ]


@pytest.fixture
def receive(tmp_path):
    def put(*rows, **choices):
        path = tmp_path / "received.csv"
        path.write_text(made.csv_text(*rows), encoding="utf-8")
        return read_register(path, choices=FileChoices(**choices))

    return put


@pytest.fixture
def workbook(tmp_path):
    def put(change):
        import openpyxl

        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(made.MARKET_HEADER)
        sheet.append(dairy())
        change(sheet)
        path = tmp_path / "received.xlsx"
        book.save(path)
        return path

    return put


def kinds(register):
    return {issue.kind for issue in register.issues}


def said(record, prop):
    return [statement.value for statement in record.statements if statement.prop is prop]


def test_a_formula_without_its_result_is_told_with_row_and_column(workbook):
    def write(sheet):
        sheet.append(dairy())
        sheet.cell(3, NAME + 1).value = '=CONCATENATE("东风","乳品")'

    register = read_register(workbook(write))
    record = register.records[1]
    (issue,) = [i for i in record.issues if i.kind is IssueKind.NO_RESULT]
    assert (issue.row, issue.column) == (3, "企业名称")
    assert said(record, Prop.NAME) == []


def test_a_row_of_nothing_but_lost_formulas_does_not_vanish(workbook):
    def write(sheet):
        sheet.append(["=1+1"])

    register = read_register(workbook(write))
    assert (len(register.records), register.rows_held) == (2, 1)


def test_a_formula_with_its_result_is_a_value(tmp_path, workbook):
    import zipfile

    def write(sheet):
        sheet.cell(2, NAME + 1).value = '=CONCATENATE("东风","乳品")'

    path = workbook(write)
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    start = sheet.index(b"</f>") + 4
    assert sheet[start:].startswith((b"<v></v>", b"<v />", b"<v/>"))
    after = sheet.index(b"</c>", start)
    parts["xl/worksheets/sheet1.xml"] = sheet[:start] + "<v>东风乳品厂</v>".encode() + sheet[after:]
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(
        b"><f>", b' t="str"><f>'
    )
    saved = tmp_path / "saved.xlsx"
    saved.write_bytes(made.zip_bytes(parts))
    record = read_register(saved).records[0]
    assert said(record, Prop.NAME) == ["东风乳品厂"]
    assert IssueKind.NO_RESULT not in {issue.kind for issue in record.issues}


def test_merged_title_rows_above_the_header_are_no_header(workbook):
    def write(sheet):
        sheet.insert_rows(1, 2)
        sheet.cell(1, 1).value = "2026年10月市场主体名录"
        sheet.merge_cells("A1:I1")

    register = read_register(workbook(write))
    assert (register.header_row, len(register.records), register.records[0].row) == (3, 1, 4)


def test_a_header_of_two_lines_is_one_header(receive):
    upper = ["单位编号", "单位名称", "参保情况", "", "所属期"]
    lower = ["", "", "参保状态", "参保人数", ""]
    register = receive(upper, lower, ["1", "东风乳品厂", "正常参保", "35", "201811"])
    (record,) = register.records
    assert (register.header_row, record.row) == (2, 3)
    assert said(record, Prop.HEADCOUNT) == ["35"]
    assert record.statements[0].as_of.isoformat() == "2018-11-30"


def test_a_row_below_a_header_is_never_taken_for_its_second_line(receive):
    register = receive(made.MARKET_HEADER, dairy(企业名称="登记状态"), dairy())
    assert (register.header_row, len(register.records)) == (1, 2)


def test_exchanged_columns_are_read_by_what_they_hold_and_told(receive):
    def swapped(row):
        row = list(row)
        row[NAME], row[CODE] = row[CODE], row[NAME]
        return row

    register = receive(made.MARKET_HEADER, swapped(dairy()), swapped(dairy()))
    (issue,) = [i for i in register.issues if i.kind is IssueKind.SWAPPED_COLUMNS]
    assert {issue.column, issue.value} == {"企业名称", "统一社会信用代码"}
    assert said(register.records[0], Prop.USCC) == [made.DAIRY[CODE]]
    assert said(register.records[0], Prop.NAME) == [made.DAIRY[NAME]]


def test_one_row_among_many_that_slipped_exchanges_no_columns(receive):
    slipped = dairy(企业名称=made.DAIRY[CODE], 统一社会信用代码=made.DAIRY[NAME])
    register = receive(made.MARKET_HEADER, slipped, dairy(), dairy(联系电话="2"))
    assert IssueKind.SWAPPED_COLUMNS not in kinds(register)


@pytest.mark.parametrize("text", ["9999-9-9", "99991231"])
def test_an_open_end_is_no_day_and_no_mistake(receive, text):
    record = receive(made.MARKET_HEADER, dairy(数据日期=text)).records[0]
    assert record.statements[0].as_of is None
    assert IssueKind.BAD_DATE not in {issue.kind for issue in record.issues}


def test_a_code_in_scientific_notation_is_told_and_kept_as_received(receive):
    record = receive(made.MARKET_HEADER, dairy(统一社会信用代码="9.13E+17")).records[0]
    assert record.raw["统一社会信用代码"] == "9.13E+17"
    assert [i.kind for i in record.issues] == [IssueKind.SCIENTIFIC_NUMBER]


def test_the_same_row_twice_is_told_and_both_are_kept(receive):
    header = ["序号", *made.MARKET_HEADER]
    register = receive(header, ["1", *dairy()], ["2", *dairy()], ["3", *dairy(联系电话="2")])
    assert [[i.value for i in r.issues] for r in register.records] == [[], ["2"], []]
    assert register.records[1].issues[0].kind is IssueKind.DUPLICATE_ROW
    assert register.records[1].statements == register.records[0].statements


def test_a_million_empty_rows_below_the_table_are_no_rows(workbook):
    import zipfile

    path = workbook(lambda sheet: None)
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    empty = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (n, n) for n in range(3, 1_048_577))
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", empty + b"</sheetData>")
    path.write_bytes(made.zip_bytes({**parts, "xl/worksheets/sheet1.xml": sheet}))
    assert len(read_register(path).records) == 1


def test_a_table_without_rows_and_one_without_a_header_say_so(receive):
    with pytest.raises(FileRefused, match="只有表头"):
        receive(made.MARKET_HEADER)
    with pytest.raises(FileRefused, match="没有认得的表头"):
        receive(["甲", "乙"], ["1", "2"])


def test_names_with_quotes_and_marks_are_kept_as_typed(receive):
    names = ["东风“乳品”厂", '东风"乳品"厂', "${jndi:x}厂", "<img src=x>厂", "'=1+1厂"]
    register = receive(made.MARKET_HEADER, *(dairy(企业名称=name) for name in names))
    assert [record.raw["企业名称"] for record in register.records] == names


@pytest.mark.parametrize("header", ["法人身份证号", "证件号码", "编外列"])
def test_a_column_of_citizens_numbers_is_kept_nowhere(receive, header):
    register = receive([*made.MARKET_HEADER, header], [*dairy(), PERSON], [*dairy(), f"{PERSON} "])
    assert PERSON not in repr(register)
    seen = next(one for one in register.headers if one.header == header)
    assert seen.is_personal


def test_what_is_given_back_is_read_again_without_new_findings(receive):
    header = [*made.MARKET_HEADER, "原文件行号", "问题", "怎么改"]
    register = receive(header, [*dairy(), "2", "E205 …", "请改"])
    assert IssueKind.UNREAD_COLUMN not in kinds(register)


def test_sheets_know_their_lost_formulas_by_name(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "说明&附注"
    second = book.create_sheet("名录")
    second["B2"] = "=1"
    book.save(tmp_path / "two.xlsx")
    sheets = read_sheets(tmp_path / "two.xlsx", Limits())
    assert {sheet.name: sheet.uncounted for sheet in sheets}["名录"] == frozenset({(2, 2)})

"""Registers given back with their findings, and empty ones to fill in."""

from __future__ import annotations

import io
import time

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.domain.issues import Issue, IssueKind
from outreach.domain.sources import Source
from outreach.i18n import Language, translate
from outreach.services.registers.sheet_xml import PLAIN, write_sheet
from outreach.services.registers.templates import write_template
from outreach.services.registers.workbooks import (
    FORMULA_STARTS,
    GivenRow,
    safe_text,
    write_workbook,
)
from outreach.sources.headers import ADDED_HEADERS
from outreach.sources.registers import FileChoices, read_register
from outreach.sources.specs import all_specs
from outreach.sources.workbooks import Limits, read_sheets

HOSTILE = ("=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "＝1", "<img src=x>", "${x}", '"x"', "a&b")


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def rows():
    return [
        GivenRow(row=4, raw={"企业名称": "甲", "备注": "x"}),
        GivenRow(
            row=5,
            raw={"企业名称": "乙", "从业人数": "若干"},
            issues=[Issue(kind=IssueKind.BAD_NUMBER, row=5, column="从业人数", value="若干")],
        ),
        GivenRow(
            row=9,
            raw={"企业名称": ""},
            issues=[Issue(kind=IssueKind.NO_NAME_NO_CODE, row=9, column="企业名称")],
        ),
    ]


def test_every_row_comes_back_with_its_line_its_problem_and_the_remedy():
    sheet = opened(write_workbook(rows(), Language.ZH)).active
    found = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert found[0] == ["企业名称", "备注", "从业人数", "原文件行号", "问题", "怎么改"]
    assert found[1][:4] == ["甲", "x", None, "4"]
    assert found[1][4:] == [None, None]
    assert found[2][3] == "5"
    assert found[2][4].startswith("E205")
    assert "若干" in found[2][4]
    assert found[2][5] == "请改成 0 到 500000 之间的整数"
    fills = [line[0].fill.fgColor.rgb for line in sheet.iter_rows()]
    assert fills[2:] == ["FFFBE3B5", "FFF6C7CD"]
    assert fills[1] != fills[2]
    assert sheet.freeze_panes == "A2"


def test_no_cell_is_a_formula_and_all_are_text():
    given_rows = [
        GivenRow(
            row=2,
            raw={f"={n}": text for n, text in enumerate(HOSTILE)},
            issues=[Issue(kind=IssueKind.BAD_NUMBER, row=2, column="=1", value="=2")],
        )
    ]
    sheet = opened(write_workbook(given_rows, Language.ZH)).active
    cells = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert not [cell.value for cell in cells if cell.value.startswith(FORMULA_STARTS)]
    assert "<img src=x>" in [cell.value for cell in cells]


@given(st.text())
def test_a_safe_text_never_begins_like_a_formula(text):
    assert not safe_text(text).startswith(FORMULA_STARTS)


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=3))
def test_any_text_makes_a_workbook_that_opens(texts):
    content = write_sheet("表", [9] * len(texts), [(PLAIN, texts)])
    assert opened(content).sheetnames == ["表"]


def test_the_added_columns_are_known_in_each_language():
    for language in Language:
        for header in ("原文件行号", "问题", "怎么改"):
            shown = translate(header, language)
            assert shown in ADDED_HEADERS
            assert translate(header, Language.EN) in ADDED_HEADERS


def test_46_000_rows_come_back_in_a_few_seconds():
    raw = {f"列{n}": f"某某有限公司{n}" for n in range(14)}
    many = [GivenRow(row=n, raw=raw) for n in range(46_000)]
    start = time.process_time()
    content = write_workbook(many, Language.ZH)
    assert time.process_time() - start < 15
    assert len(content) < 50_000_000


@pytest.mark.parametrize("spec", all_specs(), ids=lambda spec: spec.source.value)
def test_a_filled_template_is_recognised_without_a_word(tmp_path, spec):
    book = opened(write_template(spec.source))
    sheet, explained = book["数据"], book["填写说明"]
    headers = [cell.value for cell in sheet[1]]
    told = [line[0].value for line in explained.iter_rows(min_row=2)]
    assert told == headers
    examples = {line[0].value: line[2].value for line in explained.iter_rows(min_row=2)}
    sheet.append([examples[header] or "" for header in headers])
    book.save(tmp_path / "filled.xlsx")
    assert len(read_sheets(tmp_path / "filled.xlsx", Limits())) == 2
    register = read_register(tmp_path / "filled.xlsx", choices=FileChoices(datum="wgs84"))
    assert register.source is spec.source
    (record,) = register.records
    assert record.issues == ()
    assert not record.held


def test_a_template_marks_what_must_be_filled_and_keeps_codes_as_text():
    book = opened(write_template(Source.MARKET))
    required = {line[0].value: line[3].value for line in book["填写说明"].iter_rows(min_row=2)}
    assert required["企业名称"] == "是"
    assert required["联系电话"] is None
    assert book["数据"].column_dimensions["A"].number_format == "@"

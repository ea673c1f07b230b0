from __future__ import annotations

import codecs
import struct
from datetime import date, datetime, time

import made_up_files as made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.errors import FileRefused
from outreach.sources.workbooks import Limits, cell_text, decode, read_sheets

ROWS = [made.MARKET_HEADER, made.DAIRY, made.FORGE]
TEXT = made.csv_text(*ROWS)
MIDNIGHT = datetime(2026, 5, 31)  # noqa: DTZ001  a sheet knows no time zone


@pytest.fixture
def write(tmp_path):
    def put(content, name="received.xls"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return put


def read(path, **limits):
    return read_sheets(path, Limits(**limits))


def only_rows(path, **limits):
    (sheet,) = read(path, **limits)
    return sheet.rows


@pytest.mark.parametrize(
    ("encoding", "known_as"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_text_is_read_in_each_encoding_that_offices_use(write, encoding, known_as):
    (sheet,) = read(write(TEXT.encode(encoding)))
    assert (sheet.rows, sheet.encoding) == (ROWS, known_as)


def test_big_endian_text_is_known_by_its_mark():
    assert decode(codecs.BOM_UTF16_BE + "东风".encode("utf-16-be")) == ("东风", "utf-16")


@settings(deadline=None)
@given(
    st.text(
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5) | st.sampled_from(",\n 19A"),
        max_size=60,
    )
)
def test_a_register_says_the_same_in_gb18030_and_in_utf_8(text):
    whole = "统一社会信用代码,企业名称,法定代表人,登记状态\n" + text
    assert decode(whole.encode("gb18030")) == (whole, "gb18030")
    assert decode(whole.encode("utf-8")) == (whole, "utf-8")


def test_one_bad_byte_costs_one_character_and_not_the_encoding():
    for encoding in ("utf-8", "gb18030"):
        content = TEXT.encode(encoding)
        at = content.index("铁匠铺".encode(encoding))
        text, known_as = decode(content[:at] + b"\xff" + content[at:])
        assert known_as == encoding
        assert text.count("\ufffd") >= 1
        assert "东风乳品有限公司" in text


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_columns_are_parted_by_comma_tab_or_semicolon(write, mark):
    assert only_rows(write(made.csv_text(*ROWS, mark=mark).encode())) == ROWS


def test_many_commas_inside_one_column_do_not_part_a_tab_separated_file(write):
    rows = [
        ["企业名称", "经营范围"],
        ["甲", "米,面,油,茶,酒"],
        ["乙", "米,面,油,茶"],
        ["丙", "砖,瓦"],
    ]
    assert only_rows(write(made.csv_text(*rows, mark="\t").encode())) == rows


def test_quoted_commas_and_line_breaks_stay_in_their_cell(write):
    assert only_rows(write(b'a,b\n"x,y","p\nq"\n')) == [["a", "b"], ["x,y", "p\nq"]]


def test_unbalanced_quotes_are_refused(write):
    with pytest.raises(FileRefused, match="引号不成对"):
        read(write('名称,地址\n甲,"东风镇\n乙,西门镇\n'.encode()))


def test_a_transfer_that_broke_off_in_the_last_line_is_refused(write):
    with pytest.raises(FileRefused, match="最后一行断在中间"):
        read(write(TEXT.encode()[:-30]))


def test_a_last_line_without_line_end_is_whole_when_it_has_all_its_columns(write):
    assert only_rows(write(TEXT.encode().rstrip())) == ROWS


def test_a_workbook_is_read_by_its_content_whatever_its_name(write):
    sheets = read(write(made.xlsx_bytes(("一", ROWS), ("空", []), ("二", [["x"]])), "register.csv"))
    assert [(sheet.name, sheet.encoding) for sheet in sheets] == [
        ("一", "workbook"),
        ("二", "workbook"),
    ]
    assert sheets[0].rows == ROWS


def test_empty_lines_above_a_workbooks_table_are_counted(write):
    assert only_rows(write(made.xlsx_bytes(("一", [[], [None, "x"]])))) == [["", ""], ["", "x"]]


def test_an_old_workbook_is_read(write):
    rows = only_rows(
        write(
            made.xls_bytes(
                [["企业名称", "从业人数", "注册号"], ["东风乳品", 35.0, 360721551603806.0]]
            )
        )
    )
    assert rows == [["企业名称", "从业人数", "注册号"], ["东风乳品", "35", "360721551603806"]]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (True, "是"),
        (False, "否"),
        ("东风", "东风"),
        (35.0, "35"),
        (35, "35"),
        (35.5, "35.5"),
        (360721551603806.0, "360721551603806"),
        (2.0**53 - 1, "9007199254740991"),
        (2.0**53, "9.0071992547E+15"),
        (913607040000000190.0, "9.1360704000E+17"),
        (float("inf"), "inf"),
        (date(2026, 5, 31), "2026-05-31"),
        (MIDNIGHT, "2026-05-31"),
        (MIDNIGHT.replace(hour=8, minute=30), "2026-05-31 08:30:00"),
        (time(8, 30), "08:30:00"),
    ],
)
def test_a_cell_is_what_a_person_would_have_typed(cell, text):
    assert cell_text(cell) == text


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="没有找到文件"):
        read(tmp_path / "nothing.csv")


@pytest.mark.parametrize("content", [b"", b" \r\n\t ", "\ufeff".encode()])
def test_an_empty_file_is_refused(write, content):
    with pytest.raises(FileRefused, match="空文件"):
        read(write(content))


def test_a_file_over_the_size_limit_is_refused_and_one_at_the_limit_is_read(write):
    path = write(TEXT.encode())
    size = path.stat().st_size
    assert only_rows(path, most_bytes=size) == ROWS
    with pytest.raises(FileRefused, match="有 1 MB,超过 0 MB"):
        read(path, most_bytes=size - 1)


@pytest.mark.parametrize(
    "content", [TEXT.encode(), made.xlsx_bytes(("一", ROWS)), made.xls_bytes(ROWS)]
)
def test_a_table_over_the_row_limit_is_refused_and_one_at_the_limit_is_read(write, content):
    path = write(content)
    assert only_rows(path, most_rows=3) == ROWS
    with pytest.raises(FileRefused, match="有 3 行,超过 2 行"):
        read(path, most_rows=2)


def test_a_zip_bomb_is_refused_by_its_directory_before_it_is_unpacked(write):
    path = write(made.zip_bytes({"xl/workbook.xml": b"0" * 5_000_000}))
    with pytest.raises(FileRefused, match="展开后有 5 MB"):
        read(path, most_unpacked_bytes=4_999_999)


def test_an_archive_of_too_many_parts_is_refused(write):
    path = write(made.zip_bytes({f"xl/{n}.xml": b"" for n in range(5)}))
    with pytest.raises(FileRefused, match="没有打开"):
        read(path, most_entries=4)


def test_a_bomb_that_lies_about_its_size_is_refused(write):
    content = made.zip_bytes(
        {"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b" " * 3_000_001}
    )
    lie = content.replace(struct.pack("<I", 3_000_001), struct.pack("<I", 100))
    with pytest.raises(FileRefused, match="不完整"):
        read(write(lie))


def test_one_stray_cell_in_the_last_corner_does_not_fill_the_memory(write):
    cell = b'<worksheet><row r="%d"><c r="%s%d"><v>1</v></c></row></worksheet>'
    wide = made.zip_bytes({"xl/worksheets/sheet1.xml": cell % (300_000, b"XFD", 300_000)})
    with pytest.raises(FileRefused, match="第 300000 行、第 16384 列"):
        read(write(wide))
    tall = made.zip_bytes({"xl/worksheets/sheet1.xml": cell % (1_048_576, b"A", 1_048_576)})
    with pytest.raises(FileRefused, match="有 1048576 行"):
        read(write(tall))


def test_a_truncated_workbook_is_refused_wherever_it_broke_off(write):
    content = made.xlsx_bytes(("一", ROWS))
    for length in range(4, len(content), len(content) // 20):
        with pytest.raises(FileRefused, match="不完整"):
            read(write(content[:length]))


def test_a_truncated_old_workbook_is_refused(write):
    content = made.xls_bytes(ROWS)
    for length in (4, 600, 1200):
        with pytest.raises(FileRefused, match="打不开"):
            read(write(content[:length]))


def test_a_workbook_with_a_damaged_part_is_refused(write):
    content = bytearray(made.xlsx_bytes(("一", ROWS)))
    at = content.index(b"xl/worksheets/sheet1.xml") + 40
    content[at : at + 20] = bytes(20)
    with pytest.raises(FileRefused, match="不完整|打不开"):
        read(write(bytes(content)))


def test_a_workbook_with_a_password_is_refused(write):
    with pytest.raises(FileRefused, match="有密码"):
        read(write(made.ole_bytes("EncryptedPackage", b"secret")))


def test_an_archive_with_a_password_is_refused(write):
    content = made.zip_bytes({"xl/workbook.xml": b"x"})
    at = content.index(b"PK\x01\x02")
    with pytest.raises(FileRefused, match="有密码"):
        read(write(content[: at + 8] + b"\x01" + content[at + 9 :]))


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n1 0 obj\n",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        made.zip_bytes({"word/document.xml": b"<w/>"}),
        made.zip_bytes({"readme.txt": b"hello"}),
        made.zip_bytes({"xl/workbook.bin": b"x", "xl/styles.xml": b"x"}),
        TEXT.encode() + b"\x00" + TEXT.encode(),
        "名称,地址\n".encode("utf-16-le"),
    ],
    ids=["pdf", "png", "docx", "zip", "xlsb", "csv with NUL", "utf-16 without mark"],
)
def test_what_is_no_table_is_refused(write, content):
    with pytest.raises(FileRefused, match="不是表格文件"):
        read(write(content, "register.xlsx"))


@pytest.mark.parametrize("content", [b"<html><table>", b"\xef\xbb\xbf <?xml version='1.0'?>"])
def test_a_web_page_named_xls_is_refused_as_what_it_is(write, content):
    with pytest.raises(FileRefused, match="其实是网页"):
        read(write(content))

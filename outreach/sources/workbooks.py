"""A received file into sheets of text, by its content and never by its name."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from outreach.errors import FileRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Cell = int | float | str | bool | date | datetime | time | timedelta | None

_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"
WORKBOOK_STARTS = (_ZIP, _OLE)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)
_PANIC = "PanicException"
"""How the reader ends on some damaged workbooks: no `Exception`, and not to be imported."""

_CELL = re.compile(rb'[<:]c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*(?<!/)>')
"""A cell with something in it; one that only has a format ends at once."""

_UNCOUNTED = re.compile(
    rb'[<:]c\s([^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*)>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)'
    rb"\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
"""A formula whose result nobody saved: written by a program, never opened in a spreadsheet."""

_SHEET = re.compile(rb'<(?:\w+:)?sheet\s[^>]*?\bname="([^"]*)"[^>]*?\b\w+:id="([^"]*)"')
_PART = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(rb'\b(Id|Target)="([^"]*)"')
_FEW_BAD = 0.1
"""UTF-8 with more bad characters than this share of its foreign ones is another encoding."""

_FIRST_INEXACT = 2**53
"""From here on a spreadsheet's number no longer holds every digit of a code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is still read; more is refused before it is unpacked.

    most_memory_bytes, most_cpu_seconds, most_wall_seconds : what the process that reads one file
    may take; a file of 300,000 rows stays far below.
    """

    most_bytes: int = 50_000_000
    most_unpacked_bytes: int = 300_000_000
    most_entries: int = 300
    most_rows: int = 300_000
    most_cells: int = 20_000_000
    most_memory_bytes: int = 1_500_000_000
    most_cpu_seconds: int = 60
    most_wall_seconds: int = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table of texts; `rows[0]` is the line that a person sees as line 1.

    `uncounted` are line and column, both from 1, of formulas without a saved result.
    """

    name: str
    rows: list[list[str]]
    encoding: str
    uncounted: frozenset[tuple[int, int]] = frozenset()


def read_sheets(path: Path, limits: Limits) -> list[Sheet]:
    """Read a file's sheets.

    Raises
    ------
    FileRefused
        When the file is missing, empty, too large, encrypted, truncated, a zip bomb, or of a kind
        that holds no table.
    """
    content = _read_bytes(path, limits)
    if content.startswith(_ZIP):
        uncounted = _check_archive(content, path, limits)
        return _with_uncounted(_read_workbook(content, path, limits), uncounted)
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise FileRefused("“{file}”有密码,请去掉密码后再导入", file=path.name)
        return _read_workbook(content, path, limits)
    return [_read_text(content, path, limits)]


def _with_uncounted(
    sheets: list[Sheet], uncounted: dict[str, frozenset[tuple[int, int]]]
) -> list[Sheet]:
    """Tell the sheets their formulas without result; a line of nothing else is a line too."""
    known = {sheet.name: sheet for sheet in sheets}
    for name, cells in uncounted.items():
        if cells:
            sheet = known.get(name) or Sheet(name=name, rows=[], encoding="workbook")
            missing = max(line for line, _ in cells) - len(sheet.rows)
            rows = [*sheet.rows, *([] for _ in range(missing))]
            known[name] = replace(sheet, rows=rows, uncounted=cells)
    return list(known.values())


def _read_bytes(path: Path, limits: Limits) -> bytes:
    if not path.is_file():
        raise FileRefused("没有找到文件“{file}”,请核对文件名", file=str(path))
    size = path.stat().st_size
    if size == 0:
        raise FileRefused("“{file}”是空文件,请重新导出", file=path.name)
    if size > limits.most_bytes:
        raise FileRefused(
            "“{file}”有 {size} MB,超过 {most} MB 的上限,请拆分后再导入",
            file=path.name,
            size=-(-size // 1_000_000),
            most=limits.most_bytes // 1_000_000,
        )
    return path.read_bytes()


def _check_archive(
    content: bytes, path: Path, limits: Limits
) -> dict[str, frozenset[tuple[int, int]]]:
    """Look at the archive's directory before anything is unpacked, then at each sheet's reach.

    Returns the formulas without a result by the sheet's name.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _BROKEN as error:
        raise FileRefused("“{file}”不完整,请重新导出或重新传送", file=path.name) from error
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > limits.most_entries or unpacked > limits.most_unpacked_bytes:
        raise FileRefused(
            "“{file}”展开后有 {size} MB,超过 {most} MB 的上限,没有打开",
            file=path.name,
            size=-(-unpacked // 1_000_000),
            most=limits.most_unpacked_bytes // 1_000_000,
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileRefused("“{file}”有密码,请去掉密码后再导入", file=path.name)
    names = {entry.filename for entry in entries}
    if "xl/workbook.bin" in names or not any(name.startswith("xl/") for name in names):
        raise FileRefused("“{file}”不是表格文件,请导出为 xlsx、xls 或 csv", file=path.name)
    sheets = [name for name in names if _is_sheet(name)]
    uncounted = {name: _check_extent(archive, name, path, limits) for name in sheets}
    if not any(uncounted.values()):
        return {}
    return {name: uncounted.get(part, frozenset()) for name, part in _parts(archive).items()}


def _is_sheet(part: str) -> bool:
    return part.startswith("xl/worksheets/") and part.endswith(".xml")


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Name of a sheet -> its part of the archive."""
    targets: dict[bytes, str] = {}
    for relation in _PART.findall(archive.read("xl/_rels/workbook.xml.rels")):
        found = dict(_ATTRIBUTE.findall(relation))
        target = found.get(b"Target", b"").decode()
        targets[found.get(b"Id", b"")] = target.lstrip("/") if target[:1] == "/" else f"xl/{target}"
    return {
        html.unescape(name.decode()): targets.get(key, "")
        for name, key in _SHEET.findall(archive.read("xl/workbook.xml"))
    }


def _check_extent(
    archive: zipfile.ZipFile, name: str, path: Path, limits: Limits
) -> frozenset[tuple[int, int]]:
    """Refuse a sheet that reaches too far: one stray cell in the last corner fills the memory."""
    try:
        content = archive.read(name)
    except _BROKEN as error:
        raise FileRefused("“{file}”不完整,请重新导出或重新传送", file=path.name) from error
    cells = _CELL.findall(content)
    rows = max((int(row) for _, row in cells), default=0)
    _check_rows(rows, path, limits)
    columns = max((_column_number(letters) for letters, _ in cells), default=0)
    if rows * columns > limits.most_cells:
        raise FileRefused(
            "“{file}”的表格一直到第 {rows} 行、第 {columns} 列,多半是空白,请删掉多余的行列后再导入",
            file=path.name,
            rows=rows,
            columns=columns,
        )
    if b"<f>" not in content and b"<f " not in content:
        return frozenset()
    return frozenset(
        (int(row), _column_number(letters))
        for attributes, letters, row in _UNCOUNTED.findall(content)
        if b't="str"' not in attributes
    )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _check_rows(rows: int, path: Path, limits: Limits) -> None:
    if rows > limits.most_rows:
        raise FileRefused(
            "“{file}”有 {rows} 行,超过 {most} 行的上限,请拆分后再导入",
            file=path.name,
            rows=rows,
            most=limits.most_rows,
        )


def _read_workbook(content: bytes, path: Path, limits: Limits) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook  # lazy: start-up time

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [
            Sheet(
                name=name,
                rows=_to_text(workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)),
                encoding="workbook",
            )
            for name in workbook.sheet_names
            if _has_few_rows(workbook, name, path, limits)
        ]
    except FileRefused:
        raise
    except BaseException as error:
        known = isinstance(error, (CalamineError, *_BROKEN, KeyError))
        if not known and type(error).__name__ != _PANIC:
            raise
        raise FileRefused("“{file}”打不开,可能不完整或有密码,请重新导出", file=path.name) from error
    return sheets


def _has_few_rows(workbook: object, name: str, path: Path, limits: Limits) -> bool:
    sheet = workbook.get_sheet_by_name(name)  # type: ignore[attr-defined]
    _check_rows(sheet.height, path, limits)
    return bool(sheet.height)


def _to_text(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    return [
        [cell.replace("\x00", "") if isinstance(cell, str) else cell_text(cell) for cell in row]
        for row in rows
    ]


def cell_text(cell: Cell) -> str:
    """Return a cell as the text that a person would have typed.

    A number too large to hold every digit is written in scientific notation, so that it is seen
    as the lost code that it is.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return str(cell)


def _number_text(number: float) -> str:
    if not number.is_integer():
        return repr(number)
    return str(int(number)) if abs(number) < _FIRST_INEXACT else f"{number:.10E}"


def _read_text(content: bytes, path: Path, limits: Limits) -> Sheet:
    text, encoding = decode(content)
    start = text.lstrip()[:1]
    if content.startswith(_PDF) or "\x00" in text:
        raise FileRefused("“{file}”不是表格文件,请导出为 xlsx、xls 或 csv", file=path.name)
    if start == "<":
        raise FileRefused("“{file}”其实是网页,请在表格软件里另存为 xlsx", file=path.name)
    if not start:
        raise FileRefused("“{file}”是空文件,请重新导出", file=path.name)
    try:
        rows = list(
            csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        )
    except csv.Error as error:
        raise FileRefused("“{file}”不完整或引号不成对,请重新导出", file=path.name) from error
    _check_rows(len(rows), path, limits)
    _require_whole(rows, text, path)
    return Sheet(name=path.name, rows=rows, encoding=encoding)


def _require_whole(rows: list[list[str]], text: str, path: Path) -> None:
    """A transfer that broke off leaves a last line that is short and does not end."""
    widest = max((len(row) for row in rows), default=0)
    if (
        not text.endswith(("\n", "\r"))
        and len(rows) > 1
        and len(rows[-1]) < widest == len(rows[-2])
    ):
        raise FileRefused("“{file}”不完整:最后一行断在中间,请重新传送", file=path.name)


def decode(content: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding; a bad byte becomes U+FFFD.

    UTF-8 (with or without BOM), UTF-16 with BOM and GB18030 are known.
    """
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace"), encoding
    text = content.decode("utf-8", errors="replace")
    foreign = sum(not character.isascii() for character in text)
    if text.count("\ufffd") <= _FEW_BAD * foreign:
        return text, "utf-8"
    return content.decode("gb18030", errors="replace"), "gb18030"


def _delimiter(text: str) -> str:
    """The character that most lines hold equally often; commas inside a column's text vary."""
    # Not `splitlines`: it also breaks at characters that a cell may hold.
    lines = text[:20_000].replace("\r\n", "\n").replace("\r", "\n").split("\n")[:50]

    def evenness(mark: str) -> tuple[int, int]:
        counts = Counter(line.count(mark) for line in lines if mark in line)
        return max(((lines_alike, times) for times, lines_alike in counts.items()), default=(0, 0))

    return max((",", "\t", ";"), key=evenness)

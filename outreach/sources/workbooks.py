"""A received file into sheets of text, by its content and never by its name."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from outreach.errors import FileRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Cell = int | float | str | bool | date | datetime | time | timedelta | None

_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FIRST_INEXACT = 2**53
"""From here on a spreadsheet's number no longer holds every digit of a code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is still read; more is refused before it is unpacked."""

    most_bytes: int = 50_000_000
    most_unpacked_bytes: int = 300_000_000
    most_entries: int = 300
    most_rows: int = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table of texts; `rows[0]` is the line that a person sees as line 1."""

    name: str
    rows: list[list[str]]
    encoding: str


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
        _check_archive(content, path, limits)
        return _read_workbook(content, path, limits)
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise FileRefused("“{file}”有密码,请去掉密码后再导入", file=path.name)
        return _read_workbook(content, path, limits)
    return [_read_text(content, path, limits)]


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
            size=size // 1_000_000,
            most=limits.most_bytes // 1_000_000,
        )
    return path.read_bytes()


def _check_archive(content: bytes, path: Path, limits: Limits) -> None:
    """Look at the archive's directory only, before anything is unpacked."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile as error:
        raise FileRefused("“{file}”不完整,请重新导出或重新传送", file=path.name) from error
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > limits.most_entries or unpacked > limits.most_unpacked_bytes:
        raise FileRefused(
            "“{file}”展开后有 {size} MB,超过 {most} MB 的上限,没有打开",
            file=path.name,
            size=unpacked // 1_000_000,
            most=limits.most_unpacked_bytes // 1_000_000,
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileRefused("“{file}”有密码,请去掉密码后再导入", file=path.name)
    if not any(entry.filename.startswith("xl/") for entry in entries):
        raise FileRefused("“{file}”不是表格文件,请导出为 xlsx、xls 或 csv", file=path.name)


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
    except (CalamineError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise FileRefused("“{file}”打不开,可能不完整或有密码,请重新导出", file=path.name) from error
    return sheets


def _has_few_rows(workbook: object, name: str, path: Path, limits: Limits) -> bool:
    sheet = workbook.get_sheet_by_name(name)  # type: ignore[attr-defined]
    if sheet.height > limits.most_rows:
        raise FileRefused(
            "“{file}”有 {rows} 行,超过 {most} 行的上限,请拆分后再导入",
            file=path.name,
            rows=sheet.height,
            most=limits.most_rows,
        )
    return bool(sheet.height)


def _to_text(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    return [[cell if isinstance(cell, str) else cell_text(cell) for cell in row] for row in rows]


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
    if content.startswith(_PDF) or "\x00" in text[:4096]:
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
    if len(rows) > limits.most_rows:
        raise FileRefused(
            "“{file}”有 {rows} 行,超过 {most} 行的上限,请拆分后再导入",
            file=path.name,
            rows=len(rows),
            most=limits.most_rows,
        )
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
    readings = [
        (content.decode(encoding, errors="replace"), encoding) for encoding in ("utf-8", "gb18030")
    ]
    return min(readings, key=lambda reading: reading[0].count("�"))


def _delimiter(text: str) -> str:
    sample = text[:20_000]
    return max((",", "\t", ";"), key=sample.count)

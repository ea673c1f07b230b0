"""One sheet of texts, numbers and days as an xlsx file, row after row.

openpyxl needs 17 s for 46,000 rows of fourteen columns on a busy machine; a person who waits for a
page does not. This writes the few parts of the format that a plain table needs, all texts as inline
text, which no spreadsheet takes for a formula.
"""

from __future__ import annotations

import re
import zipfile
from datetime import date
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PLAIN, HEAD, RED, AMBER, NOTE = 0, 1, 2, 3, 4
"""Looks of a row; a note stands below the table and is never filtered away."""

_WHOLE, _DECIMAL, _DAY = 5, 6, 7
"""Looks of a cell that is no text: thousands, six decimals, year-month-day."""

_EPOCH = date(1899, 12, 30)
"""Day 0 of a workbook, for every day after February 1900."""

Cell = str | int | float | date | None
"""A text, a number, a day, or nothing."""

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>'
)
_RELATIONS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_PARTS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
)
_FILL = '<fill><patternFill patternType="solid"><fgColor rgb="FF{}"/></patternFill></fill>'
_LOOK = '<xf numFmtId="{}" fontId="{}" fillId="{}" borderId="0" xfId="0" applyNumberFormat="1"/>'
_TEXT = 49
_LOOKS = "".join(
    _LOOK.format(*look)
    for look in (
        (_TEXT, 0, 0),
        (_TEXT, 1, 0),
        (_TEXT, 0, 2),
        (_TEXT, 0, 3),
        (_TEXT, 0, 0),
        (3, 0, 0),
        (164, 0, 0),
        (165, 0, 0),
    )
)
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="0.000000"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/></font>'
    '<font><b/><sz val="11"/></font></fonts><fills count="4"><fill><patternFill '
    'patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    f"{_FILL.format('F6C7CD')}{_FILL.format('FBE3B5')}</fills>"
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="8">{_LOOKS}</cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


def write_sheet(
    name: str, widths: Sequence[int], rows: Iterable[tuple[int, Sequence[Cell]]]
) -> bytes:
    """Write a workbook of one sheet.

    Parameters
    ----------
    name : of the sheet.
    widths : of the columns, in characters.
    rows : look (`PLAIN`, `HEAD`, `RED`, `AMBER` or `NOTE`) and cells of each row; the first one
        stays in view and filters those up to the first note.
    """
    letters = [_letters(place) for place in range(1, len(widths) + 1)]
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as book:
        book.writestr("[Content_Types].xml", _TYPES)
        book.writestr("_rels/.rels", _RELATIONS)
        book.writestr("xl/_rels/workbook.xml.rels", _PARTS)
        book.writestr("xl/styles.xml", _STYLES)
        book.writestr("xl/workbook.xml", _workbook(name))
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(_before(widths).encode())
            last = 0
            for place, (look, cells) in enumerate(rows, start=1):
                sheet.write(_row(place, look, cells, letters).encode())
                last = place if look != NOTE and last == place - 1 else last
            sheet.write(_after(letters, last).encode())
    return file.getvalue()


def _workbook(name: str) -> str:
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _before(widths: Sequence[int]) -> str:
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1" style="0"/>'
        for place, width in enumerate(widths, start=1)
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews><cols>{columns}</cols><sheetData>"
    )


def _row(number: int, look: int, cells: Sequence[Cell], letters: Sequence[str]) -> str:
    start = f'{number}" s="{look}"'
    written = [
        (
            f'<c r="{letter}{start} t="inlineStr"><is><t xml:space="preserve">'
            f"{escape(_legal(cell), quote=False)}</t></is></c>"
            if isinstance(cell, str)
            else _typed(f"{letter}{number}", cell)
        )
        if cell or cell == 0
        else _blank(letter, number, look)
        for letter, cell in zip(letters, cells, strict=True)
    ]
    return f'<row r="{number}">{"".join(written)}</row>'


def _typed(place: str, cell: float | date | None) -> str:
    if isinstance(cell, date):
        return f'<c r="{place}" s="{_DAY}"><v>{(cell - _EPOCH).days}</v></c>'
    return f'<c r="{place}" s="{_WHOLE if isinstance(cell, int) else _DECIMAL}"><v>{cell}</v></c>'


def _legal(text: str) -> str:
    """The text without what XML takes not; what is printable, as most is, is not looked through."""
    return text if text.isprintable() else _ILLEGAL.sub("", text)


def _blank(letter: str, number: int, look: int) -> str:
    return f'<c r="{letter}{number}" s="{look}"/>' if look != PLAIN else ""


def _after(letters: Sequence[str], last: int) -> str:
    return f'</sheetData><autoFilter ref="A1:{letters[-1]}{max(1, last)}"/></worksheet>'


def _letters(place: int) -> str:
    found = ""
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(ord("A") + rest) + found
    return found

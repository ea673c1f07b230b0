"""One sheet of texts as an xlsx file, row after row.

openpyxl needs 17 s for 46,000 rows of fourteen columns on a busy machine; a person who waits for a
page does not. This writes the few parts of the format that a plain table needs, all cells as inline
text, which no spreadsheet takes for a formula.
"""

from __future__ import annotations

import re
import zipfile
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PLAIN, HEAD, RED, AMBER = 0, 1, 2, 3
"""Looks of a row."""

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
_LOOK = '<xf numFmtId="49" fontId="{}" fillId="{}" borderId="0" xfId="0" applyNumberFormat="1"/>'
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/></font>'
    '<font><b/><sz val="11"/></font></fonts><fills count="4"><fill><patternFill '
    'patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    f"{_FILL.format('F6C7CD')}{_FILL.format('FBE3B5')}</fills>"
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="4">{_LOOK.format(0, 0)}{_LOOK.format(1, 0)}{_LOOK.format(0, 2)}'
    f"{_LOOK.format(0, 3)}</cellXfs>"
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


def write_sheet(
    name: str, widths: Sequence[int], rows: Iterable[tuple[int, Sequence[str]]]
) -> bytes:
    """Write a workbook of one sheet.

    Parameters
    ----------
    name : of the sheet.
    widths : of the columns, in characters.
    rows : look (`PLAIN`, `HEAD`, `RED` or `AMBER`) and texts of each row; the first one stays in
        view and filters the others.
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
            for last, (look, texts) in enumerate(rows, start=1):
                sheet.write(_row(last, look, texts, letters).encode())
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


def _row(number: int, look: int, texts: Sequence[str], letters: Sequence[str]) -> str:
    start = f'{number}" s="{look}"'
    cells = [
        f'<c r="{letter}{start} t="inlineStr"><is><t xml:space="preserve">'
        f"{escape(_legal(text), quote=False)}</t></is></c>"
        if text
        else _blank(letter, number, look)
        for letter, text in zip(letters, texts, strict=True)
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


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

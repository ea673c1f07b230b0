"""A paper as a Word file on A4. The one door to python-docx."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from outreach.documents.papers import Paper, Table

FONT = "Microsoft YaHei"
"""Named, not enclosed: Word takes its own Chinese font where the machine lacks this one."""


def write_word(paper: Paper) -> bytes:
    """Write the paper; every text is text, no field and no formula."""
    from docx import Document  # lazy: start-up time
    from docx.shared import Mm, Pt

    book: Any = Document()
    page = book.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(20)
    page.top_margin = page.bottom_margin = Mm(18)
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        _set_font(book.styles[name])
    book.styles["Normal"].font.size = Pt(10.5)
    book.add_heading(_clean(paper.title), level=1)
    for note in paper.notes:
        book.add_paragraph(_clean(note))
    for part in paper.parts:
        book.add_heading(_clean(part.title), level=2)
        if part.facts:
            rows = tuple((fact.label, fact.value, fact.origin) for fact in part.facts)
            _add_rows(book, rows, (0.22, 0.48, 0.30))
        if part.table is not None:
            _add_table(book, part.table)
        for sentence in part.sentences:
            book.add_paragraph(_clean(sentence))
        if part.picture is not None:
            book.add_picture(BytesIO(part.picture), width=Mm(170))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _clean(text: str) -> str:
    """XML takes no control characters."""
    return "".join(c for c in text if c >= " " or c in "\n\t")


def _set_font(style: Any) -> None:  # noqa: ANN401  (python-docx is untyped here)
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    style.font.name = FONT
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    style.font.color.rgb = RGBColor(0x1A, 0x1D, 0x21)


def _add_table(book: Any, table: Table) -> None:  # noqa: ANN401
    _add_rows(book, (table.headers, *table.rows), table.widths, has_head=True)


def _add_rows(
    book: Any,  # noqa: ANN401
    rows: tuple[tuple[str, ...], ...],
    widths: tuple[float, ...],
    *,
    has_head: bool = False,
) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Mm

    line_mm = 170
    grid = book.add_table(rows=0, cols=len(widths), style="Table Grid")
    grid.autofit = False
    for number, texts in enumerate(rows):
        row = grid.add_row()
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = Mm(line_mm * width)
            cell.text = _clean(text)
            if has_head and number == 0:
                cell.paragraphs[0].runs[0].bold = True
        if has_head and number == 0:
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001
    book.add_paragraph()

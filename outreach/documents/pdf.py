"""A paper as a PDF on A4, set line by line."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from outreach.documents.fonts import chinese_font

if TYPE_CHECKING:
    from outreach.documents.papers import Paper, Part, Table

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
MARGIN_MM = 18.0
LINE_MM = WIDTH_MM - 2 * MARGIN_MM
BODY_PT, HEAD_PT, TITLE_PT, SMALL_PT = 9.5, 12.0, 17.0, 8.0
_MM_PT = 25.4 / 72
_LEADING = 1.5
INK, SECOND, RULE = "#1a1d21", "#50565e", "#c9ced6"


def write_pdf(paper: Paper) -> bytes:
    """Write the paper; its text can be selected and searched.

    Raises
    ------
    Conflict
        When this machine has no Chinese font.
    """
    import matplotlib as mpl  # lazy: start-up time
    from matplotlib.backends.backend_pdf import PdfPages

    file = BytesIO()
    with mpl.rc_context({"pdf.fonttype": 42, "font.family": chinese_font()}):
        pages = _Pages(title=paper.title)
        _lay_out(pages, paper)
        with PdfPages(file, metadata={"Title": paper.title, "CreationDate": None}) as book:
            for number, figure in enumerate(pages.figures, start=1):
                foot = f"{paper.title}   {number} / {len(pages.figures)}"
                _text(figure, foot, WIDTH_MM / 2, HEIGHT_MM - 9, SMALL_PT, SECOND, align="center")
                book.savefig(figure)
    return file.getvalue()


def _lay_out(pages: _Pages, paper: Paper) -> None:
    pages.say(paper.title, TITLE_PT)
    for note in paper.notes:
        pages.say(note, SMALL_PT, colour=SECOND)
    for part in paper.parts:
        _lay_part(pages, part)


def _lay_part(pages: _Pages, part: Part) -> None:
    pages.skip(4)
    # A heading stays with the picture below it.
    pages.keep(18 + (_height_mm(part.picture) if part.picture is not None else 0))
    pages.say(part.title, HEAD_PT)
    pages.rule()
    for fact in part.facts:
        pages.row((fact.label, fact.value, fact.origin), (0.22, 0.48, 0.30), faint=(0, 2))
    if part.table is not None:
        _lay_table(pages, part.table)
    for sentence in part.sentences:
        pages.say(sentence, BODY_PT)
    if part.picture is not None:
        pages.show(part.picture)


def _lay_table(pages: _Pages, table: Table) -> None:
    every = tuple(range(len(table.headers)))
    pages.row(table.headers, table.widths, faint=every, right=table.numbers)
    pages.rule()
    for row in table.rows:
        pages.row(row, table.widths, right=table.numbers)


def _height_mm(picture: bytes) -> float:
    """How high a PNG is as wide as the line, or as high as a page allows below its heading."""
    from PIL import Image  # lazy: start-up time

    with Image.open(BytesIO(picture)) as image:
        return min(LINE_MM * image.height / image.width, HEIGHT_MM - 2 * MARGIN_MM - 20)


def _units(character: str) -> float:
    """The width of a character in parts of the type size: a Chinese one is as wide as high."""
    wide = unicodedata.east_asian_width(character) in "WFA"
    return 1.0 if wide else 0.6


def wrap(text: str, width_mm: float, size_pt: float) -> list[str]:
    """Break a text into lines; at a blank where the line has one, else anywhere.

    No width is measured: the estimate is on the safe side for the fonts that are looked for.
    """
    most = width_mm / (size_pt * _MM_PT)
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line, filled = "", 0.0
        for character in paragraph:
            if filled + _units(character) > most and line:
                head, blank, tail = line.rpartition(" ")
                cut = blank and character != " " and character.isascii() and tail.isascii()
                lines.append(head if cut else line)
                line = tail if cut else ""
                filled = sum(map(_units, line))
            line += character
            filled += _units(character)
        lines.append(line)
    return lines


def _text(
    figure: Any,  # noqa: ANN401  (a matplotlib figure)
    text: str,
    left_mm: float,
    top_mm: float,
    size_pt: float,
    colour: str = INK,
    *,
    align: str = "left",
) -> None:
    shown = "".join(c for c in text if c.isprintable())
    figure.text(
        left_mm / WIDTH_MM,
        1 - top_mm / HEIGHT_MM,
        shown,
        fontsize=size_pt,
        color=colour,
        va="top",
        ha=align,
        parse_math=False,
    )


@dataclass
class _Pages:
    """Pages being filled from top to bottom; `top_mm` is where the next line goes."""

    title: str
    figures: list[Any] = field(default_factory=list)
    top_mm: float = HEIGHT_MM

    def keep(self, height_mm: float) -> None:
        """Begin a new page unless so much is left on this one."""
        if self.top_mm + height_mm <= HEIGHT_MM - MARGIN_MM and self.figures:
            return
        from matplotlib.figure import Figure  # lazy: start-up time

        self.figures.append(Figure(figsize=(WIDTH_MM / 25.4, HEIGHT_MM / 25.4)))
        self.top_mm = MARGIN_MM

    def skip(self, height_mm: float) -> None:
        """Leave some room."""
        self.top_mm += height_mm

    def say(self, text: str, size_pt: float, *, colour: str = INK) -> None:
        """Set a text over the whole line."""
        for line in wrap(text, LINE_MM, size_pt):
            height = size_pt * _MM_PT * _LEADING
            self.keep(height)
            _text(self.figures[-1], line, MARGIN_MM, self.top_mm, size_pt, colour)
            self.top_mm += height

    def rule(self) -> None:
        """Draw a hair line."""
        from matplotlib.lines import Line2D  # lazy: start-up time

        self.keep(2)
        y = 1 - (self.top_mm + 0.5) / HEIGHT_MM
        ends = [MARGIN_MM / WIDTH_MM, 1 - MARGIN_MM / WIDTH_MM]
        self.figures[-1].add_artist(Line2D(ends, [y, y], color=RULE, linewidth=0.6))
        self.top_mm += 2

    def show(self, picture: bytes) -> None:
        """Place a PNG over the whole line, on a new page when this one has no room for it."""
        from PIL import Image  # lazy: start-up time

        with Image.open(BytesIO(picture)) as image:
            pixels = image.convert("RGB")
        height = _height_mm(picture)
        self.keep(height)
        box = (
            MARGIN_MM / WIDTH_MM,
            1 - (self.top_mm + height) / HEIGHT_MM,
            LINE_MM / WIDTH_MM,
            height / HEIGHT_MM,
        )
        axes = self.figures[-1].add_axes(box)
        axes.imshow(pixels)
        axes.axis("off")
        self.top_mm += height

    def row(
        self,
        texts: tuple[str, ...],
        widths: tuple[float, ...],
        *,
        faint: tuple[int, ...] = (),
        right: frozenset[int] = frozenset(),
    ) -> None:
        """Set cells side by side; a row that is longer than a page is cut at its end.

        The cells of the columns `right` end at their right edge.
        """
        cells = [
            wrap(text, LINE_MM * width - 2, BODY_PT)
            for text, width in zip(texts, widths, strict=True)
        ]
        height = BODY_PT * _MM_PT * _LEADING
        most = int((HEIGHT_MM - 2 * MARGIN_MM) / height) - 1
        cells = [cell[:most] for cell in cells]
        self.keep(height * max(map(len, cells)) + 1)
        left = MARGIN_MM
        for place, (lines, width) in enumerate(zip(cells, widths, strict=True)):
            colour = SECOND if place in faint else INK
            for number, line in enumerate(lines):
                top = self.top_mm + number * height
                if place in right:
                    edge = left + LINE_MM * width - 2
                    _text(self.figures[-1], line, edge, top, BODY_PT, colour, align="right")
                else:
                    _text(self.figures[-1], line, left, top, BODY_PT, colour)
            left += LINE_MM * width
        self.top_mm += height * max(map(len, cells)) + 1

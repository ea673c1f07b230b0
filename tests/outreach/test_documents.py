"""Papers as files, and the breaking of lines."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from outreach.documents import fonts, pdf
from outreach.documents.papers import Fact, Paper, Part, Table
from outreach.documents.pdf import wrap, write_pdf
from outreach.errors import Conflict


@given(st.text(alphabet="工会 走访ABC abc,。1234", max_size=200), st.floats(20, 170))
def test_breaking_lines_loses_no_character_but_blanks(text, width):
    lines = wrap(text, width, 10)
    assert "".join("".join(lines).split()) == "".join(text.split())
    most = width / (10 * 25.4 / 72)
    assert all(sum(map(pdf._units, line)) <= most or len(line) == 1 for line in lines)


def test_a_long_table_goes_on_over_several_pages():
    rows = tuple((str(n), "一" * 60, "x") for n in range(120))
    table = Table(headers=("序号", "名称", "备注"), rows=rows, widths=(0.2, 0.6, 0.2))
    paper = Paper(title="长表", notes=("注",), parts=(Part(title="表", table=table),))
    assert write_pdf(paper).count(b"/Type /Page\n") + write_pdf(paper).count(b"/Type /Page ") > 2


def test_a_cell_that_is_longer_than_a_page_does_not_hang():
    fact = Fact(label="长", value="长" * 20_000)
    assert write_pdf(Paper(title="x", notes=(), parts=(Part(title="p", facts=(fact,)),)))


def test_dollar_signs_are_no_formulas_of_the_typesetter():
    fact = Fact(label="$x^2$", value="\\frac{1}{2} $")
    assert write_pdf(Paper(title="$", notes=("_^",), parts=(Part(title="p", facts=(fact,)),)))


def test_rows_and_headers_must_be_of_one_length():
    with pytest.raises(ValueError, match="cells below"):
        Table(headers=("a", "b"), rows=(("1",),), widths=(0.5, 0.5))


def test_a_machine_without_a_chinese_font_says_what_to_install(monkeypatch):
    fonts.chinese_font.cache_clear()
    monkeypatch.setattr(fonts, "WANTED", ("A Font That Nobody Has",))
    with pytest.raises(Conflict, match="fonts-noto-cjk"):
        fonts.chinese_font()
    fonts.chinese_font.cache_clear()


def texts_of(figure):
    return [one.get_text() for one in figure.texts]


@pytest.mark.parametrize("lines", range(30, 48, 3))
def test_a_heading_stands_on_the_page_of_its_picture(lines):
    file = BytesIO()
    Image.new("RGB", (160, 120)).save(file, "PNG")
    filled = Part(title="表", sentences=("一行",) * lines)
    pages = pdf._Pages(title="x")
    shown = Part(title="地图", picture=file.getvalue())
    pdf._lay_out(pages, Paper(title="x", notes=(), parts=(filled, shown)))
    (on,) = (figure for figure in pages.figures if figure.axes)
    assert "地图" in texts_of(on)


def test_columns_of_numbers_end_at_one_edge():
    table = Table(
        headers=("镇街", "家"),
        rows=(("甲", "1"), ("乙", "1,000")),
        widths=(0.5, 0.5),
        numbers=frozenset({1}),
    )
    pages = pdf._Pages(title="x")
    pdf._lay_part(pages, Part(title="表", table=table))
    numbers = [one for one in pages.figures[0].texts if one.get_text() in {"1", "1,000", "家"}]
    assert {one.get_ha() for one in numbers} == {"right"}
    assert len({one.get_position()[0] for one in numbers}) == 1

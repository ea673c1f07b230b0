"""The legend: everything that the reader needs, and nothing that runs."""

from __future__ import annotations

import html
import re

import pytest
from made_up_grids import HOSTILE

from maps.legend import Legend, LegendClass, Mark, legend_html, texture_svg, textured
from maps.palette import Texture


def legend(word: str, mark: Mark = Mark.AREA) -> Legend:
    line = LegendClass(mark=mark, colour="#1f4e8c", label=word, detail=word)
    return Legend(
        title=word,
        unit=word,
        total=word,
        classes=(line,),
        notes=(word,),
        as_of=word,
        credit=word,
    )


@pytest.mark.parametrize("word", HOSTILE)
def test_every_word_is_shown_as_it_was_typed_and_nothing_more(word: str) -> None:
    made = legend_html(legend(word))
    words = [html.unescape(part) for part in re.sub(r"<[^>]*>", "\n", made).split("\n") if part]
    assert words == [word] * 8
    assert "window.pwned=1>" not in made


@pytest.mark.parametrize("mark", list(Mark))
def test_each_mark_is_drawn(mark: Mark) -> None:
    made = legend_html(legend("甲", mark))
    assert made.count("<svg") == 1
    assert "#1f4e8c" in made


def test_a_texture_is_defined_once_and_named() -> None:
    pair = ("#1f4e8c", Texture.HATCHED)
    made = texture_svg((pair, pair, ("#ffffff", Texture.DOTTED)))
    assert re.findall(r'pattern id="([^"]+)"', made) == ["hatched-1f4e8c", "dotted-ffffff"]
    assert textured(*pair) == "url(#hatched-1f4e8c)"
    assert textured("#1f4e8c", Texture.PLAIN) == "#1f4e8c"

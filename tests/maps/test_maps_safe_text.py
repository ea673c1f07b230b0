"""Safe text: nothing that a browser or a template engine would act on is left."""

from __future__ import annotations

import html
import json

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_grids import HOSTILE

from maps.safe_text import FORBIDDEN, joined, safe_text, script_json, tagged

shown = st.text(st.characters(exclude_categories=("Cc", "Cs")))


@given(shown)
def test_a_browser_shows_exactly_what_was_typed(text: str) -> None:
    assert html.unescape(safe_text(text)) == text


@given(st.text())
def test_no_meaningful_character_is_left(text: str) -> None:
    bare = safe_text(text)
    for entity in [f"&#{ord(one)};" for one in FORBIDDEN]:
        bare = bare.replace(entity, "")
    assert not set(FORBIDDEN) & set(bare)
    bare.encode("utf-8")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_template_engine_finds_nothing_to_compute(text: str) -> None:
    safe = safe_text(text)
    assert jinja2.Environment(autoescape=False).from_string(safe).render() == safe


def test_controls_are_shown_as_unshowable() -> None:
    assert safe_text("a\x00b\x1b\ud800") == "a\ufffdb\ufffd\ufffd"


def test_names_stay_as_they_are() -> None:
    assert safe_text("赣县区第1网格 (A座)") == "赣县区第1网格 (A座)"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_script_value_cannot_end_its_script_and_reads_back(text: str) -> None:
    written = script_json({"name": [text, 1.5]})
    assert not {"<", ">", "&", "\u2028", "\u2029"} & set(written)
    assert json.loads(written) == {"name": [text, 1.5]}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_javascript_cannot_read_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        script_json([value])


def test_safe_pieces_are_wrapped_and_joined() -> None:
    assert tagged("p", safe_text("<"), safe_text("a"), css="note wide") == (
        '<p class="note wide">&#60;a</p>'
    )
    assert joined(safe_text("a"), tagged("b", safe_text("c"))) == "a<b>c</b>"


@pytest.mark.parametrize(("tag", "css"), [("p onclick=x", ""), ("p", 'a"b'), ("甲", ""), ("", "")])
def test_an_element_that_is_not_plain_is_refused(tag: str, css: str) -> None:
    with pytest.raises(ValueError, match="text belongs inside"):
        tagged(tag, css=css)

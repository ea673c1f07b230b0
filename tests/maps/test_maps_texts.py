"""Texts: placeholders are checked when the texts are made, not when a map is drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_grids import CHOROPLETH_TEXTS, DAY, FIRM_TEXTS, HEAT_TEXTS, WORDS

from maps.errors import TextsError
from maps.texts import dated, fill, percent


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (WORDS, "as_of"),
        (CHOROPLETH_TEXTS, "class_detail"),
        (CHOROPLETH_TEXTS, "nothing_detail"),
        (HEAT_TEXTS, "below"),
        (HEAT_TEXTS, "outside"),
        (FIRM_TEXTS, "class_detail"),
    ],
)
@pytest.mark.parametrize("wrong", ["{firm}", "{due.__class__}", "{}", "{due!r}", "{due:,}"])
def test_a_placeholder_that_is_not_filled_is_refused_by_name(texts, name: str, wrong: str) -> None:
    with pytest.raises(TextsError, match=f"The text '{name}' names the placeholder"):
        replace(texts, **{name: wrong})


def test_an_unpaired_brace_is_refused() -> None:
    with pytest.raises(TextsError, match="unpaired brace"):
        replace(FIRM_TEXTS, total="{firms 家")


def test_a_text_without_placeholders_may_hold_braces() -> None:
    assert replace(CHOROPLETH_TEXTS, title="覆盖率 {试").title == "覆盖率 {试"


def test_counts_get_thousands_separators_and_dates_do_not() -> None:
    assert fill("{covered}/{due} 家", covered=1184, due=12574) == "1,184/12,574 家"
    assert dated(WORDS, DAY) == "数据截至 2026年11月20日"
    assert dated(replace(WORDS, as_of="{iso}"), DAY) == "2026-11-20"


@given(whole=st.integers(1, 10**6), missing=st.integers(0, 10**6))
def test_a_hundred_percent_is_written_only_when_nothing_is_left(whole: int, missing: int) -> None:
    part = max(0, whole - missing)
    assert (percent(part, whole) == "100%") is (part == whole)


def test_a_share_that_is_whole_is_not_lost_to_rounding() -> None:
    assert [percent(part, 100) for part in (7, 29, 57, 58)] == ["7%", "29%", "57%", "58%"]

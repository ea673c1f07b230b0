"""Colours and classes: contrast, rounded limits, edges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps import palette
from maps.errors import LayerError
from maps.palette import Classes, ramp, rounded_limits, share_classes, shown_number


def luminance(colour: str) -> float:
    parts = np.frombuffer(bytes.fromhex(colour[1:]), dtype=np.uint8) / 255
    linear = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_the_ramp_gets_darker_step_by_step_in_grey_print() -> None:
    steps = [luminance(colour) for colour in palette.SEQUENTIAL]
    assert all(light > 1.3 * dark for light, dark in pairwise(steps))


@pytest.mark.parametrize("colour", [palette.INK, palette.INK_2, palette.OK, palette.DUE])
@pytest.mark.parametrize("ground", [palette.PAPER, palette.WASH])
def test_words_are_readable_on_paper(colour: str, ground: str) -> None:
    assert (luminance(ground) + 0.05) / (luminance(colour) + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("share", "found"),
    [(0.0, 0), (0.1999, 0), (0.2, 1), (3 / 5, 3), (0.8, 4), (1.0, 4), (float("nan"), -1)],
)
def test_a_share_on_a_limit_belongs_to_the_upper_class(share: float, found: int) -> None:
    assert share_classes().of([share]).tolist() == [found]


@given(st.floats(1e-9, 1e12), st.integers(1, 5))
def test_limits_are_rounded_rise_and_reach_near_the_highest(highest: float, count: int) -> None:
    limits = rounded_limits(highest, count)
    assert len(limits) == count
    assert list(limits) == sorted(set(limits))
    assert 0.4 * highest <= limits[-1] <= highest
    assert {f"{limit:.0e}"[0] for limit in limits} <= {"1", "2", "5"}


def test_limits_are_written_without_rounding_noise() -> None:
    assert rounded_limits(0.37, 5) == (0.01, 0.02, 0.05, 0.1, 0.2)
    assert rounded_limits(500, 3) == (100, 200, 500)


@pytest.mark.parametrize("highest", [0, -1, float("nan"), float("inf")])
def test_no_limits_without_a_positive_value(highest: float) -> None:
    with pytest.raises(LayerError, match="above 0"):
        rounded_limits(highest)


@pytest.mark.parametrize("count", [0, 6])
def test_more_classes_than_can_be_told_apart_are_refused(count: int) -> None:
    for make in (lambda: rounded_limits(10, count), lambda: ramp(count)):
        with pytest.raises(LayerError, match="1 to"):
            make()
    with pytest.raises(LayerError, match="too many"):
        Classes(limits=(1, 2, 3, 4, 5), colours=("#000000",) * 6)


def test_classes_need_a_colour_each_and_rising_limits() -> None:
    with pytest.raises(LayerError, match="2 limits make 3 classes"):
        Classes(limits=(1, 2), colours=ramp(2))
    with pytest.raises(LayerError, match="do not rise"):
        Classes(limits=(2, 2), colours=ramp(3))


def test_a_short_ramp_uses_both_ends() -> None:
    assert ramp(2) == (palette.SEQUENTIAL[0], palette.SEQUENTIAL[-1])
    assert ramp(1) == (palette.SEQUENTIAL[-1],)
    assert ramp(5, palette.DIVERGING) == palette.DIVERGING


@pytest.mark.parametrize(
    ("value", "written"), [(1234, "1,234"), (0.05, "0.05"), (2.5, "2.5"), (0.123456, "0.123")]
)
def test_numbers_are_written_short(value: float, written: str) -> None:
    assert shown_number(value) == written

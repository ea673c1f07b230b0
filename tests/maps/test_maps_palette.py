"""Colours and classes: contrast, rounded limits, edges."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_grids import grids

from maps import palette
from maps.choropleth import DIVERGING, SEQUENTIAL
from maps.closer import FIRM_LOOKS
from maps.errors import LayerError
from maps.layers import selected_outline
from maps.palette import Classes, ramp, rounded_limits, share_classes, shown_number


def luminance(colour: str) -> float:
    parts = np.frombuffer(bytes.fromhex(colour[1:]), dtype=np.uint8) / 255
    linear = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_the_ramp_gets_darker_step_by_step_in_grey_print() -> None:
    steps = [luminance(colour) for colour in palette.SEQUENTIAL]
    assert all(light > 1.3 * dark for light, dark in pairwise(steps))


# Brettel, Viénot and Mollon (1997), Viénot, Brettel and Mollon (1999): a dichromat's colours lie on
# a plane in the space of the three cones. The matrices are for linear sRGB.
SIGHTS = {
    "protanopia": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
    "deuteranopia": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
    "everybody": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
}


def linear(colour: str) -> np.ndarray:
    parts = np.frombuffer(bytes.fromhex(colour[1:]), dtype=np.uint8) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB, D65."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    ratio = np.array(to_xyz) @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def seen(colour: str, sight: str) -> np.ndarray:
    return lab(np.array(SIGHTS[sight]) @ linear(colour))


LOOKS = {"sequential": SEQUENTIAL, "diverging": DIVERGING}


@pytest.mark.parametrize("sight", list(SIGHTS))
@pytest.mark.parametrize("name", list(LOOKS))
def test_any_two_classes_differ_clearly_for_whoever_looks(name: str, sight: str) -> None:
    colours = [seen(colour, sight) for colour in LOOKS[name].colours]
    nearest = min(np.linalg.norm(one - other) for one, other in combinations(colours, 2))
    assert nearest >= 10, (name, sight, nearest)


@pytest.mark.parametrize("name", list(LOOKS))
def test_any_two_classes_differ_in_grey_print_by_lightness_or_by_texture(name: str) -> None:
    look = LOOKS[name]
    grey = [seen(colour, "everybody")[0] for colour in look.colours]
    for one, other in combinations(range(5), 2):
        told = look.textures[one] is not look.textures[other]
        assert told or abs(grey[one] - grey[other]) >= 10, (name, one, other)


def test_the_marks_of_firms_differ_without_any_colour() -> None:
    shapes = {(look.filled, look.radius_px) for look in FIRM_LOOKS}
    assert len(shapes) == len(FIRM_LOOKS)


@pytest.mark.parametrize("sight", list(SIGHTS))
def test_the_selected_grid_is_outlined_on_a_seam_that_everybody_tells_from_it(sight: str) -> None:
    frame = grids()
    outline = selected_outline(frame.geometry.to_numpy(), frame["code"].tolist(), "003")
    seam, line = (area.style for area in outline.areas)
    assert seam.line_px >= line.line_px + 4
    assert np.linalg.norm(seen(seam.stroke, sight) - seen(line.stroke, sight)) >= 30


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

"""Colours, and classes with rounded limits; the one place in Python that names a colour."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from maps.errors import LayerError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

INK = "#1a1d21"
INK_2 = "#50565e"
LINE = "#c9ced6"
PAPER = "#ffffff"
WASH = "#f5f6f8"
ACCENT = "#b3001b"
"""The selected thing and the route; never for errors alone."""

OK = "#1b7f4d"
DUE = "#9a6700"
LATE = "#a40e26"
IDLE = "#6b7280"
"""State, always with a word or a shape beside the colour."""

SEQUENTIAL = ("#eef2f7", "#c6d4e6", "#8fadd0", "#4f7fb5", "#1f4e8c")
"""Need and coverage, light to dark in one hue: readable in grey print and by the colour-blind."""

DIVERGING = ("#8c510a", "#d8b365", "#f5f5f5", "#5ab4ac", "#01665e")
"""Planned against done, around a neutral middle."""

FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif'

MOST_CLASSES = 5
"""More shades than this cannot be told apart on a map."""

SHARE_LIMITS = (0.2, 0.4, 0.6, 0.8)
"""Fixed limits for shares, so that this month's map compares with last month's."""


class Texture(StrEnum):
    """What lies over a fill, so that it is told from its neighbours in grey print too."""

    PLAIN = "plain"
    HATCHED = "hatched"
    DOTTED = "dotted"
    LINED = "lined"


_STEPS = (1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Classes of a measured value: the limits between them and a colour for each.

    Class 0 holds values below `limits[0]`, class n those from `limits[n-1]` up to below
    `limits[n]`; the last is open upwards.
    """

    limits: tuple[float, ...]
    colours: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.colours) != len(self.limits) + 1:
            message = (
                f"{len(self.limits)} limits make {len(self.limits) + 1} classes, but there are "
                f"{len(self.colours)} colours; give one for each class."
            )
            raise LayerError(message)
        if len(self.colours) > MOST_CLASSES:
            message = f"{len(self.colours)} classes are too many to tell apart; use at most 5."
            raise LayerError(message)
        if any(low >= high for low, high in zip(self.limits, self.limits[1:], strict=False)):
            message = f"The limits {self.limits} do not rise; give them in ascending order."
            raise LayerError(message)

    def of(self, values: ArrayLike) -> NDArray[np.int64]:
        """Give the class of each value; NaN has the class -1."""
        numbers = np.asarray(values, dtype=np.float64)
        # A share such as 3/5 is not exactly 0.6; half a billionth decides for the upper class.
        found = np.digitize(numbers + 5e-10, self.limits)
        return np.where(np.isnan(numbers), -1, found).astype(np.int64)


def ramp(count: int, colours: tuple[str, ...] = SEQUENTIAL) -> tuple[str, ...]:
    """Choose `count` colours of a ramp, spread over all of it.

    Raises
    ------
    LayerError
        When `count` is not 1 to the length of the ramp.
    """
    if not 1 <= count <= len(colours):
        message = f"{count} colours were asked of a ramp of {len(colours)}; ask 1 to that many."
        raise LayerError(message)
    if count == 1:
        return (colours[-1],)
    last = len(colours) - 1
    return tuple(colours[round(at * last / (count - 1))] for at in range(count))


def share_classes() -> Classes:
    """Give the five fixed classes of a share: 0-20-40-60-80-100 %."""
    return Classes(limits=SHARE_LIMITS, colours=SEQUENTIAL)


def rounded_limits(highest: float, count: int = MOST_CLASSES) -> tuple[float, ...]:
    """Choose rounded lower limits of `count` classes, in the steps 1, 2, 5, 10, 20, ...

    Densities differ by orders of magnitude between a town and its villages; steps that about
    double keep both visible, and a reader can say each limit aloud.

    Parameters
    ----------
    highest
        The largest value to be shown, above 0.
    count
        Number of classes, 1 to 5.

    Returns
    -------
    tuple of float
        Ascending lower limits; the largest is at most `highest`, and more than its 2/5 part.

    Raises
    ------
    LayerError
        When `highest` is not a positive number or `count` is out of range.
    """
    if not (math.isfinite(highest) and highest > 0):
        message = f"No classes for the highest value {highest!r}; it must be above 0."
        raise LayerError(message)
    if not 1 <= count <= MOST_CLASSES:
        message = f"{count} classes were asked; use 1 to {MOST_CLASSES}."
        raise LayerError(message)
    power = math.floor(math.log10(highest)) + 1
    steps = [
        float(f"{step:g}e{exponent}") for exponent in range(power - 3, power + 1) for step in _STEPS
    ]
    fitting = [step for step in steps if step <= highest]
    return tuple(fitting[-count:])


def shown_number(value: float) -> str:
    """Write a number with thousands separators and no needless digits: 1,234 and 0.05."""
    if value == round(value):
        return f"{value:,.0f}"
    return np.format_float_positional(float(f"{value:.3g}"), trim="-")

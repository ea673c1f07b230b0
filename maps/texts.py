"""The words on a map: every one comes from the application, in the reader's language."""

from __future__ import annotations

import string
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from maps.errors import TextsError

if TYPE_CHECKING:
    from datetime import date

_PERCENT_SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class MapWords:
    """Words that every map needs.

    `as_of` is filled with {year}, {month}, {day} and {iso}; `language` is a tag such as zh-CN.
    """

    language: str
    credit: str
    as_of: str
    north: str
    zoom_in: str
    zoom_out: str
    whole: str
    metre: str
    kilometre: str

    def __post_init__(self) -> None:
        require_placeholders(self, as_of=("year", "month", "day", "iso"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoroplethTexts:
    """Words of the map of grids; `classes` are five, from the lowest.

    Placeholders: {grids}, {part}, {whole} in `class_detail`; {grids} in `nothing_detail`.
    """

    words: MapWords
    title: str
    unit: str
    total: str
    classes: tuple[str, ...]
    class_detail: str
    nothing: str
    nothing_detail: str
    few: str
    selected: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_placeholders(
            self, class_detail=("grids", "part", "whole"), nothing_detail=("grids",)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CloserTexts:
    """Headings of the legend for hexagons and for single firms."""

    cells: str
    firms: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HotTexts:
    """Words of the map of places that lie relatively close together.

    Placeholders: {cells}, {tested}, {points} in `total`; {cells} in `class_detail`; {side} in
    `method`; {least} in `untested`; {points} in `outside`.
    """

    words: MapWords
    title: str
    unit: str
    total: str
    nothing: str
    surely: str
    likely: str
    class_detail: str
    method: str
    untested: str
    outside: str
    tip_points: str

    def __post_init__(self) -> None:
        require_placeholders(
            self,
            total=("cells", "tested", "points"),
            class_detail=("cells",),
            method=("side",),
            untested=("least",),
            outside=("points",),
            tip_points=("points", "weight"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatTexts:
    """Words of the density map.

    Placeholders: {points}, {weight} in `total` and `tip_points`; {points} in `class_detail` and
    `outside`; {limit} in `below`; {metres} in `bandwidth`. `unit` says what per square kilometre.
    """

    words: MapWords
    title: str
    unit: str
    total: str
    class_detail: str
    below: str
    bandwidth: str
    outside: str
    nothing: str
    tip_points: str

    def __post_init__(self) -> None:
        require_placeholders(
            self,
            total=("points", "weight"),
            tip_points=("points", "weight"),
            class_detail=("points",),
            outside=("points",),
            below=("limit",),
            bandwidth=("metres",),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmTexts:
    """Words of the map of enterprises: one word for each status.

    Placeholders: {firms} in `total` and `class_detail`.
    """

    words: MapWords
    title: str
    unit: str
    total: str
    class_detail: str
    nothing: str
    ok: str
    due: str
    late: str
    idle: str

    def __post_init__(self) -> None:
        require_placeholders(self, total=("firms",), class_detail=("firms",))


def require_placeholders(texts: object, **allowed: tuple[str, ...]) -> None:
    """Refuse texts with a placeholder that would not be filled; texts not named have none.

    Raises
    ------
    TextsError
        Naming the text, the placeholder and those that may be used.
    """
    for name in (field.name for field in fields(texts)):  # type: ignore[arg-type]
        text = getattr(texts, name)
        if not isinstance(text, str) or name not in allowed:
            continue
        for used in _placeholders(name, text):
            if used not in allowed[name]:
                message = (
                    f"The text {name!r} names the placeholder {used!r}; it may use "
                    f"{', '.join(allowed[name])}."
                )
                raise TextsError(message)


def fill(template: str, **values: int | float | str) -> str:
    """Fill a text; whole numbers get thousands separators."""
    shown = {
        name: f"{value:,d}" if isinstance(value, int) else str(value)
        for name, value in values.items()
    }
    return template.format_map(shown)


def dated(words: MapWords, as_of: date) -> str:
    """Write the date of the figures."""
    return words.as_of.format_map(
        {
            "year": str(as_of.year),
            "month": str(as_of.month),
            "day": str(as_of.day),
            "iso": as_of.isoformat(),
        }
    )


def percent(part: int, whole: int) -> str:
    """Write a share rounded down, so that 100 % is written only when nothing is left."""
    return f"{int(part / whole * 100 + _PERCENT_SLACK)}%"


def _placeholders(name: str, text: str) -> list[str]:
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError as error:
        message = f"The text {name!r} has an unpaired brace ({error}); write {{{{ for a brace."
        raise TextsError(message) from error
    return [
        field + (f"!{conversion}" if conversion else "") + (f":{layout}" if layout else "")
        for _, field, layout, conversion in parsed
        if field is not None
    ]

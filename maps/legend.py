"""The legend of a map page: title, unit, total, classes with counts, date and credit, as HTML.

Own HTML, because folium's colour scales load a script from elsewhere and say neither counts nor
denominators.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from maps.palette import INK_2
from maps.safe_text import SafeHtml, joined, safe_text, tagged


class Mark(StrEnum):
    """How a class is drawn on the map."""

    AREA = "area"
    HATCHED = "hatched"
    OUTLINE = "outline"
    DISC = "disc"
    RING = "ring"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendClass:
    """One line: how it looks, what it means, how many there are (empty when that means nothing)."""

    mark: Mark
    colour: str
    label: str
    detail: str = ""
    radius_px: float = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """Everything that a reader needs to read the map; words as they are, not yet safe.

    `classes` from the best to the worst as they shall be read from above; `notes` are sentences
    below them.
    """

    title: str
    unit: str
    total: str
    classes: tuple[LegendClass, ...]
    notes: tuple[str, ...]
    as_of: str
    credit: str


def legend_html(legend: Legend) -> SafeHtml:
    """Write a legend as HTML whose every word went through `safe_text`."""
    lines = (_line(one) for one in legend.classes)
    notes = (tagged("p", safe_text(note), css="note") for note in legend.notes)
    return joined(
        tagged("h1", safe_text(legend.title)),
        tagged("p", safe_text(legend.total), css="total"),
        tagged("p", safe_text(legend.unit), css="unit"),
        tagged("ul", *lines, css="classes"),
        *notes,
        tagged("p", safe_text(legend.as_of), css="as-of"),
        tagged("p", safe_text(legend.credit), css="credit"),
    )


def hatch_svg(colours: tuple[str, ...]) -> SafeHtml:
    """Define the hatched fill of each colour, to be named as `url(#hatch-<colour without #>)`.

    The picture has no size, but it is not hidden: browsers do not draw patterns of hidden ones.
    """
    patterns = "".join(
        f'<pattern id="{hatch_name(colour)}" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="7" height="7" fill="{colour}"/>'
        f'<rect width="2" height="7" fill="{INK_2}"/></pattern>'
        for colour in dict.fromkeys(colours)
    )
    return SafeHtml(
        '<svg class="patterns" width="0" height="0" aria-hidden="true">'
        f"<defs>{patterns}</defs></svg>"
    )


def hatch_name(colour: str) -> str:
    """Name the hatched fill of a colour."""
    return f"hatch-{colour.removeprefix('#')}"


def _line(one: LegendClass) -> SafeHtml:
    return tagged(
        "li",
        _chip(one),
        tagged("span", safe_text(one.label), css="label"),
        tagged("span", safe_text(one.detail), css="detail"),
    )


def _chip(one: LegendClass) -> SafeHtml:
    # Colours are words of this library; only what a reader typed goes through safe_text.
    fill = f"url(#{hatch_name(one.colour)})" if one.mark is Mark.HATCHED else one.colour
    match one.mark:
        case Mark.AREA | Mark.HATCHED:
            shape = f'<rect x=".5" y=".5" width="23" height="15" fill="{fill}" class="edge"/>'
        case Mark.OUTLINE:
            shape = (
                f'<rect x="2" y="2" width="20" height="12" fill="none" stroke="{one.colour}" '
                'stroke-width="3"/>'
            )
        case Mark.DISC:
            shape = f'<circle cx="12" cy="8" r="{one.radius_px:g}" fill="{one.colour}"/>'
        case Mark.RING:
            shape = (
                f'<circle cx="12" cy="8" r="{one.radius_px - 1:g}" fill="none" '
                f'stroke="{one.colour}" stroke-width="2"/>'
            )
    return SafeHtml(
        '<svg class="chip" width="24" height="16" aria-hidden="true" focusable="false">'
        f"{shape}</svg>"
    )

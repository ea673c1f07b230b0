"""The legend of a map page: title, unit, total, classes with counts, date and credit, as HTML.

Own HTML, because folium's colour scales load a script from elsewhere and say neither counts nor
denominators.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from maps.palette import INK_2, Texture
from maps.safe_text import SafeHtml, joined, safe_text, tagged


class Mark(StrEnum):
    """How a class is drawn on the map."""

    AREA = "area"
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
    texture: Texture = Texture.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendGroup:
    """Classes of a tier that is shown when the reader zooms in: `cells` or `firms`."""

    tier: str
    title: str
    classes: tuple[LegendClass, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """Everything that a reader needs to read the map; words as they are, not yet safe.

    `classes` from the best to the worst as they shall be read from above; `groups` replace them at
    closer zooms unless `keeps_classes`; `notes` are sentences below them.
    """

    title: str
    unit: str
    total: str
    classes: tuple[LegendClass, ...]
    notes: tuple[str, ...]
    as_of: str
    credit: str
    groups: tuple[LegendGroup, ...] = ()
    keeps_classes: bool = False


def legend_html(legend: Legend) -> SafeHtml:
    """Write a legend as HTML whose every word went through `safe_text`."""
    lines = (_line(one) for one in legend.classes)
    notes = (tagged("p", safe_text(note), css="note") for note in legend.notes)
    replaced = bool(legend.groups) and not legend.keeps_classes
    return joined(
        tagged("h1", safe_text(legend.title)),
        tagged("p", safe_text(legend.total), css="total"),
        tagged("p", safe_text(legend.unit), css="unit"),
        tagged("ul", *lines, css="classes grids" if replaced else "classes"),
        *map(_group, legend.groups),
        *notes,
        tagged("p", safe_text(legend.as_of), css="as-of"),
        tagged("p", safe_text(legend.credit), css="credit"),
    )


def texture_svg(fills: tuple[tuple[str, Texture], ...]) -> SafeHtml:
    """Define textured fills (colour and texture each), which `textured` names.

    The picture has no size, but it is not hidden: browsers do not draw patterns of hidden ones.
    """
    patterns = "".join(
        f'<pattern id="{texture}-{colour.removeprefix("#")}" width="7" height="7" '
        f'patternUnits="userSpaceOnUse" patternTransform="rotate({_TURN.get(texture, 45)})">'
        f'<rect width="7" height="7" fill="{colour}"/>{_TEXTURES[texture]}</pattern>'
        for colour, texture in dict.fromkeys(fills)
    )
    return SafeHtml(
        '<svg class="patterns" width="0" height="0" aria-hidden="true">'
        f"<defs>{patterns}</defs></svg>"
    )


def textured(colour: str, texture: Texture) -> str:
    """Give what to fill with: the colour, or the name of its texture."""
    if texture is Texture.PLAIN:
        return colour
    return f"url(#{texture}-{colour.removeprefix('#')})"


_TURN = {Texture.LINED: 0}

_TEXTURES = {
    Texture.PLAIN: "",
    Texture.HATCHED: f'<rect width="2" height="7" fill="{INK_2}"/>',
    Texture.LINED: f'<rect width="7" height="1.4" fill="{INK_2}"/>',
    Texture.DOTTED: f'<circle cx="3.5" cy="3.5" r="1" fill="{INK_2}"/>',
}


def _group(group: LegendGroup) -> SafeHtml:
    return tagged(
        "div",
        tagged("h2", safe_text(group.title)),
        tagged("ul", *map(_line, group.classes), css="classes"),
        css=f"group {group.tier}",
    )


def _line(one: LegendClass) -> SafeHtml:
    return tagged(
        "li",
        _chip(one),
        tagged("span", safe_text(one.label), css="label"),
        tagged("span", safe_text(one.detail), css="detail"),
    )


def _chip(one: LegendClass) -> SafeHtml:
    # Colours are words of this library; only what a reader typed goes through safe_text.
    fill = textured(one.colour, one.texture)
    match one.mark:
        case Mark.AREA:
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

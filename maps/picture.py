"""A map as a picture for a meeting: areas in classes with legend, scale, north and date, as a PNG.

The one place that draws with matplotlib here; text is drawn, so nothing in it can run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from maps.errors import LayerError
from maps.palette import INK, INK_2, LINE, PAPER, SEQUENTIAL, SHARE_LIMITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

WIDTH_IN, HEIGHT_IN, DOTS_PER_INCH = 11.0, 8.2, 150
LABEL_POINTS = 7
_METRES_PER_DEGREE = 111_320.0
_NOTHING = "#ffffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureArea:
    """A polygon in WGS-84 degrees (lon, lat) with its share.

    `share` lies in 0..1 and is `None` where there is nothing to measure; `few` hatches a share of
    a small whole. `label` is written into the area, empty for none; a `name` above it only where
    the area is wide enough.
    """

    geometry: BaseGeometry
    share: float | None
    few: bool = False
    label: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePlace:
    """A name that is written at a place, degrees WGS-84."""

    lon: float
    lat: float
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTexts:
    """All words on a picture, in the reader's language; `kilometres` is the unit of the scale."""

    title: str
    legend: str
    nothing: str
    few: str
    foot: str
    north: str
    kilometres: str


def named_places(names: Sequence[str], shapes: Sequence[BaseGeometry]) -> tuple[PicturePlace, ...]:
    """Where to write each name: inside of the largest part of all shapes that bear it.

    Parameters
    ----------
    names : of each shape, in the order of `shapes`; an empty one is not written.
    shapes : polygons in WGS-84.
    """
    import shapely  # lazy: start-up time

    found = []
    for name in dict.fromkeys(name for name in names if name):
        mine = [shape for known, shape in zip(names, shapes, strict=True) if known == name]
        parts = shapely.get_parts(shapely.union_all(mine)).tolist()
        point = max(parts, key=lambda part: part.area).representative_point()
        found.append(PicturePlace(lon=point.x, lat=point.y, name=name))
    return tuple(found)


def share_picture(
    areas: Sequence[PictureArea],
    texts: PictureTexts,
    *,
    font: str,
    places: Sequence[PicturePlace] = (),
) -> bytes:
    """Draw areas in five classes of a share as a PNG of 1650 x 1230 pixels.

    Parameters
    ----------
    areas : polygons in WGS-84.
    texts : the words on the picture.
    font : a family of this machine that holds the characters of `texts`.
    places : names that are written over the areas.

    Raises
    ------
    LayerError
        When there is no area.
    """
    if not areas:
        raise LayerError("areas: nothing to draw")
    import matplotlib as mpl  # lazy: start-up time
    from matplotlib.figure import Figure

    with mpl.rc_context({"font.family": font, "hatch.linewidth": 0.6}):
        figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DOTS_PER_INCH, facecolor=PAPER)
        axes = figure.add_axes((0.02, 0.06, 0.74, 0.84))
        bounds = _bounds(areas)
        wide = _em_degrees(bounds)
        for area in areas:
            _draw_area(axes, area, wide)
        for place in places:
            _draw_name(axes, place)
        _frame(axes, bounds)
        _draw_scale(axes, bounds, texts)
        _draw_legend(figure, areas, texts)
        figure.text(0.02, 0.95, texts.title, fontsize=18, color=INK, parse_math=False)
        figure.text(0.02, 0.01, texts.foot, fontsize=9, color=INK_2, va="bottom", parse_math=False)
        file = BytesIO()
        figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def class_of(share: float) -> int:
    """The class of a share, 0 to 4; a limit belongs to the upper class."""
    return int(np.searchsorted(SHARE_LIMITS, share + 5e-10, side="right"))


def _polygons(geometry: BaseGeometry) -> list[Any]:
    return list(getattr(geometry, "geoms", [geometry]))


def _em_degrees(bounds: tuple[float, float, float, float]) -> float:
    """How many degrees of longitude a character of a label is wide, at most."""
    west, south, east, north = bounds
    middle = math.cos(math.radians((south + north) / 2))
    inches = min(0.74 * WIDTH_IN / (east - west), 0.84 * HEIGHT_IN * middle / (north - south))
    return LABEL_POINTS / 72 / inches


def _text_of(area: PictureArea, em_degrees: float) -> str:
    """An area's label, below its name where that fits."""
    west, _, east, _ = area.geometry.bounds
    fits = len(area.name) * em_degrees <= east - west
    return "\n".join(line for line in (area.name if fits else "", area.label) if line)


def _draw_area(axes: Any, area: PictureArea, em_degrees: float) -> None:  # noqa: ANN401
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    fill = _NOTHING if area.share is None else SEQUENTIAL[class_of(area.share)]
    for polygon in _polygons(area.geometry):
        rings = [polygon.exterior, *polygon.interiors]
        path = Path.make_compound_path(*(Path(np.asarray(ring.coords)[:, :2]) for ring in rings))
        hatch = "////" if area.few else None
        axes.add_patch(PathPatch(path, facecolor=fill, edgecolor=INK_2, linewidth=0.5, hatch=hatch))
    if text := _text_of(area, em_degrees):
        point = area.geometry.representative_point()
        dark = area.share is not None and class_of(area.share) >= 3  # noqa: PLR2004  (two darkest)
        axes.text(
            point.x,
            point.y,
            text,
            fontsize=LABEL_POINTS,
            ha="center",
            va="center",
            color=PAPER if dark else INK,
            parse_math=False,
        )


def _draw_name(axes: Any, place: PicturePlace) -> None:  # noqa: ANN401
    from matplotlib.patheffects import withStroke

    axes.text(
        place.lon,
        place.lat,
        place.name,
        fontsize=9,
        ha="center",
        va="center",
        color=INK,
        parse_math=False,
        # A rim of paper: names lie on light and on dark areas.
        path_effects=[withStroke(linewidth=2.5, foreground=PAPER)],
    )


def _bounds(areas: Sequence[PictureArea]) -> tuple[float, float, float, float]:
    found = np.array([area.geometry.bounds for area in areas])
    west, south = found[:, :2].min(axis=0)
    east, north = found[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _frame(axes: Any, bounds: tuple[float, float, float, float]) -> None:  # noqa: ANN401
    west, south, east, north = bounds
    pad = 0.03 * max(east - west, north - south)
    axes.set_xlim(west - pad, east + pad)
    axes.set_ylim(south - 2 * pad, north + pad)
    # A degree of longitude is shorter than one of latitude: areas keep their shape.
    axes.set_aspect(1 / math.cos(math.radians((south + north) / 2)))
    axes.axis("off")


def _draw_scale(
    axes: Any,  # noqa: ANN401
    bounds: tuple[float, float, float, float],
    texts: PictureTexts,
) -> None:
    west, south, east, north = bounds
    degree_m = _METRES_PER_DEGREE * math.cos(math.radians((south + north) / 2))
    length = rounded_length((east - west) * degree_m / 4)
    pad = 0.03 * max(east - west, north - south)
    y = south - 1.3 * pad
    axes.plot([west, west + length / degree_m], [y, y], color=INK, linewidth=2)
    label = f"{length / 1000:g} {texts.kilometres}"
    axes.text(west, y + 0.3 * pad, label, fontsize=9, color=INK, parse_math=False)
    axes.annotate(
        texts.north,
        xy=(east, north),
        xytext=(east, north - 2.2 * pad),
        ha="center",
        fontsize=10,
        color=INK,
        arrowprops={"arrowstyle": "-|>", "color": INK},
    )


def rounded_length(most_m: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is no longer than `most_m` metres."""
    power = 10.0 ** math.floor(math.log10(most_m))
    # A number just below a power of ten has that power's logarithm: half of it is looked at, too.
    steps = (0.5, 1.0, 2.0, 5.0)
    return max(step * power for step in steps if step * power <= most_m)


def _draw_legend(figure: Any, areas: Sequence[PictureArea], texts: PictureTexts) -> None:  # noqa: ANN401
    from matplotlib.patches import Patch

    limits = (0.0, *SHARE_LIMITS, 1.0)
    shown = [
        Patch(
            facecolor=colour,
            edgecolor=LINE,
            label=f"{round(100 * low)}-{round(100 * high)}%",
        )
        for colour, low, high in zip(SEQUENTIAL, limits, limits[1:], strict=False)
    ]
    if any(area.share is None for area in areas):
        shown.append(Patch(facecolor=_NOTHING, edgecolor=INK_2, label=texts.nothing))
    if any(area.few for area in areas):
        shown.append(Patch(facecolor=PAPER, edgecolor=INK_2, hatch="////", label=texts.few))
    figure.legend(
        handles=shown,
        title=texts.legend,
        loc="upper left",
        bbox_to_anchor=(0.77, 0.88),
        frameon=False,
        fontsize=10,
        title_fontsize=11,
        alignment="left",
    )

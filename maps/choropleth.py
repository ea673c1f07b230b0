"""The map of grids in five classes: a measure of each grid, with its denominator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from maps import palette
from maps.canvas import Canvas
from maps.closer import firm_groups
from maps.errors import LayerError
from maps.frames import MEASURED_GRIDS, require_frame
from maps.layers import Area, AreaLayer, AreaStyle, drawn_shapes, place_names, selected_outline
from maps.legend import Legend, LegendClass, LegendGroup, Mark, legend_html
from maps.palette import Texture
from maps.safe_text import safe_text
from maps.texts import ChoroplethTexts, dated, fill

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from maps.assets import Assets
    from maps.base_map import BaseMap
    from maps.closer import Closer


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Colour and texture of the five classes, from the lowest to the highest."""

    colours: tuple[str, ...] = palette.SEQUENTIAL
    textures: tuple[Texture, ...] = (Texture.PLAIN,) * palette.MOST_CLASSES

    def __post_init__(self) -> None:
        if len(self.colours) != palette.MOST_CLASSES or len(self.textures) != len(self.colours):
            raise LayerError("A look needs five colours and five textures.")


SEQUENTIAL = Look()
"""More is darker."""

DIVERGING = Look(
    colours=palette.DIVERGING,
    textures=(Texture.LINED, Texture.LINED, Texture.PLAIN, Texture.PLAIN, Texture.PLAIN),
)
"""Around the middle; what lies below is lined, for in grey print both ends are equally dark."""


def choropleth_map(
    grids: gpd.GeoDataFrame,
    *,
    texts: ChoroplethTexts,
    look: Look = SEQUENTIAL,
    as_of: date,
    assets: Assets,
    selected: str | None = None,
    closer: Closer | None = None,
    base: BaseMap | None = None,
) -> str:
    """Draw a measure of each grid in five classes.

    Grids with nothing to measure are dotted; those whose rate is of few are hatched. The legend
    says the number of grids and the counts behind each class.

    Parameters
    ----------
    grids
        A frame as `maps.frames.MEASURED_GRIDS` says: key, code, name, township, part, whole, level
        (0 nothing to measure, 1 to 5), few, label, tip (lines), geometry (EPSG:4326).
    texts
        Every word on the map.
    look
        Colours and textures of the classes.
    as_of
        Date of the figures.
    assets
        Where the page takes Leaflet from.
    selected
        Code of a grid to be outlined.
    closer
        What appears when the reader zooms in; its firms arrive later, not in the page.
    base
        A map below the grids, or none: then the page loads nothing from any other host.

    Returns
    -------
    str
        One HTML page; the same input gives the same text.

    Raises
    ------
    FrameError
        When the frame differs from its description.
    LayerError
        When no grid has the code `selected`.
    """
    require_frame(grids, MEASURED_GRIDS)
    shapes = drawn_shapes(grids)
    west, south, east, north = (float(edge) for edge in grids.total_bounds)
    canvas = Canvas(
        words=texts.words,
        title=texts.title,
        bounds=(west, south, east, north),
        assets=assets,
        base=base,
    )
    canvas.draw(_areas(grids, shapes, look))
    if selected is not None:
        canvas.draw(selected_outline(shapes, grids["code"].tolist(), selected))
    canvas.draw(place_names(grids, shapes, grids["label"].tolist()))
    if closer is not None:
        canvas.draw(closer)
    legend = _legend(grids, texts, look, as_of=as_of, selected=selected, closer=closer)
    return canvas.render(legend_html(legend))


def _areas(grids: gpd.GeoDataFrame, shapes: NDArray[np.object_], look: Look) -> AreaLayer:
    rows = zip(
        shapes,
        grids["key"].tolist(),
        grids["level"].tolist(),
        grids["few"].tolist(),
        grids["tip"],
        strict=True,
    )
    areas = []
    for shape, key, level, few, tip in rows:
        style = AreaStyle(
            fill=look.colours[level - 1] if level else palette.PAPER,
            stroke=palette.INK_2,
            line_px=0.6,
            texture=_texture(level, few=bool(few), look=look),
        )
        lines = tuple(map(safe_text, tip.split("\n")))
        areas.append(Area(geometry=shape, style=style, tip=lines, key=key))
    return AreaLayer(areas=tuple(areas))


def _texture(level: int, *, few: bool, look: Look) -> Texture:
    if not level:
        return Texture.DOTTED
    return Texture.HATCHED if few else look.textures[level - 1]


def _legend(
    grids: gpd.GeoDataFrame,
    texts: ChoroplethTexts,
    look: Look,
    *,
    as_of: date,
    selected: str | None,
    closer: Closer | None,
) -> Legend:
    level = grids["level"].to_numpy(dtype=np.int64)
    part = grids["part"].to_numpy(dtype=np.int64)
    whole = grids["whole"].to_numpy(dtype=np.int64)

    def detail(at: int) -> str:
        here = level == at
        sums = {"part": int(part[here].sum()), "whole": int(whole[here].sum())}
        return fill(texts.class_detail, grids=int(here.sum()), **sums)

    lines = [
        LegendClass(
            mark=Mark.AREA,
            colour=look.colours[at],
            texture=look.textures[at],
            label=texts.classes[at],
            detail=detail(at + 1),
        )
        for at in reversed(range(palette.MOST_CLASSES))
    ]
    lines.append(
        LegendClass(
            mark=Mark.AREA,
            colour=palette.PAPER,
            texture=Texture.DOTTED,
            label=texts.nothing,
            detail=fill(texts.nothing_detail, grids=int((level == 0).sum())),
        )
    )
    few = LegendClass(
        mark=Mark.AREA, colour=palette.SEQUENTIAL[1], texture=Texture.HATCHED, label=texts.few
    )
    if grids["few"].any():
        lines.append(few)
    if selected is not None:
        lines.append(LegendClass(mark=Mark.OUTLINE, colour=palette.ACCENT, label=texts.selected))
    return Legend(
        title=texts.title,
        unit=texts.unit,
        total=texts.total,
        classes=tuple(lines),
        groups=_groups(closer, look, few),
        notes=texts.notes,
        as_of=dated(texts.words, as_of),
        credit=texts.words.credit,
    )


def _groups(closer: Closer | None, look: Look, few: LegendClass) -> tuple[LegendGroup, ...]:
    if closer is None:
        return ()
    groups = list(firm_groups(closer))
    if closer.cells is not None:
        lines = [
            LegendClass(
                mark=Mark.AREA,
                colour=look.colours[at],
                texture=look.textures[at],
                label=closer.cells.labels[at],
            )
            for at in reversed(range(palette.MOST_CLASSES))
        ]
        lines += [few] if closer.cells.few else []
        groups.append(LegendGroup(tier="cells", title=closer.texts.cells, classes=tuple(lines)))
    return tuple(groups)

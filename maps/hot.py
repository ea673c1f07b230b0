"""The map of places where something is relatively concentrated, and what that means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from maps import palette
from maps.canvas import Canvas
from maps.closer import firm_groups
from maps.frames import GRID_OUTLINES, HEAT_POINTS, require_frame
from maps.heat import grid_outlines, held_points
from maps.hot_cells import LEAST, LIKELY, SIDE_M, SURELY, HotCells, hot_cells
from maps.layers import Area, AreaLayer, AreaStyle, drawn_shapes, place_names
from maps.legend import Legend, LegendClass, Mark, legend_html
from maps.palette import Texture
from maps.texts import HotTexts, dated, fill

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd

    from maps.assets import Assets
    from maps.base_map import BaseMap
    from maps.closer import Closer

_LOOKS = ((palette.SEQUENTIAL[4], Texture.PLAIN), (palette.SEQUENTIAL[2], Texture.PLAIN))


def hot_map(
    points: gpd.GeoDataFrame,
    grids: gpd.GeoDataFrame,
    *,
    texts: HotTexts,
    as_of: date,
    assets: Assets,
    closer: Closer | None = None,
    base: BaseMap | None = None,
) -> str:
    """Draw the cells around which a figure is relatively concentrated.

    Parameters
    ----------
    points
        A frame as `maps.frames.HEAT_POINTS` says: weight, geometry (EPSG:4326). All places where
        the figure could be, with weight 0 where it is not. May be empty.
    grids
        A frame as `maps.frames.GRID_OUTLINES` says.
    texts
        Every word on the map.
    as_of
        Date of the figures.
    assets
        Where the page takes Leaflet from.
    closer
        What appears above when the reader zooms in, or nothing.
    base
        A map below, or none.

    Returns
    -------
    str
        One HTML page; the same input gives the same text.

    Raises
    ------
    FrameError
        When a frame differs from its description.
    """
    require_frame(points, HEAT_POINTS)
    require_frame(grids, GRID_OUTLINES)
    held = held_points(points, grids)
    shapes = drawn_shapes(grids)
    west, south, east, north = (float(edge) for edge in grids.total_bounds)
    canvas = Canvas(
        words=texts.words,
        title=texts.title,
        bounds=(west, south, east, north),
        assets=assets,
        base=base,
    )
    found = hot_cells(held.lon, held.lat, held.weight) if held.lon.size else None
    counts = [0, 0]
    if found is not None:
        for at, layer in enumerate(_layers(found)):
            counts[at] = len(layer.areas)
            canvas.draw(layer)
    canvas.draw(grid_outlines(grids, shapes, held, texts.tip_points))
    canvas.draw(place_names(grids, shapes))
    if closer is not None:
        canvas.draw(closer)
    legend = _legend(found, counts, held.outside, texts=texts, as_of=as_of)
    legend = replace(legend, groups=firm_groups(closer), keeps_classes=True)
    return canvas.render(legend_html(legend))


def _layers(found: HotCells) -> list[AreaLayer]:
    surely = found.q <= SURELY
    likely = (found.q <= LIKELY) & ~surely
    return [
        AreaLayer(
            areas=tuple(
                Area(
                    geometry=shape,
                    style=AreaStyle(fill=colour, stroke=palette.PAPER, texture=texture),
                )
                for shape in found.cells.geometry[named]
            )
        )
        for named, (colour, texture) in zip((surely, likely), _LOOKS, strict=True)
    ]


def _legend(
    found: HotCells | None, counts: list[int], outside: int, *, texts: HotTexts, as_of: date
) -> Legend:
    total, lines, notes = texts.nothing, [], []
    if found is not None:
        points = int(np.asarray(found.cells["count"]).sum())
        total = fill(texts.total, cells=sum(counts), tested=found.tested, points=points)
        words = (texts.surely, texts.likely)
        lines = [
            LegendClass(
                mark=Mark.AREA,
                colour=colour,
                texture=texture,
                label=word,
                detail=fill(texts.class_detail, cells=count),
            )
            for word, count, (colour, texture) in zip(words, counts, _LOOKS, strict=True)
        ]
        notes = [fill(texts.method, side=int(SIDE_M)), fill(texts.untested, least=LEAST)]
    if outside:
        notes.append(fill(texts.outside, points=outside))
    return Legend(
        title=texts.title,
        unit=texts.unit,
        total=total,
        classes=tuple(lines),
        notes=tuple(notes),
        as_of=dated(texts.words, as_of),
        credit=texts.words.credit,
    )

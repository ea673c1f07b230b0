"""The desk map of enterprises: a circle for each, by status, with its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maps import palette
from maps.canvas import Canvas
from maps.frames import FIRM_POINTS, GRID_OUTLINES, require_frame
from maps.layers import (
    FIRM_STYLES,
    Area,
    AreaLayer,
    AreaStyle,
    FirmStatus,
    drawn_shapes,
    firm_points,
    place_names,
    selected_outline,
)
from maps.legend import Legend, LegendClass, Mark, legend_html
from maps.texts import FirmTexts, dated, fill

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd

    from maps.assets import Assets


def firm_map(
    firms: gpd.GeoDataFrame,
    grids: gpd.GeoDataFrame,
    *,
    texts: FirmTexts,
    as_of: date,
    assets: Assets,
    selected: str | None = None,
) -> str:
    """Draw enterprises by status over the outlines of the grids.

    Names are in the page: pass only those that its reader may see, masked as his rights demand.

    Parameters
    ----------
    firms
        A frame as `maps.frames.FIRM_POINTS` says: name, status, geometry (EPSG:4326). May be
        empty; up to a few thousand.
    grids
        A frame as `maps.frames.GRID_OUTLINES` says: code, name, township, geometry (EPSG:4326).
    texts
        Every word on the map.
    as_of
        Date of the figures.
    assets
        Where the page takes Leaflet from.
    selected
        Code of a grid to be outlined.

    Returns
    -------
    str
        One HTML page; the same input gives the same text.

    Raises
    ------
    FrameError
        When a frame differs from its description.
    LayerError
        When a status is not one of `maps.layers.FirmStatus` or no grid has the code `selected`.
    """
    require_frame(firms, FIRM_POINTS)
    require_frame(grids, GRID_OUTLINES)
    shapes = drawn_shapes(grids)
    west, south, east, north = (float(edge) for edge in grids.total_bounds)
    canvas = Canvas(
        words=texts.words, title=texts.title, bounds=(west, south, east, north), assets=assets
    )
    style = AreaStyle(fill=palette.WASH)
    canvas.draw(AreaLayer(areas=tuple(Area(geometry=shape, style=style) for shape in shapes)))
    if selected is not None:
        canvas.draw(selected_outline(shapes, grids["code"].tolist(), selected))
    canvas.draw(place_names(grids, shapes))
    canvas.draw(firm_points(firms))
    return canvas.render(legend_html(_legend(firms, texts, as_of)))


def _legend(firms: gpd.GeoDataFrame, texts: FirmTexts, as_of: date) -> Legend:
    words = {
        FirmStatus.LATE: texts.late,
        FirmStatus.DUE: texts.due,
        FirmStatus.OK: texts.ok,
        FirmStatus.IDLE: texts.idle,
    }
    lines = []
    for status, word in words.items():
        style = FIRM_STYLES[status]
        lines.append(
            LegendClass(
                mark=Mark.DISC if style.filled else Mark.RING,
                colour=style.colour,
                label=word,
                detail=fill(texts.class_detail, firms=int((firms["status"] == status).sum())),
                radius_px=style.radius_px,
            )
        )
    return Legend(
        title=texts.title,
        unit=texts.unit,
        total=fill(texts.total, firms=len(firms)) if len(firms) else texts.nothing,
        classes=tuple(lines),
        notes=(),
        as_of=dated(texts.words, as_of),
        credit=texts.words.credit,
    )

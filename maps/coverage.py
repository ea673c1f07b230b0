"""The coverage map: which share of the due enterprises of each grid was visited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maps import palette
from maps.canvas import Canvas
from maps.frames import COVERAGE_GRIDS, require_frame
from maps.layers import Area, AreaLayer, AreaStyle, drawn_shapes, place_names, selected_outline
from maps.legend import Legend, LegendClass, Mark, legend_html
from maps.palette import Texture
from maps.safe_text import safe_text
from maps.texts import CoverageTexts, dated, fill, percent

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from maps.assets import Assets

FEW = 5
"""A share of fewer due enterprises than this says little, so the grid is hatched."""

_NOTHING_DUE = -1


def coverage_map(
    grids: gpd.GeoDataFrame,
    *,
    texts: CoverageTexts,
    as_of: date,
    assets: Assets,
    selected: str | None = None,
) -> str:
    """Draw the share of due enterprises that were visited, by grid, in five fixed classes.

    Grids with nothing due are dotted; those with fewer than `FEW` due are hatched. The legend says
    the number of grids and the counts behind each class.

    Parameters
    ----------
    grids
        A frame as `maps.frames.COVERAGE_GRIDS` says: code, name, township, covered, due, overdue,
        geometry (EPSG:4326).
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
        When the frame differs from its description.
    LayerError
        When no grid has the code `selected`.
    """
    require_frame(grids, COVERAGE_GRIDS)
    covered = grids["covered"].to_numpy(dtype=np.int64)
    due = grids["due"].to_numpy(dtype=np.int64)
    share = np.full(len(grids), np.nan)
    np.divide(covered, due, out=share, where=due > 0)
    found = palette.share_classes().of(share)
    shapes = drawn_shapes(grids)
    west, south, east, north = (float(edge) for edge in grids.total_bounds)
    canvas = Canvas(
        words=texts.words, title=texts.title, bounds=(west, south, east, north), assets=assets
    )
    canvas.draw(_areas(grids, shapes, found, texts))
    if selected is not None:
        canvas.draw(selected_outline(shapes, grids["code"].tolist(), selected))
    counts = [f"{part}/{whole}" if whole else "" for part, whole in zip(covered, due, strict=True)]
    canvas.draw(place_names(grids, shapes, counts))
    legend = _legend(covered, due, found, texts=texts, as_of=as_of, selected=selected is not None)
    return canvas.render(legend_html(legend))


def _areas(
    grids: gpd.GeoDataFrame,
    shapes: NDArray[np.object_],
    found: NDArray[np.int64],
    texts: CoverageTexts,
) -> AreaLayer:
    colours = palette.share_classes().colours
    rows = zip(
        shapes,
        found.tolist(),
        grids["name"],
        grids["township"],
        grids["covered"].tolist(),
        grids["due"].tolist(),
        grids["overdue"].tolist(),
        strict=True,
    )
    areas = []
    for shape, at, name, township, covered, due, overdue in rows:
        texture = Texture.PLAIN if due >= FEW else Texture.HATCHED
        style = AreaStyle(
            fill=palette.PAPER if at == _NOTHING_DUE else colours[at],
            stroke=palette.INK_2,
            line_px=0.6,
            texture=Texture.DOTTED if at == _NOTHING_DUE else texture,
        )
        lines = (name, township, *_counts(texts, covered, due, overdue))
        areas.append(Area(geometry=shape, style=style, tip=tuple(map(safe_text, lines))))
    return AreaLayer(areas=tuple(areas))


def _counts(texts: CoverageTexts, covered: int, due: int, overdue: int) -> tuple[str, str]:
    share = texts.tip_nothing_due
    if due:
        share = fill(texts.tip_share, covered=covered, due=due, percent=percent(covered, due))
    return share, fill(texts.tip_overdue, overdue=overdue)


def _legend(
    covered: NDArray[np.int64],
    due: NDArray[np.int64],
    found: NDArray[np.int64],
    *,
    texts: CoverageTexts,
    as_of: date,
    selected: bool,
) -> Legend:
    all_covered, all_due = int(covered.sum()), int(due.sum())
    total = texts.nothing_due
    if all_due:
        share = percent(all_covered, all_due)
        total = fill(texts.total, covered=all_covered, due=all_due, percent=share)
    lines = [
        _class_line(at, covered, due, found, texts=texts)
        for at in reversed(range(palette.MOST_CLASSES))
    ]
    lines.append(
        LegendClass(
            mark=Mark.AREA,
            colour=palette.PAPER,
            texture=Texture.DOTTED,
            label=texts.nothing_due,
            detail=fill(texts.nothing_due_detail, grids=int((found == _NOTHING_DUE).sum())),
        )
    )
    if ((due > 0) & (due < FEW)).any():
        few = fill(texts.few, limit=FEW)
        lines.append(
            LegendClass(
                mark=Mark.AREA, colour=palette.SEQUENTIAL[1], texture=Texture.HATCHED, label=few
            )
        )
    if selected:
        lines.append(LegendClass(mark=Mark.OUTLINE, colour=palette.ACCENT, label=texts.selected))
    return Legend(
        title=texts.title,
        unit=texts.unit,
        total=total,
        classes=tuple(lines),
        notes=(),
        as_of=dated(texts.words, as_of),
        credit=texts.words.credit,
    )


def _class_line(
    at: int,
    covered: NDArray[np.int64],
    due: NDArray[np.int64],
    found: NDArray[np.int64],
    *,
    texts: CoverageTexts,
) -> LegendClass:
    edges = (0.0, *palette.SHARE_LIMITS, 1.0)
    here = found == at
    detail = fill(
        texts.class_detail,
        grids=int(here.sum()),
        covered=int(covered[here].sum()),
        due=int(due[here].sum()),
    )
    return LegendClass(
        mark=Mark.AREA,
        colour=palette.SEQUENTIAL[at],
        label=f"{edges[at] * 100:.0f}–{edges[at + 1] * 100:.0f}%",
        detail=detail,
    )

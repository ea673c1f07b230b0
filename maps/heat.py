"""The density map: where weighted points lie close together, per square kilometre."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from maps import palette
from maps.canvas import Canvas
from maps.closer import firm_groups
from maps.density import density_raster
from maps.frames import GRID_OUTLINES, HEAT_POINTS, require_frame
from maps.grids import GridIndex
from maps.layers import Area, AreaLayer, AreaStyle, OutsideLayer, drawn_shapes, place_names
from maps.legend import Legend, LegendClass, Mark, legend_html
from maps.picture_of_density import density_picture
from maps.safe_text import safe_text
from maps.texts import HeatTexts, dated, fill

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from maps.assets import Assets
    from maps.base_map import BaseMap
    from maps.closer import Closer

COLOURED = palette.MOST_CLASSES - 1
"""Classes above the lowest limit; below of it nothing is coloured."""


def heat_map(
    points: gpd.GeoDataFrame,
    grids: gpd.GeoDataFrame,
    *,
    texts: HeatTexts,
    as_of: date,
    bandwidth_m: int = 1000,
    assets: Assets,
    closer: Closer | None = None,
    base: BaseMap | None = None,
) -> str:
    """Draw the density of weighted points in classes with rounded limits.

    Points outside of every grid are left out, and the legend says how many.

    Parameters
    ----------
    points
        A frame as `maps.frames.HEAT_POINTS` says: weight, geometry (EPSG:4326). May be empty.
    grids
        A frame as `maps.frames.GRID_OUTLINES` says: code, name, township, geometry (EPSG:4326).
    texts
        Every word on the map.
    as_of
        Date of the figures.
    bandwidth_m
        Smoothing length in metres: 500, 1000 or 2000.
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
    DensityError
        When the bandwidth is another one or the points lie too far apart.
    """
    require_frame(points, HEAT_POINTS)
    require_frame(grids, GRID_OUTLINES)
    held = held_points(points, grids)
    shapes = drawn_shapes(grids)
    west, south, east, north = (float(edge) for edge in grids.total_bounds)
    bounds = (west, south, east, north)
    canvas = Canvas(words=texts.words, title=texts.title, bounds=bounds, assets=assets, base=base)
    lines: tuple[LegendClass, ...] = ()
    if held.weight.sum() > 0:
        raster = density_raster(held.lon, held.lat, held.weight, bandwidth_m=bandwidth_m)
        at_points = raster.at(held.lon, held.lat)
        classes = _classes(at_points)
        canvas.draw(density_picture(raster, classes, bounds))
        lines = _lines(classes, classes.of(at_points), texts)
    if base is None:
        canvas.draw(OutsideLayer(inside=_union(shapes)))
    canvas.draw(grid_outlines(grids, shapes, held, texts.tip_points))
    canvas.draw(place_names(grids, shapes))
    if closer is not None:
        canvas.draw(closer)
    legend = _legend(held, lines, texts=texts, as_of=as_of, bandwidth_m=bandwidth_m)
    closer_groups = replace(legend, groups=firm_groups(closer), keeps_classes=True)
    return canvas.render(legend_html(closer_groups))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPoints:
    """The points that lie in a grid, the position of that grid, and how many lie in none."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    weight: NDArray[np.float64]
    grid: NDArray[np.int64]
    outside: int


def held_points(points: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> HeldPoints:
    """Keep the points that lie in a grid, and count the others."""
    lon = points.geometry.x.to_numpy(dtype=np.float64)
    lat = points.geometry.y.to_numpy(dtype=np.float64)
    codes = grids["code"].tolist()
    position = {code: at for at, code in enumerate(codes)}
    located = GridIndex(codes, list(grids.geometry)).locate(lon, lat)
    grid = np.array([-1 if code is None else position[code] for code in located], dtype=np.int64)
    inside = grid >= 0
    return HeldPoints(
        lon=lon[inside],
        lat=lat[inside],
        weight=points["weight"].to_numpy(dtype=np.float64)[inside],
        grid=grid[inside],
        outside=int((~inside).sum()),
    )


def _union(shapes: NDArray[np.object_]) -> BaseGeometry:
    import shapely

    return shapely.union_all(shapes)


def _legend(
    held: HeldPoints,
    lines: tuple[LegendClass, ...],
    *,
    texts: HeatTexts,
    as_of: date,
    bandwidth_m: int,
) -> Legend:
    total, notes = texts.nothing, []
    if lines:
        total = fill(texts.total, points=held.lon.size, weight=_shown(held.weight.sum()))
        notes.append(fill(texts.bandwidth, metres=bandwidth_m))
    if held.outside:
        notes.append(fill(texts.outside, points=held.outside))
    return Legend(
        title=texts.title,
        unit=texts.unit,
        total=total,
        classes=lines,
        notes=tuple(notes),
        as_of=dated(texts.words, as_of),
        credit=texts.words.credit,
    )


def _classes(at_points: NDArray[np.float64]) -> palette.Classes:
    limits = palette.rounded_limits(float(at_points.max()), COLOURED)
    return palette.Classes(limits=limits, colours=palette.SEQUENTIAL)


def _lines(
    classes: palette.Classes, found: NDArray[np.int64], texts: HeatTexts
) -> tuple[LegendClass, ...]:
    shown = [palette.shown_number(limit) for limit in classes.limits]
    labels = [
        fill(texts.below, limit=shown[0]),
        *(f"{low}–{high}" for low, high in pairwise(shown)),
        f"≥ {shown[-1]}",
    ]
    colours = (palette.PAPER, *classes.colours[1:])
    return tuple(
        LegendClass(
            mark=Mark.AREA,
            colour=colours[at],
            label=labels[at],
            detail=fill(texts.class_detail, points=int((found == at).sum())),
        )
        for at in reversed(range(len(labels)))
    )


def grid_outlines(
    grids: gpd.GeoDataFrame, shapes: NDArray[np.object_], held: HeldPoints, tip: str
) -> AreaLayer:
    """Outline the grids; each tells its points by `tip`, filled with {points} and {weight}."""
    counts = np.bincount(held.grid, minlength=len(grids))
    sums = np.bincount(held.grid, weights=held.weight, minlength=len(grids))
    # Filled without any opacity, so that the whole area reacts to touch and not only its border.
    style = AreaStyle(fill=palette.PAPER, fill_opacity=0.0, stroke=palette.INK_2, line_px=0.5)
    areas = []
    keys = grids["key"].tolist() if "key" in grids.columns else [0] * len(grids)
    names = zip(grids["name"], grids["township"], keys, strict=True)
    for at, (name, township, key) in enumerate(names):
        weight = _shown(float(sums[at]))
        lines = (name, township, fill(tip, points=int(counts[at]), weight=weight))
        tips = tuple(map(safe_text, lines))
        areas.append(Area(geometry=shapes[at], style=style, tip=tips, key=key))
    return AreaLayer(areas=tuple(areas))


def _shown(weight: float) -> str:
    # From a thousand on every digit matters to those who add up grids.
    thousand = 1000.0
    return palette.shown_number(round(weight) if weight >= thousand else weight)

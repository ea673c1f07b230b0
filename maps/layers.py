"""What is drawn on a map: plain descriptions, made from frames, drawn by `maps.canvas`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from maps.errors import LayerError
from maps.metric import MetricPlane
from maps.palette import ACCENT, DUE, IDLE, LATE, LINE, OK, PAPER, Texture
from maps.safe_text import SafeHtml, safe_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

DRAWING_TOLERANCE_M = 25.0
"""Corners whose triangle is smaller than the square of this are not drawn; a pixel at the zoom that
shows a whole township is about as large."""

DRAWN_DECIMALS = 5
"""Decimals of drawn degrees: about a metre."""


class FirmStatus(StrEnum):
    """Status classes of the desk map, in the order in which they are drawn: the last on top."""

    IDLE = "idle"
    OK = "ok"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaStyle:
    """How an area looks; `fill` None leaves it open, lines are in pixels."""

    fill: str | None
    fill_opacity: float = 1.0
    stroke: str = LINE
    line_px: float = 1.0
    texture: Texture = Texture.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One polygon in degrees WGS-84; `tip` are the lines shown when it is touched, name first.

    `key` is the number by which the page around the map knows it.
    """

    geometry: BaseGeometry
    style: AreaStyle
    tip: tuple[SafeHtml, ...] = ()
    key: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLayer:
    """Polygons, drawn in their order. Areas with a tip react to touch."""

    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureLayer:
    """A PNG between two parallels and two meridians, its rows even in Web Mercator."""

    png: bytes
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideLayer:
    """Everything outside of `inside` (degrees WGS-84) in the colour of the paper."""

    inside: BaseGeometry


@dataclass(frozen=True, slots=True, kw_only=True)
class PointStyle:
    """A circle: filled, or a ring. Shape and size tell what colour tells, too."""

    colour: str
    radius_px: float
    filled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PointLayer:
    """Many circles: degrees WGS-84, a style for each as a position in `styles`, a name for each."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    style: NDArray[np.int64]
    names: tuple[SafeHtml, ...]
    styles: tuple[PointStyle, ...]

    def __post_init__(self) -> None:
        if not len(self.lon) == len(self.lat) == len(self.style) == len(self.names):
            raise LayerError("Points, styles and names differ in number; pass one of each.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLayer:
    """A way and its stops in the order of the visits, `(lon, lat)` in degrees WGS-84."""

    way: tuple[tuple[float, float], ...]
    stops: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A name on the map; of two that touch each other the earlier one is shown.

    A `small` one is shown only where it fits into its area, which reaches `half_width` and
    `half_height` degrees to each side.
    """

    lon: float
    lat: float
    name: SafeHtml
    small: bool = False
    half_width: float = 0.0
    half_height: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLayer:
    """Names on the map, the most important first."""

    places: tuple[Place, ...]


Layer = AreaLayer | PictureLayer | OutsideLayer | PointLayer | RouteLayer | PlaceLayer

FIRM_STYLES = {
    FirmStatus.IDLE: PointStyle(colour=IDLE, radius_px=4.0, filled=False),
    FirmStatus.OK: PointStyle(colour=OK, radius_px=4.0, filled=True),
    FirmStatus.DUE: PointStyle(colour=DUE, radius_px=6.0, filled=False),
    FirmStatus.LATE: PointStyle(colour=LATE, radius_px=6.5, filled=True),
}
"""A ring or a disc, small or large: the four are told apart without colour."""


def drawn_shapes(grids: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Simplify polygons for drawing, so that neighbours still share their borders.

    Parameters
    ----------
    grids
        Polygons, EPSG:4326.

    Returns
    -------
    array of shapely geometries
        Degrees WGS-84, rounded to about a metre. For drawing only, never for measuring.
    """
    import shapely

    shapes = np.asarray(grids.geometry.array, dtype=object)
    middle = shapely.get_coordinates(shapely.envelope(shapes))
    plane = MetricPlane.around(middle[:, 0], middle[:, 1])
    simple = shapely.coverage_simplify(plane.geometries_in_metres(shapes), DRAWING_TOLERANCE_M)
    back = plane.geometries_in_degrees(np.asarray(simple, dtype=object))
    return np.asarray(
        shapely.transform(back, lambda pairs: pairs.round(DRAWN_DECIMALS)), dtype=object
    )


def selected_outline(shapes: NDArray[np.object_], codes: Sequence[str], code: str) -> AreaLayer:
    """Outline one grid in the accent colour.

    Raises
    ------
    LayerError
        When no grid has this code.
    """
    try:
        at = list(codes).index(code)
    except ValueError as error:
        message = f"No grid has the code {code!r}; select one that is on the map."
        raise LayerError(message) from error
    # On a seam of paper: to many the accent alone is the brown of the lowest class.
    seam = AreaStyle(fill=None, stroke=PAPER, line_px=7.0)
    style = AreaStyle(fill=None, stroke=ACCENT, line_px=3.0)
    return AreaLayer(areas=tuple(Area(geometry=shapes[at], style=one) for one in (seam, style)))


def place_names(
    grids: gpd.GeoDataFrame, shapes: NDArray[np.object_], labels: Sequence[str] = ()
) -> PlaceLayer:
    """Name the townships, and inside of the grids what `labels` says about each.

    Parameters
    ----------
    grids
        A frame with the columns of `maps.frames.GRID_OUTLINES`.
    shapes
        The polygons as drawn, in the order of the frame.
    labels
        A short text for each grid, or none at all.

    Returns
    -------
    PlaceLayer
        Townships from the largest to the smallest, then the labels.
    """
    import shapely

    townships = grids["township"].to_numpy(dtype=object)
    whole = {
        name: shapely.union_all(shapes[townships == name]) for name in dict.fromkeys(townships)
    }
    places = []
    # Degrees squared order areas of one district well enough, and nothing is measured here.
    for name, shape in sorted(whole.items(), key=lambda pair: -pair[1].area):
        at = _largest_part(shape).representative_point()
        places.append(Place(lon=at.x, lat=at.y, name=safe_text(name)))
    for shape, label in zip(shapes, labels, strict=bool(labels)):
        part = _largest_part(shape)
        at, (west, south, east, north) = part.representative_point(), part.bounds
        places.append(
            Place(
                lon=at.x,
                lat=at.y,
                name=safe_text(label),
                small=True,
                half_width=(east - west) / 2,
                half_height=(north - south) / 2,
            )
        )
    return PlaceLayer(places=tuple(places))


def firm_points(firms: gpd.GeoDataFrame) -> PointLayer:
    """Draw enterprises by status, those that are late on top.

    Parameters
    ----------
    firms
        A frame as `maps.frames.FIRM_POINTS` says.

    Raises
    ------
    LayerError
        When a status is not one of `FirmStatus`.
    """
    order = list(FirmStatus)
    known = {status.value: at for at, status in enumerate(order)}
    unknown = sorted(set(firms["status"]) - set(known))
    if unknown:
        message = f"The status {unknown[0]!r} is not drawn; use one of {', '.join(known)}."
        raise LayerError(message)
    style = firms["status"].map(known).to_numpy(dtype=np.int64)
    on_top = np.argsort(style, kind="stable")
    names = firms["name"].to_numpy(dtype=object)[on_top]
    return PointLayer(
        lon=firms.geometry.x.to_numpy(dtype=np.float64)[on_top],
        lat=firms.geometry.y.to_numpy(dtype=np.float64)[on_top],
        style=style[on_top],
        names=tuple(safe_text(name) for name in names),
        styles=tuple(FIRM_STYLES[status] for status in order),
    )


def _largest_part(shape: BaseGeometry) -> BaseGeometry:
    import shapely

    parts: list[BaseGeometry] = shapely.get_parts(shape).tolist()
    return max(parts, key=lambda part: part.area)

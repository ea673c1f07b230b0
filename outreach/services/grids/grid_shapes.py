"""Shapes of grids as a page sends them: GeoJSON read strictly, degrees in WGS-84."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from outreach.errors import InvalidInput

if TYPE_CHECKING:
    from shapely import MultiPolygon, Polygon
    from shapely.geometry.base import BaseGeometry

MOST_GRIDS = 60
"""Shapes in one edit; more are a new file of grids."""

_LONGEST_KEY = 9
_MOST_LON, _MOST_LAT = 180, 90
MOST_POINTS = 20_000
LARGEST_TEXT = 1_500_000
_DIGITS = 7
"""Decimals of a degree that are kept: about a centimetre."""


def read_shapes(text: str) -> tuple[dict[int, dict[str, Any]], dict[str, Any] | None]:
    """Read `{"12": geometry, "new": geometry}`; the second is the shape of a new grid.

    Raises
    ------
    InvalidInput
        When the text is no such object or too large.
    """
    try:
        sent = json.loads(text) if len(text) <= LARGEST_TEXT else None
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict) or len(sent) > MOST_GRIDS:
        raise InvalidInput("边界读不懂,请在地图上改好再交,一次最多 {most} 个网格", most=MOST_GRIDS)
    new = sent.pop("new", None)
    if not all(key.isascii() and key.isdigit() and len(key) <= _LONGEST_KEY for key in sent):
        raise InvalidInput("边界读不懂,请在地图上改好再交,一次最多 {most} 个网格", most=MOST_GRIDS)
    return {int(key): value for key, value in sent.items()}, new


def make_shape(drawn: object, name: str) -> Polygon | MultiPolygon:
    """A valid polygon of what was drawn.

    Raises
    ------
    InvalidInput
        When it is no polygon in degrees, crosses itself or has no area; the message names the grid.
    """
    from shapely import MultiPolygon, Polygon
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    problem = InvalidInput("网格“{name}”的边界不是多边形,请重画", name=name)
    if not isinstance(drawn, dict) or not _are_degrees(drawn.get("coordinates")):
        raise problem
    try:
        found = shape(drawn)
    except (ShapelyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise problem from error
    if not isinstance(found, Polygon | MultiPolygon):
        raise problem
    if not found.is_valid:
        raise InvalidInput("网格“{name}”的边界自己相交了,请把交叉的点移开", name=name)
    if found.area <= 0:
        raise InvalidInput("网格“{name}”没有面积了,不能这样改", name=name)
    return found


def stored_shape(geometry: dict[str, Any]) -> Polygon | MultiPolygon:
    """The shape of a stored grid."""
    from shapely import MultiPolygon, Polygon
    from shapely.geometry import shape

    found = shape(geometry)
    if not isinstance(found, Polygon | MultiPolygon):
        raise TypeError(f"a stored grid is a {found.geom_type}, not a polygon")
    return found


def _are_degrees(coordinates: object) -> bool:
    """Whether nested lists hold nothing but pairs of degrees, and not too many."""
    waiting, points = [coordinates], 0
    while waiting:
        one = waiting.pop()
        if not isinstance(one, list) or not one:
            return False
        if all(isinstance(part, list) for part in one):
            waiting += one
            continue
        points += 1
        if points > MOST_POINTS or len(one) != 2:  # noqa: PLR2004  a pair
            return False
        if not all(isinstance(v, int | float) and math.isfinite(v) for v in one):
            return False
        if abs(one[0]) > _MOST_LON or abs(one[1]) > _MOST_LAT:
            return False
    return points > 0


def plain_geometry(geometry: BaseGeometry) -> dict[str, Any]:
    """GeoJSON as it is stored: lists, with centimetres."""
    from shapely.geometry import mapping

    found: dict[str, Any] = _plain(mapping(geometry))
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return round(value, _DIGITS) if isinstance(value, float) else value

"""Strict reading of grid polygons from GeoJSON."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from maps.datum import Datum, to_wgs84
from maps.errors import CoordinateError, GridFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from shapely.geometry import MultiPolygon, Polygon

CHINA_LON = (72.0, 138.0)
CHINA_LAT = (0.0, 57.0)
"""Degrees; a pair that fits these two only the other way round was written as (lat, lon)."""

RING_POSITIONS = 4
"""A closed ring has at least three corners, and the first one again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFeature:
    """One feature as received: its number in the file (from 1), properties and polygon.

    `geometry` keeps the degrees of the file, `(lon, lat)` in the file's own datum, and may be
    invalid (see `maps.grids.check_grids`).
    """

    number: int
    properties: Mapping[str, object]
    geometry: Polygon | MultiPolygon


def read_grid_features(source: Path | bytes) -> list[GridFeature]:
    """Read grid polygons from a GeoJSON FeatureCollection or a bare list of Features.

    Parameters
    ----------
    source
        A file, or what one holds. UTF-8, with or without a byte order mark.

    Returns
    -------
    list of GridFeature
        In the order of the file, at least one. Altitudes are dropped.

    Raises
    ------
    GridFileError
        When the file is not JSON or has no features; when a feature has no geometry, another
        geometry than Polygon or MultiPolygon, a ring that is open or too short, or positions
        that are not longitude and latitude in degrees in this order.
    """
    received = _parsed(source.read_bytes() if isinstance(source, Path) else source)
    return [_feature(number, raw) for number, raw in enumerate(_raw_features(received), start=1)]


def geometry_to_wgs84(geometry: Polygon | MultiPolygon, datum: Datum) -> Polygon | MultiPolygon:
    """Move a polygon's corners from a datum to WGS-84.

    Parameters
    ----------
    geometry
        Degrees, `(lon, lat)` in `datum`.
    datum
        What the degrees refer to.

    Returns
    -------
    Polygon or MultiPolygon
        The same shape in degrees WGS-84.

    Raises
    ------
    CoordinateError
        When a corner is out of range.
    """
    import shapely

    def move(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_wgs84(pairs[:, 0], pairs[:, 1], datum))

    return shapely.transform(geometry, move)


def _parsed(content: bytes) -> object:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"The grid file is not UTF-8 (byte {error.start}); save it as GeoJSON in UTF-8."
        raise GridFileError(message) from error
    try:
        return cast("object", json.loads(text))
    except (ValueError, RecursionError) as error:
        reason = str(error) or "nested too deeply"
        message = f"The grid file is not JSON ({reason}); export it again as GeoJSON."
        raise GridFileError(message) from error


def _raw_features(received: object) -> list[object]:
    features = received
    if isinstance(received, dict):
        kind = received.get("type")
        if kind != "FeatureCollection":
            message = (
                f"The grid file holds {_shown(kind)} and not a FeatureCollection; "
                "export the whole layer as GeoJSON."
            )
            raise GridFileError(message)
        features = received.get("features")
    if not isinstance(features, list) or not features:
        message = "The grid file has no features; export the layer that holds the grid polygons."
        raise GridFileError(message)
    return features


def _feature(number: int, raw: object) -> GridFeature:
    if not isinstance(raw, dict) or raw.get("type") != "Feature":
        kind = raw.get("type") if isinstance(raw, dict) else raw
        raise _refused(number, "type", f"is {_shown(kind)}", "every entry must be a Feature")
    properties = raw.get("properties")
    if properties is None:
        properties = {}
    if not isinstance(properties, dict):
        raise _refused(number, "properties", "is not an object", "export the attributes too")
    return GridFeature(
        number=number, properties=properties, geometry=_geometry(number, raw.get("geometry"))
    )


def _geometry(number: int, raw: object) -> Polygon | MultiPolygon:
    from shapely.geometry import MultiPolygon, Polygon

    if raw is None:
        raise _refused(number, "geometry", "is empty", "draw the grid's polygon or delete the row")
    kind = raw.get("type") if isinstance(raw, dict) else raw
    if not isinstance(raw, dict) or kind not in ("Polygon", "MultiPolygon"):
        remedy = "a grid is a Polygon or a MultiPolygon"
        raise _refused(number, "geometry.type", f"is {_shown(kind)}", remedy)
    coordinates = raw.get("coordinates")
    parts = coordinates if kind == "MultiPolygon" else [coordinates]
    if not isinstance(parts, list) or not parts:
        raise _refused(number, "geometry.coordinates", "is empty", "draw the polygon again")
    polygons = [Polygon(rings[0], rings[1:]) for rings in (_rings(number, part) for part in parts)]
    return polygons[0] if kind == "Polygon" else MultiPolygon(polygons)


def _rings(number: int, part: object) -> list[list[tuple[float, float]]]:
    if not isinstance(part, list) or not part:
        raise _refused(number, "geometry.coordinates", "has no ring", "draw the polygon again")
    return [_ring(number, ring) for ring in part]


def _ring(number: int, ring: object) -> list[tuple[float, float]]:
    field = "geometry.coordinates"
    if not isinstance(ring, list) or len(ring) < RING_POSITIONS:
        count = len(ring) if isinstance(ring, list) else 0
        state = f"has a ring of {count} positions"
        raise _refused(number, field, state, "a ring needs four, the last equal to the first")
    positions = [_position(number, position) for position in ring]
    if positions[0] != positions[-1]:
        state = f"has an open ring from {positions[0]} to {positions[-1]}"
        raise _refused(number, field, state, "a ring must end where it starts")
    return positions


def _position(number: int, position: object) -> tuple[float, float]:
    field = "geometry.coordinates"
    if not isinstance(position, list) or len(position) < 2:  # noqa: PLR2004 - a pair is two
        remedy = "a position is [longitude, latitude]"
        raise _refused(number, field, f"has the position {_shown(position)}", remedy)
    if not (_is_number(position[0]) and _is_number(position[1])):
        remedy = "longitude and latitude are numbers in degrees"
        raise _refused(number, field, f"has the position {_shown(position)}", remedy)
    lon, lat = float(position[0]), float(position[1])
    if _within(lon, CHINA_LAT) and _within(lat, CHINA_LON):
        remedy = "latitude and longitude are swapped: write [longitude, latitude]"
        raise _refused(number, field, f"has the position [{lon}, {lat}]", remedy)
    try:
        to_wgs84(lon, lat, Datum.WGS84)
    except CoordinateError as error:
        remedy = "the file must hold degrees, not metres of a map projection"
        raise _refused(number, field, f"has the position [{lon}, {lat}]", remedy) from error
    return lon, lat


def _is_number(value: object) -> bool:
    # In Python a bool is an int, and JSON's huge integers do not fit a float.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 10**12 and math.isfinite(value)


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _shown(value: object) -> str:
    limit = 60
    text = repr(value)
    return text if len(text) <= limit else text[:limit] + "…"


def _refused(number: int, field: str, state: str, remedy: str) -> GridFileError:
    message = f"Feature {number} of the grid file: {field} {state}; {remedy}."
    return GridFileError(message, feature=number, field=field)

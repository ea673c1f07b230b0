"""The metric coordinate system of a district: nothing in this library measures in degrees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from maps.errors import CoordinateError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

NORTHERN_UTM, SOUTHERN_UTM = 32600, 32700
"""EPSG codes of the WGS-84 UTM zones are these numbers plus the zone."""

HALF_CIRCLE = 180.0
UTM_LATITUDE = 84.0
"""Beyond this latitude UTM is not defined (degrees)."""


def utm_epsg(lon: float, lat: float) -> int:
    """Choose the UTM zone (WGS-84) that a place lies in.

    Parameters
    ----------
    lon, lat
        Degrees WGS-84 of the middle of the area.

    Returns
    -------
    int
        An EPSG code, for example 32650; lengths in it are right to 0.1 % within a district.

    Raises
    ------
    CoordinateError
        When the place is not a longitude within 180 and a latitude within 84 degrees.
    """
    if not (abs(lon) <= HALF_CIRCLE and abs(lat) <= UTM_LATITUDE):
        message = f"No UTM zone holds the place ({lon!r}, {lat!r}); pass (lon, lat) in degrees."
        raise CoordinateError(message)
    zone = min(int((lon + HALF_CIRCLE) // 6.0) + 1, 60)
    return (NORTHERN_UTM if lat >= 0 else SOUTHERN_UTM) + zone


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPlane:
    """A plane in metres around one area, to go to from degrees and to come back."""

    epsg: int

    @classmethod
    def around(cls, lon: ArrayLike, lat: ArrayLike) -> MetricPlane:
        """Choose the plane for points given in degrees WGS-84; NaN is left out.

        Raises
        ------
        CoordinateError
            When no point is left.
        """
        x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        known = np.isfinite(x) & np.isfinite(y)
        if not known.any():
            raise CoordinateError("No metric plane without a point; pass at least one place.")
        return cls(epsg=utm_epsg(float(np.median(x[known])), float(np.median(y[known]))))

    def metres(
        self, lon: ArrayLike, lat: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Turn degrees WGS-84 into metres east and north."""
        x, y = _transformer(4326, self.epsg).transform(np.asarray(lon), np.asarray(lat))
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def degrees(
        self, east: ArrayLike, north: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Turn metres east and north into degrees WGS-84, `(lon, lat)`."""
        x, y = _transformer(self.epsg, 4326).transform(np.asarray(east), np.asarray(north))
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def geometries_in_metres(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Turn shapely geometries in degrees WGS-84 into metres, element by element."""
        import shapely

        def move(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.column_stack(self.metres(pairs[:, 0], pairs[:, 1]))

        return np.asarray(shapely.transform(geometries, move), dtype=object)

    def geometries_in_degrees(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Turn shapely geometries in metres into degrees WGS-84, element by element."""
        import shapely

        def move(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.column_stack(self.degrees(pairs[:, 0], pairs[:, 1]))

        return np.asarray(shapely.transform(geometries, move), dtype=object)


@lru_cache(maxsize=16)
def _transformer(source: int, target: int) -> Any:  # noqa: ANN401 - pyproj has no stubs
    # Setting one up costs more than moving a district's grids; pyproj's are safe across threads.
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)

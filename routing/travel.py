"""Travel times between points, always labelled with how they were found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from routing.errors import InvalidPoints

if TYPE_CHECKING:
    from numpy.typing import NDArray

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the WGS-84 ellipsoid (IUGG). The error against the ellipsoid is below 0.6 %."""


class TravelKind(StrEnum):
    """How travel times were found."""

    STRAIGHT_LINE = "straight_line"
    """Distance as the crow flies times a detour factor: an estimate, not a road."""
    ROADS = "roads"
    """The quickest way along a road network at usual speeds."""
    SERVER = "server"
    """What a road server answered."""

    @property
    def label(self) -> str:
        """What the planner reads beside the minutes."""
        return _LABELS[self]

    @property
    def is_estimate(self) -> bool:
        """Whether pages must say that the times are estimated."""
        return self is TravelKind.STRAIGHT_LINE


_LABELS = {
    TravelKind.STRAIGHT_LINE: "按直线距离估算",
    TravelKind.ROADS: "按路网计算",
    TravelKind.SERVER: "按路径服务计算",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TravelTimes:
    """Directed travel between n points: `seconds` and `metres` are (n, n) int64, read-only.

    `snap_m` is (n,) float64, how far each point lies from the road it was moved to; None where
    there are no roads. `by_road` is (n,) bool, false where a point lies too far from every road, so
    that its ways are straight lines; None where all or none do. `source` names the server that
    answered and what it was asked for.
    """

    seconds: NDArray[np.int64]
    metres: NDArray[np.int64]
    kind: TravelKind
    snap_m: NDArray[np.float64] | None = None
    by_road: NDArray[np.bool_] | None = None
    source: str | None = None


def straight_line(
    points_lonlat: NDArray[np.float64], *, speed_kmh: float, detour_factor: float
) -> TravelTimes:
    """Estimate travel between all points from great-circle distances.

    Parameters
    ----------
    points_lonlat
        (n, 2) WGS-84 degrees, longitude first.
    speed_kmh
        Above 0.
    detour_factor
        Way on the ground per metre of straight line, at least 1; 1.3 to 1.5 in towns.

    Raises
    ------
    InvalidPoints
        When a value is out of its range; the message names the row.
    """
    points = require_points(points_lonlat)
    if not (0 < speed_kmh < np.inf):
        raise InvalidPoints(f"speed_kmh is {speed_kmh}, not a speed above 0")
    if not (1 <= detour_factor < np.inf):
        raise InvalidPoints(f"detour_factor is {detour_factor}, not at least 1")
    metres = haversine_m(points) * detour_factor
    return TravelTimes(
        # Rounded up: a plan must not depend on arriving half a second before a door closes.
        seconds=whole_numbers(np.ceil(metres / (speed_kmh / 3.6) - 1e-6)),
        metres=whole_numbers(np.rint(metres)),
        kind=TravelKind.STRAIGHT_LINE,
    )


def require_points(points_lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 2) longitudes and latitudes as floats, or refuse them with the row."""
    points = np.asarray(points_lonlat, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:  # noqa: PLR2004  (longitude, latitude)
        raise InvalidPoints(f"points_lonlat: shape is {points.shape}, not (n, 2)")
    inside = (np.abs(points[:, 0]) <= 180) & (np.abs(points[:, 1]) <= 90)  # noqa: PLR2004
    if not inside.all():
        row = int(np.flatnonzero(~inside)[0])
        lon, lat = points[row]
        raise InvalidPoints(f"points_lonlat[{row}] is ({lon}, {lat}), not (longitude, latitude)")
    return points


def haversine_m(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, n) great-circle distances."""
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    half_lat = np.sin((lat[:, None] - lat[None, :]) / 2)
    half_lon = np.sin((lon[:, None] - lon[None, :]) / 2)
    chord = half_lat**2 + np.cos(lat)[:, None] * np.cos(lat)[None, :] * half_lon**2
    metres: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))
    return metres


def whole_numbers(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the values, none below 0, as read-only integers."""
    whole = np.maximum(values, 0).astype(np.int64)
    whole.flags.writeable = False
    return whole

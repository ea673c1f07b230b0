"""Conversion between WGS-84, GCJ-02 and BD-09, vectorised, in degrees and `(lon, lat)` order."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from maps.errors import CoordinateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

AXIS_M = 6378245.0
"""Semi-major axis of the Krasovsky 1940 ellipsoid, which the published GCJ-02 formula uses."""

ECCENTRICITY_SQUARED = 0.00669342162296594323
"""First eccentricity squared of the same ellipsoid, with the digits of the published formula."""

SHIFTED_LON = (72.004, 137.8347)
SHIFTED_LAT = (0.8293, 55.8271)
"""The box in which GCJ-02 is shifted; outside of it GCJ-02 equals WGS-84."""

BAIDU_LON, BAIDU_LAT = 0.0065, 0.006
BAIDU_TURN = np.pi * 3000.0 / 180.0
"""Constants of the published BD-09 formula, in degrees."""

STEPS = 3
"""Fixed-point steps of the inverse.

There and back then differs by at most 0.2 mm for GCJ-02 and 1.3 mm for BD-09 anywhere in China
(measured on two million random places).
"""


class Datum(StrEnum):
    """What a received pair of degrees refers to; in China they differ by up to 1.2 km."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(
    lon: ArrayLike, lat: ArrayLike, datum: Datum
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Convert received degrees to WGS-84.

    Parameters
    ----------
    lon, lat
        Degrees, scalars or arrays of one shape. NaN (an unplaced thing) stays NaN.
    datum
        What the received degrees refer to.

    Returns
    -------
    tuple of arrays
        Longitude and latitude, degrees WGS-84, in the shape given.

    Raises
    ------
    CoordinateError
        When a value is out of range or the shapes differ.
    """
    x, y = _checked(lon, lat)
    if datum is Datum.WGS84:
        return x, y
    if datum is Datum.BD09:
        x, y = _inverse(_gcj02_to_bd09, x, y)
    return _inverse(_wgs84_to_gcj02, x, y)


def from_wgs84(
    lon: ArrayLike, lat: ArrayLike, datum: Datum
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Convert WGS-84 degrees to another datum.

    Parameters
    ----------
    lon, lat
        Degrees WGS-84, scalars or arrays of one shape. NaN stays NaN.
    datum
        What the result shall refer to.

    Returns
    -------
    tuple of arrays
        Longitude and latitude in `datum`, degrees, in the shape given.

    Raises
    ------
    CoordinateError
        When a value is out of range or the shapes differ.
    """
    x, y = _checked(lon, lat)
    if datum is Datum.WGS84:
        return x, y
    x, y = _wgs84_to_gcj02(x, y)
    return _gcj02_to_bd09(x, y) if datum is Datum.BD09 else (x, y)


def _checked(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if x.shape != y.shape:
        message = f"Longitudes have the shape {x.shape} and latitudes {y.shape}; pass pairs."
        raise CoordinateError(message)
    for name, values, limit in (("longitude", x, 180.0), ("latitude", y, 90.0)):
        wrong = np.abs(values) > limit
        if wrong.any():
            message = (
                f"The {name} {values[wrong].flat[0]!r} is outside -{limit:g} to {limit:g} degrees; "
                "pass (lon, lat) in degrees, in this order."
            )
            raise CoordinateError(message)
    return x, y


def _inverse(
    forward: Callable[..., tuple[NDArray[np.float64], NDArray[np.float64]]],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # The shift changes slowly with place, so guessing again from the miss converges at once.
    guess_x, guess_y = x, y
    for _ in range(STEPS):
        there_x, there_y = forward(guess_x, guess_y)
        guess_x, guess_y = guess_x + (x - there_x), guess_y + (y - there_y)
    return guess_x, guess_y


def _wgs84_to_gcj02(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    inside = (
        (lon >= SHIFTED_LON[0])
        & (lon <= SHIFTED_LON[1])
        & (lat >= SHIFTED_LAT[0])
        & (lat <= SHIFTED_LAT[1])
    )
    east_m, north_m = _shift_m(lon - 105.0, lat - 35.0)
    radians = np.radians(lat)
    flattening = 1.0 - ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    meridian_m = AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / flattening**1.5
    parallel_m = AXIS_M / np.sqrt(flattening) * np.cos(radians)
    # At the poles a parallel has no length; they lie outside the shifted box anyway.
    parallel_m = np.where(inside, parallel_m, AXIS_M)
    return (
        lon + np.where(inside, np.degrees(east_m / parallel_m), 0.0),
        lat + np.where(inside, np.degrees(north_m / meridian_m), 0.0),
    )


def _shift_m(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the published shift, metres east and north; x, y are degrees from 105 E, 35 N."""
    px, py, root = np.pi * x, np.pi * y, np.sqrt(np.abs(x))
    ripple = (20 * np.sin(6 * px) + 20 * np.sin(2 * px)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20 * np.sin(py) + 40 * np.sin(py / 3)) * 2 / 3
    north += (160 * np.sin(py / 12) + 320 * np.sin(py / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20 * np.sin(px) + 40 * np.sin(px / 3)) * 2 / 3
    east += (150 * np.sin(px / 12) + 300 * np.sin(px / 30)) * 2 / 3
    return east, north


def _gcj02_to_bd09(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * BAIDU_TURN)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * BAIDU_TURN)
    return radius * np.cos(angle) + BAIDU_LON, radius * np.sin(angle) + BAIDU_LAT

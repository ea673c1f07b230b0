"""The working plane of the demo district, with the bends that make straight lines look natural.

Everything is laid out in kilometres east and north of the district's middle, ``(x, y)``. Straight
borders and roads are bent together by one smooth field, so what touched before touches after.
Degrees are ``(lon, lat)`` and declared GCJ-02.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import random

    from numpy.typing import NDArray

Points: TypeAlias = "NDArray[np.float64]"
"""Shape (n, 2): kilometres ``(x, y)``, or degrees ``(lon, lat)`` where a name says so."""

KM_PER_DEGREE = 111.195
"""Length of one degree of latitude on a sphere of 6,371 km."""

_OCTAVES = ((9.0, 0.5, 6), (3.0, 0.2, 6), (1.1, 0.045, 5))
"""Wave length in km, amplitude in km, number of waves; the slopes of all waves
add up to about 0.7 on average, so that the field does not fold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Kilometres around one point, and the bending field.

    Attributes
    ----------
    lon, lat
        Degrees of the middle of the plane.
    waves
        One row a wave: wave vector x, y (radians per km), phase, shift x, shift y (km).
    """

    lon: float
    lat: float
    waves: Points

    def bend(self, points: Points) -> Points:
        """Move points of shape (n, 2), km, along the smooth field; at most about 1 km."""
        phase = points @ self.waves[:, :2].T + self.waves[:, 2]
        bent: Points = points + np.sin(phase) @ self.waves[:, 3:]
        return bent

    def to_degrees(self, points: Points) -> Points:
        """Return ``(lon, lat)`` rounded to six decimals for points of shape (n, 2) in km."""
        scale = (KM_PER_DEGREE * math.cos(math.radians(self.lat)), KM_PER_DEGREE)
        degrees: Points = np.round(points / scale + (self.lon, self.lat), 6)
        return degrees


def make_plane(rng: random.Random) -> Plane:
    """Return a plane around 115 E, 25.9 N with a new bending field."""
    rows: list[tuple[float, ...]] = []
    for length, amplitude, count in _OCTAVES:
        for _ in range(count):
            angle, phase, push = (rng.uniform(0, 2 * math.pi) for _ in range(3))
            number = 2 * math.pi / (length * rng.uniform(0.8, 1.25))
            size = amplitude / math.sqrt(count)
            rows.append(
                (
                    number * math.cos(angle),
                    number * math.sin(angle),
                    phase,
                    size * math.cos(push),
                    size * math.sin(push),
                )
            )
    return Plane(lon=115.0, lat=25.9, waves=np.array(rows))


def walk(start: Points, end: Points, *, step_km: float) -> Points:
    """Return points on the straight line from start to end, both included, in equal steps.

    The same two ends give the same points in either direction, so shared borders stay shared.
    """
    first, last = (start, end) if tuple(start) <= tuple(end) else (end, start)
    count = max(1, math.ceil(float(np.hypot(*(last - first))) / step_km))
    steps = np.linspace(0.0, 1.0, count + 1)[:, None]
    path: Points = first + (last - first) * steps
    path[-1] = last
    return path if first is start else path[::-1]

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
"""Wave length in km, amplitude in km, number of waves; tamed where the field would fold."""

_LEAST_STRETCH = 0.2
"""No piece of land shrinks below this share of its size when it is bent."""

_REACH_KM = 60
"""The field is good within this distance of the middle."""


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
    waves = np.array(rows)
    while _least_stretch(waves) < _LEAST_STRETCH:
        waves[:, 3:] *= 0.95
    return Plane(lon=115.0, lat=25.9, waves=waves)


def _least_stretch(waves: Points) -> float:
    """Return the least share of its size that a piece of land keeps; below 0 where it folds."""
    steps = np.arange(-_REACH_KM, _REACH_KM, 0.9)
    spots = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    slopes = np.cos(spots @ waves[:, :2].T + waves[:, 2])
    east, north = slopes @ (waves[:, :2] * waves[:, 3:4]), slopes @ (waves[:, :2] * waves[:, 4:])
    stretch = (1 + east[:, 0]) * (1 + north[:, 1]) - east[:, 1] * north[:, 0]
    return float(stretch.min())


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

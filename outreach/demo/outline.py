"""The outline of the demo district: two blobs joined by a narrower waist, with a natural edge."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

if TYPE_CHECKING:
    import random

    from outreach.demo.plane import Points

_ROUGH_STEPS = 4
"""Rounds of midpoint displacement; each doubles the number of border points."""


def make_outline(rng: random.Random) -> Polygon:
    """Return the district's outline in km, without holes, of 2,500 to 3,000 km2."""
    while True:
        shape = _make_body(rng)
        shape = _scale_to(shape, area_km2=rng.uniform(2620.0, 2860.0))
        for roughness in (0.26, 0.2, 0.15, 0.1, 0.05):
            rough = Polygon(_roughen(rng, shape, roughness=roughness))
            if rough.is_valid:
                return rough


def _make_body(rng: random.Random) -> Polygon:
    tilt = rng.uniform(-0.45, 0.45)
    axis = np.array([math.sin(tilt), math.cos(tilt)])
    across = np.array([axis[1], -axis[0]])
    middles = [
        axis * rng.uniform(21, 25) + across * rng.uniform(-5, 5),
        -axis * rng.uniform(19, 23) + across * rng.uniform(-5, 5),
    ]
    pieces = []
    for middle, radius in zip(middles, (rng.uniform(20, 23), rng.uniform(17, 20)), strict=True):
        pieces.append(Point(middle).buffer(radius * 0.72))
        for _ in range(7):
            angle, reach = rng.uniform(0, 2 * math.pi), radius * rng.uniform(0.4, 0.85)
            spot = middle + np.array([math.cos(angle), math.sin(angle)]) * reach
            pieces.append(Point(spot).buffer(radius * rng.uniform(0.26, 0.55)))
    bend = across * rng.uniform(-4, 4)
    pieces.append(LineString([middles[0], bend, middles[1]]).buffer(rng.uniform(4.5, 6.0)))
    body = shapely.union_all(pieces).buffer(3).buffer(-4.5).buffer(1.5)
    parts = [body] if isinstance(body, Polygon) else list(body.geoms)
    return Polygon(max(parts, key=lambda part: part.area).exterior)


def _scale_to(shape: Polygon, *, area_km2: float) -> Polygon:
    factor = math.sqrt(area_km2 / shape.area)
    middle = shapely.get_coordinates(shape.centroid)[0]
    scaled: Polygon = shapely.transform(shape, lambda points: (points - middle) * factor)
    return scaled


def _roughen(rng: random.Random, shape: Polygon, *, roughness: float) -> Points:
    """Return border points of a closed ring, displaced round by round at the midpoints."""
    ring = shapely.get_coordinates(shape.exterior.simplify(0.9).segmentize(6.0))
    for _ in range(_ROUGH_STEPS):
        along = np.diff(ring, axis=0)
        push = np.array([rng.gauss(0.0, roughness) for _ in along]).clip(-0.45, 0.45)
        middles = ring[:-1] + along / 2 + along[:, ::-1] * (1, -1) * push[:, None]
        ring = np.concatenate([np.stack([ring[:-1], middles], axis=1).reshape(-1, 2), ring[:1]])
    return ring

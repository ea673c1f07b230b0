"""Made-up grids for the tests: squares of 0.01 degree near 115 E, 26 N."""

from __future__ import annotations

import json

from shapely.geometry import Polygon, box

WEST, SOUTH, STEP = 115.0, 26.0, 0.01


def square(column: float, row: float, *, size: float = 1.0) -> Polygon:
    """A square whose lower left corner is `column`, `row` steps from the origin."""
    left, low = WEST + column * STEP, SOUTH + row * STEP
    return box(left, low, left + size * STEP, low + size * STEP)


def feature(properties: dict[str, object] | None = None, **changes: object) -> dict[str, object]:
    """A raw GeoJSON feature that is right unless `changes` say otherwise."""
    made: dict[str, object] = {
        "type": "Feature",
        "properties": {"code": "A1"} if properties is None else properties,
        "geometry": {
            "type": "Polygon",
            "coordinates": [[list(pair) for pair in square(0, 0).exterior.coords]],
        },
    }
    return made | changes


def file_of(*features: object) -> bytes:
    """What a GeoJSON file with these features holds."""
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()

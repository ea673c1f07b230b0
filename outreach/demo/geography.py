"""The whole made-up land: outline, towns, grids, roads, places, grid workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import Polygon

from outreach.demo.grids import make_grids
from outreach.demo.names import make_person, make_phone
from outreach.demo.outline import make_outline
from outreach.demo.places import Land, PlaceKind, make_places
from outreach.demo.plane import make_plane
from outreach.demo.roads import make_main_roads, make_town_streets
from outreach.demo.towns import make_region, make_towns

if TYPE_CHECKING:
    import random

    from shapely.geometry.base import BaseGeometry

    from outreach.demo.grids import Area, Grid
    from outreach.demo.places import Place
    from outreach.demo.plane import Plane, Points
    from outreach.demo.roads import Road
    from outreach.demo.towns import Region, Town


@dataclass(frozen=True, slots=True, kw_only=True)
class GridWorker:
    """The worker of one grid; the office is ``(lon, lat)``, GCJ-02, within the grid."""

    name: str
    phone: str
    office: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Geography:
    """The land; ``shapes`` are the grids in degrees, ``workers`` theirs, both in grid order."""

    plane: Plane
    region: Region
    towns: list[Town]
    grids: list[Grid]
    shapes: list[Area]
    workers: list[GridWorker]
    roads: list[Road]
    places: list[Place]


def make_geography(rng: random.Random) -> Geography:
    """Return a district that exists nowhere; the same state of rng gives the same one."""
    plane = make_plane(rng)
    outline = make_outline(rng)
    region = make_region(rng)
    towns = make_towns(rng, region, outline)
    grids = make_grids(rng, plane=plane, outline=outline, towns=towns, region=region)
    land = Land(
        plane=plane,
        areas=[
            shapely.union_all([grid.area for grid in grids if grid.town == number])
            for number in range(len(towns))
        ],
    )
    roads = make_main_roads(towns, plane, outline) + make_town_streets(rng, towns)
    places, added = make_places(rng, towns=towns, land=land, roads=roads)
    shapes = [shapely.transform(grid.area, plane.to_degrees) for grid in grids]
    return Geography(
        plane=plane,
        region=region,
        towns=towns,
        grids=grids,
        shapes=shapes,
        workers=_make_workers(rng, plane=plane, shapes=shapes, places=places),
        roads=roads + added,
        places=places,
    )


def to_degrees(plane: Plane, points: Points) -> Points:
    """Return ``(lon, lat)`` in GCJ-02 for points (n, 2) of the unbent plane."""
    return plane.to_degrees(plane.bend(points))


def _make_workers(
    rng: random.Random, *, plane: Plane, shapes: list[Area], places: list[Place]
) -> list[GridWorker]:
    """Seat each worker at a village or building of the grid, else in the grid's middle."""
    seats = [place for place in places if place.kind in (PlaceKind.VILLAGE, PlaceKind.BUILDING)]
    spots = to_degrees(plane, np.array([(place.x, place.y) for place in seats]))
    workers = []
    for shape in shapes:
        largest = max(shapely.get_parts(shape), key=lambda part: part.area)
        inside = shapely.contains_xy(largest, spots[:, 0], spots[:, 1])
        if inside.any():
            lon, lat = rng.choice(spots[inside].tolist())
        else:
            lon, lat = np.round(shapely.get_coordinates(_middle(largest)), 6)[0].tolist()
        workers.append(GridWorker(name=make_person(rng), phone=make_phone(rng), office=(lon, lat)))
    return workers


def _middle(shape: Polygon) -> BaseGeometry:
    """Return a point far from the border, so that rounding keeps it within."""
    return shapely.maximum_inscribed_circle(shape).interpolate(0)

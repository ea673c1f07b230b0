"""The gazetteer of the demo district: towns, streets, parks, buildings, villages."""
# ruff: noqa: PLR2004  (bare figures are distances in km and counts, told where they stand)

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import shapely

from outreach.demo import words
from outreach.demo.roads import make_lane, make_park_streets
from outreach.demo.towns import MAIN, ZONE

if TYPE_CHECKING:
    import random

    from shapely.geometry.base import BaseGeometry

    from outreach.demo.plane import Plane, Points
    from outreach.demo.roads import Road
    from outreach.demo.towns import Town


class PlaceKind(StrEnum):
    """What a place of the gazetteer is."""

    TOWN = "town"
    STREET = "street"
    PARK = "park"
    PARK_STREET = "park_street"
    BUILDING = "building"
    VILLAGE = "village"


ERROR_M = {
    PlaceKind.TOWN: 3000,
    PlaceKind.STREET: 300,
    PlaceKind.PARK: 250,
    PlaceKind.PARK_STREET: 150,
    PlaceKind.BUILDING: 60,
    PlaceKind.VILLAGE: 800,
}
"""Radius in metres within which an address at a place of this kind may lie."""

_PARKS = {MAIN: 5, ZONE: 9}
_TOWN_KM = {MAIN: 2.7, ZONE: 2.1}
_BUILDINGS = {MAIN: 24, ZONE: 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place.

    Attributes
    ----------
    town
        Place in the list of towns.
    x, y
        km of the unbent plane.
    """

    name: str
    kind: PlaceKind
    town: int
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Land:
    """Where places may lie: each town's area in the bent plane (km), in the order of towns."""

    plane: Plane
    areas: list[BaseGeometry]

    def holds(self, town: int, points: Points) -> list[bool]:
        """Tell for points (n, 2) of the unbent plane whether they lie well within the town."""
        bent = self.plane.bend(points)
        inside: list[bool] = shapely.contains_xy(self.areas[town], bent[:, 0], bent[:, 1]).tolist()
        return inside


def make_places(
    rng: random.Random, *, towns: list[Town], land: Land, roads: list[Road]
) -> tuple[list[Place], list[Road]]:
    """Return the gazetteer, with the park streets and lanes that its places brought along."""
    places: list[Place] = []
    added: list[Road] = []
    for number, town in enumerate(towns):
        streets = [road for road in roads if road.town == number]
        mains = [road.path for road in roads if road.town is None]
        joints = np.concatenate([*mains, *(street.path for street in streets)])
        places.append(Place(name=town.name, kind=PlaceKind.TOWN, town=number, x=town.x, y=town.y))
        places += _list_streets(streets, land, number, PlaceKind.STREET)
        places += _make_buildings(rng, streets, land, number)
        parks, park_roads = _make_parks(rng, town=town, number=number, land=land, mains=mains)
        places += parks
        added += park_roads
        villages, lanes = _make_villages(rng, town=town, number=number, land=land, joints=joints)
        places += villages
        added += lanes
    return places, added


def _list_streets(streets: list[Road], land: Land, town: int, kind: PlaceKind) -> list[Place]:
    """Return the middle of each street's part within the town; a street wholly outside is left."""
    places = []
    for street in streets:
        inside = street.path[land.holds(town, street.path)]
        if len(inside):
            x, y = inside[len(inside) // 2].tolist()
            places.append(Place(name=street.name, kind=kind, town=town, x=x, y=y))
    return places


def _make_buildings(rng: random.Random, streets: list[Road], land: Land, town: int) -> list[Place]:
    knots = np.concatenate([street.path for street in streets])
    knots = knots[land.holds(town, knots)]
    places = []
    for name in rng.sample(words.BUILDINGS, _BUILDINGS.get(town, rng.randint(7, 12))):
        x, y = rng.choice(knots.tolist())
        spot = (x + rng.uniform(-0.12, 0.12), y + rng.uniform(-0.12, 0.12))
        if land.holds(town, np.array([spot]))[0]:
            x, y = spot
        places.append(Place(name=name, kind=PlaceKind.BUILDING, town=town, x=x, y=y))
    return places


def _make_parks(
    rng: random.Random, *, town: Town, number: int, land: Land, mains: list[Points]
) -> tuple[list[Place], list[Road]]:
    """Set parks beside the main roads, one to four km out of town, each with streets of its own."""
    centre = np.array([town.x, town.y])
    along = np.concatenate(mains)
    reach = np.hypot(*(along - centre).T)
    near = along[(reach > _TOWN_KM.get(number, 0.9)) & (reach < 4.5)]
    near = near[land.holds(number, near)] if len(near) else near
    spots = near.tolist() or [centre.tolist()]
    places: list[Place] = []
    roads: list[Road] = []
    for park in rng.sample(words.PARKS, _PARKS.get(number, rng.choice((2, 3, 3, 4)))):
        x, y = rng.choice(spots)
        angle, away = rng.uniform(0, 2 * math.pi), rng.uniform(0.3, 0.7)
        middle = (x + away * math.cos(angle), y + away * math.sin(angle))
        if not land.holds(number, np.array([middle]))[0]:
            middle = (x, y)
        places.append(Place(name=park, kind=PlaceKind.PARK, town=number, x=middle[0], y=middle[1]))
        streets = make_park_streets(rng, middle, park=park, town=number)
        places += _list_streets(streets, land, number, PlaceKind.PARK_STREET)
        roads += streets
        if middle != (x, y):
            roads.append(make_lane(middle, along, name=f"{park}连接线", town=number))
    return places, roads


def _make_villages(
    rng: random.Random, *, town: Town, number: int, land: Land, joints: Points
) -> tuple[list[Place], list[Road]]:
    """Spread villages over the town, each with a lane to the nearest road there is."""
    area = land.areas[number].area
    count = max(8, min(26, round(area / 9)))
    spots: list[tuple[float, float]] = []
    gap = 0.75 * math.sqrt(area / count)
    while len(spots) < count:
        x, y = _draw_within(rng, land, number)
        if all(math.hypot(x - a, y - b) > gap for a, b in spots):
            spots.append((x, y))
        gap *= 0.99
    spots.sort(key=lambda spot: math.hypot(spot[0] - town.x, spot[1] - town.y))
    pairs = [head + tail for head in words.VILLAGE_HEADS for tail in words.VILLAGE_TAILS]
    places, lanes = [], []
    for spot, name in zip(spots, rng.sample(pairs, count), strict=True):
        place = Place(name=f"{name}村", kind=PlaceKind.VILLAGE, town=number, x=spot[0], y=spot[1])
        lane = make_lane(spot, joints, name=f"{name}村道", town=number)
        joints = np.concatenate([joints, lane.path[::-1]])
        places.append(place)
        lanes.append(lane)
    return places, lanes


def _draw_within(rng: random.Random, land: Land, town: int) -> tuple[float, float]:
    """Return a point of the unbent plane whose bent point lies in the town."""
    west, south, east, north = land.areas[town].bounds
    while True:
        spot = (rng.uniform(west - 1, east + 1), rng.uniform(south - 1, north + 1))
        if land.holds(town, np.array([spot]))[0]:
            return spot

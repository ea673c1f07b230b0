"""The road skeleton of the demo district: main roads, streets of towns and parks, village lanes.

Roads are laid out in km of the unbent plane and share their crossing points exactly, so that a
router can join them.
"""
# ruff: noqa: PLR2004  (bare figures are distances in km and counts, told where they stand)

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import shapely

from outreach.demo import words
from outreach.demo.plane import walk
from outreach.demo.towns import MAIN, ZONE

if TYPE_CHECKING:
    import random

    from shapely import Polygon

    from outreach.demo.plane import Plane, Points
    from outreach.demo.towns import Town


class RoadClass(StrEnum):
    """Class of a road, in the words of OpenStreetMap's ``highway``."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    TERTIARY = "tertiary"
    RESIDENTIAL = "residential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """One road.

    Attributes
    ----------
    town
        Place in the list of towns; None for a road between towns.
    path
        Points in km of the unbent plane, shape (n, 2).
    """

    name: str
    road_class: RoadClass
    town: int | None
    path: Points


def make_main_roads(towns: list[Town], plane: Plane, outline: Polygon) -> list[Road]:
    """Join the town centres: every pair with no third town in the circle between the two.

    Pairs whose road would leave the district are left out unless the network needs them.
    """
    centres = np.array([(town.x, town.y) for town in towns])
    gaps = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
    pairs = sorted(combinations(range(len(towns)), 2), key=lambda pair: float(gaps[pair]))
    group = list(range(len(towns)))
    roads: list[Road] = []
    for a, b in pairs:
        needed = group[a] != group[b]
        path = walk(centres[a], centres[b], step_km=0.5)
        bent = plane.bend(path)
        inside = bool(shapely.contains_xy(outline, bent[:, 0], bent[:, 1]).all())
        lone = (gaps[a] ** 2 + gaps[b] ** 2 >= gaps[a, b] ** 2 - 1e-9).all()
        if not needed and not (lone and inside):
            continue
        if needed:
            joined, left = group[a], group[b]
            group = [joined if mark == left else mark for mark in group]
        big = {a, b} & {MAIN, ZONE} or gaps[a, b] > 14
        roads.append(
            Road(
                name=f"{towns[a].name[0]}{towns[b].name[0]}公路",
                road_class=RoadClass.PRIMARY if big else RoadClass.SECONDARY,
                town=None,
                path=path,
            )
        )
    return roads


def make_town_streets(rng: random.Random, towns: list[Town]) -> list[Road]:
    """Return a turned lattice of named streets around each town centre."""
    streets: list[Road] = []
    for number, town in enumerate(towns):
        across, gap = {MAIN: (7, 0.36), ZONE: (4, 0.5)}.get(number, (rng.choice((2, 2, 3)), 0.22))
        names = rng.sample(words.STREETS, 2 * (2 * across + 1))
        streets += _make_lattice(
            (town.x, town.y), turn=rng.uniform(0, math.pi), across=across, gap_km=gap,
            names=names, town=number,
        )  # fmt: skip
    return streets


def make_park_streets(
    rng: random.Random, middle: tuple[float, float], *, park: str, town: int
) -> list[Road]:
    """Return the two or three streets each way of one industrial park."""
    names = [park + name for name in rng.sample(words.PARK_STREETS, 6)]
    return _make_lattice(
        middle, turn=rng.uniform(0, math.pi), across=1, gap_km=0.2, names=names, town=town
    )


def make_lane(start: tuple[float, float], joints: Points, *, name: str, town: int) -> Road:
    """Return a lane from start to the nearest of the joints (km, shape (n, 2))."""
    here = np.array(start)
    end = joints[np.hypot(*(joints - here).T).argmin()]
    return Road(
        name=name,
        road_class=RoadClass.TERTIARY,
        town=town,
        path=walk(here, end, step_km=0.4),
    )


def _make_lattice(
    middle: tuple[float, float],
    *,
    turn: float,
    across: int,
    gap_km: float,
    names: list[str],
    town: int,
) -> list[Road]:
    """Return 2 x (2 across + 1) streets that cross in shared points; the middle is one of them."""
    steps = np.arange(-across, across + 1) * gap_km
    spin = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    knots = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1) @ spin + middle
    knots[across, across] = middle
    lines = [*knots, *knots.transpose(1, 0, 2)]
    return [
        Road(name=name, road_class=RoadClass.RESIDENTIAL, town=town, path=line)
        for name, line in zip(names, lines, strict=True)
    ]

"""Townships of the demo district: names, centres, sizes."""
# ruff: noqa: PLR2004  (bare figures are shares and distances, told where they stand)

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from outreach.demo import words

if TYPE_CHECKING:
    import random

    from shapely import Polygon

    from outreach.demo.plane import Points

TOWN_COUNT = 20
"""Nineteen townships and one development zone."""

GRID_COUNT = 136
"""Grids of the district, as in the district that the project was made for."""

MAIN, ZONE = 0, 1
"""Places of the main town and of the development zone in the list of towns."""

_CENTRE_GRIDS = {MAIN: 38, ZONE: 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Names and codes of the district and of what it lies in.

    Attributes
    ----------
    province, city, district
        Stems, without 省, 市, 区.
    adcode, former_adcode
        Six digits: of the district, and of the county that it was before; no such places exist.
    """

    province: str
    city: str
    district: str
    adcode: str
    former_adcode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """One township.

    Attributes
    ----------
    code
        Two digits that follow the adcode in grid codes.
    x, y
        Centre in km of the unbent plane.
    share
        Share of the district's firms, 0 to 1.
    grids
        Number of grids.
    """

    name: str
    code: str
    x: float
    y: float
    share: float
    grids: int


def make_region(rng: random.Random) -> Region:
    """Return a district that does not exist."""
    number = rng.randrange(1, 9)
    return Region(
        province=rng.choice(words.PROVINCES),
        city=rng.choice(words.CITIES),
        district=rng.choice(words.DISTRICTS),
        adcode=f"3699{number:02d}",
        former_adcode=f"3699{number + 20}",
    )


def make_towns(rng: random.Random, region: Region, outline: Polygon) -> list[Town]:
    """Return the towns, the main town first and the development zone second."""
    centres = _place_centres(rng, outline)
    raw = [math.exp(rng.gauss(0.0, 0.5)) for _ in centres[2:]]
    shares = [0.37, 0.09, *(0.54 * value / sum(raw) for value in raw)]
    grids = _count_grids(centres, shares, outline)
    names = [
        name + ("镇" if place < 12 else "乡")
        for place, name in enumerate(rng.sample(words.TOWNS, TOWN_COUNT - 1))
    ]
    names.insert(ZONE, f"{region.district}经济开发区")
    numbers = rng.sample(range(1, TOWN_COUNT + 1), TOWN_COUNT)
    return [
        Town(name=name, code=f"{number:02d}", x=x, y=y, share=share, grids=count)
        for name, number, (x, y), share, count in zip(
            names, numbers, centres.tolist(), shares, grids, strict=True
        )
    ]


def scatter(rng: random.Random, outline: Polygon, count: int) -> Points:
    """Return count points spread evenly at random over the outline, km."""
    west, south, east, north = outline.bounds
    draws = np.random.default_rng(rng.getrandbits(64))
    found: list[Points] = []
    while sum(map(len, found)) < count:
        spots = draws.random((count * 2, 2)) * (east - west, north - south) + (west, south)
        found.append(spots[shapely.contains_xy(outline, spots[:, 0], spots[:, 1])])
    return np.concatenate(found)[:count]


def _place_centres(rng: random.Random, outline: Polygon) -> Points:
    """Spread the centres: each is the best of several tries; the first two lie together."""
    inner = outline.buffer(-2.6)
    inner = inner if inner.geom_type == "Polygon" else max(inner.geoms, key=lambda part: part.area)
    aim = np.array([rng.uniform(-3, 3), rng.choice([-1, 1]) * rng.uniform(5, 11)])
    spots = scatter(rng, inner, 400)
    main = spots[np.hypot(*(spots - aim).T).argmin()]
    far = np.hypot(*(spots - main).T)
    zone = spots[np.abs(far - rng.uniform(5.5, 7.5)).argmin()]
    centres = [main, zone]
    while len(centres) < TOWN_COUNT:
        tries = scatter(rng, inner, 30)
        gaps = np.min([np.hypot(*(tries - centre).T) for centre in centres], axis=0)
        centres.append(tries[gaps.argmax()])
    return np.array(centres)


def _count_grids(centres: Points, shares: list[float], outline: Polygon) -> list[int]:
    """Share the grids out: fixed for the two central towns, by area and size for the others."""
    west, south, east, north = outline.bounds
    mesh = np.stack(np.meshgrid(np.arange(west, east), np.arange(south, north)), -1).reshape(-1, 2)
    mesh = mesh[shapely.contains_xy(outline, mesh[:, 0], mesh[:, 1])]
    nearest = np.hypot(*(mesh[:, None] - centres[None]).transpose(2, 0, 1)).argmin(axis=1)
    area = np.bincount(nearest, minlength=TOWN_COUNT) / len(mesh)
    rest = GRID_COUNT - sum(_CENTRE_GRIDS.values())
    weight = (area + np.array(shares))[2:]
    exact = weight / weight.sum() * (rest - 2 * len(weight)) + 2
    counts = exact.astype(int)
    order = np.argsort(counts - exact, kind="stable")
    counts[order[: rest - counts.sum()]] += 1
    return [_CENTRE_GRIDS[MAIN], _CENTRE_GRIDS[ZONE], *counts.tolist()]

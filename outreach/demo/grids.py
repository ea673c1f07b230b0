"""Grids of the demo district: polygons that tile it without overlap or gap."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
import shapely
from shapely import LineString, MultiPoint, MultiPolygon, Polygon

from outreach.demo.plane import walk
from outreach.demo.towns import MAIN, ZONE, scatter

if TYPE_CHECKING:
    import random

    from numpy.typing import NDArray

    from outreach.demo.plane import Plane, Points
    from outreach.demo.towns import Region, Town

Area: TypeAlias = Polygon | MultiPolygon

_URBAN_KM = {MAIN: 1.7, ZONE: 1.5}
_URBAN_SHARE = {MAIN: 0.8, ZONE: 0.65}
_BORDER_STEP_KM = 0.4
_SCRAP_KM2 = 0.4
"""A cut-off piece below this size goes to the neighbour with the longest common border."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One grid.

    Attributes
    ----------
    town
        Place in the list of towns.
    area
        Polygon in km of the bent plane; rounded to whole 1e-6 degrees only when written.
    """

    code: str
    name: str
    town: int
    area: Area


def make_grids(
    rng: random.Random, *, plane: Plane, outline: Polygon, towns: list[Town], region: Region
) -> list[Grid]:
    """Return the grids, town by town, numbered from west to east within each town."""
    seeds, owners = _place_seeds(rng, plane=plane, outline=outline, towns=towns)
    areas = _tile(plane, outline, seeds)
    grids: list[Grid] = []
    for number, town in enumerate(towns):
        mine = [area for area, owner in zip(areas, owners, strict=True) if owner == number]
        mine.sort(key=lambda area: area.centroid.x)
        grids += [
            Grid(
                code=f"{region.adcode}{town.code}{place:03d}",
                name=f"{town.name}第{place}网格",
                town=number,
                area=area,
            )
            for place, area in enumerate(mine, start=1)
        ]
    return grids


def _place_seeds(
    rng: random.Random, *, plane: Plane, outline: Polygon, towns: list[Town]
) -> tuple[Points, list[int]]:
    """Return one seed a grid (unbent km), close together where people live, and its town."""
    centres = np.array([(town.x, town.y) for town in towns])
    spots = _keep_inside(scatter(rng, outline, 9000), plane, outline)
    nearest = _nearest(spots, centres)
    draws = np.random.default_rng(rng.getrandbits(64))
    seeds: list[Points] = []
    owners: list[int] = []
    for number, town in enumerate(towns):
        share = _URBAN_SHARE.get(number, 0.5)
        urban = draws.normal(centres[number], _URBAN_KM.get(number, 0.8), (int(900 * share), 2))
        urban = _keep_inside(urban[_nearest(urban, centres) == number], plane, outline)
        rural = spots[nearest == number]
        rural = rural[draws.permutation(len(rural))[: int(900 * (1 - share))]]
        seeds.append(_gather(draws, np.concatenate([urban, rural]), town.grids))
        owners += [number] * town.grids
    return np.concatenate(seeds), owners


def _keep_inside(points: Points, plane: Plane, outline: Polygon) -> Points:
    """Return those points of the unbent plane that lie in the outline once bent."""
    bent = plane.bend(points)
    return points[shapely.contains_xy(outline, bent[:, 0], bent[:, 1])]


def _nearest(points: Points, middles: Points) -> NDArray[np.intp]:
    """Return for each point the place of the nearest middle."""
    gaps = points[:, None] - middles[None]
    nearest: NDArray[np.intp] = (gaps**2).sum(axis=2).argmin(axis=1)
    return nearest


def _gather(draws: np.random.Generator, points: Points, count: int) -> Points:
    """Return the points in the middle of count groups of near points (Lloyd's rounds)."""
    middles = points[draws.permutation(len(points))[:count]]
    for _ in range(12):
        group = _nearest(points, middles)
        middles = np.array(
            [
                points[group == number].mean(axis=0) if (group == number).any() else middles[number]
                for number in range(count)
            ]
        )
    return points[_nearest(middles, points)]


def _tile(plane: Plane, outline: Polygon, seeds: Points) -> list[Area]:
    """Cut the outline by the bent borders between seeds; one area a seed, in their order."""
    frame = outline.envelope.buffer(30)
    cells = shapely.voronoi_polygons(MultiPoint(seeds), extend_to=frame)
    borders = _bend_borders(plane, [Polygon(cell) for cell in cells.geoms])
    whole = list(shapely.get_parts(shapely.polygonize(borders)))
    bent_seeds = shapely.points(plane.bend(seeds))
    held, cell_of = shapely.STRtree(whole).query(bent_seeds, predicate="within")
    seed_of = dict(zip(cell_of.tolist(), held.tolist(), strict=True))
    lines = shapely.union_all([*borders, outline.exterior])
    faces = [
        face
        for face in shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
        if outline.contains(face.representative_point())
    ]
    inside = shapely.points([face.representative_point().coords[0] for face in faces])
    face_ids, cell_ids = shapely.STRtree(whole).query(inside, predicate="within")
    owner = [0] * len(faces)
    for face, cell in zip(face_ids.tolist(), cell_ids.tolist(), strict=True):
        owner[face] = seed_of[cell]
    _give_scraps_away(faces, owner)
    return [
        cast(
            "Area",
            shapely.union_all(
                [face for face, own in zip(faces, owner, strict=True) if own == seed]
            ),
        )
        for seed in range(len(seeds))
    ]


def _bend_borders(plane: Plane, cells: list[Polygon]) -> list[LineString]:
    """Return each border between cells once, in small steps, bent."""
    edges: dict[tuple[float, float, float, float], Points] = {}
    for cell in cells:
        ring = np.round(shapely.get_coordinates(cell.exterior), 6)
        for start, end in pairwise(ring):
            first, last = sorted([tuple(start.tolist()), tuple(end.tolist())])
            if first != last:
                edges[*first, *last] = walk(
                    np.array(first), np.array(last), step_km=_BORDER_STEP_KM
                )
    # Each corner is bent once: where a processor counts in vectors, the same point at another
    # place of an array can differ in its last bit, and borders would no longer meet.
    corners = sorted({corner for edge in edges for corner in (edge[:2], edge[2:])})
    bent = dict(zip(corners, plane.bend(np.array(corners)), strict=True))
    borders = []
    for edge, path in edges.items():
        line = plane.bend(path)
        line[0], line[-1] = bent[edge[:2]], bent[edge[2:]]
        borders.append(LineString(line))
    return borders


def _give_scraps_away(faces: list[Polygon], owner: list[int]) -> None:
    """Give each small piece that is cut off from its seed's main piece to a touching neighbour."""
    largest: dict[int, int] = {}
    for place, seed in enumerate(owner):
        if seed not in largest or faces[place].area > faces[largest[seed]].area:
            largest[seed] = place
    tree = shapely.STRtree(faces)
    for place, face in enumerate(faces):
        if place == largest[owner[place]] or face.area > _SCRAP_KM2:
            continue
        near = [other for other in sorted(tree.query(face).tolist()) if other != place]
        owner[place] = owner[
            max(near, key=lambda other: face.intersection(faces[other]).length, default=place)
        ]

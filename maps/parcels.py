"""Grids cut into parcels that can change hands, and put together again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from maps.errors import GridIndexError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely import MultiPolygon, Polygon
    from shapely.geometry.base import BaseGeometry

SMALLEST_DEGREES = 0.002
"""Parcels are cut down to some 200 m: a border follows streets, not single doors."""

EDGE_DEGREES = 0.0001
"""Parcels that share less than some ten metres of border are no neighbours: too thin to hang by."""

THINNEST_DEGREES = 1e-7
"""A centimetre: parcels of one grid that meet in no more than a corner share less."""

CLOSED_DEGREES = 1e-8
"""A millimetre: corners cut into a slanting border are rounded, and parcels beside each other may
stay apart by that; such gaps are closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcels:
    """Pieces of grids, in degrees WGS-84.

    Parameters
    ----------
    shapes
        Polygons, shape (n,); those of one grid fill it without overlap.
    grid_of
        Index of the grid that each parcel is cut from, shape (n,).
    of_point
        Parcel of each point, shape (points,); -1 for a point without a grid.
    neighbours
        Pairs of parcels that share a border, the lower index first.
    """

    shapes: NDArray[np.object_]
    grid_of: NDArray[np.int64]
    of_point: NDArray[np.int64]
    neighbours: tuple[tuple[int, int], ...]


def cut_parcels(
    grids: Sequence[Polygon | MultiPolygon],
    points: NDArray[np.float64],
    owners: NDArray[np.int64],
    *,
    most_points: int,
) -> Parcels:
    """Cut every grid into parcels of at most `most_points` points, where they lie apart.

    Parameters
    ----------
    grids
        In degrees WGS-84, valid.
    points
        Longitude and latitude, shape (points, 2).
    owners
        Index of the grid of each point, -1 for none; shape (points,).

    Raises
    ------
    GridIndexError
        When an owner is no grid, or `most_points` is below 1.
    """
    if most_points < 1 or (len(owners) and owners.max() >= len(grids)):
        raise GridIndexError("Parcels need known owners and room for a point; check both.")
    shapes: list[Polygon] = []
    grid_of: list[int] = []
    of_point = np.full(len(points), -1, dtype=np.int64)
    for number, grid in enumerate(grids):
        mine = np.flatnonzero(owners == number)
        for part in _polygons(grid):
            for piece in _cut(part, points[mine], most_points):
                shapes.append(piece)
                grid_of.append(number)
        first = grid_of.index(number)
        of_point[mine] = first + _nearest(shapes[first:], points[mine])
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return Parcels(
        shapes=found,
        grid_of=np.array(grid_of, dtype=np.int64),
        of_point=of_point,
        neighbours=find_neighbours(found, np.array(grid_of, dtype=np.int64)),
    )


def _cut(part: Polygon, points: NDArray[np.float64], most_points: int) -> list[Polygon]:
    """Quarter a polygon until no piece holds too many points or is too small."""
    import shapely

    waiting, done = [part], []
    while waiting:
        piece = waiting.pop()
        west, south, east, north = piece.bounds
        inside = shapely.intersects_xy(piece, points[:, 0], points[:, 1])
        small = max(east - west, north - south) <= SMALLEST_DEGREES
        if small or np.count_nonzero(inside) <= most_points:
            done.append(piece)
            continue
        middle = ((west + east) / 2, (south + north) / 2)
        for x in ((west, middle[0]), (middle[0], east)):
            for y in ((south, middle[1]), (middle[1], north)):
                quarter = shapely.intersection(piece, shapely.box(x[0], y[0], x[1], y[1]))
                waiting += _polygons(quarter)
    return done


def _polygons(geometry: BaseGeometry) -> list[Polygon]:
    """The parts of a geometry that have an area."""
    from shapely import Polygon

    parts = getattr(geometry, "geoms", (geometry,))
    return [one for one in parts if isinstance(one, Polygon) and not one.is_empty]


def _nearest(shapes: list[Polygon], points: NDArray[np.float64]) -> NDArray[np.int64]:
    import shapely

    if not len(points):
        return np.empty(0, dtype=np.int64)
    tree = shapely.STRtree(shapes)
    return np.asarray(tree.nearest(shapely.points(points)), dtype=np.int64)


def find_neighbours(
    shapes: NDArray[np.object_], grid_of: NDArray[np.int64] | None = None
) -> tuple[tuple[int, int], ...]:
    """Return the pairs of shapes in degrees that share a border, the lower index first.

    Within one of the grids `grid_of` any length of border will do: they hang together today.
    """
    import shapely

    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    shared = shapely.length(shapely.intersection(shapes[left], shapes[right]))
    least = np.full(len(left), EDGE_DEGREES)
    if grid_of is not None:
        least[grid_of[left] == grid_of[right]] = THINNEST_DEGREES
    long_enough = shared >= least
    return tuple(zip(left[long_enough].tolist(), right[long_enough].tolist(), strict=True))


def unite_parcels(parcels: Parcels, assignment: Sequence[int]) -> dict[int, Polygon | MultiPolygon]:
    """Return the grids whose parcels are no longer those they were cut into, by index."""
    import shapely
    from shapely import MultiPolygon, Polygon

    now = np.asarray(assignment, dtype=np.int64)
    moved = now != parcels.grid_of
    changed = sorted({*now[moved].tolist(), *parcels.grid_of[moved].tolist()})
    united: dict[int, Polygon | MultiPolygon] = {}
    for number in changed:
        whole = shapely.union_all(parcels.shapes[now == number])
        if not isinstance(whole, Polygon):
            wide = shapely.buffer(whole, CLOSED_DEGREES, join_style="mitre")
            whole = shapely.buffer(wide, -CLOSED_DEGREES, join_style="mitre")
        united[number] = whole if isinstance(whole, Polygon) else MultiPolygon(_polygons(whole))
    return united

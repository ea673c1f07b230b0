"""Grid polygons: what is wrong with them, and which one a point lies in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from maps.errors import GridIndexError
from maps.grid_files import GridFeature, geometry_to_wgs84, read_grid_features
from maps.metric import MetricPlane, utm_epsg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry import MultiPolygon, Polygon

__all__ = [
    "SLIVER_M2",
    "Finding",
    "FindingKind",
    "GridFeature",
    "GridIndex",
    "check_grids",
    "geometry_to_wgs84",
    "read_grid_features",
    "repaired",
    "utm_epsg",
]

SLIVER_M2 = 100.0
"""Overlaps and gaps smaller than this are the rounding of shared edges, not a mistake.

Six decimals of a degree are 0.1 m: neighbours that were drawn apart from each other may differ by
that much along an edge of 1 km.
"""


class FindingKind(StrEnum):
    """What can be wrong with a set of grids."""

    DUPLICATE_CODE = "duplicate_code"
    INVALID_GEOMETRY = "invalid_geometry"
    NO_AREA = "no_area"
    OVERLAP = "overlap"
    GAP = "gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, where it is and what to do.

    `codes` names the grids concerned in ascending order: one for an invalid polygon, two for an
    overlap, all neighbours for a gap. `area_m2` is None where an area means nothing. `place` is
    `(lon, lat)` WGS-84 inside the overlap or gap, or in the middle of the grid.
    """

    kind: FindingKind
    codes: tuple[str, ...]
    area_m2: float | None
    place: tuple[float, float] | None
    message: str


def repaired(geometry: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
    """Make a polygon valid (a bow tie becomes two triangles) and keep only what has an area.

    Parameters
    ----------
    geometry
        Any CRS.

    Returns
    -------
    Polygon or MultiPolygon
        The same object when it was valid; an empty Polygon when no area is left.
    """
    import shapely
    from shapely.geometry import MultiPolygon, Polygon

    if geometry.is_valid:
        return geometry
    parts = [
        part
        for part in shapely.get_parts(shapely.make_valid(geometry)).tolist()
        if part.geom_type in ("Polygon", "MultiPolygon") and not part.is_empty
    ]
    polygons: list[Polygon] = [
        polygon
        for part in parts
        for polygon in shapely.get_parts(part).tolist()
        if isinstance(polygon, Polygon)
    ]
    if not polygons:
        return Polygon()
    return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)


def check_grids(
    codes: Sequence[str],
    geometries: Sequence[Polygon | MultiPolygon],
    *,
    sliver_m2: float = SLIVER_M2,
) -> tuple[Finding, ...]:
    """Find duplicate codes, invalid polygons, overlaps, and gaps inside the union.

    Overlaps and gaps are judged on the repaired polygons (see `repaired`), in metres.

    Parameters
    ----------
    codes, geometries
        One pair for each grid; degrees WGS-84.
    sliver_m2
        Overlaps and gaps with a smaller area are left out.

    Returns
    -------
    tuple of Finding
        Duplicate codes, then invalid polygons, overlaps, gaps; each kind by code. Empty when all
        is well.

    Raises
    ------
    GridIndexError
        When the numbers of codes and geometries differ.
    """
    import shapely

    _require_pairs(codes, geometries)
    findings = [*_duplicate_codes(codes), *_invalid_geometries(codes, geometries)]
    sound = [
        (code, good)
        for code, good in ((c, repaired(g)) for c, g in zip(codes, geometries, strict=True))
        if good.area > 0
    ]
    if not sound:
        return tuple(findings)
    sound.sort(key=lambda pair: pair[0])
    names = [code for code, _ in sound]
    shapes = np.array([geometry for _, geometry in sound], dtype=object)
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    plane = MetricPlane.around(middle[:, 0], middle[:, 1])
    flat = plane.geometries_in_metres(shapes)
    findings += _overlaps(names, flat, plane, sliver_m2)
    findings += _gaps(names, flat, plane, sliver_m2)
    return tuple(findings)


class GridIndex:
    """Which grid does a point lie in.

    Parameters
    ----------
    codes, geometries
        One pair for each grid; degrees WGS-84. Invalid polygons are repaired first.

    Raises
    ------
    GridIndexError
        When the numbers differ or a code occurs twice.
    """

    def __init__(self, codes: Sequence[str], geometries: Sequence[Polygon | MultiPolygon]) -> None:
        import shapely

        _require_pairs(codes, geometries)
        twice = _duplicate_codes(codes)
        if twice:
            raise GridIndexError(twice[0].message)
        pairs = sorted(zip(codes, geometries, strict=True), key=lambda pair: pair[0])
        self._codes = [code for code, _ in pairs]
        self._tree = shapely.STRtree([repaired(geometry) for _, geometry in pairs])

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> list[str | None]:
        """Give the code of the grid that each point lies in.

        Parameters
        ----------
        lon, lat
            Degrees WGS-84, arrays of one length. NaN lies in no grid.

        Returns
        -------
        list
            In the order of the points: a code, or None outside of every grid. A point on a
            boundary, or in an overlap, belongs to the lowest code.

        Raises
        ------
        GridIndexError
            When the arrays differ in length.
        """
        import shapely

        x = np.atleast_1d(np.asarray(lon, dtype=np.float64))
        y = np.atleast_1d(np.asarray(lat, dtype=np.float64))
        if x.shape != y.shape:
            message = f"{x.size} longitudes and {y.size} latitudes; pass pairs."
            raise GridIndexError(message)
        nowhere = len(self._codes)
        lowest = np.full(x.size, nowhere)
        known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        found = self._tree.query(shapely.points(x[known], y[known]), predicate="intersects")
        # Grids are sorted by code, so the lowest code is the lowest position.
        np.minimum.at(lowest, known[found[0]], found[1])
        return [None if at == nowhere else self._codes[at] for at in lowest.tolist()]


def _require_pairs(codes: Sequence[str], geometries: Sequence[Polygon | MultiPolygon]) -> None:
    if len(codes) != len(geometries):
        message = f"{len(codes)} grid codes and {len(geometries)} polygons; pass one for each."
        raise GridIndexError(message)


def _duplicate_codes(codes: Sequence[str]) -> list[Finding]:
    return [
        Finding(
            kind=FindingKind.DUPLICATE_CODE,
            codes=(code,),
            area_m2=None,
            place=None,
            message=f"The grid code {code!r} occurs {count} times; give each grid its own code.",
        )
        for code, count in sorted(Counter(codes).items())
        if count > 1
    ]


def _invalid_geometries(
    codes: Sequence[str], geometries: Sequence[Polygon | MultiPolygon]
) -> list[Finding]:
    import shapely

    findings = []
    for code, geometry in sorted(zip(codes, geometries, strict=True), key=lambda pair: pair[0]):
        good = repaired(geometry)
        if good is geometry and geometry.area > 0:
            continue
        empty = good.area == 0
        reason = "it has no area" if geometry.is_valid else shapely.is_valid_reason(geometry)
        remedy = (
            "nothing is left to draw: draw it again"
            if empty
            else f"repaired into {len(shapely.get_parts(good))} part(s): look whether that is meant"
        )
        middle = good.representative_point() if not empty else None
        findings.append(
            Finding(
                kind=FindingKind.NO_AREA if empty else FindingKind.INVALID_GEOMETRY,
                codes=(code,),
                area_m2=None,
                place=None if middle is None else (middle.x, middle.y),
                message=f"The polygon of grid {code!r} is invalid ({reason}); {remedy}.",
            )
        )
    return findings


def _overlaps(
    codes: Sequence[str], flat: NDArray[np.object_], plane: MetricPlane, sliver_m2: float
) -> list[Finding]:
    import shapely

    first, second = shapely.STRtree(flat).query(flat, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.intersection(flat[first], flat[second])
    areas = shapely.area(shared)
    findings = []
    for at in np.flatnonzero(areas >= sliver_m2).tolist():
        pair = (codes[first[at]], codes[second[at]])
        message = (
            f"The grids {pair[0]!r} and {pair[1]!r} overlap by {areas[at]:,.0f} m2; points there "
            f"go to {pair[0]!r} until the border is redrawn."
        )
        findings.append(
            _area_finding(FindingKind.OVERLAP, pair, shared[at], plane=plane, message=message)
        )
    return sorted(findings, key=lambda finding: finding.codes)


def _gaps(
    codes: Sequence[str], flat: NDArray[np.object_], plane: MetricPlane, sliver_m2: float
) -> list[Finding]:
    import shapely

    union = shapely.union_all(flat)
    holes = [
        shapely.polygons(ring)
        for part in shapely.get_parts(union)
        for ring in shapely.get_rings(part)[1:]
    ]
    tree = shapely.STRtree(flat)
    findings = []
    for hole in holes:
        if hole.area < sliver_m2:
            continue
        around = tuple(codes[at] for at in sorted(tree.query(hole, predicate="intersects")))
        message = (
            f"Between the grids {', '.join(around)} lies a gap of {hole.area:,.0f} m2 that no grid "
            "covers; points there belong to no grid until it is closed."
        )
        findings.append(_area_finding(FindingKind.GAP, around, hole, plane=plane, message=message))
    return sorted(findings, key=lambda finding: finding.codes)


def _area_finding(
    kind: FindingKind,
    codes: tuple[str, ...],
    shape: Polygon | MultiPolygon,
    *,
    plane: MetricPlane,
    message: str,
) -> Finding:
    inside = shape.representative_point()
    lon, lat = plane.degrees(inside.x, inside.y)
    return Finding(
        kind=kind,
        codes=codes,
        area_m2=float(shape.area),
        place=(float(lon), float(lat)),
        message=message,
    )

"""Densities of weighted points in metres: a smoothed raster, and hexagons.

A density is a figure per km2 that can be read off a legend, at every zoom the same. The bandwidth
is one of three fixed lengths, not a rule of thumb: Silverman's and Scott's rules give 2 to 7 km for
a clustered district, which smooths its towns away (measured).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from maps.errors import DensityError
from maps.metric import MetricPlane

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

BANDWIDTHS_M = (500, 1000, 2000)
"""Standard deviation of the Gaussian kernel in metres: a street, a small town, a valley."""

CELL_M = 200.0
"""Side of a raster cell; at most 2/5 of the smallest bandwidth, so the kernel is well sampled."""

MOST_CELLS = 4_000_000
"""A raster with more cells than this (160,000 km2) comes from a misplaced point."""

HEXAGONS_M = (200.0, 5000.0)
"""Shortest and longest side of a hexagon in metres."""

_REACH = 4.0
"""The kernel is cut off at this many bandwidths, and the raster is that much wider than the points:
so it sums to the whole weight."""

_M2_PER_KM2 = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class DensityRaster:
    """Weight per km2 on a raster in metres.

    `values` has the shape (rows, columns), row 0 in the south, column 0 in the west; each value is
    that of the middle of a cell. `west_m` and `south_m` are the outer corner of cell (0, 0) in
    `plane`.
    """

    values: NDArray[np.float64]
    west_m: float
    south_m: float
    cell_m: float
    plane: MetricPlane
    bandwidth_m: int

    @property
    def total(self) -> float:
        """Sum over the raster: the weight of all points together."""
        return float(self.values.sum()) * self.cell_m**2 / _M2_PER_KM2

    def at_metres(
        self, east: NDArray[np.float64], north: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Read the density per km2 at places in metres of `plane`, 0 outside of the raster."""
        from scipy.ndimage import map_coordinates

        rows = (north - self.south_m) / self.cell_m - 0.5
        columns = (east - self.west_m) / self.cell_m - 0.5
        read = map_coordinates(self.values, [rows, columns], order=1, mode="constant", cval=0.0)
        return np.asarray(read, dtype=np.float64)

    def at(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
        """Read the density per km2 at places in degrees WGS-84, 0 outside of the raster."""
        return self.at_metres(*self.plane.metres(lon, lat))


def density_raster(
    lon: ArrayLike,
    lat: ArrayLike,
    weight: ArrayLike,
    *,
    bandwidth_m: int = 1000,
    cell_m: float = CELL_M,
) -> DensityRaster:
    """Spread weighted points with a Gaussian kernel of fixed width.

    Parameters
    ----------
    lon, lat
        Degrees WGS-84, arrays of one length, at least one point, no NaN.
    weight
        What each point counts, 0 or more, of the same length.
    bandwidth_m
        Standard deviation of the kernel: 500, 1000 or 2000.
    cell_m
        Side of a cell in metres, at most 2/5 of the bandwidth.

    Returns
    -------
    DensityRaster
        Weight per km2. Weight near the border of the district also spreads outside of it; nothing
        is corrected for that.

    Raises
    ------
    DensityError
        When there are no points, arrays do not match, a value is missing or negative, the
        bandwidth is another one, or the points lie too far apart.
    """
    from scipy.ndimage import gaussian_filter

    if bandwidth_m not in BANDWIDTHS_M:
        message = f"The bandwidth {bandwidth_m!r} m is not offered; use one of {BANDWIDTHS_M}."
        raise DensityError(message)
    if not 0 < cell_m <= bandwidth_m * 0.4:
        message = (
            f"A cell of {cell_m!r} m is too coarse for {bandwidth_m} m; use 2/5 of it or less."
        )
        raise DensityError(message)
    x, y, weights = _points(lon, lat, weight)
    plane = MetricPlane.around(x, y)
    east, north = plane.metres(x, y)
    reach = _REACH * bandwidth_m + cell_m
    west, south = float(east.min()) - reach, float(north.min()) - reach
    columns = int(np.ceil((float(east.max()) + reach - west) / cell_m))
    rows = int(np.ceil((float(north.max()) + reach - south) / cell_m))
    if rows * columns > MOST_CELLS:
        kilometres = f"{columns * cell_m / 1000:,.0f} x {rows * cell_m / 1000:,.0f} km"
        message = f"The points spread over {kilometres}; leave out those outside the district."
        raise DensityError(message)
    mass = _spread(
        (north - south) / cell_m - 0.5, (east - west) / cell_m - 0.5, weights, (rows, columns)
    )
    # Sharing a point among cells and reading between them each spread by 1/6 cell2 on average.
    sigma = float(np.sqrt((bandwidth_m / cell_m) ** 2 - 1 / 3))
    smooth = gaussian_filter(mass, sigma, mode="constant", truncate=_REACH)
    return DensityRaster(
        values=np.asarray(smooth, dtype=np.float64) * _M2_PER_KM2 / cell_m**2,
        west_m=west,
        south_m=south,
        cell_m=cell_m,
        plane=plane,
        bandwidth_m=bandwidth_m,
    )


def hexagons(
    lon: ArrayLike, lat: ArrayLike, weight: ArrayLike, *, side_m: float = 1000.0, least: int = 1
) -> gpd.GeoDataFrame:
    """Count points in hexagons that stand on a corner.

    Parameters
    ----------
    lon, lat
        Degrees WGS-84, arrays of one length, at least one point, no NaN.
    weight
        What each point counts, 0 or more, of the same length.
    side_m
        Side of a hexagon in metres, 200 to 5000; its area is 2.598 times the square of that.
    least
        Hexagons with fewer points are left out, so that a single firm cannot be told.

    Returns
    -------
    GeoDataFrame
        Columns q, r (axial position, int), count (int), weight (float), per_km2 (float, weight by
        area), geometry (Polygon, EPSG:4326). One row for each hexagon with points, by q and r.

    Raises
    ------
    DensityError
        When there are no points, arrays do not match, a value is missing or negative, or the side
        is out of range.
    """
    import geopandas as gpd
    import pandas as pd

    if not HEXAGONS_M[0] <= side_m <= HEXAGONS_M[1]:
        message = f"Hexagons with a side of {side_m!r} m are not offered; use 200 to 5000."
        raise DensityError(message)
    x, y, weights = _points(lon, lat, weight)
    plane = MetricPlane.around(x, y)
    q, r = _axial(*plane.metres(x, y), side_m)
    points = pd.DataFrame({"q": q, "r": r, "weight": weights})
    table = points.groupby(["q", "r"], as_index=False).agg(
        count=("weight", "size"), weight=("weight", "sum")
    )
    table = table[table["count"] >= least].reset_index(drop=True)
    table["per_km2"] = table["weight"] * _M2_PER_KM2 / (1.5 * np.sqrt(3.0) * side_m**2)
    shapes = _hexagon_shapes(
        table["q"].to_numpy(dtype=np.float64), table["r"].to_numpy(dtype=np.float64), side_m, plane
    )
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")


def _points(
    lon: ArrayLike, lat: ArrayLike, weight: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    x, y, weights = (np.asarray(part, dtype=np.float64).ravel() for part in (lon, lat, weight))
    if not x.size == y.size == weights.size:
        message = f"{x.size} longitudes, {y.size} latitudes, {weights.size} weights; pass triples."
        raise DensityError(message)
    if x.size == 0:
        raise DensityError("No density without points; say so on the page instead.")
    if not np.isfinite([x, y, weights]).all():
        raise DensityError("A point has no place or no weight; leave it out and say how many.")
    if weights.min() < 0:
        message = f"The weight {weights.min()!r} is negative; weights are 0 or more."
        raise DensityError(message)
    return x, y, weights


def _spread(
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    weights: NDArray[np.float64],
    shape: tuple[int, int],
) -> NDArray[np.float64]:
    """Share each weight among the four nearest cells; `y`, `x` in cells from the first middle.

    Put into one cell, a point would move by up to half a cell, a fifth of the smallest bandwidth.
    """
    low_y, low_x = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    part_y, part_x = y - low_y, x - low_x
    mass = np.zeros(shape[0] * shape[1])
    for up in (0, 1):
        for right in (0, 1):
            share = np.abs(1 - up - part_y) * np.abs(1 - right - part_x) * weights
            at = (low_y + up) * shape[1] + low_x + right
            mass += np.bincount(at, weights=share, minlength=mass.size)
    return mass.reshape(shape)


def _axial(
    east: NDArray[np.float64], north: NDArray[np.float64], side_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # Cube rounding: of three coordinates that sum to 0, the one that moved most is recomputed.
    q = (np.sqrt(3.0) / 3.0 * east - north / 3.0) / side_m
    r = (2.0 / 3.0 * north) / side_m
    cube = np.stack([q, r, -q - r])
    near = np.rint(cube)
    moved = np.abs(near - cube)
    worst = moved.argmax(axis=0)
    near[0] = np.where(worst == 0, -near[1] - near[2], near[0])
    near[1] = np.where(worst == 1, -near[0] - near[2], near[1])
    return near[0].astype(np.int64), near[1].astype(np.int64)


def _hexagon_shapes(
    q: NDArray[np.float64], r: NDArray[np.float64], side_m: float, plane: MetricPlane
) -> NDArray[np.object_]:
    import shapely

    middle_x = side_m * np.sqrt(3.0) * (q + r / 2.0)
    middle_y = side_m * 1.5 * r
    turns = np.radians(30.0 + 60.0 * np.arange(6))
    x = middle_x[:, None] + side_m * np.cos(turns)
    y = middle_y[:, None] + side_m * np.sin(turns)
    lon, lat = plane.degrees(x, y)
    corners = np.stack([lon, lat], axis=-1).reshape(-1, 6, 2)
    return np.atleast_1d(np.asarray(shapely.polygons(corners), dtype=object))

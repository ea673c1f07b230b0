"""Densities: mass, peaks, metres, hexagons."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_grids import points

from maps.density import BANDWIDTHS_M, MOST_CELLS, density_raster, hexagons
from maps.errors import DensityError

places = st.lists(
    st.tuples(st.floats(114.8, 115.2), st.floats(25.8, 26.2), st.floats(0, 50)),
    min_size=1,
    max_size=20,
)


@settings(max_examples=30, deadline=None)
@given(places, st.sampled_from(BANDWIDTHS_M))
def test_no_weight_is_lost_or_won_by_smoothing(found: list, bandwidth_m: int) -> None:
    lon, lat, weight = np.array(found).T
    raster = density_raster(lon, lat, weight, bandwidth_m=bandwidth_m)
    assert raster.total == pytest.approx(weight.sum(), rel=1e-6, abs=1e-9)
    assert raster.values.min() >= 0


@pytest.mark.parametrize("bandwidth_m", BANDWIDTHS_M)
def test_a_single_point_has_the_peak_of_a_gaussian_in_metres(bandwidth_m: int) -> None:
    raster = density_raster([115.0], [26.0], [3.0], bandwidth_m=bandwidth_m)
    peak = 3.0 * 1e6 / (2 * np.pi * bandwidth_m**2)
    assert raster.at([115.0], [26.0]) == pytest.approx(peak, rel=0.06)
    # A bandwidth away to the east and to the north it is lower by the same factor.
    east = raster.at([115.0 + bandwidth_m / 100_170], [26.0])
    north = raster.at([115.0], [26.0 + bandwidth_m / 110_780])
    assert east == pytest.approx(peak * np.exp(-0.5), rel=0.05)
    assert north == pytest.approx(peak * np.exp(-0.5), rel=0.05)


def test_the_density_agrees_with_the_exact_sum_of_kernels() -> None:
    frame = points(300)
    lon, lat = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    raster = density_raster(lon, lat, np.ones(300), bandwidth_m=1000)
    east, north = raster.plane.metres(lon, lat)
    squared = (east[:, None] - east) ** 2 + (north[:, None] - north) ** 2
    exact = np.exp(-squared / 2e6).sum(axis=0) / (2 * np.pi)
    assert np.median(np.abs(raster.at(lon, lat) / exact - 1)) < 0.01


def test_far_away_the_density_is_nothing() -> None:
    raster = density_raster([115.0], [26.0], [1.0])
    assert raster.at([116.0, 114.0], [26.0, 27.0]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("make", [density_raster, hexagons])
@pytest.mark.parametrize(
    ("lon", "lat", "weight", "words"),
    [
        ([], [], [], "without points"),
        ([115.0, 115.1], [26.0], [1.0], "pass triples"),
        ([np.nan], [26.0], [1.0], "no place or no weight"),
        ([115.0], [26.0], [np.inf], "no place or no weight"),
        ([115.0], [26.0], [-1.0], "-1.0.* is negative"),
    ],
)
def test_points_that_cannot_be_counted_are_refused(make, lon, lat, weight, words: str) -> None:
    with pytest.raises(DensityError, match=words):
        make(lon, lat, weight)


def test_another_bandwidth_or_a_coarse_cell_is_refused() -> None:
    with pytest.raises(DensityError, match="bandwidth 750"):
        density_raster([115.0], [26.0], [1.0], bandwidth_m=750)
    with pytest.raises(DensityError, match="too coarse"):
        density_raster([115.0], [26.0], [1.0], bandwidth_m=500, cell_m=201.0)


def test_a_point_in_another_province_is_refused_before_memory_is_used() -> None:
    with pytest.raises(DensityError, match="leave out those outside the district"):
        density_raster([115.0, 121.5], [26.0, 31.2], [1.0, 1.0])
    assert MOST_CELLS * 8 < 40e6


@settings(max_examples=30, deadline=None)
@given(places, st.sampled_from([200.0, 1000.0, 5000.0]))
def test_every_point_is_in_one_hexagon(found: list, side_m: float) -> None:
    lon, lat, weight = np.array(found).T
    cells = hexagons(lon, lat, weight, side_m=side_m)
    assert cells["count"].sum() == len(found)
    assert cells["weight"].sum() == pytest.approx(weight.sum())
    assert not cells.duplicated(["q", "r"]).any()


def test_points_lie_in_the_hexagon_that_counts_them() -> None:
    frame = points(500)
    cells = hexagons(frame.geometry.x, frame.geometry.y, np.ones(500), side_m=300)
    joined = frame.sjoin(cells[["count", "geometry"]], predicate="within")
    assert len(joined) == 500
    counted = joined.groupby("index_right").size()
    assert (
        counted.equals(cells.loc[counted.index, "count"].rename(None))
        or (counted.to_numpy() == cells.loc[counted.index, "count"].to_numpy()).all()
    )


def test_a_hexagon_has_the_area_of_its_side_in_metres() -> None:
    cells = hexagons([115.0], [26.0], [2.0], side_m=1000)
    area_km2 = cells.to_crs(32650).area.iloc[0] / 1e6
    assert area_km2 == pytest.approx(2.598, rel=0.001)
    assert cells["per_km2"].iloc[0] == pytest.approx(2 / area_km2, rel=0.001)


def test_hexagons_with_few_points_can_be_left_out() -> None:
    lon, lat = [115.0, 115.0, 115.0, 115.2], [26.0, 26.0, 26.0, 26.2]
    cells = hexagons(lon, lat, np.ones(4), least=3)
    assert cells["count"].tolist() == [3]
    nothing = hexagons(lon, lat, np.ones(4), least=5)
    assert nothing.empty
    assert nothing.crs == "EPSG:4326"


@pytest.mark.parametrize("side_m", [199.0, 5001.0])
def test_hexagons_of_another_size_are_refused(side_m: float) -> None:
    with pytest.raises(DensityError, match="use 200 to 5000"):
        hexagons([115.0], [26.0], [1.0], side_m=side_m)

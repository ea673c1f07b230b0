"""The three datums of China: published vectors, ranges, round trips."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from maps.datum import Datum, from_wgs84, to_wgs84
from maps.errors import CoordinateError, MapsError

VECTORS = {
    Datum.WGS84: (116.481499, 39.990475),
    Datum.GCJ02: (116.487586, 39.991754),
    Datum.BD09: (116.49412, 39.997716),
}

# Two degrees inside the box in which GCJ-02 is shifted, so that no step of the inverse leaves it.
lons = st.floats(74.0, 135.0)
lats = st.floats(3.0, 53.0)


@pytest.mark.parametrize("datum", list(Datum))
def test_the_published_vector_is_reproduced_to_a_millionth_of_a_degree(datum: Datum) -> None:
    there = from_wgs84(*VECTORS[Datum.WGS84], datum)
    back = to_wgs84(*VECTORS[datum], datum)
    assert np.allclose(there, VECTORS[datum], rtol=0, atol=1e-6)
    assert np.allclose(back, VECTORS[Datum.WGS84], rtol=0, atol=1e-6)


@given(lon=lons, lat=lats, datum=st.sampled_from(Datum))
def test_there_and_back_stays_within_two_millimetres(lon: float, lat: float, datum: Datum) -> None:
    x, y = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    _, _, metres = Geod(ellps="WGS84").inv(lon, lat, float(x), float(y))
    assert metres < 0.002


@given(lon=st.floats(114.709, 115.366), lat=st.floats(25.431, 26.273))
def test_the_offset_in_a_district_of_ganzhou_is_the_measured_one(lon: float, lat: float) -> None:
    geod = Geod(ellps="WGS84")
    gcj = from_wgs84(lon, lat, Datum.GCJ02)
    baidu = from_wgs84(lon, lat, Datum.BD09)
    assert 576.5 <= geod.inv(lon, lat, float(gcj[0]), float(gcj[1]))[2] <= 623.5
    assert 1152 <= geod.inv(lon, lat, float(baidu[0]), float(baidu[1]))[2] <= 1231


def test_arrays_are_converted_like_their_elements() -> None:
    x, y = np.array([115.0, 115.2, 120.1]), np.array([25.5, 26.1, 30.2])
    together = from_wgs84(x, y, Datum.BD09)
    one_by_one = [from_wgs84(a, b, Datum.BD09) for a, b in zip(x, y, strict=True)]
    assert np.array_equal(np.column_stack(together), np.array(one_by_one))


def test_outside_the_shifted_box_gcj02_equals_wgs84() -> None:
    assert from_wgs84(24.9, 60.2, Datum.GCJ02) == (24.9, 60.2)
    assert to_wgs84(-70.0, -33.4, Datum.GCJ02) == (-70.0, -33.4)


def test_an_unplaced_point_stays_unplaced() -> None:
    x, y = to_wgs84([np.nan, 115.0], [np.nan, 26.0], Datum.BD09)
    assert np.isnan(x[0])
    assert np.isnan(y[0])
    assert np.isfinite([x[1], y[1]]).all()


def test_no_points_give_no_points() -> None:
    x, y = to_wgs84([], [], Datum.BD09)
    assert x.shape == y.shape == (0,)


@pytest.mark.parametrize("convert", [to_wgs84, from_wgs84])
def test_swapped_degrees_are_refused_with_the_order_to_use(convert) -> None:
    with pytest.raises(CoordinateError, match=r"latitude .*115.* pass \(lon, lat\)") as caught:
        convert([26.0], [115.0], Datum.GCJ02)
    assert isinstance(caught.value, MapsError)
    assert isinstance(caught.value, ValueError)


def test_an_infinite_longitude_is_refused() -> None:
    with pytest.raises(CoordinateError, match="longitude"):
        to_wgs84(np.inf, 26.0, Datum.WGS84)


def test_arrays_of_different_length_are_refused() -> None:
    with pytest.raises(CoordinateError, match="pass pairs"):
        to_wgs84([115.0, 115.1], [26.0], Datum.WGS84)

import numpy as np
import pytest

from routing import InvalidPoints, TravelKind, straight_line

EQUATOR = np.array([[0.0, 0.0], [1.0, 0.0]])


def test_one_degree_of_the_equator_is_111_kilometres():
    found = straight_line(EQUATOR, speed_kmh=36, detour_factor=1)
    assert found.metres[0, 1] == 111195
    assert found.seconds[0, 1] == 11120


def test_longitude_comes_first():
    north = np.array([[120.0, 60.0], [121.0, 60.0]])
    found = straight_line(north, speed_kmh=36, detour_factor=1)
    assert abs(found.metres[0, 1] - 111195 / 2) < 5


def test_the_detour_lengthens_way_and_time():
    found = straight_line(EQUATOR, speed_kmh=36, detour_factor=1.5)
    assert found.metres[0, 1] == round(111195.08 * 1.5)
    assert found.seconds[0, 1] == 16680


def test_seconds_are_rounded_up_and_the_diagonal_is_zero():
    near = np.array([[113.0, 23.0], [113.0, 23.00001], [113.0, 23.0]])
    found = straight_line(near, speed_kmh=5, detour_factor=1.3)
    assert found.seconds[0, 1] == 2
    assert found.seconds[0, 2] == 0
    assert not np.diagonal(found.seconds).any()


def test_times_are_whole_symmetric_read_only_and_labelled_as_an_estimate():
    points = np.random.default_rng(1).uniform([113, 23], [113.1, 23.1], (20, 2))
    found = straight_line(points, speed_kmh=12, detour_factor=1.4)
    assert found.seconds.dtype == np.int64
    assert (found.seconds == found.seconds.T).all()
    assert not found.seconds.flags.writeable
    assert found.kind is TravelKind.STRAIGHT_LINE
    assert found.kind.is_estimate
    assert "估算" in found.kind.label


def test_no_points_no_times():
    assert straight_line(np.empty((0, 2)), speed_kmh=5, detour_factor=1).seconds.shape == (0, 0)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.zeros((3, 3)), r"shape is \(3, 3\)"),
        (np.array([[0.0, 0.0], [181.0, 0.0]]), r"points_lonlat\[1\]"),
        (np.array([[23.0, 113.0]]), r"points_lonlat\[0\] is \(23.0, 113.0\)"),
        (np.array([[np.nan, 0.0]]), r"points_lonlat\[0\] is \(nan, 0.0\)"),
    ],
)
def test_points_that_are_no_places_are_refused(points, message):
    with pytest.raises(InvalidPoints, match=message):
        straight_line(points, speed_kmh=5, detour_factor=1)


def test_the_edges_of_the_world_are_places():
    edges = np.array([[180.0, 90.0], [-180.0, -90.0]])
    assert straight_line(edges, speed_kmh=5, detour_factor=1).metres[0, 1] > 20_000_000


@pytest.mark.parametrize("speed_kmh", [0, -1, float("nan"), float("inf")])
def test_a_speed_that_is_none_is_refused(speed_kmh):
    with pytest.raises(InvalidPoints, match="speed_kmh"):
        straight_line(EQUATOR, speed_kmh=speed_kmh, detour_factor=1)


@pytest.mark.parametrize("detour_factor", [0.99, float("nan"), float("inf")])
def test_a_detour_shorter_than_the_straight_line_is_refused(detour_factor):
    with pytest.raises(InvalidPoints, match="detour_factor"):
        straight_line(EQUATOR, speed_kmh=5, detour_factor=detour_factor)

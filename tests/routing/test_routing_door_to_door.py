"""From door to door: along roads, to the road and from it, and straight where there is none."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.door_to_door import Beeline, door_to_door, legs
from routing.errors import InvalidRoads
from routing.graph import Graph
from routing.network import Line, collapse, make_graph
from routing.road_file import read_day
from routing.roads import Roads
from routing.speeds import Mode
from routing.travel import TravelKind, straight_line

osmium = pytest.importorskip("osmium", reason="the extra `roads` is not installed")

BEELINE = Beeline(speed_kmh=18.0, detour_factor=1.4)
STEP = 0.01
M = 1 / 111_195.08
"""Degrees of a metre north."""


@pytest.fixture
def write_roads(tmp_path):
    """Write an .osm.pbf of nodes on a grid of degrees and ways (tags, node ids)."""

    def write(places, ways, header=None):
        path = tmp_path / "roads.osm.pbf"
        file_header = osmium.io.Header()
        for key, value in (header or {}).items():
            file_header.set(key, value)
        writer = osmium.SimpleWriter(str(path), overwrite=True, header=file_header)
        for number, (x, y) in places.items():
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(x * STEP, y * STEP)))
        for number, (tags, nodes) in enumerate(ways, start=1000):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
        writer.close()
        return path

    return write


STREET = {1: (0, 0), 2: (2, 0)}
WAYS = [({"highway": "residential"}, [1, 2])]


def travel(roads, points, **options):
    return door_to_door(roads, np.array(points), Mode.E_BIKE, BEELINE, **options)


def test_the_way_to_the_road_and_from_it_takes_time(write_roads):
    roads = Roads.read(write_roads(STREET, WAYS))
    on_road = travel(roads, [(0.0, 0.0), (STEP, 0.0)])
    beside = travel(roads, [(0.0, 0.0), (STEP, 300 * M)])
    assert beside.seconds[0, 1] - on_road.seconds[0, 1] == pytest.approx(300 * 3.6 / 18, abs=1)
    assert beside.metres[0, 1] - on_road.metres[0, 1] == pytest.approx(300, abs=2)
    assert beside.snap_m[1] == pytest.approx(300, abs=1)


def test_two_doors_of_one_yard_are_joined_straight_and_not_over_the_road(write_roads):
    roads = Roads.read(write_roads(STREET, WAYS))
    yard = travel(roads, [(0.0, 300 * M), (0.0, 340 * M), (STEP, 300 * M)])
    assert (
        yard.seconds[0, 1]
        == straight_line(
            np.array([(0.0, 300 * M), (0.0, 340 * M)]), speed_kmh=18, detour_factor=1.4
        ).seconds[0, 1]
    )
    assert yard.seconds[0, 2] > yard.seconds[0, 1] + 100
    assert travel(roads, [(0.0, 300 * M)] * 2).seconds.tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(("away_m", "by_road"), [(995, True), (1005, False)])
def test_doors_beyond_a_kilometre_are_reached_straight_and_say_so(write_roads, away_m, by_road):
    roads = Roads.read(write_roads(STREET, WAYS))
    points = [(0.0, 0.0), (STEP, 0.0), (STEP, away_m * M)]
    found = travel(roads, points)
    assert found.by_road.tolist() == [True, True, by_road]
    assert found.kind is TravelKind.ROADS
    straight = straight_line(np.array(points), speed_kmh=18, detour_factor=1.4)
    assert (found.seconds[0, 2] == straight.seconds[0, 2]) == (not by_road)
    drawn = legs(roads, points, Mode.E_BIKE, BEELINE)
    assert [leg.by_road for leg in drawn] == [True, by_road]
    assert (len(drawn[1].lonlat) == 2) == (not by_road)


def test_where_nothing_is_near_a_road_the_answer_is_the_straight_line(write_roads):
    roads = Roads.read(write_roads(STREET, WAYS))
    found = travel(roads, [(0.0, 1.0), (0.1, 1.0)])
    assert (found.kind, found.kind.is_estimate) == (TravelKind.STRAIGHT_LINE, True)
    assert travel(roads, np.zeros((0, 2))).seconds.shape == (0, 0)
    assert legs(roads, [(0.0, 0.0)], Mode.E_BIKE, BEELINE) == []


def block(seed, side=6):
    draw = np.random.default_rng(seed)
    lines = []
    for x in range(side):
        for y in range(side):
            for there in ((x + 1, y), (x, y + 1)):
                if max(there) < side and draw.random() < 0.85:
                    ids = (x * side + y, there[0] * side + there[1])
                    ends = np.array([(x, y), there], dtype=np.float64) * 0.003
                    one_way = draw.random() < 0.2
                    kmh = float(draw.choice([8, 16, 22]))
                    lines.append(Line.along(ids, ends, kmh=kmh, forward=True, backward=not one_way))
    return make_graph(collapse(lines))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_legs_take_as_long_as_the_matrix_says(tmp_path_factory, seed):
    path = tmp_path_factory.mktemp("graph") / "e_bike.npz"
    block(seed).write(path)
    roads = Roads.prepared({Mode.E_BIKE: path})
    draw = np.random.default_rng(seed)
    points = draw.uniform(-0.006, 0.021, (7, 2))
    points[3] = points[2]
    points[5] = points[4] + 20 * M
    found = travel(roads, points)
    assert (found.seconds >= 0).all()
    assert (np.diag(found.seconds) == 0).all()
    for number, leg in enumerate(legs(roads, points.tolist(), Mode.E_BIKE, BEELINE)):
        assert leg.seconds == found.seconds[number, number + 1]
        assert abs(leg.metres - found.metres[number, number + 1]) <= 1
        assert (leg.lonlat[[0, -1]] == points[[number, number + 1]]).all()
        assert leg.by_road == (found.by_road[number] and found.by_road[number + 1])


def test_prepared_roads_answer_as_the_file_they_were_made_from(write_roads, tmp_path):
    roads = Roads.read(write_roads(STREET, WAYS))
    roads.graph(Mode.CAR).write(tmp_path / "car.npz")
    again = Roads.prepared({Mode.CAR: tmp_path / "car.npz"})
    points = np.array([(0.0, 0.0), (STEP, 0.0)])
    assert (again.matrix(points, Mode.CAR).seconds == roads.matrix(points, Mode.CAR).seconds).all()
    with pytest.raises(InvalidRoads, match="no road is open to walking"):
        again.graph(Mode.WALKING)


def test_junctions_without_a_way_back_are_counted(write_roads, tmp_path):
    dead_end = ({"highway": "residential", "oneway": "yes"}, [2, 3])
    path = write_roads(STREET | {3: (2, 1), 4: (9, 9), 5: (9, 8)}, [*WAYS, dead_end])
    graph = Roads.read(path).graph(Mode.CAR)
    assert (graph.junctions, graph.of_junctions) == (2, 3)
    graph.write(tmp_path / "car.npz")
    assert Graph.read(tmp_path / "car.npz").of_junctions == 3


@pytest.mark.parametrize(
    ("header", "day"),
    [
        ({"osmosis_replication_timestamp": "2026-11-20T21:20:48Z"}, date(2026, 11, 20)),
        ({}, None),
    ],
)
def test_the_day_of_a_file_is_read_from_its_header(write_roads, header, day):
    assert read_day(write_roads(STREET, WAYS, header)) == day


def test_a_file_that_is_none_has_no_day(tmp_path):
    (tmp_path / "bad.osm.pbf").write_bytes(b"no roads")
    with pytest.raises(InvalidRoads, match=r"bad\.osm\.pbf"):
        read_day(tmp_path / "bad.osm.pbf")


@pytest.mark.parametrize(("east", "found"), [(0.0201, True), (0.0199, False)])
def test_only_roads_that_begin_or_end_in_the_box_are_read(write_roads, east, found):
    path = write_roads({1: (2, 0), 2: (4, 0)}, WAYS)
    box = (0.0, -0.01, east, 0.01)
    if found:
        assert Roads.read(path, within=box).graph(Mode.CAR).junctions == 2
    else:
        with pytest.raises(InvalidRoads, match="holds no road"):
            Roads.read(path, within=box)

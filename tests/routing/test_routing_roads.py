import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from routing import InvalidPoints
from routing.errors import InvalidRoads, TooFarFromRoads
from routing.network import SAMPLE_M, Line, collapse, make_graph
from routing.roads import Roads
from routing.speeds import Mode, RoadSpeeds
from routing.travel import TravelKind

osmium = pytest.importorskip("osmium", reason="the extra `roads` is not installed")

STEP = 0.01
"""Degrees between places: 1112 m north, about as far east on the equator."""

METRES = 1112


@pytest.fixture
def write_roads(tmp_path):
    """Write an .osm.pbf of nodes on a grid of degrees and ways (tags, node ids)."""

    def write(places, ways):
        path = tmp_path / "roads.osm.pbf"
        writer = osmium.SimpleWriter(str(path), overwrite=True)
        for number, (x, y) in places.items():
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(x * STEP, y * STEP)))
        for number, (tags, nodes) in enumerate(ways, start=1000):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
        writer.close()
        return path

    return write


SQUARE = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1)}
ROAD = {"highway": "residential"}


def at(*numbers, places=SQUARE):
    return np.array([places[number] for number in numbers], dtype=np.float64) * STEP


def metres(roads, *numbers, mode=Mode.CAR):
    return np.rint(roads.matrix(at(*numbers), mode).metres / METRES).astype(int).tolist()


def test_the_way_goes_along_roads_and_not_across(write_roads):
    roads = Roads.read(write_roads(SQUARE, [(ROAD, [1, 2, 3, 4])]))
    assert metres(roads, 1, 4) == [[0, 3], [3, 0]]
    travel = roads.matrix(at(1, 4), Mode.CAR)
    assert (travel.kind, travel.kind.is_estimate) == (TravelKind.ROADS, False)
    assert travel.seconds[0, 1] == pytest.approx(3 * METRES / (22 / 3.6), rel=0.01)


def test_a_one_way_road_is_driven_one_way_and_walked_both(write_roads):
    ring = [(ROAD | {"oneway": "yes"}, [1, 2, 3, 4, 1])]
    roads = Roads.read(write_roads(SQUARE, ring))
    assert metres(roads, 1, 2) == [[0, 1], [3, 0]]
    assert metres(roads, 1, 2, mode=Mode.WALKING) == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("tags", "modes"),
    [
        ({"oneway": "yes"}, (1, 1, 3)),
        ({"oneway": "-1"}, (3, 1, 1)),
        ({"oneway": "no"}, (1, 1, 1)),
        ({"junction": "roundabout"}, (1, 1, 3)),
    ],
)
def test_directions_of_a_ring(write_roads, tags, modes):
    roads = Roads.read(write_roads(SQUARE, [(ROAD | tags, [1, 2, 3, 4, 1])]))
    there, walked, back = modes
    assert metres(roads, 1, 2) == [[0, there], [back, 0]]
    assert metres(roads, 1, 2, mode=Mode.WALKING) == [[0, walked], [walked, 0]]


def test_a_bicycle_may_ride_against_a_one_way_road_that_says_so(write_roads):
    tags = ROAD | {"oneway": "yes", "oneway:bicycle": "no"}
    roads = Roads.read(write_roads(SQUARE, [(tags, [1, 2, 3, 4, 1])]))
    assert metres(roads, 1, 2, mode=Mode.E_BIKE) == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("tags", "mode", "open_"),
    [
        ({"access": "private"}, Mode.CAR, False),
        ({"access": "private", "motor_vehicle": "yes"}, Mode.CAR, True),
        ({"motor_vehicle": "no"}, Mode.CAR, False),
        ({"motor_vehicle": "no"}, Mode.WALKING, True),
        ({"highway": "steps"}, Mode.E_BIKE, False),
        ({"highway": "steps"}, Mode.WALKING, True),
        ({"highway": "motorway", "oneway": "no"}, Mode.CAR, True),
        ({"highway": "motorway"}, Mode.WALKING, False),
    ],
)
def test_who_may_use_a_road(write_roads, tags, mode, open_):
    other = (ROAD | {"access": "private", "foot": "no", "horse": "yes"}, [3, 4])
    path = write_roads(SQUARE, [(ROAD | tags, [1, 2]), other])
    if open_:
        assert metres(Roads.read(path), 1, 2, mode=mode) == [[0, 1], [1, 0]]
    else:
        with pytest.raises(InvalidRoads, match="no road"):
            Roads.read(path).matrix(at(1, 2), mode)


def test_the_quicker_road_is_taken_though_it_is_longer(write_roads):
    places = SQUARE | {5: (0.5, 3)}
    fast = ({"highway": "trunk"}, [1, 4, 3, 2])
    slow = ({"highway": "track"}, [1, 2])
    roads = Roads.read(write_roads(places, [fast, slow]))
    assert metres(roads, 1, 2) == [[0, 3], [3, 0]]
    assert metres(roads, 1, 2, mode=Mode.WALKING) == [[0, 1], [1, 0]]


def test_only_the_largest_part_that_is_connected_both_ways_is_used(write_roads):
    places = SQUARE | {5: (0.2, 0.001), 6: (0.4, 0.001)}
    island = (ROAD, [5, 6])
    dead_end = (ROAD | {"oneway": "yes"}, [3, 4])
    roads = Roads.read(write_roads(places, [(ROAD, [1, 2, 3]), island, dead_end]))
    graph = roads.graph(Mode.CAR)
    assert graph.lonlat[:, 1].max() <= STEP
    travel = roads.matrix(at(5, 4, places=places), Mode.CAR, most_snap_m=2000)
    assert travel.snap_m[0] == pytest.approx(1.1, abs=SAMPLE_M / 2)
    assert travel.snap_m[1] == pytest.approx(METRES, rel=0.01)


@pytest.mark.parametrize(("metres_away", "refused"), [(995, False), (1005, True)])
def test_points_more_than_a_kilometre_from_every_road_are_refused(
    write_roads, metres_away, refused
):
    roads = Roads.read(write_roads(SQUARE, [(ROAD, [1, 2])]))
    points = np.array([[0.0, 0.0], [0.0, metres_away / 111_195]])
    if refused:
        with pytest.raises(TooFarFromRoads, match=r"points_lonlat\[1\].* m from the nearest road"):
            roads.matrix(points, Mode.CAR)
    else:
        assert roads.matrix(points, Mode.CAR).snap_m[1] == pytest.approx(metres_away, abs=2)


def test_points_between_nodes_are_moved_to_the_road_beside_them(write_roads):
    roads = Roads.read(write_roads(SQUARE, [(ROAD, [1, 2])]))
    points = np.array([[0.25 * STEP, 0.0001], [0.75 * STEP, -0.0001]])
    travel = roads.matrix(points, Mode.CAR)
    assert travel.metres[0, 1] == pytest.approx(METRES / 2, abs=45)
    assert (travel.metres == travel.metres.T).all()


def test_a_path_has_the_shape_of_the_road_and_the_times_of_the_matrix(write_roads):
    roads = Roads.read(write_roads(SQUARE, [(ROAD, [1, 2, 3, 4])]))
    path = roads.path((0.0, 0.0), (0.0, STEP), Mode.CAR)
    for corner in at(1, 2, 3, 4):
        assert np.abs(path.lonlat - corner).sum(axis=1).min() < 1e-9
    travel = roads.matrix(at(1, 4), Mode.CAR)
    assert (path.seconds, path.metres) == (travel.seconds[0, 1], travel.metres[0, 1])
    back = roads.path((0.0, STEP), (0.0, 0.0), Mode.CAR)
    assert back.lonlat == pytest.approx(path.lonlat[::-1])
    nowhere = roads.path((0.0, 0.0), (0.0, 0.0), Mode.CAR)
    assert (nowhere.seconds, nowhere.metres) == (0, 0)


def test_no_points_no_travel(write_roads):
    roads = Roads.read(write_roads(SQUARE, [(ROAD, [1, 2])]))
    assert roads.matrix(np.zeros((0, 2)), Mode.CAR).seconds.shape == (0, 0)
    with pytest.raises(InvalidPoints, match="shape"):
        roads.matrix(np.zeros((2, 3)), Mode.CAR)


def test_roads_across_several_ways_are_joined_where_nothing_else_meets():
    def line(start, end, *lonlat, **ways):
        found = Line.along(
            (start, end), np.array(lonlat, dtype=np.float64), kmh=20, forward=True, backward=True
        )
        return replace(found, **ways)

    first, second = line(1, 2, (0, 0), (1, 0)), line(3, 2, (1, 1), (1, 0))
    (joined,) = collapse([first, second])
    assert {joined.start, joined.end} == {1, 3}
    assert joined.metres[-1] == pytest.approx(first.metres[-1] + second.metres[-1])
    one_way = line(3, 2, (1, 1), (1, 0), backward=False)
    assert len(collapse([first, one_way])) == 2
    ring = [line(1, 2, (0, 0), (1, 0)), line(2, 1, (1, 0), (1, 1), (0, 0))]
    assert make_graph(collapse(ring)).junctions == 1


@pytest.mark.parametrize("kmh", [0, -1, 201, float("nan")])
def test_speeds_that_nobody_goes_are_refused(kmh):
    with pytest.raises(InvalidRoads, match="car on track"):
        RoadSpeeds(car={"track": kmh})


def test_files_without_roads_are_refused(write_roads, tmp_path):
    with pytest.raises(InvalidRoads, match="holds no road"):
        Roads.read(write_roads(SQUARE, [({"waterway": "river"}, [1, 2])]))
    with pytest.raises(InvalidRoads, match="no two places"):
        Roads.read(write_roads(SQUARE, [(ROAD | {"oneway": "yes"}, [1, 2])])).graph(Mode.CAR)
    (tmp_path / "bad.osm.pbf").write_bytes(b"no roads")
    with pytest.raises(InvalidRoads, match=r"bad\.osm\.pbf"):
        Roads.read(tmp_path / "bad.osm.pbf")


def test_every_mode_has_a_name_for_the_planner():
    assert len({mode.label for mode in Mode}) == len(Mode)
    assert len({kind.label for kind in TravelKind}) == len(TravelKind)


@pytest.mark.reference
@pytest.mark.parametrize("mode", list(Mode))
def test_real_roads_are_read_and_their_paths_agree_with_the_matrix(mode):
    named = os.environ.get("OUTREACH_REFERENCE")
    root = Path(named) if named else Path(__file__).parents[2] / ".." / "shared"
    path = root / "geo" / "liechtenstein-latest.osm.pbf"
    if not path.exists():
        pytest.skip(f"no reference material in {path.parent}")
    roads = Roads.read(path)
    places = roads.graph(mode).lonlat
    draw = np.random.default_rng(1)
    points = places[draw.integers(0, len(places), 40)] + draw.normal(0, 2e-4, (40, 2))
    travel = roads.matrix(points, mode)
    assert travel.snap_m.max() < 200
    for row in range(5):
        path = roads.path(tuple(points[row]), tuple(points[row + 1]), mode)
        # Sums of rounded parts may differ by how many parts there are.
        assert abs(path.seconds - travel.seconds[row, row + 1]) <= 1
        assert abs(path.metres - travel.metres[row, row + 1]) <= 10

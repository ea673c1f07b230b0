"""Answers with shortcuts are those of a search through all junctions, to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from routing.errors import InvalidRoads
from routing.graph import DECODE, Graph
from routing.network import Line, collapse, make_graph
from routing.shortcuts import Arcs, Doors, Shortcuts, lightest

DRAWS = st.integers(0, 2**32 - 1)


def plain(arcs, size):
    kept, _ = lightest(arcs, size)
    return dijkstra(csr_array((kept.weights, (kept.tails, kept.heads)), shape=(size, size)))


def some_arcs(draw, size, count):
    tails, heads = draw.integers(0, size, (2, count))
    return Arcs(tails, heads, draw.integers(1, 50, count).astype(np.float64))


@settings(max_examples=60, deadline=None)
@given(DRAWS, st.integers(2, 40), st.integers(1, 160), st.integers(0, 20))
def test_between_all_junctions_of_any_network(seed, size, count, smallest_core):
    draw = np.random.default_rng(seed)
    arcs = some_arcs(draw, size, count)
    shortcuts = Shortcuts.of(arcs, size, smallest_core=smallest_core)
    every = np.arange(size)
    doors = Doors(every, every, np.full(size, 0.5))
    found = shortcuts.between(doors, doors, size)
    expected = plain(arcs.chosen(arcs.tails != arcs.heads), size) + 1
    assert (found == expected).all()


def test_removing_ends_at_the_smallest_core_or_where_it_is_dense():
    draw = np.random.default_rng(3)
    side = 20
    at = np.arange(side * side).reshape(side, side)
    east = np.column_stack([at[:, :-1].ravel(), at[:, 1:].ravel()])
    north = np.column_stack([at[:-1].ravel(), at[1:].ravel()])
    pairs = np.vstack([east, north])
    both = np.vstack([pairs, pairs[:, ::-1]])
    streets = Arcs(*both.T, draw.integers(1, 99, len(both)).astype(np.float64))
    small = Shortcuts.of(streets, side * side, smallest_core=50).in_core.sum()
    assert 20 < small <= 50
    assert Shortcuts.of(streets, side * side, smallest_core=400).in_core.all()
    n = 40
    tails, heads = np.nonzero(~np.eye(n, dtype=bool))
    dense = Arcs(tails, heads, np.ones(len(tails)))
    assert Shortcuts.of(dense, n, smallest_core=5).in_core.all()


def streets(seed, side=7):
    """A grid of streets with gaps and one-way roads; two roads may join the same junctions."""
    draw = np.random.default_rng(seed)
    lines = []
    for x in range(side):
        for y in range(side):
            for there in ((x + 1, y), (x, y + 1)):
                if max(there) >= side or draw.random() < 0.15:
                    continue
                ways = draw.random()
                for _ in range(1 + (draw.random() < 0.1)):
                    middle = (np.array([x, y]) + there) / 2 + draw.normal(0, 0.1, 2)
                    lonlat = np.array([(x, y), middle, there], dtype=np.float64) * 0.002
                    ids = (x * side + y, there[0] * side + there[1])
                    lines.append(
                        Line.along(
                            ids,
                            lonlat,
                            kmh=float(draw.choice([5, 20, 40])),
                            forward=ways > 0.1,
                            backward=ways < 0.9 or ways > 0.97,
                        )
                    )
    return lines


def searched(graph, places):
    """The same by putting each place into the graph, as a start and as an end: the plain way."""
    roads, count = graph._roads, len(places)
    starts, ends = graph.junctions, graph.junctions + count
    arcs = []

    def add(tail, head, low, high, is_open):
        ms = max(1.0, np.rint(abs(roads.ms[high] - roads.ms[low])))
        metres = np.rint(abs(roads.metres[high] - roads.metres[low]))
        if is_open:
            arcs.append((tail, head, ms * DECODE + metres))

    for road in range(graph.roads):
        forward, backward = roads.forward[road], roads.backward[road]
        first, last = roads.first[road], roads.first[road + 1] - 1
        add(roads.starts[road], roads.ends[road], first, last, forward)
        add(roads.ends[road], roads.starts[road], first, last, backward)
        here = [(p, n) for n, p in enumerate(places) if first <= p <= last]
        for place, n in here:
            add(starts + n, roads.ends[road], place, last, forward)
            add(starts + n, roads.starts[road], place, first, backward)
            add(roads.starts[road], ends + n, first, place, forward)
            add(roads.ends[road], ends + n, last, place, backward)
            for other, m in here:
                add(starts + n, ends + m, place, other, forward if place < other else backward)
    tails, heads, weights = (np.array(column) for column in zip(*arcs, strict=True))
    whole = Arcs(tails.astype(np.int64), heads.astype(np.int64), weights)
    found = plain(whole, ends + count)[starts:ends, ends:]
    np.fill_diagonal(found, 0)
    return found


@settings(max_examples=25, deadline=None)
@given(DRAWS)
def test_between_places_along_roads_and_the_shapes_of_the_ways(seed):
    graph = make_graph(collapse(streets(seed)))
    draw = np.random.default_rng(seed)
    places = np.unique(draw.integers(0, len(graph.lonlat), 12))
    ms, metres = graph.between(places)
    expected = searched(graph, places)
    assert (ms * DECODE + metres == expected).all()
    for start, end in draw.integers(0, len(places), (5, 2)):
        shape, weight = graph.way(int(places[start]), int(places[end]))
        assert weight == expected[start, end]
        ends = graph.lonlat[[places[start], places[end]]]
        assert (shape[[0, -1]] == ends).all()
        steps = np.diff(shape, axis=0) * 111_195
        assert np.hypot(*steps.T).sum() == pytest.approx(metres[start, end], rel=0.02, abs=25)


def test_a_prepared_graph_is_read_back_as_it_was(tmp_path):
    graph = make_graph(collapse(streets(1)))
    graph.write(tmp_path / "car.npz")
    again = Graph.read(tmp_path / "car.npz")
    assert (again.junctions, again.roads) == (graph.junctions, graph.roads)
    assert again.length_km == pytest.approx(graph.length_km)
    places = np.array([0, 5, 80, 80])
    assert (again.between(places)[0] == graph.between(places)[0]).all()
    assert (again.way(0, 80)[0] == graph.way(0, 80)[0]).all()


@pytest.mark.parametrize("wrong", ["missing", "broken", "older"])
def test_files_that_are_no_prepared_graph_are_refused(tmp_path, wrong):
    path = tmp_path / "car.npz"
    if wrong == "broken":
        path.write_bytes(b"PK no graph")
    if wrong == "older":
        with path.open("wb") as file:
            np.savez(file, version=0)
    with pytest.raises(InvalidRoads, match=r"car\.npz"):
        Graph.read(path)


def test_the_parts_of_a_graph_are_connected_both_ways():
    graph = make_graph(collapse(streets(4)))
    arcs = graph._arcs
    together = csr_array(
        (np.ones(len(arcs.tails)), (arcs.tails, arcs.heads)), shape=(graph.junctions,) * 2
    )
    assert connected_components(together, directed=True, connection="strong")[0] == 1

"""The graph of one mode: junctions, the lines between them, places along the lines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from routing.errors import InvalidRoads
from routing.travel import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

DECODE = 1 << 24
"""Weights are milliseconds x DECODE + metres. Both add up exactly in a float of 53 bits for ways up
to 149 hours and 16,777 km, so one search by time also tells the metres of the quickest way."""

SAMPLE_M = 20.0
"""Places along a line lie at most so far apart: points are moved to the nearest of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Vertices of a road between two nodes; `ms` and `metres` count from its start, per vertex."""

    start: int
    end: int
    lonlat: NDArray[np.float64]
    ms: NDArray[np.float64]
    metres: NDArray[np.float64]
    forward: bool
    backward: bool

    @classmethod
    def along(
        cls,
        nodes: Sequence[int],
        lonlat: NDArray[np.float64],
        *,
        kmh: float,
        forward: bool,
        backward: bool,
    ) -> Line:
        """Return the line along `lonlat` at one speed."""
        steps = _steps_m(lonlat)
        metres = np.concatenate([[0.0], np.cumsum(steps)])
        return cls(nodes[0], nodes[-1], lonlat, metres * 3600 / kmh, metres, forward, backward)

    def reversed(self) -> Line:
        """Return the same road drawn from its end."""
        return Line(
            self.end,
            self.start,
            self.lonlat[::-1],
            self.ms[-1] - self.ms[::-1],
            self.metres[-1] - self.metres[::-1],
            self.backward,
            self.forward,
        )

    def joined(self, other: Line) -> Line:
        """Return this line and `other`, which starts where it ends."""
        return Line(
            self.start,
            other.end,
            np.vstack([self.lonlat, other.lonlat[1:]]),
            np.concatenate([self.ms, self.ms[-1] + other.ms[1:]]),
            np.concatenate([self.metres, self.metres[-1] + other.metres[1:]]),
            self.forward and other.forward,
            self.backward and other.backward,
        )


def collapse(lines: Sequence[Line]) -> list[Line]:
    """Join lines at nodes where only two of them meet, so that junctions alone are left."""
    at: dict[int, list[Line]] = {}
    for line in lines:
        at.setdefault(line.start, []).append(line)
        at.setdefault(line.end, []).append(line)
    for node in list(at):
        if len(at[node]) != 2:  # noqa: PLR2004
            continue
        first, second = at[node]
        if first is second:
            continue
        first = first if first.end == node else first.reversed()
        second = second if second.start == node else second.reversed()
        joined = first.joined(second)
        # Where a road becomes one-way both parts would be lost to the way back.
        if (joined.forward, joined.backward) != (first.forward, first.backward) or (
            joined.forward,
            joined.backward,
        ) != (second.forward, second.backward):
            continue
        old = at.pop(node)
        for place in (joined.start, joined.end):
            for number, line in enumerate(at[place]):
                if line is old[0] or line is old[1]:
                    at[place][number] = joined
                    break
    return list({id(line): line for found in at.values() for line in found}.values())


class Graph:
    """Lines between numbered junctions, and places along them: (line, vertex) pairs.

    Places are numbered through: `line_of` and `vertex_of` tell which.
    """

    def __init__(self, lines: list[Line], junctions: int) -> None:
        self.lines, self.junctions = lines, junctions
        counts = [len(line.ms) for line in lines]
        self.line_of = np.repeat(np.arange(len(lines)), counts)
        self.vertex_of = np.concatenate([np.arange(count) for count in counts])
        self.lonlat = np.vstack([line.lonlat for line in lines])
        self._middle = self.lonlat.mean(axis=0)
        self._tree: cKDTree | None = None
        arcs = [(*ends, weight) for line in lines for *ends, weight in _arcs_of(line)]
        self._tails, self._heads, self._weights = (
            np.array(column, dtype=np.float64) for column in zip(*arcs, strict=True)
        )

    def nearest(self, points: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the place nearest to each of the (n, 2) points, and how many metres away."""
        from scipy.spatial import cKDTree

        if self._tree is None:
            self._tree = cKDTree(self._flat(self.lonlat))
        away_m, places = self._tree.query(self._flat(points).reshape(-1, 2))
        return np.asarray(places, dtype=np.int64), np.asarray(away_m, dtype=np.float64)

    def _flat(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return metres east and north; exact enough for a county, where it is used."""
        scale = np.radians(1.0) * EARTH_RADIUS_M
        flat: NDArray[np.float64] = (lonlat - self._middle) * [
            scale * np.cos(np.radians(self._middle[1])),
            scale,
        ]
        return flat

    def between(
        self, places: NDArray[np.int64], limit_s: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (n, n) milliseconds and metres of the quickest ways between places.

        Ways longer than `limit_s` are sought a second time, without a limit.
        """
        from scipy.sparse.csgraph import dijkstra

        graph = self._with_places(places)
        ends = np.arange(self.junctions, self.junctions + len(places))
        if not len(places):
            return np.zeros((0, 0)), np.zeros((0, 0))
        found = dijkstra(graph, indices=ends, limit=limit_s * 1000 * DECODE)[:, ends]
        again = np.flatnonzero(np.isinf(found).any(axis=1))
        if len(again):
            found[again] = dijkstra(graph, indices=ends[again])[:, ends]
        np.fill_diagonal(found, 0)
        return np.floor(found / DECODE), np.mod(found, DECODE)

    def way(self, start: int, end: int) -> tuple[NDArray[np.float64], float]:
        """Return the shape of the quickest way between two places and its weight."""
        from scipy.sparse.csgraph import dijkstra

        if start == end:
            return self.lonlat[[start]], 0.0
        graph = self._with_places(np.array([start, end]))
        first, last = self.junctions, self.junctions + 1
        weights, before = dijkstra(graph, indices=np.array(first), return_predecessors=True)
        nodes = [last]
        while nodes[-1] != first:
            nodes.append(int(before[nodes[-1]]))
        return self._shape(nodes[::-1], (start, end)), float(weights[last])

    def _shape(self, nodes: list[int], places: tuple[int, int]) -> NDArray[np.float64]:
        parts = [self._leg(here, there, places) for here, there in pairwise(nodes)]
        shape = np.vstack(parts)
        changes = np.append(True, (np.diff(shape, axis=0) != 0).any(axis=1))
        found: NDArray[np.float64] = shape[changes]
        return found

    def _leg(self, here: int, there: int, places: tuple[int, int]) -> NDArray[np.float64]:
        """Return the vertices between two neighbouring nodes of a way, by the lightest line."""
        ends = [self._on_lines(node, places) for node in (here, there)]
        best: tuple[float, NDArray[np.float64]] | None = None
        for number, first in ends[0]:
            for other, last in ends[1]:
                line = self.lines[number]
                if number != other or not (line.forward if first <= last else line.backward):
                    continue
                ms = abs(float(line.ms[last] - line.ms[first]))
                if best is None or ms < best[0]:
                    step = 1 if first <= last else -1
                    chosen = np.arange(first, last + step, step)
                    best = (ms, line.lonlat[chosen])
        if best is None:
            raise InvalidRoads("a way uses a road that is not there")  # pragma: no cover
        return best[1]

    def _on_lines(self, node: int, places: tuple[int, int]) -> list[tuple[int, int]]:
        """Return on which lines, at which vertices, a node lies."""
        if node >= self.junctions:
            place = places[node - self.junctions]
            return [(int(self.line_of[place]), int(self.vertex_of[place]))]
        return [
            (number, vertex)
            for number in self._lines_at().get(node, ())
            for vertex, end in (
                (0, self.lines[number].start),
                (len(self.lines[number].ms) - 1, self.lines[number].end),
            )
            if end == node
        ]

    def _lines_at(self) -> dict[int, list[int]]:
        if not hasattr(self, "_at"):
            self._at: dict[int, list[int]] = {}
            for number, line in enumerate(self.lines):
                for end in {line.start, line.end}:
                    self._at.setdefault(end, []).append(number)
        return self._at

    def _with_places(self, places: NDArray[np.int64]) -> csr_array:
        """Return the arcs between junctions and to, from and between the places on their lines."""
        from scipy.sparse import csr_array

        arcs: list[tuple[int, int, float]] = []
        on_line: dict[int, list[tuple[int, int]]] = {}
        for node, place in enumerate(places.tolist(), start=self.junctions):
            number, vertex = int(self.line_of[place]), int(self.vertex_of[place])
            line = self.lines[number]
            arcs += _arcs_between(line, (line.start, 0), (node, vertex))
            arcs += _arcs_between(line, (node, vertex), (line.end, len(line.ms) - 1))
            for other, other_vertex in on_line.get(number, ()):
                pair = sorted([(vertex, node), (other_vertex, other)])
                low, high = ((each, at) for at, each in pair)
                arcs += _arcs_between(line, low, high)
            on_line.setdefault(number, []).append((node, vertex))
        added = np.array(arcs, dtype=np.float64).reshape(-1, 3)
        tails = np.concatenate([self._tails, added[:, 0]]).astype(np.int64)
        heads = np.concatenate([self._heads, added[:, 1]]).astype(np.int64)
        weights = np.concatenate([self._weights, added[:, 2]])
        size = self.junctions + len(places)
        # Of parallel arcs the lightest counts; a sparse matrix would add them up.
        order = np.lexsort((weights, heads, tails))
        key = tails[order] * size + heads[order]
        first = np.append(True, np.diff(key) != 0)
        chosen = order[first]
        return csr_array((weights[chosen], (tails[chosen], heads[chosen])), shape=(size, size))


def make_graph(lines: Sequence[Line]) -> Graph:
    """Return the graph of the largest strongly connected part of `lines`."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    number = {node: i for i, node in enumerate({n for ln in lines for n in (ln.start, ln.end)})}
    arcs = [
        pair
        for line in lines
        for open_, pair in (
            (line.forward, (number[line.start], number[line.end])),
            (line.backward, (number[line.end], number[line.start])),
        )
        if open_
    ]
    tails, heads = np.array(arcs).T
    size = len(number)
    together = csr_array((np.ones(len(arcs)), (tails, heads)), shape=(size, size))
    _, part = connected_components(together, directed=True, connection="strong")
    largest = int(np.bincount(part).argmax())
    kept = [
        line
        for line in lines
        if part[number[line.start]] == largest and part[number[line.end]] == largest
    ]
    if not kept:
        raise InvalidRoads("no two places are connected in both directions")
    again = {node: i for i, node in enumerate({n for ln in kept for n in (ln.start, ln.end)})}
    return Graph([_sampled(line, again) for line in kept], len(again))


def _sampled(line: Line, number: dict[int, int]) -> Line:
    """Return the line with numbered ends and with vertices that lie near each other."""
    steps = np.diff(line.metres)
    pieces = np.maximum(1, np.ceil(steps / SAMPLE_M)).astype(np.int64)
    old = np.arange(len(line.metres), dtype=np.float64)
    at = np.append(
        np.concatenate([i + np.arange(count) / count for i, count in enumerate(pieces)]), old[-1]
    )
    lonlat = np.column_stack([np.interp(at, old, line.lonlat[:, axis]) for axis in (0, 1)])
    return Line(
        number[line.start],
        number[line.end],
        lonlat,
        np.interp(at, old, line.ms),
        np.interp(at, old, line.metres),
        line.forward,
        line.backward,
    )


def _arcs_of(line: Line) -> list[tuple[int, int, float]]:
    return _arcs_between(line, (line.start, 0), (line.end, len(line.ms) - 1))


def _arcs_between(
    line: Line, low: tuple[int, int], high: tuple[int, int]
) -> list[tuple[int, int, float]]:
    """Return the arcs both ways, as far as open, between two (node, vertex) of one line."""
    ms = float(line.ms[high[1]] - line.ms[low[1]])
    metres = float(line.metres[high[1]] - line.metres[low[1]])
    # A weight of nothing would be no arc at all in a sparse matrix.
    weight = max(1.0, round(ms)) * DECODE + round(metres)
    arcs = []
    if line.forward:
        arcs.append((low[0], high[0], weight))
    if line.backward:
        arcs.append((high[0], low[0], weight))
    return arcs


def _steps_m(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    half = np.sin(np.diff(lat) / 2) ** 2
    half += np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    steps: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half))
    return steps

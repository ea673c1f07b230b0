"""The graph of one mode: junctions, the roads between them, places along the roads."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from routing.errors import InvalidRoads
from routing.shortcuts import Arcs, Doors, Shortcuts, lightest
from routing.travel import EARTH_RADIUS_M

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

DECODE = 1 << 24
"""Weights are milliseconds x DECODE + metres. Both add up exactly in a float of 53 bits for ways up
to 149 hours and 16,777 km, so one search by time also tells the metres of the quickest way."""

VERSION = 1
"""Of the file of a prepared graph; an older file is made anew."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Columns:
    """Roads one after the other.

    Road r leads from junction `starts[r]` to `ends[r]` over the vertices `first[r]` to
    `first[r + 1]`, the last not included; `forward` and `backward` say which way it is open.
    `lonlat` (v, 2) are WGS-84 degrees; `ms` and `metres` (v,) count from the start of the road.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    first: NDArray[np.int64]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    lonlat: NDArray[np.float64]
    ms: NDArray[np.float64]
    metres: NDArray[np.float64]


class Graph:
    """Roads between numbered junctions, and places: vertices of roads, numbered through."""

    def __init__(
        self, columns: Columns, shortcuts: Shortcuts | None = None, *, of_junctions: int = 0
    ) -> None:
        self._roads = columns
        self._middle = columns.lonlat.mean(axis=0)
        self.junctions = int(max(columns.starts.max(), columns.ends.max())) + 1
        self.of_junctions = of_junctions or self.junctions
        """Junctions of the file that roads of the mode meet at, also where no way leads back."""
        self._arcs, self._road, self._along = self._open_arcs()
        self.shortcuts = shortcuts or Shortcuts.of(self._arcs, self.junctions)

    @property
    def roads(self) -> int:
        """How many roads lead between them."""
        return len(self._roads.starts)

    @property
    def lonlat(self) -> NDArray[np.float64]:
        """The places: (v, 2) WGS-84 degrees, longitude first."""
        return self._roads.lonlat

    @property
    def length_km(self) -> float:
        """Kilometres of road, each counted once."""
        return float(self._roads.metres[self._roads.first[1:] - 1].sum()) / 1000

    def write(self, path: Path) -> None:
        """Write a file that `read` opens much faster than roads are read and joined."""
        columns: dict[str, Any] = {f.name: getattr(self._roads, f.name) for f in fields(Columns)}
        columns |= self.shortcuts.columns() | {
            "version": np.array(VERSION),
            "of_junctions": np.array(self.of_junctions),
        }
        with path.open("wb") as file:
            np.savez(file, **columns)

    @classmethod
    def read(cls, path: Path) -> Graph:
        """Open what `write` wrote.

        Raises
        ------
        InvalidRoads
            When the file is missing, broken or of another version.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                found = {name: stored[name] for name in stored.files}
            if int(found.pop("version")) != VERSION:
                raise InvalidRoads(f"{path.name}: is of another version")
            columns = Columns(**{f.name: found.pop(f.name) for f in fields(Columns)})
            of_junctions = int(found.pop("of_junctions"))
            return cls(columns, Shortcuts.from_columns(found), of_junctions=of_junctions)
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise InvalidRoads(f"{path.name}: is no prepared graph: {error}") from error

    def nearest(self, points: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the place nearest to each of the (n, 2) points, and how many metres away."""
        away_m, places = self._tree.query(self._flat(points).reshape(-1, 2))
        return np.asarray(places, dtype=np.int64), np.asarray(away_m, dtype=np.float64)

    def between(self, places: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (n, n) milliseconds and metres of the quickest ways between places."""
        weights = self._between(places)
        return np.floor(weights / DECODE), np.mod(weights, DECODE)

    def way(self, start: int, end: int) -> tuple[NDArray[np.float64], float]:
        """Return the shape of the quickest way between two places and its weight."""
        from scipy.sparse.csgraph import dijkstra

        if start == end:
            return self.lonlat[[start]], 0.0
        places = np.array([start, end])
        weight = float(self._between(places)[0, 1])
        out, into = self._doors(places[:1], leaving=True), self._doors(places[1:], leaving=False)
        if not len(out.places) or not len(into.places) or weight == self._direct(start, end):
            return self._shape_along(start, end), weight
        # One node more, from which the roads lead away; nothing beyond the weight is sought.
        rows = Arcs(np.full(len(out.places), self.junctions), out.junctions, out.weights)
        doors, _ = lightest(rows, self.junctions + 1)
        indices = np.array([self.junctions])
        found, previous = dijkstra(
            self._with_row(doors), indices=indices, limit=weight, return_predecessors=True
        )
        before = previous[0]
        reached = found[0][into.junctions] + into.weights
        last = int(into.junctions[reached.argmin()])
        nodes = [last]
        while before[nodes[-1]] != self.junctions:
            nodes.append(int(before[nodes[-1]]))
        return self._shape(start, nodes[::-1], end), float(reached.min())

    @cached_property
    def _tree(self) -> cKDTree:
        from scipy.spatial import cKDTree

        # Unbalanced is as quick to ask and four times as quick to make.
        return cKDTree(self._flat(self.lonlat), balanced_tree=False, compact_nodes=False)

    def _flat(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return metres east and north; exact enough for a county, where it is used."""
        scale = np.radians(1.0) * EARTH_RADIUS_M
        flat: NDArray[np.float64] = (lonlat - self._middle) * [
            scale * np.cos(np.radians(self._middle[1])),
            scale,
        ]
        return flat

    def _open_arcs(self) -> tuple[Arcs, NDArray[np.int64], NDArray[np.bool_]]:
        """Return the lightest arc of each pair of junctions, its road and whether it goes along."""
        roads = self._roads
        last = roads.first[1:] - 1
        weight = _weights(roads.ms[last], roads.metres[last])
        forward, backward = np.flatnonzero(roads.forward), np.flatnonzero(roads.backward)
        road = np.concatenate([forward, backward])
        along = np.arange(len(road)) < len(forward)
        arcs = Arcs(
            np.where(along, roads.starts[road], roads.ends[road]),
            np.where(along, roads.ends[road], roads.starts[road]),
            weight[road],
        )
        found, which = lightest(arcs, self.junctions)
        return found, road[which], along[which]

    @cached_property
    def _matrix(self) -> csr_array:
        return self._arcs.matrix(self.junctions)

    def _with_row(self, row: Arcs) -> csr_array:
        from scipy.sparse import csr_array

        base, size = self._matrix, self.junctions + 1
        return csr_array(
            (
                np.concatenate([base.data, row.weights]),
                np.concatenate([base.indices, row.heads]).astype(np.int32),
                np.append(base.indptr, base.indptr[-1] + len(row.heads)).astype(np.int32),
            ),
            shape=(size, size),
        )

    def _road_of(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = np.searchsorted(self._roads.first, places, side="right") - 1
        return found

    def _doors(self, places: NDArray[np.int64], *, leaving: bool) -> Doors:
        """Return the ways from places to the ends of their roads, or from the ends to them."""
        roads = self._roads
        road = self._road_of(places)
        last = roads.first[road + 1] - 1
        to_start = _weights(roads.ms[places], roads.metres[places])
        to_end = _weights(
            roads.ms[last] - roads.ms[places], roads.metres[last] - roads.metres[places]
        )
        by_start = roads.backward[road] if leaving else roads.forward[road]
        by_end = roads.forward[road] if leaving else roads.backward[road]
        numbers = np.arange(len(places))
        return Doors(
            np.concatenate([numbers[by_start], numbers[by_end]]),
            np.concatenate([roads.starts[road][by_start], roads.ends[road][by_end]]),
            np.concatenate([to_start[by_start], to_end[by_end]]),
        )

    def _between(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        if not len(places):
            return np.zeros((0, 0))
        out, into = self._doors(places, leaving=True), self._doors(places, leaving=False)
        found = self.shortcuts.between(out, into, len(places))
        road = self._road_of(places)
        for shared in np.flatnonzero(np.bincount(road) > 1):
            on_it = np.flatnonzero(road == shared)
            for one in on_it:
                for other in on_it:
                    direct = self._direct(int(places[one]), int(places[other]))
                    found[one, other] = min(found[one, other], direct)
        np.fill_diagonal(found, 0)
        return found

    def _direct(self, start: int, end: int) -> float:
        """Return the weight along the one road that both places lie on; inf where it is closed."""
        road = int(np.searchsorted(self._roads.first, start, side="right")) - 1
        if not self._roads.first[road] <= end < self._roads.first[road + 1]:
            return np.inf
        if start == end:
            return 0.0
        is_open = self._roads.forward[road] if start < end else self._roads.backward[road]
        ms = abs(self._roads.ms[end] - self._roads.ms[start])
        metres = abs(self._roads.metres[end] - self._roads.metres[start])
        return float(_weights(ms, metres)) if is_open else np.inf

    def _shape(self, start: int, nodes: list[int], end: int) -> NDArray[np.float64]:
        parts = [self._to_junction(start, nodes[0], leaving=True)]
        for here, there in pairwise(nodes):
            parts.append(self._leg(here, there))
        parts.append(self._to_junction(end, nodes[-1], leaving=False)[::-1])
        shape = np.vstack(parts)
        changes = np.append(True, (np.diff(shape, axis=0) != 0).any(axis=1))
        found: NDArray[np.float64] = shape[changes]
        return found

    def _leg(self, here: int, there: int) -> NDArray[np.float64]:
        """Return the vertices of the lightest road between two neighbouring junctions."""
        begin, after = self._matrix.indptr[here], self._matrix.indptr[here + 1]
        arc = begin + int(np.searchsorted(self._matrix.indices[begin:after], there))
        road = self._road[arc]
        first, last = int(self._roads.first[road]), int(self._roads.first[road + 1]) - 1
        ends = (first, last) if self._along[arc] else (last, first)
        return self._shape_along(*ends)

    def _to_junction(self, place: int, junction: int, *, leaving: bool) -> NDArray[np.float64]:
        """Return the vertices from a place to the end of its road at `junction`, the nearer one."""
        doors = self._doors(np.array([place]), leaving=leaving)
        weight = doors.weights[doors.junctions == junction].min()
        road = int(self._road_of(np.array([place]))[0])
        first, last = int(self._roads.first[road]), int(self._roads.first[road + 1]) - 1
        to_start = _weights(self._roads.ms[place], self._roads.metres[place])
        open_ = self._roads.backward[road] if leaving else self._roads.forward[road]
        by_start = self._roads.starts[road] == junction and open_ and to_start == weight
        return self._shape_along(place, first if by_start else last)

    def _shape_along(self, start: int, end: int) -> NDArray[np.float64]:
        step = 1 if start <= end else -1
        found: NDArray[np.float64] = self.lonlat[np.arange(start, end + step, step)]
        return found


def _weights(
    ms: NDArray[np.float64] | np.float64, metres: NDArray[np.float64] | np.float64
) -> NDArray[np.float64]:
    # A weight of nothing would be no arc at all in a sparse matrix.
    found: NDArray[np.float64] = np.maximum(1.0, np.rint(ms)) * DECODE + np.rint(metres)
    return found

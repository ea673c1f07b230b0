"""Travel along a road network: quickest ways between points, with their shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from routing.errors import InvalidRoads, TooFarFromRoads
from routing.graph import DECODE, Graph
from routing.network import Line, collapse, make_graph
from routing.road_file import read_road_lines
from routing.speeds import Mode, RoadSpeeds
from routing.travel import TravelKind, TravelTimes, require_points, whole_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from routing.road_file import Box, RoadLine

MOST_SNAP_M = 1000.0
"""A firm farther from every road has a wrong position or lies beyond the road file."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadPath:
    """A way along roads: (k, 2) WGS-84 degrees, longitude first, with the points at its ends."""

    lonlat: NDArray[np.float64]
    seconds: int
    metres: int


class Roads:
    """A road network; the graph of a mode is made, or opened, when it is first asked for."""

    def __init__(
        self,
        lines: list[RoadLine],
        speeds: RoadSpeeds | None = None,
        *,
        prepared: Mapping[Mode, Path] | None = None,
    ) -> None:
        self._lines, self._speeds = lines, speeds or RoadSpeeds()
        self._prepared = dict(prepared or {})
        self._graphs: dict[Mode, Graph] = {}

    @classmethod
    def prepared(cls, files: Mapping[Mode, Path]) -> Roads:
        """Return the roads of graphs that `Graph.write` wrote; the extra `roads` is not needed."""
        return cls([], prepared=files)

    @classmethod
    def read(
        cls, path: Path, speeds: RoadSpeeds | None = None, *, within: Box | None = None
    ) -> Roads:
        """Read an .osm.pbf or .osm file; with `within` only roads that begin or end in the box.

        Raises
        ------
        InvalidRoads
            When the file cannot be read or holds no road.
        ImportError
            When the extra `roads` is not installed.
        """
        return cls(read_road_lines(path, within=within), speeds)

    def graph(self, mode: Mode) -> Graph:
        """Return the largest strongly connected part of the roads open to `mode`.

        Raises
        ------
        InvalidRoads
            When no road is open to it, or its prepared file cannot be opened.
        """
        if mode not in self._graphs and mode in self._prepared:
            self._graphs[mode] = Graph.read(self._prepared[mode])
        if mode not in self._graphs:
            lines = self._open_lines(mode)
            if not lines:
                raise InvalidRoads(f"no road is open to {mode}")
            self._graphs[mode] = make_graph(collapse(lines))
        return self._graphs[mode]

    def _open_lines(self, mode: Mode) -> list[Line]:
        speeds = self._speeds.of(mode)
        return [
            Line.along(
                line.nodes,
                line.lonlat,
                kmh=speeds[line.road],
                forward=mode in line.forward,
                backward=mode in line.backward,
            )
            for line in self._lines
            if line.road in speeds and (mode in line.forward or mode in line.backward)
        ]

    def matrix(
        self, points_lonlat: NDArray[np.float64], mode: Mode, *, most_snap_m: float = MOST_SNAP_M
    ) -> TravelTimes:
        """Return the travel of the quickest ways between all points, each way by itself.

        Points are moved to the nearest road of the largest strongly connected part; the way to it
        is reported as `snap_m` and takes no time.

        Parameters
        ----------
        points_lonlat
            (n, 2) WGS-84 degrees, longitude first.
        most_snap_m
            Points farther from a road are refused.

        Raises
        ------
        InvalidPoints
            When a value is out of its range.
        TooFarFromRoads
            When a point is; the message names its row and the distance.
        """
        points = require_points(points_lonlat)
        graph = self.graph(mode)
        snapped, snap_m = _snap(graph, points, most_snap_m)
        milliseconds, metres = graph.between(snapped)
        return TravelTimes(
            seconds=whole_numbers(np.ceil(milliseconds / 1000)),
            metres=whole_numbers(metres),
            kind=TravelKind.ROADS,
            snap_m=snap_m,
        )

    def path(
        self,
        start_lonlat: tuple[float, float],
        end_lonlat: tuple[float, float],
        mode: Mode,
        *,
        most_snap_m: float = MOST_SNAP_M,
    ) -> RoadPath:
        """Return the quickest way between two points with its shape.

        Raises
        ------
        InvalidPoints, TooFarFromRoads
            As `matrix`.
        """
        points = require_points(np.array([start_lonlat, end_lonlat], dtype=np.float64))
        graph = self.graph(mode)
        (start, end), _ = _snap(graph, points, most_snap_m)
        shape, weight = graph.way(int(start), int(end))
        return RoadPath(
            lonlat=np.vstack([points[:1], shape, points[1:]]),
            seconds=int(np.ceil(weight // DECODE / 1000)),
            metres=int(weight % DECODE),
        )


def _snap(
    graph: Graph, points: NDArray[np.float64], most_snap_m: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    snapped, snap_m = graph.nearest(points)
    for row in np.flatnonzero(snap_m > most_snap_m):
        lon, lat = points[row]
        raise TooFarFromRoads(
            f"points_lonlat[{row}] ({lon:.5f}, {lat:.5f}) lies {snap_m[row]:.0f} m from the "
            f"nearest road, more than {most_snap_m:.0f} m; correct its position "
            "or use a larger road file"
        )
    return snapped, snap_m

"""Lines of roads joined to a network: junctions alone are left, all of them connected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from routing.errors import InvalidRoads
from routing.graph import Columns, Graph
from routing.travel import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
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
    sampled = [_sampled(line, again) for line in kept]
    return Graph(
        Columns(
            starts=np.array([line.start for line in sampled]),
            ends=np.array([line.end for line in sampled]),
            first=np.cumsum([0, *(len(line.ms) for line in sampled)]),
            forward=np.array([line.forward for line in sampled]),
            backward=np.array([line.backward for line in sampled]),
            lonlat=np.vstack([line.lonlat for line in sampled]),
            ms=np.concatenate([line.ms for line in sampled]),
            metres=np.concatenate([line.metres for line in sampled]),
        ),
        of_junctions=size,
    )


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


def _steps_m(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    half = np.sin(np.diff(lat) / 2) ** 2
    half += np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    steps: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half))
    return steps

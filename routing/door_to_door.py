"""Travel from door to door: along roads where a place lies near one, straight where not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from routing.graph import DECODE
from routing.roads import MOST_SNAP_M
from routing.travel import (
    TravelKind,
    TravelTimes,
    haversine_m,
    require_points,
    straight_line,
    whole_numbers,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from routing.roads import Roads
    from routing.speeds import Mode

Point = tuple[float, float]
"""Longitude and latitude, WGS-84 degrees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beeline:
    """How a straight line is travelled: `speed_kmh` above 0, `detour_factor` at least 1."""

    speed_kmh: float
    detour_factor: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leg:
    """The way from one door to the next: (k, 2) WGS-84 degrees, from the first door to the last.

    `by_road` is false where one of the doors is too far from every road, so that the way is a
    straight line and its time an estimate.
    """

    lonlat: NDArray[np.float64]
    seconds: int
    metres: int
    by_road: bool


def door_to_door(
    roads: Roads,
    points_lonlat: NDArray[np.float64],
    mode: Mode,
    beeline: Beeline,
    *,
    most_snap_m: float = MOST_SNAP_M,
) -> TravelTimes:
    """Return the travel between all points; nobody is refused.

    Between points near roads it is the quickest way along them, and from each door straight to its
    road. Two doors nearer to each other than both are to their roads are joined straight where
    that is quicker. Points farther than `most_snap_m` from every road are joined straight to all
    others; `by_road` of the answer says which are not.

    Raises
    ------
    InvalidPoints, InvalidRoads
        As `straight_line` and `Roads.graph`.
    """
    points = require_points(points_lonlat)
    straight = straight_line(
        points, speed_kmh=beeline.speed_kmh, detour_factor=beeline.detour_factor
    )
    seconds, metres = straight.seconds.astype(np.float64), straight.metres.astype(np.float64)
    graph = roads.graph(mode)
    places, snap_m = graph.nearest(points)
    near = snap_m <= most_snap_m
    at = np.flatnonzero(near)
    if len(at):
        ms, road_m = graph.between(places[at])
        apart_m = np.add.outer(snap_m[at], snap_m[at])
        block = np.ix_(at, at)
        by_road_s = np.ceil(ms / 1000 + apart_m * 3.6 / beeline.speed_kmh - 1e-6)
        beside = (haversine_m(points[at]) <= apart_m) & (seconds[block] < by_road_s)
        seconds[block] = np.where(beside, seconds[block], by_road_s)
        metres[block] = np.where(beside, metres[block], np.rint(road_m + apart_m))
        seconds[at, at] = metres[at, at] = 0
    return TravelTimes(
        seconds=whole_numbers(seconds),
        metres=whole_numbers(metres),
        kind=TravelKind.ROADS if near.any() else TravelKind.STRAIGHT_LINE,
        snap_m=snap_m,
        by_road=near,
    )


def legs(
    roads: Roads,
    stations: Sequence[Point],
    mode: Mode,
    beeline: Beeline,
    *,
    most_snap_m: float = MOST_SNAP_M,
) -> list[Leg]:
    """Return the ways from station to station, with the times of `door_to_door`.

    Raises
    ------
    InvalidPoints, InvalidRoads
        As `door_to_door`.
    """
    points = require_points(np.array(stations, dtype=np.float64).reshape(-1, 2))
    graph = roads.graph(mode)
    places, snap_m = graph.nearest(points)
    found = []
    for here, there in pairwise(range(len(points))):
        ends = points[[here, there]]
        straight = straight_leg(ends, beeline)
        if max(snap_m[here], snap_m[there]) > most_snap_m:
            found.append(straight)
            continue
        apart_m = float(snap_m[here] + snap_m[there])
        shape, weight = graph.way(int(places[here]), int(places[there]))
        seconds = int(np.ceil(weight // DECODE / 1000 + apart_m * 3.6 / beeline.speed_kmh - 1e-6))
        if haversine_m(ends)[0, 1] <= apart_m and straight.seconds < seconds:
            shape, seconds, metres = shape[:0], straight.seconds, straight.metres
        else:
            metres = round(weight % DECODE + apart_m)
        same = bool((ends[0] == ends[1]).all())
        found.append(
            Leg(
                lonlat=np.vstack([ends[:1], shape, ends[1:]]),
                seconds=0 if same else seconds,
                metres=0 if same else metres,
                by_road=True,
            )
        )
    return found


def straight_leg(ends: NDArray[np.float64], beeline: Beeline) -> Leg:
    """Return the straight line between two points, labelled as what it is."""
    times = straight_line(ends, speed_kmh=beeline.speed_kmh, detour_factor=beeline.detour_factor)
    return Leg(
        lonlat=ends, seconds=int(times.seconds[0, 1]), metres=int(times.metres[0, 1]), by_road=False
    )

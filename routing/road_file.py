"""Roads out of an OpenStreetMap file: lines between junctions with who may go which way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from routing.errors import InvalidRoads
from routing.speeds import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

CLOSED = frozenset({"no", "private"})
OPEN = frozenset({"yes", "designated", "permissive", "destination"})
OWN_KEYS = {
    Mode.WALKING: ("foot",),
    Mode.E_BIKE: ("bicycle", "moped"),
    Mode.CAR: ("motorcar", "motor_vehicle", "vehicle"),
}
"""Keys that say more about a mode than `access` does, the nearest first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadLine:
    """A road between two places where ways meet or end.

    `nodes` are ids; `forward` and `backward` name the modes that may go each way, both ways at the
    speeds of `road`, a value of `highway`.
    """

    road: str
    nodes: tuple[int, ...]
    lonlat: NDArray[np.float64]
    forward: frozenset[Mode]
    backward: frozenset[Mode]


Box = tuple[float, float, float, float]
"""West, south, east and north in WGS-84 degrees."""


def read_road_lines(path: Path, *, within: Box | None = None) -> list[RoadLine]:
    """Read all roads of an .osm.pbf or .osm file, cut where they meet.

    With `within` only ways that begin or end in the box.

    Raises
    ------
    InvalidRoads
        When the file cannot be read or holds no road.
    ImportError
        When the extra `roads` is not installed.
    """
    ways = [way for way in _ways(path) if within is None or _touches(way, within)]
    if not ways:
        where = "" if within is None else f" within {within}"
        raise InvalidRoads(f"{path.name}: holds no road (way with `highway`){where}")
    used: dict[int, int] = {}
    for way in ways:
        for place, node in enumerate(way.nodes):
            end = place in {0, len(way.nodes) - 1}
            used[node] = used.get(node, 0) + (2 if end else 1)
    return [line for way in ways for line in _cut(way, used)]


def read_day(path: Path) -> date | None:
    """Return the day whose roads a file holds, as its header says; None where it says nothing.

    Raises
    ------
    InvalidRoads
        When the file cannot be read.
    ImportError
        When the extra `roads` is not installed.
    """
    import osmium

    try:
        reader = osmium.io.Reader(str(path))
        stamp = reader.header().get("osmosis_replication_timestamp")
        reader.close()
    except RuntimeError as error:
        raise InvalidRoads(f"{path.name}: cannot be read: {error}") from error
    return date.fromisoformat(stamp[:10]) if stamp else None


def _touches(way: RoadLine, box: Box) -> bool:
    west, south, east, north = box
    return any(
        west <= lon <= east and south <= lat <= north for lon, lat in way.lonlat[[0, -1]].tolist()
    )


def _ways(path: Path) -> Iterator[RoadLine]:
    # Loaded here and not above: it is an extra.
    import osmium

    try:
        reader = osmium.FileProcessor(str(path)).with_locations()
        for way in reader.with_filter(osmium.filter.KeyFilter("highway")):
            if not isinstance(way, osmium.osm.Way):
                continue
            tags = {tag.k: tag.v for tag in way.tags}
            known = [node for node in way.nodes if node.location.valid()]
            forward, backward = _directions(tags)
            if len(known) > 1 and (forward or backward) and tags.get("area") != "yes":
                yield RoadLine(
                    road=tags["highway"],
                    nodes=tuple(node.ref for node in known),
                    lonlat=np.array([(node.lon, node.lat) for node in known]),
                    forward=forward,
                    backward=backward,
                )
    except RuntimeError as error:
        raise InvalidRoads(f"{path.name}: cannot be read: {error}") from error


def _directions(tags: Mapping[str, str]) -> tuple[frozenset[Mode], frozenset[Mode]]:
    allowed = {mode for mode in Mode if _may_use(tags, mode)}
    oneway = tags.get("oneway", "")
    forced = tags.get("junction") in {"roundabout", "circular"} or tags["highway"] == "motorway"
    if oneway not in {"yes", "true", "1", "-1", "reverse"} and (not forced or oneway == "no"):
        return frozenset(allowed), frozenset(allowed)
    both = {Mode.WALKING}
    if tags.get("oneway:bicycle") == "no":
        both.add(Mode.E_BIKE)
    along, against = frozenset(allowed), frozenset(allowed & both)
    return (against, along) if oneway in {"-1", "reverse"} else (along, against)


def _may_use(tags: Mapping[str, str], mode: Mode) -> bool:
    for key in (*OWN_KEYS[mode], "access"):
        if tags.get(key) in CLOSED:
            return False
        if tags.get(key) in OPEN:
            return True
    return True


def _cut(way: RoadLine, used: Mapping[int, int]) -> Iterator[RoadLine]:
    last = len(way.nodes) - 1
    first = 0
    for place in range(1, last + 1):
        if place == last or used[way.nodes[place]] > 1:
            yield RoadLine(
                road=way.road,
                nodes=way.nodes[first : place + 1],
                lonlat=way.lonlat[first : place + 1],
                forward=way.forward,
                backward=way.backward,
            )
            first = place

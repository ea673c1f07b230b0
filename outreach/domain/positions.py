"""Where an enterprise stands, how that is known, and how far it may be off."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.domain.wording import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable


class PositionSource(StrEnum):
    """How a position became known. The first two were seen on the ground, by a person."""

    PERSON = "person"
    VISIT = "visit"
    REGISTER = "register"
    GAZETTEER = "gazetteer"
    GEOCODER = "geocoder"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _SOURCE_LABELS[self]


_SOURCE_LABELS = {
    PositionSource.PERSON: "人工标注",
    PositionSource.VISIT: "走访时记的位置",
    PositionSource.REGISTER: "登记表里的坐标",
    PositionSource.GAZETTEER: "地名库",
    PositionSource.GEOCODER: "在线地址解析",
}


class UnplacedReason(StrEnum):
    """Why an enterprise has no position; nothing is guessed."""

    NO_ADDRESS = "no_address"
    NO_KNOWN_PLACE = "no_known_place"
    TOWNSHIP_ONLY = "township_only"
    SEVERAL_PLACES = "several_places"
    OUTSIDE_GRIDS = "outside_grids"

    @property
    def sentence(self) -> Sentence:
        """The reason in words, with the remedy."""
        return Sentence(template=_UNPLACED[self])


_UNPLACED = {
    UnplacedReason.NO_ADDRESS: "没有地址,请补上地址",
    UnplacedReason.NO_KNOWN_PLACE: "地址里没有地名库认识的地名,请补充地名库或地址",
    UnplacedReason.TOWNSHIP_ONLY: "地址只到镇街,请补上路名、村名或楼名",
    UnplacedReason.SEVERAL_PLACES: "几个镇街都有这个地名,地址里没有写是哪个镇街",
    UnplacedReason.OUTSIDE_GRIDS: "位置不在任何网格里,请核对地址或网格边界",
}

REGISTER_ERROR_M = 50.0
"""Error radius of a coordinate pair that a register delivers without one: a building's size."""

MARK_ERROR_M = 30.0
"""Error radius of a point that a person set on the map: a fingertip at the scale of streets."""

WIDEST_GPS_M = 200.0
"""A phone that knows its place less exactly than this says nothing about a firm: a grid of a town
is a few hundred metres wide. The point is kept, but it places nothing."""

MOVED_M = 200.0
"""Coordinates of one register that lie farther apart than this tell of a move, not of a better
measurement."""

EARTH_M = 6_371_008.8
"""Mean radius of the earth in metres (IUGG)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A point in WGS-84 degrees with the received pair, its datum and an error radius in metres.

    `as_of` is the day for which it holds, `None` where nothing tells one.
    """

    lon: float
    lat: float
    received_lon: float
    received_lat: float
    datum: str
    source: PositionSource
    error_m: float
    place_name: str = ""
    as_of: date | None = None


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two (lon, lat) in degrees along the earth's surface (haversine)."""
    lon1, lat1, lon2, lat2 = map(math.radians, (*one, *other))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def choose_seen(points: Iterable[Position]) -> Position | None:
    """Choose among points that people saw on the ground, or give `None` without any.

    The newest stands, on one day a person's mark before a visit's point. An older point that the
    newest one confirms (their error radii meet) and that is more exact stands in its place. A
    visit's point that is less exact than `WIDEST_GPS_M` is no point.
    """
    usable = [
        p for p in points if p.source is not PositionSource.VISIT or p.error_m <= WIDEST_GPS_M
    ]
    usable.sort(key=lambda p: (p.as_of or date.min, p.source is PositionSource.PERSON))
    if not usable:
        return None
    newest = usable[-1]
    confirmed = [p for p in usable if _confirms(newest, p)]
    return min(reversed(confirmed), key=lambda p: p.error_m)


def _confirms(newest: Position, other: Position) -> bool:
    apart = distance_m((newest.lon, newest.lat), (other.lon, other.lat))
    return apart <= newest.error_m + other.error_m

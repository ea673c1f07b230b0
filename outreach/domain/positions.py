"""Where an enterprise stands, how that is known, and how far it may be off."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from outreach.domain.wording import Sentence


class PositionSource(StrEnum):
    """How a position became known, best first."""

    REGISTER = "register"
    GAZETTEER = "gazetteer"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"register": "登记表里的坐标", "gazetteer": "地名库"}[self.value]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A point in WGS-84 degrees with the received pair, its datum and an error radius in metres."""

    lon: float
    lat: float
    received_lon: float
    received_lat: float
    datum: str
    source: PositionSource
    error_m: float
    place_name: str = ""

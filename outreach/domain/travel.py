"""What travel times are made from: straight lines, a road file or a road server."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from outreach.domain.wording import Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

FASTEST_KMH = 200.0
FARTHEST_SNAP_M = 1000.0
"""A firm farther from every road has a wrong position, or lies beyond the road file."""


class TravelBasis(StrEnum):
    """What the minutes on the way are made from."""

    STRAIGHT_LINE = "straight_line"
    ROADS = "roads"
    PARTLY = "roads_partly"
    SERVER = "server"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "straight_line": "直线估算",
            "roads": "按道路",
            "roads_partly": "按道路,部分直线估算",
            "server": "按路径服务",
        }[self.value]

    @property
    def is_by_road(self) -> bool:
        """Whether at least a part of the way follows roads."""
        return self is not TravelBasis.STRAIGHT_LINE

    @property
    def is_whole(self) -> bool:
        """Whether no part of the way is a straight line."""
        return self in {TravelBasis.ROADS, TravelBasis.SERVER}


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelNote:
    """What a plan says of its travel times.

    `roads_on` is the day whose roads the road file holds, `key` names the kept file; both are empty
    without one.
    """

    basis: TravelBasis = TravelBasis.STRAIGHT_LINE
    roads_on: date | None = None
    key: str = ""

    @property
    def sentence(self) -> Sentence:
        """What stands beside the minutes."""
        if self.roads_on is None or self.basis not in _WITH_DAY:
            return Sentence(template=self.basis.label)
        return Sentence(template=_WITH_DAY[self.basis], values={"day": self.roads_on.isoformat()})

    def as_json(self) -> dict[str, str]:
        """Return the form in which a plan keeps it."""
        day = self.roads_on.isoformat() if self.roads_on else ""
        return {"basis": self.basis.value, "roads_on": day, "key": self.key}

    @classmethod
    def from_figures(cls, figures: Mapping[str, Any]) -> TravelNote:
        """Read back what a plan keeps among its figures; older plans went straight."""
        stored = figures.get("travel")
        if not stored:
            return cls()
        day = stored["roads_on"]
        return cls(
            basis=TravelBasis(stored["basis"]),
            roads_on=date.fromisoformat(day) if day else None,
            key=stored["key"],
        )


_WITH_DAY = {
    TravelBasis.ROADS: "按道路({day} 的路网)",
    TravelBasis.PARTLY: "按道路({day} 的路网),部分直线估算",
}


def join_bases(bases: list[TravelBasis]) -> TravelBasis:
    """What to say of several ways together; without any they are straight."""
    found = set(bases)
    if len(found) == 1:
        return bases[0]
    return TravelBasis.PARTLY if found else TravelBasis.STRAIGHT_LINE


class RoadEngine(StrEnum):
    """The program that answers on a road server."""

    OSRM = "osrm"
    VALHALLA = "valhalla"
    OPENROUTESERVICE = "openrouteservice"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadRule:
    """Settings `[roads]`; they say nothing until a road file was kept or a server is named.

    most_snap_m : firms farther from every road are reached by straight line, 1-1000 metres.
    walk, e_bike, car : kilometres per hour by class of road (the value of OpenStreetMap's
        `highway`), above 0, at most 200; classes that are not named keep the usual speed.
    server_engine : osrm, valhalla or openrouteservice; without it nothing is ever asked.
    server_url : http or https, with port and path.
    server_hosts : the hosts that may be asked; the URL's must be one of them.
    server_key : of openrouteservice, where the server wants one.
    """

    most_snap_m: float = FARTHEST_SNAP_M
    walk: Mapping[str, float] = field(default_factory=dict)
    e_bike: Mapping[str, float] = field(default_factory=dict)
    car: Mapping[str, float] = field(default_factory=dict)
    server_engine: RoadEngine | None = None
    server_url: str = ""
    server_hosts: tuple[str, ...] = ()
    server_key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.most_snap_m <= FARTHEST_SNAP_M:
            raise ValueError(f"roads.most_snap_m = {self.most_snap_m}: must lie in 1..1000")
        for mode in ("walk", "e_bike", "car"):
            for road, kmh in getattr(self, mode).items():
                if not 0 < kmh <= FASTEST_KMH:
                    raise ValueError(f"roads.{mode}.{road} = {kmh}: must lie in 0..200 km/h")
        object.__setattr__(self, "server_hosts", tuple(self.server_hosts))
        if self.server_engine is not None:
            object.__setattr__(self, "server_engine", RoadEngine(self.server_engine))
            if not self.server_url or not self.server_hosts:
                raise ValueError("roads.server_engine: needs server_url and server_hosts")

"""How fast each mode goes on each class of road."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from routing.errors import InvalidRoads

if TYPE_CHECKING:
    from collections.abc import Mapping


class Mode(StrEnum):
    """How a grid worker travels."""

    WALKING = "walking"
    E_BIKE = "e_bike"
    CAR = "car"

    @property
    def label(self) -> str:
        """What the planner reads."""
        return {"walking": "步行", "e_bike": "电动车", "car": "汽车"}[self.value]


_CAR = {
    "motorway": 90, "motorway_link": 50, "trunk": 65, "trunk_link": 40, "primary": 50,
    "primary_link": 35, "secondary": 42, "secondary_link": 30, "tertiary": 36,
    "tertiary_link": 28, "unclassified": 28, "residential": 22, "road": 22, "service": 15,
    "living_street": 12, "track": 12,
}  # fmt: skip

_E_BIKE = {
    "trunk": 22, "trunk_link": 18, "primary": 22, "primary_link": 18, "secondary": 22,
    "secondary_link": 18, "tertiary": 20, "tertiary_link": 18, "unclassified": 20,
    "residential": 16, "road": 16, "service": 12, "living_street": 10, "track": 10,
    "cycleway": 18, "path": 8, "pedestrian": 6, "footway": 5,
}  # fmt: skip

_WALKING = dict.fromkeys(
    (
        "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link",
        "tertiary", "tertiary_link", "unclassified", "residential", "road", "service",
        "living_street", "track", "cycleway", "path", "pedestrian", "footway",
    ),
    4.5,
) | {"steps": 2.5}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadSpeeds:
    """Kilometres per hour by class of road (the value of OpenStreetMap's `highway`) and mode.

    A class that a mode lacks is closed to it. The defaults for cars are usual speeds with stops,
    below the limits; those for electric bicycles and walking are set by judgement and are to be
    corrected by a site's own arrivals.
    """

    walking: Mapping[str, float] = field(default_factory=lambda: MappingProxyType(_WALKING))
    e_bike: Mapping[str, float] = field(default_factory=lambda: MappingProxyType(_E_BIKE))
    car: Mapping[str, float] = field(default_factory=lambda: MappingProxyType(_CAR))

    def __post_init__(self) -> None:
        for mode in Mode:
            for road, kmh in self.of(mode).items():
                if not 0 < kmh <= 200:  # noqa: PLR2004  (faster than any road)
                    raise InvalidRoads(f"speeds: {mode} on {road} is {kmh}, not in 0..200 km/h")

    def of(self, mode: Mode) -> Mapping[str, float]:
        """Return the speeds of a mode by class of road."""
        return {Mode.WALKING: self.walking, Mode.E_BIKE: self.e_bike, Mode.CAR: self.car}[mode]

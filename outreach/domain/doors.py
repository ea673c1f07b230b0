"""Firms behind one door: which stops are one building, and on which floor each is."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from outreach.domain.positions import distance_m

LONGEST_DOOR_NOTE = 200
"""Characters of "how to find the door"."""

EXACT_M = 50.0
"""A position no worse than this tells buildings apart; a road's middle does not."""

ONE_DOOR_M = 20.0
"""Two exact points that lie no farther apart are one building: a house is that deep."""

ONE_ADDRESS_M = 300.0
"""Two firms at one written address are one building within this distance: roads of one name lie
in many towns."""

_REGION = re.compile(
    r"^(?:[^省]{1,8}省)?(?:[^市]{1,8}市)?(?:[^区县园]{1,8}[区县])?(?:[^镇乡]{1,8}(?:镇|乡|街道))?"
)
_ROOMS = (
    re.compile(r"(?P<floor>\d{1,2})-\d{1,4}(?:室|号)?$"),
    re.compile(r"(?P<floor>\d{1,2})(?:层|楼|F|f)(?:\d{1,4}(?:室|号)?|[A-Za-z]?座?|整层)?$"),
    re.compile(r"(?:第)?(?P<floor>[一二三四五六七八九十]{1,3})(?:层|楼)(?:\d{1,4}室?)?$"),
    re.compile(r"(?P<room>\d{3,4})(?:室|房|单元)$"),
)
_BUILDING = re.compile(r"(?:[栋幢座楼厦]|大厦|中心|广场|\d号|#|园区?\d)$")
_DIGITS = {word: number for number, word in enumerate("一二三四五六七八九十", start=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPlace:
    """Where a firm is, as far as it tells its building: (lon, lat), error in metres, address."""

    lon: float
    lat: float
    error_m: float
    address: str


def split_address(address: str) -> tuple[str, int | None]:
    """An address up to its building, and the floor; an empty text where no building is named."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", address))
    for pattern in _ROOMS:
        if match := pattern.search(text):
            building = _REGION.sub("", text[: match.start()])
            return (building if _BUILDING.search(building) else ""), _floor(match)
    building = _REGION.sub("", text)
    return (building if _BUILDING.search(building) else ""), None


def _floor(match: re.Match[str]) -> int | None:
    groups = match.groupdict()
    if room := groups.get("room"):
        return int(room) // 100 or None
    floor = groups["floor"]
    if floor.isdigit():
        return int(floor) or None
    tens, _, ones = floor.rpartition("十")
    if "十" not in floor:
        return _DIGITS.get(floor)
    return 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)


def is_one_building(one: DoorPlace, other: DoorPlace) -> bool:
    """Whether two firms are behind one door.

    They are when both are placed exactly and almost at one point, or when their addresses name one
    building and nothing places them far apart. A shared point of a road tells nothing.
    """
    apart = distance_m((one.lon, one.lat), (other.lon, other.lat))
    if max(one.error_m, other.error_m) <= EXACT_M and apart <= ONE_DOOR_M:
        return True
    building = split_address(one.address)[0]
    return bool(building) and building == split_address(other.address)[0] and apart <= ONE_ADDRESS_M


def group_doors(places: list[DoorPlace]) -> list[int]:
    """The number of the door of each stop, in order; only neighbours on the way share a door."""
    doors: list[int] = []
    for index, place in enumerate(places):
        same = index > 0 and is_one_building(places[index - 1], place)
        doors.append(doors[-1] if same else index)
    return doors

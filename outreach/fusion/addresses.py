"""An address into its township and the place of the gazetteer that it names."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from outreach.domain.positions import Position

_TOWNSHIP = re.compile(r"(?:[省市区县州]|^)([^省市区县州]{1,8}?(?:镇|乡|街道|开发区|工业园区))")


@dataclass(frozen=True, slots=True, kw_only=True)
class GazetteerPlace:
    """One place: WGS-84 degrees, the radius in metres within which an address there lies."""

    name: str
    township: str
    lon: float
    lat: float
    received_lon: float
    received_lat: float
    datum: str
    error_m: float


def tidy_address(text: str) -> str:
    """Return the address in one form: NFKC, without blanks, `#` for 号."""
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return unicodedata.normalize("NFKC", folded).replace("#", "号")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gazetteer:
    """The district's places, ready for searching addresses; and what else is known of its places.

    `marks` are points that people set, by the record they were set for; `answers` what an online
    geocoder said of an address as it was sent.
    """

    places: Mapping[str, tuple[GazetteerPlace, ...]]
    townships: tuple[str, ...]
    marks: Mapping[int, tuple[Position, ...]] = field(default_factory=dict, repr=False)
    answers: Mapping[str, Position] = field(default_factory=dict, repr=False)
    _pattern: re.Pattern[str] = field(repr=False)
    _township_pattern: re.Pattern[str] = field(repr=False)

    @classmethod
    def of(cls, places: Iterable[GazetteerPlace], townships: Iterable[str] = ()) -> Gazetteer:
        """Index the places by name; township names come from the places and the grids."""
        by_name: dict[str, list[GazetteerPlace]] = defaultdict(list)
        known = set(townships)
        for place in places:
            by_name[tidy_address(place.name)].append(place)
            if place.township:
                known.add(place.township)
        ordered = tuple(sorted(known, key=lambda name: (-len(name), name)))
        return cls(
            places={name: tuple(found) for name, found in by_name.items()},
            townships=ordered,
            _pattern=_any_of(set(by_name) - known),
            _township_pattern=_any_of(known),
        )

    def township_of(self, address: str) -> str:
        """The township that the address names, or an empty text.

        The known names come first; without any the word before 镇, 乡 or 街道 is taken.
        """
        text = tidy_address(address)
        if match := self._township_pattern.search(text):
            return match[0]
        if self.townships:
            return ""
        match = _TOWNSHIP.search(text)
        return match[1] if match else ""

    def find_places(self, address: str) -> list[str]:
        """The names of places in the address, in order; the longest name at each position."""
        text = tidy_address(address)
        text = self._township_pattern.sub("|", text) if self.townships else text
        return self._pattern.findall(text)


_REGION = re.compile(
    r"^(?:[^省市区县镇乡]{2,6}(?:省|自治区))?(?:[^省市区县镇乡]{1,6}(?:市|自治州|盟))?"
    r"(?:[^省市区县镇乡路街村号]{1,5}(?:县?区|县|旗))?"
)
_NOTE = re.compile(r"\([^()]*\)|(?:旁边?|对面|附近|[一二三四五六七八九]楼)$")
_SPELLINGS = str.maketrans({"幢": "栋", "座": "栋", "号": "-", "室": "-", "—": "-", ",": "-"})
_NUMBER = re.compile(r"[0-9A-Z]+", re.IGNORECASE)
_LEAST_SHARED = 0.75
"""Two places whose names share fewer of their characters are not two spellings of one."""


def is_same_place(one: str, other: str, gazetteer: Gazetteer) -> bool:
    """Whether two addresses may be two spellings of one place; an address that is missing may be.

    Regions, brackets, 号 and 室, full width and notes such as 对面 are spelling. Another township,
    another place of the gazetteer or another number is another place; a number that only one of
    them gives (a room, a floor) is not.
    """
    first, second = _Spelled.of(one, gazetteer), _Spelled.of(other, gazetteer)
    if not first.rest or not second.rest or first.rest == second.rest:
        return not (first.township and second.township and first.township != second.township)
    if first.township and second.township and first.township != second.township:
        return False
    if first.places and second.places and not first.places & second.places:
        return False
    shorter, longer = sorted((first.numbers, second.numbers), key=len)
    if longer[: len(shorter)] != shorter:
        return False
    return bool(first.places & second.places) or _share_letters(first.rest, second.rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spelled:
    """An address in the parts that tell places apart; `rest` stands behind the township."""

    township: str
    rest: str
    places: frozenset[str]
    numbers: tuple[str, ...]

    @classmethod
    def of(cls, address: str, gazetteer: Gazetteer) -> _Spelled:
        text = tidy_address(address)
        township = gazetteer.township_of(text)
        rest = text.partition(township)[2] if township else _REGION.sub("", text)
        rest = _NOTE.sub("", _NOTE.sub("", rest)).translate(_SPELLINGS)
        return cls(
            township=township,
            rest=re.sub("-+", "-", rest).strip("-"),
            places=frozenset(gazetteer.find_places(text)),
            numbers=tuple(number.upper() for number in _NUMBER.findall(rest)),
        )


def _share_letters(one: str, other: str) -> bool:
    first, second = (set(_NUMBER.sub("", text).replace("-", "")) for text in (one, other))
    if not first or not second:
        return True
    return len(first & second) >= _LEAST_SHARED * min(len(first), len(second))


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted((name for name in names if name), key=lambda name: (-len(name), name))
    return re.compile("|".join(map(re.escape, ordered)) or r"(?!)")

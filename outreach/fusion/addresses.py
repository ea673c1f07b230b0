"""An address into its township and the place of the gazetteer that it names."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
    """The district's places, ready for searching addresses."""

    places: Mapping[str, tuple[GazetteerPlace, ...]]
    townships: tuple[str, ...]
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


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted((name for name in names if name), key=lambda name: (-len(name), name))
    return re.compile("|".join(map(re.escape, ordered)) or r"(?!)")

"""Addresses of the demo district: a town, a place in it, and what follows."""
# ruff: noqa: PLR2004  (bare figures are shares and house numbers)

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.demo import words
from outreach.demo.industries import Site
from outreach.demo.places import PlaceKind

if TYPE_CHECKING:
    import random

    from outreach.demo.places import Place
    from outreach.demo.towns import Town

UNLISTED_SHARE = 0.034
"""Share of firms at a place that the gazetteer does not list."""

VAGUE_SHARE = 0.01
"""Share of firms whose address names no place at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a firm sits, as far as an address tells.

    Attributes
    ----------
    town
        Name of the township; empty in a vague address.
    place
        Name of the place within the town; empty in a vague address.
    listed
        Whether the place stands in the gazetteer.
    """

    town: str
    place: str
    tail: str
    listed: bool = True


class AddressBook:
    """Draws addresses: the town by its size, the place by what suits the trade."""

    def __init__(self, rng: random.Random, *, towns: list[Town], places: list[Place]) -> None:
        self._rng = rng
        self._towns = towns
        self._places: dict[tuple[int, PlaceKind], list[Place]] = {}
        for place in places:
            self._places.setdefault((place.town, place.kind), []).append(place)
        sizes = [town.share for town in towns]
        self._weights = dict.fromkeys(Site, sizes)
        self._weights[Site.VILLAGE] = [0.01 + share**0.5 for share in sizes]
        self._weights[Site.PARK] = [
            share**0.6 * len(self._places.get((number, PlaceKind.PARK), ()))
            for number, share in enumerate(sizes)
        ]

    def draw(self, site: Site) -> Address:
        """Return an address that suits the site."""
        rng = self._rng
        chance = rng.random()
        if chance < VAGUE_SHARE:
            return Address(town="", place="", tail=rng.choice(words.VAGUE_ADDRESSES), listed=False)
        (number,) = rng.choices(range(len(self._towns)), weights=self._weights[site])
        town = self._towns[number].name
        if chance < VAGUE_SHARE + UNLISTED_SHARE:
            tail = rng.choice(("", f"{rng.randint(1, 60)}号", f"{rng.randint(1, 9)}栋"))
            return Address(
                town=town, place=rng.choice(words.UNLISTED_PLACES), tail=tail, listed=False
            )
        if rng.random() < 0.22:
            site = rng.choice(tuple(Site))
        places = self._list_places(number, site)
        place = rng.choice(places)
        return Address(town=town, place=place.name, tail=self._make_tail(place.kind))

    def _list_places(self, town: int, site: Site) -> list[Place]:
        kinds = {
            Site.STREET: (PlaceKind.STREET,),
            Site.BUILDING: (PlaceKind.BUILDING, PlaceKind.STREET),
            Site.PARK: (PlaceKind.PARK, PlaceKind.PARK_STREET),
            Site.VILLAGE: (PlaceKind.VILLAGE,),
        }[site]
        kind = kinds[0] if self._rng.random() < 0.65 else kinds[-1]
        return self._places.get((town, kind)) or self._places[town, PlaceKind.VILLAGE]

    def _make_tail(self, kind: PlaceKind) -> str:
        rng = self._rng
        number, block = rng.randint(1, 399), rng.randint(1, 20)
        if kind is PlaceKind.STREET:
            return rng.choice(
                (
                    f"{number}号",
                    f"{number}号",
                    f"{number}号{rng.randint(1, 60)}号店面",
                    f"{number}号{rng.randint(101, 1999)}室",
                    f"{number}号{block}栋{rng.randint(1, 4)}单元{rng.randint(101, 1899)}室",
                )
            )
        if kind is PlaceKind.BUILDING:
            return f"{rng.randint(1, 12)}栋{rng.randint(1, 28)}-{rng.randint(1, 9)}"
        if kind is PlaceKind.VILLAGE:
            group = rng.choice((f"{rng.randint(1, 20)}组", rng.choice(words.VILLAGE_GROUPS)))
            return group + rng.choice(("", f"{rng.randint(1, 99)}号"))
        if kind is PlaceKind.PARK_STREET:
            return f"{rng.randint(1, 99)}号"
        return rng.choice(
            (
                f"{rng.randint(1, 55)}号厂房",
                f"A区{rng.randint(1, 99)}号",
                f"{rng.randint(1, 20)}栋{rng.randint(1, 6)}层",
            )
        )

"""An address into a position, or the reason why there is none; nothing is guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.domain.positions import Position, PositionSource, UnplacedReason

if TYPE_CHECKING:
    from outreach.fusion.addresses import Gazetteer, GazetteerPlace

WIDEST_ERROR_M = 1000.0
"""A place known less exactly than this does not say which grid it is in: a grid of a town is a few
hundred metres wide, one of a village a few kilometres."""


def place_address(address: str, gazetteer: Gazetteer) -> Position | UnplacedReason:
    """Find where an address lies.

    A place name counts in the township that the address names; without a township only when the
    whole district has one place of that name. Among several places the most exact one counts.
    """
    if not address.strip():
        return UnplacedReason.NO_ADDRESS
    township = gazetteer.township_of(address)
    names = gazetteer.find_places(address)
    found, several = _candidates(names, township, gazetteer)
    exact = [place for place in found if place.error_m <= WIDEST_ERROR_M]
    if exact:
        return _position(min(exact, key=lambda place: place.error_m))
    if several:
        return UnplacedReason.SEVERAL_PLACES
    return UnplacedReason.TOWNSHIP_ONLY if township else UnplacedReason.NO_KNOWN_PLACE


def _candidates(
    names: list[str], township: str, gazetteer: Gazetteer
) -> tuple[list[GazetteerPlace], bool]:
    found: list[GazetteerPlace] = []
    several = False
    for name in names:
        places = gazetteer.places[name]
        if township:
            found += [place for place in places if place.township in {township, ""}]
        elif len(places) == 1:
            found.append(places[0])
        else:
            several = True
    return found, several and not found


def _position(place: GazetteerPlace) -> Position:
    return Position(
        lon=place.lon,
        lat=place.lat,
        received_lon=place.received_lon,
        received_lat=place.received_lat,
        datum=place.datum,
        source=PositionSource.GAZETTEER,
        error_m=place.error_m,
        place_name=place.name,
    )

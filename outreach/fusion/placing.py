"""An enterprise's position, or the reason why there is none; nothing is guessed.

The order of belief is written down in docs/decisions/0013-where-a-firm-stands.md.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from outreach.domain.positions import (
    MOVED_M,
    REGISTER_ERROR_M,
    Position,
    PositionSource,
    UnplacedReason,
    choose_seen,
    distance_m,
)
from outreach.domain.sources import Source
from outreach.domain.statements import Prop
from outreach.fusion.addresses import is_same_place, tidy_address
from outreach.fusion.deliveries import present_statements
from outreach.fusion.survivorship import addresses_by_belief

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from outreach.domain.statements import Statement
    from outreach.fusion.addresses import Gazetteer, GazetteerPlace

WIDEST_ERROR_M = 1000.0
"""A place known less exactly than this does not say which grid it is in: a grid of a town is a few
hundred metres wide, one of a village a few kilometres."""

_ADDRESSES = frozenset({Prop.ADDRESS, Prop.BIZ_ADDRESS})


def place_enterprise(
    statements: Iterable[Statement], gazetteer: Gazetteer
) -> Position | UnplacedReason:
    """Place an enterprise by the best that is known of it.

    A point that a person saw on the ground (a mark, a visit's fix) stands until a register tells
    of a move after that day; then a register's coordinates; then the addresses, each by the
    gazetteer; then by what an online geocoder answered.
    """
    said = list(statements)
    seen = choose_seen([*_marks(said, gazetteer), *_fixes(said)])
    if seen is not None and not _moved_since(seen, said, gazetteer):
        return seen
    received = _received(said)
    if received is not None:
        return received
    return _by_address(addresses_by_belief(present_statements(said)), gazetteer)


def _marks(said: list[Statement], gazetteer: Gazetteer) -> list[Position]:
    records = {statement.record_id for statement in said} if gazetteer.marks else set()
    return [mark for record in sorted(records) for mark in gazetteer.marks.get(record, ())]


def _fixes(said: list[Statement]) -> list[Position]:
    return [read_position(s) for s in said if s.prop is Prop.POSITION and s.source is Source.VISIT]


def _received(said: list[Statement]) -> Position | None:
    """The newest pair that a register delivered."""
    pairs = [s for s in said if s.prop is Prop.POSITION and s.source is not Source.VISIT]
    newest = max(pairs, key=_newness, default=None)
    return read_position(newest) if newest else None


def read_position(statement: Statement) -> Position:
    """Read the point of a statement, `lon,lat,datum`, into WGS-84.

    The raw text of a visit's point has the radius in metres at its end.
    """
    from maps.datum import Datum, to_wgs84  # lazy: start-up time

    lon, lat, datum = statement.value.split(",")
    x, y = to_wgs84([float(lon)], [float(lat)], Datum(datum))
    is_visit = statement.source is Source.VISIT
    error_m = float(statement.raw.rpartition(",")[2]) if is_visit else REGISTER_ERROR_M
    return Position(
        lon=float(x[0]),
        lat=float(y[0]),
        received_lon=float(lon),
        received_lat=float(lat),
        datum=datum,
        source=PositionSource.VISIT if is_visit else PositionSource.REGISTER,
        error_m=error_m,
        as_of=statement.as_of,
    )


def _moved_since(seen: Position, said: list[Statement], gazetteer: Gazetteer) -> bool:
    """Whether a register told of another place after the day on which the point was seen.

    The same register must have told a place before, so that a file that comes late, or tells the
    old place in other words, moves nobody.
    """
    day = seen.as_of or date.min
    for source in {s.source for s in said} - {Source.VISIT}:
        addresses = [s for s in said if s.source is source and s.prop in _ADDRESSES]
        pairs = [s for s in said if s.source is source and s.prop is Prop.POSITION]
        if _differs(addresses, day, gazetteer) or _is_apart(pairs, day):
            return True
    return False


def _differs(said: list[Statement], day: date, gazetteer: Gazetteer) -> bool:
    before, newest = _split(said, day)
    return newest is not None and not any(
        is_same_place(newest.value, old.value, gazetteer) for old in before
    )


def _is_apart(said: list[Statement], day: date) -> bool:
    before, newest = _split(said, day)
    if newest is None:
        return False
    there = read_position(newest)
    olds = [read_position(old) for old in before]
    return all(distance_m((there.lon, there.lat), (old.lon, old.lat)) > MOVED_M for old in olds)


def _split(said: list[Statement], day: date) -> tuple[list[Statement], Statement | None]:
    """What was said up to a day, and the newest after it; that only where there is a before."""
    before = [s for s in said if (s.as_of or date.min) <= day]
    after = [s for s in said if (s.as_of or date.min) > day]
    return before, max(after, key=_newness) if before and after else None


def _newness(statement: Statement) -> tuple[date, int, int]:
    return (statement.as_of or date.min, statement.delivery, -statement.record_id)


def _by_address(addresses: Sequence[str], gazetteer: Gazetteer) -> Position | UnplacedReason:
    reason = UnplacedReason.NO_ADDRESS
    for address in addresses:
        found = place_address(address, gazetteer)
        if isinstance(found, Position):
            return found
        if reason is UnplacedReason.NO_ADDRESS:
            reason = found
    answers = (gazetteer.answers.get(tidy_address(address)) for address in addresses)
    return next((answer for answer in answers if answer is not None), reason)


def place_address(address: str, gazetteer: Gazetteer) -> Position | UnplacedReason:
    """Find where an address lies by the gazetteer.

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

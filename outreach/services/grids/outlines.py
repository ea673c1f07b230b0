"""Outlines of grids and names of places, by which a person finds her way on an empty map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.storage.grids import Grid, Place

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_SIMPLER_DEG = 0.0002
"""Outlines on the page are simplified by about 20 metres."""

_MOST_PLACES = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """What the page draws to find the way: (lon, lat) in WGS-84 degrees.

    `grids` are rings with the grid's name, `towns` those of the firm's township; `places` are names
    of the gazetteer there.
    """

    grids: tuple[tuple[str, bool, tuple[tuple[float, float], ...]], ...]
    places: tuple[tuple[str, float, float], ...]


def draw_outlines(session: Session, district_id: int, township: str) -> Outlines:
    """The district's grids, those of the township marked, with the places of the township."""
    from shapely.geometry import shape  # lazy: start-up time

    rings: list[tuple[str, bool, tuple[tuple[float, float], ...]]] = []
    for grid in session.scalars(
        select(Grid).where(Grid.district_id == district_id).order_by(Grid.code)
    ):
        simpler = shape(grid.geometry).simplify(_SIMPLER_DEG)
        parts = getattr(simpler, "geoms", [simpler])
        rings += [
            (
                grid.name,
                not township or grid.township == township,
                tuple((round(x, 5), round(y, 5)) for x, y in part.exterior.coords),
            )
            for part in parts
        ]
    query = select(Place.name, Place.lon, Place.lat).where(Place.district_id == district_id)
    if township:
        query = query.where(Place.township == township)
    places = session.execute(query.order_by(Place.error_m, Place.name).limit(_MOST_PLACES))
    return Outlines(
        grids=tuple(rings),
        places=tuple((name, round(lon, 6), round(lat, 6)) for name, lon, lat in places),
    )

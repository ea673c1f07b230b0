"""The district's gazetteer: places with township, point and error radius."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from outreach.domain.calendar import CHINA
from outreach.domain.positions import Position, PositionSource
from outreach.errors import InvalidInput
from outreach.fusion.addresses import Gazetteer, GazetteerPlace, tidy_address
from outreach.fusion.placing import WIDEST_ERROR_M
from outreach.services.administration.audit import write_audit
from outreach.services.grids.grid_workers import TableImport
from outreach.sources.tables import read_table
from outreach.storage.grids import Grid, Place
from outreach.storage.positions import GeocodedAddress, MarkedPosition

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from maps.datum import Datum
    from outreach.sources.workbooks import Limits

_COLUMNS = {
    "地名": ("地名", "名称", "标准地名"),
    "所属镇街": ("所属镇街", "镇街", "乡镇", "街道", "所属乡镇"),
    "经度": ("经度", "lon", "lng"),
    "纬度": ("纬度", "lat"),
    "误差米": ("误差米", "误差(米)", "误差"),
}
_WIDEST_M = 50_000


def import_gazetteer(
    session: Session, path: Path, *, district_id: int, datum: Datum, limits: Limits, now: datetime
) -> TableImport:
    """Store places; a place of the same name and township is replaced.

    Raises
    ------
    FileRefused, InvalidInput
        When the table cannot be read or names one place twice; nothing is stored.
    """
    from maps.datum import to_wgs84  # lazy: start-up time

    rows = read_table(path, _COLUMNS, limits)
    received = [
        (r.number("经度", low=-180, high=180), r.number("纬度", low=-90, high=90)) for r in rows
    ]
    lon, lat = to_wgs84([p[0] for p in received], [p[1] for p in received], datum)
    wanted: dict[tuple[str, str], dict[str, str | float]] = {}
    for row, pair, x, y in zip(rows, received, lon, lat, strict=True):
        key = (row.text("地名"), row.cells.get("所属镇街", ""))
        if key in wanted:
            raise InvalidInput(
                "“{file}”第 {row} 行:“{township}”的“{name}”出现两次",
                file=row.file_name,
                row=row.row,
                township=key[1],
                name=key[0],
            )
        wanted[key] = {
            "lon": float(x),
            "lat": float(y),
            "received_lon": pair[0],
            "received_lat": pair[1],
            "datum": datum.value,
            "error_m": row.number("误差米", low=0, high=_WIDEST_M),
        }
    counts = _store(session, wanted, district_id)
    write_audit(
        session,
        district_id=district_id,
        account_id=None,
        action="import_gazetteer",
        subject="district",
        subject_id=district_id,
        now=now,
        detail={"rows": len(rows)},
    )
    return TableImport(file_name=path.name, **counts)


def _store(
    session: Session, wanted: dict[tuple[str, str], dict[str, str | float]], district_id: int
) -> dict[str, int]:
    known = {
        (p.name, p.township): p
        for p in session.scalars(select(Place).where(Place.district_id == district_id))
    }
    added = [
        {"district_id": district_id, "name": key[0], "township": key[1], **values}
        for key, values in wanted.items()
        if key not in known
    ]
    changed = [
        {"id": known[key].id, **values}
        for key, values in wanted.items()
        if key in known and any(getattr(known[key], k) != v for k, v in values.items())
    ]
    if added:
        session.execute(insert(Place), added)
    if changed:
        session.execute(update(Place), changed)
    unchanged = len(wanted) - len(added) - len(changed)
    return {"added": len(added), "changed": len(changed), "unchanged": unchanged}


def load_gazetteer(session: Session, district_id: int) -> Gazetteer:
    """Load what is known of the district's places, for placing its enterprises.

    That is the gazetteer with the townships' names, what people marked, what a geocoder answered.
    """
    columns = [getattr(Place, name) for name in _PLACE]
    places = session.execute(
        select(*columns).where(Place.district_id == district_id).order_by(Place.id)
    )
    townships = session.scalars(
        select(Grid.township).where(Grid.district_id == district_id).distinct()
    )
    return replace(
        _index(tuple(map(tuple, places)), tuple(sorted(name for name in townships if name))),
        marks=_load_marks(session, district_id),
        answers=_load_answers(session, district_id),
    )


_PLACE = tuple(field.name for field in fields(GazetteerPlace))


@lru_cache(maxsize=4)
def _index(places: tuple[tuple[Any, ...], ...], townships: tuple[str, ...]) -> Gazetteer:
    """Index places; those of the last few districts are kept, since decisions ask one by one."""
    known = (GazetteerPlace(**dict(zip(_PLACE, place, strict=True))) for place in places)
    return Gazetteer.of(known, townships)


def _load_marks(session: Session, district_id: int) -> dict[int, tuple[Position, ...]]:
    """The newest mark of each record that was not taken back."""
    query = (
        select(MarkedPosition)
        .where(MarkedPosition.district_id == district_id, MarkedPosition.revoked_at.is_(None))
        .order_by(MarkedPosition.id)
    )
    return {
        mark.record_id: (
            Position(
                lon=mark.lon,
                lat=mark.lat,
                received_lon=mark.received_lon,
                received_lat=mark.received_lat,
                datum=mark.datum,
                source=PositionSource.PERSON,
                error_m=mark.error_m,
                as_of=mark.marked_at.astimezone(CHINA).date(),
            ),
        )
        for mark in session.scalars(query)
    }


def _load_answers(session: Session, district_id: int) -> dict[str, Position]:
    """What online geocoders know exactly enough, by tidied address; the newest answer counts."""
    query = (
        select(GeocodedAddress)
        .where(
            GeocodedAddress.district_id == district_id,
            GeocodedAddress.lon.is_not(None),
            GeocodedAddress.error_m <= WIDEST_ERROR_M,
        )
        .order_by(GeocodedAddress.asked_at, GeocodedAddress.id)
    )
    return {
        tidy_address(answer.address): Position(
            lon=answer.lon,
            lat=answer.lat,
            received_lon=answer.received_lon or answer.lon,
            received_lat=answer.received_lat or answer.lat,
            datum=answer.datum,
            source=PositionSource.GEOCODER,
            error_m=answer.error_m,
            place_name=answer.level,
            as_of=answer.asked_at.astimezone(CHINA).date(),
        )
        for answer in session.scalars(query)
        if answer.lon is not None and answer.lat is not None and answer.error_m is not None
    }

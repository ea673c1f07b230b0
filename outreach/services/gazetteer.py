"""The district's gazetteer: places with township, point and error radius."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from outreach.errors import InvalidInput
from outreach.fusion.addresses import Gazetteer, GazetteerPlace
from outreach.services.audit import write_audit
from outreach.services.grid_workers import TableImport
from outreach.sources.tables import read_table
from outreach.storage.grids import Grid, Place

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
    """Load the district's places and township names for searching addresses."""
    places = session.scalars(select(Place).where(Place.district_id == district_id))
    townships = session.scalars(
        select(Grid.township).where(Grid.district_id == district_id).distinct()
    )
    return Gazetteer.of(
        (
            GazetteerPlace(
                name=p.name,
                township=p.township,
                lon=p.lon,
                lat=p.lat,
                received_lon=p.received_lon,
                received_lat=p.received_lat,
                datum=p.datum,
                error_m=p.error_m,
            )
            for p in places
        ),
        (name for name in townships if name),
    )

"""Grid workers with their grid and the point of the community office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.errors import InvalidInput
from outreach.services.administration.audit import write_audit
from outreach.sources.tables import read_table
from outreach.storage.grids import Grid, GridWorker

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from maps.datum import Datum
    from outreach.sources.tables import TableRow
    from outreach.sources.workbooks import Limits

_COLUMNS = {
    "网格编码": ("网格编码", "网格编号", "网格代码"),
    "网格员": ("网格员", "网格员姓名", "姓名"),
    "联系电话": ("联系电话", "电话", "手机"),
    "办公点经度": ("办公点经度", "经度"),
    "办公点纬度": ("办公点纬度", "纬度"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableImport:
    """What became of a table: lines added, changed, unchanged."""

    file_name: str
    added: int
    changed: int
    unchanged: int


def import_grid_workers(
    session: Session, path: Path, *, district_id: int, datum: Datum, limits: Limits, now: datetime
) -> TableImport:
    """Store one grid worker per grid; a known grid's worker is replaced.

    Raises
    ------
    FileRefused, InvalidInput
        When the table cannot be read, names an unknown grid or a grid twice; nothing is stored.
    """
    from maps.datum import to_wgs84  # lazy: start-up time

    rows = read_table(path, _COLUMNS, limits)
    grids = {
        g.code: g.id for g in session.scalars(select(Grid).where(Grid.district_id == district_id))
    }
    known = {
        w.grid_id: w
        for w in session.scalars(select(GridWorker).where(GridWorker.district_id == district_id))
    }
    pairs = [_pair(row) for row in rows]
    lon, lat = to_wgs84([p[0] for p in pairs], [p[1] for p in pairs], datum)
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    seen: set[int] = set()
    for row, pair, x, y in zip(rows, pairs, lon, lat, strict=True):
        grid_id = _grid_of(row, grids, seen)
        values: dict[str, str | float] = {
            "name": row.text("网格员"),
            "phone": row.cells.get("联系电话", ""),
            "office_lon": float(x),
            "office_lat": float(y),
            "received_lon": pair[0],
            "received_lat": pair[1],
            "datum": datum.value,
        }
        counts[_store(session, known.get(grid_id), district_id, grid_id, values)] += 1
    session.flush()
    write_audit(
        session,
        district_id=district_id,
        account_id=None,
        action="import_grid_workers",
        subject="district",
        subject_id=district_id,
        now=now,
        detail={"rows": len(rows)},
    )
    return TableImport(file_name=path.name, **counts)


def _pair(row: TableRow) -> tuple[float, float]:
    return row.number("办公点经度", low=-180, high=180), row.number("办公点纬度", low=-90, high=90)


def _grid_of(row: TableRow, grids: dict[str, int], seen: set[int]) -> int:
    code = row.text("网格编码")
    if code not in grids:
        raise InvalidInput(
            "“{file}”第 {row} 行的网格编码“{code}”不存在,请先导入网格",
            file=row.file_name,
            row=row.row,
            code=code,
        )
    if grids[code] in seen:
        raise InvalidInput(
            "“{file}”第 {row} 行的网格编码“{code}”出现两次",
            file=row.file_name,
            row=row.row,
            code=code,
        )
    seen.add(grids[code])
    return grids[code]


def _store(
    session: Session,
    worker: GridWorker | None,
    district_id: int,
    grid_id: int,
    values: dict[str, str | float],
) -> str:
    if worker is None:
        session.add(GridWorker(district_id=district_id, grid_id=grid_id, **values))
        return "added"
    if all(getattr(worker, key) == value for key, value in values.items()):
        return "unchanged"
    for key, value in values.items():
        setattr(worker, key, value)
    return "changed"

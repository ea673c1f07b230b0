"""Grid polygons: import with a stated datum, and which grid a point lies in."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, cast, select

from maps.datum import Datum
from outreach.domain.calendar import CHINA
from outreach.errors import FileRefused, InvalidInput
from outreach.services.administration.audit import write_audit
from outreach.services.grids.grid_findings import finding_sentence
from outreach.sources.specs import header_key
from outreach.storage.grid_history import GridChange, GridVersion
from outreach.storage.grids import Grid

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from shapely import MultiPolygon, Polygon
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from maps.errors import MapsError
    from maps.grid_files import GridFeature
    from maps.grids import GridIndex
    from outreach.domain.wording import Sentence
    from outreach.sources.workbooks import Limits

_CODE = ("网格编码", "网格编号", "网格代码", "code", "grid_code")
_NAME = ("网格名称", "名称", "name", "grid_name")
_TOWNSHIP = ("所属镇街", "镇街", "所属乡镇", "所属街道", "乡镇", "街道", "township")


@dataclass(frozen=True, slots=True, kw_only=True)
class GridImport:
    """What became of a grid file. `findings` are overlaps, gaps and repairs to look at."""

    file_name: str
    added: int
    changed: int
    unchanged: int
    not_in_file: tuple[str, ...]
    findings: tuple[Sentence, ...]


def parse_datum(text: str) -> Datum:
    """Read the name of a datum.

    Raises
    ------
    InvalidInput
        When it is none of wgs84, gcj02 and bd09.
    """
    try:
        return Datum(text)
    except ValueError as error:
        raise InvalidInput("坐标系“{value}”不认识,应是 wgs84、gcj02 或 bd09", value=text) from error


def import_grids(
    session: Session, path: Path, *, district_id: int, datum: Datum, limits: Limits, now: datetime
) -> GridImport:
    """Store the grids of a GeoJSON file in WGS-84 beside what was received.

    A grid with a known code is replaced; grids that the file does not name stay and are reported.

    Raises
    ------
    FileRefused
        When the file is missing, too large, or no GeoJSON of polygons with code and name.
    """
    from maps.errors import MapsError  # lazy: start-up time
    from maps.grid_files import geometry_to_wgs84, read_grid_features
    from maps.grids import check_grids, repaired

    if not path.is_file():
        raise FileRefused("没有找到文件“{file}”,请核对文件名", file=str(path))
    if path.stat().st_size > limits.most_bytes:
        raise FileRefused("“{file}”太大,没有打开", file=path.name)
    try:
        features = read_grid_features(path)
        received = [geometry_to_wgs84(feature.geometry, datum) for feature in features]
    except MapsError as error:
        raise _refusal(error, path) from error
    moved = [repaired(geometry) for geometry in received]
    named = [_Named.of(feature, path) for feature in features]
    _require_unique([name.code for name in named], path)
    report = _save(session, named, features, moved, district_id=district_id, datum=datum, now=now)
    findings = tuple(
        finding_sentence(f) for f in check_grids([name.code for name in named], received)
    )
    write_audit(
        session,
        district_id=district_id,
        account_id=None,
        action="import_grids",
        subject="district",
        subject_id=district_id,
        now=now,
        detail={"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "grids": len(named)},
    )
    return GridImport(file_name=path.name, findings=findings, **report)


def _refusal(error: MapsError, path: Path) -> FileRefused:
    from maps.errors import GridFileError  # lazy: start-up time

    if isinstance(error, GridFileError) and error.feature is not None:
        return FileRefused(
            "“{file}”第 {number} 个网格的 {field} 不能用,请核对多边形和经纬度(经度在前)",
            file=path.name,
            number=error.feature,
            field=error.field,
        )
    return FileRefused(
        "“{file}”不是网格文件,请导出为 GeoJSON(FeatureCollection,WGS-84、GCJ-02 或 BD-09 的度数)",
        file=path.name,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    code: str
    name: str
    township: str

    @classmethod
    def of(cls, feature: GridFeature, path: Path) -> _Named:
        properties = {header_key(str(key)): value for key, value in feature.properties.items()}

        def find(names: tuple[str, ...]) -> str:
            for name in names:
                if (value := properties.get(header_key(name))) not in {None, ""}:
                    return str(value).strip()
            return ""

        code = find(_CODE)
        if not code:
            raise FileRefused(
                "“{file}”第 {number} 个网格没有“{field}”",
                file=path.name,
                number=feature.number,
                field=_CODE[0],
            )
        return cls(code=code, name=find(_NAME) or code, township=find(_TOWNSHIP))


def _require_unique(codes: list[str], path: Path) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise FileRefused("“{file}”里网格编码“{code}”出现两次", file=path.name, code=code)
        seen.add(code)


def _save(
    session: Session,
    named: list[_Named],
    features: list[GridFeature],
    moved: list[Any],
    *,
    district_id: int,
    datum: Datum,
    now: datetime,
) -> dict[str, Any]:
    from shapely.geometry import mapping  # lazy: start-up time

    known = {
        grid.code: grid
        for grid in session.scalars(select(Grid).where(Grid.district_id == district_id))
    }
    added = changed = 0
    reshaped: list[tuple[Grid, Any, Any]] = []
    for name, feature, geometry in zip(named, features, moved, strict=True):
        values = {
            "name": name.name,
            "township": name.township,
            "geometry": _plain(mapping(geometry)),
            "received": _plain(mapping(feature.geometry)),
            "datum": datum.value,
        }
        grid = known.pop(name.code, None)
        if grid is None:
            session.add(Grid(district_id=district_id, code=name.code, imported_at=now, **values))
            added += 1
        elif any(getattr(grid, key) != value for key, value in values.items()):
            if grid.geometry != values["geometry"]:
                reshaped.append((grid, grid.geometry, values["geometry"]))
            for key, value in {**values, "imported_at": now}.items():
                setattr(grid, key, value)
            changed += 1
    session.flush()
    _keep_former(session, reshaped, district_id=district_id, now=now)
    unchanged = len(named) - added - changed
    return {
        "added": added,
        "changed": changed,
        "unchanged": unchanged,
        "not_in_file": tuple(sorted(known)),
    }


def _keep_former(
    session: Session,
    reshaped: list[tuple[Grid, Any, Any]],
    *,
    district_id: int,
    now: datetime,
) -> None:
    """Keep how replaced grids had looked; the firms in them move at the next linking."""
    if not reshaped:
        return
    change = GridChange(
        district_id=district_id,
        kind="import",
        day=now.astimezone(CHINA).date(),
        firms_moved=0,
        made_at=now,
        made_by=None,
        undone_at=None,
        undone_by=None,
    )
    session.add(change)
    session.flush()
    session.add_all(
        GridVersion(change_id=change.id, grid_id=grid.id, before=before, after=after)
        for grid, before, after in reshaped
    )
    session.flush()


def _plain(geometry: Any) -> Any:  # noqa: ANN401
    """Turn tuples into lists, as they come back from the database."""
    if isinstance(geometry, dict):
        return {key: _plain(value) for key, value in geometry.items()}
    if isinstance(geometry, list | tuple):
        return [_plain(value) for value in geometry]
    return geometry


def _polygon(geometry: BaseGeometry) -> Polygon | MultiPolygon:
    from shapely import MultiPolygon, Polygon  # lazy: start-up time

    if not isinstance(geometry, Polygon | MultiPolygon):
        raise TypeError(f"a stored grid is a {geometry.geom_type}, not a polygon")
    return geometry


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLocator:
    """Finds the grid of many points at once."""

    ids: dict[str, int]
    index: GridIndex | None

    def locate(self, points: list[tuple[float, float]]) -> list[int | None]:
        """The grid id of each (lon, lat) in WGS-84, `None` outside all grids."""
        if self.index is None or not points:
            return [None] * len(points)
        codes = self.index.locate([lon for lon, _ in points], [lat for _, lat in points])
        return [self.ids[code] if code is not None else None for code in codes]


def load_locator(session: Session, district_id: int) -> GridLocator:
    """Load the district's grids for point-in-grid questions."""
    query = (
        select(Grid.code, Grid.id, cast(Grid.geometry, Text))
        .where(Grid.district_id == district_id)
        .order_by(Grid.code)
    )
    return _index(tuple((code, id_, text) for code, id_, text in session.execute(query)))


@lru_cache(maxsize=4)
def _index(grids: tuple[tuple[str, int, str], ...]) -> GridLocator:
    """Index grids by code, id and GeoJSON; those of the last few districts are kept."""
    from shapely.geometry import shape  # lazy: start-up time

    from maps.grids import GridIndex

    ids = {code: id_ for code, id_, _ in grids}
    if not grids:
        return GridLocator(ids=ids, index=None)
    shapes = [_polygon(shape(json.loads(text))) for _, _, text in grids]
    return GridLocator(ids=ids, index=GridIndex(list(ids), shapes))

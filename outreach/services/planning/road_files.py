"""A district's road file: kept, prepared for planning, and how far the firms lie from its roads."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from outreach.domain.calendar import CHINA
from outreach.domain.plans import TravelMode
from outreach.domain.travel import TravelNote
from outreach.errors import InvalidInput, NotFound
from outreach.services.administration.audit import write_audit
from outreach.services.planning.road_store import ABOUT, RoadFile, RoadNetwork, mode_of
from outreach.services.planning.travel import road_store
from outreach.services.progress import OnProgress, silent
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker
from outreach.storage.plans import VisitPlan

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from sqlalchemy.orm import Session

    from outreach.services.planning.road_store import RoadStore
    from outreach.storage.districts import District
    from routing.road_file import Box
    from routing.roads import Roads

KEPT = timedelta(days=28)
"""A file that no district uses any more stays so long: days under way are planned again with it."""

MARGIN_DEGREES = 0.1
"""Roads are read some ten kilometres beyond the grids: a quickest way may leave the district."""

_WAYS = tuple(TravelMode)
_ENDINGS = (".osm.pbf", ".pbf", ".osm", ".osm.bz2", ".osm.gz")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapReport:
    """How far `points` places lie from the roads of a mode, in metres.

    `beyond` lie too far from every road: they are reached by straight line.
    """

    mode: TravelMode
    points: int
    median_m: int
    p95_m: int
    most_m: int
    beyond: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadReport:
    """A district's road file, and how firms and start points lie beside its roads.

    `is_new` says that it was prepared now and not found as it was.
    """

    file: RoadFile
    is_new: bool
    firms: tuple[SnapReport, ...]
    offices: tuple[SnapReport, ...]


def keep_road_file(
    session: Session,
    path: Path,
    *,
    district: District,
    now: datetime,
    day: date | None = None,
    on_progress: OnProgress = silent,
) -> RoadReport:
    """Keep a road file, prepare its roads, and let the district's next plans follow them.

    `day` is the day whose roads it holds; else the file's header says it, or when the file was
    last written. The same file with the same speeds and grids changes nothing.

    Raises
    ------
    InvalidInput
        When there is no such file, it cannot be read or it holds no road of the district, or what
        reads road files is not installed.
    """
    store = _require_store(session)
    if not path.is_file():
        raise InvalidInput("没有找到文件“{file}”", file=str(path))
    if not path.name.lower().endswith(_ENDINGS):
        raise InvalidInput("“{file}”不是路网文件,要 .osm.pbf 或 .osm", file=path.name)
    asked = _Asked(path=path, file_name=path.name, day=day)
    return _keep(session, store, asked, district=district, now=now, on_progress=on_progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The bytes to keep, the name that they came under, and their day if somebody said it."""

    path: Path
    file_name: str
    day: date | None


def _keep(
    session: Session,
    store: RoadStore,
    asked: _Asked,
    *,
    district: District,
    now: datetime,
    on_progress: OnProgress,
) -> RoadReport:
    box = _box(session, district.id)
    sha256 = _digest(asked.path)
    key = _key(sha256, store, box)
    known = store.find(key)
    is_new = known is None
    if known is None:
        known = RoadFile(
            key=key,
            file_name=asked.file_name,
            sha256=sha256,
            day=asked.day or _day_of(asked.path),
            kept_at=now,
            networks=_prepare(store, asked.path, key, box=box, on_progress=on_progress),
        )
        _finish(store, asked.path, known)
    elif asked.day is not None and asked.day != known.day:
        known = replace(known, day=asked.day)
        _write_about(store.folder_of(key), known)
    store.use(district.code, key)
    _forget(session, store, now)
    write_audit(
        session,
        district_id=district.id,
        account_id=None,
        action="keep_road_file",
        subject="district",
        subject_id=district.id,
        now=now,
        detail={"key": key, "sha256": sha256, "day": known.day.isoformat()},
    )
    return _report(session, store, known, district.id, is_new=is_new)


def report_roads(
    session: Session,
    *,
    district: District,
    now: datetime,
    on_progress: OnProgress = silent,
) -> RoadReport | None:
    """Report on the road file that a district uses; None without one.

    Where the speeds of the settings or the grids have changed since, it is prepared anew first.

    Raises
    ------
    InvalidInput
        As `keep_road_file`.
    """
    store = _require_store(session)
    known = store.current(district.code)
    if known is None:
        return None
    if _key(known.sha256, store, _box(session, district.id)) == known.key:
        return _report(session, store, known, district.id, is_new=False)
    path = store.folder_of(known.key) / _kept_name(known.file_name)
    asked = _Asked(path=path, file_name=known.file_name, day=known.day)
    return _keep(session, store, asked, district=district, now=now, on_progress=on_progress)


def _require_store(session: Session) -> RoadStore:
    store = road_store(session)
    if store is None:
        raise NotFound("没有存放路网文件的文件夹")
    return store


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _key(sha256: str, store: RoadStore, box: Box | None) -> str:
    from routing.graph import VERSION  # lazy: start-up time

    speeds = {mode.value: dict(getattr(store.rule, mode.value)) for mode in _WAYS}
    named = json.dumps([sha256, speeds, box, VERSION], sort_keys=True)
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def _box(session: Session, district_id: int) -> Box | None:
    """What is read of a file: the grids and some way beyond; all of it where there are no grids."""
    from shapely.geometry import shape  # lazy: start-up time

    grids = session.scalars(select(Grid.geometry).where(Grid.district_id == district_id))
    bounds = [shape(geometry).bounds for geometry in grids]
    if not bounds:
        return None
    west, south, east, north = zip(*bounds, strict=True)
    return (
        round(min(west) - MARGIN_DEGREES, 2),
        round(min(south) - MARGIN_DEGREES, 2),
        round(max(east) + MARGIN_DEGREES, 2),
        round(max(north) + MARGIN_DEGREES, 2),
    )


def _day_of(path: Path) -> date:
    from routing import InvalidRoads  # lazy: start-up time
    from routing.road_file import read_day

    try:
        stated = read_day(path)
    except InvalidRoads as error:
        raise InvalidInput(
            "路网文件“{file}”用不了:{reason}", file=path.name, reason=str(error)
        ) from error
    except ImportError as error:
        raise InvalidInput(_NOT_INSTALLED) from error
    written = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return stated or written.astimezone(CHINA).date()


_NOT_INSTALLED = "读路网文件的程序没有装,请先运行 pip install union-outreach[roads]"


def _prepare(
    store: RoadStore, path: Path, key: str, *, box: Box | None, on_progress: OnProgress
) -> tuple[RoadNetwork, ...]:
    """Make the graphs of all modes in a folder of their own; nobody uses it yet."""
    from routing import InvalidRoads, Roads, RoadSpeeds  # lazy: start-up time

    speeds = RoadSpeeds()
    rule = store.rule
    speeds = RoadSpeeds(
        walking={**speeds.walking, **rule.walk},
        e_bike={**speeds.e_bike, **rule.e_bike},
        car={**speeds.car, **rule.car},
    )
    folder = store.folder / f".{key}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        roads = Roads.read(path, speeds, within=box)
        on_progress(1, len(_WAYS) + 1)
        networks, reason = [], ""
        for done, mode in enumerate(_WAYS, start=2):
            try:
                networks.append(_network(roads, mode, folder))
            except InvalidRoads as error:
                reason = str(error)
            on_progress(done, len(_WAYS) + 1)
        if not networks:
            raise InvalidRoads(reason)
    except InvalidRoads as error:
        raise InvalidInput(
            "路网文件“{file}”用不了:{reason}", file=path.name, reason=str(error)
        ) from error
    except ImportError as error:
        raise InvalidInput(_NOT_INSTALLED) from error
    return tuple(networks)


def _network(roads: Roads, mode: TravelMode, folder: Path) -> RoadNetwork:
    graph = roads.graph(mode_of(mode))
    graph.write(folder / f"{mode}.npz")
    return RoadNetwork(
        mode=mode,
        junctions=graph.junctions,
        of_junctions=graph.of_junctions,
        roads=graph.roads,
        length_km=round(graph.length_km),
    )


def _kept_name(file_name: str) -> str:
    """The file keeps its ending, by which its format is known."""
    return "roads" + next(end for end in _ENDINGS if file_name.lower().endswith(end))


def _finish(store: RoadStore, path: Path, file: RoadFile) -> None:
    """Lay the file beside its graphs and give the folder its name, in one step."""
    folder = store.folder / f".{file.key}"
    shutil.copyfile(path, folder / _kept_name(file.file_name))
    _write_about(folder, file)
    folder.rename(store.folder_of(file.key))


def _write_about(folder: Path, file: RoadFile) -> None:
    part = folder / f"about-{uuid4().hex}.part"
    part.write_text(json.dumps(file.as_json(), ensure_ascii=False), encoding="utf-8")
    part.replace(folder / ABOUT)


def _forget(session: Session, store: RoadStore, now: datetime) -> None:
    """Remove files that no district uses, no plan of late was made with and nobody kept lately."""
    used = store.keys_in_use()
    since = (now - KEPT).astimezone(CHINA).date()
    for figures in session.scalars(select(VisitPlan.figures).where(VisitPlan.week >= since)):
        used.add(TravelNote.from_figures(figures).key)
    for about in store.folder.glob(f"*/{ABOUT}"):
        file = store.find(about.parent.name)
        if file and file.key not in used and file.kept_at < now - KEPT:
            shutil.rmtree(about.parent)


def _report(
    session: Session, store: RoadStore, file: RoadFile, district_id: int, *, is_new: bool
) -> RoadReport:
    firms = session.execute(
        select(Enterprise.lon, Enterprise.lat)
        .where(
            Enterprise.district_id == district_id,
            Enterprise.retired.is_(False),
            Enterprise.lon.is_not(None),
            Enterprise.lat.is_not(None),
        )
        .order_by(Enterprise.id)
    ).all()
    offices = session.execute(
        select(GridWorker.office_lon, GridWorker.office_lat)
        .where(GridWorker.district_id == district_id)
        .order_by(GridWorker.id)
    ).all()
    roads = store.open(file.key)
    modes = [network.mode for network in file.networks]

    def snaps(points: list[tuple[float, float]]) -> tuple[SnapReport, ...]:
        if roads is None or not points:
            return ()
        return tuple(_snap(roads, mode, points, store.rule.most_snap_m) for mode in modes)

    return RoadReport(
        file=file,
        is_new=is_new,
        firms=snaps([(lon or 0.0, lat or 0.0) for lon, lat in firms]),
        offices=snaps([(lon, lat) for lon, lat in offices]),
    )


def _snap(
    roads: Roads, mode: TravelMode, points: list[tuple[float, float]], most_m: float
) -> SnapReport:
    import numpy as np  # lazy: start-up time

    _, away_m = roads.graph(mode_of(mode)).nearest(np.array(points, dtype=np.float64))
    return SnapReport(
        mode=mode,
        points=len(points),
        median_m=round(float(np.median(away_m))),
        p95_m=round(float(np.quantile(away_m, 0.95))),
        most_m=round(float(away_m.max())),
        beyond=int((away_m > most_m).sum()),
    )

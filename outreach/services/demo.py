"""The made-up district as a whole: files written, received, linked, visited, planned."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from maps.datum import Datum
from outreach.demo import DemoFiles, write_district
from outreach.domain.accounts import Role
from outreach.domain.calendar import WorkCalendar
from outreach.domain.targets import Standing
from outreach.services.administration.districts import add_district
from outreach.services.administration.passwords import hash_password
from outreach.services.grids.grid_workers import import_grid_workers
from outreach.services.grids.grids import import_grids
from outreach.services.registers.gazetteer import import_gazetteer
from outreach.services.registers.imports import import_file
from outreach.storage.accounts import Account
from outreach.storage.districts import District
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker
from outreach.storage.plans import VisitPlan
from outreach.storage.visits import Visit as StoredVisit

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from outreach.services.progress import OnProgress
    from outreach.settings import Settings
    from outreach.storage.base import InDistrict


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLogin:
    """One account of the demo with the password that is shown to whoever runs it."""

    role: Role
    login: str
    password: str


def write_files(folder: Path, on_progress: OnProgress) -> DemoFiles:
    """Write the district's files as the bureaus would send them."""
    folder.mkdir(parents=True, exist_ok=True)
    return write_district(folder, on_progress=lambda _name, done, total: on_progress(done, total))


def find_demo(session: Session) -> District | None:
    """The made-up district of this database, or `None`."""
    return session.scalar(select(District).where(District.is_demo.is_(True)))


def ensure_demo(session: Session, files: DemoFiles) -> District:
    """Return the made-up district, adding it to the database when it is not there."""
    known = find_demo(session)
    return known or add_district(session, code=files.adcode, name=files.label, is_demo=True)


def receive_registers(
    session: Session,
    files: DemoFiles,
    district_id: int,
    settings: Settings,
    *,
    now: datetime,
    on_progress: OnProgress,
) -> int:
    """Import the five registers; returns the rows read."""
    paths = (files.market, files.hr, files.tax, files.civil, files.union)
    rows = 0
    for number, path in enumerate(paths, start=1):
        report = import_file(
            session, path, district_id=district_id, now=now, limits=settings.limits
        )
        rows += report.rows_read
        on_progress(number, len(paths))
    return rows


def receive_places(
    session: Session,
    files: DemoFiles,
    district_id: int,
    settings: Settings,
    *,
    now: datetime,
    on_progress: OnProgress,
) -> None:
    """Import grids, grid workers and the gazetteer, all in GCJ-02."""
    limits = settings.limits
    import_grids(
        session, files.grids, district_id=district_id, datum=Datum.GCJ02, limits=limits, now=now
    )
    on_progress(1, 3)
    import_grid_workers(
        session,
        files.grid_workers,
        district_id=district_id,
        datum=Datum.GCJ02,
        limits=limits,
        now=now,
    )
    on_progress(2, 3)
    import_gazetteer(
        session, files.gazetteer, district_id=district_id, datum=Datum.GCJ02, limits=limits, now=now
    )
    on_progress(3, 3)


_DEMO_LOGINS = {
    Role.GRID_WORKER: "demo-grid",
    Role.DISTRICT: "demo-district",
    Role.PLANNER: "demo-planner",
}
"""Who does the work; administrators are added by `outreach account`."""


def demo_logins(folder: Path) -> tuple[DemoLogin, ...]:
    """The demo's logins; the passwords are drawn once and kept in a file for its owner only."""
    path = folder / "logins.json"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        drawn = {role.value: secrets.token_urlsafe(9) for role in _DEMO_LOGINS}
        path.touch(mode=0o600)
        path.write_text(json.dumps(drawn), encoding="utf-8")
    stored = json.loads(path.read_text(encoding="utf-8"))
    return tuple(
        DemoLogin(role=role, login=login, password=stored[role.value])
        for role, login in _DEMO_LOGINS.items()
    )


def add_people(session: Session, district_id: int, logins: tuple[DemoLogin, ...]) -> None:
    """Add the three logins, and closed accounts for all other grid workers."""
    if session.scalar(
        select(func.count()).select_from(Account).where(Account.district_id == district_id)
    ):
        return
    workers = _workers_by_load(session, district_id)
    chosen = workers[0]
    closed = hash_password(secrets.token_urlsafe(32))
    for worker in workers[1:]:
        session.add(
            Account(
                district_id=district_id,
                login=f"demo-grid-{worker.grid_id}",
                password_hash=closed,
                role=Role.GRID_WORKER,
                display_name=worker.name,
                grid_worker_id=worker.id,
            )
        )
    for login in logins:
        is_worker = login.role is Role.GRID_WORKER
        session.add(
            Account(
                district_id=district_id,
                login=login.login,
                password_hash=hash_password(login.password),
                role=login.role,
                display_name=chosen.name if is_worker else login.role.label,
                grid_worker_id=chosen.id if is_worker else None,
            )
        )
    session.flush()


def _workers_by_load(session: Session, district_id: int) -> list[GridWorker]:
    """The grid workers, the one with the most targets first: the demo shows a full week."""
    targets = (
        select(Enterprise.grid_id, func.count().label("targets"))
        .where(Enterprise.district_id == district_id, Enterprise.standing == Standing.TARGET)
        .group_by(Enterprise.grid_id)
        .subquery()
    )
    query = (
        select(GridWorker)
        .outerjoin(targets, targets.c.grid_id == GridWorker.grid_id)
        .where(GridWorker.district_id == district_id)
        .order_by(func.coalesce(targets.c.targets, 0).desc(), GridWorker.id)
    )
    return list(session.scalars(query))


def week_to_plan(today: date) -> date:
    """The Monday of the week of the next working day, today included."""
    calendar = WorkCalendar()
    day = today
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoContents:
    """What the demo database holds."""

    enterprises: int
    targets: int
    grids: int
    visits: int
    plans: int


def count_contents(session: Session, district_id: int) -> DemoContents:
    """Count what is there."""

    def count(table: type[InDistrict], *conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(table)
        return session.scalar(query.where(table.district_id == district_id, *conditions)) or 0

    return DemoContents(
        enterprises=count(Enterprise, Enterprise.retired.is_(False)),
        targets=count(Enterprise, Enterprise.standing == Standing.TARGET),
        grids=count(Grid),
        visits=count(StoredVisit),
        plans=count(VisitPlan),
    )

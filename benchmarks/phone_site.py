"""A small made-up district behind a real server, and the browser that stands for a phone."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import delete, func, select

from outreach.demo import write_district
from outreach.domain.accounts import Principal, Role
from outreach.domain.calendar import CHINA
from outreach.domain.plans import PlanRule
from outreach.services import demo
from outreach.services.administration.accounts import add_account
from outreach.services.linking.linking import link_district
from outreach.services.planning.plans import plan_week, publish_plan
from outreach.services.progress import silent
from outreach.services.visits.days import Rules, change_day
from outreach.services.visits.routes import day_route
from outreach.settings import make_settings
from outreach.storage.accounts import Account
from outreach.storage.database import Database
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker
from outreach.storage.plans import PlanRoute, PlanStop

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from outreach.settings import Settings

CHROMIUM = os.environ.get("OUTREACH_TEST_CHROMIUM") or shutil.which("chromium") or "chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCREEN = {"width": 360, "height": 780}
LOGIN = "phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSite:
    """A filled instance with one grid worker's account; `firms` are those of her grid."""

    settings: Settings
    password: str
    grid_id: int
    firms: tuple[int, ...]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a server over this instance."""
        return {
            **os.environ,
            "OUTREACH_INSTANCE": str(self.settings.instance),
            "OUTREACH_DATABASE_URL": self.settings.database,
        }


def make_site(
    folder: Path, *, seed: int = 1, entities: int = 600, url: str | None = None
) -> PhoneSite:
    """Fill a small made-up district; SQLite in `folder` unless a database's `url` is given."""
    sets = {"instance": str(folder / "instance"), **({"database_url": url} if url else {})}
    settings = make_settings(sets)
    password = secrets.token_urlsafe(18)
    database = Database(settings.database)
    database.upgrade()
    files = write_district(folder / "files", seed=seed, entities=entities)
    now = datetime.now(UTC)
    with database.transaction() as session:
        district = demo.ensure_demo(session, files).id
        demo.receive_registers(session, files, district, settings, now=now, on_progress=silent)
        demo.receive_places(session, files, district, settings, now=now, on_progress=silent)
        link_district(
            session, district_id=district, rule=settings.target, now=now, today=now.date()
        )
        grid_id = _largest_grid(session)
        add_account(
            session,
            district_id=district,
            login=LOGIN,
            password=password,
            role=Role.GRID_WORKER,
            display_name="x",
            now=now,
            grid_code=session.get_one(Grid, grid_id).code,
        )
        placed = select(Enterprise.id).where(Enterprise.grid_id == grid_id)
        firms = tuple(session.scalars(placed.order_by(Enterprise.id)))
    database.close()
    return PhoneSite(settings=settings, password=password, grid_id=grid_id, firms=firms)


def _largest_grid(session: Session) -> int:
    query = (
        select(Enterprise.grid_id, func.count().label("firms"))
        .join(GridWorker, GridWorker.grid_id == Enterprise.grid_id)
        .where(Enterprise.standing != "")
        .group_by(Enterprise.grid_id)
        .order_by(func.count().desc(), Enterprise.grid_id)
    )
    return int(session.execute(query).first()[0])


def plan_today(site: PhoneSite, stops: int) -> None:
    """Publish this week's plan, let the grid's fullest route be today's, add firms up to `stops`.

    So every day of the week can be measured, whatever day it is.
    """
    now = datetime.now(UTC)
    today = now.astimezone(CHINA).date()
    database = Database(site.settings.database)
    rule = PlanRule(seconds_per_grid=0.05, most_stops_a_day=stops)
    with database.transaction() as session:
        account = session.scalars(select(Account).where(Account.login == LOGIN)).one()
        district = account.district_id
        monday = today - timedelta(days=today.weekday())
        known = {"district_id": district, "now": now}
        made = plan_week(session, week=monday, rule=rule, processes=1, **known)
        publish_plan(session, None, made.plan_id, **known)
        _move_fullest(session, site.grid_id, made.plan_id, today)
    principal = Principal(
        account_id=account.id,
        district_id=district,
        role=Role.GRID_WORKER,
        login=LOGIN,
        display_name="x",
        grid_worker_id=account.grid_worker_id,
        grid_id=site.grid_id,
    )
    rules = Rules(plan=rule, target=site.settings.target)
    with database.transaction() as session:
        planned = {one.enterprise_id for one in day_route(session, principal, today).stops}
        spare = [key for key in _placed(session, site) if key not in planned]
        for key in spare[: max(0, stops - len(planned))]:
            content = {"day": str(today), "kind": "add", "enterprise_id": key}
            change_day(session, principal, str(uuid4()), content, rules=rules, now=now)
    database.close()


def _placed(session: Session, site: PhoneSite) -> list[int]:
    query = select(Enterprise.id).where(
        Enterprise.id.in_(site.firms), Enterprise.lon.is_not(None), Enterprise.retired.is_(False)
    )
    return list(session.scalars(query.order_by(Enterprise.employees.desc())))


def _move_fullest(session: Session, grid_id: int, plan_id: int, today: date) -> None:
    stops = (
        select(PlanRoute.id)
        .join(PlanStop, PlanStop.route_id == PlanRoute.id)
        .where(PlanRoute.plan_id == plan_id, PlanRoute.grid_id == grid_id)
        .group_by(PlanRoute.id)
        .order_by(func.count().desc(), PlanRoute.id)
    )
    fullest = session.scalar(stops.limit(1))
    standing = session.scalars(
        select(PlanRoute.id).where(
            PlanRoute.plan_id == plan_id,
            PlanRoute.grid_id == grid_id,
            PlanRoute.day == today,
            PlanRoute.id != fullest,
        )
    ).all()
    session.execute(delete(PlanStop).where(PlanStop.route_id.in_(standing)))
    session.execute(delete(PlanRoute).where(PlanRoute.id.in_(standing)))
    session.get_one(PlanRoute, fullest).day = today


class Server:
    """`outreach serve` in a process of its own, always on one port."""

    def __init__(self, site: PhoneSite) -> None:
        self._site = site
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve; returns when connections are taken."""
        command = [sys.executable, "-m", "outreach", "serve", "--no-worker"]
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            env=self._site.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("localhost", self.port), timeout=1):
                return
            time.sleep(0.1)
        raise SystemExit("the server did not start")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def wait_for_queue(tab: Page) -> None:
    """Wait for the page's deferred scripts; its policy forbids Playwright's own way to wait."""
    wait_until(tab, "Boolean(window.OutreachQueue && window.OutreachQueue.usable)")


def wait_until(tab: Page, expression: str, *, seconds: float = 60) -> None:
    """Ask the page until the expression is true.

    Raises
    ------
    SystemExit
        When it has not become true in time.
    """
    deadline = time.monotonic() + seconds
    while not tab.evaluate(expression):
        if time.monotonic() > deadline:
            raise SystemExit(f"the page did not get there: {expression}")
        time.sleep(0.02)


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])

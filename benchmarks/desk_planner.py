"""How quickly the planner's desk answers, on a copy of a made-up district that exists already.

`python benchmarks/desk_planner.py INSTANCE` copies
the database of an instance folder that `outreach demo` made (SQLite; its planner's login is in
`demo/logins.json`), and prints the milliseconds of the planner's pages at the server, of a change
by hand and of the timeline in Chromium until it is drawn, the seconds of planning the week again,
and those of a proposal of borders with what it brings.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.accounts import Principal, Role
from outreach.domain.boards import ReplanMode, WantedReplan
from outreach.domain.borders import BorderRule
from outreach.services.grids.borders import propose_borders
from outreach.services.planning.replans import copy_plan, replan_week
from outreach.settings import make_settings
from outreach.storage.database import Database
from outreach.storage.plans import PlanRoute, PlanStop, VisitPlan
from outreach.web import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Flask
    from flask.testing import FlaskClient

TIMES = 9
LOGIN = "demo-planner"
FIRST_PAINT = """() => new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
})"""


def main(argv: Sequence[str] | None = None) -> dict[str, float]:
    """Print the figures, and give those with an aim by name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instance", type=Path)
    parser.add_argument("--seconds", type=int, default=40, help="of the search for borders")
    asked = parser.parse_args(argv)
    logins = json.loads((asked.instance / "demo" / "logins.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outreach.db"
        shutil.copy(asked.instance / "outreach.db", path)
        database = Database(f"sqlite:///{path}")
        database.upgrade()
        plan_id, draft_id, grid_id = prepare(database)
        app = create_app(make_settings({"instance": folder}), database=database)
        found = pages(app, logins["planner"], plan_id, draft_id, grid_id)
        found |= in_chromium(app, logins["planner"], plan_id)
        planning(database, draft_id)
        found |= borders(database, asked.seconds)
        database.close()
    return found


def say(title: str, work: Callable[[], object], *, times: int = TIMES, unit: float = 1000) -> float:
    """Print the median and the slowest time of some work, after one that is not counted."""
    if times > 1:
        work()
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append((time.perf_counter() - started) * unit)
    slowest = f"  slowest {max(spent):,.0f}" if times > 1 else ""
    print(f"{title:<56}{statistics.median(spent):>10,.0f}{slowest}", flush=True)
    return statistics.median(spent)


def planner(database: Database) -> Principal:
    with database.session() as session:
        district_id = session.scalar(select(VisitPlan.district_id))
    return Principal(
        account_id=0, district_id=district_id or 0, role=Role.PLANNER, login="", display_name=""
    )


def prepare(database: Database) -> tuple[int, int, int]:
    """The published plan, a draft of it, and the grid with the most stops."""
    with database.transaction() as session:
        plan_id = session.scalar(select(VisitPlan.id).where(VisitPlan.status == "published"))
        if plan_id is None:
            raise SystemExit("the instance has no published plan; run `outreach demo` first")
        grid_id = session.scalar(
            select(PlanRoute.grid_id)
            .join(PlanStop, PlanStop.route_id == PlanRoute.id)
            .where(PlanRoute.plan_id == plan_id)
            .group_by(PlanRoute.grid_id)
            .order_by(func.count().desc())
            .limit(1)
        )
        draft = copy_plan(session, planner(database), plan_id, now=datetime.now(UTC))
        return plan_id, draft.id, grid_id or 0


def signed_in(app: Flask, password: str) -> FlaskClient:
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    fields = {"csrf_token": token[1] if token else "", "login": LOGIN, "password": password}
    assert client.post("/sign-in", data=fields).status_code == 303
    return client


def pages(app: Flask, password: str, plan_id: int, draft_id: int, grid_id: int) -> dict[str, float]:
    client = signed_in(app, password)
    board = f"/plans/{draft_id}/board/{grid_id}"

    def get(path: str) -> None:
        assert client.get(path).status_code == 200, path

    rows = client.get(f"/plans/{plan_id}/board").text.count('<th scope="row">')
    timeline = say(f"timeline of {rows} grids (ms)", lambda: get(f"/plans/{plan_id}/board"))
    say("one grid's board (ms)", lambda: get(board))
    say("what publishing changes (ms)", lambda: get(f"/plans/{draft_id}/publish"))
    say(
        "two versions compared (ms)",
        lambda: get(f"/laboratory/compare?a={plan_id}&b={draft_id}"),
    )
    say("balance (ms)", lambda: get("/balance"))

    def move() -> None:
        page = client.get(board).text
        fields = {
            "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1],
            "seen": re.search(r'name="seen" value="(\d+)"', page)[1],
            "enterprise": re.search(r'<li id="stop-(\d+)"', page)[1],
            "day": re.findall(r'<ol data-day="([^"]+)"', page)[-1],
            "place": "0",
        }
        started = time.perf_counter()
        assert client.post(f"{board}/move", data=fields).status_code == 303
        spent.append((time.perf_counter() - started) * 1000)

    spent: list[float] = []
    for _ in range(TIMES):
        move()
    print(f"{'a stop moved (ms)':<56}{statistics.median(spent):>10,.0f}  slowest {max(spent):,.0f}")
    return {"timeline at the server (ms)": timeline}


def in_chromium(app: Flask, password: str, plan_id: int) -> dict[str, float]:
    from playwright.sync_api import sync_playwright
    from waitress.server import create_server

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("no Chromium: the timeline was not drawn")
        return {}
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.effective_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}/sign-in")
        page.fill("[name=login]", LOGIN)
        page.fill("[name=password]", password)
        page.click("main button[type=submit]")
        drawn = []
        for _ in range(TIMES):
            page.goto(f"{address}/plans/{plan_id}/board")
            drawn.append(page.evaluate(FIRST_PAINT))
        browser.close()
    server.close()
    thread.join(timeout=5)
    title = "timeline drawn in Chromium, from the click (ms)"
    print(f"{title:<56}{statistics.median(drawn):>10,.0f}  slowest {max(drawn):,.0f}")
    return {"timeline drawn (ms)": statistics.median(drawn)}


def planning(database: Database, draft_id: int) -> None:
    who = planner(database)
    with database.transaction() as session:
        say(
            "gaps of the whole week filled (s)",
            lambda: replan_week(
                session,
                district_id=who.district_id,
                plan_id=draft_id,
                wanted=WantedReplan(mode=ReplanMode.FILL),
                now=datetime.now(UTC),
            ),
            times=1,
            unit=1,
        )


def borders(database: Database, seconds: int) -> dict[str, float]:
    now = datetime.now(UTC)
    with database.transaction() as session:
        started = time.perf_counter()
        proposal = propose_borders(
            session,
            district_id=planner(database).district_id,
            rule=BorderRule(seconds=seconds),
            now=now,
            today=now.date(),
            made_by=None,
            on_progress=lambda _done, _total: None,
        )
        passed = time.perf_counter() - started
        found = proposal.figures
        print(f"{'proposal of borders (s)':<56}{passed:>10,.1f}  {len(found['minutes'])} grids")
        print(
            f"  over the limit {found['over_before'] // 60:,} -> {found['over_after'] // 60:,} h,"
            f" grids {found['grids_over_before']} -> {found['grids_over_after']},"
            f" {found['firms_moved']:,} of {found['firms']:,} firms in other hands,"
            f" cost {found['cost']:,}, at least {found['bound']:,}"
        )
        return {"border proposal (s)": passed}


if __name__ == "__main__":
    main()

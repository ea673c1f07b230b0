"""Measure the district's map in a real browser: first paint, drawn, frames per second.

    .venv/bin/python benchmarks/desk_map.py [--firms 20000 100000] [--runs 5] [--load]

Makes the grids of the made-up district in a fresh folder, puts due firms with places and visits
into them, serves them by `outreach serve` and opens the map in desktop Chromium (1440 x 900, no
GPU) on the same machine. The first opening of each page tells what the first reader waits for after
data changed ("cold"); the medians are of those after it. Times are seconds from the start of the
navigation. `--load` also prints the load of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import BrowserContext, Page
    from sqlalchemy.orm import Session

PASSWORD = "a long word for measuring"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
PAGES = {
    "grids": "/map?standing=all",
    "cells": "/map?standing=all&at={at},12",
    "firms, streets": "/map?standing=all&at={at},14",
    "firms, district": "/map?layer=firms",
}
SECONDS = 1.5
"""How long the map is dragged and zoomed."""

WINDOW_MS = 2000
"""How long a new window is left alone before the map is opened in it."""


def make_database(folder: Path, firms: int) -> str:
    """Fill a database; returns a place in the densest part as lat,lon."""
    from outreach.cli.session import now
    from outreach.domain.accounts import Role
    from outreach.services import demo
    from outreach.services.administration.accounts import add_account
    from outreach.settings import make_settings
    from outreach.storage.database import Database

    settings = make_settings({"instance": str(folder)})
    database = Database(settings.database)
    database.upgrade()
    with database.transaction() as session:
        files = demo.write_files(folder / "demo", lambda *_: None)
        district = demo.ensure_demo(session, files)
        demo.receive_places(
            session, files, district.id, settings, now=now(), on_progress=lambda *_: None
        )
        add_account(
            session,
            district_id=district.id,
            login="bench",
            password=PASSWORD,
            role=Role.DISTRICT,
            display_name="bench",
            now=now(),
        )
        middle = put_firms(session, district.id, firms)
    database.close()
    return middle


def put_firms(session: Session, district_id: int, firms: int) -> str:
    """Put firms around sixty towns, each into the grid that it lies in, and visits to a tenth."""
    from shapely.geometry import shape
    from sqlalchemy import insert, select

    from maps.grids import GridIndex
    from outreach.cli.session import now, today
    from outreach.storage.accounts import Account
    from outreach.storage.enterprises import Enterprise
    from outreach.storage.grids import Grid
    from outreach.storage.visits import Visit

    grids = session.execute(
        select(Grid.code, Grid.id, Grid.geometry).where(Grid.district_id == district_id)
    ).all()
    keys = {code: key for code, key, _ in grids}
    shapes = [shape(geometry) for _, _, geometry in grids]
    index = GridIndex(list(keys), shapes)
    dice = np.random.default_rng(1)
    middles = np.array([one.representative_point().coords[0] for one in shapes])
    centres = middles[dice.integers(0, len(middles), 60)]
    lon, lat, code = [], [], []
    while len(lon) < firms:
        around = centres[np.minimum(dice.geometric(0.06, firms) - 1, 59)]
        at = around + dice.normal(0, 0.012, (firms, 2))
        for x, y, found in zip(*at.T, index.locate(*at.T), strict=True):
            if found is not None and len(lon) < firms:
                lon.append(x), lat.append(y), code.append(found)
    standing = dice.choice(["target", "with_union", "near_miss"], firms, p=[0.3, 0.6, 0.1])
    days = dice.integers(-60, 60, firms)
    employees = dice.integers(5, 400, firms)
    rows = [
        {
            "district_id": district_id,
            "name": f"第{at}号试验有限公司",
            "state": "active",
            "industry": "other",
            "union_status": "none",
            "headcounts": [],
            "reasons": [{"template": "没有工会", "values": {}}] * 4,
            "employees": int(employees[at]),
            "standing": str(standing[at]),
            "lon": float(lon[at]),
            "lat": float(lat[at]),
            "grid_id": keys[code[at]],
            "last_visited_on": today() - timedelta(days=int(days[at])) if days[at] >= 0 else None,
        }
        for at in range(firms)
    ]
    session.execute(insert(Enterprise), rows)
    account = session.scalar(select(Account.id))
    chance = random.Random(1)
    visits = [
        {
            "uuid": str(UUID(int=chance.getrandbits(128))),
            "district_id": district_id,
            "enterprise_id": key,
            "account_id": account,
            "visited_at": now(),
            "visited_on": today() - timedelta(days=chance.randrange(60)),
            "received_at": now(),
            "result": "met_head",
            "content": {},
            "sha256": "0" * 64,
        }
        for key in session.scalars(select(Enterprise.id).limit(firms // 10))
    ]
    session.execute(insert(Visit), visits)
    return f"{centres[0][1]:.5f},{centres[0][0]:.5f}"


def serve(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers."""
    server = subprocess.Popen(
        [sys.executable, "-m", "outreach", "serve", "--port", str(port), "--no-worker"],
        env={**os.environ, "OUTREACH_INSTANCE": str(folder)},
        stdout=subprocess.DEVNULL,
    )
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=1)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return server
    raise SystemExit("The server did not start.")


FIRST_PAINT = (
    "() => (performance.getEntriesByName('first-contentful-paint')[0] || {}).startTime || 0"
)
MARKED = "(name) => (performance.getEntriesByName(name)[0] || {}).startTime || 0"


def open_once(context: BrowserContext, address: str, mark: str) -> tuple[float, float, Page]:
    """Seconds to the first paint of the page and until the frame says that it has drawn.

    Each time in a new page, which no late event of the one before reaches. For a new window
    Chromium first loads pages of its own (the list below its address bar) for about a second,
    which compete for the processors; the reader's window is open already.
    """
    page = context.new_page()
    page.wait_for_timeout(WINDOW_MS)
    page.goto(address)
    deadline = time.monotonic() + 60
    while not (drawn := page.evaluate(MARKED, mark)):
        if time.monotonic() > deadline:
            raise SystemExit(f"{address} never said {mark}.")
        page.wait_for_timeout(20)
    return page.evaluate(FIRST_PAINT) / 1000, drawn / 1000, page


COUNT_FRAMES = """(seconds) => new Promise((done) => {
    const moments = [];
    const note = (moment) => {
        moments.push(moment);
        if (moment - moments[0] > seconds * 1000) { done(moments); return; }
        requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
})"""


def frames(page: Page, move: Callable[[], None]) -> dict[str, float]:
    """Frames per second inside of the map while something moves, and the longest wait in ms."""
    inside = page.frames[1]
    inside.evaluate(
        "(script) => { window.counted = (" + COUNT_FRAMES + ")(script); return true; }", SECONDS
    )
    move()
    moments = inside.evaluate("() => window.counted")
    gaps = np.diff(moments)
    return {
        "fps": round(1000 * len(gaps) / float(gaps.sum()), 1),
        "p95_ms": round(float(np.percentile(gaps, 95)), 1),
        "longest_ms": round(float(gaps.max()), 1),
    }


def drag(page: Page) -> None:
    """Drag the map to and fro."""
    box = page.locator("#map-frame").bounding_box()
    x, y = box["x"] + 250, box["y"] + 250
    until = time.monotonic() + SECONDS
    page.mouse.move(x, y)
    page.mouse.down()
    while time.monotonic() < until:
        for step in (*range(0, 150, 10), *range(150, 0, -10)):
            page.mouse.move(x + step, y + step / 2)
    page.mouse.up()


def zoom(page: Page) -> None:
    """Turn the wheel in and out."""
    box = page.locator("#map-frame").bounding_box()
    page.mouse.move(box["x"] + 250, box["y"] + 250)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        for turn in (-120, 120):
            page.mouse.wheel(0, turn)
            page.wait_for_timeout(150)


def measure(port: int, at: str, runs: int) -> dict[str, dict[str, Any]]:
    """Open every page of the map and note its times."""
    from playwright.sync_api import sync_playwright

    found: dict[str, dict[str, Any]] = {}
    base = f"http://127.0.0.1:{port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        sign_in(context, base)
        for name, path in PAGES.items():
            mark = "map-ready" if name == "grids" else "map-drawn"
            address = base + path.format(at=at)
            times = []
            for _ in range(runs + 1):
                *one, page = open_once(context, address, mark)
                times.append(one)
                page.close()
            paint, drawn = (statistics.median(part) for part in zip(*times[1:], strict=True))
            *_, page = open_once(context, address, mark)
            found[name] = {
                "first_paint_s": round(paint, 3),
                "drawn_s": round(drawn, 3),
                "cold_s": [round(part, 3) for part in times[0]],
                "pan": frames(page, lambda page=page: drag(page)),
                "zoom": frames(page, lambda page=page: zoom(page)),
            }
            page.close()
        browser.close()
    return found


def sign_in(context: BrowserContext, base: str) -> None:
    """Sign in once for all pages."""
    page = context.new_page()
    page.goto(f"{base}/sign-in")
    page.fill("#login", "bench")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_load_state()
    page.close()


def main(argv: Sequence[str] | None = None) -> dict[str, float]:
    """Print one JSON object; give the slowest of all pages for each number of firms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--port", type=int, default=8761)
    parser.add_argument("--load", action="store_true", help="print the load of the machine, too")
    arguments = parser.parse_args(argv)
    result: dict[str, object] = {"cores": os.cpu_count()}
    found: dict[str, float] = {}
    for firms in arguments.firms:
        with tempfile.TemporaryDirectory() as folder:
            at = make_database(Path(folder), firms)
            server = serve(Path(folder), arguments.port)
            try:
                pages = measure(arguments.port, at, arguments.runs)
            finally:
                server.terminate()
                server.wait()
        result[str(firms)] = pages
        found[f"map, {firms:,} firms: first paint (s)"] = max(
            one["first_paint_s"] for one in pages.values()
        )
        found[f"map, {firms:,} firms: drawn (s)"] = max(one["drawn_s"] for one in pages.values())
        found[f"map, {firms:,} firms: frames a second"] = min(
            one[move]["fps"] for one in pages.values() for move in ("pan", "zoom")
        )
    if arguments.load:
        result["load"] = [round(one, 1) for one in os.getloadavg()]
    print(json.dumps(result, ensure_ascii=False, indent=1))
    return found


if __name__ == "__main__":
    main()

"""Kill browsers and servers while visits are saved and sent; count what is lost or doubled.

    python benchmarks/phone_faults.py --visits 200 --browser-kills 20 --server-kills 20

A real Chromium with its profile on disk saves visits with a photo each through the phone's own
queue, from two tabs, with and without a network. Browser and server are killed (SIGKILL) at random
moments, records are sent again and out of order. At the end one JSON line: `lost` are visits or
photos that the phone had said to be saved and the server does not have, `doubled` those that it
has twice. Exit status 1 unless both are 0 and every change has its audit row.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Error, sync_playwright
from sqlalchemy import func, select

from outreach.demo import write_district
from outreach.domain.accounts import Role
from outreach.services import demo
from outreach.services.accounts import add_account
from outreach.services.linking import link_district
from outreach.services.progress import silent
from outreach.settings import make_settings
from outreach.storage.accounts import AuditEntry
from outreach.storage.database import Database
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker
from outreach.storage.visits import Attachment, HeldVisit, Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Request

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
LOGIN = "fault-run"
SAVE = """async ([content, photo]) => {
  const queue = window.OutreachQueue;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 160;
  const pen = canvas.getContext("2d");
  for (let at = 0; at < 160; at += 1) {
    pen.fillStyle = `hsl(${Math.random() * 360},80%,50%)`;
    pen.fillRect(at, 0, 1, 160);
  }
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  const started = performance.now();
  const files = [{ uuid: photo, kind: "photo", blob }];
  await queue.save("visit", "/sync/visits/" + content.uuid, content, "x", files);
  return performance.now() - started;
}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--visits", type=int, default=200)
    parser.add_argument("--browser-kills", type=int, default=20)
    parser.add_argument("--server-kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--database", help="a database URL; SQLite in a temporary folder without it"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phone-faults-") as folder:
        result = Run(Path(folder), chosen).go()
    print(json.dumps(result))
    return 0 if result["lost"] == 0 and result["doubled"] == 0 and result["audited"] else 1


@dataclass
class Run:
    """One fault run: a district, a server, a phone, and what became of each visit."""

    folder: Path
    chosen: argparse.Namespace
    saved: dict[str, str] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    saving_ms: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    sent: list[tuple[str, bytes]] = field(default_factory=list)

    def go(self) -> dict[str, object]:
        """Save, kill, send again; return the figures."""
        self.dice = random.Random(self.chosen.seed)
        started = time.perf_counter()
        self.password = secrets.token_urlsafe(18)
        self.firms = self._fill()
        self.port = _free_port()
        self.address = f"http://localhost:{self.port}"
        self._start_server()
        try:
            with sync_playwright() as player:
                self.player = player
                self._drive()
        finally:
            self._kill_server()
        return {**self._judge(), "seconds": round(time.perf_counter() - started, 1)}

    # -- the district and the server ---------------------------------------------------------

    def _fill(self) -> list[int]:
        """A small made-up district with one grid worker's account; returns her firms."""
        sets = {"instance": str(self.folder / "instance")}
        if self.chosen.database:
            sets["database_url"] = self.chosen.database
        settings = make_settings(sets)
        self.url = settings.database
        self.environment = {
            **os.environ,
            "OUTREACH_INSTANCE": str(settings.instance),
            "OUTREACH_DATABASE_URL": self.url,
        }
        database = Database(self.url)
        database.upgrade()
        files = write_district(self.folder / "files", seed=self.chosen.seed, entities=600)
        now = datetime.now(UTC)
        with database.transaction() as session:
            district = demo.ensure_demo(session, files).id
            quiet = {"now": now, "on_progress": silent}
            demo.receive_registers(session, files, district, settings, **quiet)
            demo.receive_places(session, files, district, settings, **quiet)
            link_district(
                session, district_id=district, rule=settings.target, now=now, today=now.date()
            )
            grid, _ = session.execute(
                select(Enterprise.grid_id, func.count().label("firms"))
                .join(GridWorker, GridWorker.grid_id == Enterprise.grid_id)
                .group_by(Enterprise.grid_id)
                .order_by(func.count().desc())
            ).first()
            add_account(
                session,
                district_id=district,
                login=LOGIN,
                password=self.password,
                role=Role.GRID_WORKER,
                display_name="x",
                now=now,
                grid_code=session.get_one(Grid, grid).code,
            )
            firms = list(session.scalars(select(Enterprise.id).where(Enterprise.grid_id == grid)))
        database.close()
        return firms

    def _start_server(self) -> None:
        command = [
            sys.executable,
            "-m",
            "outreach",
            "serve",
            "--port",
            str(self.port),
            "--no-worker",
        ]
        self.server = subprocess.Popen(
            command,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("localhost", self.port), timeout=1):
                return
            time.sleep(0.1)
        raise SystemExit("the server did not start")

    def _kill_server(self) -> None:
        self.server.kill()
        self.server.wait()

    # -- the phone ---------------------------------------------------------------------------

    def _open_phone(self) -> None:
        """Start the browser on its profile with two tabs; sign in where the cookie was lost."""
        profile = self.folder / "profile"
        for name in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
            (profile / name).unlink(missing_ok=True)
        self.phone = self.player.chromium.launch_persistent_context(
            str(profile),
            executable_path=CHROMIUM,
            args=list(ARGUMENTS),
            headless=True,
            viewport={"width": 360, "height": 780},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        self.tabs = [self.phone.pages[0] if self.phone.pages else self.phone.new_page()]
        self.phone.on("request", self._remember)
        self._sign_in(self.tabs[0])
        self.tabs.append(self.phone.new_page())
        self.tabs[1].goto(f"{self.address}/today")
        for tab in self.tabs:
            _wait_for_queue(tab)

    def _sign_in(self, tab: Page) -> None:
        """Open the route page; sign in where the killed browser had not kept its cookie yet."""
        tab.goto(f"{self.address}/today")
        if not any(cookie["name"].endswith("outreach_session") for cookie in self.phone.cookies()):
            tab.goto(f"{self.address}/sign-in?next=/today")
            tab.fill("input[name=login]", LOGIN)
            tab.fill("input[name=password]", self.password)
            tab.click("main button[type=submit]")
            tab.wait_for_selector("#sync", state="attached")

    def _kill_phone(self) -> None:
        """SIGKILL every process of the browser."""
        mark = f"--user-data-dir={self.folder / 'profile'}".encode()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    if mark in (entry / "cmdline").read_bytes():
                        os.kill(int(entry.name), signal.SIGKILL)

    def _drive(self) -> None:
        total = self.chosen.visits
        moments = self.dice.sample(range(total), total)
        phone_kills = set(moments[: self.chosen.browser_kills])
        server_kills = set(moments[::-1][: self.chosen.server_kills]) - phone_kills
        self._open_phone()
        for number in range(total):
            if self.dice.random() < 0.3:  # the network comes and goes
                self.phone.set_offline(not self.counts["offline"] % 2)
                self.counts["offline"] += 1
            fault = self._kill_phone if number in phone_kills else self._kill_server
            alive = self._save_while(fault if number in phone_kills | server_kills else None)
            if number in phone_kills:
                self._kill_phone()
                self.counts["browser_kills"] += 1
                with suppress(Error):
                    self.phone.close()
            if number in server_kills:
                self.counts["server_kills"] += 1
                time.sleep(self.dice.uniform(0, 0.4))
                self._start_server()
            if number in phone_kills or not alive:
                self.counts["offline"] = 0
                self._open_phone()
            if number % 5 == 4:
                self._send_again()
        self._finish()

    def _save_while(self, fault: Callable[[], None] | None) -> bool:
        """Save a visit, and meanwhile let the fault happen at a moment of its own."""
        if fault is None:
            return self._save()
        timer = threading.Timer(self.dice.uniform(0, 0.06), fault)
        timer.start()
        alive = self._save()
        timer.join()
        return alive

    def _save(self) -> bool:
        """Save one visit in one of the tabs; only what the phone called saved must survive."""
        content = {
            "uuid": _uuid(self.dice),
            "enterprise_id": self.dice.choice(self.firms),
            "visited_at": datetime.now(UTC).isoformat(),
            "result": self.dice.choice(["met_head", "nobody", "refused"]),
            "note": f"第 {len(self.tried)} 次 ☂ \u2028",
        }
        photo = _uuid(self.dice)
        self.tried.add(content["uuid"])
        try:
            took = self.dice.choice(self.tabs).evaluate(SAVE, [content, photo])
        except Error:
            return False
        self.saved[content["uuid"]] = photo
        self.saving_ms.append(took)
        return True

    def _send_again(self) -> None:
        """Send some of what was sent already, in any order, as a network that stutters would."""
        for address, body in self.dice.sample(self.sent, min(5, len(self.sent))):
            with suppress(Error):
                self.phone.request.put(address, data=body, headers={"X-Outreach-Queue": "1"})
                self.counts["resent"] += 1

    def _remember(self, request: Request) -> None:
        if request.method == "PUT" and request.post_data_buffer:
            self.sent.append((request.url, request.post_data_buffer))

    def _finish(self) -> None:
        """Online at last: wait until nothing waits."""
        self.phone.set_offline(False)
        self.tabs[0].goto(f"{self.address}/today")
        _wait_for_queue(self.tabs[0])
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            self.tabs[0].evaluate("window.OutreachQueue.sync()")
            left = self.tabs[0].evaluate(
                "window.OutreachQueue.summary().then((now) => now.waiting + now.photos)"
            )
            if left == 0:
                break
            time.sleep(0.5)
        self.counts["left_on_phone"] = left
        self.phone.close()

    # -- the verdict -------------------------------------------------------------------------

    def _judge(self) -> dict[str, object]:
        database = Database(self.url)
        with database.transaction() as session:
            visits = list(session.scalars(select(Visit.uuid)))
            photos = list(session.scalars(select(Attachment.uuid)))
            held = session.scalar(select(func.count()).select_from(HeldVisit)) or 0
            notes = Counter(content["note"] for content in session.scalars(select(Visit.content)))
            actions = Counter(session.scalars(select(AuditEntry.action)))
        database.close()
        lost = len(set(self.saved) - set(visits)) + len(set(self.saved.values()) - set(photos))
        doubled = sum(count - 1 for count in notes.values()) + held
        ordered = sorted(self.saving_ms)
        return {
            "visits": self.chosen.visits,
            "saved": len(self.saved),
            "received": len(visits),
            "photos": len(photos),
            "browser_kills": self.counts["browser_kills"],
            "server_kills": self.counts["server_kills"],
            "sent_again": self.counts["resent"],
            "left_on_phone": self.counts["left_on_phone"],
            "lost": lost,
            "doubled": doubled,
            "audited": actions["record_visit"] == len(visits)
            and actions["receive_attachment"] == len(photos),
            "save_ms_median": round(ordered[len(ordered) // 2], 1),
            "save_ms_p95": round(ordered[int(len(ordered) * 0.95)], 1),
        }


def _wait_for_queue(tab: Page) -> None:
    """Wait for the page's deferred scripts; its policy forbids Playwright's own way to wait."""
    deadline = time.monotonic() + 60
    while not tab.evaluate("Boolean(window.OutreachQueue && window.OutreachQueue.usable)"):
        if time.monotonic() > deadline:
            raise SystemExit("the phone's queue did not load")
        time.sleep(0.05)


def _uuid(dice: random.Random) -> str:
    bits = f"{dice.getrandbits(128):032x}"
    return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    raise SystemExit(main())

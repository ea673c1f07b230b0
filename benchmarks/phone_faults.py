"""Kill browsers and servers while visits are saved and sent; count what is lost or doubled.

    python benchmarks/phone_faults.py --visits 200 --browser-kills 20 --server-kills 20

A real Chromium with its profile on disk saves visits with a photo each through the phone's own
queue, from two tabs, with and without a network. Browser and server are killed (SIGKILL) at random
moments, records are sent again and out of order. With `--restores` the server comes back from an
older copy of its folder, with `--clock-ahead` the phone's clock is wrong by so many seconds. At the
end one JSON line: `lost` are visits or photos that the phone had said to be saved and the server
does not have, `doubled` those that it has twice, `misdated` visits whose moment is off by more than
ten minutes. Exit status 1 unless all are 0 and every change has its audit row.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

# This file's own folder would come first, where `routing` is another file.
sys.path[0] = str(Path(__file__).parents[1])

from playwright.sync_api import Error, sync_playwright  # noqa: E402
from sqlalchemy import func, select  # noqa: E402

from benchmarks.phone_site import (  # noqa: E402
    ARGUMENTS,
    CHROMIUM,
    LOGIN,
    SCREEN,
    Server,
    make_site,
    wait_for_queue,
)
from outreach.storage.accounts import AuditEntry  # noqa: E402
from outreach.storage.database import Database  # noqa: E402
from outreach.storage.visits import Attachment, HeldVisit, Visit  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Request

NEAR_ENOUGH = timedelta(minutes=10)
"""A visit is dated by the server's clock, however wrong the phone's is."""

WRONG_CLOCK = """(() => {
  const ahead = AHEAD, Right = Date, now = Right.now.bind(Right);
  window.Date = class extends Right {
    constructor(...said) { if (said.length) { super(...said); } else { super(now() + ahead); } }
    static now() { return now() + ahead; }
  };
})()"""
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
    parser.add_argument("--restores", type=int, default=0, help="SQLite only")
    parser.add_argument("--clock-ahead", type=int, default=0, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--database", help="a database URL; SQLite in a temporary folder without it"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phone-faults-") as folder:
        result = Run(Path(folder), chosen).go()
    print(json.dumps(result))
    wrong = result["lost"] or result["doubled"] or result["misdated"] or not result["audited"]
    return 1 if wrong else 0


@dataclass
class Run:
    """One fault run: a district, a server, a phone, and what became of each visit."""

    folder: Path
    chosen: argparse.Namespace
    saved: dict[str, str] = field(default_factory=dict)
    moments: dict[str, datetime] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    saving_ms: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    sent: list[tuple[str, bytes]] = field(default_factory=list)

    def go(self) -> dict[str, object]:
        """Save, kill, send again; return the figures."""
        self.dice = random.Random(self.chosen.seed)
        started = time.perf_counter()
        self.site = make_site(
            self.folder, seed=self.chosen.seed, entities=300, url=self.chosen.database
        )
        self.server = Server(self.site)
        self.address = self.server.address
        self.server.start()
        try:
            with sync_playwright() as player:
                self.player = player
                self._drive()
        finally:
            self.server.kill()
        return {**self._judge(), "seconds": round(time.perf_counter() - started, 1)}

    def _restore(self) -> None:
        """Let the server come back from the copy, as after a disk that died; then copy anew."""
        kept, copy = self.site.settings.instance, self.folder / "copy"
        self.server.kill()
        if copy.exists():
            shutil.rmtree(kept)
            shutil.copytree(copy, kept)
            self.counts["restores"] += 1
        else:
            shutil.copytree(kept, copy)
        self.server.start()

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
            viewport=SCREEN,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        if self.chosen.clock_ahead:
            script = WRONG_CLOCK.replace("AHEAD", str(1000 * self.chosen.clock_ahead))
            self.phone.add_init_script(script)
        self.tabs = [self.phone.pages[0] if self.phone.pages else self.phone.new_page()]
        self.phone.on("request", self._remember)
        self._sign_in(self.tabs[0])
        self.tabs.append(self.phone.new_page())
        self.tabs[1].goto(f"{self.address}/today")
        for tab in self.tabs:
            wait_for_queue(tab)

    def _sign_in(self, tab: Page) -> None:
        """Open the route page; sign in where the killed browser had not kept its cookie yet."""
        tab.goto(f"{self.address}/today")
        if not any(cookie["name"].endswith("outreach_session") for cookie in self.phone.cookies()):
            tab.goto(f"{self.address}/sign-in?next=/today")
            tab.fill("input[name=login]", LOGIN)
            tab.fill("input[name=password]", self.site.password)
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
        spread = max(1, total // (self.chosen.restores + 2))
        copies = {spread * (place + 1) for place in range(self.chosen.restores + 1)}
        self._open_phone()
        for number in range(total):
            if self.chosen.restores and number in copies:
                self._restore()
            if self.dice.random() < 0.3:  # the network comes and goes
                self.phone.set_offline(not self.counts["offline"] % 2)
                self.counts["offline"] += 1
            fault = self._kill_phone if number in phone_kills else self.server.kill
            alive = self._save_while(fault if number in phone_kills | server_kills else None)
            if number in phone_kills:
                self._kill_phone()
                self.counts["browser_kills"] += 1
                with suppress(Error):
                    self.phone.close()
            if number in server_kills:
                self.counts["server_kills"] += 1
                time.sleep(self.dice.uniform(0, 0.4))
                self.server.start()
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
        now = datetime.now(UTC)
        content = {
            "uuid": _uuid(self.dice),
            "enterprise_id": self.dice.choice(self.site.firms),
            "visited_at": (now + timedelta(seconds=self.chosen.clock_ahead)).isoformat(),
            "result": self.dice.choice(["met_head", "nobody", "refused"]),
            "note": f"第 {len(self.tried)} 次 ☂ \u2028",
        }
        photo = _uuid(self.dice)
        self.tried.add(content["uuid"])
        self.moments[content["uuid"]] = now
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
        wait_for_queue(self.tabs[0])
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
        database = Database(self.site.settings.database)
        with database.transaction() as session:
            visits = dict(session.execute(select(Visit.uuid, Visit.visited_at)).all())
            photos = list(session.scalars(select(Attachment.uuid)))
            held = session.scalar(select(func.count()).select_from(HeldVisit)) or 0
            notes = Counter(content["note"] for content in session.scalars(select(Visit.content)))
            actions = Counter(session.scalars(select(AuditEntry.action)))
        database.close()
        lost = len(set(self.saved) - set(visits)) + len(set(self.saved.values()) - set(photos))
        doubled = sum(count - 1 for count in notes.values()) + held
        off = [abs(at - self.moments[uuid]) > NEAR_ENOUGH for uuid, at in visits.items()]
        ordered = sorted(self.saving_ms)
        return {
            "visits": self.chosen.visits,
            "saved": len(self.saved),
            "received": len(visits),
            "photos": len(photos),
            "browser_kills": self.counts["browser_kills"],
            "server_kills": self.counts["server_kills"],
            "restores": self.counts["restores"],
            "sent_again": self.counts["resent"],
            "left_on_phone": self.counts["left_on_phone"],
            "lost": lost,
            "doubled": doubled,
            "misdated": sum(off),
            "audited": actions["record_visit"] == len(visits)
            and actions["receive_attachment"] == len(photos),
            "save_ms_median": round(ordered[len(ordered) // 2], 1),
            "save_ms_p95": round(ordered[int(len(ordered) * 0.95)], 1),
        }


def _uuid(dice: random.Random) -> str:
    bits = f"{dice.getrandbits(128):032x}"
    return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"


if __name__ == "__main__":
    raise SystemExit(main())

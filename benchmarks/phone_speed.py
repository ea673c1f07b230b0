"""Time and weigh the route page on a slow phone: each figure beside its aim.

    python benchmarks/phone_speed.py [--repeats 5] [--json]

A real Chromium of a phone's size, its processor slowed down 6 times, its network 400 kbit/s with
300 ms of latency (both set through the DevTools protocol, for the service worker as well), against
a real server over a small made-up district with a day of 12 stops. Each repeat starts with an empty
browser. Bytes are counted by a relay between browser and server, so that whatever the browser loads
counts, the service worker's own loading among it. Exit status 1 when an aim is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import statistics
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

# This file's own folder would come first, where `routing` is another file.
sys.path[0] = str(Path(__file__).parents[1])

from playwright.sync_api import sync_playwright  # noqa: E402

from benchmarks.phone_site import (  # noqa: E402
    ARGUMENTS,
    CHROMIUM,
    LOGIN,
    SCREEN,
    PhoneSite,
    Server,
    make_site,
    plan_today,
    wait_until,
)
from outreach.domain.calendar import CHINA  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

SLOWDOWN = 6
LATENCY_MS = 300
BYTES_A_SECOND = 400_000 / 8
STOPS = 12

FOUND = "a found firm: the server's answer, s"
FIRST_FOUND = "the same, a server's first"
AIMS = {
    "first load: next stop usable, s": 3.0,
    "first load: all bytes received, KB": 110.0,
    "second load: next stop usable, s": 0.5,
    "offline reload: next stop usable, s": 0.3,
    "visit with 2 photos: from the tap to 'kept', s": 0.4,
    "the day's page with all forms, compressed, KB": 60.0,
    FIRST_FOUND: 0.5,
    FOUND: 0.5,
}
"""What each figure may be at most; figures without an aim are shown for the picture."""

WATCH = """(() => {
  const seen = window.seenAt = {};
  const now = () => performance.now();
  const part = (id) => document.getElementById(id);
  const look = () => {
    const card = part("card");
    if (card && !seen.card && card.getBoundingClientRect().height > 0) { seen.card = now(); }
    const extras = document.querySelector("#visit-sheet [data-extras]");
    const ready = window.OutreachQueue && extras && !extras.hidden;
    if (seen.card && ready) { seen.usable = now(); } else { requestAnimationFrame(look); }
  };
  requestAnimationFrame(look);
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("#visit-sheet .send button");
    if (!button || seen.tap) { return; }
    seen.tap = event.timeStamp;
    const wait = () => {
      if (!seen.kept && Number(part("sync").dataset.saved) > 0) { seen.kept = now(); }
      if (!seen.onward && part("visit-sheet").hidden) { seen.onward = now(); }
      if (!seen.kept || !seen.onward) { requestAnimationFrame(wait); }
    };
    requestAnimationFrame(wait);
  }, true);
})()"""
"""Notes when the card is painted, when the form behind its button is ready (the card's script and
the queue ran), and when the page says that a visit is on the phone."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phone-speed-") as folder:
        site = make_site(Path(folder), entities=1200)
        plan_today(site, STOPS)
        run = Run(site, Path(folder))
        run.go(chosen.repeats)
    if chosen.json:
        print(json.dumps({"figures": run.table(), "first_load": run.files}, ensure_ascii=False))
    else:
        run.show()
    return 0 if all(row["kept"] for row in run.table().values()) else 1


class Relay:
    """Passes bytes between browser and server and counts what the browser receives."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("localhost", 0))
        self.address = f"http://localhost:{self._listening.getsockname()[1]}"
        self.received = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("localhost", self._target))
                for pair in ((near, far, False), (far, near, True)):
                    threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, counted: bool) -> None:  # noqa: FBT001
        with suppress(OSError):
            while data := source.recv(65536):
                self.received += len(data) * counted
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Take no further connections."""
        self._listening.close()


@dataclass
class Run:
    """The repeats and what they gave."""

    site: PhoneSite
    folder: Path
    figures: dict[str, list[float]] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)

    def go(self, repeats: int) -> None:
        """Measure `repeats` times, each with an empty browser."""
        server = Server(self.site)
        server.start()
        self.relay = Relay(server.port)
        self.photos = _photos(self.folder)
        try:
            with sync_playwright() as player:
                self.browser = player.chromium.launch(
                    executable_path=CHROMIUM, args=list(ARGUMENTS), headless=True
                )
                self._one(keep=False)  # the server's own first request is not the phone's
                for _ in range(repeats):
                    self._one(keep=True)
                self.browser.close()
        finally:
            self.relay.close()
            server.kill()

    def _one(self, *, keep: bool) -> None:
        phone = Phone(self.browser, self.relay, self.site)
        found = phone.measure(self.photos)
        if not keep:
            self.figures[FIRST_FOUND] = [found[FOUND]]
        if keep:
            for name, value in found.items():
                self.figures.setdefault(name, []).append(value)
            self.files = phone.files

    def table(self) -> dict[str, dict[str, Any]]:
        """Every figure: median, worst, its aim, whether the median keeps it."""
        return {
            name: {
                "median": round(statistics.median(values), 3),
                "worst": round(max(values), 3),
                "aim": AIMS.get(name),
                "kept": name not in AIMS or statistics.median(values) <= AIMS[name],
            }
            for name, values in self.figures.items()
        }

    def show(self) -> None:
        """Print the table and what the first load consists of."""
        print(f"other work on the machine: load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
        print(f"{'':54} {'median':>8} {'worst':>8} {'aim':>8}")
        for name, row in self.table().items():
            aim = f"{row['aim']:8.1f}" if row["aim"] else " " * 8
            word = "" if row["kept"] else "  MISSED"
            print(f"{name:54} {row['median']:8.2f} {row['worst']:8.2f} {aim}{word}")
        print(f"\n{'first load':40} {'from s':>8} {'to s':>8} {'KB':>8}")
        for file in self.files:
            print(f"{file['name']:40} {file['from']:8.2f} {file['to']:8.2f} {file['kb']:8.1f}")


class Phone:
    """One browser context that knows nothing yet, slowed down once it is signed in."""

    def __init__(self, browser: Browser, relay: Relay, site: PhoneSite) -> None:
        self.browser, self.relay = browser, relay
        self.context: BrowserContext = browser.new_context(
            viewport=SCREEN,
            device_scale_factor=2,
            is_mobile=True,
            has_touch=True,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        self._sign_in(site)
        self.context.add_init_script(WATCH)
        self.page: Page = self.context.new_page()
        self.wire: CDPSession = self.context.new_cdp_session(self.page)
        self.files: list[dict[str, Any]] = []

    def _sign_in(self, site: PhoneSite) -> None:
        """Sign in beside the pages, so that no file of theirs is in the browser's cache."""
        ask = self.context.request
        form = ask.get(f"{self.relay.address}/sign-in").text()
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        fields = {"csrf_token": token[1], "login": LOGIN, "password": site.password}
        ask.post(f"{self.relay.address}/sign-in", form=fields, max_redirects=0)

    def measure(self, photos: list[Path]) -> dict[str, float]:
        """Everything, in the order in which a phone lives through it."""
        self._slow_down()
        found = self._first_load()
        found |= self._again("second load")
        found |= self._save(photos)
        self.context.set_offline(True)
        found |= self._again("offline reload")
        found[FOUND] = self._add_found()
        self.context.close()
        return found

    def _add_found(self) -> float:
        """Seconds until the server has planned the day anew with a firm that no register knew."""
        ask, day = self.context.request, datetime.now(CHINA).date()
        form = ask.get(f"{self.relay.address}/today/found?day={day}").text()
        fields = dict(re.findall(r'name="(csrf_token|uuid)" value="([^"]+)"', form))
        stop = re.search(r'data-stop="(\d+)"', ask.get(f"{self.relay.address}/today").text())[1]
        fields |= {"day": str(day), "kind": "found", "name": fields["uuid"], "enterprise_id": stop}
        address = f"{self.relay.address}/today/changes"
        started = time.perf_counter()
        answer = ask.post(address, form=fields, headers={"Accept": "application/json"})
        seconds = time.perf_counter() - started
        if answer.status != 201:
            raise SystemExit(answer.text())
        return seconds

    def _slow_down(self) -> None:
        self.wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        self.wire.send("Network.enable")
        self._throttle()

    def _throttle(self) -> None:
        """The page's network and, where it runs already, the service worker's."""
        slow = {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_A_SECOND,
            "uploadThroughput": BYTES_A_SECOND,
        }
        self.wire.send("Network.emulateNetworkConditions", slow)
        whole = self.browser.new_browser_cdp_session()
        for target in whole.send("Target.getTargets")["targetInfos"]:
            if target["type"] == "service_worker" and self.relay.address in target["url"]:
                known = {"targetId": target["targetId"], "flatten": False}
                session = whole.send("Target.attachToTarget", known)["sessionId"]
                for number, (method, values) in enumerate(
                    (("Network.enable", {}), ("Network.emulateNetworkConditions", slow)), start=1
                ):
                    message = json.dumps({"id": number, "method": method, "params": values})
                    whole.send(
                        "Target.sendMessageToTarget", {"sessionId": session, "message": message}
                    )

    def _first_load(self) -> dict[str, float]:
        requests: dict[str, dict[str, Any]] = {}
        self.wire.on("Network.requestWillBeSent", lambda it: _began(requests, it))
        self.wire.on("Network.loadingFinished", lambda it: _ended(requests, it))
        before = self.relay.received
        seen = self._open()
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        quiet = self._until_quiet()
        start = min(one["began"] for one in requests.values())
        self.files = [
            {
                "name": one["name"],
                "from": round(one["began"] - start, 3),
                "to": round(one["ended"] - start, 3),
                "kb": round(one["bytes"] / 1024, 1),
            }
            for one in requests.values()
            if "ended" in one
        ]
        page = next(one for one in requests.values() if one["name"] == "/today")
        return {
            "first load: next stop shown, s": seen["card"] / 1000,
            "first load: next stop usable, s": seen["usable"] / 1000,
            "first load: all bytes received, KB": (quiet - before) / 1024,
            "the day's page with all forms, compressed, KB": page["bytes"] / 1024,
        }

    def _until_quiet(self) -> int:
        """Wait until nothing comes in any more; returns the relay's count."""
        last, since = self.relay.received, time.monotonic()
        while time.monotonic() - since < 2:
            self.page.wait_for_timeout(100)
            if self.relay.received != last:
                last, since = self.relay.received, time.monotonic()
        return last

    def _open(self) -> dict[str, float]:
        self.page.goto(f"{self.relay.address}/today", wait_until="commit")
        wait_until(self.page, "Boolean(window.seenAt && window.seenAt.usable)", seconds=30)
        return self.page.evaluate("window.seenAt")

    def _again(self, name: str) -> dict[str, float]:
        if name == "second load":
            self._throttle()
        seen = self._open()
        self.page.wait_for_load_state()
        self._until_quiet()
        return {
            f"{name}: next stop shown, s": seen["card"] / 1000,
            f"{name}: next stop usable, s": seen["usable"] / 1000,
        }

    def _registered(self) -> str:
        """The number of the registers, shown once one is typed; a far-off one is asked about."""
        line = "#visit-sheet [data-registered]"
        self.page.fill("#visit-sheet [name=employees]", "47")
        wait_until(self.page, f"/\\d/.test(document.querySelector('{line}').textContent)")
        return re.findall(r"(\d+)\s*人", self.page.text_content(line) or "")[0]

    def _save(self, photos: list[Path]) -> dict[str, float]:
        page = self.page
        page.click("#card a.primary")
        page.wait_for_selector("#visit-sheet:not([hidden])")
        page.click(
            "#visit-sheet input[value=met_head] + *, #visit-sheet label:has([value=met_head])"
        )
        page.fill("#visit-sheet [name=concerns]", "还要商量")
        page.set_input_files("[data-attach=photo]", [str(one) for one in photos])
        page.wait_for_selector("[data-attached] li:nth-child(2)")
        page.wait_for_timeout(1500)  # she reads what she wrote; drafts are kept meanwhile
        page.fill("#visit-sheet [name=employees]", self._registered())
        page.click("#visit-sheet .send button", no_wait_after=True)
        wait_until(page, "Boolean(window.seenAt.kept && window.seenAt.onward)", seconds=30)
        seen = page.evaluate("window.seenAt")
        wait_until(page, "document.getElementById('sync').dataset.waiting === '0'")
        return {
            "visit with 2 photos: from the tap to 'kept', s": (seen["kept"] - seen["tap"]) / 1000,
            "visit with 2 photos: to the next door, s": (seen["onward"] - seen["tap"]) / 1000,
        }


def _began(requests: dict[str, dict[str, Any]], it: dict[str, Any]) -> None:
    address = it["request"]["url"].partition("?")[0]
    name = "/" + address.partition("//")[2].partition("/")[2]
    requests[it["requestId"]] = {"name": name, "began": it["timestamp"], "bytes": 0}


def _ended(requests: dict[str, dict[str, Any]], it: dict[str, Any]) -> None:
    if it["requestId"] in requests:
        requests[it["requestId"]] |= {"ended": it["timestamp"], "bytes": it["encodedDataLength"]}


def _photos(folder: Path) -> list[Path]:
    """Two photos as large as a phone's, with as much detail as a street."""
    from PIL import Image

    made = []
    for number in (1, 2):
        noise = Image.effect_noise((1000, 750), 50).resize((4000, 3000)).convert("RGB")
        made.append(folder / f"photo-{number}.jpg")
        noise.save(made[-1], quality=85)
    return made


if __name__ == "__main__":
    raise SystemExit(main())

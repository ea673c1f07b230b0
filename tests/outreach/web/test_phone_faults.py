"""Kills, full phones, lost answers, stumbling servers: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select
from test_web_in_browser import opened, wait_for
from test_web_phone import fill_visit, open_sheet

from outreach.storage.accounts import AuditEntry
from outreach.storage.visits import Attachment, HeldVisit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ROOT = Path(__file__).parents[3]
KEPT = "document.getElementById('sync').dataset"


@pytest.mark.timeout(900)
def test_a_small_fault_run_loses_nothing_and_doubles_nothing(chromium):
    """Kills of browser and server, two tabs, duplicates, a wrong clock, yesterday's backup."""
    command = [sys.executable, str(ROOT / "benchmarks" / "phone_faults.py")]
    sizes = ["--visits", "12", "--browser-kills", "1", "--server-kills", "1", "--restores", "1"]
    done = subprocess.run(
        [*command, *sizes, "--clock-ahead", "259200"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["lost"], result["doubled"], result["misdated"]) == (0, 0, 0)
    assert result["audited"]
    assert (result["browser_kills"], result["server_kills"], result["restores"]) == (1, 1, 1)
    assert result["saved"] >= 10


def fill_disk(page, address):
    """Let the browser keep nothing, as a full phone does; to be called before it keeps anything."""
    wire = page.context.new_cdp_session(page)
    wire.send("Storage.overrideQuotaForOrigin", {"origin": address, "quotaSize": 1})


def stored(site):
    """How many visits, photos, held records, audit rows of visits and of photos there are."""
    with site.database.session() as session:
        audit = select(func.count()).select_from(AuditEntry)
        return (
            len(site.visits()),
            session.scalar(select(func.count()).select_from(Attachment)),
            session.scalar(select(func.count()).select_from(HeldVisit)),
            session.scalar(audit.where(AuditEntry.action == "record_visit")),
            session.scalar(audit.where(AuditEntry.action == "receive_attachment")),
        )


def photo_file(folder):
    from PIL import Image

    path = folder / "gate.jpg"
    Image.effect_noise((800, 600), 60).convert("RGB").save(path)
    return path


def test_a_full_phone_sends_at_once_or_keeps_the_form(chromium, sqlite_site, address, tmp_path):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        fill_disk(page, address)
        open_sheet(page, address)
        fill_visit(page)
        page.set_input_files("[data-attach=photo]", photo_file(tmp_path))
        page.wait_for_selector("[data-attached] li")
        page.context.set_offline(True)
        page.click("#visit-sheet .send button")
        page.wait_for_selector("text=没有存下,也没有发出去".replace(",", "，"))
        assert page.input_value("#visit-sheet [name=employees]") == "47"
        assert stored(sqlite_site) == (0, 0, 0, 0, 0)
        page.context.set_offline(False)
        page.click("#visit-sheet .send button")
        page.wait_for_selector("#visit-sheet", state="hidden")
        assert stored(sqlite_site) == (1, 1, 0, 1, 1)


def test_an_answer_that_got_lost_makes_no_second_visit(chromium, sqlite_site, address):
    lost = []

    def lose_answer(route):
        answer = route.fetch()
        if lost:
            route.fulfill(response=answer)
        else:
            lost.append(answer.status)
            route.abort()

    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        fill_disk(page, address)
        open_sheet(page, address)
        fill_visit(page)
        page.context.route("**/sync/visits/*", lose_answer)
        page.click("#visit-sheet .send button")
        page.wait_for_selector("text=没有存下,也没有发出去".replace(",", "，"))
        assert (lost, len(sqlite_site.visits())) == ([201], 1)
        page.click("#visit-sheet .send button")
        page.wait_for_selector("#visit-sheet", state="hidden")
        assert stored(sqlite_site) == (1, 0, 0, 1, 0)


def test_a_record_on_which_the_server_stumbles_lets_the_rest_pass(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        page.goto(f"{address}/today")
        wait_for(page, "Boolean(window.OutreachQueue)")
        page.context.set_offline(True)
        firm = int(page.locator("#card a[data-visit]").get_attribute("data-visit"))
        uuids = [
            page.evaluate(
                """async ([firm, text]) => {
                  const queue = window.OutreachQueue, uuid = queue.newUuid();
                  const content = { uuid, enterprise_id: firm, result: "nobody", note: text,
                                    visited_at: new Date().toISOString() };
                  await queue.save("visit", "/sync/visits/" + uuid, content, text, []);
                  return uuid;
                }""",
                [firm, text],
            )
            for text in ("a", "b", "c")
        ]
        page.context.route(
            f"**/sync/visits/{uuids[0]}", lambda route: route.fulfill(status=500, body="{}")
        )
        page.context.set_offline(False)
        page.evaluate("window.OutreachQueue.sync()")
        wait_for(page, f"{KEPT}.waiting === '1'")
        assert {visit.uuid for visit in sqlite_site.visits()} == set(uuids[1:])
        page.context.unroute(f"**/sync/visits/{uuids[0]}")
        page.evaluate("window.OutreachQueue.sync()")
        wait_for(page, f"{KEPT}.waiting === '0'")
        assert stored(sqlite_site) == (3, 0, 0, 3, 0)


def test_what_a_proxy_refused_goes_out_when_she_asks_again(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_sheet(page, address)
        fill_visit(page)
        page.context.route("**/sync/visits/*", lambda route: route.fulfill(status=413, body="-"))
        page.click("#visit-sheet .send button")
        page.wait_for_selector("#visit-sheet", state="hidden")
        page.wait_for_selector("#sync-more:not([hidden])")
        assert sqlite_site.visits() == []
        page.context.unroute("**/sync/visits/*")
        page.click("#sync-more summary")
        page.wait_for_selector("#sync-more[open]")
        page.click("#sync-now")
        wait_for(page, f"{KEPT}.received === '1'")
        assert stored(sqlite_site) == (1, 0, 0, 1, 0)


def test_a_draft_ends_in_the_same_step_in_which_its_visit_is_kept(chromium, sqlite_site, address):
    with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
        page = watched.page
        open_sheet(page, address)
        page.context.set_offline(True)
        fill_visit(page)
        page.wait_for_timeout(300)
        left = page.evaluate(
            """async () => {
              const queue = window.OutreachQueue, db = await idb.openDB("outreach");
              const place = (await db.getAllKeys("drafts"))[0], uuid = queue.newUuid();
              const content = { uuid, enterprise_id: 1, result: "nobody",
                                visited_at: new Date().toISOString() };
              const saving = queue.save("visit", "/sync/visits/" + uuid, content, "x", [],
                                        place.slice(place.indexOf(":") + 1));
              const late = queue.keepDraft(place.slice(place.indexOf(":") + 1), { late: true });
              await Promise.all([saving, late]);
              const records = await db.getAllKeys("records");
              return [place, await db.getAllKeys("drafts"), records.length];
            }"""
        )
        assert left[0]
        assert left[1:] == [[], 1]

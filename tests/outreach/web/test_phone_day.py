"""A grid worker's whole day in a real browser, and what everybody else sees of it afterwards."""

from __future__ import annotations

import html
import os
import re
import time
from pathlib import Path

import factories as f
import pytest
from made_up_site import PLANNED, RULE
from sqlalchemy import select
from test_phone_faults import photo_file
from test_web_in_browser import opened, wait_for
from test_web_phones import new_code

from outreach.domain.plans import VisitPurpose
from outreach.services.planning.plans import plan_week
from outreach.storage.enterprises import Enterprise
from outreach.storage.plans import PlanStop
from outreach.storage.visits import Attachment

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FOUND = "半路五金店"
TYPED = (
    "#visit-sheet textarea:visible, #visit-sheet input:not([type=radio])"
    ":not([type=checkbox]):not([type=file]):not([type=hidden]):visible"
)


def look(page, name):
    """Keep a picture of the phone's screen where OUTREACH_PICTURES names a folder."""
    if folder := os.environ.get("OUTREACH_PICTURES"):
        page.wait_for_timeout(700)
        page.screenshot(path=Path(folder) / f"{name}.png")


class Finger:
    """Taps and types as she does, and counts."""

    def __init__(self, page):
        self.page, self.taps, self.typed = page, 0, []

    def tap(self, selector):
        self.page.click(selector)
        self.taps += 1

    def type(self, name, text):
        self.page.fill(f"#visit-sheet [name={name}]", text)
        self.typed.append(name)

    def start(self, page):
        self.taps, self.typed = 0, []
        self.page = page


def stops_of(page):
    listed = page.locator(".stops a[data-stop]")
    return [int(listed.nth(at).get_attribute("data-stop")) for at in range(listed.count())]


def queue_ready(page):
    wait_for(page, "Boolean(window.OutreachQueue && window.OutreachQueue.usable)")


def today(page, address):
    page.goto(f"{address}/today")
    queue_ready(page)


def sign_in_by_code(page, address, site):
    page.goto(f"{address}/bind")
    page.fill("#code", new_code(site))
    page.click("#bind button.primary")
    page.click("text=是我,绑定这部手机".replace(",", "，"))
    page.wait_for_url("**/today*")
    today(page, address)


def own_order(page, address):
    """The second stop first, with buttons."""
    before = stops_of(page)
    page.click("text=换顺序")
    page.locator("button[name=move]").nth(1).click()
    page.click("[data-save] button")
    page.wait_for_url("**/today?day=*")
    page.goto(f"{address}/today")
    assert stops_of(page) == [before[1], before[0], *before[2:]]


def skip(page, firm):
    """The stop on the card is left out, with a reason."""
    page.click(f'.stops a[data-stop="{firm}"]')
    page.click("#card >> text=这站不去")
    page.click("#card button[value=closed]")
    page.wait_for_url("**/today?day=*")
    assert firm not in stops_of(page)
    assert page.locator(".skipped li").count() == 1


def add_found(page, address, site):
    """A shop on the third floor of the last stop's house, where it delays nobody; gives its id."""
    last = stops_of(page)[-1]
    with site.database.session() as session:
        house = session.get_one(Enterprise, last).address
    page.goto(f"{address}/today?stop={last}")
    page.click("text=记一家新企业")
    page.fill("#name", FOUND)
    page.fill("#address", f"{house}3楼")
    page.fill("#employees", "12")
    started = time.perf_counter()
    page.click(".found .send button")
    page.wait_for_url("**/today?day=*")
    print(f"a found firm on the route after {time.perf_counter() - started:.2f} s")
    with site.database.session() as session:
        return session.scalars(select(Enterprise.id).where(Enterprise.name == FOUND)).one()


def full_visit(page, finger, folder):
    """Three checks, three notes, the union, a request, a photo."""
    finger.start(page)
    finger.tap("#card a.primary")
    page.wait_for_selector("#visit-sheet:not([hidden])")
    finger.tap("#visit-sheet >> text=见到负责人")
    offered = page.locator(TYPED)
    names = [offered.nth(at).get_attribute("name") for at in range(offered.count())]
    finger.type("employees", "47")
    finger.tap("#visit-sheet >> text=考勤表")
    finger.tap("#visit-sheet >> text=担心增加费用")
    finger.type("concerns", "要和合伙人商量")
    finger.tap("#visit-sheet >> text=看病")
    finger.type("hardship_workers", "3")
    finger.type("resources", "二楼会议室")
    finger.tap('#visit-sheet label:has(input[name=attitude][value="4"])')
    finger.tap("#visit-sheet label:has(input[name=requests]) >> nth=0")
    finger.type("request_note", "消防培训")
    page.set_input_files("#visit-sheet [data-attach=photo]", photo_file(folder))
    finger.taps += 1
    page.wait_for_selector("[data-attached] li")
    look(page, "full-visit")
    finger.tap("#visit-sheet .send button")
    page.wait_for_selector("#visit-sheet", state="hidden")
    print(
        f"full visit: {finger.taps} taps, typed {len(finger.typed)} ({', '.join(finger.typed)}),"
        f" offered {len(names)} ({', '.join(names)})"
    )
    assert len(finger.typed) <= 8
    assert len(names) <= 8


def no_change(page, finger, firm):
    """Two taps and nothing typed: the stop, and that nothing changed."""
    finger.start(page)
    finger.tap(f'.stops a[data-stop="{firm}"]')
    finger.tap(f'#card form[data-unchanged="{firm}"] button')
    page.wait_for_selector(f'.stops a[data-stop="{firm}"][data-saved]')
    print(f"no change: {finger.taps} taps, typed {len(finger.typed)}")
    assert (finger.taps, finger.typed) == (2, [])


def nobody_there(page, firm):
    # The card moves on by itself when a visit is kept: hers must stand still before it is tapped.
    page.click(f'.stops a[data-stop="{firm}"]')
    page.wait_for_timeout(500)
    if not page.locator(f'#card a.primary[data-visit="{firm}"]').count():
        page.click(f'.stops a[data-stop="{firm}"]')
    page.click(f'#card a.primary[data-visit="{firm}"]')
    page.wait_for_selector("#visit-sheet:not([hidden])")
    page.click("#visit-sheet >> text=没有人")
    page.click("#visit-sheet .send button")
    page.wait_for_selector(f'.stops a[data-stop="{firm}"][data-saved=waiting]')


def day_end(page):
    return page.locator("#day-end").inner_text()


def faults_of(watched):
    """What went wrong on the pages; a photo that is drawn anew and a network that is off do not."""
    return [
        fault
        for fault in watched.faults
        if "INTERNET_DISCONNECTED" not in fault and not fault.startswith("request blob:")
    ]


def test_a_whole_day_from_the_code_to_the_last_receipt(chromium, sqlite_site, address, tmp_path):
    site = sqlite_site
    with opened(chromium, site, address, phone=True) as watched:
        page, finger = watched.page, Finger(watched.page)
        page.set_default_timeout(20_000)
        sign_in_by_code(page, address, site)
        assert re.search("\\d+ 人", page.locator("#card .why").inner_text())
        look(page, "morning")
        own_order(page, address)
        last = stops_of(page)[-1]
        skip(page, last)
        found = add_found(page, address, site)
        assert "3 楼" in page.locator(".stops .door").inner_text()
        assert "同一栋楼 2 家" in page.locator(".stops .door").inner_text()
        look(page, "door")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        today(page, address)
        met = next(one for one in stops_of(page) if one != found)
        page.click(f'.stops a[data-stop="{met}"]')
        full_visit(page, finger, tmp_path)
        wait_for(page, "document.getElementById('sync').dataset.waiting === '0'")

        page.context.set_offline(True)
        today(page, address)
        no_change(page, finger, found)
        absent = next(one for one in stops_of(page) if one not in {met, found})
        nobody_there(page, absent)
        page.wait_for_selector("#sync.open")
        assert "还没收到 2 条" in page.locator("#sync").inner_text()
        look(page, "offline")
        page.context.set_offline(False)
        page.evaluate("window.OutreachQueue.sync()")
        wait_for(page, "document.getElementById('sync').dataset.waiting === '0'")
        assert "今天存了 3 条,已收到 3 条".replace(",", "，") in day_end(page)
        today(page, address)
        wait_for(page, "document.getElementById('sync').dataset.received === '3'")
        page.wait_for_selector("#day-end:not([hidden])")
        look(page, "days-end")
        picture_other_states(page, address, met)
        assert faults_of(watched) == []
    others_see(site, met=met, found=found, absent=absent, skipped=last)


def picture_other_states(page, address, firm):
    """English, large text, a conflict: pictures, and nothing wider than the screen."""
    for name, size in (("en", "normal"), ("zh", "large"), ("zh", "largest"), ("zh", "normal")):
        for cookie, value in (("lang", name), ("text", size)):
            page.context.add_cookies([{"name": cookie, "value": value, "url": address}])
        page.goto(f"{address}/today?day=2026-11-24&as={name}-{size}")
        queue_ready(page)
        look(page, f"text-{name}-{size}")
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(over) <= 0, (name, size)
    page.evaluate(
        """async (firm) => {
          const queue = window.OutreachQueue, db = await idb.openDB("outreach");
          const uuid = (await db.getAll("records")).find((row) => row.enterprise === firm).uuid;
          const content = { uuid, enterprise_id: firm, result: "refused",
                            visited_at: new Date().toISOString() };
          const name = document.querySelector(`.stops a[data-stop="${firm}"] strong`).textContent;
          await queue.save("visit", "/sync/visits/" + uuid, content, name, []);
        }""",
        firm,
    )
    page.wait_for_selector("#sync-notice:not([hidden])")
    page.click("#sync-more summary")
    shown = page.locator("#sync-rows").inner_text()
    assert "和已收到的内容不一样" in shown
    assert not re.search("[0-9a-f]{8}-", shown)
    look(page, "conflict")


def others_see(site, *, met, found, absent, skipped):
    """The dossier, the map and the next plan."""
    visits = {visit.enterprise_id: visit for visit in site.visits()}
    assert {key: visit.result for key, visit in visits.items()} == {
        met: "met_head",
        found: "unchanged",
        absent: "nobody",
    }
    assert len(site.audit("record_visit")) == 3
    assert len(site.audit("receive_attachment")) == 1
    assert len(site.audit("change_day")) == 3
    with site.database.session() as session:
        assert session.scalars(select(Attachment.visit_uuid)).all() == [visits[met].uuid]
    district = site.visitor("district")
    dossier = district.get(f"/enterprises/{met}").text
    assert "见到负责人" in dossier
    assert "要和合伙人商量" in dossier
    assert "没有人" in district.get(f"/enterprises/{absent}").text
    assert FOUND in district.get(f"/enterprises/{found}").text
    assert district.get(f"/map/firms/{found}").json["name"] == FOUND
    counted = district.get(f"/map/visits?standing=all&grid={site.grids['G1']}").text
    met_name = next(name for name, key in site.firms.items() if key == met)
    assert met_name in html.unescape(counted)
    with site.database.transaction() as session:
        again = plan_week(
            session, district_id=1, week=f.MONDAY, rule=RULE, processes=1, now=PLANNED
        )
        planned = dict(
            session.execute(
                select(PlanStop.enterprise_id, PlanStop.purpose).where(
                    PlanStop.plan_id == again.plan_id
                )
            ).all()
        )
    # The one that was met is due no more, but for what it asked for; the closed door still is.
    assert planned[met] == VisitPurpose.SERVE
    assert planned[skipped] == VisitPurpose.ORGANISE

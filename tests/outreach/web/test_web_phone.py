"""The phone's queue in a real browser, and the pages it talks to."""

from __future__ import annotations

import json
import time
from uuid import uuid4

import pytest
from sqlalchemy import select
from test_web_in_browser import opened, wait_for

from outreach.services.visits.visit_content import digest_of
from outreach.storage.visits import HeldVisit

QUEUE = {"X-Outreach-Queue": "1", "Accept": "application/json"}
browser = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def content_of(site, **changes):
    return {
        "uuid": str(uuid4()),
        "enterprise_id": site.stops[site.days[1]][0],
        "visited_at": "2026-11-24T01:30:00.000Z",
        "result": "met_head",
        "employees": 48,
        **changes,
    }


def put(visitor, content, *, headers=QUEUE, address=None):
    path = address or f"/sync/visits/{content['uuid']}"
    return visitor.client.put(path, data=json.dumps(content), headers=headers, buffered=True)


def held(site):
    with site.database.session() as session:
        return session.scalars(select(HeldVisit)).all()


def test_a_record_gets_its_receipt_and_the_same_again_is_200(site):
    worker, content = site.visitor("worker"), content_of(site)
    first, again = put(worker, content), put(worker, content)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["sha256"] == again.json["sha256"] == digest_of(content)
    assert first.json["at"].startswith("2026-11-24T01:40")
    assert len(site.visits()) == len(site.audit("record_visit")) == 1


def test_the_same_number_with_other_content_is_409_and_the_loser_is_kept(site):
    worker, content = site.visitor("worker"), content_of(site)
    put(worker, content)
    answer = put(worker, {**content, "employees": 5})
    assert answer.status_code == 409
    assert (answer.json["stored"], answer.json["sha256"]) == (
        "conflict",
        digest_of({**content, "employees": 5}),
    )
    assert json.loads(held(site)[0].body)["employees"] == 5


def test_a_bad_record_is_kept_here_and_named_there(site):
    answer = put(site.visitor("worker"), content_of(site, premises="castle"))
    assert answer.status_code == 202
    assert answer.json["stored"] == "held"
    assert "castle" in answer.json["message"]
    assert len(held(site)) == 1


def test_without_the_header_nothing_is_taken(site):
    worker = site.visitor("worker")
    assert put(worker, content_of(site), headers={}).status_code == 400
    assert worker.client.post("/sync/known", json={"records": {}}).status_code == 400
    assert site.visits() == []


def test_a_session_that_ended_is_told_so_and_nothing_is_stored(site):
    answer = put(site.anonymous(), content_of(site))
    assert answer.status_code == 401
    assert put(site.visitor("district"), content_of(site)).status_code == 403
    assert site.visits() == []


def test_a_record_that_is_too_long_is_refused(site):
    answer = put(site.visitor("worker"), content_of(site, note="x" * 70_000))
    assert answer.status_code == 413


@pytest.mark.parametrize("body", ["", "[]", '{"records": 3}', '{"records": {"a": 1}}'])
def test_a_question_that_is_none_is_refused(sqlite_site, body):
    worker = sqlite_site.visitor("worker")
    headers = {**QUEUE, "Content-Type": "application/json"}
    answer = worker.client.post("/sync/known", data=body, headers=headers)
    assert answer.status_code == 422


def test_the_shell_is_open_to_anybody_and_holds_no_data(sqlite_site):
    anonymous = sqlite_site.anonymous()
    script = anonymous.get("/sw.js")
    assert script.mimetype == "text/javascript"
    assert "/static/phone/queue.js?v=" in script.text
    manifest = anonymous.get("/manifest.webmanifest")
    assert manifest.json["start_url"] == "/today"
    for name in sqlite_site.firms:
        assert name not in script.text


def open_sheet(page, address):
    page.goto(f"{address}/today")
    wait_for(page, "Boolean(window.OutreachQueue)")
    page.click("#card a.primary")
    page.wait_for_selector("#visit-sheet:not([hidden])")


def fill_visit(page, *, employees="47"):
    page.click("text=见到负责人")
    page.fill("[name=employees]", employees)
    page.click("text=考勤表")
    page.click("text=担心增加费用")
    page.fill("[name=concerns]", "还要商量 <b>☂</b>")


class TestInTheBrowser:
    pytestmark = browser

    def test_a_visit_without_a_network_waits_and_goes_out_by_itself(
        self, chromium, sqlite_site, address
    ):
        with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
            page = watched.page
            open_sheet(page, address)
            assert not page.locator("[data-registered]").is_visible()
            page.context.set_offline(True)
            fill_visit(page)
            assert "登记的人数" in page.locator("[data-registered]").inner_text()
            page.click(".send button")
            page.wait_for_selector("#sync.open")
            assert "还没收到 1 条" in page.locator("#sync").inner_text()
            assert sqlite_site.visits() == []
            page.context.set_offline(False)
            wait_for(page, "document.getElementById('sync').dataset.waiting === '0'")
            assert "最近回执" in page.locator("#sync").inner_text()
            assert (
                "今天存了 1 条,已收到 1 条".replace(",", "，")
                in page.locator("#day-end").inner_text()
            )
            faults = [one for one in watched.faults if "INTERNET_DISCONNECTED" not in one]
            assert faults == []
        (visit,) = sqlite_site.visits()
        assert visit.content["employees"] == 47
        assert visit.content["concerns"] == "担心增加费用;还要商量 <b>☂</b>"
        assert visit.visited_on.isoformat() == "2026-11-24"

    def test_a_draft_survives_a_reload_and_can_be_thrown_away(self, chromium, sqlite_site, address):
        with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
            page = watched.page
            open_sheet(page, address)
            fill_visit(page)
            page.wait_for_timeout(300)
            page.reload()
            page.wait_for_selector("[data-restored]:not([hidden])")
            assert page.input_value("[name=employees]") == "47"
            assert page.is_checked("input[value=met_head]")
            page.click("[data-restored] button")
            page.wait_for_selector("[data-restored]", state="hidden")
            assert page.input_value("[name=employees]") == ""
            assert watched.faults == []

    def test_the_page_opens_and_records_when_the_server_is_gone(
        self, chromium, sqlite_site, address
    ):
        with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
            page = watched.page
            page.goto(f"{address}/today")
            page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            page.reload()
            page.reload()
            page.context.set_offline(True)
            page.reload()
            page.click("#card a.primary")
            page.wait_for_selector("#visit-sheet:not([hidden])")
            page.click("text=没有人")
            page.click(".send button")
            page.wait_for_selector("#sync.open")
            page.context.set_offline(False)
            page.evaluate("window.OutreachQueue.sync()")
            wait_for(page, "document.getElementById('sync').dataset.waiting === '0'")
        assert [visit.result for visit in sqlite_site.visits()] == ["nobody"]

    def test_without_a_network_every_stop_opens_and_the_next_door_follows(
        self, chromium, sqlite_site, address
    ):
        with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
            page = watched.page
            page.goto(f"{address}/today")
            wait_for(page, "Boolean(window.OutreachQueue)")
            page.context.set_offline(True)
            stops = page.locator(".stops a[data-stop]")
            second = stops.nth(1).get_attribute("data-stop")
            stops.nth(1).click()
            assert page.locator("#card a[data-visit]").get_attribute("data-visit") == second
            page.click("#card a.primary")
            page.click("text=没有人")
            page.click(".send button")
            page.wait_for_selector(f'.stops a[data-stop="{second}"][data-saved=waiting]')
            first = stops.nth(0).get_attribute("data-stop")
            wait_for(
                page,
                f"document.querySelector('#card a[data-visit]').dataset.visit === '{first}'",
            )
            assert page.locator(".progress strong").inner_text() == "1"

    def test_a_change_of_the_day_waits_for_the_network(self, chromium, sqlite_site, address):
        with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
            page = watched.page
            page.goto(f"{address}/today")
            wait_for(page, "Boolean(window.OutreachQueue)")
            page.context.set_offline(True)
            firm = page.locator("#card a[data-visit]").get_attribute("data-visit")
            page.click("text=这站不去")
            page.click("[data-change=skip] button >> nth=0")
            page.wait_for_selector("#sync.open")
            page.context.set_offline(False)
            page.evaluate("window.OutreachQueue.sync()")
            wait_for(page, "document.getElementById('sync').dataset.waiting === '0'")
            page.goto(f"{address}/today?day=2026-11-24")
            assert page.locator(f'.stops a[data-stop="{firm}"]').count() == 0

    def test_what_lies_on_the_phone_is_sealed(self, chromium, sqlite_site, address):
        with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
            page = watched.page
            open_sheet(page, address)
            page.context.set_offline(True)
            fill_visit(page)
            page.click(".send button")
            page.wait_for_selector("#sync.open")
            kept = page.evaluate(
                """async () => {
                  const db = await idb.openDB("outreach");
                  const rows = await db.getAll("records");
                  const key = await db.get("keys", "seal");
                  const text = rows.map((row) => new TextDecoder().decode(row.sealed.data)).join();
                  return { text, extractable: key.extractable, plain: JSON.stringify(rows) };
                }"""
            )
            assert "商量" not in kept["text"] + kept["plain"]
            assert kept["extractable"] is False
            assert page.evaluate("localStorage.length") == 0

    def test_a_server_from_a_backup_gets_everything_again(self, chromium, sqlite_site, address):
        with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
            page = watched.page
            open_sheet(page, address)
            fill_visit(page)
            page.click(".send button")
            wait_for(page, "document.getElementById('sync').dataset.received === '1'")
            with sqlite_site.database.transaction() as session:
                forget_visits(session)
            page.goto(f"{address}/today")
            wait_for(page, "Boolean(window.OutreachQueue)")
            deadline = time.monotonic() + 15
            while not sqlite_site.visits():
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert len(sqlite_site.visits()) == 1

    def test_photos_come_shrunk_and_after_the_visit(self, chromium, sqlite_site, address, tmp_path):
        from PIL import Image

        photo = tmp_path / "gate.jpg"
        marks = Image.Exif()
        marks[0x010E] = "secret place"
        Image.effect_noise((3000, 2000), 60).convert("RGB").save(photo, exif=marks)
        with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
            page = watched.page
            open_sheet(page, address)
            fill_visit(page)
            page.set_input_files("[data-attach=photo]", [photo, photo])
            page.wait_for_selector("[data-attached] li:nth-child(2)")
            page.click(".send button")
            wait_for(page, "document.getElementById('sync').dataset.received === '1'")
            wait_for(page, "document.getElementById('sync').dataset.waiting === '0'")
        kept = [
            p for p in (sqlite_site.settings.instance / "attachments").rglob("*") if p.is_file()
        ]
        assert kept
        for path in kept:
            with Image.open(path) as picture:
                assert max(picture.size) <= 1280
                assert not picture.getexif()
        with sqlite_site.database.session() as session:
            from outreach.storage.visits import Attachment

            assert len(session.scalars(select(Attachment)).all()) == 2

    def test_the_file_for_the_office_holds_what_was_not_received(
        self, chromium, sqlite_site, address
    ):
        with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
            page = watched.page
            open_sheet(page, address)
            page.context.set_offline(True)
            fill_visit(page)
            page.click(".send button")
            page.wait_for_selector("#sync.open")
            page.click("#sync-more summary")
            with page.expect_download() as waiting:
                page.click("#sync-file")
            file = json.loads(waiting.value.path().read_text(encoding="utf-8"))
        assert file["format"] == "visit-queue/1"
        (record,) = file["records"]
        assert json.loads(record["body"])["employees"] == 47

    def test_a_full_visit_asks_for_at_most_eight_typed_fields(self, chromium, sqlite_site, address):
        with opened(chromium, sqlite_site, address, "worker", phone=True) as watched:
            page = watched.page
            open_sheet(page, address)
            page.click("text=见到负责人")
            typed = page.locator(
                "#visit-sheet textarea:visible, #visit-sheet input:not([type=radio])"
                ":not([type=checkbox]):not([type=file]):not([type=hidden]):visible"
            )
            names = [typed.nth(at).get_attribute("name") for at in range(typed.count())]
            print(f"typed fields of a full visit: {len(names)} ({', '.join(names)})")
            assert len(names) <= 8


def forget_visits(session):
    """What a restored backup of yesterday does to a server: today never happened."""
    from outreach.storage.enterprises import Member
    from outreach.storage.records import Batch, Record, Statement
    from outreach.storage.visits import Visit

    records = session.scalars(select(Visit.record_id)).all()
    session.query(Visit).delete()
    session.query(Member).where(Member.record_id.in_(records)).delete()
    session.query(Statement).where(Statement.record_id.in_(records)).delete()
    session.query(Record).where(Record.id.in_(records)).delete()
    session.query(Batch).where(Batch.sha256.like("visit:%")).delete(synchronize_session=False)

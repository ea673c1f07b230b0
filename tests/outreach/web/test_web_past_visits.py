"""Visits that were sent: listed for their author, corrected for seven days, remarked on."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import uuid4

import factories as f
import pytest
from made_up_site import TUESDAY_MORNING
from PIL import Image
from sqlalchemy import select

from outreach.storage.accounts import AuditEntry
from outreach.storage.cases import Case
from outreach.storage.enterprises import Enterprise
from outreach.storage.visits import VisitRemark, VisitRevision

FIRM = "甲贸易有限公司"


def record(site, login="worker", **changes):
    """A visit to a firm of G1 that the worker recorded by a form; returns its number."""
    uuid = str(uuid4())
    fields = {
        "uuid": uuid,
        "enterprise_id": site.firms[FIRM],
        "result": "met_head",
        "visited_at": "2026-11-24T09:40:00+08:00",
        "employees": "44",
        "concern": ["担心增加费用", "不了解工会"],
        "concerns": "还要商量",
        "requests": ["training"],
        **changes,
    }
    assert site.visitor(login).post("/visits", **fields).status_code == 303
    return uuid


def correction(uuid, **changes):
    return {
        "uuid": str(uuid4()),
        "based_on": uuid,
        "enterprise_id": "1",
        "visited_at": "2026-11-24T09:40:00+08:00",
        "result": "met_head",
        "employees": "47",
        **changes,
    }


def test_a_sent_visit_is_listed_opened_and_comes_back_filled(site):
    uuid = record(site)
    worker = site.visitor("worker")
    listed = worker.get("/visits").text
    assert f"/visits/{uuid}" in listed
    assert FIRM in listed
    shown = worker.get(f"/visits/{uuid}").text
    assert "担心增加费用 · 不了解工会 · 还要商量" in shown
    assert "12月1日 周二 09:40 前可以更正" in shown
    form = worker.get(f"/visits/{uuid}/correct").text
    assert 'name="employees" inputmode="numeric"' in form
    assert 'value="44"' in form
    assert 'name="concern" value="不了解工会" checked' in form
    assert 'name="requests" value="training" checked' in form
    assert ">还要商量</textarea>" in form
    assert f'data-corrects="{uuid}"' in form


def test_a_correction_stands_everywhere_and_the_former_version_is_shown(site):
    uuid = record(site)
    worker = site.visitor("worker")
    answer = worker.post(f"/visits/{uuid}/correct", **correction(uuid))
    assert (answer.status_code, answer.location) == (303, f"/visits/{uuid}")
    shown = worker.get(answer.location).text
    assert shown.index("<dd>47</dd>") < shown.index("第 1 版") < shown.index("<dd>44</dd>")
    for login in ("worker", "district"):
        dossier = site.visitor(login).get(f"/enterprises/{site.firms[FIRM]}").text
        assert "更正以前的内容（1 个版本）" in dossier
        assert "<dd>44</dd>" in dossier
        assert '<td class="received">47</td>' in dossier
        assert '<td class="received">44</td>' not in dossier
    assert len(site.visits()) == 1
    assert len(site.audit("correct_visit")) == 1
    with site.database.session() as session:
        assert session.get_one(Enterprise, site.firms[FIRM]).employees == 47
        assert len(session.scalars(select(Case)).all()) == 1
        assert len(session.scalars(select(VisitRevision)).all()) == 2


@pytest.mark.parametrize(
    ("later", "status"), [(timedelta(days=7), 200), (timedelta(days=7, seconds=1), 403)]
)
def test_it_is_corrected_for_seven_days_and_then_refused_with_the_reason(
    sqlite_site, later, status
):
    uuid = record(sqlite_site)
    sqlite_site.clock.moment = TUESDAY_MORNING + later
    worker = sqlite_site.visitor("worker")
    page = worker.get(f"/visits/{uuid}/correct")
    assert page.status_code == status
    sent = worker.post(f"/visits/{uuid}/correct", **correction(uuid))
    assert sent.status_code == (303 if status == 200 else 403)
    if status == 403:
        assert "已超过七天" in page.text
        assert "已超过七天" in sent.text
        assert "已超过七天" in worker.get(f"/visits/{uuid}").text


def test_a_mistake_in_a_correction_is_named_and_what_was_typed_stays(sqlite_site):
    uuid = record(sqlite_site)
    worker = sqlite_site.visitor("worker")
    answer = worker.post(
        f"/visits/{uuid}/correct", **correction(uuid, employees="四十", note="改过")
    )
    assert answer.status_code == 422
    assert "人数应是整数，不能是“四十”" in answer.text
    assert ">改过</textarea>" in answer.text
    assert f'data-corrects="{uuid}"' in answer.text


def test_of_two_corrections_of_one_version_the_second_is_told(sqlite_site):
    uuid = record(sqlite_site)
    worker = sqlite_site.visitor("worker")
    assert worker.post(f"/visits/{uuid}/correct", **correction(uuid)).status_code == 303
    answer = worker.post(f"/visits/{uuid}/correct", **correction(uuid, employees="50"))
    assert answer.status_code == 409
    assert "已经在别处更正过" in answer.text


def test_the_position_of_the_visit_survives_a_correction_without_scripts(sqlite_site):
    uuid = record(sqlite_site)
    worker = sqlite_site.visitor("worker")
    place = {"lon": 115.004, "lat": 25.004, "accuracy_m": 20, "datum": "wgs84"}
    first = {**correction(uuid), "corrects": uuid, "employees": 45, "position": place}
    put = worker.client.put(
        f"/sync/visits/{first['uuid']}", json=first, headers={"X-Outreach-Queue": "1"}
    )
    assert put.status_code == 201
    again = correction(uuid, based_on=first["uuid"])
    assert worker.post(f"/visits/{uuid}/correct", **again).status_code == 303
    (visit,) = sqlite_site.visits()
    assert visit.content["position"]["accuracy_m"] == 20
    assert visit.content["employees"] == 47


def test_a_remark_reaches_the_author_and_leaves_her_list_when_she_has_seen_it(site):
    uuid = record(site)
    district, worker = site.visitor("district"), site.visitor("worker")
    assert f"/visits/{uuid}" in district.get(f"/enterprises/{site.firms[FIRM]}").text
    page = district.get(f"/visits/{uuid}").text
    assert "担心增加费用" in page
    answer = district.post(f"/visits/{uuid}/remarks", verdict="queried", text="人数请再数一次")
    assert answer.status_code == 303
    assert "还没看" in district.get(f"/visits/{uuid}").text
    for path in ("/today", "/me"):
        assert "区里对 1 次走访有意见" in worker.get(path).text
    assert "请核实: 人数请再数一次" in worker.get("/today").text
    assert "人数请再数一次" in worker.get("/visits").text
    assert "人数请再数一次" not in site.visitor("neighbour").get("/today").text
    assert worker.post(f"/visits/{uuid}/seen").status_code == 303
    assert worker.post(f"/visits/{uuid}/seen").status_code == 303
    assert "区里对" not in worker.get("/today").text
    assert "看过了" in district.get(f"/visits/{uuid}").text
    assert [len(site.audit(a)) for a in ("remark_visit", "see_remarks", "open_visit")] == [1, 1, 3]


def test_a_remark_is_answered_by_a_correction(site):
    uuid = record(site)
    district, worker = site.visitor("district"), site.visitor("worker")
    district.post(f"/visits/{uuid}/remarks", verdict="returned", text="人数请再数一次")
    worker.post(f"/visits/{uuid}/correct", **correction(uuid))
    assert "区里对" not in worker.get("/today").text
    assert "已更正" in district.get(f"/enterprises/{site.firms[FIRM]}").text


def test_a_visit_that_was_accepted_asks_nothing_of_its_author(sqlite_site):
    uuid = record(sqlite_site)
    answer = sqlite_site.visitor("district").post(f"/visits/{uuid}/remarks", verdict="accepted")
    assert answer.status_code == 303
    worker = sqlite_site.visitor("worker")
    assert "区里对" not in worker.get("/today").text
    assert "通过" in worker.get(f"/visits/{uuid}").text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"verdict": "returned", "text": " "}, "选“请更正”要写明请网格员做什么"),
        ({"verdict": "", "text": "改"}, "请先选一项审阅结论"),
        ({"verdict": "x", "text": "改"}, "请先选一项审阅结论"),
        ({"verdict": "queried", "text": "长" * 501}, "“意见”有 501 个字，最多 500 个"),
    ],
)
def test_a_remark_that_cannot_be_taken_is_told_and_stays_in_the_form(sqlite_site, fields, sentence):
    uuid = record(sqlite_site)
    answer = sqlite_site.visitor("district").post(f"/visits/{uuid}/remarks", **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert fields["text"].strip() in answer.text
    with sqlite_site.database.session() as session:
        assert session.scalars(select(VisitRemark)).all() == []


def test_the_longest_remark_is_just_taken(sqlite_site):
    uuid = record(sqlite_site)
    answer = sqlite_site.visitor("district").post(
        f"/visits/{uuid}/remarks", verdict="queried", text="长" * 500
    )
    assert answer.status_code == 303


def test_the_list_pages_and_its_queries_do_not_grow_with_it(sqlite_site):
    record(sqlite_site)
    worker = sqlite_site.visitor("worker")
    worker.get("/visits")
    with sqlite_site.count_queries() as few:
        worker.get("/visits")
    numbers = [record(sqlite_site) for _ in range(21)]
    worker.post(f"/visits/{numbers[-1]}/correct", **correction(numbers[-1]))
    with sqlite_site.count_queries() as many:
        page = worker.get("/visits").text
    assert len(many) <= len(few) + 1
    assert page.count("前可以更正") == 20
    assert worker.get("/visits?page=2").text.count("前可以更正") == 2


def test_a_done_stop_leads_to_its_visit(sqlite_site):
    day = next(day for day in sqlite_site.days if len(sqlite_site.stops[day]) >= 2)
    done, other = sqlite_site.stops[day][:2]
    record(sqlite_site, enterprise_id=other, visited_at=f"{f.MONDAY}T09:00:00+08:00")
    uuid = record(sqlite_site, enterprise_id=done, visited_at=f"{f.MONDAY}T10:00:00+08:00")
    worker = sqlite_site.visitor("worker")
    way = f"/visits?enterprise={done}"
    assert f'href="{way}"' in worker.get(f"/today?day={day}&stop={done}").text
    listed = worker.get(way).text
    assert listed.count("前可以更正") == 1
    assert f"/visits/{uuid}" in listed


def send_photo(site, visit_uuid):
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(drawn, "JPEG")
    uuid, worker = str(uuid4()), site.visitor("worker")
    answer = worker.client.put(
        f"/sync/attachments/{uuid}?kind=photo&visit={visit_uuid}",
        data=drawn.getvalue(),
        content_type="image/jpeg",
        headers={"X-Outreach-Queue": "1"},
    )
    assert answer.status_code < 300, answer.text
    return uuid


def test_a_photo_is_seen_by_its_author_and_the_district_on_record_and_by_nobody_else(site):
    visit = record(site)
    photo = send_photo(site, visit)
    address = f"/visits/files/{photo}"
    for login, pictures in (("worker", 0), ("district", 1)):
        reader = site.visitor(login)
        page = reader.get(f"/visits/{visit}").text
        assert page.count(f'href="{address}"') == 1, login
        assert page.count(f'<img src="{address}"') == pictures, login
        file = reader.get(address)
        assert (file.status_code, file.mimetype) == (200, "image/jpeg")
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert file.headers["Cache-Control"] == "no-store"
        assert Image.open(io.BytesIO(file.data)).size == (40, 30)
    assert site.visitor("neighbour").get(address).status_code == 404
    with site.database.session() as session:
        opened = select(AuditEntry).where(AuditEntry.action == "open_attachment")
        assert len(session.scalars(opened).all()) == 2


def test_a_lost_file_says_where_to_find_it(site):
    visit = record(site)
    photo = send_photo(site, visit)
    for path in (site.settings.instance / "attachments").rglob("*"):
        if path.is_file():
            path.unlink()
    answer = site.visitor("worker").get(f"/visits/files/{photo}")
    assert answer.status_code == 404
    assert "instance/attachments" in answer.text


def test_the_phone_keeps_where_values_come_from_behind_one_line(site):
    page = f"/enterprises/{site.firms[FIRM]}"
    at_the_door = site.visitor("worker").get(page).text
    assert at_the_door.index("<details><summary") < at_the_door.index("谁说了什么")
    assert 'href="/today">返回路线</a>' in at_the_door
    on_the_desk = site.visitor("district").get(page).text
    assert "这些值从哪里来" not in on_the_desk
    assert "返回路线" not in on_the_desk

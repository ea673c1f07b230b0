from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from outreach.domain.cases import CaseKind
from outreach.storage.cases import Case
from outreach.storage.days import DayChange
from outreach.storage.enterprises import Enterprise
from outreach.typography import typeset

QUEUE = {"X-Outreach-Queue": "1"}


def first_day(site):
    return next(day for day in site.days if len(site.stops[day]) >= 2)


def put(visitor, content, *, key=None, headers=QUEUE):
    return visitor.client.put(
        f"/today/changes/{key or uuid.uuid4()}", json=content, headers=headers, buffered=True
    )


def shown(visitor, day):
    page = visitor.get(f"/today?day={day}").text
    listed = page[page.index('<ol class="stops">') : page.index('<p class="tools">')]
    return [int(key) for key in re.findall(r'data-stop="(\d+)"', listed)]


def form(day, kind, **fields):
    return {"uuid": str(uuid.uuid4()), "day": day.isoformat(), "kind": kind, **fields}


def test_a_stop_is_skipped_taken_back_and_the_change_undone_without_scripts(site):
    day = first_day(site)
    stops = list(site.stops[day])
    worker = site.visitor("worker")
    skip = form(day, "skip", enterprise_id=stops[0], reason="not_today")
    answer = worker.post("/today/changes", **skip)
    assert (answer.status_code, answer.location) == (303, f"/today?day={day}")
    page = worker.get(answer.location).text
    assert "1 家取消" in page
    assert "撤销上一次调整" in page
    assert "加回来" in page
    assert shown(worker, day) == stops[1:]
    worker.post("/today/changes", **form(day, "add", enterprise_id=stops[0]))
    assert sorted(shown(worker, day)) == sorted(stops)
    worker.post("/today/changes", **form(day, "undo"))
    assert shown(worker, day) == stops[1:]


def test_a_phones_queue_sends_a_change_once(sqlite_site):
    day = first_day(sqlite_site)
    stops = list(sqlite_site.stops[day])
    worker, key = sqlite_site.visitor("worker"), uuid.uuid4()
    order = {"day": day.isoformat(), "kind": "order", "order": stops[::-1]}
    answers = [put(worker, order, key=key).status_code for _ in range(2)]
    other = put(worker, {**order, "order": stops}, key=key)
    assert (answers, other.status_code) == ([201, 200], 409)
    assert shown(worker, day) == stops[::-1]
    with sqlite_site.database.session() as session:
        assert len(session.scalars(select(DayChange)).all()) == 1
    assert put(worker, order, headers={}).status_code == 400
    assert put(worker, []).status_code == 422
    assert put(worker, {"day": str(day), "kind": "skip"}, key="no-uuid").status_code == 422
    assert put(sqlite_site.visitor("district"), order).status_code == 403
    assert put(sqlite_site.anonymous(), order).status_code == 303


def test_a_form_answers_a_script_in_json(sqlite_site):
    day = first_day(sqlite_site)
    stop = sqlite_site.stops[day][0]
    worker = sqlite_site.visitor("worker")
    fields = form(day, "skip", enterprise_id=stop, reason="other")
    answer = worker.post("/today/changes", json=True, **fields)
    assert answer.status_code == 201
    assert answer.json["dropped"] == [stop]
    assert answer.json["message"] == "1 家取消"
    assert worker.post("/today/changes", json=True, **fields).status_code == 200
    refused = worker.post("/today/changes", json=True, **{**fields, "reason": "road"})
    assert refused.status_code == 409


def test_the_order_changes_by_one_place_without_scripts(sqlite_site):
    day = first_day(sqlite_site)
    stops = list(sqlite_site.stops[day])
    worker = sqlite_site.visitor("worker")
    assert f'value="{stops[0]}:1"' in worker.get(f"/today/order?day={day}").text
    answer = worker.post("/today/changes", **form(day, "order", move=f"{stops[0]}:1"))
    assert answer.location == f"/today/order?day={day}"
    assert shown(worker, day)[:2] == [stops[1], stops[0]]


def test_a_found_firm_is_written_down_and_a_wrong_number_is_said(sqlite_site):
    day = first_day(sqlite_site)
    worker = sqlite_site.visitor("worker")
    beside = sqlite_site.stops[day][0]
    fields = form(day, "found", enterprise_id=beside, name="新开的厂", address="幸福路 3 号")
    wrong = worker.post("/today/changes", **{**fields, "employees": "很多"})
    assert wrong.status_code == 422
    assert "很多" in wrong.text
    assert 'value="新开的厂"' in wrong.text
    answer = worker.post("/today/changes", **{**fields, "employees": "40"})
    assert answer.status_code == 303
    assert "新开的厂" in worker.get(answer.location).text
    assert "新开的厂" in sqlite_site.visitor("district").get("/issues").text


def test_nearby_takes_a_stop_or_a_tapped_position_and_keeps_neither(sqlite_site):
    day = first_day(sqlite_site)
    stop = sqlite_site.stops[day][0]
    worker = sqlite_site.visitor("worker")
    page = worker.get(f"/today/near?day={day}&stop={stop}").text
    assert 'name="kind" value="add"' in page
    here = {"day": str(day), "lon": "115.004", "lat": "25.004"}
    assert 'name="kind" value="add"' in worker.post("/today/near", **here).text
    far = worker.post("/today/near", **{**here, "lat": "25.2"}).text
    assert "300 米内没有该走访的企业" in far
    assert worker.post("/today/near", **{**here, "lon": "x"}).status_code == 422
    assert sqlite_site.visitor("neighbour").get(f"/today/near?stop={stop}").status_code == 404


def test_a_door_note_is_shown_at_its_stop(sqlite_site):
    day = first_day(sqlite_site)
    stop = sqlite_site.stops[day][0]
    worker = sqlite_site.visitor("worker")
    answer = worker.post(f"/today/doors/{stop}", day=str(day), text="后门上三楼")
    assert answer.location == f"/today?day={day}&stop={stop}"
    assert "后门上三楼" in worker.get(answer.location).text
    assert worker.post(f"/today/doors/{stop}", text="长" * 300).status_code == 422


def test_one_tap_says_that_nothing_changed(sqlite_site):
    day = first_day(sqlite_site)
    stop = sqlite_site.stops[day][0]
    sqlite_site.clock.moment = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
    worker = sqlite_site.visitor("worker")
    fields = {"uuid": str(uuid.uuid4()), "enterprise_id": stop, "result": "unchanged"}
    assert worker.post("/visits", **fields).status_code == 303
    assert "✓ 没有变化" in worker.get(f"/today?day={day}").text
    with sqlite_site.database.session() as session:
        assert session.get_one(Enterprise, stop).last_visited_on is None


def test_a_visits_requests_become_cases_that_the_district_steps(site):
    worker, desk = site.visitor("worker"), site.visitor("district")
    fields = {
        "uuid": str(uuid.uuid4()),
        "enterprise_id": site.firms["甲贸易有限公司"],
        "result": "met_head",
        "requests": CaseKind.LEGAL.value,
        "request_note": "有人被欠薪",
    }
    assert worker.post("/visits", **fields).status_code == 303
    with site.database.session() as session:
        case = session.scalars(select(Case)).one().id
    phone = worker.get("/cases").text
    assert "有一件诉求要回复" in phone
    assert "欠薪" not in phone
    assert "律师" not in phone
    assert typeset("区里在办,办好了会在这里请您回复企业。") in phone
    assert "要回复的诉求 1 件" in worker.get("/today").text
    assert "律师" in desk.get("/cases?urgency=due&kind=legal").text
    assert "有人被欠薪" in desk.get(f"/cases/{case}").text
    for state in ("triaged", "in_progress", "done"):
        assert desk.post(f"/cases/{case}/step", to=state, note="老王").status_code == 303
    assert desk.post(f"/cases/{case}/step", to="new").status_code == 409
    assert desk.post(f"/cases/{case}/step", to="fly").status_code == 422
    assert "已经告诉企业" in worker.get("/cases").text
    assert worker.post(f"/cases/{case}/step", to="closed").status_code == 303
    assert desk.post(f"/cases/{case}/step", to="reopen").status_code == 422
    assert desk.post(f"/cases/{case}/step", to="reopen", note="没解决").status_code == 303
    page = desk.get(f"/cases/{case}").text
    assert "已分派" in page
    assert "<b>重新办理</b> 没解决" in page
    assert site.visitor("planner-away").get(f"/cases/{case}").status_code == 404


def test_a_step_without_its_reason_is_said_at_the_form_which_keeps_what_was_typed(sqlite_site):
    fields = {
        "uuid": str(uuid.uuid4()),
        "enterprise_id": sqlite_site.firms["甲贸易有限公司"],
        "result": "met_head",
        "requests": CaseKind.LEGAL.value,
    }
    assert sqlite_site.visitor("worker").post("/visits", **fields).status_code == 303
    desk = sqlite_site.visitor("district")
    with sqlite_site.database.session() as session:
        case = session.scalars(select(Case)).one().id
    assert "分派给谁" in desk.get(f"/cases/{case}").text
    refused = desk.post(f"/cases/{case}/step", to="declined", note=" ")
    assert refused.status_code == 422
    assert 'role="alert">请写“不予办理的理由”' in refused.text
    assert re.search(r'<details open><summary>不予办理</summary>[^§]*?role="alert"', refused.text)
    too_long = "很长" * 5_000
    refused = desk.post(f"/cases/{case}/step", to="declined", note=too_long)
    assert (refused.status_code, too_long in refused.text) == (422, True)
    desk.post(f"/cases/{case}/step", to="triaged", note="权益部老王")
    assert "<b>分派给谁</b> 权益部老王" in desk.get(f"/cases/{case}").text


@pytest.mark.parametrize("path", ["grids/{grid}?bound=1", "left-out"])
def test_the_plan_pages_tell_bound_and_prices(sqlite_site, path):
    site = sqlite_site
    lost = site.firms["迷路有限公司"]
    planner = site.visitor("planner")
    page = planner.get(f"/plans/{site.published}/" + path.format(grid=site.grids["G1"])).text
    if "bound" in path:
        assert "离理论上最好的最多差" in page
    else:
        assert f"price={lost}#price-{lost}" not in page
        assert f'href="/places/{lost}"' in page


def test_the_route_page_stays_small(sqlite_site):
    worker = sqlite_site.visitor("worker")
    day = first_day(sqlite_site)
    answer = worker.get(f"/today?day={day}", headers={"Accept-Encoding": "gzip"})
    assert len(answer.data) < 20_000


def agree(site, day, part):
    """The first firm of the day's route agrees to the day after; its visit is of Tuesday."""
    site.visitor("worker").post(
        "/visits",
        uuid="00000000-0000-4000-8000-00000000000a",
        enterprise_id=site.stops[first_day(site)][0],
        result="appointment",
        appointed_on=day.isoformat(),
        appointed_part=part,
    )


def test_what_was_agreed_on_after_planning_is_added_with_one_tap(sqlite_site):
    day = sqlite_site.days[-1]
    firm = sqlite_site.stops[first_day(sqlite_site)][0]
    agree(sqlite_site, day, "morning")
    worker = sqlite_site.visitor("worker")
    page = worker.get(f"/today?day={day}").text
    assert "约在这一天，还没排进路线" in page
    assert "约好上午去" in page
    worker.post("/today/changes", **form(day, "add", enterprise_id=firm))
    page = worker.get(f"/today?day={day}").text
    assert "还没排进路线" not in page
    assert f'data-stop="{firm}"' in page
    assert "约好上午去" in page
    assert "还没排进路线" not in sqlite_site.visitor("neighbour").get(f"/today?day={day}").text

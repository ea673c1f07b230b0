"""The visit form, there and back."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from outreach.storage.enterprises import Enterprise
from outreach.storage.visits import Visit


@pytest.fixture
def firm(request):
    """The first stop of Tuesday."""
    name = "site" if "site" in request.fixturenames else "sqlite_site"
    site = request.getfixturevalue(name)
    return site.stops[site.days[1]][0]


def whole_form(firm, **changes):
    return {
        "uuid": str(uuid4()),
        "enterprise_id": firm,
        "visited_at": "2026-11-24T09:40:00+08:00",
        "day": "2026-11-24",
        "result": "met_head",
        "operating_state": "active",
        "employees": "48",
        "evidence": "roster",
        "premises": "factory",
        "concern": ["担心增加费用", "人员流动大"],
        "concerns": "还要商量",
        "hardship": ["社保"],
        "hardships": "",
        "resources": "会议室",
        "union_finding": "willing",
        "note": "下周再来",
        **changes,
    }


def test_the_form_shows_the_firm_and_keeps_the_registers_figures_back(sqlite_site, firm):
    page = sqlite_site.visitor("worker").get(f"/visits/new?enterprise={firm}&day=2026-11-24").text
    assert page.count('name="result"') == 8
    assert page.count('data-opens="findings"') == 2
    assert "走访时间 11月24日 周二 09:40" in page
    assert 'data-registered role="status" hidden' in page
    assert f'href="/today?day=2026-11-24&amp;stop={firm}"' in page
    for name in ("operating_state", "evidence", "premises", "union_finding", "concern"):
        assert f'name="{name}"' in page


def test_no_answer_of_the_dossier_is_filled_in(sqlite_site, firm):
    worker = sqlite_site.visitor("worker")
    worker.post("/visits", **whole_form(firm))
    page = worker.get(f"/visits/new?enterprise={firm}&day=2026-11-24").text
    assert '"operating_state": "active"' in page
    assert " checked" not in page


def test_a_visit_goes_there_and_comes_back_with_a_receipt(site, firm):
    worker = site.visitor("worker")
    answer = worker.post("/visits", **whole_form(firm))
    assert (answer.status_code, answer.location) == (303, "/today?day=2026-11-24")
    page = worker.get(answer.location).text
    assert "已收到 09:40" in page
    assert "见到负责人" in page
    assert "<strong>1</strong>/" in page
    assert "已收到 09:40" not in worker.get(answer.location).text
    content = site.visits()[0].content
    assert content["concerns"] == "担心增加费用;人员流动大;还要商量"
    assert content["hardships"] == "社保"
    assert content["employees"] == 48
    with site.database.session() as session:
        row = session.get_one(Enterprise, firm)
        assert (row.employees, row.headcount_source) == (48, "visit")
    dossier = worker.get(f"/enterprises/{firm}").text
    assert "还要商量" in dossier
    assert "11月24日 周二 09:40" in dossier
    assert "现场人数" in dossier


def test_the_same_form_sent_twice_is_one_visit(site, firm):
    worker, form = site.visitor("worker"), whole_form(firm)
    first = worker.post("/visits", json=True, **form)
    site.clock.moment = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    again = worker.post("/visits", json=True, **form)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert len(site.visits()) == 1
    assert len(site.audit("record_visit")) == 1


def test_another_visit_under_the_same_number_is_a_conflict(site, firm):
    worker, form = site.visitor("worker"), whole_form(firm)
    worker.post("/visits", **form)
    answer = worker.post("/visits", **{**form, "note": "changed"})
    assert answer.status_code == 409
    assert "已经存了另一次走访" in answer.text
    assert len(site.visits()) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"result": ""}, "请先选走访结果"),
        ({"employees": "很多"}, "人数应是整数,不能是“很多”"),
        ({"employees": "9999999"}, "不能是“9,999,999”"),
        ({"result": "appointment"}, "约了下次,请填约的是哪天"),
        ({"premises": "castle"}, "“场所”不能是“castle”"),
        ({"uuid": "no"}, "不是 UUID"),
        ({"visited_at": "gestern"}, "走访时间“gestern”"),
        ({"note": "长" * 1001}, "“备注”有"),
    ],
)
def test_a_mistake_is_named_and_everything_typed_stays(site, firm, change, sentence):
    worker, form = site.visitor("worker"), whole_form(firm, **change)
    answer = worker.post("/visits", **form)
    assert answer.status_code == 422
    from outreach.typography import typeset

    assert typeset(sentence) in answer.text
    assert "还要商量</textarea>" in answer.text
    assert 'value="担心增加费用" checked' in answer.text
    assert 'value="willing" checked' in answer.text
    assert f'href="/visits/new?enterprise={firm}&amp;day=2026-11-24&amp;lang=en"' in answer.text
    assert site.visits() == []
    told = worker.post("/visits", json=True, **form)
    assert told.status_code == 422
    assert typeset(sentence) in told.json["message"]


def test_without_a_meeting_only_the_result_and_the_remark_are_kept(site, firm):
    site.visitor("worker").post("/visits", **whole_form(firm, result="nobody"))
    content = site.visits()[0].content
    assert content["result"] == "nobody"
    assert content["note"] == "下周再来"
    assert "employees" not in content
    assert "concerns" not in content


@pytest.mark.parametrize("key", ["", "x", "-1", "99999999999999999999", "0"])
def test_a_firm_that_cannot_be_is_not_found(site, key):
    answer = site.visitor("worker").post("/visits", **whole_form(key))
    assert answer.status_code in {404, 422}
    assert site.visits() == []


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_a_moment_beyond_the_calendar_is_a_mistake_not_a_fault(site, firm, moment):
    answer = site.visitor("worker").post("/visits", **whole_form(firm, visited_at=moment))
    assert answer.status_code == 422
    assert site.visits() == []


def test_a_day_that_has_passed_is_recorded_on_that_day(sqlite_site):
    firm = sqlite_site.stops[sqlite_site.days[0]][0]
    page = sqlite_site.visitor("worker").get(f"/visits/new?enterprise={firm}&day=2026-11-23").text
    assert 'name="visited_at" value="2026-11-23T09:40:00+08:00"' in page


def test_a_day_to_come_is_recorded_today(sqlite_site):
    firm = sqlite_site.stops[sqlite_site.days[1]][0]
    page = sqlite_site.visitor("worker").get(f"/visits/new?enterprise={firm}&day=2026-11-26").text
    assert 'name="visited_at" value="2026-11-24T09:40:00+08:00"' in page


def test_each_showing_of_a_phone_number_is_audited(site, firm):
    worker = site.visitor("worker")
    told = worker.post(f"/enterprises/{firm}/phone", json=True)
    assert told.json["phone"].startswith("13")
    shown = worker.post(f"/enterprises/{firm}/phone")
    assert f'href="tel:{told.json["phone"]}"' in shown.text
    entries = site.audit("show_phone")
    assert [entry.subject_id for entry in entries] == [str(firm), str(firm)]
    with site.database.session() as session:
        assert session.scalars(select(Visit)).all() == []


def test_no_page_shows_a_number_before_it_is_asked_for(sqlite_site, firm):
    worker = sqlite_site.visitor("worker")
    number = worker.post(f"/enterprises/{firm}/phone", json=True).json["phone"]
    for path in ("/today", f"/enterprises/{firm}", f"/visits/new?enterprise={firm}"):
        assert number not in worker.get(path).text


def test_a_firm_without_a_number_says_so(site):
    firm = site.firms["子机械厂"]
    answer = site.visitor("neighbour").post(f"/enterprises/{firm}/phone", json=True)
    assert answer.status_code == 404
    assert answer.json["message"] == "这家企业没有登记电话"

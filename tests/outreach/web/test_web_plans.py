"""The planner's pages: asking for a plan, watching it, reading it, publishing it."""

from __future__ import annotations

import re

import pytest
from made_up_site import PLAN_FIELDS, Site

from outreach.domain.plans import PlanStatus
from outreach.services.runs.work import carry_out
from outreach.storage.plans import VisitPlan
from outreach.storage.runs import Run
from outreach.typography import typeset

RULE = {name: value for name, value in PLAN_FIELDS.items() if name != "week"}


class FakeQueue:
    def __init__(self):
        self.woken = []

    def wake(self, run_id):
        self.woken.append(run_id)


def with_queue(site):
    return Site(site.database, site.settings, clock=site.clock, queue=FakeQueue())


def publish(planner, plan):
    """Look at what publishing changes, then do it."""
    page = planner.get(f"/plans/{plan}/publish").text
    seen = re.search(r'name="seen" value="([^"]*)"', page)[1]
    return planner.post(f"/plans/{plan}/publish", seen=seen)


@pytest.fixture
def queued(site):
    """The same site with a queue that only remembers."""
    return with_queue(site)


@pytest.fixture
def queued_sqlite(sqlite_site):
    return with_queue(sqlite_site)


def work(site, run_id):
    carry_out(site.database, run_id, clock=site.clock, processes=1)


def test_the_form_offers_the_next_week_and_the_district_s_settings(sqlite_site):
    page = sqlite_site.visitor("planner").get("/plans/new").text
    assert '<option value="2026-11-30" selected>' in page
    assert 'name="shift_start" required autocomplete="off" value="08:30"' in page
    assert page.count('class="help"') == 11


def test_a_plan_is_asked_for_made_and_shown(queued):
    planner = queued.visitor("planner")
    answer = planner.post("/plans", week="2026-12-07", **RULE)
    assert answer.status_code == 303
    run_id = answer.location.removeprefix("/runs/")
    assert queued.queue.woken == [run_id]
    waiting = planner.get(answer.location).text
    assert "排队中" in waiting
    assert '<noscript><meta http-equiv="refresh"' in waiting
    assert planner.get(f"{answer.location}/state").json["over"] is False
    work(queued, run_id)
    state = planner.get(f"{answer.location}/state").json
    assert state["over"] is True
    assert state["done"] == state["total"] == 2
    done = planner.get(answer.location).text
    plan = re.search(r'href="(/plans/\d+)"', done)[1]
    assert "refresh" not in done
    view = planner.get(plan).text
    assert "草稿" in view
    assert "发布这一版" in view
    assert "每个网格算 0.1 秒" in view
    assert plan in planner.get("/plans").text


def test_the_district_union_watches_but_does_not_start(queued_sqlite):
    run = queued_sqlite.visitor("planner").post("/plans", week="2026-12-07", **RULE).location
    district = queued_sqlite.visitor("district")
    page = district.get(run).text
    assert "/cancel" not in page
    assert "排新的一版" not in district.get("/plans").text
    assert "发布这一版" not in district.get(f"/plans/{queued_sqlite.draft}").text


def test_the_same_week_is_not_planned_twice_at_once(queued):
    planner = queued.visitor("planner")
    planner.post("/plans", week="2026-12-07", **RULE)
    answer = planner.post("/plans", week="2026-12-07", **RULE)
    assert answer.status_code == 422
    assert "正在排计划" in answer.text
    assert len(queued.queue.woken) == 1


def test_a_cancelled_run_says_so_and_leaves_no_draft(queued):
    planner = queued.visitor("planner")
    run = planner.post("/plans", week="2026-12-07", **RULE).location
    assert planner.post(f"{run}/cancel").location == run
    work(queued, run.removeprefix("/runs/"))
    page = planner.get(run).text
    assert typeset("已经取消,没有留下草稿。") in page
    assert "再排一次" in page


def test_a_failed_run_says_why(queued):
    stranger = queued.visitor("planner-away")
    run = stranger.post("/plans", week="2026-12-07", **RULE).location
    run_id = run.removeprefix("/runs/")
    with queued.database.transaction() as session:
        session.get_one(Run, run_id).parameters = {"week": "2026-12-08", "rule": {}}
    with pytest.raises(Exception, match=".*"):
        work(queued, run_id)
    page = stranger.get(run).text
    assert "没有排出来" in page
    assert "请看日志" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"week": "2026-12-08"}, "请选一个周一"),
        ({"week": ""}, "请选一个周一"),
        ({"shift_start": "early"}, "请填一个时间"),
        ({"shift_end": "11:00"}, "时间要按"),
        ({"most_stops_a_day": "31"}, "请填 1 到 30 之间的数"),
        ({"most_stops_a_day": "2.5"}, "请填 1 到 30 之间的数"),
        ({"seconds_per_grid": "0.01"}, "请填 0.05 到 600 之间的数"),
        ({"seconds_per_grid": "nan"}, "请填 0.05 到 600 之间的数"),
        ({"travel_mode": "horse"}, "请选一种"),
        ({"seed": "-1"}, "请填 0 到 2,147,483,647 之间的数"),
        ({"shift_start": "08:30+08:00"}, "请填一个时间"),
    ],
)
def test_a_wrong_field_is_named_and_the_others_stay(queued_sqlite, change, sentence):
    fields = {"week": "2026-12-07", **RULE, "refresh_days": "45", **change}
    answer = queued_sqlite.visitor("planner").post("/plans", **fields)
    assert answer.status_code == 422
    assert typeset(sentence) in answer.text
    assert 'value="45"' in answer.text
    assert 'class="field wrong"' in answer.text
    assert 'href="/plans/new?lang=en"' in answer.text
    assert queued_sqlite.queue.woken == []


def test_the_figures_of_a_plan_add_up(site):
    page = site.visitor("district").get(f"/plans/{site.published}").text
    targets, planned, left_out = (
        int(number)
        for number in re.findall(
            r"<dt>(?:重点对象|排进|重点对象没排进)</dt><dd>(?:<a[^>]*>)?(\d+)",
            page.replace("\n", ""),
        )
    )
    assert targets == planned + left_out == 14
    rows = re.findall(r"<tr><td>.*?</tr>", page)
    assert len(rows) == 2
    sums = [
        sum(int(number) for number in column)
        for column in zip(
            *[re.findall(r'<td class="count">(\d+)</td>', row)[:4] for row in rows], strict=True
        )
    ]
    assert sums[2] == planned


@pytest.mark.parametrize(
    "order", ["grid", "outings", "stops", "targets", "left_out", "travel", "x"]
)
def test_the_table_of_grids_is_sorted_by_the_address(sqlite_site, order):
    page = sqlite_site.visitor("planner").get(f"/plans/{sqlite_site.published}?sort={order}")
    assert page.status_code == 200
    assert page.text.count("aria-sort") == 1
    names = re.findall(r">(东风第[12]网格)<", page.text)
    expected = {"stops": ["东风第1网格", "东风第2网格"], "grid": ["东风第1网格", "东风第2网格"]}
    assert names == expected.get(order, names)


def test_a_grid_s_week_is_shown_day_by_day_and_drawn_in_order(site):
    path = f"/plans/{site.published}/grids/{site.grids['G1']}"
    page = site.visitor("planner").get(path).text
    numbers = re.findall(r'data-stop="(\d+)"', page)
    assert numbers == [str(stop) for day in site.days for stop in site.stops[day]]
    assert page.count('class="weekday"') == len(site.days)
    assert "李一" in page
    assert site.visitor("planner").get(f"/plans/{site.published}/grids/9999").status_code == 404


def test_what_was_left_out_is_listed_with_its_reason(site):
    planner = site.visitor("planner")
    page = planner.get(f"/plans/{site.published}/left-out").text
    assert "迷路有限公司" in page
    assert typeset("还没有位置,排不进路线") in page
    one = planner.get(f"/plans/{site.published}/left-out?reason=no_position").text
    assert "迷路有限公司" in one
    none = planner.get(f"/plans/{site.published}/left-out?reason=never_open").text
    assert "没有这样的企业" in none


def test_publishing_is_asked_and_replaces_the_version_before(site):
    planner = site.visitor("planner")
    asked = planner.get(f"/plans/{site.draft}/publish").text
    assert typeset("现在发布着的是第 1 版,它会变成") in asked
    answer = publish(planner, site.draft)
    assert answer.location == f"/plans/{site.draft}?published=1"
    assert "网格员打开手机" in planner.get(answer.location).text
    with site.database.session() as session:
        states = [session.get_one(VisitPlan, key).status for key in (site.published, site.draft)]
    assert states == [PlanStatus.SUPERSEDED, PlanStatus.PUBLISHED]
    assert len(site.audit("publish_plan")) == 2
    again = planner.post(f"/plans/{site.draft}/publish")
    assert again.status_code == 409
    assert "只有草稿可以发布" in again.text
    assert "只有草稿可以发布" in planner.get(f"/plans/{site.draft}/publish").text


def test_an_unknown_run_is_not_found(sqlite_site):
    planner = sqlite_site.visitor("planner")
    assert planner.get("/runs/00000000-0000-0000-0000-000000000000").status_code == 404
    assert planner.get("/runs/no-uuid").status_code == 404


def test_a_district_without_plans_is_led_on(site):
    page = site.visitor("planner-away").get("/plans").text
    assert "还没有计划" in page
    assert 'href="/plans/new"' in page
    assert "规划人员排好以后" in site.visitor("district-away").get("/plans").text

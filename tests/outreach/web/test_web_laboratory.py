"""The laboratory's pages: scenarios asked for, compared, handed out as a file."""

from __future__ import annotations

import html
import re
import tomllib
from datetime import date, timedelta

import pytest
from made_up_site import PLAN_FIELDS, Site
from sqlalchemy import delete, select

from outreach.domain.plans import LeftOutReason, VisitPurpose
from outreach.domain.weights import SLIDERS, PlanWeights, Preset
from outreach.services.runs.work import carry_out
from outreach.storage.enterprises import Enterprise
from outreach.storage.plans import PlanLeftOut, PlanStop
from outreach.typography import typeset
from outreach.web.plan_forms import show_weights

FIELDS = {
    **PLAN_FIELDS,
    **show_weights(PlanWeights()),
    "week": "2026-12-07",
    "iterations_per_grid": "5",
}


class FakeQueue:
    def __init__(self):
        self.woken = []

    def wake(self, run_id):
        self.woken.append(run_id)


@pytest.fixture
def lab(site):
    return Site(site.database, site.settings, clock=site.clock, queue=FakeQueue())


@pytest.fixture
def lab_sqlite(sqlite_site):
    return Site(
        sqlite_site.database, sqlite_site.settings, clock=sqlite_site.clock, queue=FakeQueue()
    )


def plan(site, **fields):
    """Ask for a scenario and carry the run out; returns the plan's address."""
    planner = site.visitor("planner")
    answer = planner.post("/laboratory", **{**FIELDS, **fields})
    assert answer.status_code == 303, answer.text
    run = answer.location
    carry_out(site.database, run.removeprefix("/runs/"), clock=site.clock, processes=1)
    return re.search(r'href="(/plans/\d+)"', planner.get(run).text)[1]


def test_two_scenarios_of_a_week_are_made_and_compared(lab):
    first = plan(lab, name="均衡")
    second = plan(lab, name="少跑路", **show_weights(Preset.SHORT_WAYS.weights))
    planner = lab.visitor("planner")
    page = planner.get("/laboratory?week=2026-12-07").text
    assert "均衡" in page
    a, b = (address.removeprefix("/plans/") for address in (first, second))
    found = planner.get(f"/laboratory/compare?a={a}&b={b}").text
    assert typeset("路上时间") in found
    assert ">200<" in found
    assert "最长的一周" in found
    for indicator in ("排进的重点对象", "超期还没排进", "去得最少的网格"):
        assert indicator in found


def test_a_preset_fills_the_sliders_and_an_older_version_the_whole_form(lab_sqlite):
    planner = lab_sqlite.visitor("planner")
    page = planner.get("/laboratory?preset=short_ways").text
    travel = re.search(r'<input type="range" id="travel"[^>]*>', page)[0]
    assert 'value="200"' in travel
    assert 'value="少跑路"' in page
    made = plan(lab_sqlite, name="甲", travel="75", most_stops_a_day="3")
    like = planner.get(f"/laboratory?like={made.removeprefix('/plans/')}").text
    assert 'value="75"' in re.search(r'<input type="range" id="travel"[^>]*>', like)[0]
    assert 'value="3"' in re.search(r'<input id="most_stops_a_day"[^>]*>', like)[0]


def test_every_slider_has_a_name_and_a_sentence(lab_sqlite):
    page = lab_sqlite.visitor("planner").get("/laboratory").text
    for slider in SLIDERS:
        assert f'<label for="{slider.name}">' in page
        assert typeset(slider.help) in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"travel": "24"}, "请填 25 到 400 之间的数"),
        ({"organise": "401"}, "请填 0 到 400 之间的数"),
        ({"size": "much"}, "请填 0 到 400 之间的数"),
        ({"name": ""}, "给方案起个名字"),
        ({"name": "甲" * 61}, "给方案起个名字"),
        ({"week": "2026-12-08"}, "请选一个周一"),
        ({"iterations_per_grid": "-1"}, "请填 0 到 10,000 之间的数"),
    ],
)
def test_a_wrong_field_is_named_and_the_others_stay(lab_sqlite, change, sentence):
    fields = {**FIELDS, "name": "甲案", "refresh_days": "45", **change}
    answer = lab_sqlite.visitor("planner").post("/laboratory", **fields)
    assert answer.status_code == 422
    assert typeset(sentence) in answer.text
    assert 'value="45"' in answer.text
    assert lab_sqlite.queue.woken == []


def test_a_name_of_sixty_characters_is_taken_and_shown_as_typed(lab_sqlite):
    name = "<b>" + "甲" * 57
    plan(lab_sqlite, name=name)
    page = lab_sqlite.visitor("planner").get("/laboratory?week=2026-12-07").text
    assert "&lt;b&gt;" in page
    assert "<b>甲" not in page


def test_the_same_scenario_is_not_planned_twice_at_once_but_two_are(lab_sqlite):
    planner = lab_sqlite.visitor("planner")
    assert planner.post("/laboratory", **FIELDS, name="甲").status_code == 303
    assert planner.post("/laboratory", **FIELDS, name="乙").status_code == 303
    again = planner.post("/laboratory", **FIELDS, name="甲")
    assert again.status_code == 422
    assert "正在排计划" in again.text


@pytest.mark.parametrize("query", ["", "a={one}", "a={one}&b={one}", "a=0&b={one}"])
def test_whoever_chose_no_two_versions_is_told_so_where_she_chooses(lab_sqlite, query):
    made = plan(lab_sqlite, name="甲案").removeprefix("/plans/")
    address = f"/laboratory/compare?{query.format(one=made)}"
    answer = lab_sqlite.visitor("planner").get(address)
    assert answer.status_code == 422
    assert typeset("请选两个不同的版本来比") in answer.text
    assert 'action="/laboratory"' in answer.text
    assert (f'name="a" value="{made}"' in answer.text) is bool(query)
    reader = lab_sqlite.visitor("district").get(address)
    assert (reader.status_code, "<select" in reader.text) == (422, False)


def test_versions_of_different_weeks_are_not_compared(lab_sqlite):
    made = plan(lab_sqlite, name="甲").removeprefix("/plans/")
    answer = lab_sqlite.visitor("planner").get(
        f"/laboratory/compare?a={lab_sqlite.published}&b={made}"
    )
    assert answer.status_code == 422
    assert typeset("不是同一周") in answer.text


def test_the_parameter_file_holds_what_the_plan_was_made_with(lab_sqlite):
    made = plan(lab_sqlite, name='甲"案', travel="75")
    answer = lab_sqlite.visitor("planner").get(f"{made}/rule.toml")
    found = tomllib.loads(answer.text)
    assert found["name"] == '甲"案'
    assert found["week"].isoformat() == "2026-12-07"
    assert found["plan"]["weights"]["travel"] == 75
    assert found["plan"]["iterations_per_grid"] == 5
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_preset_keeps_the_name_and_all_that_was_typed(lab_sqlite):
    planner = lab_sqlite.visitor("planner")
    fields = {**FIELDS, "name": "我的方案", "refresh_days": "45", "preset": "short_ways"}
    answer = planner.post("/laboratory", **fields)
    assert answer.status_code == 200
    assert 'value="我的方案"' in answer.text
    assert 'value="45"' in answer.text
    assert 'value="200"' in re.search(r'<input type="range" id="travel"[^>]*>', answer.text)[0]
    assert lab_sqlite.queue.woken == []
    unnamed = planner.post("/laboratory", **{**fields, "name": " "}).text
    assert 'value="少跑路"' in unnamed


def test_the_distance_to_the_best_is_not_judged_between_different_weights(lab_sqlite):
    a, b, again = (
        plan(lab_sqlite, name=name, **weights).removeprefix("/plans/")
        for name, weights in (
            ("甲", {}),
            ("乙", show_weights(Preset.SHORT_WAYS.weights)),
            ("丙", {"seed": "7"}),
        )
    )
    planner = lab_sqlite.visitor("planner")
    other = planner.get(f"/laboratory/compare?a={a}&b={b}").text
    row = re.search(r'<tr><th scope="row">离理论上最好的.*?</tr>', other, re.S)[0]
    assert "不比" in row
    assert "更差" not in row
    assert "更好" not in row
    assert typeset("两边的权重或参数不同") in other
    same = planner.get(f"/laboratory/compare?a={a}&b={again}").text
    assert "不比" not in same


def test_each_count_of_changes_leads_to_the_firms_that_it_counts(lab_sqlite):
    a = plan(lab_sqlite, name="甲").removeprefix("/plans/")
    b = plan(lab_sqlite, name="乙", most_stops_a_day="1").removeprefix("/plans/")
    planner = lab_sqlite.visitor("planner")
    page = planner.get(f"/laboratory/compare?a={a}&b={b}").text
    links = re.findall(r'<a href="([^"]*change=(\w+)[^"]*)">\S+ ([\d,]+)</a>', page)
    assert len(links) >= 1
    for address, _, count in links:
        listed = planner.get(html.unescape(address)).text
        assert listed.count('<td class="name">') == int(count)
    assert planner.get(f"/laboratory/compare?a={a}&b={b}&change=other").status_code == 422


def test_the_number_of_overdue_firms_leads_to_just_those(lab_sqlite):
    first, second = (plan(lab_sqlite, name=name, refresh_days="30") for name in ("甲", "乙"))
    a, b = (int(address.removeprefix("/plans/")) for address in (first, second))
    week = date(2026, 12, 7)
    with lab_sqlite.database.transaction() as session:
        firms = session.scalars(select(Enterprise).order_by(Enterprise.id).limit(3)).all()
        for firm, days in zip(firms, (31, 30, None), strict=True):
            firm.last_visited_on = None if days is None else week - timedelta(days=days)
        for where in (PlanStop, PlanLeftOut):
            session.execute(delete(where).where(where.plan_id == a))
        for firm in firms:
            session.add(
                PlanLeftOut(
                    plan_id=a,
                    district_id=1,
                    enterprise_id=firm.id,
                    grid_id=firm.grid_id,
                    purpose=VisitPurpose.REFRESH,
                    reason=LeftOutReason.ROOM_LEFT,
                )
            )
        names = [firm.name for firm in firms]
    planner = lab_sqlite.visitor("planner")
    found = planner.get(f"/laboratory/compare?a={a}&b={b}").text
    assert f'<a href="/plans/{a}/overdue">1</a>' in found
    page = planner.get(f"/plans/{a}/overdue").text
    assert [name in page for name in names] == [True, False, False]

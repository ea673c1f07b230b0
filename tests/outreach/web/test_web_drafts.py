"""Drafts on the pages: copied with their name and origin, counted in words, filtered, deleted."""

from __future__ import annotations

import re

import pytest
from made_up_site import Site
from sqlalchemy import func, select

from outreach.services.planning.plans import name_plan
from outreach.storage.plans import PlanLeftOut, PlanStop, VisitPlan
from outreach.typography import typeset


class FakeQueue:
    def wake(self, run_id):
        self.woken = run_id


@pytest.fixture
def planner(sqlite_site):
    return sqlite_site.visitor("planner")


def name(site, plan, text):
    with site.database.transaction() as session:
        name_plan(session, 1, plan, text)


def copy(planner, plan):
    return re.search(r"/plans/(\d+)", planner.post(f"/plans/{plan}/copy").location)[1]


def test_a_copy_keeps_the_name_once_and_the_lists_say_where_it_came_from(sqlite_site, planner):
    name(sqlite_site, sqlite_site.draft, "甲" * 60)
    made = copy(planner, sqlite_site.draft)
    again = copy(planner, made)
    with sqlite_site.database.session() as session:
        names = [session.get_one(VisitPlan, int(key)).name for key in (made, again)]
    assert names == ["甲" * 57 + "的副本"] * 2
    for page in ("/plans", "/laboratory?week=2026-11-23", f"/plans/{made}"):
        assert typeset("照第 2 版做的") in planner.get(page).text


def test_a_draft_is_deleted_with_all_its_rows_and_put_on_record(site):
    planner = site.visitor("planner")
    made = copy(planner, site.draft)
    assert typeset("删掉第 2 版草稿") in planner.get(f"/plans/{site.draft}").text
    answer = planner.post(f"/plans/{site.draft}/delete")
    assert answer.status_code == 303
    assert typeset("草稿删掉了") in planner.get(answer.location).text
    assert planner.get(f"/plans/{site.draft}").status_code == 404
    assert planner.get(f"/plans/{made}").status_code == 200
    with site.database.session() as session:
        for table in (PlanStop, PlanLeftOut):
            rows = select(func.count()).select_from(table).where(table.plan_id == site.draft)
            assert session.scalar(rows) == 0
        assert session.get_one(VisitPlan, int(made)).based_on is None
    assert site.audit("delete_plan")[0].detail["version"] == 2


def test_what_was_published_is_never_deleted(sqlite_site, planner):
    assert "/delete" not in planner.get(f"/plans/{sqlite_site.published}").text
    answer = planner.post(f"/plans/{sqlite_site.published}/delete")
    assert answer.status_code == 409
    assert f'href="/plans/{sqlite_site.published}"' in answer.text
    with sqlite_site.database.transaction() as session:
        session.get_one(VisitPlan, sqlite_site.published).status = "draft"
    assert planner.post(f"/plans/{sqlite_site.published}/delete").status_code == 409


def test_a_draft_that_is_being_planned_again_is_not_deleted(sqlite_site):
    site = Site(
        sqlite_site.database, sqlite_site.settings, clock=sqlite_site.clock, queue=FakeQueue()
    )
    planner = site.visitor("planner")
    run = planner.post(f"/plans/{site.draft}/replan", mode="fill").location
    answer = planner.post(f"/plans/{site.draft}/delete")
    assert answer.status_code == 409
    assert "正在照这份草稿重新排" in answer.text
    planner.post(f"{run}/cancel")
    assert planner.post(f"/plans/{site.draft}/delete").status_code == 303


def test_what_is_left_out_is_one_sum_and_says_what_it_counts(sqlite_site, planner):
    page = planner.get(f"/plans/{sqlite_site.published}").text
    said = re.search(r"各网格一共没排进 (\d+) 家.另有 (\d+) 家.*?合起来 (\d+) 家", page)
    inside, apart, total = (int(number) for number in said.groups())
    column = re.findall(r'(?:<td class="count">\d+</td>){3}<td class="count">(\d+)</td>', page)
    assert sum(int(number) for number in column) == inside
    assert apart == 1
    assert inside + apart == total
    assert "<dt>重点对象没排进</dt>" in page
    listed = planner.get(f"/plans/{sqlite_site.published}/left-out").text
    assert typeset(f"一共没排进 {total} 家") in listed


def rows(page):
    return re.findall(r'<tr><th scope="row">', page)


def test_the_board_is_narrowed_to_a_township_and_to_conflicts_by_its_address(sqlite_site, planner):
    board = f"/plans/{sqlite_site.draft}/board"
    assert len(rows(planner.get(board).text)) == 2
    assert len(rows(planner.get(f"{board}?township=东风镇").text)) == 2
    nowhere = planner.get(f"{board}?township=<b>").text
    assert rows(nowhere) == []
    assert "没有这样的网格" in nowhere
    assert "没有有冲突的网格" in planner.get(f"{board}?conflicts=1").text
    with sqlite_site.database.transaction() as session:
        plan = session.get_one(VisitPlan, sqlite_site.draft)
        plan.figures = {**plan.figures, "violations": {str(sqlite_site.grids["G2"]): 3}}
    narrowed = planner.get(f"{board}?conflicts=1").text
    assert len(rows(narrowed)) == 1
    assert "东风第2网格" in narrowed

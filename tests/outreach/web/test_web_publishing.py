"""Publishing is what the planner saw, and says what is not in order."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from outreach.services.grids.grid_changes import start_change
from outreach.storage.grid_history import GridChange
from outreach.storage.plans import VisitPlan
from outreach.typography import typeset

FRIDAY = "2026-11-27"


class Desk:
    """A planner's browser on the draft, with what its publish page carried."""

    def __init__(self, site):
        self.site, self.visitor = site, site.visitor("planner")
        self.board = f"/plans/{site.draft}/board/{site.grids['G1']}"

    def look(self, plan):
        page = self.visitor.get(f"/plans/{plan}/publish").text
        return re.search(r'name="seen" value="([^"]*)"', page)[1]

    def publish(self, plan, seen):
        return self.visitor.post(f"/plans/{plan}/publish", seen=seen)

    def status(self, plan):
        with self.site.database.session() as session:
            return session.get_one(VisitPlan, plan).status

    def move(self, to):
        page = self.visitor.get(self.board).text
        key = re.search(r'<li id="stop-(\d+)"', page)[1]
        seen = re.search(r'name="seen" value="(\d+)"', page)[1]
        return self.visitor.post(f"{self.board}/move", enterprise=key, to=to, seen=seen)


@pytest.fixture
def desk(sqlite_site):
    return Desk(sqlite_site)


def test_a_draft_that_was_changed_since_is_not_published_and_the_page_shows_the_change(site):
    desk = Desk(site)
    seen = desk.look(site.draft)
    desk.move("out")
    answer = desk.publish(site.draft, seen)
    assert answer.status_code == 409
    assert typeset("没有发布:打开这一页以后,这份草稿又改过") in answer.text
    assert "取消 1" in answer.text
    assert desk.status(site.draft) == "draft"
    fresh = re.search(r'name="seen" value="([^"]*)"', answer.text)[1]
    assert desk.publish(site.draft, fresh).status_code == 303


def test_a_version_that_came_out_in_between_is_not_replaced_unseen(desk):
    draft = desk.site.draft
    seen = desk.look(draft)
    other = re.search(r"/plans/(\d+)", desk.visitor.post(f"/plans/{draft}/copy").location)[1]
    desk.publish(other, desk.look(other))
    answer = desk.publish(draft, seen)
    assert answer.status_code == 409
    assert typeset("这一周发布过别的版本") in answer.text
    assert typeset("现在发布着的是第 3 版") in answer.text
    assert (desk.status(draft), desk.status(int(other))) == ("draft", "published")


@pytest.mark.parametrize("seen", ["", "0", "-", "0-0", "x" * 200])
def test_an_order_that_does_not_say_what_was_seen_is_refused(desk, seen):
    assert desk.publish(desk.site.draft, seen).status_code == 409
    assert desk.status(desk.site.draft) == "draft"


def test_open_conflicts_are_named_with_their_grids_and_do_not_block(desk):
    quiet = desk.visitor.get(f"/plans/{desk.site.draft}/publish").text
    assert "conflicts" not in quiet
    for _ in range(12):
        desk.move(f"{FRIDAY}/1")
    page = desk.visitor.get(f"/plans/{desk.site.draft}/publish").text
    assert re.search(r'class="notice late conflicts".*?1 个网格还有冲突', page, re.S)
    assert f'<a href="{desk.board}">东风第1网格</a>' in page
    assert desk.publish(desk.site.draft, desk.look(desk.site.draft)).status_code == 303


def test_a_draft_from_before_a_change_of_borders_says_so(site):
    page = f"/plans/{site.draft}/publish"
    planner = site.visitor("planner")
    assert "改过网格边界" not in planner.get(page).text
    with site.database.transaction() as session:
        draft = session.get_one(VisitPlan, site.draft)
        change = start_change(
            session,
            draft.district_id,
            "drawn",
            made_by=None,
            now=draft.made_at + timedelta(hours=1),
        )
    assert "改过网格边界" in planner.get(page).text
    with site.database.transaction() as session:
        session.get_one(GridChange, change.id).made_at = draft.made_at - timedelta(hours=1)
    assert "改过网格边界" not in planner.get(page).text

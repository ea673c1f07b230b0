"""The plan board's pages: everything by forms, nothing blocks, a neighbour may be asked."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from sqlalchemy import select

from outreach.storage.enterprises import Enterprise
from outreach.storage.plans import PlanRoute, PlanStop
from outreach.typography import typeset

MONDAY, TUESDAY, FRIDAY = "2026-11-23", "2026-11-24", "2026-11-27"


class Board:
    """A planner's browser on one grid of the draft."""

    def __init__(self, site, grid="G1"):
        self.site, self.visitor = site, site.visitor("planner")
        self.path = f"/plans/{site.draft}/board/{site.grids[grid]}"

    @property
    def page(self):
        return self.visitor.get(self.path).text

    def orders(self):
        """Enterprise ids by day, as the page lists them."""
        found = {}
        for day, listed in re.findall(r'<ol data-day="([^"]+)">(.*?)</ol>', self.page, re.S):
            found[day] = [int(key) for key in re.findall(r'<li id="stop-(\d+)"', listed)]
        return found

    def do(self, action, **fields):
        seen = re.search(r'name="seen" value="(\d+)"', self.page)[1]
        return self.visitor.post(f"{self.path}/{action}", **{"seen": seen, **fields})

    def publish(self):
        """Look at what publishing changes, then do it."""
        path = f"/plans/{self.site.draft}/publish"
        seen = re.search(r'name="seen" value="([^"]*)"', self.visitor.get(path).text)[1]
        return self.visitor.post(path, seen=seen)


@pytest.fixture
def board(sqlite_site):
    return Board(sqlite_site)


def first(board):
    return next(order[0] for order in board.orders().values() if order)


def test_a_stop_moves_by_its_menu_and_the_page_stands_where_it_went(site):
    board = Board(site)
    key = first(board)
    answer = board.do("move", enterprise=key, day=FRIDAY, place="1")
    assert answer.status_code == 303
    assert answer.location.endswith(f"#stop-{key}")
    assert board.orders()[FRIDAY][0] == key
    assert board.do("undo").status_code == 303
    assert key not in board.orders().get(FRIDAY, [])[:1] or first(board) == key


def test_buttons_say_day_and_place_in_one_and_out_means_out(board):
    key = first(board)
    board.do("move", enterprise=key, to=f"{FRIDAY}/1", day=MONDAY, place="3")
    assert board.orders()[FRIDAY][0] == key
    board.do("move", enterprise=key, to="out")
    assert all(key not in order for order in board.orders().values())
    assert f'<tr id="stop-{key}"' in board.page
    assert typeset("还排得下,没有加进去") in board.page


@pytest.mark.parametrize(
    ("action", "fields", "status", "sentence"),
    [
        ("move", {"to": "someday/1"}, 422, "不是日子"),
        ("move", {"day": "", "place": "1"}, 422, "不是日子"),
        ("move", {"to": "2026-11-28/1"}, 422, "不是这一周的工作日"),
        ("lock", {"level": "heart"}, 422, "没有“heart”这种锁"),
        ("lock", {"level": "route"}, 422, "按天锁"),
        ("replan", {"mode": "magic"}, 422, "请选一种重新排的方式"),
        ("move", {"to": f"{FRIDAY}/1", "seen": "99"}, 409, "刚被改过"),
        ("undo", {}, 409, "没有可以撤销的改动"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_changes(board, action, fields, status, sentence):
    before = board.orders()
    answer = board.do(action, enterprise=first(board), **fields)
    assert answer.status_code == status
    assert typeset(sentence) in answer.text
    assert board.orders() == before


def test_a_lock_is_shown_in_words_and_loosened(board):
    key = first(board)
    board.do("lock", enterprise=key, level="position")
    assert '<span class="locked-mark">锁住日子和次序</span>' in board.page
    board.do("lock", enterprise=key, level="")
    assert "locked-mark" not in board.page
    board.do("lock", day=MONDAY, level="route")
    assert typeset("已锁整条路线,松开") in board.page


def test_a_published_version_is_looked_at_and_copied_to_be_changed(board):
    published = f"/plans/{board.site.published}/board/{board.site.grids['G1']}"
    page = board.visitor.get(published).text
    assert "draggable" not in page.replace('draggable="false"', "")
    assert typeset("照这一版做一份草稿来改") in page
    made = board.visitor.post(f"/plans/{board.site.published}/copy").location
    assert "发布这一版" in board.visitor.get(made).text


def test_the_district_union_reads_the_board_and_has_no_buttons(board):
    page = board.site.visitor("district").get(board.path).text
    assert "/move" not in page
    assert "/replan" not in page
    assert "/copy" not in page


def test_publishing_names_what_changes_for_the_workers(board):
    key = first(board)
    board.do("move", enterprise=key, to="out")
    page = board.visitor.get(f"/plans/{board.site.draft}/publish").text
    assert "取消 1" in page
    with board.site.database.session() as session:
        assert session.get_one(Enterprise, key).name in page or "&" in page


def test_the_number_of_queries_of_the_timeline_does_not_grow_with_the_grids(board):
    with board.site.count_queries() as counted:
        board.visitor.get(f"/plans/{board.site.draft}/board")
    assert len(counted) <= 12


def test_a_firm_lent_to_the_neighbour_is_on_her_phone_and_she_may_record_it(site):
    board, beside = Board(site), Board(site, "G2")
    key = first(board)
    board.do("move", enterprise=key, to="out")
    offer = board.visitor.get(f"{board.path}?lend={key}").text
    assert f'<option value="{site.grids["G2"]}">' in offer
    neighbour = site.visitor("neighbour")
    assert neighbour.get(f"/enterprises/{key}").status_code == 404
    assert board.do("lend", enterprise=key, grid=site.grids["G2"]).status_code == 303
    assert f'<tr id="stop-{key}"' not in board.page
    assert typeset("替东风第1网格去") in beside.page
    beside.do("move", enterprise=key, to=f"{TUESDAY}/1")
    assert beside.orders()[TUESDAY][0] == key
    assert neighbour.get(f"/enterprises/{key}").status_code == 404
    board.publish()
    assert neighbour.get(f"/enterprises/{key}").status_code == 200
    with site.database.session() as session:
        name = session.get_one(Enterprise, key).name
    if "<" not in name and '"' not in name:
        assert name in neighbour.get(f"/today?day={TUESDAY}").text
    fields = {
        "uuid": str(uuid4()),
        "enterprise_id": key,
        "result": "nobody",
        "visited_at": "2026-11-24T09:40:00+08:00",
        "day": TUESDAY,
    }
    assert neighbour.post("/visits", **fields).status_code == 303


def test_a_lent_firm_goes_back_to_its_own_grid(board):
    key = first(board)
    board.do("move", enterprise=key, to="out")
    board.do("lend", enterprise=key, grid=board.site.grids["G2"])
    beside = Board(board.site, "G2")
    offer = beside.visitor.get(f"{beside.path}?lend={key}").text
    assert f'<option value="{board.site.grids["G1"]}">' in offer
    beside.do("lend", enterprise=key, grid=board.site.grids["G1"])
    assert f'<tr id="stop-{key}"' in board.page


def test_a_firm_is_lent_to_a_grid_with_a_worker_and_only_when_it_is_left_out(board):
    key = first(board)
    planned = board.do("lend", enterprise=key, grid=board.site.grids["G2"])
    assert planned.status_code == 404
    board.do("move", enterprise=key, to="out")
    nobody = board.do("lend", enterprise=key, grid=999_999)
    assert nobody.status_code == 409
    with board.site.database.session() as session:
        kept = session.scalar(
            select(PlanRoute.grid_id)
            .join(PlanStop, PlanStop.route_id == PlanRoute.id)
            .where(PlanStop.plan_id == board.site.draft, PlanStop.enterprise_id == key)
        )
    assert kept is None


def test_a_move_against_a_lock_is_said_on_the_page_that_follows(board):
    key = first(board)
    board.do("lock", enterprise=key, level="day")
    answer = board.do("move", enterprise=key, to=f"{FRIDAY}/1")
    assert typeset("这一家锁住了日子,这次换了一天") in board.visitor.get(answer.location).text
    assert typeset("这一家锁住了日子") not in board.page


def test_planning_again_says_that_nothing_changed(board):
    board.visitor.get(board.do("replan", mode="fill").location)
    answer = board.do("replan", mode="fill")
    assert typeset("重新排过,没有变化") in board.visitor.get(answer.location).text
    assert board.do("undo").status_code == 409


@pytest.mark.parametrize(
    ("action", "fields"),
    [("move", {"to": f"{FRIDAY}/1"}), ("lock", {"level": "day"}), ("undo", {})],
)
def test_a_page_that_is_out_of_date_leads_back_to_the_board(board, action, fields):
    answer = board.do(action, enterprise=first(board), seen="99", **fields)
    assert answer.status_code == 409
    assert f'<a class="button primary" href="{board.path}">' in answer.text


def test_a_lock_of_a_firm_that_left_the_week_is_no_missing_page(board):
    key = first(board)
    board.do("move", enterprise=key, to="out")
    answer = board.do("lock", enterprise=key, level="day")
    assert answer.status_code == 409
    assert f'href="{board.path}"' in answer.text


def test_a_lent_firm_is_said_listed_and_taken_back_on_the_lender_s_page(site):
    board, beside = Board(site), Board(site, "G2")
    key = first(board)
    board.do("move", enterprise=key, to="out")
    answer = board.do("lend", enterprise=key, grid=site.grids["G2"])
    page = board.visitor.get(answer.location).text
    assert re.search(
        rf'role="status">[^<]*放进了东风第2网格.*?href="{beside.path}#stop-{key}"', page
    )
    assert "请东风第2网格去了" in board.page
    beside.do("move", enterprise=key, to=f"{TUESDAY}/1")
    assert typeset("先在那边拿出计划,再要回来") in board.page
    beside.do("move", enterprise=key, to="out")
    back = board.do("lend", enterprise=key, grid=site.grids["G1"])
    assert "回到这个网格没排进的名单了" in board.visitor.get(back.location).text
    assert f'<tr id="stop-{key}"' in board.page
    assert "请东风第2网格去了" not in board.page


def test_putting_a_firm_in_says_that_it_pushes_nothing_out(board):
    board.do("move", enterprise=first(board), to="out")
    assert typeset("只加这一家,不会换下别的") in board.page


def test_a_price_is_offered_with_the_button_that_takes_it(sqlite_site):
    site = sqlite_site
    planner = site.visitor("planner")
    board = f"/plans/{site.draft}/board/{site.grids['G1']}"
    page = planner.get(board).text
    assert "照这样换" not in page
    keys = re.findall(r"price=(\d+)#price-", page)
    if not keys:
        stop = site.stops[site.days[0]][0]
        seen = re.search(r'name="seen" value="(\d+)"', page)[1]
        planner.post(f"{board}/move", enterprise=str(stop), to="out", seen=seen)
        keys = [str(stop)]
    page = planner.get(f"{board}?price={keys[0]}").text
    assert "照这样换" in page
    seen = re.search(r'name="seen" value="(\d+)"', page)[1]
    answer = planner.post(f"{board}/swap", enterprise=keys[0], seen=seen)
    assert answer.status_code == 303
    after = planner.get(answer.location).text
    assert "重新排过" in after
    assert "换进计划" in after
    assert f'data-key="{keys[0]}"' in after.split("没排进的")[0]

"""What a change on the board says, and what undo brings back: reasons, locks, lent firms."""

from __future__ import annotations

import re
from datetime import timedelta

import factories as f
import pytest
from planning_desk import FRIDAY, FRIDAY_BEFORE, TUESDAY, WEDNESDAY, open_desk
from sqlalchemy import select

from outreach.domain.boards import EditKind, LockLevel, ReplanMode
from outreach.domain.plans import LeftOutReason
from outreach.errors import Conflict
from outreach.services.planning.board_views import view_timeline
from outreach.services.planning.loans import lend_firm
from outreach.services.planning.plan_locks import read_locks
from outreach.storage.grids import Grid
from outreach.storage.plans import PlanEdit, PlanLeftOut


@pytest.fixture
def desk(session, tmp_path):
    return open_desk(session, tmp_path / "files")


def left_out_row(desk, key):
    return desk.session.scalar(select(PlanLeftOut).where(PlanLeftOut.enterprise_id == key))


def locks(desk):
    return read_locks(desk.session, desk.plan_id, desk.grid_id)


def counted(desk):
    """The number of locks on the board and on the timeline."""
    row = view_timeline(desk.session, desk.planner, desk.plan_id).rows[0]
    return desk.board().locks, row.locks


def notes(desk, edit):
    return [one.in_chinese() for one in desk.board(edit).notes]


def test_undoing_brings_the_reason_of_a_left_out_firm_back(desk):
    key = desk.left_out[0]
    left_out_row(desk, key).reason = LeftOutReason.VISITED_LATELY
    desk.session.flush()
    desk.put(key, (TUESDAY, 1))
    desk.undo()
    desk.session.expire_all()
    assert left_out_row(desk, key).reason == LeftOutReason.VISITED_LATELY
    tray = {one.line.enterprise_id: one.reason for one in desk.board().tray}
    assert tray[key] is LeftOutReason.VISITED_LATELY


def test_a_change_that_was_made_before_states_were_kept_can_be_taken_back(desk):
    before = desk.orders
    edit = desk.put(desk.stops[0], (FRIDAY, 1))
    rest = {"left_out", "locks", "locked_days"}
    edit.before = {key: value for key, value in edit.before.items() if key not in rest}
    desk.session.flush()
    desk.undo()
    assert desk.orders == before


def test_moving_a_locked_stop_to_another_day_says_so_and_the_lock_stays(desk):
    key = desk.orders[f.MONDAY][0]
    desk.lock(key, LockLevel.DAY)
    within = desk.put(key, (f.MONDAY, 2))
    assert notes(desk, within) == []
    said = notes(desk, desk.put(key, (WEDNESDAY, 1)))
    assert len(said) == 1
    assert said[0].startswith("这一家锁住了日子,这次换了一天")
    assert locks(desk).stops == {key: LockLevel.DAY}
    assert desk.board().notes == ()


def test_a_place_that_is_locked_is_said_also_when_another_firm_pushes_it(desk):
    key, other = desk.orders[f.MONDAY][0], desk.orders[TUESDAY][0]
    desk.lock(key, LockLevel.POSITION)
    said = notes(desk, desk.put(other, (f.MONDAY, 1)))
    assert len(said) == 1
    assert "锁住了日子和次序,这次跟着变了" in said[0]


def test_a_locked_stop_that_is_taken_out_loses_its_lock_and_undo_brings_both_back(desk):
    key = desk.stops[0]
    desk.lock(key, LockLevel.WORKER)
    assert counted(desk) == (1, 1)
    said = notes(desk, desk.put(key, None))
    assert "拿出计划以后锁也没有了" in said[0]
    assert counted(desk) == (0, 0)
    desk.put(key, (FRIDAY, 1))
    assert counted(desk) == (0, 0)
    desk.undo()
    desk.undo()
    assert locks(desk).stops == {key: LockLevel.WORKER}
    assert counted(desk) == (1, 1)


def test_a_lock_is_a_change_that_is_taken_back_in_its_turn(desk):
    before = desk.orders
    moved, other = before[TUESDAY][0], before[WEDNESDAY][0]
    desk.put(moved, (FRIDAY, 1))
    desk.lock(other, LockLevel.DAY)
    desk.lock_day(f.MONDAY)
    desk.lock(other, LockLevel.POSITION)
    assert desk.undo().kind == EditKind.LOCK
    assert locks(desk).stops == {other: LockLevel.DAY}
    assert desk.undo().kind == EditKind.LOCK
    assert locks(desk).days == frozenset()
    assert moved in desk.orders[FRIDAY]
    desk.undo()
    assert counted(desk) == (0, 0)
    assert desk.undo().kind == EditKind.MOVE
    assert desk.orders == before
    assert desk.board().undo is None


def test_a_locked_route_is_not_gone_behind_by_undo(desk):
    monday = desk.orders[f.MONDAY]
    desk.put(monday[0], (FRIDAY, 1))
    desk.lock_day(f.MONDAY)
    fixed = desk.orders[f.MONDAY]
    desk.undo()
    assert (desk.orders[f.MONDAY], locks(desk).days) == (fixed, frozenset())


def test_to_lock_what_is_locked_or_loosen_what_is_loose_is_no_change(desk):
    key = desk.stops[0]
    desk.lock(key, None)
    desk.lock_day(f.MONDAY, locked=False)
    assert desk.board().undo is None
    desk.lock(key, LockLevel.DAY)
    seen = desk.known()["seen"]
    desk.lock(key, LockLevel.DAY)
    assert desk.known()["seen"] == seen


def test_a_locked_route_that_gains_or_loses_a_stop_is_said_and_stays_locked(desk):
    desk.lock_day(f.MONDAY)
    into = desk.put(desk.orders[TUESDAY][0], (f.MONDAY, 1))
    assert notes(desk, into) == ["2026-11-23锁住了整条路线,这次改了它。锁还在,锁的是改过的路线"]
    out = desk.put(desk.orders[f.MONDAY][0], (FRIDAY, 1))
    assert "2026-11-23锁住了整条路线" in notes(desk, out)[0]
    assert locks(desk).days == {f.MONDAY}
    assert notes(desk, desk.put(desk.orders[WEDNESDAY][0], (FRIDAY, 1))) == []


def test_a_lock_on_an_old_page_is_refused_and_can_be_loosened_where_it_was_set(desk):
    key = desk.stops[0]
    old = desk.known()["seen"]
    desk.put(desk.stops[1], (FRIDAY, 1))
    desk.known = lambda: {"seen": old, "now": FRIDAY_BEFORE}
    with pytest.raises(Conflict, match="刚被改过"):
        desk.lock(key, LockLevel.DAY)
    with pytest.raises(Conflict, match="刚被改过"):
        desk.lock_day(TUESDAY)
    del desk.known
    desk.lock(key, LockLevel.DAY)
    desk.lock(key, None)
    assert counted(desk) == (0, 0)


def test_planning_again_says_how_much_it_changed(desk):
    desk.put(desk.orders[f.MONDAY][0], None)
    said = notes(desk, desk.replan(ReplanMode.FILL))
    numbers = [int(one) for one in re.findall(r"(\d+) 家", said[0])]
    assert numbers[2:] == [1, 0]


def test_planning_again_without_a_change_adds_nothing_to_undo(desk):
    desk.replan(ReplanMode.FILL)
    assert desk.replan(ReplanMode.FILL) is None
    assert desk.session.scalars(select(PlanEdit)).all() == []
    assert desk.board().undo is None


def test_a_change_whose_firm_was_lent_since_is_not_taken_back_but_says_why(desk):
    key = desk.stops[0]
    desk.put(key, None)
    other = desk.session.scalar(select(Grid.id).where(Grid.code == "G2"))
    lend_firm(desk.session, desk.planner, desk.plan_id, key, to_grid=other, now=FRIDAY_BEFORE)
    with pytest.raises(Conflict, match="已经请别的网格去了"):
        desk.undo()
    assert [(one.enterprise_id, one.day) for one in desk.board().lent] == [(key, None)]
    home = desk.grid_id
    lend_firm(desk.session, desk.planner, desk.plan_id, key, to_grid=home, now=FRIDAY_BEFORE)
    assert desk.board().lent == ()
    desk.undo()
    assert key in desk.stops


def test_how_late_she_is_back_is_the_difference_of_the_two_clocks(desk):
    for key in list(desk.stops):
        desk.put(key, (FRIDAY, 1))
    friday = next(day for day in desk.board().days if day.day == FRIDAY)
    late = next(one for one in friday.problems if "下班" in one.template).values
    hours, minutes = (int(part) for part in str(late["back"]).split(":"))
    assert timedelta(hours=hours, minutes=minutes) - timedelta(hours=17, minutes=30) == timedelta(
        minutes=int(late["minutes"])
    )

"""A planner changes a draft: nothing blocks, everything can be undone, locks hold."""

from __future__ import annotations

from datetime import date, timedelta

import factories as f
import pytest
from planning_desk import FRIDAY, FRIDAY_BEFORE, TUESDAY, WEDNESDAY, Desk, open_desk
from sqlalchemy import func, select

from outreach.domain.accounts import Principal, Role
from outreach.domain.boards import EditKind, LockLevel, ReplanMode, StopChangeKind, WantedReplan
from outreach.domain.enterprises import Industry
from outreach.domain.plans import LeftOutReason, PlanStatus
from outreach.domain.visit_windows import WELCOME_HOURS
from outreach.errors import Conflict, InvalidInput, NotFound, Refused
from outreach.services.planning.board_views import view_timeline
from outreach.services.planning.boards import BEST
from outreach.services.planning.plan_differences import compare_versions
from outreach.services.planning.plan_locks import read_locks
from outreach.services.planning.plan_rows import read_places
from outreach.services.planning.plans import publish_plan
from outreach.services.planning.publishing import view_publishing
from outreach.services.planning.replans import copy_plan, replan_week
from outreach.services.planning.solved_weeks import newest_number
from outreach.storage.accounts import AuditEntry
from outreach.storage.enterprises import Enterprise
from outreach.storage.plans import PlanLeftOut, PlanStop, VisitPlan


@pytest.fixture
def desk(session, tmp_path):
    return open_desk(session, tmp_path / "files")


def test_a_moved_stop_stands_where_it_was_put_and_every_time_is_worked_out_again(desk):
    first = desk.orders[f.MONDAY][0]
    edit = desk.put(first, (WEDNESDAY, 1))
    assert edit.kind == EditKind.MOVE
    assert desk.orders[WEDNESDAY][0] == first
    assert len(desk.orders[f.MONDAY]) == 1
    board = desk.board()
    wednesday = next(day for day in board.days if day.day == WEDNESDAY)
    assert [stop.line.sequence for stop in wednesday.stops] == [1, 2, 3]
    assert wednesday.stops[0].line.end <= wednesday.stops[1].line.start


def test_a_change_that_breaks_a_rule_is_made_and_says_what_it_breaks(desk):
    desk.put(desk.orders[f.MONDAY][0], (WEDNESDAY, BEST))
    board = desk.board()
    wednesday = next(day for day in board.days if day.day == WEDNESDAY)
    assert [one.in_chinese() for one in wednesday.problems] == ["一天 3 家,定的是最多 2 家"]
    assert board.violations == 1
    row = view_timeline(desk.session, desk.planner, desk.plan_id).rows[0]
    assert row.violations == 1
    assert row.stops == 10


def test_a_door_that_is_closed_by_then_is_said_and_nobody_waits_for_the_next_day(desk):
    key = desk.stops[0]
    firm = desk.session.get_one(Enterprise, key)
    firm.industry = Industry.FARM
    desk.session.flush()
    opens = WELCOME_HOURS[Industry.FARM]
    early, late = min(w.opens for w in opens), max(w.closes for w in opens)
    desk.put(key, (WEDNESDAY, 1))
    one = next(day for day in desk.board().days if day.day == WEDNESDAY).stops[0]
    assert f"{early:%H:%M}" <= one.line.start <= f"{late:%H:%M}"
    for other in desk.stops[1:6]:
        desk.put(other, (WEDNESDAY, 1))
    wednesday = next(day for day in desk.board().days if day.day == WEDNESDAY)
    assert all(stop.line.end < "24:00" for stop in wednesday.stops)
    said = [one.in_chinese() for stop in wednesday.stops for one in stop.problems]
    assert all("才到,最晚要" in sentence for sentence in said)


def test_undoing_brings_back_exactly_what_was_there_change_by_change(desk):
    before, figures = desk.orders, desk.figures()
    left = desk.left_out[0]
    desk.put(desk.orders[f.MONDAY][0], (WEDNESDAY, 1))
    between = desk.orders
    desk.put(left, (TUESDAY, 1))
    assert desk.figures()["targets_planned"] == figures["targets_planned"] + 1
    desk.undo()
    assert desk.orders == between
    desk.undo()
    assert desk.orders == before
    after = desk.figures()
    assert {k: after[k] for k in ("stops", "targets", "targets_left_out", "travel_s")} == {
        k: figures[k] for k in ("stops", "targets", "targets_left_out", "travel_s")
    }
    with pytest.raises(Conflict, match="没有可以撤销"):
        desk.undo()


def test_what_is_taken_out_lies_in_the_tray_with_a_measured_reason(desk):
    out = desk.orders[f.MONDAY][0]
    desk.put(out, None)
    firm = next(one for one in desk.board().tray if one.line.enterprise_id == out)
    assert firm.reason is LeftOutReason.ROOM_LEFT
    assert firm.fits_on == f.MONDAY
    assert firm.added_minutes >= 0
    others = [one for one in desk.board().tray if one.line.enterprise_id != out]
    assert len(others) == 2
    stored = desk.session.scalar(select(PlanLeftOut.reason).where(PlanLeftOut.enterprise_id == out))
    assert stored == LeftOutReason.ROOM_LEFT


def test_every_firm_is_planned_or_left_out_whatever_is_changed(desk):
    every = sorted([*desk.stops, *desk.left_out])
    assert len(every) == 12
    desk.put(desk.left_out[0], (f.MONDAY, 2))
    desk.put(desk.stops[3], None)
    desk.put(desk.stops[0], (FRIDAY, 1))
    assert sorted([*desk.stops, *desk.left_out]) == every
    desk.undo()
    assert sorted([*desk.stops, *desk.left_out]) == every


def test_a_firm_that_was_visited_lately_can_be_put_in_all_the_same(desk):
    key = desk.orders[f.MONDAY][0]
    desk.put(key, None)
    row = desk.session.scalar(select(PlanLeftOut).where(PlanLeftOut.enterprise_id == key))
    row.reason = LeftOutReason.VISITED_LATELY
    desk.session.flush()
    assert {one.line.enterprise_id: one.reason for one in desk.board().tray}[
        key
    ] is LeftOutReason.VISITED_LATELY
    desk.put(key, (TUESDAY, 1))
    assert desk.orders[TUESDAY][0] == key


def test_a_change_on_an_old_page_is_refused_and_nothing_happens(desk):
    seen = newest_number(desk.session, desk.plan_id, desk.grid_id)
    desk.put(desk.stops[0], (FRIDAY, 1))
    before = desk.orders
    with pytest.raises(Conflict, match="刚被改过"):
        desk.put(desk.stops[1], (FRIDAY, 1), seen=seen)
    desk.undo()
    with pytest.raises(Conflict, match="刚被改过"):
        desk.put(desk.stops[1], (FRIDAY, 1), seen=seen)
    assert before != desk.orders


def test_only_planners_change_and_only_drafts(desk):
    reader = Principal(
        account_id=0,
        district_id=desk.district.id,
        role=Role.DISTRICT,
        login="",
        display_name="",
    )
    with pytest.raises(Refused):
        desk.put(desk.stops[0], (FRIDAY, 1), who=reader)
    publish_plan(desk.session, None, desk.plan_id, district_id=desk.district.id, now=FRIDAY_BEFORE)
    with pytest.raises(Conflict, match="不能改"):
        desk.put(desk.stops[0], (FRIDAY, 1))


@pytest.mark.parametrize("day", [f.MONDAY - timedelta(days=1), f.MONDAY + timedelta(days=5)])
def test_a_day_outside_the_working_week_is_refused(desk, day):
    with pytest.raises(InvalidInput, match="不是这一周的工作日"):
        desk.put(desk.stops[0], (day, 1))


def test_a_firm_of_another_grid_and_one_that_is_not_planned_cannot_be_moved(desk):
    with pytest.raises(NotFound):
        desk.put(999_999, (FRIDAY, 1))
    with pytest.raises(NotFound):
        desk.put(desk.left_out[0], None)


def test_a_firm_without_a_position_is_named(desk):
    key = desk.left_out[0]
    desk.session.get_one(Enterprise, key).lon = None
    desk.session.flush()
    with pytest.raises(InvalidInput, match="还没有位置"):
        desk.put(key, (FRIDAY, 1))


def test_every_change_and_every_undoing_is_in_the_audit_log(desk):
    desk.put(desk.stops[0], (FRIDAY, 1))
    desk.undo()
    actions = desk.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-2:] == ["edit_plan", "undo_plan_edit"]


def test_locks_keep_a_route_a_day_a_place_and_a_worker_while_all_else_is_planned_again(desk):
    orders = desk.orders
    whole = orders[f.MONDAY]
    placed, on_day, hers = orders[TUESDAY][1], orders[WEDNESDAY][0], orders[FRIDAY][0]
    desk.lock_day(f.MONDAY)
    desk.lock(placed, LockLevel.POSITION)
    desk.lock(on_day, LockLevel.DAY)
    desk.lock(hers, LockLevel.WORKER)
    assert read_locks(desk.session, desk.plan_id, desk.grid_id).count == 4
    desk.replan(ReplanMode.ANYTHING)
    after = desk.orders
    assert after[f.MONDAY] == whole
    assert after[TUESDAY].index(placed) == 1
    assert on_day in after[WEDNESDAY]
    assert hers in desk.stops
    assert desk.board().locks == 4


def test_a_small_firm_stays_when_locked_to_its_worker_and_falls_out_when_not(desk):
    small = desk.left_out[0]
    full = desk.orders[FRIDAY]
    desk.put(full[0], None)
    desk.put(small, (FRIDAY, 1))
    desk.session.get_one(Enterprise, small).employees = 26
    desk.session.flush()
    desk.lock(small, LockLevel.WORKER)
    desk.replan(ReplanMode.ANYTHING)
    assert small in desk.stops
    desk.lock(small, None)
    assert desk.board().locks == 0


def test_a_moved_stop_takes_its_lock_along(desk):
    key = desk.orders[f.MONDAY][0]
    desk.lock(key, LockLevel.DAY)
    desk.put(key, (WEDNESDAY, 1))
    desk.replan(ReplanMode.ANYTHING)
    assert key in desk.orders[WEDNESDAY]


def test_a_lock_names_what_is_there(desk):
    with pytest.raises(Conflict, match="没有排这家企业"):
        desk.lock(desk.left_out[0], LockLevel.DAY)
    with pytest.raises(InvalidInput, match="按天锁"):
        desk.lock(desk.stops[0], LockLevel.ROUTE)
    with pytest.raises(InvalidInput, match="不在这一周"):
        desk.lock_day(f.MONDAY + timedelta(days=7))
    desk.lock_day(f.MONDAY + timedelta(days=6))
    desk.lock_day(f.MONDAY + timedelta(days=6), locked=False)
    assert read_locks(desk.session, desk.plan_id, desk.grid_id).count == 0


def test_filling_the_gaps_moves_nothing_that_is_planned(desk):
    out = desk.orders[f.MONDAY][0]
    desk.put(out, None)
    before = desk.orders
    desk.replan(ReplanMode.FILL)
    after = desk.orders
    assert len(desk.stops) == 10
    for day, order in before.items():
        assert [key for key in after[day] if key in order] == list(order)
    assert desk.undo().kind == EditKind.REPLAN
    assert desk.orders == before


def test_reordering_keeps_who_is_visited_and_mends_what_was_broken(desk):
    desk.put(desk.orders[f.MONDAY][0], (WEDNESDAY, 1))
    before = sorted(desk.stops)
    assert desk.board().violations == 1
    desk.replan(ReplanMode.REORDER)
    assert sorted(desk.stops) == before
    assert desk.board().violations == 0


def test_days_that_are_over_are_not_planned_again(desk):
    monday, tuesday = desk.orders[f.MONDAY], desk.orders[TUESDAY]
    desk.put(desk.orders[FRIDAY][0], None)
    on_tuesday = f.NOW + timedelta(days=1)
    desk.replan(ReplanMode.REORDER, now=on_tuesday)
    assert (desk.orders[f.MONDAY], desk.orders[TUESDAY]) == (monday, tuesday)


def test_a_copy_is_the_same_week_as_a_draft_with_its_locks(desk):
    desk.lock(desk.stops[0], LockLevel.DAY)
    publish_plan(desk.session, None, desk.plan_id, district_id=desk.district.id, now=FRIDAY_BEFORE)
    copy = copy_plan(desk.session, desk.planner, desk.plan_id, now=f.NOW)
    assert (copy.status, copy.based_on, copy.version) == (PlanStatus.DRAFT, desk.plan_id, 2)
    assert read_places(desk.session, copy.id) == read_places(desk.session, desk.plan_id)
    assert read_locks(desk.session, copy.id, desk.grid_id).count == 1
    assert copy.figures["targets"] == desk.figures()["targets"]


@pytest.mark.parametrize("mode", list(ReplanMode))
def test_a_whole_version_planned_again_is_a_new_draft_and_the_old_one_stays(desk, mode):
    desk.put(desk.stops[0], None)
    desk.lock_day(WEDNESDAY)
    before, fixed = read_places(desk.session, desk.plan_id), desk.orders[WEDNESDAY]
    told = []

    def tell(done, total):
        # While it searches nothing is written: an embedded file has one writer at a time.
        assert [plan.id for plan in desk.session.scalars(select(VisitPlan))] == [desk.plan_id]
        assert not desk.session.new
        told.append((done, total))

    draft = replan_week(
        desk.session,
        district_id=desk.district.id,
        plan_id=desk.plan_id,
        wanted=WantedReplan(mode=mode),
        now=FRIDAY_BEFORE,
        processes=1,
        on_progress=tell,
    )
    assert read_places(desk.session, desk.plan_id) == before
    assert told[-1] == (1, 1)
    after = Desk(desk.session, desk.district, draft.id)
    assert after.orders[WEDNESDAY] == fixed
    assert len(after.stops) == (9 if mode is ReplanMode.REORDER else 10)
    assert sorted([*after.stops, *after.left_out]) == sorted([*desk.stops, *desk.left_out])
    assert draft.figures["stops"] == len(after.stops)


def test_publishing_shows_what_changes_for_the_workers_and_what_of_theirs_is_lost(desk):
    publish_plan(desk.session, None, desk.plan_id, district_id=desk.district.id, now=FRIDAY_BEFORE)
    copy = copy_plan(desk.session, desk.planner, desk.plan_id, now=f.NOW)
    draft = Desk(desk.session, desk.district, copy.id)
    nothing = view_publishing(desk.session, desk.planner, copy.id, today=f.TODAY)
    assert (nothing.difference.total, nothing.difference.kept, nothing.own_days) == (0, 10, 0)
    out, moved = draft.stops[0], draft.stops[3]
    draft.put(out, None)
    draft.put(moved, (FRIDAY, 1))
    draft.put(draft.left_out[0] if draft.left_out[0] != out else draft.left_out[1], (TUESDAY, 1))
    found = view_publishing(desk.session, desk.planner, copy.id, today=f.TODAY)
    assert found.replaces == 1
    assert found.difference.counts == {
        StopChangeKind.ADDED: 1,
        StopChangeKind.DROPPED: 1,
        StopChangeKind.OTHER_DAY: 1,
    }
    assert found.difference.kept == 8
    assert {line.kind for line in found.difference.lines} == set(found.difference.counts)
    assert all(line.name and line.grid_name for line in found.difference.lines)


def test_against_nothing_everything_is_new(desk):
    found = compare_versions(desk.session, desk.planner, None, desk.plan_id)
    assert found.counts == {StopChangeKind.ADDED: 10}
    assert (found.kept, found.grids) == (0, 1)


def test_the_timeline_has_a_row_for_every_grid_and_the_hours_of_every_visit(desk):
    found = view_timeline(desk.session, desk.planner, desk.plan_id)
    assert len(found.rows) == 2
    busy, idle = found.rows
    assert busy.stops == 10
    assert idle.stops == 0
    assert set(idle.days) == {None}
    assert found.opens_s <= min(day.visits[0][0] for day in busy.days)
    assert busy.days[0].first >= "08:30"
    assert busy.left_out == 2
    assert found.days[0] == f.MONDAY


def test_no_stop_is_in_two_places_after_many_changes(desk):
    for turn in range(6):
        desk.put(desk.stops[turn], (f.MONDAY + timedelta(days=turn % 5), BEST))
    doubled = desk.session.execute(
        select(PlanStop.enterprise_id, func.count())
        .where(PlanStop.plan_id == desk.plan_id)
        .group_by(PlanStop.enterprise_id)
        .having(func.count() > 1)
    ).all()
    assert doubled == []
    assert isinstance(desk.board().days[0].day, date)

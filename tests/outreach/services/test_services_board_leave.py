"""A leave or a day off that comes after the draft: shown on the board, seen when planned again."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import factories as f
import pytest
from planning_desk import FRIDAY, FRIDAY_BEFORE, TUESDAY, WEDNESDAY, Desk, open_desk
from sqlalchemy import select

from outreach.domain.accounts import Role
from outreach.domain.boards import LockLevel, ReplanMode, WantedReplan
from outreach.domain.plans import LeftOutReason, PlanStatus
from outreach.domain.visits import VisitResult
from outreach.services.administration.leave import WantedLeave, add_leave, cancel_leave
from outreach.services.planning.away_visits import find_away, list_away
from outreach.services.planning.board_views import view_timeline
from outreach.services.planning.loans import list_helpers
from outreach.services.planning.prices import price_left_out
from outreach.services.planning.replans import replan_week
from outreach.storage.calendar_days import CalendarDay
from outreach.storage.grids import Grid
from outreach.storage.plans import PlanLeftOut, VisitPlan
from outreach.storage.visits import Visit


@pytest.fixture
def desk(session, tmp_path):
    return open_desk(session, tmp_path / "files")


def away(desk, first, last, *, stand_in=None):
    wanted = WantedLeave(grid_id=desk.grid_id, first=first, last=last, stand_in_grid_id=stand_in)
    return add_leave(desk.session, desk.planner, wanted, now=FRIDAY_BEFORE)


def appoint(desk, key, day):
    """The firm agreed to a visit on that day, before the week was planned."""
    account = f.make_account(desk.session, desk.district, Role.GRID_WORKER, grid_code="G1")
    agreed = FRIDAY_BEFORE - timedelta(hours=1)
    desk.session.add(
        Visit(
            uuid=str(uuid4()),
            district_id=desk.district.id,
            enterprise_id=key,
            account_id=account.id,
            visited_at=agreed,
            visited_on=agreed.date(),
            received_at=agreed,
            result=VisitResult.APPOINTMENT,
            content={},
            sha256="",
            appointed_on=day,
        )
    )
    desk.session.flush()


def said(board, day):
    stops = next(one for one in board.days if one.day == day).stops
    return [[one.in_chinese() for one in stop.problems] for stop in stops]


def reasons(desk):
    return set(
        desk.session.scalars(
            select(PlanLeftOut.reason).where(PlanLeftOut.plan_id == desk.plan_id)
        ).all()
    )


def test_a_stop_on_a_day_of_leave_is_a_conflict_in_words_on_the_board_and_the_timeline(desk):
    away(desk, TUESDAY, TUESDAY)
    board = desk.board()
    assert said(board, TUESDAY) == [["网格员这一天请假"], ["网格员这一天请假"]]
    assert said(board, WEDNESDAY) == [[], []]
    assert board.violations == 2
    assert view_timeline(desk.session, desk.planner, desk.plan_id).rows[0].violations == 2
    desk.put(desk.orders[TUESDAY][0], (WEDNESDAY, 1))
    assert desk.board().violations == 2
    assert view_timeline(desk.session, desk.planner, desk.plan_id).rows[0].violations == 2


def test_a_stop_on_a_day_off_of_the_calendar_is_a_conflict_too(desk):
    desk.session.add(
        CalendarDay(district_id=desk.district.id, day=TUESDAY, works=False, name="", set_at=f.NOW)
    )
    desk.session.flush()
    assert said(desk.board(), TUESDAY) == [["这一天不上班"], ["这一天不上班"]]


@pytest.mark.parametrize("calendar", [False, True])
def test_the_return_of_a_day_is_that_of_the_times_shown_whether_or_not_somebody_goes(
    desk, calendar
):
    def back():
        return [(day.back, day.stops[-1].line.end) for day in desk.board().days]

    before = back()
    if calendar:
        desk.session.add(
            CalendarDay(
                district_id=desk.district.id, day=TUESDAY, works=False, name="", set_at=f.NOW
            )
        )
        desk.session.flush()
    else:
        away(desk, TUESDAY, TUESDAY)
    assert back() == before
    assert all(home >= end for home, end in before)


def find(desk, today):
    return find_away(desk.session, desk.planner, desk.plan_id, today=today)


def test_a_leave_after_planning_is_found_by_grid_until_its_day_has_come(desk):
    assert find(desk, f.MONDAY) is None
    away(desk, TUESDAY, WEDNESDAY)
    found = find(desk, f.MONDAY)
    assert [(grid.grid_id, grid.visits) for grid in found.grids] == [(desk.grid_id, 4)]
    assert find(desk, TUESDAY).visits == 2
    assert find(desk, WEDNESDAY) is None


def test_only_published_versions_are_told_of_without_being_asked_for(desk):
    away(desk, TUESDAY, TUESDAY)
    assert list_away(desk.session, desk.planner, today=f.MONDAY) == []
    plan = desk.session.get_one(VisitPlan, desk.plan_id)
    plan.status = PlanStatus.PUBLISHED
    desk.session.flush()
    found = list_away(desk.session, desk.planner, today=f.MONDAY)
    assert [(one.plan_id, one.visits) for one in found] == [(desk.plan_id, 2)]
    plan.status = PlanStatus.SUPERSEDED
    desk.session.flush()
    assert find(desk, f.MONDAY) is None


@pytest.mark.parametrize("chosen", [True, False])
def test_planned_again_for_some_grids_the_others_stay(desk, chosen):
    away(desk, TUESDAY, TUESDAY)
    other = desk.session.scalar(select(Grid.id).where(Grid.code == "G2"))
    draft = replan_week(
        desk.session,
        district_id=desk.district.id,
        plan_id=desk.plan_id,
        wanted=WantedReplan(mode=ReplanMode.FILL, only=(desk.grid_id if chosen else other,)),
        now=FRIDAY_BEFORE,
        processes=1,
    )
    after = Desk(desk.session, desk.district, draft.id)
    if chosen:
        assert TUESDAY not in after.orders
        assert {day: after.orders[day] for day in after.orders} == {
            day: order for day, order in desk.orders.items() if day != TUESDAY
        }
    else:
        assert after.orders == desk.orders


@pytest.mark.parametrize("mode", list(ReplanMode))
def test_planned_again_nobody_goes_on_a_day_of_leave(desk, mode):
    away(desk, TUESDAY, TUESDAY)
    every = sorted([*desk.stops, *desk.left_out])
    desk.replan(mode)
    assert TUESDAY not in desk.orders
    assert len(desk.stops) == 8
    assert sorted([*desk.stops, *desk.left_out]) == every
    assert desk.board().violations == 0


@pytest.mark.parametrize("mode", list(ReplanMode))
def test_a_whole_version_planned_again_sees_the_leave(desk, mode):
    away(desk, TUESDAY, TUESDAY)
    draft = replan_week(
        desk.session,
        district_id=desk.district.id,
        plan_id=desk.plan_id,
        wanted=WantedReplan(mode=mode),
        now=FRIDAY_BEFORE,
        processes=1,
    )
    after = Desk(desk.session, desk.district, draft.id)
    assert TUESDAY not in after.orders
    assert after.board().violations == 0


@pytest.mark.parametrize("mode", list(ReplanMode))
def test_a_week_of_leave_leaves_all_out_for_that_reason_until_she_is_back(desk, mode):
    leave = away(desk, f.MONDAY, FRIDAY)
    assert desk.board().violations == 10
    desk.replan(mode)
    assert desk.stops == []
    assert reasons(desk) == {LeftOutReason.ON_LEAVE}
    assert {firm.reason for firm in desk.board().tray} == {LeftOutReason.ON_LEAVE}
    cancel_leave(desk.session, desk.planner, leave, now=f.NOW)
    desk.replan(ReplanMode.ANYTHING)
    assert len(desk.stops) == 10


def test_with_a_stand_in_only_what_cannot_wait_is_hers(desk):
    other = desk.session.scalar(select(Grid.id).where(Grid.code == "G2"))
    away(desk, f.MONDAY, FRIDAY, stand_in=other)
    desk.replan(ReplanMode.ANYTHING)
    assert reasons(desk) == {LeftOutReason.STAND_IN_MUST_ONLY}


def test_a_lock_holds_nothing_on_a_day_of_leave_but_the_firm_stays_with_its_worker(desk):
    key = desk.orders[TUESDAY][0]
    desk.lock(key, LockLevel.POSITION)
    desk.lock_day(TUESDAY)
    away(desk, TUESDAY, TUESDAY)
    desk.replan(ReplanMode.ANYTHING)
    assert key in desk.stops
    assert TUESDAY not in desk.orders


def test_a_day_of_leave_that_is_over_stays_as_it_was(desk):
    away(desk, f.MONDAY, f.MONDAY)
    monday = desk.orders[f.MONDAY]
    desk.replan(ReplanMode.ANYTHING, now=f.NOW + timedelta(hours=1))
    assert desk.orders[f.MONDAY] == monday
    assert desk.board().violations == 2


def test_a_price_says_that_nobody_is_there_or_that_the_week_must_be_mended_first(desk):
    left = desk.left_out[0]
    desk.put(desk.orders[f.MONDAY][0], (WEDNESDAY, 1))
    said = price_left_out(desk.session, desk.planner, desk.plan_id, left).sentence
    assert said.in_chinese() == "这一周有冲突,先改好再算"
    away(desk, f.MONDAY, FRIDAY)
    said = price_left_out(desk.session, desk.planner, desk.plan_id, left).sentence
    assert said == LeftOutReason.ON_LEAVE.sentence


def test_an_appointment_on_a_day_of_leave_is_for_the_stand_in_wherever_her_grid_lies(desk):
    other = desk.session.scalar(select(Grid).where(Grid.code == "G2"))
    key = desk.orders[TUESDAY][0]
    appoint(desk, key, TUESDAY)
    away(desk, TUESDAY, TUESDAY, stand_in=other.id)
    desk.replan(ReplanMode.ANYTHING)
    row = desk.session.scalar(select(PlanLeftOut).where(PlanLeftOut.enterprise_id == key))
    assert row.reason == LeftOutReason.ASK_STAND_IN
    far = {"type": "Polygon", "coordinates": [[[9, 9], [9.1, 9], [9.1, 9.1], [9, 9]]]}
    other.geometry = far
    desk.session.flush()
    helpers = list_helpers(desk.session, desk.planner, desk.plan_id, key)
    assert [one.grid_id for one in helpers] == [other.id]

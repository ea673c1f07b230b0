from __future__ import annotations

from dataclasses import replace

import factories as f
import pytest
from sqlalchemy import select

from outreach.domain.accounts import Principal, Role
from outreach.domain.boards import EditKind
from outreach.domain.plans import LeftOutReason, PlanRule
from outreach.errors import Conflict, NotFound, Refused
from outreach.services.administration.principals import command_line
from outreach.services.planning.boards import undo_edit
from outreach.services.planning.plan_rows import read_grid
from outreach.services.planning.plan_views import view_plan
from outreach.services.planning.plans import plan_week
from outreach.services.planning.prices import bound_week, price_left_out, take_price
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid
from outreach.storage.plans import PlanLeftOut, PlanStop

RULE = PlanRule(seconds_per_grid=0.1, most_stops_a_day=1)


@pytest.fixture
def planned(session, tmp_path):
    rows = [f.firm(n, name=f"第{n}号家具厂", employees=str(40 + n)) for n in range(8)]
    district = f.make_district(session, tmp_path / "files", market=rows)
    report = plan_week(
        session, district_id=district.id, week=f.MONDAY, rule=RULE, now=f.NOW, processes=1
    )
    return district, report


def test_the_price_of_a_left_out_firm_names_what_it_pushes_out(session, planned):
    district, report = planned
    eyes = command_line(district.id)
    left = session.scalar(
        select(PlanLeftOut.enterprise_id).where(
            PlanLeftOut.reason.in_([LeftOutReason.NO_TIME_LEFT, LeftOutReason.MORE_URGENT_FIRST])
        )
    )
    said = price_left_out(session, eyes, report.plan_id, left).sentence.in_chinese()
    assert said.startswith("排得下的办法是换下 第")
    assert "路上" in said


def planner_of(district):
    return Principal(
        account_id=0, district_id=district.id, role=Role.PLANNER, login="", display_name=""
    )


def test_a_price_that_was_shown_can_be_taken_and_taken_back(session, planned):
    district, report = planned
    planner, known = planner_of(district), {"seen": 0, "now": f.NOW}
    left = session.scalar(
        select(PlanLeftOut).where(
            PlanLeftOut.reason.in_([LeftOutReason.NO_TIME_LEFT, LeftOutReason.MORE_URGENT_FIRST])
        )
    )
    key, grid_id = left.enterprise_id, left.grid_id
    before = read_grid(session, report.plan_id, grid_id).orders
    offer = price_left_out(session, planner, report.plan_id, key)
    edit = take_price(session, planner, report.plan_id, key, **known)
    after = read_grid(session, report.plan_id, grid_id).orders
    assert edit.kind == EditKind.SWAP
    assert after == offer.orders
    assert any(key in order for order in after.values())
    gone = session.scalars(select(PlanLeftOut.enterprise_id)).all()
    names = session.scalars(select(Enterprise.name).where(Enterprise.id.in_(gone))).all()
    assert any(name in offer.sentence.in_chinese() for name in names)
    undo_edit(session, planner, report.plan_id, grid_id, seen=1, now=f.NOW)
    assert read_grid(session, report.plan_id, grid_id).orders == before


def test_a_price_is_taken_by_planners_from_the_page_as_it_is_and_only_where_there_is_one(
    session, planned
):
    district, report = planned
    left = session.scalars(
        select(PlanLeftOut).where(
            PlanLeftOut.reason.in_([LeftOutReason.NO_TIME_LEFT, LeftOutReason.MORE_URGENT_FIRST])
        )
    ).first()
    key = left.enterprise_id
    with pytest.raises(Conflict, match="刚被改过"):
        take_price(session, planner_of(district), report.plan_id, key, seen=7, now=f.NOW)
    eyes = replace(planner_of(district), role=Role.DISTRICT)
    with pytest.raises(Refused):
        take_price(session, eyes, report.plan_id, key, seen=0, now=f.NOW)
    left.grid_id = None
    session.flush()
    with pytest.raises(Conflict, match="换不进来"):
        take_price(session, planner_of(district), report.plan_id, key, seen=0, now=f.NOW)


def test_only_left_out_firms_have_a_price_and_only_the_desk_asks(session, planned):
    district, report = planned
    stop = session.scalar(select(PlanStop.enterprise_id))
    with pytest.raises(NotFound):
        price_left_out(session, command_line(district.id), report.plan_id, stop)
    worker = Principal(
        account_id=0, district_id=district.id, role=Role.GRID_WORKER, login="", display_name=""
    )
    with pytest.raises(Refused):
        price_left_out(session, worker, report.plan_id, stop)


def test_a_grids_week_tells_how_far_it_may_be_from_the_best(session, planned):
    district, report = planned
    grid = session.scalar(select(Grid.id).where(Grid.code == "G1"))
    said = bound_week(session, command_line(district.id), report.plan_id, grid)
    assert 0 <= said.values["percent"] <= 20
    empty = session.scalar(select(Grid.id).where(Grid.code == "G2"))
    assert bound_week(session, command_line(district.id), report.plan_id, empty) is None


def test_a_plan_keeps_the_load_of_each_grid(session, planned):
    district, report = planned
    grid = next(g for g in view_plan(session, command_line(district.id), report.plan_id).grids)
    assert grid.load.available_minutes == 5 * 420
    assert grid.load.due_minutes >= 8 * 40
    assert 0 < grid.grid_workers < 1

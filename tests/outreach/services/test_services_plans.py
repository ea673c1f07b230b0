from __future__ import annotations

from datetime import date, timedelta

import factories as f
import pytest
from sqlalchemy import func, select

import routing
from outreach.domain.accounts import Principal, Role
from outreach.domain.calendar import WorkCalendar
from outreach.domain.plans import LeftOutReason, PlanRule, PlanStatus, VisitPurpose
from outreach.errors import Conflict, InvalidInput, NotFound, Refused
from outreach.services.administration.principals import command_line
from outreach.services.planning.plan_rows import read_places
from outreach.services.planning.plan_views import (
    list_left_out,
    list_plans,
    view_grid_week,
    view_plan,
)
from outreach.services.planning.planning import gather_week, make_problem, start_windows
from outreach.services.planning.plans import (
    find_published_plan,
    plan_week,
    publish_plan,
    rule_from_json,
    rule_to_json,
)
from outreach.services.visits.navigation import navigation_links
from outreach.services.visits.routes import day_route, planned_days
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import GridWorker
from outreach.storage.plans import PlanLeftOut, PlanRoute, PlanStop, VisitPlan

RULE = PlanRule(seconds_per_grid=0.1)
FIRMS = [
    f.firm(n, name=f"{word}贸易有限公司", employees=str(40 + n))
    for n, word in enumerate("甲乙丙丁戊己")
]
PARK = [
    f.firm(90 + n, name=f"{word}机械厂", employees="60", address="东风镇光明工业园1号")
    for n, word in enumerate("子丑")
]


@pytest.fixture
def district(session, tmp_path):
    lost = f.firm(99, name="迷路有限公司", employees="80", address="天边")
    return f.make_district(session, tmp_path / "files", market=[*FIRMS, *PARK, lost])


def make_plan(session, district, **options):
    known = {
        "district_id": district.id,
        "week": f.MONDAY,
        "rule": RULE,
        "now": f.NOW,
        "processes": 1,
    }
    return plan_week(session, **{**known, **options})


def worker_of(session, district, *, first=True):
    workers = list(session.scalars(select(GridWorker).order_by(GridWorker.id)))
    worker = workers[0 if first else 1]
    return Principal(
        account_id=0,
        district_id=district.id,
        role=Role.GRID_WORKER,
        login="x",
        display_name="x",
        grid_worker_id=worker.id,
        grid_id=worker.grid_id,
    )


def test_every_target_is_planned_or_left_out_with_a_reason(session, district):
    report = make_plan(session, district)
    assert report.targets == 9
    assert report.targets == report.targets_planned + report.targets_left_out
    assert report.left_out == {"no_position": 1}
    assert report.failed_grids == ()
    assert session.scalar(select(func.count()).select_from(PlanStop)) == report.stops == 8


def test_no_firm_is_visited_twice_in_a_week(session, district):
    make_plan(session, district)
    stops = list(session.scalars(select(PlanStop.enterprise_id)))
    assert len(stops) == len(set(stops))


def test_the_week_has_at_least_three_outings_where_there_is_enough_to_do(session, district):
    make_plan(session, district)
    grid_id = worker_of(session, district).grid_id
    days = planned_days_of_draft(session, district, grid_id)
    assert len(days) >= 3


def planned_days_of_draft(session, district, grid_id):
    plan = session.scalar(select(VisitPlan))
    return view_grid_week(session, command_line(district.id), plan.id, grid_id).days


def test_no_visit_reaches_into_lunch_or_out_of_the_shift(session, district):
    make_plan(session, district)
    for stop in session.scalars(select(PlanStop)):
        assert stop.end_s <= 12 * 3600 or stop.start_s >= 14 * 3600
        assert 8.5 * 3600 <= stop.arrive_s <= stop.start_s <= stop.end_s <= 17.5 * 3600


def test_the_same_seed_gives_the_same_problem_and_the_checker_accepts_every_answer(
    session, district
):
    week = gather_week(
        session, district_id=district.id, week=f.MONDAY, rule=RULE, calendar=WorkCalendar()
    )
    assert week.due == 9
    for grid in week.grids:
        problem = make_problem(grid, RULE)
        plan = routing.solve(problem, time_limit_s=0.1, seed=1)
        assert routing.check(problem, plan) == ()


def test_in_a_holiday_week_only_working_days_have_shifts(session, district):
    week = gather_week(
        session, district_id=district.id, week=date(2026, 9, 28), rule=RULE, calendar=WorkCalendar()
    )
    days = {day for grid in week.grids for day in grid.days}
    assert days == {date(2026, 9, 28), date(2026, 9, 29), date(2026, 9, 30)}


def test_a_make_up_saturday_is_worked():
    calendar = WorkCalendar()
    assert calendar.working_days(date(2026, 10, 5))[-1] == date(2026, 10, 10)


def test_a_week_without_working_days_leaves_everything_out_saying_so(session, district):
    report = make_plan(session, district, week=date(2026, 2, 16))
    assert report.stops == 0
    assert report.left_out == {"no_position": 1, "no_working_day": 8}


def test_a_week_must_begin_on_a_monday(session, district):
    with pytest.raises(InvalidInput, match="2026-11-24 不是周一"):
        make_plan(session, district, week=date(2026, 11, 24))


def test_a_district_without_anything_due_says_what_to_do(session, tmp_path):
    district = f.make_district(session, tmp_path, market=[f.firm(1, employees="3")])
    with pytest.raises(InvalidInput, match="outreach link"):
        make_plan(session, district)


@pytest.mark.parametrize(("days", "reason"), [(6, LeftOutReason.VISITED_LATELY), (7, None)])
def test_a_target_visited_less_than_a_week_ago_waits(session, district, days, reason):
    firm = session.scalar(select(Enterprise).where(Enterprise.name == "甲贸易有限公司"))
    firm.last_visited_on = f.MONDAY - timedelta(days=days)
    make_plan(session, district)
    left = session.scalar(select(PlanLeftOut.reason).where(PlanLeftOut.enterprise_id == firm.id))
    assert left == reason


def test_what_a_week_cannot_hold_is_left_out_with_a_true_reason(session, tmp_path):
    rows = [f.firm(n, name=f"第{n}号家具厂", employees="40") for n in range(60)]
    district = f.make_district(session, tmp_path / "files", market=rows)
    rule = PlanRule(seconds_per_grid=0.1, most_stops_a_day=2, most_candidates=10)
    report = make_plan(session, district, rule=rule)
    assert report.targets_planned == 10
    assert report.left_out["more_urgent_first"] == 60 - 14
    assert sum(report.left_out.values()) == 50
    lines, total = list_left_out(
        session,
        command_line(district.id),
        report.plan_id,
        reason=LeftOutReason.MORE_URGENT_FIRST,
        limit=5,
    )
    assert (len(lines), total) == (5, 46)


def test_versions_are_numbered_published_and_superseded_and_never_changed(session, district):
    first = make_plan(session, district)
    second = make_plan(session, district)
    assert (first.version, second.version) == (1, 2)
    publish_plan(session, None, first.plan_id, district_id=district.id, now=f.NOW)
    publish_plan(session, None, second.plan_id, district_id=district.id, now=f.NOW)
    session.expire_all()
    statuses = {
        line.version: line.status for line in list_plans(session, command_line(district.id))
    }
    assert statuses == {1: PlanStatus.SUPERSEDED, 2: PlanStatus.PUBLISHED}
    assert find_published_plan(session, district.id, f.MONDAY).version == 2
    with pytest.raises(Conflict, match="已被替换"):
        publish_plan(session, None, first.plan_id, district_id=district.id, now=f.NOW)


def test_only_planners_publish_and_only_their_districts_plans(session, district, tmp_path):
    report = make_plan(session, district)
    desk = Principal(
        account_id=0, district_id=district.id, role=Role.DISTRICT, login="", display_name=""
    )
    with pytest.raises(Refused):
        publish_plan(session, desk, report.plan_id, district_id=district.id, now=f.NOW)
    other = f.make_district(
        session, tmp_path / "2", code="900002", market=[f.firm(1, code=f.CODES[0])]
    )
    with pytest.raises(NotFound):
        publish_plan(session, None, report.plan_id, district_id=other.id, now=f.NOW)
    with pytest.raises(NotFound):
        view_plan(session, command_line(other.id), report.plan_id)


def test_the_view_adds_up_with_the_report(session, district):
    report = make_plan(session, district)
    view = view_plan(session, command_line(district.id), report.plan_id)
    assert sum(grid.stops for grid in view.grids) == report.stops
    assert sum(grid.targets for grid in view.grids) == report.targets_planned
    assert view.rule == RULE
    week = view_grid_week(session, command_line(district.id), report.plan_id, view.grids[0].grid_id)
    assert [stop.sequence for stop in week.days[0].stops] == list(
        range(1, len(week.days[0].stops) + 1)
    )
    assert "人,没有工会" in week.days[0].stops[0].reasons[0].in_chinese()


def test_a_grid_worker_does_not_read_plans(session, district):
    report = make_plan(session, district)
    with pytest.raises(Refused):
        view_plan(session, worker_of(session, district), report.plan_id)


def test_the_route_page_shows_the_published_day_in_order_and_nothing_of_drafts(session, district):
    worker = worker_of(session, district)
    report = make_plan(session, district)
    assert day_route(session, worker, f.MONDAY).stops == ()
    publish_plan(session, None, report.plan_id, district_id=district.id, now=f.NOW)
    days = planned_days(session, worker, first=f.MONDAY, last=f.MONDAY + timedelta(days=6))
    route = day_route(session, worker, next(iter(days)))
    assert len(route.stops) == next(iter(days.values()))
    assert [stop.sequence for stop in route.stops] == list(range(1, len(route.stops) + 1))
    assert (route.done, route.next_stop.sequence, route.plan_version) == (0, 1, 1)
    assert sum(days.values()) == 6


def test_the_desk_has_no_route_of_its_own(session, district):
    with pytest.raises(Refused):
        day_route(session, command_line(district.id), f.MONDAY)


def test_a_rule_survives_storage():
    rule = PlanRule(most_stops_a_day=5, seed=7)
    assert rule_from_json(rule_to_json(rule)) == rule


def test_navigation_links_use_gcj02_with_each_apps_axis_order():
    links = navigation_links("东风厂|<b>", 116.481499, 39.990475)
    assert "to=116.487586,39.991754," in links.amap.replace("116.487585", "116.487586").replace(
        "39.991755", "39.991754"
    )
    assert "latlng:39.99175" in links.baidu
    assert "coord_type=gcj02" in links.baidu
    assert "tocoord=39.99175" in links.tencent
    assert "daddr=39.99175" in links.apple
    assert "<b>" not in links.amap + links.baidu + links.tencent


def test_windows_end_early_enough_for_the_service_before_lunch(session, district):
    week = gather_week(
        session, district_id=district.id, week=f.MONDAY, rule=RULE, calendar=WorkCalendar()
    )
    candidate = next(
        c for g in week.grids for c in g.candidates if c.purpose is VisitPurpose.ORGANISE
    )
    windows = start_windows(candidate, (f.MONDAY,), RULE)
    assert windows
    assert all(last + 40 * 60 <= 12 * 3600 or first >= 14 * 3600 for first, last in windows)


def test_a_second_version_keeps_the_days_that_grid_workers_were_told(session, district):
    rule = PlanRule(seconds_per_grid=0.1, iterations_per_grid=50, most_stops_a_day=2)
    told = make_plan(session, district, rule=rule)
    routes = list(session.scalars(select(PlanRoute).where(PlanRoute.plan_id == told.plan_id)))
    for route in routes:
        route.day = f.MONDAY + timedelta(days=4) - (route.day - f.MONDAY)
    session.flush()
    publish_plan(session, None, told.plan_id, district_id=district.id, now=f.NOW)
    again = make_plan(session, district, rule=rule)
    before, after = (read_places(session, one.plan_id) for one in (told, again))
    assert len({place.day for place in before.values()}) > 1
    assert {key: place.day for key, place in after.items()} == {
        key: place.day for key, place in before.items()
    }

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import factories as f
import pytest
from sqlalchemy import select

from outreach.domain.accounts import Role
from outreach.domain.days import SkipReason
from outreach.domain.plans import PlanRule, VisitPurpose
from outreach.domain.targets import TargetRule
from outreach.domain.visits import Visit, VisitResult
from outreach.errors import Conflict, InvalidInput, NotFound, Refused
from outreach.services.administration.accounts import principal_of
from outreach.services.administration.principals import command_line
from outreach.services.enterprises.doors import load_door_notes, write_door_note
from outreach.services.planning.plan_views import view_plan
from outreach.services.planning.planning import list_due
from outreach.services.planning.plans import plan_week, publish_plan
from outreach.services.registers.issue_views import IssueFilter, page_of_issues
from outreach.services.visits.days import Rules, change_day
from outreach.services.visits.nearby import Here, list_nearby, stop_as_here
from outreach.services.visits.routes import day_route, planned_days
from outreach.services.visits.visits import record_visit
from outreach.storage.accounts import Account
from outreach.storage.days import DayChange
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.grids import Grid
from outreach.storage.plans import PlanStop
from outreach.storage.records import Statement

RULE = PlanRule(seconds_per_grid=0.1, most_stops_a_day=4)
RULES = Rules(plan=RULE, target=TargetRule())
MORNING = datetime(2026, 11, 23, 0, 50, tzinfo=UTC)
FIRMS = [
    f.firm(n, name=f"{word}贸易有限公司", employees=str(30 + n))
    for n, word in enumerate("甲乙丙丁戊己")
]
PARK = [f.firm(90, name="子机械厂", employees="60", address="东风镇光明工业园1号")]
SMALL = [
    f.firm(95, name="小店贸易有限公司", employees="12"),
    f.firm(96, name="小摊贸易有限公司", employees="3"),
]
UNION = [("", "", "小店贸易有限公司工会委员会", "小店贸易有限公司", "赵六", "12", "2024-05-01")]


@pytest.fixture
def district(session, tmp_path):
    rows = {"market": [*FIRMS, *PARK, *SMALL], "union": UNION}
    district = f.make_district(session, tmp_path / "files", **rows)
    known = {"district_id": district.id, "now": f.NOW}
    report = plan_week(session, week=f.MONDAY, rule=RULE, processes=1, **known)
    publish_plan(session, None, report.plan_id, **known)
    return district


@pytest.fixture
def worker(session, district):
    account = f.make_account(session, district, Role.GRID_WORKER, grid_code="G1")
    return principal_of(session, session.get_one(Account, account.id))


@pytest.fixture
def day(session, worker):
    """The first planned day with at least two stops."""
    days = planned_days(session, worker, first=f.MONDAY, last=f.MONDAY + timedelta(days=6))
    return next(day for day, count in days.items() if count >= 2)


def change(session, worker, day, kind, *, key=None, now=MORNING, **content):
    content = {"day": day.isoformat(), "kind": kind, **content}
    return change_day(session, worker, key or str(uuid.uuid4()), content, rules=RULES, now=now)


def ids(session, worker, day):
    return [stop.enterprise_id for stop in day_route(session, worker, day, rule=RULE).stops]


def firm_id(session, name):
    return session.scalar(select(Enterprise.id).where(Enterprise.name == name))


def visit(session, worker, enterprise_id, at, result=VisitResult.MET_HEAD):
    one = Visit(uuid=uuid.uuid4(), enterprise_id=enterprise_id, visited_at=at, result=result)
    return record_visit(session, worker, one, rule=TargetRule(), now=at)


def spare_firm(session, worker, day):
    """A firm of the grid that is not in the day."""
    present = ids(session, worker, day)
    return session.scalar(
        select(Enterprise.id).where(
            Enterprise.grid_id == worker.grid_id,
            Enterprise.id.not_in(present),
            Enterprise.standing == "target",
        )
    )


def test_a_skipped_stop_leaves_the_day_and_the_published_plan_stays(session, district, worker, day):
    before = ids(session, worker, day)
    planned = list(session.scalars(select(PlanStop.enterprise_id).order_by(PlanStop.id)))
    receipt = change(session, worker, day, "skip", enterprise_id=before[0], reason="not_today")
    assert receipt.diff.dropped == (before[0],)
    assert ids(session, worker, day) == before[1:]
    assert list(session.scalars(select(PlanStop.enterprise_id).order_by(PlanStop.id))) == planned
    counts = planned_days(session, worker, first=day, last=day)
    assert counts.get(day, 0) == len(before) - 1
    (gone,) = day_route(session, worker, day).skipped
    assert (gone.enterprise_id, gone.reason) == (before[0], "not_today")


def test_the_same_change_sent_again_changes_nothing_and_another_is_refused(session, worker, day):
    before = ids(session, worker, day)
    key = str(uuid.uuid4())
    skip = {"enterprise_id": before[0], "reason": "not_today", "key": key}
    first = change(session, worker, day, "skip", **skip)
    again = change(session, worker, day, "skip", **skip)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.diff == first.diff
    assert len(session.scalars(select(DayChange)).all()) == 1
    with pytest.raises(Conflict, match=key):
        change(session, worker, day, "skip", **{**skip, "reason": "road"})


def open_full_week(session, folder, *, most_stops_a_day):
    """A grid with more due firms than its published week takes: her account, and the rules."""
    rows = [f.firm(n, name=f"第{n}号家具厂", employees="40") for n in range(30)]
    district = f.make_district(session, folder, market=rows)
    rule = PlanRule(seconds_per_grid=0.1, most_stops_a_day=most_stops_a_day)
    known = {"district_id": district.id, "now": f.NOW}
    report = plan_week(session, week=f.MONDAY, rule=rule, processes=1, **known)
    publish_plan(session, None, report.plan_id, **known)
    account = f.make_account(session, district, Role.GRID_WORKER, grid_code="G1")
    worker = principal_of(session, session.get_one(Account, account.id))
    return worker, replace(RULES, plan=rule)


def test_a_closed_door_lets_a_due_firm_of_the_grid_have_the_time(session, tmp_path):
    worker, rules = open_full_week(session, tmp_path / "files", most_stops_a_day=2)
    before = ids(session, worker, f.MONDAY)
    content = {"day": "2026-11-23", "kind": "skip", "enterprise_id": before[0], "reason": "closed"}
    receipt = change_day(session, worker, str(uuid.uuid4()), content, rules=rules, now=MORNING)
    assert receipt.diff.dropped == (before[0],)
    assert len(receipt.diff.added) == 1
    assert before[1] in ids(session, worker, f.MONDAY)
    assert [s.in_chinese() for s in receipt.sentences] == ["1 家新增", "1 家取消"]
    added = day_route(session, worker, f.MONDAY).stops
    assert [stop.is_added for stop in added if stop.enterprise_id != before[1]] == [True]


def test_a_skipped_stop_never_makes_the_day_longer(session, tmp_path):
    worker, rules = open_full_week(session, tmp_path / "files", most_stops_a_day=4)
    first, second = ids(session, worker, f.MONDAY)[:2]

    def skip(key, reason):
        content = {"day": "2026-11-23", "kind": "skip", "enterprise_id": key, "reason": reason}
        return change_day(session, worker, str(uuid.uuid4()), content, rules=rules, now=MORNING)

    shorter = next(one.value for one in SkipReason if not one.frees_time)
    assert skip(first, shorter).diff.added == ()
    before = len(ids(session, worker, f.MONDAY))
    assert len(skip(second, "road").diff.added) == 1
    assert len(ids(session, worker, f.MONDAY)) == before


def test_her_own_order_is_kept_and_what_it_breaks_is_said(session, worker, day):
    before = ids(session, worker, day)
    back_to_front = list(reversed(before))
    change(session, worker, day, "order", order=back_to_front)
    assert ids(session, worker, day) == back_to_front
    extra = spare_firm(session, worker, day)
    change(session, worker, day, "add", enterprise_id=extra)
    kept = [one for one in ids(session, worker, day) if one != extra]
    assert kept == back_to_front
    late = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=9)  # 17:00 in China
    change(session, worker, day, "move", enterprise_id=back_to_front[0], step=1, now=late)
    route = day_route(session, worker, day, rule=RULE)
    said = [sentence.in_chinese() for sentence in route.violations]
    assert len(route.stops) == len(before) + 1
    assert any("17:00 关门" in line for line in said)
    assert any("回到社区要" in line for line in said)


def test_an_added_firm_is_in_the_day_and_counts_when_visited(session, district, worker, day):
    extra = spare_firm(session, worker, day)
    before = ids(session, worker, day)
    planned = len(session.scalars(select(PlanStop.id)).all())
    receipt = change(session, worker, day, "add", enterprise_id=extra)
    assert receipt.diff.added == (extra,)
    assert set(ids(session, worker, day)) == {*before, extra}
    noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=2)
    visit(session, worker, extra, noon)
    assert day_route(session, worker, day).done == 1
    due = {d.candidate.enterprise_id: d for d in list_due(session, district.id, day, RULE)}
    assert due[extra].left_out == "visited_lately"
    view = view_plan(session, command_line(district.id), 1)
    assert sum(grid.stops for grid in view.grids) == view.line.figures["stops"] == planned


def test_undo_brings_the_day_back_one_change_at_a_time(session, worker, day):
    before = ids(session, worker, day)
    change(session, worker, day, "skip", enterprise_id=before[0], reason="not_today")
    change(session, worker, day, "skip", enterprise_id=before[1], reason="other")
    change(session, worker, day, "undo")
    assert ids(session, worker, day) == before[1:]
    change(session, worker, day, "undo")
    assert ids(session, worker, day) == before
    assert day_route(session, worker, day).changes == 0
    with pytest.raises(Conflict, match="没有可以撤销"):
        change(session, worker, day, "undo")
    numbers = session.scalars(select(DayChange.number).order_by(DayChange.number)).all()
    assert numbers == [1, 2, 3, 4]


def test_what_was_visited_stays_through_every_change(session, worker, day):
    before = ids(session, worker, day)
    noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=2)
    visit(session, worker, before[1], noon)
    change(session, worker, day, "skip", enterprise_id=before[0], reason="not_today", now=noon)
    assert before[1] in ids(session, worker, day)
    change(session, worker, day, "undo", now=noon)
    assert set(ids(session, worker, day)) == set(before)
    with pytest.raises(Conflict, match="已经记过走访"):
        change(session, worker, day, "skip", enterprise_id=before[1], reason="road", now=noon)


def test_a_newly_published_plan_begins_the_day_afresh(session, district, worker, day):
    before = ids(session, worker, day)
    change(session, worker, day, "skip", enterprise_id=before[0], reason="not_today")
    known = {"district_id": district.id, "now": f.NOW}
    report = plan_week(session, week=f.MONDAY, rule=RULE, processes=1, **known)
    publish_plan(session, None, report.plan_id, **known)
    assert day_route(session, worker, day).changes == 0


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ({"kind": "dance"}, "dance"),
        ({"kind": "skip", "enterprise_id": 1, "reason": "bored"}, "bored"),
        ({"kind": "skip", "reason": "road"}, "先选一家企业"),
        ({"kind": "order", "order": ["x"]}, "顺序读不出来"),
        ({"kind": "move", "enterprise_id": 1, "step": 5}, "step"),
        ({"kind": "undo", "day": "2026-13-01"}, "2026-13-01"),
        ({"kind": "undo", "day": "2027-01-01"}, "离今天太远"),
        ({"kind": "found", "name": ""}, "企业名称"),
        ({"kind": "found", "name": "某厂", "employees": "许多"}, "许多"),
    ],
)
def test_a_change_that_cannot_be_read_says_what_is_wrong(session, worker, content, match):
    content = {"day": "2026-11-23", **content}
    with pytest.raises(InvalidInput, match=match):
        change_day(session, worker, str(uuid.uuid4()), content, rules=RULES, now=MORNING)


def test_only_her_own_grids_firms_enter_the_day_and_only_grid_workers_have_one(
    session, district, worker, day
):
    other = firm_id(session, "子机械厂")
    with pytest.raises(NotFound):
        change(session, worker, day, "add", enterprise_id=other)
    with pytest.raises(Refused):
        change(session, command_line(district.id), day, "undo")


def test_a_found_firm_is_in_the_file_and_in_the_day_at_once(session, district, worker, day):
    beside = ids(session, worker, day)[0]
    content = {
        "name": "路边新开的厂",
        "address": "东风镇幸福路9号",
        "industry": "manufacture",
        "employees": 33,
        "position": {"lon": 115.0045, "lat": 25.0045, "accuracy_m": 15, "datum": "wgs84"},
    }
    receipt = change(session, worker, day, "found", enterprise_id=beside, **content)
    (made,) = receipt.diff.added
    row = session.get_one(Enterprise, made)
    assert (row.name, row.employees, row.standing) == ("路边新开的厂", 33, "target")
    assert row.grid_id == worker.grid_id
    assert row.lon == pytest.approx(115.0045)
    assert "区里会核对" in receipt.notice.in_chinese()
    lines, _ = page_of_issues(session, command_line(district.id), IssueFilter(), limit=50, offset=0)
    assert "E228" in {line.kind.value for line in lines}
    f.link(session, district)
    session.expire_all()
    row = session.get_one(Enterprise, made)
    assert (row.retired, row.name, row.standing) == (False, "路边新开的厂", "target")


def test_a_found_firm_without_a_point_stands_at_the_stop_beside_it(session, worker, day):
    beside = ids(session, worker, day)[0]
    receipt = change(session, worker, day, "found", enterprise_id=beside, name="无名小厂")
    made = session.get_one(Enterprise, receipt.diff.added[0])
    stop = session.get_one(Enterprise, beside)
    assert (made.lon, made.lat) == (pytest.approx(stop.lon), pytest.approx(stop.lat))


def test_a_firm_found_for_a_coming_day_was_seen_today(session, worker, day):
    beside = ids(session, worker, day)[0]
    content = {"day": day.isoformat(), "kind": "found", "enterprise_id": beside, "name": "早到的厂"}
    early = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=20)
    uid = str(uuid.uuid4())
    receipt = change_day(session, worker, uid, content, rules=RULES, now=early)
    said = session.scalars(
        select(Statement)
        .join(Member, Member.record_id == Statement.record_id)
        .where(Member.enterprise_id == receipt.diff.added[0])
    ).all()
    assert {one.as_of for one in said} == {day - timedelta(days=1)}


def test_undo_says_that_it_is_undone(session, worker, day):
    change(session, worker, day, "skip", enterprise_id=ids(session, worker, day)[0], reason="other")
    receipt = change(session, worker, day, "undo")
    assert [one.in_chinese() for one in receipt.sentences] == ["已撤销上一次调整"]


def test_a_found_firm_out_of_the_grid_is_kept_but_not_in_the_day(session, worker, day):
    at = {"lon": 115.5, "lat": 25.5, "accuracy_m": 10}
    receipt = change(session, worker, day, "found", name="远处的厂", position=at)
    assert receipt.diff.added == ()
    assert "不在本网格里" in receipt.notice.in_chinese()
    assert firm_id(session, "远处的厂") is not None


def test_a_found_firm_that_is_in_the_file_is_not_made_twice(session, worker, day):
    extra = spare_firm(session, worker, day)
    name = session.get_one(Enterprise, extra).name
    receipt = change(session, worker, day, "found", name=name)
    assert receipt.diff.added == (extra,)
    assert len(session.scalars(select(Enterprise).where(Enterprise.name == name)).all()) == 1


def test_nearby_lists_due_firms_within_300_metres_that_are_not_in_the_day(session, worker, day):
    present = set(ids(session, worker, day))
    here = stop_as_here(session, worker, next(iter(present)))
    found = list_nearby(session, worker, here, day=day, rule=RULE)
    names = {one.name for one in found}
    assert found
    assert present.isdisjoint(one.enterprise_id for one in found)
    assert "小摊贸易有限公司" not in names
    assert "子机械厂" not in names
    degrees = 1 / 111_195
    inside = Here(name="", lon=here.lon, lat=here.lat + 299 * degrees)
    outside = Here(name="", lon=here.lon, lat=here.lat + 301 * degrees)
    assert list_nearby(session, worker, inside, day=day, rule=RULE)
    assert not list_nearby(session, worker, outside, day=day, rule=RULE)


def test_nearby_says_on_which_later_day_of_the_week_a_firm_is_planned(session, worker):
    week = [f.MONDAY + timedelta(days=n) for n in range(7)]
    planned = {one: ids(session, worker, one) for one in week}
    first = next(one for one in week if planned[one])
    here = stop_as_here(session, worker, planned[first][0])
    found = list_nearby(session, worker, here, day=first, rule=RULE)
    later = {key: one for one in reversed(week) if one > first for key in planned[one]}
    assert {one.enterprise_id: one.planned_on for one in found} == {
        one.enterprise_id: later.get(one.enterprise_id) for one in found
    }
    assert any(one.planned_on for one in found)


def test_nothing_changed_refreshes_a_file_but_is_no_visit(session, district, worker):
    small, target = firm_id(session, "小店贸易有限公司"), firm_id(session, "甲贸易有限公司")

    def due():
        found = list_due(session, district.id, f.MONDAY + timedelta(days=2), RULE)
        return {d.candidate.enterprise_id: d.candidate.purpose for d in found if not d.left_out}

    before = due()
    assert before[small] is VisitPurpose.REFRESH
    assert before[target] in {VisitPurpose.ORGANISE, VisitPurpose.VERIFY}
    for one in (small, target):
        visit(session, worker, one, MORNING, VisitResult.UNCHANGED)
    assert small not in due()
    assert due()[target] is before[target]
    assert session.get_one(Enterprise, small).last_visited_on is None


@pytest.mark.parametrize(("days", "is_due"), [(29, False), (30, True)])
def test_a_confirmed_file_is_fresh_for_the_interval(session, district, worker, days, is_due):
    small = firm_id(session, "小店贸易有限公司")
    visit(session, worker, small, MORNING, VisitResult.UNCHANGED)
    due = list_due(session, district.id, f.MONDAY + timedelta(days=days), RULE)
    assert (small in {d.candidate.enterprise_id for d in due}) is is_due


def test_a_door_note_stays_with_the_firm_and_its_newest_text_stands(session, district, worker, day):
    one = ids(session, worker, day)[0]
    write_door_note(session, worker, one, "后门 3 楼,\n按 301", now=MORNING)
    write_door_note(session, worker, one, "从车库上", now=MORNING + timedelta(minutes=1))
    assert day_route(session, worker, day).stops[0].door_note == "从车库上"
    f.link(session, district)
    assert load_door_notes(session, [one]) == {one: "从车库上"}
    write_door_note(session, worker, one, "", now=MORNING + timedelta(minutes=2))
    assert load_door_notes(session, [one]) == {}
    with pytest.raises(InvalidInput, match="最多 200 个"):
        write_door_note(session, worker, one, "楼" * 201, now=MORNING)
    with pytest.raises(NotFound):
        write_door_note(session, worker, firm_id(session, "子机械厂"), "x", now=MORNING)


def test_a_route_tells_distance_and_time_as_an_estimate(session, worker, day):
    route = day_route(session, worker, day)
    assert not route.travel.basis.is_by_road
    assert route.travel_km > 0
    assert route.travel_minutes >= 0


def test_a_day_without_a_plan_can_be_filled(session, district, worker):
    sunday = f.MONDAY + timedelta(days=6)
    extra = session.scalar(select(Enterprise.id).where(Enterprise.grid_id == worker.grid_id))
    change(session, worker, sunday, "add", enterprise_id=extra)
    assert ids(session, worker, sunday) == [extra]
    assert session.scalar(select(Grid.id).where(Grid.id == worker.grid_id))

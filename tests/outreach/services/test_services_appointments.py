"""A visit that a firm agreed to is kept by the next plan."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import factories as f
import pytest
from sqlalchemy import select

from outreach.domain.accounts import Principal, Role
from outreach.domain.appointments import Appointment, DayPart
from outreach.domain.plans import PlanRule
from outreach.domain.targets import TargetRule
from outreach.errors import InvalidInput
from outreach.services.planning.appointments import find_appointments
from outreach.services.planning.plans import plan_week
from outreach.services.visits.visit_content import parse_visit
from outreach.services.visits.visits import record_visit
from outreach.storage.enterprises import Enterprise, EnterpriseAlias, Member
from outreach.storage.plans import PlanLeftOut, PlanRoute, PlanStop

RULE = PlanRule(seconds_per_grid=0.2, most_stops_a_day=3)
NEXT_WEEK = f.MONDAY + timedelta(days=7)
FRIDAY, SATURDAY = NEXT_WEEK + timedelta(days=4), NEXT_WEEK + timedelta(days=5)


@pytest.fixture
def district(session, tmp_path):
    rows = [
        f.firm(n, name=f"{word}有限公司", employees=str(60 + n))
        for n, word in enumerate("甲乙丙丁戊己庚辛")
    ]
    small = f.firm(20, name="小店", employees="3")
    return f.make_district(session, tmp_path / "files", market=[*rows, small])


@pytest.fixture
def worker(session, district):
    account = f.make_account(session, district, Role.GRID_WORKER, grid_code="G1")
    return Principal(
        account_id=account.id,
        district_id=district.id,
        role=Role.GRID_WORKER,
        login="w",
        display_name="w",
        grid_worker_id=account.grid_worker_id,
        grid_id=session.scalar(select(Enterprise.grid_id).where(Enterprise.name == "小店")),
    )


def firm_id(session, name="小店"):
    return session.scalar(select(Enterprise.id).where(Enterprise.name == name))


def visit(session, worker, *, name="小店", minutes=0, **fields):
    now = f.NOW + timedelta(minutes=minutes)
    content = {
        "uuid": str(uuid4()),
        "enterprise_id": firm_id(session, name),
        "visited_at": now.isoformat(),
        "result": "appointment",
        **fields,
    }
    record_visit(session, worker, parse_visit(content, now=now), rule=TargetRule(), now=now)


def plan(session, district, week=NEXT_WEEK):
    report = plan_week(
        session, district_id=district.id, week=week, rule=RULE, now=f.NOW, processes=1
    )
    query = (
        select(PlanStop, PlanRoute.day)
        .join(PlanRoute, PlanRoute.id == PlanStop.route_id)
        .where(PlanStop.plan_id == report.plan_id)
    )
    return report, {stop.enterprise_id: (stop, day) for stop, day in session.execute(query)}


@pytest.mark.parametrize(
    ("part", "opens", "closes"), [("morning", 8.5, 12), ("afternoon", 14, 17.5)]
)
def test_the_next_plan_comes_on_the_agreed_day_in_the_agreed_half(
    session, worker, district, part, opens, closes
):
    visit(session, worker, appointed_on=FRIDAY.isoformat(), appointed_part=part)
    _, stops = plan(session, district)
    stop, day = stops[firm_id(session)]
    assert day == FRIDAY
    assert opens * 3600 <= stop.start_s
    assert stop.end_s <= closes * 3600
    assert stop.reasons[0]["template"] == "约好{part}去"


def test_a_firm_that_would_not_be_due_is_planned_only_in_the_week_of_its_day(
    session, worker, district
):
    visit(session, worker, appointed_on=FRIDAY.isoformat())
    _, this_week = plan(session, district, f.MONDAY)
    _, next_week = plan(session, district)
    _, later = plan(session, district, NEXT_WEEK + timedelta(days=7))
    small = firm_id(session)
    assert [small in week for week in (this_week, next_week, later)] == [False, True, False]


def test_a_visit_at_which_somebody_was_met_ends_it(session, worker, district):
    visit(session, worker, appointed_on=FRIDAY.isoformat())
    visit(session, worker, result="met_head", minutes=1)
    _, stops = plan(session, district)
    assert firm_id(session) not in stops


def test_what_was_agreed_on_for_a_day_off_is_left_out_with_its_remedy(session, worker, district):
    visit(session, worker, appointed_on=SATURDAY.isoformat())
    report, stops = plan(session, district)
    left = session.scalars(
        select(PlanLeftOut).where(
            PlanLeftOut.plan_id == report.plan_id,
            PlanLeftOut.enterprise_id == firm_id(session),
        )
    ).one()
    assert left.reason == "appointed_day_off"
    assert firm_id(session) not in stops


def test_more_agreed_visits_than_fit_stand_before_all_else(session, worker, district):
    for name in "甲乙丙丁":
        visit(session, worker, name=f"{name}有限公司", appointed_on=FRIDAY.isoformat())
    _, stops = plan(session, district)
    on_friday = [firm for firm, (_, day) in stops.items() if day == FRIDAY]
    agreed = {firm_id(session, f"{name}有限公司") for name in "甲乙丙丁"}
    assert len(on_friday) == RULE.most_stops_a_day
    assert set(on_friday) <= agreed


def test_it_is_found_under_the_firms_present_number(session, worker, district):
    visit(session, worker, appointed_on=FRIDAY.isoformat(), appointed_part="morning")
    former, present = firm_id(session), firm_id(session, "甲有限公司")
    session.get_one(Enterprise, former).retired = True
    record_id = session.scalar(
        select(Member.record_id).where(Member.enterprise_id == former).limit(1)
    )
    session.add(
        EnterpriseAlias(
            former_id=former,
            enterprise_id=present,
            record_id=record_id,
            since=f.NOW,
            district_id=district.id,
        )
    )
    session.flush()
    found = find_appointments(session, district.id, first=NEXT_WEEK, last=SATURDAY)
    assert found == {present: Appointment(day=FRIDAY, part=DayPart.MORNING)}


@pytest.mark.parametrize(("first", "last"), [(FRIDAY, FRIDAY), (NEXT_WEEK, SATURDAY)])
def test_both_ends_of_the_span_count(session, worker, district, first, last):
    visit(session, worker, appointed_on=FRIDAY.isoformat())
    assert len(find_appointments(session, district.id, first=first, last=last)) == 1
    after = FRIDAY + timedelta(days=1)
    assert find_appointments(session, district.id, first=after, last=after) == {}
    before = f.NOW - timedelta(seconds=1)
    known = find_appointments(session, district.id, first=first, last=last, received_before=before)
    assert known == {}


@pytest.mark.parametrize("day", ["2026-11-22", "2027-05-23"])
def test_a_day_that_cannot_have_been_agreed_on_is_named(session, worker, day):
    with pytest.raises(InvalidInput, match=day):
        visit(session, worker, appointed_on=day)


def test_the_day_belongs_to_the_result_it_was_asked_for(session, worker):
    content = {
        "uuid": str(uuid4()),
        "enterprise_id": firm_id(session),
        "visited_at": f.NOW.isoformat(),
        "result": "nobody",
        "appointed_on": FRIDAY.isoformat(),
    }
    assert parse_visit(content, now=f.NOW).appointment is None
    agreed = parse_visit({**content, "result": "appointment"}, now=f.NOW)
    assert agreed.appointed_on == FRIDAY == date(2026, 12, 4)

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from outreach.domain.plans import LeftOutReason, PlanRule
from outreach.services.administration.calendar_days import load_calendar
from outreach.services.planning.planning import gather_week
from outreach.storage.accounts import Account
from outreach.storage.grids import GridWorker
from outreach.storage.runs import Run

WEEK = date(2026, 12, 7)


def away(site, first, last="", *, grid="G1", stand_in="G2"):
    fields = {"grid": site.grids[grid], "first": first, "last": last}
    if stand_in:
        fields["stand_in"] = site.grids[stand_in]
    return site.visitor("district").post("/leave", **fields)


def week_of(site, week=WEEK):
    with site.database.session() as session:
        found = gather_week(
            session,
            district_id=1,
            week=week,
            rule=PlanRule(),
            calendar=load_calendar(session, 1),
        )
        return {grid.grid_code: grid for grid in found.grids}, found.left_out


def open_case(site, firm="甲贸易有限公司"):
    fields = {
        "uuid": str(uuid4()),
        "enterprise_id": site.firms[firm],
        "result": "met_head",
        "requests": "training",
        "visited_at": "2026-11-24T09:40:00+08:00",
        "day": "2026-11-24",
    }
    assert site.visitor("worker").post("/visits", **fields).status_code == 303


def test_a_worker_on_leave_has_no_shift_on_these_days(site):
    assert away(site, "2026-12-08", "2026-12-09").status_code == 303
    grids, _ = week_of(site)
    assert grids["G1"].days == (WEEK, WEEK + timedelta(days=3), WEEK + timedelta(days=4))
    assert len(grids["G2"].days) == 5
    assert site.audit("add_leave")[0].detail["last"] == "2026-12-09"


def test_a_week_of_leave_sends_the_stand_in_to_what_cannot_wait_and_tells_the_rest(site):
    open_case(site)
    away(site, "2026-11-30", "2026-12-04")
    grids, left_out = week_of(site, date(2026, 11, 30))
    assert "G1" not in grids
    firms = {one.enterprise_id for one in grids["G2"].candidates}
    assert site.firms["甲贸易有限公司"] in firms
    assert site.firms["乙贸易有限公司"] not in firms
    reasons = {one.candidate.enterprise_id: one.left_out for one in left_out}
    assert reasons[site.firms["乙贸易有限公司"]] is LeftOutReason.STAND_IN_MUST_ONLY


def test_a_grid_without_a_stand_in_is_told_that_nobody_goes(site):
    away(site, "2026-12-07", "2026-12-11", stand_in="")
    grids, left_out = week_of(site)
    assert set(grids) == {"G2"}
    assert LeftOutReason.ON_LEAVE in {one.left_out for one in left_out}


def test_a_stand_in_sees_the_grid_a_week_before_until_a_week_after_and_not_longer(site):
    path = f"/enterprises/{site.firms['甲贸易有限公司']}"
    away(site, "2026-12-08", "2026-12-09")
    neighbour = site.visitor("neighbour")
    for day, status in ((30, 404), (31, 200), (32, 200), (46, 200), (47, 404)):
        site.clock.moment = datetime(2026, 11, 1, 2, tzinfo=UTC) + timedelta(days=day - 1)
        neighbour.sign_in("neighbour")
        assert neighbour.get(path).status_code == status, site.clock.moment


def test_a_visit_by_the_stand_in_counts_for_the_firms_own_grid(site):
    away(site, "2026-11-24")
    fields = {
        "uuid": str(uuid4()),
        "enterprise_id": site.firms["甲贸易有限公司"],
        "result": "nobody",
        "visited_at": "2026-11-24T09:40:00+08:00",
        "day": "2026-11-24",
    }
    assert site.visitor("neighbour").post("/visits", **fields).status_code == 303
    assert site.visits()[-1].grid_id == site.grids["G1"]


def test_a_cancelled_leave_changes_nothing_any_more(site):
    away(site, "2026-12-08")
    assert site.visitor("district").post("/leave/1/cancel").status_code == 303
    assert len(week_of(site)[0]["G1"].days) == 5
    assert "撤掉了" in site.visitor("district").get("/leave?past=1").text
    assert site.visitor("district").post("/leave/1/cancel").status_code == 404


@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        ("2026-12-10", "2026-12-11", 303),
        ("2026-12-09", "2026-12-11", 409),
        ("2026-12-01", "2026-12-07", 303),
        ("2026-12-01", "2026-12-08", 409),
        ("2026-12-20", "2026-12-19", 422),
        ("2027-01-01", "2028-01-01", 303),
        ("2027-01-01", "2028-01-02", 422),
        ("", "", 422),
    ],
)
def test_leaves_of_one_person_never_overlap_and_last_a_year_at_most(
    sqlite_site, first, last, status
):
    away(sqlite_site, "2026-12-08", "2026-12-09")
    answer = away(sqlite_site, first, last)
    assert answer.status_code == status
    if status == 409:
        assert "李一 2026-12-08 到 2026-12-09 已经登记过请假" in answer.text


def test_a_stand_in_must_be_there_and_be_somebody_else(sqlite_site):
    site = sqlite_site
    assert away(site, "2026-12-08", stand_in="G1").status_code == 422
    away(site, "2026-12-08", grid="G2", stand_in="")
    assert "周二 2026-12-08 到 2026-12-08 也请假" in away(site, "2026-12-08").text
    assert away(site, "2026-12-09").status_code == 303
    answer = away(site, "2026-12-09", grid="G2", stand_in="")
    assert answer.status_code == 409
    assert "要给李一代班" in answer.text


def test_the_handover_sheet_tells_cases_doors_and_visits_but_not_what_is_asked_for(site):
    open_case(site)
    site.visitor("worker").post(f"/today/doors/{site.firms['甲贸易有限公司']}", text="后门进,二楼")
    page = site.visitor("district").get(f"/grids/{site.grids['G1']}/handover").text
    assert "后门进" in page
    assert "甲贸易有限公司" in page
    assert "见到负责人" in page
    assert "培训" not in page


def test_a_grid_that_changes_hands_closes_the_former_account_at_once(site):
    worker = site.visitor("worker")
    away(site, "2026-12-08")
    path = f"/grids/{site.grids['G1']}/handover"
    answer = site.visitor("district").post(path, name="王五", phone="300")
    assert answer.status_code == 303
    assert worker.get("/today").status_code == 303
    with site.database.session() as session:
        assert session.scalar(select(Account).where(Account.login == "worker")).disabled
        assert not session.scalar(select(Account).where(Account.login == "neighbour")).disabled
        found = session.scalar(
            select(GridWorker.name).where(GridWorker.grid_id == site.grids["G1"])
        )
        assert found == "王五"
    page = site.visitor("district").get(path).text
    assert "李一" in page
    assert "现在和以后都没有人请假" in site.visitor("district").get("/leave").text
    assert site.audit("hand_over")[0].detail["accounts_closed"] == 1


@pytest.mark.parametrize(
    ("name", "phone"), [("", ""), ("王" * 31, ""), ("王五", "call me"), ("王五", "1" * 21)]
)
def test_a_successor_has_a_name_and_a_phone_that_can_be(sqlite_site, name, phone):
    path = f"/grids/{sqlite_site.grids['G1']}/handover"
    answer = sqlite_site.visitor("district").post(path, name=name, phone=phone)
    assert answer.status_code == 422


def test_a_leave_after_publishing_is_told_wherever_somebody_can_do_something_about_it(sqlite_site):
    site = sqlite_site
    day = next(day for day in site.days if day.isoformat() > "2026-11-24")
    pages = ("/plans", f"/plans/{site.published}", "/leave", f"/work-days?year={day.year}")
    told = "排在没人去的日子里"
    planner, district = site.visitor("planner"), site.visitor("district")
    assert [told in planner.get(page).text for page in pages] == [False] * 4
    away(site, day.isoformat(), stand_in="")
    assert [told in planner.get(page).text for page in pages] == [True] * 4
    assert [told in district.get(page).text for page in pages] == [True] * 4
    assert "只重排这 1 个网格" in planner.get(f"/plans/{site.published}").text
    own = district.get(f"/plans/{site.published}").text
    assert "只重排这" not in own
    assert "请规划人员把这些网格重排一版" in own


def test_only_the_grids_where_nobody_goes_are_asked_to_be_planned_again(sqlite_site):
    site = sqlite_site
    day = next(day for day in site.days if day.isoformat() > "2026-11-24")
    fields = {"only": "away", "mode": "fill"}
    planner = site.visitor("planner")
    assert planner.post(f"/plans/{site.published}/replan", **fields).status_code == 409
    away(site, day.isoformat(), stand_in="")
    assert planner.post(f"/plans/{site.published}/replan", **fields).status_code == 303
    with site.database.session() as session:
        asked = session.scalars(select(Run)).one().parameters["replan"]
    assert asked == {"plan_id": site.published, "mode": "fill", "only": [site.grids["G1"]]}

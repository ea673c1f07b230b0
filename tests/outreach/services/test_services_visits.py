from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import factories as f
import pytest
from sqlalchemy import func, select

from outreach.domain.accounts import Principal, Role
from outreach.domain.targets import TargetRule
from outreach.domain.visits import VisitResult
from outreach.errors import Conflict, InvalidInput, NotFound, Refused
from outreach.services.administration.principals import command_line
from outreach.services.enterprises.dossiers import open_dossier
from outreach.services.visits.routes import reveal_phone
from outreach.services.visits.visit_content import parse_visit
from outreach.services.visits.visit_views import list_visits
from outreach.services.visits.visits import record_visit
from outreach.storage.accounts import AuditEntry
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.records import Record, Statement
from outreach.storage.visits import Visit

RULE = TargetRule()


@pytest.fixture
def district(session, tmp_path):
    rows = [
        f.firm(1, code=f.CODES[0], name="甲有限公司", employees="60", phone="13800000001"),
        f.firm(
            2, code=f.CODES[1], name="乙有限公司", employees="60", address="东风镇光明工业园1号"
        ),
    ]
    return f.make_district(session, tmp_path / "files", market=rows)


@pytest.fixture
def worker(session, district):
    account = f.make_account(session, district, Role.GRID_WORKER, grid_code="G1")
    grid_id = session.scalar(select(Enterprise.grid_id).where(Enterprise.name == "甲有限公司"))
    return Principal(
        account_id=account.id,
        district_id=district.id,
        role=Role.GRID_WORKER,
        login="w",
        display_name="w",
        grid_worker_id=account.grid_worker_id,
        grid_id=grid_id,
    )


def firm_id(session, name="甲有限公司"):
    return session.scalar(select(Enterprise.id).where(Enterprise.name == name))


def form(session, **fields):
    known = {"uuid": str(uuid4()), "enterprise_id": str(firm_id(session)), "result": "met_head"}
    return parse_visit({**known, **fields}, now=f.NOW)


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_a_visits_findings_become_statements_and_change_the_enterprise(session, worker):
    visit = form(
        session,
        employees="18",
        evidence="roster",
        operating_state="active",
        union_finding="willing",
    )
    receipt = record_visit(session, worker, visit, rule=RULE, now=f.NOW)
    assert receipt.is_new
    said = {
        s.prop: s.value
        for s in session.scalars(select(Statement).where(Statement.source == "visit"))
    }
    assert said == {"headcount": "18", "status": "active", "union_status": "none"}
    firm = session.get(Enterprise, firm_id(session))
    assert (firm.employees, firm.headcount_source, firm.standing) == (18, "visit", "under")
    assert firm.last_visited_on == f.TODAY


def test_the_findings_survive_the_next_linking(session, worker, district):
    record_visit(session, worker, form(session, employees="18"), rule=RULE, now=f.NOW)
    f.link(session, district)
    session.expire_all()
    firm = session.get(Enterprise, firm_id(session))
    assert (firm.employees, firm.headcount_source) == (18, "visit")
    assert (
        session.scalar(
            select(Member.rule)
            .join(Record, Record.id == Member.record_id)
            .where(Record.source == "visit")
        )
        == "visited"
    )


def test_sent_twice_it_is_stored_once(session, worker):
    visit = form(session, employees="18")
    first = record_visit(session, worker, visit, rule=RULE, now=f.NOW)
    again = record_visit(session, worker, visit, rule=RULE, now=f.NOW)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.sha256 == again.sha256
    assert (count(session, Visit), count(session, Record)) == (1, 3)


def test_another_content_under_the_same_uuid_is_a_conflict(session, worker):
    visit = form(session, employees="18")
    record_visit(session, worker, visit, rule=RULE, now=f.NOW)
    other = form(session, uuid=str(visit.uuid), employees="19")
    with pytest.raises(Conflict, match=str(visit.uuid)):
        record_visit(session, worker, other, rule=RULE, now=f.NOW)


def test_another_grids_firm_does_not_exist_for_the_grid_worker(session, worker):
    visit = form(session, enterprise_id=str(firm_id(session, "乙有限公司")))
    with pytest.raises(NotFound):
        record_visit(session, worker, visit, rule=RULE, now=f.NOW)
    with pytest.raises(NotFound):
        open_dossier(session, worker, visit.enterprise_id, now=f.NOW)
    with pytest.raises(NotFound):
        list_visits(session, worker, visit.enterprise_id)


def test_the_desk_records_no_visits(session, district):
    with pytest.raises(Refused):
        record_visit(session, command_line(district.id), form(session), rule=RULE, now=f.NOW)


@pytest.mark.parametrize(
    ("result", "settled"),
    [("met_head", True), ("refused", True), ("nobody", False), ("appointment", False)],
)
def test_only_a_settled_visit_moves_the_firms_date(session, worker, result, settled):
    record_visit(session, worker, form(session, result=result), rule=RULE, now=f.NOW)
    assert (session.get(Enterprise, firm_id(session)).last_visited_on is not None) is settled


@pytest.mark.parametrize(("result", "state"), [("closed", "suspended"), ("moved", "moved_out")])
def test_a_closed_or_moved_firm_is_no_target_any_more(session, worker, result, state):
    record_visit(session, worker, form(session, result=result), rule=RULE, now=f.NOW)
    firm = session.get(Enterprise, firm_id(session))
    assert (firm.state, firm.standing == "target") == (state, False)


def test_checks_and_notes_are_kept_only_when_somebody_was_met(session, district):
    assert form(session, result="nobody", employees="18", concerns="费用").employees is None
    assert form(session, result="met_clerk", employees="18").employees == 18


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"result": ""}, "走访结果"),
        ({"result": "dancing"}, "“结果”不能是“dancing”"),
        ({"uuid": "7"}, "“7”不是 UUID"),
        ({"employees": "3.5"}, "人数应是整数"),
        ({"employees": "-1"}, "人数应是整数"),
        ({"employees": "500001"}, "500,001"),
        ({"enterprise_id": "x"}, "哪家企业"),
        ({"note": "字" * 1001}, "“备注”有 1001 个字"),
        ({"visited_at": "yesterday"}, "yesterday"),
        ({"evidence": "rumour"}, "人数依据"),
    ],
)
def test_a_wrong_field_is_refused_by_name_and_value(session, district, fields, message):
    with pytest.raises(InvalidInput, match=message):
        form(session, **fields)


def test_the_largest_headcount_is_just_taken(session, district):
    assert form(session, employees="500000").employees == 500_000


def test_a_visit_after_midnight_in_china_belongs_to_the_new_day(session, worker):
    visit = form(session, visited_at="2026-11-24T00:30")
    record_visit(session, worker, visit, rule=RULE, now=datetime(2026, 11, 23, 16, 40, tzinfo=UTC))
    assert session.scalar(select(Visit.visited_on)).isoformat() == "2026-11-24"


def test_a_phone_number_is_shown_once_and_written_into_the_audit_log(session, worker):
    assert reveal_phone(session, worker, firm_id(session), now=f.NOW) == "13800000001"
    entry = session.scalar(select(AuditEntry).where(AuditEntry.action == "show_phone"))
    assert (entry.account_id, entry.subject_id) == (worker.account_id, str(firm_id(session)))
    assert "138" not in str(entry.detail)


def test_a_firm_without_a_number_says_so_to_those_who_may_see_it(session, district):
    with pytest.raises(NotFound, match="没有登记电话"):
        reveal_phone(session, command_line(district.id), firm_id(session, "乙有限公司"), now=f.NOW)


def test_a_dossier_masks_people_and_says_where_each_value_is_from(session, worker):
    record_visit(session, worker, form(session, employees="18"), rule=RULE, now=f.NOW)
    dossier = open_dossier(session, worker, firm_id(session), now=f.NOW)
    assert dossier.enterprise.legal_rep == "王**"
    assert dossier.enterprise.phone == "138****001"
    text = repr(dossier)
    assert "13800000001" not in text
    assert "王小明" not in text
    counts = [
        (s.value, s.source.value, s.file_name) for s in dossier.statements if s.prop == "headcount"
    ]
    assert counts == [("18", "visit", "visit:2026-11-23"), ("60", "market", "market.csv")]
    assert dossier.visits[0].result is VisitResult.MET_HEAD
    assert count(session, AuditEntry) > 0
    session.flush()
    assert session.scalar(select(AuditEntry.action).where(AuditEntry.action == "open_dossier"))


def test_every_visit_has_exactly_one_audit_entry(session, worker):
    for _ in range(3):
        record_visit(session, worker, form(session, result="nobody"), rule=RULE, now=f.NOW)
    entries = session.scalar(
        select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "record_visit")
    )
    assert entries == count(session, Visit) == 3

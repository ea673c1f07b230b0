from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import factories as f
import pytest
from sqlalchemy import select

from outreach.domain.accounts import Role
from outreach.domain.cases import CaseKind, CaseState, Urgency
from outreach.domain.plans import PlanRule, VisitPurpose
from outreach.domain.targets import TargetRule
from outreach.domain.visits import Visit, VisitResult
from outreach.errors import Conflict, InvalidInput, NotFound, Refused
from outreach.services.administration.accounts import principal_of
from outreach.services.planning.planning import list_due
from outreach.services.planning.plans import plan_week
from outreach.services.visits.case_steps import open_cases, reopen_case, step_case
from outreach.services.visits.cases import (
    CaseFilter,
    count_cases,
    count_late_cases,
    list_cases,
    view_case,
)
from outreach.services.visits.visits import record_visit
from outreach.storage.accounts import Account, AuditEntry
from outreach.storage.cases import Case
from outreach.storage.enterprises import Enterprise
from outreach.storage.plans import PlanStop

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
WANTED = {CaseKind.LEGAL: "两名职工反映欠薪", CaseKind.TRAINING: ""}
FIRMS = [
    f.firm(1, name="甲贸易有限公司", employees="40"),
    f.firm(2, name="小摊贸易有限公司", employees="3"),
    f.firm(3, name="子机械厂", employees="60", address="东风镇光明工业园1号"),
]


@pytest.fixture
def district(session, tmp_path):
    return f.make_district(session, tmp_path / "files", market=FIRMS)


def account(session, district, role, **options):
    made = f.make_account(session, district, role, **options)
    return principal_of(session, session.get_one(Account, made.id))


@pytest.fixture
def worker(session, district):
    return account(session, district, Role.GRID_WORKER, grid_code="G1")


@pytest.fixture
def desk(session, district):
    return account(session, district, Role.DISTRICT)


def visit(session, worker, name="小摊贸易有限公司", *, at=NOW):
    firm = session.scalar(select(Enterprise.id).where(Enterprise.name == name))
    one = Visit(uuid=uuid.uuid4(), enterprise_id=firm, visited_at=at, result=VisitResult.MET_HEAD)
    record_visit(session, worker, one, rule=TargetRule(), now=at)
    return one


def test_a_visit_opens_each_kind_once_however_often_it_is_sent(session, worker, desk):
    one = visit(session, worker)
    first = open_cases(session, worker, one, WANTED, NOW)
    again = open_cases(session, worker, one, WANTED, NOW)
    assert first == again
    assert len(session.scalars(select(Case)).all()) == 2
    lines, total = list_cases(session, desk, CaseFilter(), today=TODAY)
    assert total == 2
    assert {line.kind for line in lines} == set(WANTED)
    assert {line.due_on for line in lines} == {date(2026, 11, 23)}
    assert count_cases(session, desk, today=TODAY)[Urgency.OPEN] == 2


def test_only_the_one_who_visited_opens_its_cases(session, district, worker):
    one = visit(session, worker)
    other = account(session, district, Role.GRID_WORKER, login="other", grid_code="G2")
    with pytest.raises(NotFound):
        open_cases(session, other, one, WANTED, NOW)
    missing = replace(one, uuid=uuid.uuid4())
    with pytest.raises(NotFound):
        open_cases(session, worker, missing, WANTED, NOW)


def test_a_case_walks_to_its_end_with_deadlines_and_may_be_reopened(session, worker, desk):
    (case, _) = open_cases(session, worker, visit(session, worker), WANTED, NOW)
    for state in (CaseState.TRIAGED, CaseState.IN_PROGRESS, CaseState.DONE):
        step_case(session, desk, case, state, note="权益部老王", now=NOW)
    step_case(session, worker, case, CaseState.CLOSED, note="已告诉老板", now=NOW)
    view = view_case(session, desk, case, today=TODAY)
    assert view.line.urgency is Urgency.ENDED
    assert view.next_states == ()
    assert [step.state.value for step in view.steps] == [
        "new",
        "triaged",
        "in_progress",
        "done",
        "closed",
    ]
    assert not view_case(session, desk, case, today=TODAY + timedelta(days=31)).may_reopen
    with pytest.raises(Conflict, match="30 天"):
        reopen_case(session, desk, case, note="没解决", now=NOW + timedelta(days=31))
    with pytest.raises(InvalidInput, match="分派给谁"):
        reopen_case(session, desk, case, now=NOW + timedelta(days=30))
    reopen_case(session, desk, case, note="企业说没解决", now=NOW + timedelta(days=30))
    view = view_case(session, desk, case, today=TODAY)
    assert view.line.state is CaseState.TRIAGED
    assert [step.reopens for step in view.steps] == [False] * 5 + [True]
    assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "step_case")).all())


def test_a_step_that_is_not_in_the_table_or_lacks_its_reason_is_refused(session, worker, desk):
    (case, _) = open_cases(session, worker, visit(session, worker), WANTED, NOW)
    with pytest.raises(Conflict, match="新收到"):
        step_case(session, desk, case, CaseState.DONE, now=NOW)
    with pytest.raises(InvalidInput, match="理由"):
        step_case(session, desk, case, CaseState.DECLINED, note=" ", now=NOW)
    with pytest.raises(InvalidInput, match="1001"):
        step_case(session, desk, case, CaseState.DECLINED, note="长" * 1001, now=NOW)
    step_case(session, desk, case, CaseState.DECLINED, note="不属于工会职责", now=NOW)


def test_the_phone_shows_that_something_waits_and_not_what(session, district, worker):
    (case, _) = open_cases(session, worker, visit(session, worker), WANTED, NOW)
    lines, _ = list_cases(session, worker, CaseFilter(), today=TODAY)
    assert [(line.kind, line.note) for line in lines] == [(None, ""), (None, "")]
    with pytest.raises(Refused):
        view_case(session, worker, case, today=TODAY)
    with pytest.raises(Refused):
        step_case(session, worker, case, CaseState.TRIAGED, now=NOW)
    with pytest.raises(Refused):
        reopen_case(session, worker, case, now=NOW)
    neighbour = account(session, district, Role.GRID_WORKER, login="other", grid_code="G2")
    assert list_cases(session, neighbour, CaseFilter(), today=TODAY) == ([], 0)
    with pytest.raises(NotFound):
        step_case(session, neighbour, case, CaseState.CLOSED, now=NOW)


def test_another_district_sees_nothing(session, worker, tmp_path):
    open_cases(session, worker, visit(session, worker), WANTED, NOW)
    away = f.make_district(session, tmp_path / "2", code="900002", market=FIRMS)
    other = account(session, away, Role.DISTRICT)
    assert list_cases(session, other, CaseFilter(), today=TODAY) == ([], 0)


def test_an_open_case_makes_its_firm_due_and_the_reason_does_not_betray_it(
    session, district, worker, desk
):
    rule = PlanRule(seconds_per_grid=0.1)
    one = visit(session, worker)
    due = {d.candidate.enterprise_id for d in list_due(session, district.id, f.MONDAY, rule)}
    assert one.enterprise_id not in due
    cases = open_cases(session, worker, one, WANTED, NOW)
    plan_week(session, district_id=district.id, week=f.MONDAY, rule=rule, now=NOW, processes=1)
    stop = session.scalar(select(PlanStop).where(PlanStop.enterprise_id == one.enterprise_id))
    assert stop.purpose == VisitPurpose.SERVE
    assert stop.reasons[0] == {"template": "有一件诉求要回复", "values": {}}
    assert "欠薪" not in str(stop.reasons)
    assert "律师" not in str(stop.reasons)
    for case in cases:
        step_case(session, desk, case, CaseState.DECLINED, note="不归我们", now=NOW)
    due = {d.candidate.enterprise_id for d in list_due(session, district.id, f.MONDAY, rule)}
    assert one.enterprise_id not in due


def test_lists_filter_by_state_kind_and_urgency(session, worker, desk):
    case, other = open_cases(session, worker, visit(session, worker), WANTED, NOW)
    step_case(session, desk, case, CaseState.TRIAGED, note="权益部老王", now=NOW)
    late = TODAY + timedelta(days=30)

    def found(today=TODAY, **wanted):
        return list_cases(session, desk, CaseFilter(**wanted), today=today)[1]

    assert found(state=CaseState.TRIAGED) == 1
    assert found(kind=CaseKind.TRAINING) == 1
    assert found(is_open=True) == 2
    step_case(session, desk, other, CaseState.DECLINED, note="不归我们", now=NOW)
    assert (found(is_open=True), found()) == (1, 2)
    assert found(urgency=Urgency.OVERDUE) == 0
    assert found(late, urgency=Urgency.OVERDUE) == 1


@pytest.mark.parametrize(
    ("to", "before"),
    [
        (CaseState.TRIAGED, ()),
        (CaseState.DONE, (CaseState.TRIAGED, CaseState.IN_PROGRESS)),
        (CaseState.CLOSED, (CaseState.TRIAGED, CaseState.IN_PROGRESS, CaseState.DONE)),
    ],
)
def test_a_step_of_the_desk_says_to_whom_what_or_how(session, worker, desk, to, before):
    (case, _) = open_cases(session, worker, visit(session, worker), WANTED, NOW)
    for state in before:
        step_case(session, desk, case, state, note="权益部老王", now=NOW)
    with pytest.raises(InvalidInput, match=to.note_label):
        step_case(session, desk, case, to, note="  ", now=NOW)
    step_case(session, desk, case, to, note="写了", now=NOW)


def test_a_grid_worker_need_not_say_more_than_that_the_firm_was_told(session, worker, desk):
    (case, _) = open_cases(session, worker, visit(session, worker), WANTED, NOW)
    for state in (CaseState.TRIAGED, CaseState.IN_PROGRESS, CaseState.DONE):
        step_case(session, desk, case, state, note="权益部老王", now=NOW)
    step_case(session, worker, case, CaseState.CLOSED, now=NOW)
    assert view_case(session, desk, case, today=TODAY).line.state is CaseState.CLOSED


def test_a_case_that_was_late_once_stays_marked_and_its_step_says_so(session, worker, desk):
    late, in_time = open_cases(session, worker, visit(session, worker), WANTED, NOW)
    last_day = NOW + timedelta(days=3)
    note = "权益部老王"
    step_case(session, desk, in_time, CaseState.TRIAGED, note=note, now=last_day)
    step_case(session, desk, late, CaseState.TRIAGED, note=note, now=last_day + timedelta(days=1))
    today = TODAY + timedelta(days=4)
    view = view_case(session, desk, late, today=today)
    assert view.line.urgency is Urgency.DUE
    assert view.line.was_late
    assert [(step.due_on, step.was_late) for step in view.steps] == [
        (date(2026, 11, 23), True),
        (date(2026, 11, 26), False),
    ]
    assert not view_case(session, desk, in_time, today=today).line.was_late
    found, total = list_cases(session, desk, CaseFilter(was_late=True), today=today)
    assert ([line.id for line in found], total) == ([late], 1)
    assert count_late_cases(session, desk) == 1

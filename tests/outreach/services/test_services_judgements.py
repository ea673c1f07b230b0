from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import factories as f
import pytest
from sqlalchemy import func, select

from outreach.domain.accounts import Role
from outreach.domain.judgements import QuestionState, Verdict
from outreach.domain.targets import TargetRule
from outreach.errors import Conflict, NotFound, Refused
from outreach.services.administration.accounts import principal_of
from outreach.services.administration.principals import command_line
from outreach.services.enterprises.enterprises import current_id
from outreach.services.linking.judgements import Today, decide, split_off, take_back
from outreach.services.registers.imports import import_file
from outreach.services.visits.visit_content import parse_visit
from outreach.services.visits.visit_views import list_visits
from outreach.services.visits.visits import record_visit
from outreach.storage.accounts import AuditEntry
from outreach.storage.enterprises import Enterprise, EnterpriseAlias, Member
from outreach.storage.judgements import DoubtfulPair, Judgement, RecordLink
from outreach.storage.records import Batch, Record

A, B, C = f.CODES[:3]
NAME, MILL = "大同食品有限公司", "东风镇光明工业园3号"
AT = Today(now=f.NOW, today=f.TODAY, rule=TargetRule())
SAME, DIFFERENT, LATER = Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER


@pytest.fixture
def district(session, tmp_path):
    """Two firms of one name, an insured row that fits both, and a firm of three rows."""
    return f.make_district(
        session,
        tmp_path,
        market=[
            f.firm(1, code=A, name=NAME, employees="12"),
            f.firm(2, code=B, name=NAME, employees="14"),
            f.firm(3, code=C, name="青松纺织有限公司", address=MILL, employees="8"),
        ],
        hr=[
            ("8001", "", NAME, "东风镇幸福路1号", "正常参保", "31", "2026-10"),
            ("8002", C, "青松纺织有限公司", MILL, "正常参保", "40", "2026-10"),
            ("8003", C, "青松纺织有限公司", MILL, "正常参保", "5", "2026-10"),
        ],
    )


@pytest.fixture
def row(session, district):
    """File and row to record id."""
    found = session.execute(
        select(Batch.file_name, Record.row, Record.id).join(Record, Record.batch_id == Batch.id)
    )
    known = {(file, number): record for file, number, record in found}
    return lambda file, number: known[f"{file}.csv", number]


def membership(session):
    """Everything that tells who belongs to whom."""
    return session.execute(
        select(Member.record_id, Member.enterprise_id, Member.rule, Member.evidence).order_by(
            Member.record_id
        )
    ).all()


def values(session):
    rows = session.scalars(select(Enterprise).where(Enterprise.retired.is_(False)))
    return {
        e.id: (e.name, e.uscc, e.employees, e.standing, e.grid_id, e.last_visited_on) for e in rows
    }


def home(session, record):
    return session.get(Member, record, populate_existing=True).enterprise_id


def states(session):
    rows = session.scalars(select(DoubtfulPair).execution_options(populate_existing=True))
    return {(p.left_record_id, p.right_record_id): p.state for p in rows}


def judge(session, district, one, other, verdict, at=AT):
    return decide(session, command_line(district.id), (one, other), verdict, at=at)


def undo(session, district, decided, at=AT):
    return take_back(session, command_line(district.id), decided.judgement_id, at=at)


def test_linking_keeps_the_links_and_the_questions(session, district, row):
    links = session.scalars(select(RecordLink).order_by(RecordLink.id)).all()
    assert {(link.left_record_id, link.right_record_id, link.rule) for link in links} == {
        (row("market", 4), row("hr", 3), "uscc"),
        (row("market", 4), row("hr", 4), "uscc"),
    }
    assert states(session) == {
        (row("market", 2), row("hr", 2)): "open",
        (row("market", 3), row("hr", 2)): "open",
    }
    pair = session.scalars(select(DoubtfulPair)).first()
    assert (pair.reason, pair.priority > 0, pair.weight > 0) == ("rivals", True, True)
    assert {"label", "weight"} == set(pair.findings[0])


def test_same_brings_the_row_to_its_firm_at_once(session, district, row):
    insured, second = row("hr", 2), row("market", 3)
    former = home(session, insured)
    decided = judge(session, district, insured, second, SAME)
    assert home(session, insured) == home(session, second)
    assert decided.change.gone == (former,)
    assert current_id(session, former) == home(session, second)
    enterprise = session.get(Enterprise, home(session, second))
    assert (enterprise.standing, enterprise.uscc) == ("target", B)
    assert session.get(Enterprise, former).retired
    assert session.get(Member, insured).rule == "judged"
    assert states(session) == {
        (row("market", 2), insured): "moot",
        (second, insured): "decided",
    }


def test_taking_it_back_gives_everything_back_ids_included(session, district, row):
    before, said, asked = membership(session), values(session), states(session)
    decided = judge(session, district, row("hr", 2), row("market", 3), SAME)
    assert membership(session) != before
    undo(session, district, decided)
    session.expire_all()
    assert (membership(session), values(session), states(session)) == (before, said, asked)
    assert session.scalar(select(func.count()).select_from(EnterpriseAlias)) == 0


def test_an_older_id_stays_and_the_other_becomes_its_alias(session, district, row):
    first, second = row("market", 2), row("market", 3)
    ids = home(session, first), home(session, second)
    judge(session, district, first, second, SAME)
    assert home(session, second) == min(ids)
    alias = session.scalar(select(EnterpriseAlias))
    assert (alias.former_id, alias.enterprise_id, alias.record_id) == (max(ids), min(ids), second)


def test_later_postpones_and_is_remembered_by_the_next_linking(session, district, row):
    before = membership(session)
    judge(session, district, row("hr", 2), row("market", 3), LATER)
    assert membership(session) == before
    assert states(session)[row("market", 3), row("hr", 2)] == "later"
    f.link(session, district)
    assert states(session)[row("market", 3), row("hr", 2)] == "later"


def test_a_new_verdict_replaces_the_former_on_the_same_two_rows(session, district, row):
    pair = row("hr", 2), row("market", 3)
    judge(session, district, *pair, LATER)
    judge(session, district, *pair, SAME)
    judge(session, district, *pair, DIFFERENT)
    standing = session.scalars(select(Judgement).where(Judgement.revoked_at.is_(None))).all()
    assert [one.verdict for one in standing] == ["different"]
    assert home(session, pair[0]) != home(session, pair[1])


def test_a_judgement_survives_every_later_linking(session, district, row):
    judge(session, district, row("hr", 2), row("market", 3), SAME)
    decided = membership(session)
    for _ in range(2):
        f.link(session, district)
        assert membership(session) == decided


def test_a_row_that_is_not_this_firms_is_split_off_and_comes_back(session, district, row):
    before = membership(session)
    account, firm = row("hr", 4), row("market", 4)
    decided = split_off(session, command_line(district.id), account, at=AT)
    assert home(session, account) != home(session, firm)
    assert home(session, row("hr", 3)) == home(session, firm)
    judgement = session.get(Judgement, decided.judgement_id)
    assert (judgement.left_record_id, judgement.right_record_id) == (firm, account)
    assert judgement.basis["rule"] == "uscc"
    f.link(session, district)
    assert home(session, account) != home(session, firm)
    undo(session, district, decided)
    assert membership(session) == before


def test_a_row_that_is_split_off_twice_gets_its_own_id_again(session, district, row):
    account = row("hr", 4)
    first = split_off(session, command_line(district.id), account, at=AT)
    own = home(session, account)
    undo(session, district, first)
    assert current_id(session, own) == home(session, account)
    split_off(session, command_line(district.id), account, at=AT)
    assert home(session, account) == own


def test_the_row_that_an_enterprise_stands_on_is_not_split_off(session, district, row):
    with pytest.raises(Conflict, match="为准"):
        split_off(session, command_line(district.id), row("market", 4), at=AT)


def test_splitting_off_what_a_person_joined_takes_that_back(session, district, row):
    before = membership(session)
    judge(session, district, row("hr", 2), row("market", 3), SAME)
    split_off(session, command_line(district.id), row("hr", 2), at=AT)
    assert membership(session) == before


def test_a_judgement_that_others_contradict_is_refused_and_changes_nothing(session, district, row):
    first, second, insured = row("market", 2), row("market", 3), row("hr", 2)
    judge(session, district, insured, first, SAME)
    judge(session, district, first, second, DIFFERENT)
    before = membership(session)
    with pytest.raises(Conflict, match="矛盾"):
        judge(session, district, insured, second, SAME)
    assert membership(session) == before
    assert session.scalar(select(func.count()).select_from(Judgement)) == 2


def test_a_judgement_is_taken_back_once(session, district, row):
    decided = judge(session, district, row("hr", 2), row("market", 3), SAME)
    undo(session, district, decided)
    with pytest.raises(Conflict, match="撤销过"):
        undo(session, district, decided)


def test_a_judgement_holds_for_the_rows_of_the_next_delivery(session, district, row, tmp_path):
    judge(session, district, row("hr", 2), row("market", 3), SAME)
    decided = split_off(session, command_line(district.id), row("hr", 4), at=AT)
    assert decided
    rows = [
        ("8001", "", NAME, "东风镇幸福路1号", "正常参保", "33", "2026-11"),
        ("8002", C, "青松纺织有限公司", MILL, "正常参保", "41", "2026-11"),
        ("8003", C, "青松纺织有限公司", MILL, "正常参保", "6", "2026-11"),
    ]
    path = f.write_csv(tmp_path / "hr11.csv", f.HR, rows)
    known = {"district_id": district.id, "limits": f.LIMITS}
    import_file(session, path, now=f.NOW + timedelta(days=30), **known)
    f.link(session, district)
    later = session.scalars(
        select(Record.id)
        .join(Batch, Batch.id == Record.batch_id)
        .where(Batch.file_name == "hr11.csv")
        .order_by(Record.row)
    ).all()
    assert home(session, later[0]) == home(session, row("market", 3))
    assert home(session, later[1]) == home(session, row("market", 4))
    assert home(session, later[2]) == home(session, row("hr", 4)) != home(session, later[1])


def test_deciding_is_audited_with_who_and_what(session, district, row):
    account = f.make_account(session, district, Role.DISTRICT)
    principal = principal_of(session, account)
    decided = decide(session, principal, (row("hr", 2), row("market", 3)), SAME, at=AT)
    take_back(session, principal, decided.judgement_id, at=AT)
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.subject == "judgement").order_by(AuditEntry.id)
    ).all()
    assert [entry.action for entry in entries] == ["judge", "take_back_judgement"]
    assert {entry.account_id for entry in entries} == {account.id}
    judgement = session.get(Judgement, decided.judgement_id)
    assert (judgement.account_id, judgement.revoked_by) == (account.id, account.id)


def test_a_grid_worker_decides_nothing(session, district, row):
    account = f.make_account(session, district, Role.GRID_WORKER, grid_code="G1")
    principal = principal_of(session, account)
    with pytest.raises(Refused):
        decide(session, principal, (row("hr", 2), row("market", 3)), SAME, at=AT)
    with pytest.raises(Refused):
        split_off(session, principal, row("hr", 4), at=AT)
    with pytest.raises(Refused):
        take_back(session, principal, 1, at=AT)


def test_another_districts_rows_are_not_found(session, district, row, tmp_path):
    other = f.make_district(session, tmp_path / "2", code="900002", market=[f.firm(1, code=A)])
    with pytest.raises(NotFound):
        judge(session, other, row("hr", 2), row("market", 3), SAME)
    decided = judge(session, district, row("hr", 2), row("market", 3), SAME)
    with pytest.raises(NotFound):
        undo(session, other, decided)


def test_without_stored_links_deciding_asks_for_a_linking_first(session, district, row):
    session.query(RecordLink).delete()
    with pytest.raises(Conflict, match="outreach link"):
        judge(session, district, row("hr", 3), row("market", 3), SAME)


def test_a_visit_goes_with_the_firm_that_was_visited_and_comes_back(session, district, row):
    account = f.make_account(session, district, Role.GRID_WORKER, grid_code="G1")
    insured, firm = row("hr", 2), row("market", 3)
    visited = home(session, insured)
    worker = replace(
        principal_of(session, account), grid_id=session.get(Enterprise, visited).grid_id
    )
    known = {"uuid": str(uuid4()), "enterprise_id": str(visited), "result": "met_head"}
    visit = parse_visit({**known, "employees": "52", "evidence": "roster"}, now=f.NOW)
    record_visit(session, worker, visit, rule=AT.rule, now=f.NOW)
    before, said = membership(session), values(session)
    decided = judge(session, district, insured, firm, SAME)
    merged = session.get(Enterprise, home(session, firm))
    assert merged.last_visited_on == f.TODAY
    assert len(list_visits(session, command_line(district.id), merged.id)) == 1
    f.link(session, district)
    assert home(session, firm) == merged.id
    undo(session, district, decided)
    session.expire_all()
    assert {r: e for r, e, *_ in membership(session)} == {r: e for r, e, *_ in before}
    assert values(session) == said


@pytest.mark.parametrize("seed", range(6))
def test_any_decisions_taken_back_in_any_order_leave_no_trace(session, district, row, seed):
    chance = random.Random(seed)
    records = [row("market", n) for n in (2, 3, 4)] + [row("hr", n) for n in (2, 3, 4)]
    before, said, asked = membership(session), values(session), states(session)
    standing, refusals = {}, set()
    for _ in range(14):
        if standing and chance.random() < 0.4:
            undo(session, district, standing.pop(chance.choice(sorted(standing))))
            continue
        pair = tuple(sorted(chance.sample(records, 2)))
        try:
            standing[pair] = judge(session, district, *pair, chance.choice([SAME, DIFFERENT]))
        except Conflict as conflict:
            refusals.add(str(conflict))
            continue
        for (one, other), decided in standing.items():
            verdict = session.get(Judgement, decided.judgement_id).verdict
            assert (home(session, one) == home(session, other)) == (verdict == SAME)
    assert all("矛盾" in refusal for refusal in refusals)
    for pair in chance.sample(sorted(standing), len(standing)):
        undo(session, district, standing[pair])
    session.expire_all()
    assert (membership(session), values(session), states(session)) == (before, said, asked)
    f.link(session, district)
    assert membership(session) == before


def test_every_state_has_a_name():
    assert all(state.label for state in QuestionState)

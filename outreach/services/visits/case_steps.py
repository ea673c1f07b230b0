"""What is done with cases: opened by visits, stepped by the district, each step audited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.domain.cases import (
    LONGEST_CASE_NOTE,
    CaseKind,
    CaseState,
    deadline,
    is_late,
    may_reopen,
    may_step,
)
from outreach.errors import Conflict, InvalidInput, NotFound, Refused
from outreach.services.administration.audit import write_audit
from outreach.services.administration.calendar_days import load_calendar
from outreach.services.visits.cases import day_of, ended_on, find_case
from outreach.storage.cases import Case, CaseEvent
from outreach.storage.visits import Visit as VisitRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.visits import Visit


def open_cases(
    session: Session,
    principal: Principal,
    visit: Visit,
    kinds_with_notes: Mapping[CaseKind, str],
    now: datetime,
) -> tuple[int, ...]:
    """Open one case of each kind that a recorded visit asks for; returns the ids of all of them.

    A visit opens each kind once, however often it is sent.

    Raises
    ------
    NotFound
        When the visit was not recorded by this account.
    """
    row = session.get(VisitRow, str(visit.uuid))
    if row is None or row.account_id != principal.account_id:
        raise NotFound("没有找到这次走访")
    known = dict(
        session.execute(select(Case.kind, Case.id).where(Case.visit_uuid == row.uuid)).all()
    )
    for kind, note in kinds_with_notes.items():
        if kind.value in known:
            continue
        case = Case(
            district_id=row.district_id,
            kind=kind,
            state=CaseState.NEW,
            enterprise_id=row.enterprise_id,
            visit_uuid=row.uuid,
            note=note.strip()[:LONGEST_CASE_NOTE],
            workers=visit.hardship_workers,
            opened_at=now,
            opened_by=principal.account_id or None,
            due_on=deadline(
                kind, CaseState.NEW, day_of(now), load_calendar(session, principal.district_id)
            ),
            closed_at=None,
        )
        session.add(case)
        session.flush()
        known[kind.value] = case.id
        _note_step(session, principal, case, "", now)
    return tuple(known[kind.value] for kind in kinds_with_notes)


def step_case(
    session: Session,
    principal: Principal,
    case_id: int,
    to: CaseState,
    *,
    note: str = "",
    now: datetime,
) -> None:
    """Take one step. A grid worker may only say that the firm was told what was done.

    Raises
    ------
    Refused, NotFound
        When the role may not take this step, or the case is out of sight.
    Conflict
        When the case cannot go there from where it is.
    InvalidInput
        When the step does not say what it must, or the note is too long. A grid worker need not
        say more than that the firm was told.
    """
    if not principal.role.sees_district and to is not CaseState.CLOSED:
        raise Refused("网格员只能记录“已回复企业”")
    case, *_ = find_case(session, principal, case_id)
    state = CaseState(case.state)
    if not may_step(state, to):
        raise Conflict("诉求现在是“{state}”,不能改成“{to}”", state=state.label, to=to.label)
    note = _checked_note(to, note, is_needed=to.needs_note and principal.role.sees_district)
    case.was_late = case.was_late or is_late(case.due_on, today=day_of(now))
    _enter(session, case, to, now)
    _note_step(session, principal, case, note, now)


def reopen_case(
    session: Session, principal: Principal, case_id: int, *, note: str = "", now: datetime
) -> None:
    """Take an ended case up again; it is assigned anew.

    Raises
    ------
    Refused, NotFound
        When the role does not see the district, or the district has no such case.
    Conflict
        When the case has not ended, or ended more than 30 days ago.
    InvalidInput
        When it is not said why and for whom, or the note is too long.
    """
    if not principal.role.sees_district:
        raise Refused("诉求的内容只给区总工会和规划人员看")
    case, *_ = find_case(session, principal, case_id)
    if not may_reopen(CaseState(case.state), ended_on(case), today=day_of(now)):
        raise Conflict("只有了结不到 30 天的诉求可以重新办理")
    note = _checked_note(CaseState.TRIAGED, note, is_needed=True)
    _enter(session, case, CaseState.TRIAGED, now)
    _note_step(session, principal, case, note, now)


def _enter(session: Session, case: Case, state: CaseState, now: datetime) -> None:
    """Let a case be in a state from now on, with the deadline that the state sets."""
    case.state = state
    case.closed_at = None if state.is_open else now
    if state.is_open:
        case.due_on = deadline(
            CaseKind(case.kind), state, day_of(now), load_calendar(session, case.district_id)
        )


def _checked_note(to: CaseState, note: str, *, is_needed: bool) -> str:
    note = note.strip()
    if is_needed and not note:
        raise InvalidInput("请写“{field}”,再选“{state}”", field=to.note_label, state=to.label)
    if len(note) > LONGEST_CASE_NOTE:
        raise InvalidInput(
            "“{field}”有 {length} 个字,最多 {most} 个",
            field=to.note_label,
            length=len(note),
            most=LONGEST_CASE_NOTE,
        )
    return note


def _note_step(
    session: Session, principal: Principal, case: Case, note: str, now: datetime
) -> None:
    session.add(
        CaseEvent(
            district_id=case.district_id,
            case_id=case.id,
            state=case.state,
            note=note,
            due_on=case.due_on if CaseState(case.state).is_open else None,
            account_id=principal.account_id or None,
            at=now,
        )
    )
    session.flush()
    write_audit(
        session,
        district_id=case.district_id,
        account_id=principal.account_id or None,
        action="step_case",
        subject="case",
        subject_id=case.id,
        now=now,
        detail={"state": str(case.state)},
    )

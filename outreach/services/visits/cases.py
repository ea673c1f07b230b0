"""Cases: opened by visits, stepped by the district, felt by the next plan, all audited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.calendar import CHINA
from outreach.domain.cases import (
    LONGEST_CASE_NOTE,
    STEPS,
    CaseKind,
    CaseState,
    Urgency,
    count_urgencies,
    deadline,
    may_reopen,
    may_step,
    urgency,
)
from outreach.errors import Conflict, InvalidInput, NotFound, Refused
from outreach.services.administration.audit import write_audit
from outreach.services.administration.calendar_days import load_calendar
from outreach.storage.accounts import Account
from outreach.storage.cases import Case, CaseEvent
from outreach.storage.enterprises import Enterprise, EnterpriseAlias
from outreach.storage.grids import Grid
from outreach.storage.visits import Visit as VisitRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session
    from sqlalchemy.sql import ColumnElement, Select

    from outreach.domain.accounts import Principal
    from outreach.domain.visits import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One case in a list. On a grid worker's list `kind` and `note` are empty: it may be seen."""

    id: int
    kind: CaseKind | None
    state: CaseState
    urgency: Urgency
    enterprise_id: int
    enterprise: str
    grid_name: str
    note: str
    workers: int | None
    opened_at: datetime
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep:
    """One step that was taken."""

    state: CaseState
    note: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case with all its steps, and the steps that the account may take."""

    line: CaseLine
    steps: tuple[CaseStep, ...]
    next_states: tuple[CaseState, ...]
    may_reopen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What a list shows; an empty field does not filter."""

    state: CaseState | None = None
    kind: CaseKind | None = None
    urgency: Urgency | None = None


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
                kind, CaseState.NEW, _day(now), load_calendar(session, principal.district_id)
            ),
            closed_at=None,
        )
        session.add(case)
        session.flush()
        known[kind.value] = case.id
        _note_step(session, principal, case, "", now)
    return tuple(known[kind.value] for kind in kinds_with_notes)


def earliest_deadlines(session: Session, district_id: int) -> dict[int, date]:
    """The earliest deadline among the open cases of each enterprise, by its present id."""
    query = (
        select(_present_id(), func.min(Case.due_on))
        .select_from(Case)
        .outerjoin(EnterpriseAlias, EnterpriseAlias.former_id == Case.enterprise_id)
        .where(Case.district_id == district_id, Case.state.in_(_open_states()))
        .group_by(_present_id())
    )
    return dict(session.execute(query).all())


def _open_states() -> list[CaseState]:
    return [state for state in CaseState if state.is_open]


def _present_id() -> ColumnElement[int]:
    return func.coalesce(EnterpriseAlias.enterprise_id, Case.enterprise_id)


def _visible(principal: Principal) -> Select[Case, Enterprise, str]:
    """The cases that the account may see: its district's, for a grid worker her grid's."""
    query = (
        select(Case, Enterprise, Grid.name)
        .outerjoin(EnterpriseAlias, EnterpriseAlias.former_id == Case.enterprise_id)
        .join(Enterprise, Enterprise.id == _present_id())
        .outerjoin(Grid, Grid.id == Enterprise.grid_id)
        .where(Case.district_id == principal.district_id)
    )
    if not principal.role.sees_district:
        query = query.where(Enterprise.grid_id.in_(principal.grid_ids))
    return query


def list_cases(
    session: Session,
    principal: Principal,
    wanted: CaseFilter,
    *,
    today: date,
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[CaseLine], int]:
    """One page of cases, the open ones first by deadline, and how many there are in all.

    A grid worker sees the open cases of her grid only.
    """
    query = _visible(principal)
    if not principal.role.sees_district:
        query = query.where(Case.state.in_(_open_states()))
    if wanted.state is not None:
        query = query.where(Case.state == wanted.state)
    if wanted.kind is not None:
        query = query.where(Case.kind == wanted.kind)
    rows = session.execute(query.order_by(Case.due_on, Case.id)).all()
    lines = [_line(principal, case, firm, grid, today) for case, firm, grid in rows]
    lines = [line for line in lines if wanted.urgency in {None, line.urgency}]
    lines.sort(key=lambda line: line.urgency is Urgency.ENDED)
    return lines[offset : offset + limit], len(lines)


def count_cases(session: Session, principal: Principal, *, today: date) -> dict[Urgency, int]:
    """How many of the cases that the account may see stand how to their deadlines."""
    rows = session.execute(_visible(principal)).all()
    return count_urgencies(((CaseState(case.state), case.due_on) for case, *_ in rows), today=today)


def _line(
    principal: Principal, case: Case, firm: Enterprise, grid: str | None, today: date
) -> CaseLine:
    told = principal.role.sees_district
    state = CaseState(case.state)
    return CaseLine(
        id=case.id,
        kind=CaseKind(case.kind) if told else None,
        state=state,
        urgency=urgency(state, case.due_on, today=today),
        enterprise_id=firm.id,
        enterprise=firm.name,
        grid_name=grid or "",
        note=case.note if told else "",
        workers=case.workers if told else None,
        opened_at=case.opened_at,
        due_on=case.due_on,
    )


def view_case(session: Session, principal: Principal, case_id: int, *, today: date) -> CaseView:
    """One case with all its steps; only for accounts that see the district.

    Raises
    ------
    Refused, NotFound
        When the role does not see the district, or the district has no such case.
    """
    if not principal.role.sees_district:
        raise Refused("诉求的内容只给区总工会和规划人员看")
    case, firm, grid = _get(session, principal, case_id)
    events = session.execute(
        select(CaseEvent, Account.display_name)
        .outerjoin(Account, Account.id == CaseEvent.account_id)
        .where(CaseEvent.case_id == case.id)
        .order_by(CaseEvent.id)
    )
    state = CaseState(case.state)
    return CaseView(
        line=_line(principal, case, firm, grid, today),
        steps=tuple(
            CaseStep(state=CaseState(event.state), note=event.note, at=event.at, by=name or "")
            for event, name in events
        ),
        next_states=STEPS[state],
        may_reopen=may_reopen(state, _ended_on(case), today=today),
    )


def _get(
    session: Session, principal: Principal, case_id: int
) -> tuple[Case, Enterprise, str | None]:
    row = session.execute(_visible(principal).where(Case.id == case_id)).first()
    if row is None:
        raise NotFound("没有找到这件诉求")
    return row[0], row[1], row[2]


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
        When a reason is missing or the note too long.
    """
    if not principal.role.sees_district and to is not CaseState.CLOSED:
        raise Refused("网格员只能记录“已回复企业”")
    case, *_ = _get(session, principal, case_id)
    state, note = CaseState(case.state), _require_note(to, note)
    if not may_step(state, to):
        raise Conflict("诉求现在是“{state}”,不能改成“{to}”", state=state.label, to=to.label)
    case.state = to
    case.closed_at = None if to.is_open else now
    if to.is_open:
        case.due_on = deadline(
            CaseKind(case.kind), to, _day(now), load_calendar(session, principal.district_id)
        )
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
    """
    if not principal.role.sees_district:
        raise Refused("诉求的内容只给区总工会和规划人员看")
    case, *_ = _get(session, principal, case_id)
    if not may_reopen(CaseState(case.state), _ended_on(case), today=_day(now)):
        raise Conflict("只有了结不到 30 天的诉求可以重新办理")
    case.state, case.closed_at = CaseState.TRIAGED, None
    case.due_on = deadline(
        CaseKind(case.kind),
        CaseState.TRIAGED,
        _day(now),
        load_calendar(session, principal.district_id),
    )
    _note_step(session, principal, case, _require_note(CaseState.TRIAGED, note), now)


def _ended_on(case: Case) -> date | None:
    return _day(case.closed_at) if case.closed_at else None


def _day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()


def _require_note(to: CaseState, note: str) -> str:
    note = note.strip()
    if to.needs_reason and not note:
        raise InvalidInput("请写明理由,再选“{state}”", state=to.label)
    if len(note) > LONGEST_CASE_NOTE:
        raise InvalidInput(
            "“{field}”有 {length} 个字,最多 {most} 个",
            field="说明",
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

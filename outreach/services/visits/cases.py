"""What is seen of cases: the list, one with its steps, what they count, when they are due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.calendar import CHINA
from outreach.domain.cases import (
    STEPS,
    CaseKind,
    CaseState,
    Urgency,
    count_urgencies,
    is_late,
    may_reopen,
    urgency,
)
from outreach.errors import NotFound, Refused
from outreach.storage.accounts import Account
from outreach.storage.cases import Case, CaseEvent
from outreach.storage.enterprises import Enterprise, EnterpriseAlias
from outreach.storage.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session
    from sqlalchemy.sql import ColumnElement, Select

    from outreach.domain.accounts import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One case in a list. On a grid worker's list `kind` and `note` are empty: it may be seen.

    `was_late` says that a step was taken after its deadline, whatever the present one is.
    """

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
    was_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep:
    """One step that was taken, and the deadline that it set for the next one.

    `was_late` says that the next one came after that deadline.
    """

    state: CaseState
    note: str
    at: datetime
    by: str
    due_on: date | None
    was_late: bool
    reopens: bool


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
    was_late: bool = False
    is_open: bool = False


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
    if wanted.is_open:
        query = query.where(Case.state.in_(_open_states()))
    if wanted.was_late:
        query = query.where(Case.was_late)
    rows = session.execute(query.order_by(Case.due_on, Case.id)).all()
    lines = [_line(principal, case, firm, grid, today) for case, firm, grid in rows]
    lines = [line for line in lines if wanted.urgency in {None, line.urgency}]
    lines.sort(key=lambda line: line.urgency is Urgency.ENDED)
    return lines[offset : offset + limit], len(lines)


def count_cases(session: Session, principal: Principal, *, today: date) -> dict[Urgency, int]:
    """How many of the cases that the account may see stand how to their deadlines."""
    rows = session.execute(_visible(principal)).all()
    return count_urgencies(((CaseState(case.state), case.due_on) for case, *_ in rows), today=today)


def count_late_cases(session: Session, principal: Principal) -> int:
    """How many of the cases that the account may see took a step after its deadline."""
    seen = _visible(principal).where(Case.was_late).subquery()
    return session.scalar(select(func.count()).select_from(seen)) or 0


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
        was_late=case.was_late,
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
    case, firm, grid = find_case(session, principal, case_id)
    events = session.execute(
        select(CaseEvent, Account.display_name)
        .outerjoin(Account, Account.id == CaseEvent.account_id)
        .where(CaseEvent.case_id == case.id)
        .order_by(CaseEvent.id)
    )
    state = CaseState(case.state)
    return CaseView(
        line=_line(principal, case, firm, grid, today),
        steps=_steps(events.all()),
        next_states=STEPS[state],
        may_reopen=may_reopen(state, ended_on(case), today=today),
    )


def _steps(events: Sequence[tuple[CaseEvent, str | None]]) -> tuple[CaseStep, ...]:
    """The steps in order; each knows what came before it and whether the next one was late."""
    states = [CaseState(event.state) for event, _ in events]
    later = [day_of(event.at) for event, _ in events[1:]]
    return tuple(
        CaseStep(
            state=state,
            note=event.note,
            at=event.at,
            by=name or "",
            due_on=event.due_on,
            was_late=bool(event.due_on and after and is_late(event.due_on, today=after)),
            reopens=before is not None and not before.is_open,
        )
        for (event, name), state, before, after in zip(
            events, states, [None, *states], [*later, None], strict=False
        )
    )


def find_case(
    session: Session, principal: Principal, case_id: int
) -> tuple[Case, Enterprise, str | None]:
    """A case that the account may see, its firm and the name of the firm's grid.

    Raises
    ------
    NotFound
        When there is none.
    """
    row = session.execute(_visible(principal).where(Case.id == case_id)).first()
    if row is None:
        raise NotFound("没有找到这件诉求")
    return row[0], row[1], row[2]


def ended_on(case: Case) -> date | None:
    """The day of China on which a case ended; none while it is open."""
    return day_of(case.closed_at) if case.closed_at else None


def day_of(moment: datetime) -> date:
    """The day of China of a moment."""
    return moment.astimezone(CHINA).date()

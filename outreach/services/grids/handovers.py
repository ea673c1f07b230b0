"""A grid goes into other hands: what the successor must know, and the change itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, update

from outreach.domain.accounts import Role
from outreach.domain.appointments import APPOINTED_WITHIN
from outreach.domain.calendar import CHINA
from outreach.domain.targets import Standing
from outreach.domain.visits import VisitResult
from outreach.errors import InvalidInput, NotFound
from outreach.services.administration.audit import write_audit
from outreach.services.administration.principals import require_district
from outreach.services.enterprises.doors import load_door_notes
from outreach.services.planning.appointments import find_appointments
from outreach.services.visits import calendars, cases
from outreach.storage.accounts import Account, UserSession
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker
from outreach.storage.leave import Handover, Leave
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session
    from sqlalchemy.sql import Select

    from outreach.domain.accounts import Principal
    from outreach.domain.appointments import Appointment
    from outreach.services.visits.cases import CaseLine

MOST_LINES = 50
"""Lines of each list; the page says how many there are in all."""

LONGEST_NAME, LONGEST_PHONE = 30, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmNote:
    """A firm with what is to be known of it."""

    enterprise_id: int
    name: str
    address: str
    text: str = ""
    day: date | None = None
    appointment: Appointment | None = None
    result: VisitResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerWorker:
    """Who had the grid before, until when."""

    name: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverSheet:
    """What the successor in a grid must know. The `count_…` are of all, the lists are cut."""

    grid_id: int
    grid_name: str
    township: str
    worker: str
    phone: str
    firms: int
    targets: int
    never_visited: int
    cases: tuple[CaseLine, ...]
    count_cases: int
    appointments: tuple[FirmNote, ...]
    count_appointments: int
    doors: tuple[FirmNote, ...]
    count_doors: int
    visits: tuple[FirmNote, ...]
    count_visits: int
    former: tuple[FormerWorker, ...]


def view_handover(
    session: Session, principal: Principal, grid_id: int, *, today: date
) -> HandoverSheet:
    """Gather what the successor in a grid must know.

    Raises
    ------
    Refused, NotFound
        When the role does not see the district, or it has no such grid with a grid worker.
    """
    require_district(principal)
    grid, worker = _grid(session, principal.district_id, grid_id)
    firms = {row.id: row for row in session.scalars(_firms(grid_id))}
    # Read as the grid worker herself would: the sheet never tells what a request is about.
    reader = replace(principal, role=Role.GRID_WORKER, grid_worker_id=worker.id, grid_id=grid_id)
    found, count = cases.list_cases(
        session, reader, cases.CaseFilter(), today=today, limit=MOST_LINES
    )
    agreed = _agreed(session, principal.district_id, firms, today)
    doors = _doors(session, firms)
    visits, count_visits = _visits(session, firms)
    return HandoverSheet(
        grid_id=grid.id,
        grid_name=grid.name,
        township=grid.township,
        worker=worker.name,
        phone=worker.phone,
        firms=len(firms),
        targets=sum(row.standing == Standing.TARGET for row in firms.values()),
        never_visited=sum(
            row.standing == Standing.TARGET and row.last_visited_on is None
            for row in firms.values()
        ),
        cases=tuple(found),
        count_cases=count,
        appointments=tuple(agreed[:MOST_LINES]),
        count_appointments=len(agreed),
        doors=tuple(doors[:MOST_LINES]),
        count_doors=len(doors),
        visits=tuple(visits),
        count_visits=count_visits,
        former=_former(session, grid_id),
    )


def _grid(session: Session, district_id: int, grid_id: int) -> tuple[Grid, GridWorker]:
    query = (
        select(Grid, GridWorker)
        .join(GridWorker, GridWorker.grid_id == Grid.id)
        .where(Grid.id == grid_id, Grid.district_id == district_id)
    )
    found = session.execute(query).first()
    if found is None:
        raise NotFound("没有找到这个网格,或者它还没有网格员")
    return found[0], found[1]


def _firms(grid_id: int) -> Select[Enterprise]:
    return select(Enterprise).where(Enterprise.grid_id == grid_id, Enterprise.retired.is_(False))


def _note(row: Enterprise) -> FirmNote:
    return FirmNote(enterprise_id=row.id, name=row.name, address=row.address)


def _agreed(
    session: Session, district_id: int, firms: Mapping[int, Enterprise], today: date
) -> list[FirmNote]:
    found = find_appointments(session, district_id, first=today, last=today + APPOINTED_WITHIN)
    notes = [
        replace(_note(firms[key]), day=one.day, appointment=one)
        for key, one in found.items()
        if key in firms
    ]
    return sorted(notes, key=lambda note: (note.day or today, note.enterprise_id))


def _doors(session: Session, firms: Mapping[int, Enterprise]) -> list[FirmNote]:
    notes = load_door_notes(session, list(firms))
    return sorted(
        (replace(_note(firms[key]), text=text) for key, text in notes.items()),
        key=lambda note: (note.address, note.enterprise_id),
    )


def _visits(session: Session, firms: Mapping[int, Enterprise]) -> tuple[list[FirmNote], int]:
    own = Visit.enterprise_id.in_(firms)
    count = session.scalar(select(func.count()).select_from(Visit).where(own)) or 0
    query = select(Visit).where(own).order_by(Visit.visited_at.desc()).limit(MOST_LINES)
    return [
        replace(
            _note(firms[visit.enterprise_id]),
            day=visit.visited_on,
            result=VisitResult(visit.result),
        )
        for visit in session.scalars(query)
    ], count


def _former(session: Session, grid_id: int) -> tuple[FormerWorker, ...]:
    query = select(Handover).where(Handover.grid_id == grid_id).order_by(Handover.id.desc())
    return tuple(
        FormerWorker(name=row.name_before, until=row.day) for row in session.scalars(query)
    )


def hand_over(
    session: Session, principal: Principal, grid_id: int, *, name: str, phone: str, now: datetime
) -> None:
    """Give a grid to another grid worker today: the former one's accounts and phones end.

    The community office stays where it is; leave that was entered for the former one is cancelled,
    as is what she was to stand in for. The successor's account is for the administrators to open.

    Raises
    ------
    Refused, NotFound
        When the role does not see the district, or it has no such grid with a grid worker.
    InvalidInput
        When the name or the phone number cannot be.
    """
    require_district(principal)
    _, worker = _grid(session, principal.district_id, grid_id)
    name, phone = " ".join(name.split()), phone.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInput("请填接手的人的姓名,不超过 {most} 个字", most=LONGEST_NAME)
    if len(phone) > LONGEST_PHONE or not set(phone) <= set("0123456789 +-"):
        raise InvalidInput("电话“{phone}”不对,只能有数字、空格、加号和横线", phone=phone[:40])
    today = now.astimezone(CHINA).date()
    closed = _close_accounts(session, worker.id, now)
    _cancel_leave(session, principal, worker.id, today, now)
    row = Handover(
        district_id=principal.district_id,
        grid_id=grid_id,
        day=today,
        name_before=worker.name,
        name_after=name,
        made_at=now,
        made_by=principal.account_id or None,
    )
    session.add(row)
    worker.name, worker.phone = name, phone
    session.flush()
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action="hand_over",
        subject="grid",
        subject_id=grid_id,
        now=now,
        detail={"handover": row.id, "accounts_closed": closed},
    )


def _close_accounts(session: Session, grid_worker_id: int, now: datetime) -> int:
    """The former worker's sign-ins, phones and calendars end at once."""
    accounts = session.scalars(
        select(Account).where(Account.grid_worker_id == grid_worker_id, Account.disabled.is_(False))
    ).all()
    for account in accounts:
        account.disabled = True
        calendars.end_feeds(session, account.id, now=now)
    session.execute(
        update(UserSession)
        .where(
            UserSession.account_id.in_([account.id for account in accounts]),
            UserSession.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    return len(accounts)


def _cancel_leave(
    session: Session, principal: Principal, grid_worker_id: int, today: date, now: datetime
) -> None:
    session.execute(
        update(Leave)
        .where(
            or_(Leave.grid_worker_id == grid_worker_id, Leave.stand_in_id == grid_worker_id),
            Leave.cancelled_at.is_(None),
            Leave.last >= today,
        )
        .values(cancelled_at=now, cancelled_by=principal.account_id or None)
    )

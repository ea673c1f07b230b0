"""When the desk's figures are counted anew: the audit log tells what changed since the last."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from outreach.domain.calendar import CHINA
from outreach.domain.runs import RunState
from outreach.errors import Conflict
from outreach.services.desk.desk_figures import count_all, count_changed
from outreach.services.desk.grid_figures import meant_enterprise
from outreach.storage.accounts import AuditEntry
from outreach.storage.desk import DeskState
from outreach.storage.districts import District
from outreach.storage.enterprises import Enterprise, EnterpriseAlias
from outreach.storage.runs import Run
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.storage.database import Database

logger = logging.getLogger(__name__)

COUNTED_WHILE_WAITING = 60_000
"""A district of so many firms is counted while a reader waits (half a second); a larger one by the
background worker, which looks every minute, and the reader sees the last figures with their date.
"""

MOST_VISITS_AT_ONCE = 200
"""More new visits than this are cheaper counted with the whole district."""

MOST_PASSIVE = 500
"""So many entries that change nothing are read again at each look before they are left behind."""

OVERLAP = timedelta(minutes=2)
"""An entry may become visible after a later one; so long back visits are looked at again."""

_VISITS = ("record_visit", "correct_visit")

_PASSIVE = (
    "open_",
    "show_",
    "see_",
    "search_",
    "sign_",
    "export_",
    "download_",
    "give_back_workbook",
    "call_api",
    "make_",
    "publish_",
    "hold_",
    "renew_",
    "revoke_",
    "end_",
    "bind_phone",
    "change_password",
    "change_day",
    "add_account",
    "add_leave",
    "cancel_leave",
    "close_account",
    "grant_role",
    "hand_over",
    "propose_",
    "read_audit",
    "refuse_role",
    "reset_password",
    "give_track_consent",
    "withdraw_track_consent",
    "delete_track",
    "receive_attachment",
    "remark_visit",
    "write_door_note",
    "explain_headers",
    "forget_header",
    "step_case",
)
"""Beginnings of actions that leave every figure of the desk as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskChanges:
    """What happened since the figures were counted.

    `is_total` when more changed than visits. `grids` are those of the firms that were visited,
    `visit_grids` those that the visits were made in, `months` the first days of their months.
    """

    audit_id: int
    is_total: bool = False
    firms: frozenset[int] = frozenset()
    grids: frozenset[int | None] = frozenset()
    visit_grids: frozenset[int | None] = frozenset()
    months: frozenset[date] = frozenset()


def find_changes(session: Session, state: DeskState) -> DeskChanges | None:
    """What changed since a district's figures were counted, or `None`."""
    mine = AuditEntry.district_id == state.district_id
    newest = session.scalar(select(func.max(AuditEntry.id)).where(mine)) or 0
    late = AuditEntry.at > state.counted_at - OVERLAP
    query = select(AuditEntry.id, AuditEntry.action, AuditEntry.subject_id).where(
        mine, or_(AuditEntry.id > state.audit_id, late & AuditEntry.action.in_(_VISITS))
    )
    visits: set[str] = set()
    for key, action, subject_id in session.execute(query.order_by(AuditEntry.id)):
        if action in _VISITS:
            visits.add(subject_id)
        elif key > state.audit_id and not action.startswith(_PASSIVE):
            return DeskChanges(audit_id=newest, is_total=True)
    if len(visits) > MOST_VISITS_AT_ONCE:
        return DeskChanges(audit_id=newest, is_total=True)
    return _changes_of(session, visits, newest) if visits else None


def _changes_of(session: Session, visits: set[str], newest: int) -> DeskChanges:
    query = (
        select(Enterprise.id, Enterprise.grid_id, Visit.grid_id, Visit.visited_on)
        .select_from(Visit)
        .outerjoin(EnterpriseAlias, EnterpriseAlias.former_id == Visit.enterprise_id)
        .join(Enterprise, Enterprise.id == meant_enterprise(Visit.enterprise_id))
        .where(Visit.uuid.in_(visits))
    )
    rows = session.execute(query).all()
    return DeskChanges(
        audit_id=newest,
        firms=frozenset(row[0] for row in rows),
        grids=frozenset(row[1] for row in rows),
        visit_grids=frozenset(row[2] for row in rows),
        months=frozenset(row[3].replace(day=1) for row in rows),
    )


def refresh_figures(
    session: Session, district_id: int, *, now: datetime, while_waiting: bool
) -> bool:
    """Count what changed since the last time; returns whether the figures are up to date now.

    `while_waiting` leaves to the background worker what would take long, and all of it while an
    embedded database is being written by a run, which would make the reader wait for the run.
    """
    state = session.get(DeskState, district_id)
    is_new_day = state is not None and state.day != now.astimezone(CHINA).date()
    changes = None if state is None or is_new_day else find_changes(session, state)
    if state is not None and not is_new_day and changes is None:
        _skip_passive(session, state)
        return True
    is_total = changes is None or changes.is_total
    if while_waiting and (_is_busy(session) or (is_total and _is_large(session, district_id))):
        return False
    if state is not None and not take_state(session, district_id, wait=not while_waiting):
        return False
    if changes is None or changes.is_total:
        newest = session.scalar(
            select(func.max(AuditEntry.id)).where(AuditEntry.district_id == district_id)
        )
        count_all(session, district_id, audit_id=newest or 0, now=now)
    else:
        count_changed(session, district_id, changes, now=now)
    return True


def _skip_passive(session: Session, state: DeskState) -> None:
    """Do not read the same entries of mere reading again and again."""
    newest = session.scalar(
        select(func.max(AuditEntry.id)).where(AuditEntry.district_id == state.district_id)
    )
    far = (newest or 0) - state.audit_id > MOST_PASSIVE
    if far and take_state(session, state.district_id, wait=False):
        state.audit_id = newest or 0


def take_state(session: Session, district_id: int, *, wait: bool) -> bool:
    """Become the one that counts or indexes a district; `False` while another one does."""
    query = select(DeskState.district_id).where(DeskState.district_id == district_id)
    return session.scalar(query.with_for_update(skip_locked=not wait)) is not None


def refresh_all(database: Database, *, clock: Callable[[], datetime]) -> None:
    """Count and index what changed in every district; the background worker does so each minute."""
    from outreach.services.enterprises.search_index import refresh_index  # lazy: start-up time

    with database.transaction() as session:
        if _is_busy(session):
            return
        districts = list(session.scalars(select(District.id).order_by(District.id)))
    for district_id in districts:
        with database.transaction() as session:
            refresh_figures(session, district_id, now=clock(), while_waiting=False)
        with database.transaction() as session:
            state = session.get(DeskState, district_id)
            waits = state is not None and state.searched_at is None
            if waits and take_state(session, district_id, wait=True):
                refresh_index(session, district_id, now=clock())


def try_refresh(database: Database, district_id: int, *, now: datetime) -> bool:
    """Count what changed while a reader waits, in a transaction of its own.

    Returns whether the figures are up to date. A database that is being written by others leaves
    the reader the last figures instead of an error.
    """
    try:
        with database.transaction() as session:
            return refresh_figures(session, district_id, now=now, while_waiting=True)
    except (Conflict, IntegrityError):  # another reader counted the same at the same moment
        logger.warning("the figures of district %s could not be counted now", district_id)
        return False


def _is_large(session: Session, district_id: int) -> bool:
    firms = session.scalar(
        select(func.count()).select_from(Enterprise).where(Enterprise.district_id == district_id)
    )
    return (firms or 0) > COUNTED_WHILE_WAITING


def _is_busy(session: Session) -> bool:
    """Whether a run holds, or may soon hold, the one writer of an embedded database."""
    if session.get_bind().dialect.name != "sqlite":
        return False
    return session.scalar(select(Run.id).where(Run.state == RunState.RUNNING).limit(1)) is not None

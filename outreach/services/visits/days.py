"""A grid worker changes her day: planned again at once, kept as a change on top of the plan."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from outreach.domain.calendar import CHINA
from outreach.domain.days import (
    DayChangeKind,
    DayDiff,
    SkipReason,
    compare_days,
    moved,
    reordered,
)
from outreach.domain.plans import LeftOutReason, VisitPurpose, travels_like
from outreach.domain.positions import distance_m
from outreach.domain.wording import Sentence
from outreach.errors import Conflict, Refused
from outreach.services.administration.audit import write_audit
from outreach.services.enterprises.enterprises import get_enterprise
from outreach.services.planning import replanning
from outreach.services.planning.appointments import find_appointments
from outreach.services.planning.planning import list_due, make_candidate
from outreach.services.planning.replanning import DayState, NewDay
from outreach.services.planning.travel import travel_of
from outreach.services.visits.day_edits import read_edit
from outreach.services.visits.found_firms import add_found_firm, find_in_sight, read_found
from outreach.services.visits.standing_days import find_results, standing_day, without_last_change
from outreach.storage.days import DayChange
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import GridWorker
from outreach.storage.plans import PlanLeftOut
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.plans import Candidate, PlanRule
    from outreach.domain.targets import TargetRule
    from outreach.services.visits.day_edits import DayEdit
    from outreach.services.visits.standing_days import StandingDay

logger = logging.getLogger(__name__)

MOST_SPARE = 12
"""Firms that may fill time that became free, the nearest ones: more would only cost seconds."""

_TRIES = 3
_MAY_FILL = (
    LeftOutReason.NO_TIME_LEFT,
    LeftOutReason.NOT_WORTH_THE_WAY,
    LeftOutReason.MORE_URGENT_FIRST,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a changed day is judged by."""

    plan: PlanRule
    target: TargetRule


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReceipt:
    """What became of a change: what differs by firm, and what else is to be said."""

    uuid: str
    day: date
    is_new: bool
    diff: DayDiff
    notice: Sentence | None = None
    is_undo: bool = False

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """What the worker reads."""
        if self.is_undo:
            return (Sentence(template="已撤销上一次调整"),)
        return (*self.diff.sentences, *([self.notice] if self.notice else []))


def change_day(
    session: Session,
    principal: Principal,
    uuid: str,
    content: Mapping[str, Any],
    *,
    rules: Rules,
    now: datetime,
) -> DayReceipt:
    """Take one change of a day; the same one sent again changes nothing.

    Raises
    ------
    Refused, NotFound
        When the account has no day, or the firm is not in its grid.
    InvalidInput
        When the change cannot be read.
    Conflict
        When another content was stored under the uuid, or there is nothing to undo.
    """
    require_day(principal)
    edit = read_edit(uuid, content, now=now)
    for _ in range(_TRIES):
        stored = session.get(DayChange, edit.uuid)
        if stored is not None:
            return _again(session, principal, stored, edit)
        try:
            with session.begin_nested():
                return _make(session, principal, edit, rules, now)
        except IntegrityError:
            logger.info("the day %s was changed at this moment, trying again", edit.day)
    raise Conflict("这一天刚在别处改过,请再试一次")


def require_day(principal: Principal) -> None:
    """Demand that the account has days of its own.

    Raises
    ------
    Refused
        When it is no grid worker's.
    """
    if not principal.role.records_visits or principal.grid_id is None:
        raise Refused("只有网格员有自己的路线")


def _again(session: Session, principal: Principal, stored: DayChange, edit: DayEdit) -> DayReceipt:
    if stored.content != edit.content or stored.account_id != principal.account_id:
        raise Conflict("编号 {uuid} 已经存了另一次调整,请刷新后再试", uuid=stored.uuid)
    before = session.scalar(
        select(DayChange.stops).where(
            DayChange.grid_id == stored.grid_id,
            DayChange.day == stored.day,
            DayChange.number == stored.number - 1,
            DayChange.plan_id == stored.plan_id,
        )
    )
    if before is None:
        day = standing_day(session, stored.district_id, grid_id=stored.grid_id, day=stored.day)
        former: Sequence[int] = day.published
    else:
        former = [stop["enterprise_id"] for stop in before]
    after = [stop["enterprise_id"] for stop in stored.stops]
    return DayReceipt(
        uuid=stored.uuid,
        day=stored.day,
        is_new=False,
        diff=compare_days(former, after),
        is_undo=stored.kind == DayChangeKind.UNDO,
    )


def _make(
    session: Session, principal: Principal, edit: DayEdit, rules: Rules, now: datetime
) -> DayReceipt:
    day = standing_day(session, principal.district_id, grid_id=_grid(principal), day=edit.day)
    notice, added = None, None
    if edit.kind is DayChangeKind.FOUND:
        added, notice = _find_or_add(session, principal, edit, rules, now)
    elif edit.kind is DayChangeKind.ADD:
        added = get_enterprise(session, principal, edit.enterprise_id)
    state = _state(session, principal, day, edit, rules, added)
    planned = _apply(session, day, state, edit, added.id if added else None)
    _save(session, principal, day, edit, planned, now)
    done = len(state.done)
    return DayReceipt(
        uuid=edit.uuid,
        day=edit.day,
        is_new=True,
        diff=compare_days(state.order, [stop.enterprise_id for stop in planned.stops[done:]]),
        notice=notice,
        is_undo=edit.kind is DayChangeKind.UNDO,
    )


def _grid(principal: Principal) -> int:
    return principal.grid_id or 0


def _find_or_add(
    session: Session, principal: Principal, edit: DayEdit, rules: Rules, now: datetime
) -> tuple[Enterprise | None, Sentence | None]:
    """The found firm, in the file from now on; `None` where it cannot enter this day."""
    beside = get_enterprise(session, principal, edit.enterprise_id) if edit.enterprise_id else None
    firm = read_found(edit.content, beside)
    known = find_in_sight(session, principal, firm.name)
    if known is not None:
        return known, Sentence(
            template="“{name}”已经在名单里,加进了路线", values={"name": known.name}
        )
    # Noted for a coming day it was still seen today.
    seen_on = min(edit.day, now.astimezone(CHINA).date())
    made = add_found_firm(session, principal, firm, day=seen_on, rule=rules.target, now=now)
    if made.grid_id != principal.grid_id or made.lon is None:
        text = "“{name}”已记下,但位置不在本网格里,没有加进路线;区里会核对"
        return None, Sentence(template=text, values={"name": made.name})
    return made, Sentence(template="“{name}”已记下,区里会核对", values={"name": made.name})


def _state(
    session: Session,
    principal: Principal,
    day: StandingDay,
    edit: DayEdit,
    rules: Rules,
    added: Enterprise | None,
) -> DayState:
    worker = session.get_one(GridWorker, principal.grid_worker_id)
    visited = find_results(session, [stop.enterprise_id for stop in day.stops], edit.day)
    at = {stop.enterprise_id: stop for stop in day.stops}
    done = tuple(at[key] for key in visited)
    left = tuple(stop for stop in day.stops if stop.enterprise_id not in set(visited))
    purposes = {stop.enterprise_id: stop.purpose for stop in day.stops}
    if edit.kind is DayChangeKind.UNDO and day.changes:
        former, _ = without_last_change(session, day)
        purposes |= {stop.enterprise_id: stop.purpose for stop in former}
    spare: dict[int, VisitPurpose] = {}
    if edit.reason is not None and edit.reason.frees_time and not day.is_own_order:
        spare = _spare(session, day, _grid(principal), but={*purposes, *day.skipped})
    if added is not None and added.id not in purposes:
        purposes[added.id] = _purpose(session, principal, added.id, edit.day, rules.plan)
    firms = _candidates(session, principal.district_id, {**spare, **purposes}, edit.day)
    here = (worker.office_lon, worker.office_lat)
    points = [(firms[s.enterprise_id].lon, firms[s.enterprise_id].lat) for s in left] or [here]
    nearest = sorted(
        (key for key in spare if firms[key].lon),
        key=lambda key: min(distance_m((firms[key].lon, firms[key].lat), p) for p in points),
    )
    return DayState(
        day=edit.day,
        office=here,
        now_s=edit.now_s,
        done=done,
        left=left,
        firms=firms,
        rule=travels_like(rules.plan, day.rule),
        spare=tuple(nearest[:MOST_SPARE]),
        travel=travel_of(session, day.travel),
    )


def _spare(
    session: Session, day: StandingDay, grid_id: int, *, but: Collection[int]
) -> dict[int, VisitPurpose]:
    """What the plan left out for want of time and nobody visited since."""
    query = (
        select(PlanLeftOut.enterprise_id, PlanLeftOut.purpose)
        .join(Enterprise, Enterprise.id == PlanLeftOut.enterprise_id)
        .where(
            PlanLeftOut.plan_id == day.plan_id,
            PlanLeftOut.grid_id == grid_id,
            PlanLeftOut.reason.in_(_MAY_FILL),
            Enterprise.grid_id == grid_id,
            Enterprise.retired.is_(False),
            PlanLeftOut.enterprise_id.not_in(but),
        )
    )
    found = {key: VisitPurpose(purpose) for key, purpose in session.execute(query)}
    recent = select(Visit.enterprise_id).where(
        Visit.enterprise_id.in_(found),
        Visit.visited_on <= day.day,
        Visit.visited_on >= _monday(day),
    )
    for key in session.scalars(recent):
        found.pop(key, None)
    return found


def _monday(day: StandingDay) -> date:
    return day.day - timedelta(days=day.day.weekday())


def _purpose(
    session: Session, principal: Principal, enterprise_id: int, day: date, rule: PlanRule
) -> VisitPurpose:
    """Why an added firm is visited: what makes it due, else to refresh its file."""
    due = list_due(session, principal.district_id, day, rule, grid_id=principal.grid_id, days=1)
    return next(
        (one.candidate.purpose for one in due if one.candidate.enterprise_id == enterprise_id),
        VisitPurpose.REFRESH,
    )


def _candidates(
    session: Session, district_id: int, purposes: Mapping[int, VisitPurpose], day: date
) -> dict[int, Candidate]:
    agreed = find_appointments(session, district_id, first=day, last=day)
    rows = session.scalars(select(Enterprise).where(Enterprise.id.in_(purposes)))
    return {
        row.id: make_candidate(row, day, purpose=purposes[row.id], appointment=agreed.get(row.id))
        for row in rows
    }


def _apply(
    session: Session, day: StandingDay, state: DayState, edit: DayEdit, added: int | None
) -> NewDay:
    """The day after the change."""
    match edit.kind:
        case DayChangeKind.SKIP:
            return _skip(day, state, edit)
        case DayChangeKind.ORDER:
            return replanning.keep_order(state, reordered(state.order, edit.order))
        case DayChangeKind.MOVE:
            order = moved(state.order, edit.enterprise_id, edit.step)
            return replanning.keep_order(state, order)
        case DayChangeKind.UNDO:
            return _undo(session, day, state)
        case _:
            return _add(day, state, added)


def _unchanged(day: StandingDay) -> NewDay:
    return NewDay(stops=day.stops, travel_s=day.travel_s)


def _skip(day: StandingDay, state: DayState, edit: DayEdit) -> NewDay:
    gone = edit.enterprise_id
    if gone in {stop.enterprise_id for stop in state.done}:
        raise Conflict("这家今天已经记过走访了")
    if gone not in state.order:
        return _unchanged(day)
    rest = [one for one in state.order if one != gone]
    if day.is_own_order or edit.reason is None or not edit.reason.frees_time:
        return replanning.keep_order(state, rest)
    busy = edit.reason is SkipReason.BUSY and edit.now_s > 0
    return replanning.without_stop(state, gone, until_busy=busy, fill=True)


def _add(day: StandingDay, state: DayState, added: int | None) -> NewDay:
    if added is None or added in {stop.enterprise_id for stop in day.stops}:
        return _unchanged(day)
    if day.is_own_order:
        return replanning.with_stop_in_own_order(state, added)
    return replanning.with_stop(state, added)


def _undo(session: Session, day: StandingDay, state: DayState) -> NewDay:
    """The day as it was before the last change; what was visited meanwhile stays."""
    if not day.changes:
        raise Conflict("这一天没有可以撤销的调整")
    former, travel_s = without_last_change(session, day)
    if not state.done and not state.now_s:
        return NewDay(stops=former, travel_s=travel_s)
    done = {stop.enterprise_id for stop in state.done}
    left = tuple(stop for stop in former if stop.enterprise_id not in done)
    return replanning.keep_order(replace(state, left=left), [stop.enterprise_id for stop in left])


def _save(
    session: Session,
    principal: Principal,
    day: StandingDay,
    edit: DayEdit,
    planned: NewDay,
    now: datetime,
) -> None:
    session.add(
        DayChange(
            uuid=edit.uuid,
            district_id=principal.district_id,
            grid_id=_grid(principal),
            day=edit.day,
            number=day.number + 1,
            plan_id=day.plan_id,
            kind=edit.kind,
            content=dict(edit.content),
            stops=[stop.as_json() for stop in planned.stops],
            travel_s=planned.travel_s,
            account_id=principal.account_id,
            made_at=edit.made_at,
            received_at=now,
        )
    )
    session.flush()
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id,
        action="change_day",
        subject="day",
        subject_id=edit.day.isoformat(),
        now=now,
        detail={"uuid": edit.uuid, "kind": edit.kind.value, "stops": len(planned.stops)},
    )

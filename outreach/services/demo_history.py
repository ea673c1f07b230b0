"""The made-up district's past: visits of the last weeks, and the requests they brought back."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select

from outreach.domain.accounts import Principal, Role
from outreach.domain.calendar import CHINA, WorkCalendar
from outreach.domain.cases import CaseKind, CaseState, after_working_days
from outreach.domain.targets import Standing
from outreach.domain.visits import HeadcountEvidence, UnionFinding, Visit, VisitResult
from outreach.services.administration.principals import command_line
from outreach.services.visits.case_steps import step_case
from outreach.services.visits.visits import record_visit
from outreach.storage.accounts import Account
from outreach.storage.cases import Case
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import GridWorker
from outreach.storage.visits import Visit as StoredVisit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from outreach.services.progress import OnProgress
    from outreach.settings import Settings

HISTORY_DAYS = 45
VISITS = 700
REQUESTS = 0.09
"""Of the firms where somebody was met, how many asked for something."""

SERVED_AFTER = (
    (1, CaseState.TRIAGED, "服务科"),
    (2, CaseState.IN_PROGRESS, ""),
    (7, CaseState.DONE, "已按企业的需要安排"),
    (9, CaseState.CLOSED, "电话告诉了企业"),
)
"""Working days after the visit, the step that the district takes on that day, and its note."""

LAGGING = 0.15
"""How many requests nobody has taken up."""


def add_history(
    session: Session, district_id: int, settings: Settings, *, today: date, on_progress: OnProgress
) -> int:
    """Record the visits of the last weeks, through the service that the phone uses.

    Returns how many were recorded; none when there are visits already.
    """
    if session.scalar(
        select(func.count()).select_from(StoredVisit).where(StoredVisit.district_id == district_id)
    ):
        return 0
    dice = random.Random(f"{district_id}:{today}")  # noqa: S311  (nothing here is secret)
    visits = sorted(
        _made_up_visits(session, district_id, today, dice), key=lambda pair: pair[1].visited_at
    )
    for number, (principal, visit) in enumerate(visits, start=1):
        record_visit(
            session,
            principal,
            visit,
            rule=settings.target,
            now=visit.visited_at + timedelta(minutes=2),
        )
        if number % 50 == 0 or number == len(visits):
            on_progress(number, len(visits))
    _serve_requests(session, district_id, today, dice)
    return len(visits)


def _serve_requests(session: Session, district_id: int, today: date, dice: random.Random) -> None:
    """Step each case as far as its days allow; a few stay where they are and are overdue."""
    calendar, district = WorkCalendar(), command_line(district_id)
    cases = session.scalars(
        select(Case).where(Case.district_id == district_id).order_by(Case.id)
    ).all()
    for case in cases:
        if dice.random() < LAGGING:
            continue
        for days, state, note in SERVED_AFTER:
            day = after_working_days(case.opened_at.astimezone(CHINA).date(), days, calendar)
            if day >= today:
                break
            at = datetime.combine(day, time(10, dice.randrange(60)), CHINA).astimezone(UTC)
            step_case(session, district, case.id, state, note=note, now=at)


def _made_up_visits(
    session: Session, district_id: int, today: date, dice: random.Random
) -> Iterator[tuple[Principal, Visit]]:
    calendar = WorkCalendar()
    days = [
        day
        for day in (today - timedelta(days=back) for back in range(1, HISTORY_DAYS + 1))
        if calendar.is_working_day(day)
    ]
    people = _principals(session, district_id)
    query = select(Enterprise).where(
        Enterprise.district_id == district_id,
        Enterprise.grid_id.in_(people),
        Enterprise.standing.in_([Standing.TARGET, Standing.WITH_UNION, Standing.NEAR_MISS]),
    )
    firms = list(session.scalars(query.order_by(Enterprise.id)))
    # Some grids are ahead of others, as in life: the coverage map has something to show.
    zeal = {grid_id: dice.uniform(0.3, 1.7) for grid_id in sorted(people)}
    for firm in firms:
        if firm.grid_id is None or dice.random() > zeal[firm.grid_id] * VISITS / max(1, len(firms)):
            continue
        yield people[firm.grid_id], _made_up_visit(firm, dice.choice(days), dice)


def _made_up_visit(firm: Enterprise, day: date, dice: random.Random) -> Visit:
    result = dice.choices(
        [VisitResult.MET_HEAD, VisitResult.MET_CLERK, VisitResult.NOBODY, VisitResult.REFUSED],
        weights=[55, 30, 10, 5],
    )[0]
    minute = dice.randrange(9 * 60, 17 * 60)
    at = datetime.combine(day, time(minute // 60, minute % 60), CHINA).astimezone(UTC)
    met = result.opens_form
    counted = max(1, round((firm.employees or 10) * dice.uniform(0.9, 1.1)))
    union = dice.choices([UnionFinding.WILLING, UnionFinding.NONE], weights=[3, 7])[0]
    return Visit(
        uuid=UUID(int=dice.getrandbits(128), version=4),
        enterprise_id=firm.id,
        visited_at=at,
        result=result,
        employees=counted if met else None,
        evidence=HeadcountEvidence.TOLD if met else None,
        union_finding=union if met and firm.standing == Standing.TARGET else None,
        requests=(dice.choice(list(CaseKind)),) if met and dice.random() < REQUESTS else (),
    )


def _principals(session: Session, district_id: int) -> dict[int, Principal]:
    query = (
        select(Account, GridWorker.grid_id)
        .join(GridWorker, GridWorker.id == Account.grid_worker_id)
        .where(Account.district_id == district_id)
    )
    return {
        grid_id: Principal(
            account_id=account.id,
            district_id=district_id,
            role=Role.GRID_WORKER,
            login=account.login,
            display_name=account.display_name,
            grid_worker_id=account.grid_worker_id,
            grid_id=grid_id,
        )
        for account, grid_id in session.execute(query)
    }

"""Firms of one grid lent to the grid worker of another, for one week's plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import null, select

from outreach.domain.plans import LeftOutReason
from outreach.errors import Conflict, NotFound
from outreach.services.administration.audit import write_audit
from outreach.services.administration.leave import load_cover
from outreach.services.planning.solved_weeks import require_draft, require_plan
from outreach.services.planning.week_loads import read_loads
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker
from outreach.storage.plans import PlanLeftOut, PlanRoute, PlanStop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.loads import GridLoad
    from outreach.storage.plans import VisitPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """A neighbouring grid whose worker could go; `free_minutes` is `None` where nobody knows."""

    grid_id: int
    grid_name: str
    free_minutes: int | None


def list_helpers(
    session: Session, principal: Principal, plan_id: int, enterprise_id: int
) -> list[Helper]:
    """The grids that may take a left-out firm: its own if it is lent out, then neighbours.

    Whoever stands in while its grid worker is on leave comes next; then neighbours with the most
    free time.

    Raises
    ------
    Refused, NotFound
        When the account reads no plans, or the plan did not leave the firm out in a grid.
    """
    from shapely.geometry import shape  # lazy: start-up time

    plan = require_plan(session, principal, plan_id)
    left = _left_out(session, plan.id, enterprise_id)
    rows = session.execute(
        select(Grid.id, Grid.name, Grid.geometry)
        .join(GridWorker, GridWorker.grid_id == Grid.id)
        .where(Grid.district_id == principal.district_id)
        .order_by(Grid.code)
    ).all()
    home = session.scalar(select(Enterprise.grid_id).where(Enterprise.id == enterprise_id))
    shapes = {grid_id: shape(geometry) for grid_id, _, geometry in rows}
    here = shapes.get(left.grid_id or 0)
    stand_ins = _stand_ins(session, plan, left.grid_id or 0)
    loads = read_loads(session, plan, shapes)
    helpers = [
        Helper(grid_id=grid_id, grid_name=name, free_minutes=_free(loads.get(grid_id)))
        for grid_id, name, _ in rows
        if grid_id != left.grid_id
        and (
            grid_id == home
            or grid_id in stand_ins
            or (here is not None and here.intersects(shapes[grid_id]))
        )
    ]
    return sorted(
        helpers,
        key=lambda one: (
            one.grid_id != home,
            one.grid_id not in stand_ins,
            -(one.free_minutes or 0),
            one.grid_id,
        ),
    )


def _stand_ins(session: Session, plan: VisitPlan, grid_id: int) -> set[int | None]:
    """The grids whose workers stand in for a grid's in the week of a plan."""
    days = [plan.week + timedelta(days=offset) for offset in range(7)]
    cover = load_cover(session, plan.district_id, first=days[0], last=days[-1])
    return {cover.stand_in(grid_id, day) for day in days}


def _free(load: GridLoad | None) -> int | None:
    return None if load is None else load.available_minutes - load.due_minutes


def _left_out(session: Session, plan_id: int, enterprise_id: int) -> PlanLeftOut:
    found = session.scalar(
        select(PlanLeftOut).where(
            PlanLeftOut.plan_id == plan_id,
            PlanLeftOut.enterprise_id == enterprise_id,
            PlanLeftOut.grid_id.is_not(None),
        )
    )
    if found is None:
        raise NotFound("这家企业不在这一版没排进的企业里")
    return found


def lend_firm(
    session: Session,
    principal: Principal,
    plan_id: int,
    enterprise_id: int,
    *,
    to_grid: int,
    now: datetime,
) -> None:
    """Lay a left-out firm of a draft into the tray of another grid; lending back is the same.

    Its grid stays its grid: who goes there is lent for this week only.

    Raises
    ------
    Refused, NotFound, Conflict
        When the version may not be changed, it does not leave the firm out, or nobody is there.
    """
    plan = require_draft(session, principal, plan_id)
    left = _left_out(session, plan.id, enterprise_id)
    worker = session.scalar(
        select(GridWorker.id).where(
            GridWorker.grid_id == to_grid, GridWorker.district_id == principal.district_id
        )
    )
    if worker is None:
        raise Conflict("那个网格没有网格员,不能请它帮忙")
    before = left.grid_id
    left.grid_id = to_grid
    # Whatever kept it out there, here it may be planned.
    left.reason = LeftOutReason.ROOM_LEFT
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action="lend_firm",
        subject="visit_plan",
        subject_id=plan.id,
        now=now,
        detail={"enterprise_id": enterprise_id, "from": before, "to": to_grid},
    )
    session.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class LentFirm:
    """A firm of this grid that lies in another grid's week; `day` is `None` while it waits there.

    Only one that waits can be taken back at once.
    """

    enterprise_id: int
    name: str
    grid_id: int
    grid_name: str
    day: date | None


def list_lent(session: Session, plan_id: int, grid_id: int) -> list[LentFirm]:
    """The firms of a grid that a version lends to others, by id."""
    firms = select(Enterprise.id, Enterprise.name, Grid.id, Grid.name)
    planned = (
        firms.add_columns(PlanRoute.day)
        .join(PlanStop, PlanStop.enterprise_id == Enterprise.id)
        .join(PlanRoute, PlanRoute.id == PlanStop.route_id)
        .join(Grid, Grid.id == PlanRoute.grid_id)
        .where(
            PlanStop.plan_id == plan_id,
            Enterprise.grid_id == grid_id,
            PlanRoute.grid_id != grid_id,
        )
    )
    waiting = (
        firms.add_columns(null())
        .join(PlanLeftOut, PlanLeftOut.enterprise_id == Enterprise.id)
        .join(Grid, Grid.id == PlanLeftOut.grid_id)
        .where(
            PlanLeftOut.plan_id == plan_id,
            Enterprise.grid_id == grid_id,
            PlanLeftOut.grid_id != grid_id,
        )
    )
    rows = [*session.execute(planned), *session.execute(waiting)]
    return [
        LentFirm(enterprise_id=key, name=name, grid_id=other, grid_name=grid, day=day)
        for key, name, other, grid, day in sorted(rows, key=lambda row: row[0])
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tray:
    """Where a left-out firm lies now: it waits in the list of this grid."""

    enterprise_id: int
    name: str
    grid_id: int
    grid_name: str


def find_tray(session: Session, plan_id: int, enterprise_id: int) -> Tray | None:
    """The grid in whose list a left-out firm lies, or `None` when it lies in none."""
    query = (
        select(Enterprise.name, Grid.id, Grid.name)
        .join(PlanLeftOut, PlanLeftOut.enterprise_id == Enterprise.id)
        .join(Grid, Grid.id == PlanLeftOut.grid_id)
        .where(PlanLeftOut.plan_id == plan_id, Enterprise.id == enterprise_id)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    name, grid_id, grid_name = found
    return Tray(enterprise_id=enterprise_id, name=name, grid_id=grid_id, grid_name=grid_name)


def home_grids(session: Session, grid_id: int, keys: Sequence[int]) -> dict[int, str]:
    """The names of the grids that firms in another grid's week come from."""
    if not keys:
        return {}
    query = (
        select(Enterprise.id, Grid.name)
        .join(Grid, Grid.id == Enterprise.grid_id)
        .where(Enterprise.id.in_(keys), Enterprise.grid_id != grid_id)
    )
    return dict(session.execute(query).all())

"""A day's list on paper: for the day on which the phone is dead, wet or forgotten."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.domain.accounts import Role
from outreach.errors import InvalidInput, NotFound, Refused
from outreach.services.enterprises.doors import load_door_notes
from outreach.services.visits import routes
from outreach.storage.grids import Grid, GridWorker

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.services.visits.routes import DayRoute

_WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperList:
    """A day's route and, by enterprise, how its door is found. No phone number, no person.

    `days` are the planned days of the same week.
    """

    route: DayRoute
    days: tuple[date, ...]
    door_notes: dict[int, str]


def paper_list(
    session: Session, principal: Principal, day: date, *, grid_id: int | None = None
) -> PaperList:
    """A day's stops in order, for the grid worker herself or for the office that prints it.

    `grid_id` is needed by accounts that see the district, and ignored for a grid worker.

    Raises
    ------
    InvalidInput
        When the office names no grid.
    NotFound
        When the district has no such grid, or the grid no worker.
    """
    walker = principal if principal.grid_id is not None else _worker_of(session, principal, grid_id)
    route = routes.day_route(session, walker, day)
    stops = [stop.enterprise_id for stop in route.stops]
    monday = day - timedelta(days=day.weekday())
    days = routes.planned_days(session, walker, first=monday, last=monday + _WEEK)
    return PaperList(route=route, days=tuple(days), door_notes=load_door_notes(session, stops))


def _worker_of(session: Session, principal: Principal, grid_id: int | None) -> Principal:
    """The eyes of the grid's worker, lent to the office for one page."""
    if not principal.role.sees_district:
        raise Refused("只有网格员有自己的路线")
    if grid_id is None:
        raise InvalidInput("请先选一个网格")
    worker = session.scalar(
        select(GridWorker)
        .join(Grid, Grid.id == GridWorker.grid_id)
        .where(GridWorker.grid_id == grid_id, Grid.district_id == principal.district_id)
    )
    if worker is None:
        raise NotFound("没有这个网格,或者它还没有网格员")
    return replace(
        principal, role=Role.GRID_WORKER, grid_worker_id=worker.id, grid_id=worker.grid_id
    )

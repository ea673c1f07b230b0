"""How evenly the work lies on the grids of a week: loads, loans between neighbours, proposals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import select

from outreach.domain.borders import Loan, ProposalStatus, suggest_loans
from outreach.domain.plans import PlanStatus
from outreach.services.grids.borders import get_proposal
from outreach.services.grids.grid_changes import changed_since
from outreach.services.planning.plan_views import PlanLine, list_plans
from outreach.services.planning.plans import get_plan
from outreach.services.planning.week_loads import read_loads
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.loads import GridLoad
    from outreach.storage.borders import BorderProposal

Ring = list[list[float]]
"""Corners as [lat, lon] in WGS-84, as maps take them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRow:
    """One grid's week: its work beside the time of its grid worker, and who could help."""

    grid_id: int
    grid_name: str
    township: str
    load: GridLoad
    helped_by: tuple[tuple[str, int], ...]
    helps: tuple[tuple[str, int], ...]

    @property
    def free_minutes(self) -> int:
        """Minutes left of the week; below 0 where there is more to do than time."""
        return self.load.available_minutes - self.load.due_minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The district's week; `plan` is the version whose loads are shown, `None` without any.

    `redrawn_at` is when borders changed after that version was made: its loads are of before.
    """

    plan: PlanLine | None
    rows: tuple[BalanceRow, ...]
    loans: int
    over: int
    redrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedGrid:
    """A grid whose border would move: its work before and after, firms that come and go."""

    grid_id: int
    grid_name: str
    before: int
    after: int
    limit: int
    comes: int
    goes: int

    @property
    def becomes_over(self) -> bool:
        """Whether it keeps the limit today and would not any more."""
        return self.before <= self.limit < self.after

    @property
    def stops_over(self) -> bool:
        """Whether it is over the limit today and would keep it."""
        return self.after <= self.limit < self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedFirm:
    """A firm that would change hands."""

    enterprise_id: int
    name: str
    lon: float
    lat: float
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """A proposal beside today's map."""

    id: int
    status: ProposalStatus
    rule: Mapping[str, Any]
    figures: Mapping[str, Any]
    made_at: datetime
    decided_at: datetime | None
    grids: tuple[ProposedGrid, ...]
    firms: tuple[MovedFirm, ...]
    today: tuple[tuple[Ring, ...], ...]
    proposed: tuple[tuple[Ring, ...], ...]

    @property
    def newly_over(self) -> tuple[ProposedGrid, ...]:
        """The grids that adopting would bring over the limit."""
        return tuple(one for one in self.grids if one.becomes_over)

    @property
    def relieved(self) -> tuple[ProposedGrid, ...]:
        """The grids that adopting would bring within the limit."""
        return tuple(one for one in self.grids if one.stops_over)


def view_balance(session: Session, principal: Principal) -> Balance:
    """Return the loads of the newest published version, or of the newest one.

    Raises
    ------
    Refused
        When the account reads no plans.
    """
    lines = [line for line in list_plans(session, principal) if line.figures.get("loads")]
    published = [line for line in lines if line.status is PlanStatus.PUBLISHED]
    if not lines:
        return Balance(plan=None, rows=(), loans=0, over=0)
    plan = (published or lines)[0]
    grids = _grids(session, principal)
    every = read_loads(
        session, get_plan(session, principal.district_id, plan.id), [grid.id for grid in grids]
    )
    loans = suggest_loans(every, _beside(grids))
    names = {grid.id: grid.name for grid in grids}
    rows = [_row(grid, every[grid.id], loans, names) for grid in grids]
    return Balance(
        plan=plan,
        rows=tuple(sorted(rows, key=lambda row: (row.free_minutes, row.grid_id))),
        loans=len(loans),
        over=sum(row.load.is_over for row in rows),
        redrawn_at=changed_since(session, principal.district_id, plan.made_at),
    )


def _grids(session: Session, principal: Principal) -> list[Grid]:
    query = (
        select(Grid)
        .join(GridWorker, GridWorker.grid_id == Grid.id)
        .where(Grid.district_id == principal.district_id)
        .order_by(Grid.code)
    )
    return list(session.scalars(query))


def _beside(grids: list[Grid]) -> list[tuple[int, int]]:
    import numpy as np  # lazy: start-up time
    from shapely.geometry import shape

    from maps.parcels import find_neighbours

    shapes = np.empty(len(grids), dtype=object)
    shapes[:] = [shape(grid.geometry) for grid in grids]
    return [(grids[one].id, grids[other].id) for one, other in find_neighbours(shapes)]


def _row(
    grid: Grid, load: GridLoad, loans: tuple[Loan, ...], names: Mapping[int, str]
) -> BalanceRow:
    return BalanceRow(
        grid_id=grid.id,
        grid_name=grid.name,
        township=grid.township,
        load=load,
        helped_by=tuple((names[o.from_grid], o.minutes) for o in loans if o.to_grid == grid.id),
        helps=tuple((names[o.to_grid], o.minutes) for o in loans if o.from_grid == grid.id),
    )


def view_proposal(session: Session, principal: Principal, proposal_id: int) -> ProposalView:
    """Return a proposal beside the borders that it was worked out from.

    Raises
    ------
    Refused, NotFound
        When the account does not see the district, or it has no such proposal.
    """
    found = get_proposal(session, principal, proposal_id)
    grids = {
        grid.id: grid
        for grid in session.scalars(
            select(Grid).where(Grid.district_id == principal.district_id).order_by(Grid.code)
        )
    }
    names = {key: grid.name for key, grid in grids.items()}
    firms = _firms(session, found, names)
    return ProposalView(
        id=found.id,
        status=ProposalStatus(found.status),
        rule=found.rule,
        figures=found.figures,
        made_at=found.made_at,
        decided_at=found.decided_at,
        grids=_proposed(found, names, firms),
        firms=firms,
        today=tuple(rings_of(grid.geometry) for grid in grids.values()),
        proposed=tuple(
            rings_of(found.grids.get(str(key), grid.geometry)) for key, grid in grids.items()
        ),
    )


def rings_of(geometry: Mapping[str, Any]) -> tuple[Ring, ...]:
    """The outer rings of a GeoJSON geometry as [lat, lon], rounded to ten metres."""
    parts = cast("list[Any]", geometry["coordinates"])
    outer = [parts[0]] if geometry["type"] == "Polygon" else [part[0] for part in parts]
    return tuple([[round(lat, 4), round(lon, 4)] for lon, lat in ring] for ring in outer)


def _firms(
    session: Session, found: BorderProposal, names: Mapping[int, str]
) -> tuple[MovedFirm, ...]:
    keys = sorted(int(key) for key in found.firms)
    rows: list[Enterprise] = []
    for first in range(0, len(keys), 900):  # SQLite takes no more than so many values at once
        query = select(Enterprise).where(Enterprise.id.in_(keys[first : first + 900]))
        rows += session.scalars(query).all()
    before = {int(key): grid for key, grid in found.figures.get("former", {}).items()}
    return tuple(
        MovedFirm(
            enterprise_id=row.id,
            name=row.name,
            lon=row.lon or 0.0,
            lat=row.lat or 0.0,
            before=names.get(before.get(row.id, row.grid_id or 0), ""),
            after=names.get(found.firms[str(row.id)], ""),
        )
        for row in sorted(rows, key=lambda row: (found.firms[str(row.id)], row.id))
    )


def _proposed(
    found: BorderProposal, names: Mapping[int, str], firms: tuple[MovedFirm, ...]
) -> tuple[ProposedGrid, ...]:
    minutes = found.figures["minutes"]
    changed = [
        ProposedGrid(
            grid_id=int(key),
            grid_name=names.get(int(key), ""),
            before=minutes[key][0],
            after=minutes[key][1],
            limit=found.figures["limit_minutes"],
            comes=sum(firm.after == names.get(int(key), "") for firm in firms),
            goes=sum(firm.before == names.get(int(key), "") for firm in firms),
        )
        for key in found.grids
        if key in minutes
    ]
    return tuple(sorted(changed, key=lambda grid: (-grid.before, grid.grid_id)))

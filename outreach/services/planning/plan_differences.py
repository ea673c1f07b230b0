"""What one version of a week changes against another: for the firms, grid by grid."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.domain.boards import PlannedPlace, StopChangeKind, compare_plans
from outreach.services.planning.plan_rows import read_places
from outreach.services.planning.solved_weeks import require_plan
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.boards import StopChange


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceLine:
    """One firm that stands elsewhere; `grid_name` is that of the worker who goes, or went."""

    kind: StopChangeKind
    enterprise_id: int
    name: str
    grid_id: int
    grid_name: str
    before: PlannedPlace | None
    after: PlannedPlace | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDifference:
    """What a version changes; `kept` counts the firms that stay where they are."""

    counts: Mapping[StopChangeKind, int]
    kept: int
    grids: int
    lines: tuple[DifferenceLine, ...]

    @property
    def total(self) -> int:
        """How many firms stand elsewhere."""
        return len(self.lines)

    def lines_of(self, kind: StopChangeKind | None) -> tuple[DifferenceLine, ...]:
        """The firms whose place changes in one way, or in any."""
        return tuple(one for one in self.lines if kind is None or one.kind is kind)


def compare_versions(
    session: Session, principal: Principal, before_id: int | None, after_id: int
) -> PlanDifference:
    """Compare two versions; without the first one everything is new.

    Raises
    ------
    Refused, NotFound
        When the account reads no plans, or its district has no such plan.
    """
    after = read_places(session, require_plan(session, principal, after_id).id)
    before: dict[int, PlannedPlace] = {}
    if before_id is not None:
        before = read_places(session, require_plan(session, principal, before_id).id)
    changes = compare_plans(before, after)
    lines = _lines(session, principal, changes)
    return PlanDifference(
        counts=Counter(change.kind for change in changes),
        kept=len(before.keys() & after.keys())
        - sum(change.before is not None and change.after is not None for change in changes),
        grids=len({change.grid_id for change in changes}),
        lines=lines,
    )


def _lines(
    session: Session, principal: Principal, changes: tuple[StopChange, ...]
) -> tuple[DifferenceLine, ...]:
    names: dict[int, str] = {}
    keys = [change.enterprise_id for change in changes]
    for first in range(0, len(keys), 900):  # SQLite takes no more than so many values at once
        query = select(Enterprise.id, Enterprise.name).where(
            Enterprise.id.in_(keys[first : first + 900])
        )
        names |= dict(session.execute(query).all())
    grids = dict(
        session.execute(
            select(Grid.id, Grid.name).where(Grid.district_id == principal.district_id)
        ).all()
    )
    lines = [
        DifferenceLine(
            kind=change.kind,
            enterprise_id=change.enterprise_id,
            name=names.get(change.enterprise_id, ""),
            grid_id=change.grid_id,
            grid_name=grids.get(change.grid_id, ""),
            before=change.before,
            after=change.after,
        )
        for change in changes
    ]
    order = list(StopChangeKind)
    return tuple(
        sorted(lines, key=lambda line: (line.grid_id, order.index(line.kind), line.enterprise_id))
    )

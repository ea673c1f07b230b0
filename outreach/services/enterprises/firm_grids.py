"""Which grid a firm lay in on a day; its moves from grid to grid are kept for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.services.administration.principals import require_district
from outreach.storage.enterprises import Enterprise
from outreach.storage.grid_history import FirmGrid
from outreach.storage.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

BEGINNING = date(2000, 1, 1)
"""The day of what held before the first move that was recorded."""

_CHUNK = 500


def note_moves(
    session: Session, district_id: int, grids: Mapping[int, int | None], *, today: date
) -> int:
    """Keep on record which firms are about to lie in another grid, by id; returns how many.

    Called before the firms' rows are written. A firm that is placed for the first time moves from
    nowhere and leaves no trace.
    """
    moved: dict[int, tuple[int | None, int | None]] = {}
    ids = list(grids)
    for start in range(0, len(ids), _CHUNK):
        query = select(Enterprise.id, Enterprise.grid_id).where(
            Enterprise.id.in_(ids[start : start + _CHUNK])
        )
        for key, before in session.execute(query):
            if before != grids[key]:
                moved[key] = (before, grids[key])
    rows = _known(session, list(moved))
    written = 0
    for key, (before, after) in moved.items():
        known = rows.get(key, {})
        if not known and before is None:
            continue
        written += 1
        if not known:
            session.add(_row(district_id, key, before, BEGINNING))
        if today in known:
            known[today].grid_id = after
        else:
            session.add(_row(district_id, key, after, today))
    session.flush()
    return written


def _known(session: Session, ids: list[int]) -> dict[int, dict[date, FirmGrid]]:
    found: dict[int, dict[date, FirmGrid]] = {}
    for start in range(0, len(ids), _CHUNK):
        query = select(FirmGrid).where(FirmGrid.enterprise_id.in_(ids[start : start + _CHUNK]))
        for row in session.scalars(query):
            found.setdefault(row.enterprise_id, {})[row.since] = row
    return found


def _row(district_id: int, enterprise_id: int, grid_id: int | None, since: date) -> FirmGrid:
    return FirmGrid(
        district_id=district_id, enterprise_id=enterprise_id, grid_id=grid_id, since=since
    )


def grid_on(session: Session, enterprise_id: int, day: date) -> int | None:
    """The grid that a firm lay in on a day; without recorded moves the one that it lies in now."""
    row = session.execute(
        select(FirmGrid.grid_id)
        .where(FirmGrid.enterprise_id == enterprise_id, FirmGrid.since <= day)
        .order_by(FirmGrid.since.desc())
        .limit(1)
    ).first()
    if row is not None:
        return row[0]
    return session.scalar(select(Enterprise.grid_id).where(Enterprise.id == enterprise_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """A firm that came to lie in another grid; an empty name stands for no grid."""

    enterprise_id: int
    name: str
    before: str
    after: str
    since: date


def list_moves(
    session: Session,
    principal: Principal,
    *,
    enterprise_id: int | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[list[MoveLine], int]:
    """One page of the moves, the newest first; of one firm, or of all.

    Raises
    ------
    Refused
        When the role does not see the district.
    """
    require_district(principal)
    before = func.lag(FirmGrid.grid_id).over(
        partition_by=FirmGrid.enterprise_id, order_by=FirmGrid.since
    )
    rows = select(
        FirmGrid.enterprise_id, FirmGrid.since, FirmGrid.grid_id, before.label("before")
    ).where(FirmGrid.district_id == principal.district_id)
    if enterprise_id is not None:
        rows = rows.where(FirmGrid.enterprise_id == enterprise_id)
    moves = rows.subquery()
    old, new = Grid.__table__.alias("old"), Grid.__table__.alias("new")
    query = (
        select(moves.c.enterprise_id, Enterprise.name, old.c.name, new.c.name, moves.c.since)
        .select_from(moves)
        .join(Enterprise, Enterprise.id == moves.c.enterprise_id)
        .outerjoin(old, old.c.id == moves.c.before)
        .outerjoin(new, new.c.id == moves.c.grid_id)
        .where(moves.c.since > BEGINNING)
    )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(moves.c.since.desc(), moves.c.enterprise_id)
    return [
        MoveLine(
            enterprise_id=key, name=name, before=old_name or "", after=new_name or "", since=since
        )
        for key, name, old_name, new_name, since in session.execute(
            ordered.limit(limit).offset(offset)
        )
    ], total

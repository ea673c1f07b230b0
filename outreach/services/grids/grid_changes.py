"""Changes of grids: taken as a whole, undone, and kept on record with who made them when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from outreach.domain.calendar import CHINA
from outreach.domain.positions import UnplacedReason
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.services.administration.audit import audit_as
from outreach.services.administration.principals import require_district
from outreach.services.enterprises.firm_grids import note_moves
from outreach.services.enterprises.places import place_again
from outreach.services.grids.grid_edits import placed_firms, report_edit, wanted_shapes
from outreach.services.grids.grids import load_locator
from outreach.storage.accounts import Account
from outreach.storage.enterprises import Enterprise
from outreach.storage.grid_history import GridChange, GridVersion
from outreach.storage.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.services.grids.grid_edits import EditReport, GridEdit, NewGrid

_audit = partial(audit_as, subject="grid_change")

DRAWN, IMPORTED, BORDERS = "drawn", "import", "borders"


def save_edit(
    session: Session, principal: Principal, edit: GridEdit, *, now: datetime
) -> EditReport:
    """Take an edit: grids and the firms in them change at once, what was before stays on record.

    Raises
    ------
    Refused, NotFound, InvalidInput
        As `review_edit`.
    """
    require_district(principal)
    grids, shapes = wanted_shapes(session, principal, edit)
    report = report_edit(session, principal.district_id, grids, shapes, edit.new)
    change = start_change(
        session, principal.district_id, DRAWN, made_by=principal.account_id or None, now=now
    )
    for key, after in report.shapes.items():
        grid = grids[key] if key else _add_grid(session, principal.district_id, edit.new, now)
        keep_version(session, change, grid, after, is_new=key == 0)
        grid.geometry = after
    session.flush()
    change.firms_moved = locate_again(session, principal.district_id, today=change.day)
    detail = {"grids": [key for key in report.shapes if key], "moved": change.firms_moved}
    _audit(session, principal, "edit_grids", change.id, now, detail)
    return report


def take_borders(
    session: Session,
    district_id: int,
    shapes: Mapping[int, dict[str, Any]],
    *,
    made_by: int | None,
    now: datetime,
) -> int:
    """Give grids proposed shapes (WGS-84 GeoJSON, by id); returns how many firms changed hands."""
    change = start_change(session, district_id, BORDERS, made_by=made_by, now=now)
    grids = session.scalars(
        select(Grid).where(Grid.district_id == district_id, Grid.id.in_(shapes))
    )
    for grid in grids:
        keep_version(session, change, grid, shapes[grid.id])
        grid.geometry = shapes[grid.id]
    session.flush()
    change.firms_moved = locate_again(session, district_id, today=change.day)
    session.flush()
    return change.firms_moved


def start_change(
    session: Session, district_id: int, kind: str, *, made_by: int | None, now: datetime
) -> GridChange:
    """Open a change of one or more grids."""
    change = GridChange(
        district_id=district_id,
        kind=kind,
        day=now.astimezone(CHINA).date(),
        firms_moved=0,
        made_at=now,
        made_by=made_by,
        undone_at=None,
        undone_by=None,
    )
    session.add(change)
    session.flush()
    return change


def keep_version(
    session: Session, change: GridChange, grid: Grid, after: dict[str, Any], *, is_new: bool = False
) -> None:
    """Keep what a change makes of a grid; called before the grid's shape is set."""
    before = None if is_new else grid.geometry
    session.add(GridVersion(change_id=change.id, grid_id=grid.id, before=before, after=after))


def _add_grid(session: Session, district_id: int, new: NewGrid | None, now: datetime) -> Grid:
    if new is None:
        raise InvalidInput("边界没有改动")
    grid = Grid(
        district_id=district_id,
        code=new.code.strip(),
        name=new.name.strip(),
        township=new.township.strip(),
        geometry=new.shape,
        received=new.shape,
        datum="wgs84",
        imported_at=now,
    )
    session.add(grid)
    session.flush()
    return grid


def locate_again(session: Session, district_id: int, *, today: date) -> int:
    """Find the grid of every firm with a point anew; returns how many changed hands.

    A firm that lies in no grid any more keeps its point and says so; one that lay outside is
    placed anew from all that is known of it.
    """
    firms = placed_firms(session, district_id)
    found = load_locator(session, district_id).locate(firms.points)
    moved = {
        key: after
        for key, before, after in zip(firms.ids, firms.grids, found, strict=True)
        if before != after
    }
    note_moves(session, district_id, moved, today=today)
    if moved:
        outside = UnplacedReason.OUTSIDE_GRIDS.value
        session.execute(
            update(Enterprise),
            [
                {"id": key, "grid_id": after, "unplaced_reason": None if after else outside}
                for key, after in moved.items()
            ],
        )
    session.expire_all()
    outside_rows = session.scalars(
        select(Enterprise).where(
            Enterprise.district_id == district_id,
            Enterprise.retired.is_(False),
            Enterprise.unplaced_reason == UnplacedReason.OUTSIDE_GRIDS,
            Enterprise.lon.is_(None),
        )
    ).all()
    place_again(session, district_id, outside_rows, today=today)
    return len(moved)


def changed_since(session: Session, district_id: int, moment: datetime) -> datetime | None:
    """When borders last changed after a moment, also by taking a change back; `None` if never."""
    newest = func.max(func.coalesce(GridChange.undone_at, GridChange.made_at))
    found = session.scalar(select(newest).where(GridChange.district_id == district_id))
    return found if found is not None and found > moment else None


def undo_change(session: Session, principal: Principal, change_id: int, *, now: datetime) -> int:
    """Give the grids of a change their former shapes; returns how many firms change hands.

    Raises
    ------
    Refused, NotFound
        When the role does not see the district, or it has no such change that stands.
    Conflict
        When a later change touched one of the grids, or the change made a new grid.
    """
    require_district(principal)
    change = session.get(GridChange, change_id)
    if (
        change is None
        or change.district_id != principal.district_id
        or change.undone_at is not None
    ):
        raise NotFound("没有找到这次改动,或者它已经撤销了")
    versions = session.scalars(select(GridVersion).where(GridVersion.change_id == change.id)).all()
    for version in versions:
        grid = session.get_one(Grid, version.grid_id)
        if version.before is None:
            raise Conflict("这次改动新画了网格“{name}”,不能整个撤销,请改边界", name=grid.name)
        if grid.geometry != version.after:
            raise Conflict("网格“{name}”后来又改过,请先撤销后来的改动", name=grid.name)
    for version in versions:
        grid = session.get_one(Grid, version.grid_id)
        grid.geometry = version.before or {}
    session.flush()
    change.undone_at, change.undone_by = now, principal.account_id or None
    moved = locate_again(session, principal.district_id, today=now.astimezone(CHINA).date())
    _audit(session, principal, "undo_grids", change.id, now, {"moved": moved})
    return moved


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One change on record: which grids, who, when, how many firms, whether it stands."""

    id: int
    kind: str
    made_at: datetime
    made_by: str
    grids: tuple[str, ...]
    firms_moved: int
    undone_at: datetime | None
    undone_by: str


def list_changes(
    session: Session, principal: Principal, *, limit: int, offset: int = 0
) -> tuple[list[ChangeLine], int]:
    """One page of the changes of grids, the newest first.

    Raises
    ------
    Refused
        When the role does not see the district.
    """
    require_district(principal)
    own = GridChange.district_id == principal.district_id
    total = session.scalar(select(func.count()).select_from(GridChange).where(own)) or 0
    maker, undoer = Account.__table__.alias("maker"), Account.__table__.alias("undoer")
    query = (
        select(GridChange, maker.c.display_name, undoer.c.display_name)
        .outerjoin(maker, maker.c.id == GridChange.made_by)
        .outerjoin(undoer, undoer.c.id == GridChange.undone_by)
        .where(own)
        .order_by(GridChange.id.desc())
        .limit(limit)
        .offset(offset)
    )
    rows = session.execute(query).all()
    names: dict[int, list[str]] = {}
    for change_id, name in session.execute(
        select(GridVersion.change_id, Grid.name)
        .join(Grid, Grid.id == GridVersion.grid_id)
        .where(GridVersion.change_id.in_([row[0].id for row in rows]))
        .order_by(Grid.code)
    ):
        names.setdefault(change_id, []).append(name)
    return [
        ChangeLine(
            id=row.id,
            kind=row.kind,
            made_at=row.made_at,
            made_by=made_by or "",
            grids=tuple(names.get(row.id, ())),
            firms_moved=row.firms_moved,
            undone_at=row.undone_at,
            undone_by=undone_by or "",
        )
        for row, made_by, undone_by in rows
    ], total

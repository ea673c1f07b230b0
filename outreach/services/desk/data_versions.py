"""Whether the data behind a drawn picture changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import String, cast, func, select

from outreach.errors import Refused
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal


def _outline_length() -> ColumnElement[int]:
    return func.length(cast(Grid.geometry, String))


def data_version(session: Session, principal: Principal) -> Hashable:
    """A value that changes whenever a grid, a firm's place or standing, or a visit changes.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    """
    if not principal.role.sees_district:
        raise Refused("全区地图只给区总工会和规划人员看")
    district_id = principal.district_id
    firms = (
        select(
            Enterprise.standing,
            func.count(),
            func.count(Enterprise.grid_id),
            func.sum(Enterprise.grid_id * (Enterprise.id % 1009)),
            func.sum(Enterprise.lon),
            func.sum(Enterprise.lat),
            func.max(Enterprise.last_visited_on),
        )
        .where(Enterprise.district_id == district_id, Enterprise.retired.is_(False))
        .group_by(Enterprise.standing)
        .order_by(Enterprise.standing)
    )
    # Names and outlines are edited in place, without another import.
    grids = (
        select(Grid.code, Grid.name, Grid.township, Grid.imported_at, _outline_length())
        .where(Grid.district_id == district_id)
        .order_by(Grid.id)
    )
    visits = select(func.count(), func.max(Visit.received_at)).where(
        Visit.district_id == district_id
    )
    return tuple(
        tuple(row) for query in (firms, grids, visits) for row in session.execute(query).all()
    )

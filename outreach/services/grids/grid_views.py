"""Grids as pages name and draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.storage.grids import Grid

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

Ring = list[list[float]]
"""Corners as [lon, lat] in WGS-84."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridName:
    """One grid in a list to choose from."""

    id: int
    code: str
    name: str
    township: str


def list_grids(session: Session, principal: Principal) -> list[GridName]:
    """The grids that the account sees, by code."""
    query = (
        select(Grid.id, Grid.code, Grid.name, Grid.township)
        .where(Grid.district_id == principal.district_id)
        .order_by(Grid.code)
    )
    if not principal.role.sees_district:
        query = query.where(Grid.id == principal.grid_id)
    return [
        GridName(id=grid_id, code=code, name=name, township=township)
        for grid_id, code, name, township in session.execute(query)
    ]


def grid_outline(session: Session, principal: Principal, grid_id: int | None) -> list[Ring]:
    """The outer rings of a grid that the account sees; empty for any other."""
    if not principal.role.sees_district:
        grid_id = principal.grid_id
    geometry = session.scalar(
        select(Grid.geometry).where(Grid.id == grid_id, Grid.district_id == principal.district_id)
    )
    if geometry is None:
        return []
    parts = geometry["coordinates"]
    return [parts[0]] if geometry["type"] == "Polygon" else [part[0] for part in parts]

"""How grids looked on former days, who changed them, and which grid a firm lay in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class GridChange(InDistrict, Base):
    """One change of one or more grids, taken as a whole; an undone one stays on record."""

    __tablename__ = "grid_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    day: Mapped[date]
    firms_moved: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class GridVersion(Base):
    """What a change made of one grid: before (`None` for a new grid) and after, WGS-84 GeoJSON."""

    __tablename__ = "grid_versions"
    __table_args__ = (UniqueConstraint("change_id", "grid_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("grid_changes.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"), index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)


class FirmGrid(InDistrict, Base):
    """From `since` on the firm lies in this grid, `None` for no grid, until its next row."""

    __tablename__ = "firm_grids"
    __table_args__ = (UniqueConstraint("enterprise_id", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"))
    since: Mapped[date]

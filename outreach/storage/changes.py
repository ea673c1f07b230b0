"""What changed in the enterprise file from one linking to the next. Only ever appended to."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class Change(InDistrict, Base):
    """One change of one enterprise; `grid_id` is the grid that should hear of it.

    `former_grid_id` is the grid that a firm left, which should hear of it as well; `as_of` the day
    for which `source` says what changed.
    """

    __tablename__ = "changes"
    __table_args__ = (
        Index("ix_changes_district_id_found_on", "district_id", "found_on"),
        Index("ix_changes_grid_id_found_on", "grid_id", "found_on"),
        Index("ix_changes_enterprise_id", "enterprise_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"))
    former_grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"))
    kind: Mapped[str] = mapped_column(String(16))
    found_on: Mapped[date]
    found_at: Mapped[datetime]
    as_of: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(20), default="")
    before: Mapped[str] = mapped_column(String(500), default="")
    after: Mapped[str] = mapped_column(String(500), default="")

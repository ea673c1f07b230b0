"""When a grid worker is away and who stands in; when a grid went into other hands."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class Leave(InDistrict, Base):
    """Days on which a grid worker is away, both ends included. The reason is nobody's business."""

    __tablename__ = "leaves"
    __table_args__ = (Index("ix_leaves_district_id_last", "district_id", "last"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    grid_worker_id: Mapped[int] = mapped_column(ForeignKey("grid_workers.id"))
    first: Mapped[date]
    last: Mapped[date]
    stand_in_id: Mapped[int | None] = mapped_column(ForeignKey("grid_workers.id"))
    entered_at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class Handover(InDistrict, Base):
    """A grid that went from one grid worker to the next on `day`."""

    __tablename__ = "handovers"
    __table_args__ = (Index("ix_handovers_grid_id_day", "grid_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"))
    day: Mapped[date]
    name_before: Mapped[str] = mapped_column(String(100))
    name_after: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))

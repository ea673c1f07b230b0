"""Figures of each grid by month, counted ahead, so that a map goes back in time at once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict
from outreach.storage.visits import Visit


class GridMonth(InDistrict, Base):
    """Counts of the firms of one standing (empty: not due) in one grid at the end of one month.

    `as_of` is the last day that was counted, `list_as_of` the day whose list of firms was used:
    what a firm's standing was earlier is not kept, so a month counted later speaks of later firms.
    """

    __tablename__ = "grid_months"
    __table_args__ = (Index("ix_grid_months_district_id_month", "district_id", "month"),)

    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    standing: Mapped[str] = mapped_column(String(16), primary_key=True)
    firms: Mapped[int]
    covered: Mapped[int]
    overdue: Mapped[int]
    employees: Mapped[int]
    visits: Mapped[int]
    planned: Mapped[int]
    done: Mapped[int]
    as_of: Mapped[date]
    list_as_of: Mapped[date]
    refreshed_at: Mapped[datetime]


Index("ix_visits_district_id_visited_on", Visit.district_id, Visit.visited_on)

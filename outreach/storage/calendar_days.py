"""The official notices of days off that a district took, and the district's own days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class CalendarNotice(InDistrict, Base):
    """One year's notice: as received and as read; the newest one of a year stands."""

    __tablename__ = "calendar_notices"
    __table_args__ = (Index("ix_calendar_notices_district_id_year", "district_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    received: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime]
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class CalendarDay(InDistrict, Base):
    """A day that the district itself works or takes off; it stands above every notice."""

    __tablename__ = "calendar_days"
    __table_args__ = (UniqueConstraint("district_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    works: Mapped[bool]
    name: Mapped[str] = mapped_column(String(60))
    set_at: Mapped[datetime]
    set_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))

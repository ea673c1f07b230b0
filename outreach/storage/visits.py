"""Visits as recorded; a visit is stored once however often the phone sends it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class Visit(InDistrict, Base):
    """One visit; `content` is what the phone sent, `sha256` its digest."""

    __tablename__ = "visits"
    __table_args__ = (Index("ix_visits_enterprise_id_visited_on", "enterprise_id", "visited_on"),)

    uuid: Mapped[str] = mapped_column(String(36), primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    record_id: Mapped[int | None] = mapped_column(ForeignKey("records.id"))
    plan_stop_id: Mapped[int | None] = mapped_column(ForeignKey("plan_stops.id"))
    visited_at: Mapped[datetime]
    visited_on: Mapped[date]
    received_at: Mapped[datetime]
    result: Mapped[str] = mapped_column(String(16))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))

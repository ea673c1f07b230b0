"""A grid worker's day as she changed it, and how to find a door."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class DayChange(InDistrict, Base):
    """One change of a published day: a stop skipped or added, another order.

    `uuid` is made on the phone, `number` counts the changes of the grid's day from 1. `stops` is
    the day after the change, each stop with its enterprise, purpose, moments and reasons; the
    newest change of a day stands, as long as `plan_id` is the published plan. Only ever appended
    to.
    """

    __tablename__ = "day_changes"
    __table_args__ = (UniqueConstraint("grid_id", "day", "number"),)

    uuid: Mapped[str] = mapped_column(String(36), primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"))
    day: Mapped[date]
    number: Mapped[int]
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("visit_plans.id"))
    kind: Mapped[str] = mapped_column(String(12))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    stops: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    travel_s: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    received_at: Mapped[datetime]


class DoorNote(InDistrict, Base):
    """How to find a firm's door; kept by record, so that it stays with the firm.

    The newest one stands.
    """

    __tablename__ = "door_notes"
    __table_args__ = (Index("ix_door_notes_record_id", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    text: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    written_at: Mapped[datetime]

"""Service requests that visits open, with their deadlines and what was done."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class Case(InDistrict, Base):
    """One request of a firm or its employees; a visit opens each kind once.

    `due_on` belongs to the present state; `was_late` stays once a step was taken after its
    deadline.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("visit_uuid", "kind"),
        Index("ix_cases_district_id_state", "district_id", "state"),
        Index("ix_cases_enterprise_id", "enterprise_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    visit_uuid: Mapped[str | None] = mapped_column(ForeignKey("visits.uuid"))
    note: Mapped[str] = mapped_column(String(1000), default="")
    workers: Mapped[int | None]
    opened_at: Mapped[datetime]
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    due_on: Mapped[date]
    was_late: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]


class CaseEvent(InDistrict, Base):
    """One step of a case and the deadline it set. Only ever appended to."""

    __tablename__ = "case_events"
    __table_args__ = (Index("ix_case_events_case_id", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    state: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(1000), default="")
    due_on: Mapped[date | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]

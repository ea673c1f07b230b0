"""Visits as recorded, their versions, what could not be taken, photos, and remarks on them.

A visit is stored once however often the phone sends it. Nothing here is ever deleted.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class Visit(InDistrict, Base):
    """One visit; `content` is what the phone sent last, `sha256` its digest.

    `revision_uuid` names the version that stands, empty for the first. `clock_skew_s` is by how
    many seconds the phone's clock was ahead when it sent the visit. `appointed_on` and
    `appointed_part`, a code of `DayPart` or empty, are the next visit that the firm agreed to.
    """

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_enterprise_id_visited_on", "enterprise_id", "visited_on"),
        Index("ix_visits_district_id_appointed_on", "district_id", "appointed_on"),
    )

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
    revision_uuid: Mapped[str] = mapped_column(String(36), default="", server_default="")
    clock_skew_s: Mapped[int] = mapped_column(default=0, server_default="0")
    appointed_on: Mapped[date | None]
    appointed_part: Mapped[str] = mapped_column(String(12), default="", server_default="")


class VisitRevision(InDistrict, Base):
    """One version of a visit that was corrected; the first version is one of them.

    `based_on` is the version that the author saw.
    """

    __tablename__ = "visit_revisions"
    __table_args__ = (Index("ix_visit_revisions_visit_uuid", "visit_uuid"),)

    uuid: Mapped[str] = mapped_column(String(36), primary_key=True)
    visit_uuid: Mapped[str] = mapped_column(ForeignKey("visits.uuid"))
    based_on: Mapped[str] = mapped_column(String(36), default="")
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    record_id: Mapped[int | None] = mapped_column(ForeignKey("records.id"))
    received_at: Mapped[datetime]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))


class HeldVisit(InDistrict, Base):
    """What a phone sent and the server could not take as a visit: kept whole, for a person.

    `reason` is a code of `HoldReason`; `message` says what is wrong in Chinese. The pair of uuid
    and digest is unique, so that sending it again adds nothing.
    """

    __tablename__ = "held_visits"
    __table_args__ = (UniqueConstraint("uuid", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(String(16))
    message: Mapped[str] = mapped_column(String(500), default="")
    body: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    settlement: Mapped[str] = mapped_column(String(16), default="")


class Attachment(InDistrict, Base):
    """A photo or a voice note of a visit; the bytes lie under the instance folder by their digest.

    It may arrive before its visit, so the visit's uuid is no reference. `sha256` is the digest of
    what the phone sent, `stored_sha256` of what is kept after it was cleaned.
    """

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_visit_uuid", "visit_uuid"),)

    uuid: Mapped[str] = mapped_column(String(36), primary_key=True)
    visit_uuid: Mapped[str] = mapped_column(String(36))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(8))
    media_type: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    stored_sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]


class VisitRemark(InDistrict, Base):
    """What a reviewer says about a visit; the newest one is its state."""

    __tablename__ = "visit_remarks"
    __table_args__ = (Index("ix_visit_remarks_visit_uuid", "visit_uuid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_uuid: Mapped[str] = mapped_column(ForeignKey("visits.uuid"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    verdict: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(String(500), default="")
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]

"""Files that people hand in on a page, before they are confirmed; headers that people explained."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class Upload(InDistrict, Base):
    """A file that waits for its report or its confirmation; its bytes lie beside the database.

    `report` is what reading it found; nothing of it is in the enterprise file until `batch_id` is
    set.
    """

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_district_id_handed_in_at", "district_id", "handed_in_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    source: Mapped[str] = mapped_column(String(20), default="")
    state: Mapped[str] = mapped_column(String(12))
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    handed_in_at: Mapped[datetime]


class HeaderMeaning(InDistrict, Base):
    """What a header means that no source spec knows: a column's name, or nothing to be read."""

    __tablename__ = "header_meanings"
    __table_args__ = (UniqueConstraint("district_id", "source", "header"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(20))
    header: Mapped[str] = mapped_column(String(200))
    column: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    explained_at: Mapped[datetime]

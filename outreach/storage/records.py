"""What was received: batches, records, statements, issues. Only ever appended to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class Batch(InDistrict, Base):
    """One delivered file, or one day's visits (`sha256` then holds `visit:<date>`).

    A batch that was undone stays as received, but nothing in it counts. `complete` says that the
    file lists all of its source, so that what is missing in it has vanished from the register.
    """

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("district_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    encoding: Mapped[str] = mapped_column(String(20))
    header_row: Mapped[int]
    as_of: Mapped[date | None]
    rows_read: Mapped[int]
    rows_held: Mapped[int]
    received_at: Mapped[datetime]
    complete: Mapped[bool] = mapped_column(default=True, server_default=true())
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class Record(InDistrict, Base):
    """One row as received: header to text. `row` counts lines as a person sees them.

    `superseded_by` is the record of a visit's later version; a superseded record no longer speaks.
    """

    __tablename__ = "records"
    __table_args__ = (UniqueConstraint("batch_id", "row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    source: Mapped[str] = mapped_column(String(20))
    row: Mapped[int]
    raw: Mapped[dict[str, Any]] = mapped_column(JSON)
    held: Mapped[bool] = mapped_column(default=False)
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("records.id"))


class Statement(InDistrict, Base):
    """One value with its provenance."""

    __tablename__ = "statements"
    __table_args__ = (Index("ix_statements_record_id", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    source: Mapped[str] = mapped_column(String(20))
    prop: Mapped[str] = mapped_column(String(24))
    value: Mapped[str] = mapped_column(Text)
    raw: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date | None]


class Issue(InDistrict, Base):
    """One finding in a received file; `row` 0 speaks of the file as a whole."""

    __tablename__ = "issues"
    __table_args__ = (Index("ix_issues_batch_id_kind", "batch_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    record_id: Mapped[int | None] = mapped_column(ForeignKey("records.id"))
    kind: Mapped[str] = mapped_column(String(8))
    row: Mapped[int]
    column: Mapped[str] = mapped_column(String(200))
    value: Mapped[str] = mapped_column(Text)

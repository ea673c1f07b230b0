"""A phone's sign-in by a one-time code, and the private calendar of the week."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class BindingCode(InDistrict, Base):
    """A code that ties a phone to an account once; only its digest is kept."""

    __tablename__ = "binding_codes"

    code_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class BindingTry(Base):
    """A wrong binding code that was tried; belongs to nobody, since nobody is known yet.

    `source` is a digest of the address that it came from.
    """

    __tablename__ = "binding_tries"
    __table_args__ = (Index("ix_binding_tries_source_at", "source", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class CalendarFeed(InDistrict, Base):
    """The private address of a grid worker's calendar; only the digest of its token is kept."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (Index("ix_calendar_feeds_account_id", "account_id"),)

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

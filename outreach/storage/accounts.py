"""Accounts, server-side sessions and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class Account(InDistrict, Base):
    """One person's sign-in; `login` is unique over all districts."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    display_name: Mapped[str] = mapped_column(String(100))
    grid_worker_id: Mapped[int | None] = mapped_column(ForeignKey("grid_workers.id"))
    language: Mapped[str] = mapped_column(String(2), default="zh")
    disabled: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    last_failure_at: Mapped[datetime | None]


class UserSession(Base):
    """A signed-in browser; only the sha256 of its token is kept.

    `kind` is `desk`, or `phone` for one that was tied by a binding code and stays signed in long.
    """

    __tablename__ = "user_sessions"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    kind: Mapped[str] = mapped_column(String(8), default="desk", server_default="desk")
    label: Mapped[str] = mapped_column(String(100), default="", server_default="")


class AuditEntry(InDistrict, Base):
    """Who changed what, and who was shown whose personal data. Only ever appended to."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_district_id_at", "district_id", "at"),
        Index("ix_audit_entries_account_id_id", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(24))
    subject_id: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class AccountGrant(InDistrict, Base):
    """A role that one administrator proposes for an account and another one grants or not."""

    __tablename__ = "account_grants"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    grid_worker_id: Mapped[int | None] = mapped_column(ForeignKey("grid_workers.id"))
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    granted: Mapped[bool | None]

"""What the district's desk reads at once: counted figures, how far each firm is, text to search in.

All of it but the tokens is derived, and counted anew when data change.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.accounts import AuditEntry
from outreach.storage.base import Base, InDistrict
from outreach.storage.enterprises import Enterprise
from outreach.storage.visits import Visit

Index(
    "ix_enterprises_district_id_last_visited_on",
    Enterprise.district_id,
    Enterprise.last_visited_on,
)
Index("ix_audit_entries_district_id_id", AuditEntry.district_id, AuditEntry.id)
Index("ix_audit_entries_subject_id", AuditEntry.subject_id, AuditEntry.subject)
Index("ix_visits_grid_id_visited_on", Visit.grid_id, Visit.visited_on)


class DeskFigure(InDistrict, Base):
    """The counts of one area on one day, or over one month.

    `span` is "day", "week" or "month", `day` that day, the week's Monday or the month's first.
    `level` is "district", "township" or "grid"; firms without a grid are the grid `None` of the
    township that their address names. `counts` are those of `Counts` (day) or of `MonthCounts`
    (month; of a week the outings only).
    """

    __tablename__ = "desk_figures"
    __table_args__ = (
        Index("ix_desk_figures_area", "district_id", "span", "level", "day", "township", "grid_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    span: Mapped[str] = mapped_column(String(8))
    day: Mapped[date]
    level: Mapped[str] = mapped_column(String(8))
    township: Mapped[str] = mapped_column(String(100), default="")
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"))
    counts: Mapped[dict[str, int]] = mapped_column(JSON)


class DeskState(Base):
    """Up to which change the figures of a district speak, and when they were counted."""

    __tablename__ = "desk_states"

    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"), primary_key=True)
    audit_id: Mapped[int]
    day: Mapped[date]
    counted_at: Mapped[datetime]
    firms: Mapped[int]
    searched_at: Mapped[datetime | None]


class Formation(InDistrict, Base):
    """How far a firm that should have a union is on the way to one.

    `finding_on` is the day of the visit that says so, `members` what the union's register counts.
    """

    __tablename__ = "formations"
    __table_args__ = (Index("ix_formations_district_id_stage", "district_id", "stage"),)

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(12))
    finding_on: Mapped[date | None]
    members: Mapped[int | None]


class SearchText(InDistrict, Base):
    """What one firm is found by besides its own columns: the initials of its name in pinyin.

    `digest` tells whether the firm's name, address, code or phone changed since it was indexed.
    """

    __tablename__ = "search_texts"

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), primary_key=True)
    initials: Mapped[str] = mapped_column(String(500))
    digest: Mapped[str] = mapped_column(String(16))


class SearchPosting(InDistrict, Base):
    """The firms whose text holds a gram: ids ascending, packed.

    `segment` 0 is the whole district as it was indexed, later ones hold what changed since; an
    entry that no longer holds does no harm, since every hit is checked against the text.
    """

    __tablename__ = "search_postings"
    __table_args__ = (UniqueConstraint("district_id", "gram", "segment"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    gram: Mapped[str] = mapped_column(String(24))
    segment: Mapped[int]
    firms: Mapped[int]
    packed: Mapped[bytes] = mapped_column(LargeBinary)


class ApiToken(InDistrict, Base):
    """A key to the read-only interface; only its digest is kept, `hint` is its beginning.

    It sees what its account sees, until it expires, is revoked, or the account is closed.
    """

    __tablename__ = "api_tokens"
    __table_args__ = (Index("ix_api_tokens_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(100))
    hint: Mapped[str] = mapped_column(String(8))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_on: Mapped[date | None]


class ApiCall(Base):
    """How often a token was used in one minute, so that it can be told to wait.

    `source` is the token's digest, or for a wrong token a digest of the address that it came from.
    """

    __tablename__ = "api_calls"

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    calls: Mapped[int]

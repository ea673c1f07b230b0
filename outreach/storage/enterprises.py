"""The enterprise file: derived from statements and links, and rebuilt from them by one command."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class Enterprise(InDistrict, Base):
    """The agreed values of one enterprise; its id is stable over every later linking.

    The id belongs to the home record for good: wherever that record is, there is the enterprise.
    """

    __tablename__ = "enterprises"
    __table_args__ = (
        Index("ix_enterprises_district_id_uscc", "district_id", "uscc"),
        Index("ix_enterprises_district_id_grid_id", "district_id", "grid_id"),
        Index("ix_enterprises_district_id_standing", "district_id", "standing"),
        Index("ix_enterprises_home_record_id", "home_record_id"),
        # All that the map reads of a firm: a scan of it need not read whole rows.
        Index(
            "ix_enterprises_district_id_map",
            "district_id",
            "retired",
            "standing",
            "grid_id",
            "last_visited_on",
            "employees",
            "lon",
            "lat",
            "headcount_class",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(500))
    uscc: Mapped[str] = mapped_column(String(18), default="")
    state: Mapped[str] = mapped_column(String(16))
    state_as_of: Mapped[date | None]
    legal_rep: Mapped[str] = mapped_column(String(500), default="")
    phone: Mapped[str] = mapped_column(String(500), default="")
    address: Mapped[str] = mapped_column(String(500), default="")
    township: Mapped[str] = mapped_column(String(100), default="")
    industry: Mapped[str] = mapped_column(String(16))
    union_status: Mapped[str] = mapped_column(String(8))
    union_name: Mapped[str] = mapped_column(String(500), default="")
    employees: Mapped[int | None]
    headcount_source: Mapped[str | None] = mapped_column(String(20))
    headcount_as_of: Mapped[date | None]
    headcounts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    headcount_low: Mapped[int | None]
    headcount_high: Mapped[int | None]
    over_probability: Mapped[float | None]
    headcount_class: Mapped[str] = mapped_column(String(16), default="", server_default="")
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    received_lon: Mapped[float | None]
    received_lat: Mapped[float | None]
    datum: Mapped[str | None] = mapped_column(String(8))
    position_source: Mapped[str | None] = mapped_column(String(16))
    position_error_m: Mapped[float | None]
    position_as_of: Mapped[date | None]
    place_name: Mapped[str] = mapped_column(String(100), default="")
    unplaced_reason: Mapped[str | None] = mapped_column(String(20))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"))
    standing: Mapped[str] = mapped_column(String(16), default="")
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    last_visited_on: Mapped[date | None]
    missing_from: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, server_default="[]"
    )
    home_record_id: Mapped[int | None] = mapped_column(ForeignKey("records.id"))
    retired: Mapped[bool] = mapped_column(default=False)


class EnterpriseAlias(InDistrict, Base):
    """A former id that now means another enterprise, so that visits never dangle.

    `record_id` is the home record of the former enterprise: where it goes back to after a split.
    """

    __tablename__ = "enterprise_aliases"

    former_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    since: Mapped[datetime]


class Member(InDistrict, Base):
    """Which enterprise a record belongs to, with the rule that put it there."""

    __tablename__ = "members"
    __table_args__ = (Index("ix_members_enterprise_id", "enterprise_id"),)

    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    rule: Mapped[str] = mapped_column(String(24))
    evidence: Mapped[str] = mapped_column(Text)

"""Positions that no register delivered: what a person marked, what an online geocoder answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class MarkedPosition(InDistrict, Base):
    """A point that a person set on the map, kept by record so that it follows a merge or a split.

    Only ever appended to; the newest one that is not revoked stands.
    """

    __tablename__ = "marked_positions"
    __table_args__ = (Index("ix_marked_positions_record_id", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    lon: Mapped[float]
    lat: Mapped[float]
    received_lon: Mapped[float]
    received_lat: Mapped[float]
    datum: Mapped[str] = mapped_column(String(8))
    error_m: Mapped[float]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    marked_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class GeocodedAddress(InDistrict, Base):
    """What an online geocoder answered for an address; without a point it knew none."""

    __tablename__ = "geocoded_addresses"
    __table_args__ = (UniqueConstraint("district_id", "provider", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(500))
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    received_lon: Mapped[float | None]
    received_lat: Mapped[float | None]
    datum: Mapped[str] = mapped_column(String(8), default="")
    error_m: Mapped[float | None]
    level: Mapped[str] = mapped_column(String(40), default="")
    asked_at: Mapped[datetime]

"""The patrol track (巡查轨迹): the grid worker's own tool, off unless she consents."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class TrackConsent(InDistrict, Base):
    """A grid worker's consent to keep her track, until she withdraws it."""

    __tablename__ = "track_consents"
    __table_args__ = (Index("ix_track_consents_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class TrackSegment(InDistrict, Base):
    """A stretch between "start" and "pause" or "end"; `uuid` is made on the phone."""

    __tablename__ = "track_segments"
    __table_args__ = (Index("ix_track_segments_account_id_day", "account_id", "day"),)

    uuid: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"))
    day: Mapped[date]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class TrackPoint(InDistrict, Base):
    """One point of a stretch; WGS-84 degrees, deleted after 90 days."""

    __tablename__ = "track_points"
    __table_args__ = (
        UniqueConstraint("segment_uuid", "at"),
        Index("ix_track_points_account_id_day", "account_id", "day"),
        Index("ix_track_points_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    segment_uuid: Mapped[str] = mapped_column(ForeignKey("track_segments.uuid"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"))
    day: Mapped[date]
    at: Mapped[datetime]
    lon: Mapped[float]
    lat: Mapped[float]
    accuracy_m: Mapped[float]

"""Grids, grid workers and the gazetteer, each with the pair as received and its datum."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class Grid(InDistrict, Base):
    """One community grid; `geometry` is GeoJSON in WGS-84 (lon, lat), `received` as delivered."""

    __tablename__ = "grids"
    __table_args__ = (UniqueConstraint("district_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(100))
    township: Mapped[str] = mapped_column(String(100))
    geometry: Mapped[dict[str, Any]] = mapped_column(JSON)
    received: Mapped[dict[str, Any]] = mapped_column(JSON)
    datum: Mapped[str] = mapped_column(String(8))
    imported_at: Mapped[datetime]


class GridWorker(InDistrict, Base):
    """The grid worker of a grid, with the point of the community office."""

    __tablename__ = "grid_workers"
    __table_args__ = (UniqueConstraint("district_id", "grid_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"))
    name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str] = mapped_column(String(40))
    office_lon: Mapped[float]
    office_lat: Mapped[float]
    received_lon: Mapped[float]
    received_lat: Mapped[float]
    datum: Mapped[str] = mapped_column(String(8))


class Place(InDistrict, Base):
    """One place of the gazetteer; `error_m` is the radius within which an address there lies."""

    __tablename__ = "places"
    __table_args__ = (UniqueConstraint("district_id", "name", "township"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    township: Mapped[str] = mapped_column(String(100))
    lon: Mapped[float]
    lat: Mapped[float]
    received_lon: Mapped[float]
    received_lat: Mapped[float]
    datum: Mapped[str] = mapped_column(String(8))
    error_m: Mapped[float]

"""Proposals of other borders between grids; people adopt them or not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class BorderProposal(InDistrict, Base):
    """One proposal as it was worked out.

    `rule` holds the parameters; `figures` what it does, with its loads; `grids` GeoJSON in WGS-84
    (lon, lat) by grid id, of the grids whose borders move; `firms` the new grid id by enterprise
    id; `basis` a digest of the borders that it was worked out from.
    """

    __tablename__ = "border_proposals"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(12))
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    grids: Mapped[dict[str, Any]] = mapped_column(JSON)
    firms: Mapped[dict[str, Any]] = mapped_column(JSON)
    basis: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))

"""The values that a district set for itself, each from a day on; former ones are kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class DistrictSetting(InDistrict, Base):
    """One value; the newest row whose day has come and that nobody withdrew stands.

    `name` is that of the settings file, such as `plan.refresh_days`; `value` as it is written
    there, `None` for the installation's own value.
    """

    __tablename__ = "district_settings"
    __table_args__ = (Index("ix_district_settings_district_id_name", "district_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[Any] = mapped_column(JSON)
    valid_from: Mapped[date]
    set_at: Mapped[datetime]
    set_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))

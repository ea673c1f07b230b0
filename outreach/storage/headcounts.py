"""What each source's headcount is worth in this district, learned from firms seen in several."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class SourceCalibration(InDistrict, Base):
    """How one source's figures stand to the number of people at work; derived by every linking.

    `log_ratio` is the mean of ln(figure / true number), `spread` its standard deviation, `pairs`
    the number of firms that it was learned from.
    """

    __tablename__ = "source_calibrations"
    __table_args__ = (UniqueConstraint("district_id", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(20))
    log_ratio: Mapped[float]
    spread: Mapped[float]
    pairs: Mapped[int]
    learned_at: Mapped[datetime]

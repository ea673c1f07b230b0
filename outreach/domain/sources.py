"""Who said it: the five registers and the visit."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """An office whose register is received, or the grid worker's own visit."""

    MARKET = "market"
    SOCIAL_SECURITY = "social_security"
    TAX = "tax"
    CIVIL_AFFAIRS = "civil_affairs"
    MEMBERS = "members"
    VISIT = "visit"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _LABELS[self]

    @property
    def is_register(self) -> bool:
        """Whether the source registers enterprises, so that its codes are the entity's own."""
        return self in {Source.MARKET, Source.CIVIL_AFFAIRS}


_LABELS = {
    Source.MARKET: "市场监管",
    Source.SOCIAL_SECURITY: "人社",
    Source.TAX: "税务",
    Source.CIVIL_AFFAIRS: "民政",
    Source.MEMBERS: "会员库",
    Source.VISIT: "走访",
}
